//! Reads what is configured anew, and takes it or says why not.

use std::path::PathBuf;
use std::sync::Arc;

use super::changes::{Changes, changes};
use crate::config::{self, Config, CredentialsSource, Env};
use crate::domain::Exit;
use crate::round::{Berths, Exported, Failure, Ground, Household, InForce, follow_moves};

/// What reading gave.
pub(super) struct Loaded {
    /// The files of the configuration that was read, in force or not: one that is missing may come.
    pub files: Vec<PathBuf>,
    /// What may be put in force, or what is wrong.
    pub taken: Result<Taken, Failure>,
}

impl Loaded {
    /// What stands for a reading that stopped half-way.
    pub(super) fn halted() -> Self {
        let help = "send SIGHUP to try again, and report it if it comes back";
        let failure = Failure::new(Exit::Trouble, "reading it stopped half-way", help);
        Self { files: Vec::new(), taken: Err(failure) }
    }
}

/// A new household that may be put in force.
pub(super) struct Taken {
    pub household: Arc<Household>,
    pub changes: Changes,
    /// What of it waits for the next start.
    pub waits: Option<String>,
    /// What accounts that it knows by another name or id brought; it is in force already then.
    pub moved: Option<Exported>,
}

/// Reads configuration, identity and credentials, and holds them against what is in force. Takes
/// the output folders that are new. Where anything is wrong, nothing changes.
pub(super) fn reload(old: &Household, ground: &Ground, env: &Env) -> Loaded {
    match config::load(&old.config.path, env) {
        Ok(config) => Loaded { files: watched(&config), taken: open(config, old, ground) },
        Err(wrong) => Loaded { files: Vec::new(), taken: Err(wrong.into()) },
    }
}

/// Lets accounts that are on their way to another name or id arrive, where the new household has
/// them there: it comes in force with them.
pub(super) async fn arrive(
    loaded: Loaded,
    ground: &Ground,
    berths: &Berths,
    in_force: &InForce,
) -> Loaded {
    let Loaded { files, taken } = loaded;
    let taken = match taken {
        Ok(taken) => follow_moves(&taken.household, ground, berths, in_force)
            .await
            .map(|moved| Taken { moved, ..taken }),
        Err(failure) => Err(failure),
    };
    Loaded { files, taken }
}

fn open(mut config: Config, old: &Household, ground: &Ground) -> Result<Taken, Failure> {
    let waits = keep_for_next_start(&mut config, &old.config);
    let household = if config.identity_from_systemd && old.config.identity_from_systemd {
        // Such a credential is read at the start of the service only.
        Household::with_identity(config, Arc::clone(&old.identity))
    } else {
        Household::open(config)?
    };
    ground.fits(&household.config)?;
    ground.hold_outputs(&household.config)?;
    let changes = changes(old, &household);
    Ok(Taken { household: Arc::new(household), changes, waits, moved: None })
}

/// Keeps what cannot change while the daemon runs as it is, and says what that is.
fn keep_for_next_start(config: &mut Config, old: &Config) -> Option<String> {
    let mut kept = Vec::new();
    if config.state_dir != old.state_dir {
        config.state_dir.clone_from(&old.state_dir);
        config.state_dir_is_xdg = old.state_dir_is_xdg;
        kept.push("state_dir");
    }
    // The default socket lies in the state folder, and moves with it.
    let (now, then) = (&config.control, &old.control);
    if now.socket != then.socket || now.group != then.group {
        config.control.clone_from(&old.control);
        kept.push("control_socket");
    }
    let words = format!(
        "{}: {} changed, which waits for the next start: `systemctl restart sophtron-sync`",
        config.path.display(),
        kept.join(" and ")
    );
    (!kept.is_empty()).then_some(words)
}

/// A failure in the words of `status`: what is wrong, in which line, on one line.
pub(super) fn words(failure: &Failure) -> String {
    let problem = failure.to_string();
    let lines = problem.lines().map(|line| line.trim().trim_start_matches("error: "));
    let words = lines.collect::<Vec<_>>().join("; ");
    match failure.exit {
        Exit::Config => words,
        _ => format!("the configuration was not taken: {words}"),
    }
}

/// The files whose change is obeyed.
pub(super) fn watched(config: &Config) -> Vec<PathBuf> {
    let mut files = vec![config.path.clone()];
    if !config.identity_from_systemd {
        files.push(config.identity.clone());
    }
    files.extend(config.families.iter().filter_map(|family| match &family.credentials {
        CredentialsSource::File(path) => Some(path.clone()),
        CredentialsSource::Inline(_) => None,
    }));
    files
}
