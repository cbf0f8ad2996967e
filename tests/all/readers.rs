//! What the programs read that our files are for: hledger, ledger, libofx's `ofxdump`, ofxtools,
//! ofxparse, ledger-autosync and Python's `csv`. The proof of a file is that they read what was
//! meant.
//!
//! A program that is missing fails the test: `tests/run` installs them all.

pub(crate) mod ledgers;
pub(crate) mod meant;
pub(crate) mod ofx;
pub(crate) mod tables;

mod accept;
mod laws;

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use sophtron_sync::domain::{Format, Statement, Style};
use sophtron_sync::export;

/// One row as a program read it; a text that it did not find is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadRow {
    /// The booked day, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// Our id.
    pub(crate) id: String,
    /// The account: ledger's name in ledger files, ACCTID in OFX, the configured name in CSV.
    pub(crate) account: String,
    /// The other side, in ledger files.
    pub(crate) other_side: String,
    /// The digits.
    pub(crate) amount: String,
    /// The currency or commodity.
    pub(crate) currency: String,
    /// The payee.
    pub(crate) payee: String,
    /// The bank's own text; MEMO in OFX.
    pub(crate) description: String,
    /// The category.
    pub(crate) category: String,
    /// The bank's memo.
    pub(crate) memo: String,
    /// Check number, or the transaction's code.
    pub(crate) check_number: String,
}

/// Whether the long tests are wanted: `SOPHTRON_SYNC_LONG=1`.
#[allow(clippy::disallowed_methods)]
pub(crate) fn long() -> bool {
    std::env::var_os("SOPHTRON_SYNC_LONG").is_some_and(|value| value != "0" && !value.is_empty())
}

/// What a program printed, and what it said on stderr, or else both and how it ended.
fn run<I: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    args: impl IntoIterator<Item = I>,
    zone: &str,
) -> Result<String, String> {
    let program = program.as_ref();
    let output = Command::new(program)
        .args(args)
        .env("LC_ALL", "C.UTF-8")
        .env("PYTHONUTF8", "1")
        .env("TZ", zone)
        .env_remove("LEDGER_FILE")
        .output()
        .unwrap_or_else(|error| {
            panic!("{}: {error}; `tests/run` installs the readers", program.display())
        });
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} ended with {}\n{told}\n{text}", program.display(), output.status))
}

/// What a program of the readers' own Python environment printed.
fn python<I: AsRef<OsStr>>(
    program: &str,
    args: impl IntoIterator<Item = I>,
    zone: &str,
) -> Result<String, String> {
    run(Path::new(ROOT).join("target/readers/bin").join(program), args, zone)
}

/// Runs one of the scripts in `tests/readers` on files and reads the JSON that it prints.
fn script<T: for<'de> Deserialize<'de>>(script: &str, files: &[&Path], zone: &str) -> T {
    let script = Path::new(ROOT).join("tests/readers").join(script);
    let args = std::iter::once(script.as_path()).chain(files.iter().copied());
    let printed = python("python", args, zone);
    let printed = printed.unwrap_or_else(|told| panic!("{files:?}: {told}"));
    serde_json::from_str(&printed).expect("JSON of our own script")
}

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Writes a family's files into a folder.
#[allow(clippy::disallowed_methods)]
fn write_family(folder: &Path, statements: &[Statement], style: &Style) {
    let indexes: Vec<_> = statements.iter().map(|of| export::index(of, style)).collect();
    let accounts = statements.iter().flat_map(|of| export::account_files(of, style, &Format::ALL));
    let family = export::family_files(&indexes, &[], style, &Format::ALL);
    for file in accounts.chain(family) {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, file.bytes).expect("a file");
    }
}
