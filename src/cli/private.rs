//! What the whole process owes the secrets that it holds.

use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask,
};

/// Lets nobody else see what this process holds or makes. It changes the process as a whole, so
/// the program does it once, before anything else.
pub fn keep_private() {
    // What must be private is made so by name, and so is what others may read. This is for all else,
    // and for hooks; it leaves a group what new folders for a group need (`files::make_folder`).
    let wide = umask(Mode::from_raw_mode(0o077));
    umask(wide | Mode::from_raw_mode(0o027));
    // A core file would hold the keys. The limit is for cores that become files, the other for
    // those that are piped to a program. Where the system refuses, there is nothing left to do.
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
