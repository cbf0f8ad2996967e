//! `sophtron-sync`: hands arguments and world to the library, and its answer to the shell.

use std::alloc::System;
use std::process::ExitCode;

use sophtron_sync::cli::{World, keep_private, run};
use zeroizing_alloc::ZeroAlloc;

/// Wipes what is given back, so that keys, passwords and answers do not stay in memory that nobody
/// holds any more: the buffers of the libraries that carry them are not ours to wipe.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    keep_private();
    ExitCode::from(run(std::env::args_os(), &mut World::real()))
}
