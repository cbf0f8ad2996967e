//! Keeps plain-text accounts in step with banks, through the Sophtron account-aggregation API.
//!
//! # The map
//!
//! Rooms stand on floors. A room may use the rooms on the floors below it, never one beside or
//! above it; `tests/all/rooms.rs` reads the table and holds every `crate::` path against it.
//!
//! | floor | room | does | must never know |
//! | --- | --- | --- | --- |
//! | 6 | `cli` | one file per command: arguments in, text or JSON and an exit code out | how anything is done |
//! | 5 | `daemon` | the loop: what is due, obeying files, signals, the service manager and the control socket | how anything is done, SQL, formats |
//! | 4 | `round` | a sync or export of some families with all that belongs to it, for commands and daemon alike | the terminal, signals, the schedule |
//! | 3 | `sync` | plans, reads, commits, exports: the only room with all effects in hand | the terminal, TOML, signals |
//! | 2 | `config` | the configuration as typed and as meant; identity and credentials | HTTP, SQL, tokio |
//! | 2 | `sophtron` | the service: signing, reading answers, trying again | the store, the configuration; no JSON leaves it |
//! | 2 | `store` | one SQLite file that never forgets | HTTP, the configuration, output formats; no SQL leaves it |
//! | 2 | `hooks` | runs the owner's programs, one at a time, and ends them | what an event says |
//! | 2 | `export` | books in, bytes of files out | the store, paths, the clock |
//! | 1 | `books` | pure decisions: booking a row, comparing, opening, agreement, drift, statements | every effect |
//! | 1 | `files` | a file whole or not at all, locks, errors that name the path | banks, money, formats |
//! | 0 | `domain` | the owner's nouns as plain values | wires, SQL, files, the clock, the configuration |
//!
//! # The story of one row, from wire to file
//!
//! 1. [`round::round`] runs families side by side, and [`sync::sync_family`] the logins of a family.
//!    Where a login's copy is old its bank is asked for new data ([`sync::plan::refresh_due`]); then
//!    its list of accounts is read, and of each account whose data moved the rows of
//!    [`sync::plan::span`], cut into [`sync::plan::windows`].
//! 2. [`sophtron::Client::rows`] signs the question and reads the answer: `sophtron::wire` finds the
//!    records in its text, `sophtron::convert` makes each a [`domain::ReceivedRow`], amounts digit
//!    for digit. Received is not yet trusted.
//! 3. [`books::gather`] puts the windows together, so that a row on a bound of two counts once;
//!    [`books::compare`] says of each row whether it is new, changed, known under another id,
//!    pending, or outside the span. Whether and how a row is booked, [`books::book`] says, or else
//!    why it is quarantined.
//! 4. `sync::take` carries that out, in one [`store::Store::atomically`]: the row with its raw text
//!    and its id for ever ([`books::name_rows`]), the reported balance, the opening that it fixes
//!    ([`books::anchor`]) and whether both agree ([`books::Ledger::judge`]), the cursor.
//! 5. [`sync::publish_family`] makes a [`books::statement`] of what is kept, in booked order, with
//!    its opening and its agreement: a [`domain::Statement`], which is all that a writer sees.
//! 6. [`export::account_files`] and [`export::family_files`] turn it into bytes; every text of a
//!    bank goes through the one sanitiser, `export::text`.
//! 7. `sync::output` compares their hash with what was written last, lays an edited file aside,
//!    refuses files of another store ([`sync::surviving`]), and has [`files::write_whole`] put the
//!    rest in place.
//! 8. [`sync::overview`] gathers how everything stands, [`domain::health`] judges it for a monitor,
//!    and [`sync::write_overview`] puts it on the status page and into the metrics.
//! 9. [`sync::tell_round`] makes an event of what changed, [`export::event_json`] renders it, and
//!    [`hooks::run`] has the owner's program read it.
//!
//! # The story of one question, from a bank to its owner and back
//!
//! 1. [`sophtron::Client::job`] reads a job's record; what the bank asks in it is a
//!    [`domain::Challenge`]. A refresh leaves it there: the login waits, and its command is told.
//! 2. `answer`, or `connect` with a job of its own, takes it up: a [`sync::Conversation`] looks at the
//!    job until the bank asks or the job has ended, and says each answer once.
//! 3. Between two looks `cli::walk` puts the question to whoever typed the command: at his terminal,
//!    or over the control socket where the command runs inside the daemon (`daemon::asked`). What he
//!    types is held in memory that is wiped, and goes to the bank alone.
//! 4. When the job has ended well, the login is synced like any other.
//!
//! # What is absent
//!
//! There is no float, no clock but the one that `cli` passes in, no network but in `sophtron`, no
//! listening port, and no state outside the store and the files. Nothing runs by itself but what
//! `daemon` starts.

pub mod books;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod domain;
pub mod export;
pub mod files;
pub mod hooks;
pub mod round;
pub mod sophtron;
pub mod store;
pub mod sync;
