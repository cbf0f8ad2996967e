//! The unit of the service manager: what is shipped, and where the manager looks for it
//! (systemd.unit(5), "Unit File Search Path").

use std::path::{Path, PathBuf};

use crate::config::Env;

const NAME: &str = "sophtron-sync.service";

/// One that runs services: the system's, or the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manager {
    System,
    User,
}

impl Manager {
    /// The one that runs a configuration at this place.
    pub(super) fn of(config: &Path) -> Self {
        if config.starts_with("/etc") { Self::System } else { Self::User }
    }

    /// The program that tells it what to do.
    pub(super) fn systemctl(self) -> &'static str {
        match self {
            Self::System => "systemctl",
            Self::User => "systemctl --user",
        }
    }

    /// The unit that comes with this version.
    pub(super) fn shipped(self) -> &'static str {
        match self {
            Self::System => include_str!("../../packaging/system/sophtron-sync.service"),
            Self::User => include_str!("../../packaging/user/sophtron-sync.service"),
        }
    }

    /// The unit that is installed: of several the one that the manager takes.
    pub(super) fn installed(self, env: &Env) -> Option<PathBuf> {
        self.folders(env).into_iter().map(|folder| folder.join(NAME)).find(|unit| unit.exists())
    }

    /// Its folders; what stands in the first counts.
    fn folders(self, env: &Env) -> Vec<PathBuf> {
        let (kind, own) = match self {
            Self::System => ("system", None),
            Self::User => ("user", Some(env)),
        };
        let config = own.and_then(|env| env.xdg("XDG_CONFIG_HOME", ".config"));
        let data = own.and_then(|env| env.xdg("XDG_DATA_HOME", ".local/share"));
        let shared = |prefix: &str| Some(PathBuf::from(prefix));
        [config, shared("/etc"), shared("/run"), data, shared("/usr/local/lib"), shared("/usr/lib")]
            .into_iter()
            .flatten()
            .map(|folder| folder.join("systemd").join(kind))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_users_own_unit_stands_before_the_systems() {
        let env = Env::from_pairs([("HOME", "/home/ann"), ("XDG_DATA_HOME", "/data/ann")]);
        let folders = |manager: Manager| -> Vec<String> {
            manager.folders(&env).iter().map(|folder| folder.display().to_string()).collect()
        };
        let user = [
            "/home/ann/.config/systemd/user",
            "/etc/systemd/user",
            "/run/systemd/user",
            "/data/ann/systemd/user",
            "/usr/local/lib/systemd/user",
            "/usr/lib/systemd/user",
        ];
        assert_eq!(folders(Manager::User), user);
        let system = [
            "/etc/systemd/system",
            "/run/systemd/system",
            "/usr/local/lib/systemd/system",
            "/usr/lib/systemd/system",
        ];
        assert_eq!(folders(Manager::System), system);
    }

    #[test]
    fn the_first_that_is_there_is_the_one_installed() {
        let home = tempfile::tempdir().expect("a folder");
        let env = Env::from_pairs([("HOME", home.path())]);
        assert_eq!(Manager::User.installed(&env), None);
        for folder in [".local/share/systemd/user", ".config/systemd/user"] {
            let folder = home.path().join(folder);
            fs::create_dir_all(&folder).expect("made");
            fs::File::create_new(folder.join(NAME)).expect("made");
            assert_eq!(Manager::User.installed(&env), Some(folder.join(NAME)));
        }
    }
}
