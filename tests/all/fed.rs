//! Programs that are given something on their stdin.

use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};

use crate::home::Home;

/// The real program with arguments, in the folder of a home.
pub(crate) fn program(home: &Home, args: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sophtron-sync"));
    program.args(args).current_dir(home.folder.path()).env("HOME", home.folder.path());
    program
}

/// Starts a command with this on its stdin, which then ends.
pub(crate) fn begin(command: &mut Command, stdin: &[u8]) -> Child {
    let mut child = command
        .stdin(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // One that does not want it may have ended by now.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin);
    child
}

/// Runs a command with this on its stdin to its end, and keeps what it said.
pub(crate) fn fed(mut command: Command, stdin: &[u8]) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    begin(&mut command, stdin).wait_with_output().expect("its end")
}
