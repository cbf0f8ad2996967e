//! How everything stands under a configuration; and the status page and the metrics of it, which
//! belong to every round and every export.

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::domain::{
    AccountOverview, DaemonInfo, Family, FamilyOverview, Fault, Name, Notice, Overview, Patience,
    notices,
};
use crate::store::{Store, StoreError};
use crate::sync::{Asked, Wanted, overview, write_overview};

/// What an overview is made from besides the store.
pub struct Glance<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What is known of the daemon.
    pub daemon: DaemonInfo,
    /// The present instant.
    pub now: DateTime<Utc>,
}

impl Glance<'_> {
    /// How everything stands.
    ///
    /// # Errors
    /// What the store cannot do.
    pub fn overview(&self, store: Option<&Store>) -> Result<Overview, StoreError> {
        self.gather(store, false)
    }

    fn gather(&self, store: Option<&Store>, keeps: bool) -> Result<Overview, StoreError> {
        overview(store, &self.families(), &self.asked(keeps))
    }

    fn asked(&self, keeps: bool) -> Asked<'_> {
        Asked {
            now: self.now,
            daemon: self.daemon.clone(),
            sync: &self.config.sync,
            schedule: &self.config.schedule,
            style: &self.config.files.style,
            keeps,
        }
    }

    /// What stands with some accounts of a family although nothing failed.
    ///
    /// # Errors
    /// What the store cannot do.
    pub fn notices(
        &self,
        store: &Store,
        family: &Family,
        wanted: &Wanted,
    ) -> Result<Vec<(Name, Notice)>, StoreError> {
        let overview = overview(Some(store), std::slice::from_ref(family), &self.asked(true))?;
        let accounts = overview.accounts().filter(|(_, account)| wanted.takes(&account.name));
        let of_one = |(family, account): (&FamilyOverview, &AccountOverview)| {
            let told = notices(&family.name, account, self.now).into_iter();
            told.map(|notice| (account.name.clone(), notice)).collect::<Vec<_>>()
        };
        Ok(accounts.flat_map(of_one).collect())
    }

    /// What is borne without a word.
    #[must_use]
    pub fn patience(&self) -> Patience {
        let attention_after = self.config.hooks.attention.after;
        Patience { max_age: None, attention_after, every: self.config.schedule.longest_gap() }
    }

    /// Writes the status page and the metrics, as far as they are configured; gives what stood in
    /// the way.
    ///
    /// # Errors
    /// What the store cannot do.
    pub fn write(&self, store: &Store) -> Result<Vec<Fault>, StoreError> {
        let files = &self.config.files;
        if files.status_page.is_none() && files.metrics.is_none() {
            return Ok(Vec::new());
        }
        let overview = self.gather(Some(store), true)?;
        Ok(write_overview(&overview, &self.families(), files, &self.patience()))
    }

    /// The families, in the order of the configuration.
    pub(super) fn families(&self) -> Vec<Family> {
        self.config.families.iter().map(|family| family.family.clone()).collect()
    }
}
