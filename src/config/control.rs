//! The control socket as it is meant.

use std::path::{Path, PathBuf};

use super::findings::{Findings, Wrong};
use super::raw::RawConfig;
use super::{find, values};

/// The system's state folder, whose socket lies where others can be let in.
const SYSTEM_STATE: &str = "/var/lib/sophtron-sync";

/// Where that socket lies.
pub(super) const SYSTEM_SOCKET: &str = "/run/sophtron-sync/control.sock";

/// Where a daemon listens for commands, and who may speak to it beside its own user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The socket.
    pub socket: PathBuf,
    /// The group that may use it.
    pub group: Option<String>,
    /// The line of that group, for what only the machine can say of it.
    pub group_line: Option<usize>,
}

/// `control_socket` and `control_group`, beside a resolved state folder.
pub(super) fn control(
    raw: &RawConfig,
    base: &Path,
    state_dir: &Path,
    findings: &mut Findings,
) -> Control {
    let typed = findings.read(raw.control_socket.as_ref(), |text| find::typed_path(base, text));
    let socket = typed.map_or_else(|| default(state_dir), |path| resolved(&path));
    let group = findings.read(raw.control_group.as_ref(), |text| values::group(text));
    if let Some(typed) = raw.control_group.as_ref().filter(|_| socket.starts_with(state_dir)) {
        let problem = "nobody else can reach a socket in the state folder";
        let cure = format!(
            "set control_socket outside of {}, such as \"{SYSTEM_SOCKET}\"",
            state_dir.display()
        );
        findings.add(&typed.spot, Wrong::new(problem, cure));
    }
    let group_line = raw.control_group.as_ref().map(|typed| typed.spot.line);
    Control { socket, group, group_line }
}

fn default(state_dir: &Path) -> PathBuf {
    if state_dir == Path::new(SYSTEM_STATE) {
        PathBuf::from(SYSTEM_SOCKET)
    } else {
        state_dir.join("control.sock")
    }
}

/// The socket itself may be a leftover of any kind: only its folder is resolved.
fn resolved(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => find::resolved(folder).join(name),
        _ => path.to_owned(),
    }
}
