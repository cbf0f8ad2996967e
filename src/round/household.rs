//! A configuration in force, with all that opens it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Failure, secret_fault};
use crate::config::{self, Config, Env, FamilyConfig, Identity};
use crate::domain::{Family, Fault, Name};
use crate::sync::{FamilyOrder, Keys, Manner, Wanted};

/// A configuration, the identity and the keys of its families, read at one time: whoever works with
/// it never sees half of another.
pub struct Household {
    /// What is configured.
    pub config: Config,
    /// The identity that opens the credentials.
    pub identity: Arc<Identity>,
    keys: BTreeMap<Name, Result<Keys, Fault>>,
}

/// The household in force. Who is about to write files asks for it then, not before, so that what
/// is written last is always written under the latest one.
#[derive(Clone)]
pub struct InForce(Arc<RwLock<Arc<Household>>>);

impl InForce {
    /// Puts a first one in force.
    #[must_use]
    pub fn new(household: Arc<Household>) -> Self {
        Self(Arc::new(RwLock::new(household)))
    }

    /// The one in force now.
    #[must_use]
    pub fn get(&self) -> Arc<Household> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another one in force.
    pub fn set(&self, household: Arc<Household>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = household;
    }
}

impl Household {
    /// Reads a configuration and opens what belongs to it. Credentials that cannot be opened are a
    /// fault of their family alone.
    ///
    /// # Errors
    /// A [`Failure`] if the configuration or the identity is wrong or cannot be read.
    pub fn load(path: &Path, env: &Env) -> Result<Self, Failure> {
        Self::open(config::load(path, env)?)
    }

    /// Opens what belongs to a configuration.
    ///
    /// # Errors
    /// A [`Failure`] if the identity is wrong or cannot be read.
    pub fn open(config: Config) -> Result<Self, Failure> {
        let identity = Arc::new(identity(&config)?);
        Ok(Self::with_identity(config, identity))
    }

    /// Opens what belongs to a configuration with an identity that was read before.
    #[must_use]
    pub fn with_identity(config: Config, identity: Arc<Identity>) -> Self {
        let opened = config.families.iter().map(|family| {
            let name = family.family.name.clone();
            (name, keys(family, &identity))
        });
        let keys = opened.collect();
        Self { config, identity, keys }
    }

    /// The families, in the order of the configuration.
    #[must_use]
    pub fn families(&self) -> Vec<Family> {
        self.config.families.iter().map(|family| family.family.clone()).collect()
    }

    /// The keys of a family, or why there are none.
    #[must_use]
    pub fn keys_of(&self, name: &Name) -> Option<&Result<Keys, Fault>> {
        self.keys.get(name)
    }

    /// What is to be done for a family; `None` where it is not configured.
    #[must_use]
    pub fn order(&self, name: &Name, wanted: Wanted, manner: Manner) -> Option<FamilyOrder> {
        let config = self.config.families.iter().find(|family| family.family.name == *name)?;
        let keys = self.keys.get(name)?.clone();
        Some(FamilyOrder { family: config.family.clone(), keys, wanted, manner })
    }
}

/// Finds and reads the configuration.
///
/// # Errors
/// A [`Failure`] with everything that is wrong with it.
pub fn configuration(flag: Option<&Path>, env: &Env, cwd: &Path) -> Result<Config, Failure> {
    let path = config::find(flag, env, cwd)?;
    Ok(config::load(&path, env)?)
}

/// Reads the identity.
///
/// # Errors
/// A [`Failure`] if it is missing, open to others, or none.
pub fn identity(config: &Config) -> Result<Identity, Failure> {
    Ok(config::read_identity(&config.identity, config.identity_from_systemd)?)
}

/// Opens a family's keys.
///
/// # Errors
/// Why there are none, as a fault of the family.
pub fn keys(family: &FamilyConfig, identity: &Identity) -> Result<Keys, Fault> {
    let credentials = config::decrypt(&family.credentials, identity);
    let name = &family.family.name;
    let credentials = credentials.map_err(|error| secret_fault(&error, name))?;
    let fingerprint =
        config::fingerprint(&family.credentials).map_err(|error| secret_fault(&error, name))?;
    Ok(Keys { credentials, fingerprint: format!("{fingerprint} {}", family.family.base_url) })
}

/// One family by its name.
///
/// # Errors
/// Wrong usage, with the names that there are.
pub fn family_named<'a>(config: &'a Config, named: &str) -> Result<&'a FamilyConfig, Failure> {
    let found = config.families.iter().find(|family| family.family.name.as_str() == named);
    found.ok_or_else(|| {
        let known: Vec<&Name> = config.families.iter().map(|family| &family.family.name).collect();
        Failure::unknown(&format!("family {named:?}"), &known)
    })
}
