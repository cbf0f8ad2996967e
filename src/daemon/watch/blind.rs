//! Why changes of files may go unseen.

use std::path::PathBuf;

use rustix::io::Errno;

/// Why some changes go unseen: then SIGHUP is the way to have files read again. It prints what
/// happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blind {
    /// The folder or file; none if nothing at all is seen.
    pub place: Option<PathBuf>,
    /// What the system said.
    pub cause: Errno,
}

impl std::fmt::Display for Blind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => write!(f, "changes of {} are not seen", place.display())?,
            None => write!(f, "changes of the configuration are not seen")?,
        }
        let (reason, cure) = self.words();
        write!(f, ": {reason}; {cure}, or have them read after each change (SIGHUP)")
    }
}

impl std::error::Error for Blind {}

impl Blind {
    /// The reason and its cure. The limits are those of `inotify(7)`.
    fn words(&self) -> (String, &'static str) {
        let (reason, cure) = match self.cause {
            Errno::NOSPC => {
                ("too many files are watched by this user", "raise fs.inotify.max_user_watches")
            }
            Errno::MFILE if self.place.is_none() => (
                "too many programs of this user watch files, or too many files are open",
                "raise fs.inotify.max_user_instances",
            ),
            Errno::ACCESS => {
                ("permission denied", "give the user that runs this program the right to read it")
            }
            other => return (plain(other), "see to that"),
        };
        (reason.to_owned(), cure)
    }
}

/// The system's words without its number.
fn plain(cause: Errno) -> String {
    let told = std::io::Error::from(cause).to_string();
    told.split(" (os error").next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_cure() {
        for (place, cause, words) in [
            (None, Errno::MFILE, ["the configuration", "max_user_instances", "SIGHUP"]),
            (Some("/etc/a"), Errno::NOSPC, ["/etc/a", "max_user_watches", "SIGHUP"]),
            (Some("/etc/a"), Errno::ACCESS, ["/etc/a", "permission denied; give", "SIGHUP"]),
            (Some("/etc/a"), Errno::IO, ["/etc/a", "error; see to that", "SIGHUP"]),
        ] {
            let told = Blind { place: place.map(PathBuf::from), cause }.to_string();
            for word in words {
                assert!(told.contains(word), "{word} in {told}");
            }
            assert!(!told.contains("os error"), "{told}");
        }
    }
}
