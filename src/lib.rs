//! Keeps plain-text accounts in step with banks, through the Sophtron account-aggregation API.
//!
//! # The map
//!
//! Rooms stand on floors. A room may use the rooms on the floors below it, never one beside or
//! above it; `tests/all/rooms.rs` reads the table and holds every `crate::` path against it.
//!
//! | floor | room | does | must never know |
//! | --- | --- | --- | --- |
//! | 5 | `cli` | one file per command: arguments in, text or JSON and an exit code out | how anything is done |
//! | 3 | `sync` | plans, reads, commits, exports: the only room with all effects in hand | the terminal, TOML, signals |
//! | 2 | `config` | the configuration as typed and as meant; identity and credentials | HTTP, SQL, tokio |
//! | 2 | `sophtron` | the service: signing, reading answers, trying again | the store, the configuration; no JSON leaves it |
//! | 2 | `store` | one SQLite file that never forgets | HTTP, the configuration, output formats; no SQL leaves it |
//! | 2 | `export` | books in, bytes of files out | the store, paths, the clock |
//! | 1 | `books` | pure decisions: booking a row, comparing, opening, agreement, drift, statements | every effect |
//! | 1 | `files` | a file whole or not at all, locks, errors that name the path | banks, money, formats |
//! | 0 | `domain` | the owner's nouns as plain values | wires, SQL, files, the clock, the configuration |
//!
//! What is absent: there is no float, no clock but the one that `cli` passes in, no network but
//! in `sophtron`, no listening port, and no state outside the store and the files.

pub mod books;
pub mod cli;
pub mod config;
pub mod domain;
pub mod export;
pub mod files;
pub mod sophtron;
pub mod store;
pub mod sync;
