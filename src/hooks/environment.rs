//! The few variables that a program sees.

/// Variables that tell a program who and where it is, and in which language it speaks.
const PASSED_ON: [&str; 6] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ"];

/// Whether a variable is passed on to programs; `LC_*` and a few others are. What else the
/// environment holds (a credential, an address of systemd) is nothing of theirs.
#[must_use]
pub fn is_passed_on(name: &str) -> bool {
    PASSED_ON.contains(&name) || name.starts_with("LC_")
}
