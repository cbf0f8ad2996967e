//! A strict, stateful stand-in for the Sophtron service, for tests, the demo and play.
//!
//! It knows nothing of the library: it checks every signature with its own arithmetic, and so
//! judges the client from outside. The files:
//!
//! | file | does |
//! | --- | --- |
//! | `server` | listens on loopback, logs each call; [`Bank`] is the handle |
//! | `sign` | the direct-auth header, in the three readings that exist of it |
//! | `endpoint`, `door` | which endpoint a path is; method, type, signature and body of a call |
//! | `answer` | what each endpoint answers |
//! | `world`, `account`, `row`, `job`, `institution` | the state: families, logins, accounts, rows, jobs |
//! | `branch`, `connect`, `test_banks` | banks that may be connected, how that goes, and the eight test banks |
//! | `truth` | what the books must say, to compare with |
//! | `fault`, `shape`, `transport`, `line` | what goes wrong on request: status, JSON, HTTP, bytes |
//! | `history` | three years of two families |
//! | `snippet` | a configuration for one family, ready to paste |
//! | `json`, `ids` | JSON with every digit under control; GUIDs under a seed |
//!
//! A test tells a world and looks at the calls:
//!
//! ```text
//! let mut world = World::new(day("2026-03-04"));
//! let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
//! account.opening("100.00").add_row("2026-03-02", "-18.4", "POS 0417 GREEN GROCER #12");
//! let bank = Bank::start(world);
//! bank.edit(|world| { world.fault(Fault::Status(500)).on(Endpoint::Transactions).times(1); });
//! // … a client reads from bank.base_url() …
//! assert_eq!(bank.count(Endpoint::Transactions), 2);
//! ```
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the tests, the demo and the sandbox each use their own part of the bank"
)]

mod account;
mod answer;
mod branch;
mod challenge;
mod connect;
mod door;
mod endpoint;
mod fault;
pub mod history;
mod ids;
mod institution;
mod job;
mod json;
mod line;
mod row;
mod server;
mod shape;
pub mod sign;
mod snippet;
mod test_banks;
mod transport;
mod truth;
mod world;

pub use account::{Account, Amounts, Available, BalanceKeys, BalanceSign, Suggestion};
pub use branch::{Branch, Depth, Fresh};
pub use challenge::{Challenge, Lingers, Wrong};
pub use endpoint::Endpoint;
pub use fault::{Fault, Rule};
pub use institution::{Form, Institution, TEST_BANKS};
pub use job::{Poll, Reveals, Story};
pub use json::{Json, Patch};
pub use row::{Row, Shown, day};
pub use server::{Bank, Call};
pub use shape::{KeyForm, MoneyForm, Shape};
pub use snippet::family_toml;
pub use test_banks::{PICTURE, WAYS};
pub use transport::Transport;
pub use truth::{Entry, Truth};
pub use world::{Login, SecondRefresh, UnknownIds, User, World};
