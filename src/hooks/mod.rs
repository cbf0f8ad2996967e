//! The owner's programs: one at a time, with a clean environment, the event on stdin, and an end.
//!
//! | file of the room | does |
//! | --- | --- |
//! | `run` | runs one program, in a process group of its own, and ends it where it does not end |
//! | `said` | the last lines of what a program said, whoever else holds its pipe |
//! | `failure` | what went wrong with a program, and what to do |
//! | `environment` | the few variables that a program sees |
//! | `look` | whether a program could be run |
//! | `latest` | `changed.json` and `attention.json`, for path units |
//!
//! Whatever a program does, it neither stops nor spoils what called it.

mod environment;
mod failure;
mod latest;
mod look;
mod run;
mod said;

pub use environment::is_passed_on;
pub use failure::Failure;
pub use latest::{Latest, keep_latest};
pub use look::look;
pub use run::{Bench, Limits, Stop, run};
