//! One round: what a command that works alone and the daemon have in common.
//!
//! `household` is a configuration in force with all that opens it; `ground` the folders and the
//! store that one process holds; `moves` finishes what was begun of an account's way to another name
//! or id; `run` syncs some families and writes what belongs to it, `export`
//! writes it from the store, `glance` adds the status page and the metrics to both, `telling` has
//! the owner's programs told of either. Whoever asks for that, `cli` or `daemon`, passes in the clock and
//! takes the outcome as values. `failure` words what ends a command.

mod berths;
mod export;
mod failure;
mod glance;
mod ground;
mod household;
mod lent;
mod moves;
mod run;
mod telling;

pub use berths::{Answered, Berths};
pub use export::{Exported, export};
pub use failure::{Failure, noted, secret_fault, worded};
pub use glance::Glance;
pub use ground::{Ground, clashes, look, output_folders, runtime};
pub use household::{Household, InForce, configuration, family_named, identity, keys};
pub use lent::Lent;
pub use moves::{Moves, finish_moves, follow_moves};
pub use run::{Ended, Round, round};
pub use telling::{Audience, Surroundings};
