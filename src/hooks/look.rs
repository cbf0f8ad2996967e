//! Whether a program could be run.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rustix::fs::{Access, access};

use super::Failure;
use crate::domain::Program;

/// Looks at a program without running it.
///
/// # Errors
/// A [`Failure`] if it is missing, no file, or may not be run by this user.
pub fn look(program: &Program) -> Result<(), Failure> {
    let path = || program.path.clone();
    let seen = fs::metadata(&program.path).map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => Failure::Forbidden(path()),
        _ => Failure::Missing(path()),
    })?;
    // The x bits are looked at too: for root everything but a file without any may be run.
    let runs = seen.is_file() && seen.permissions().mode() & 0o111 != 0;
    if runs && access(&program.path, Access::EXEC_OK).is_ok() {
        Ok(())
    } else {
        Err(Failure::Forbidden(path()))
    }
}
