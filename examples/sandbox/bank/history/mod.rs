//! Three years of two families, an American and a Canadian one, the same under the same seed.
//!
//! Each family has two logins that hold seven accounts: checking, savings, a card, a loan, an
//! investment, and two billers. Among thousands of plain rows there are checks, transfers, equal
//! coffees, zero amounts, rows posted on another day, and texts that break careless readers.
//! A row is there from its day on: [`World::reveal_until`] tells the history day by day.

mod families;
mod payees;
mod pen;
mod texts;

use chrono::NaiveDate;

use super::world::World;
pub use families::Days;
pub use texts::hostile;

/// The families `smith` and `tremblay` from a day until another, both included, as of the last.
/// What happens until a day does not depend on how far the history goes.
pub fn two_families(seed: u64, from: NaiveDate, until: NaiveDate) -> World {
    let mut world = World::seeded(until, seed);
    let days = from..=until;
    families::american(&mut world, &days);
    families::canadian(&mut world, &days);
    world
}
