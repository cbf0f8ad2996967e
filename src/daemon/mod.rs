//! The program that stays: what it hears and says while it waits.

pub mod alarm;
mod descriptor;
pub mod signals;
pub mod systemd;
pub mod watch;
