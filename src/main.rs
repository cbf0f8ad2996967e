//! `sophtron-sync`: hands arguments and world to the library, and its answer to the shell.

use std::process::ExitCode;

use sophtron_sync::cli::{World, keep_private, run};

fn main() -> ExitCode {
    keep_private();
    ExitCode::from(run(std::env::args_os(), &mut World::real()))
}
