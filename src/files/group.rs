//! A group's number from its name.

use std::fs;
use std::process::{Command, Stdio};

/// The machine's own list of groups.
const GROUPS: &str = "/etc/group";

/// A group that this machine does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no group {name:?} on this machine")]
pub struct GroupError {
    /// The name as configured.
    pub name: String,
}

impl GroupError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        format!("make it (`groupadd {}`), or configure one that exists", self.name)
    }
}

/// The number of a group: from the machine's own list, else from whatever else serves it names
/// (`getent`), else a bare number as it is.
///
/// # Errors
/// [`GroupError`] if nobody knows it.
pub fn group_id(name: &str) -> Result<u32, GroupError> {
    let sound = !name.is_empty() && !name.contains([':', '\n', '\0']);
    let known = || {
        let listed = fs::read_to_string(GROUPS).unwrap_or_default();
        find(&listed, name).or_else(|| find(&getent(name)?, name)).or_else(|| name.parse().ok())
    };
    sound.then(known).flatten().ok_or_else(|| GroupError { name: name.to_owned() })
}

/// What the directory services say of a group, as a line of `/etc/group`.
fn getent(name: &str) -> Option<String> {
    let mut command = Command::new("getent");
    command.args(["group", "--", name]).stdin(Stdio::null()).stderr(Stdio::null());
    let told = command.output().ok().filter(|told| told.status.success())?;
    String::from_utf8(told.stdout).ok()
}

/// The number that stands third in the line of that name.
fn find(list: &str, name: &str) -> Option<u32> {
    list.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next() == Some(name)).then(|| parts.nth(1)?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_line_of_the_list_is_read_by_its_fields() {
        let list = "root:x:0:\nfinance:x:990:smith,jones\nbroken\nodd:x:many:\n";
        assert_eq!(find(list, "finance"), Some(990));
        assert_eq!(find(list, "fin"), None);
        assert_eq!(find(list, "broken"), None);
        assert_eq!(find(list, "odd"), None);
    }
}
