//! `sophtron-sync`: hands arguments and world to the library, and its answer to the shell.

use std::process::ExitCode;

use sophtron_sync::cli::{World, run};

fn main() -> ExitCode {
    ExitCode::from(run(std::env::args_os(), &mut World::real()))
}
