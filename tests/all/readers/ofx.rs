//! What libofx (`ofxdump`), ofxtools, ofxparse and ledger-autosync read in OFX files.

use std::path::Path;

use serde::Deserialize;

use super::{ReadRow, python, run, script};

/// An OFX file as a program read it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(crate) struct ReadStatement {
    /// ACCTID.
    pub(crate) account: String,
    /// CURDEF.
    pub(crate) currency: String,
    /// LEDGERBAL.
    pub(crate) balance: Option<String>,
    /// The transactions; each says neither account nor currency.
    pub(crate) rows: Vec<ReadRow>,
}

/// What ofxtools reads, digit for digit; the day is that of the time zone `zone`.
pub(crate) fn ofxtools(file: &Path, zone: &str) -> ReadStatement {
    only(ofxtools_each(&[file], zone))
}

/// The same of many files, for one start of the program.
pub(crate) fn ofxtools_each(files: &[&Path], zone: &str) -> Vec<ReadStatement> {
    script("ofxtools_rows.py", files, zone)
}

/// What ofxparse reads, digit for digit.
pub(crate) fn ofxparse(file: &Path, zone: &str) -> ReadStatement {
    only(ofxparse_each(&[file], zone))
}

/// The same of many files, for one start of the program.
pub(crate) fn ofxparse_each(files: &[&Path], zone: &str) -> Vec<ReadStatement> {
    script("ofxparse_rows.py", files, zone)
}

fn only(mut read: Vec<ReadStatement>) -> ReadStatement {
    read.pop().expect("one account a file")
}

/// What `ofxdump` prints: amounts to the cent and to 15 digits; the day is that of the time zone.
pub(crate) fn ofxdump(file: &Path, zone: &str) -> ReadStatement {
    let printed = run("ofxdump", [file], zone).unwrap_or_else(|told| panic!("{told}"));
    let mut read = ReadStatement::default();
    for block in printed.split("\n\n") {
        let value = |label: &str| {
            let mut lines = block.lines().map(str::trim_start);
            lines.find_map(|line| line.strip_prefix(label)).unwrap_or("").to_owned()
        };
        match block.trim_start().lines().next() {
            Some("ofx_proc_account():") => read.account = value("Account #: "),
            Some("ofx_proc_statement():") => {
                read.currency = value("Default Currency: ");
                read.balance = Some(value("Ledger balance: ")).filter(|text| !text.is_empty());
            }
            Some("ofx_proc_transaction():") => read.rows.push(ReadRow {
                day: civil(&value("Date posted: ")),
                id: value("Financial institution's ID for this transaction: "),
                amount: value("Total money amount: "),
                payee: value("Name of payee or transaction description: "),
                description: value("Extra transaction information (memo): "),
                check_number: value("Check number: "),
                ..ReadRow::default()
            }),
            _ => {}
        }
    }
    read
}

/// `2026-01-05` from `Mon Jan  5 10:59:00 2026 UTC`.
fn civil(text: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<_> = text.split_whitespace().collect();
    let month = MONTHS.iter().position(|month| *month == parts[1]).expect("a month") + 1;
    format!("{}-{month:02}-{:0>2}", parts[4], parts[2])
}

/// What ledger-autosync makes of the file: day, id, amount to the cent and to 15 digits, payee.
pub(crate) fn ledger_autosync(file: &Path) -> Vec<ReadRow> {
    let file = file.to_str().expect("UTF-8");
    let args = ["--no-ledger", "--payee-format", "{payee}", "--date-format", "%Y-%m-%d", file];
    let printed = python("ledger-autosync", args, "UTC").unwrap_or_else(|told| panic!("{told}"));
    let entries = printed.split("\n\n").filter(|entry| entry.contains("ofxid: "));
    entries.map(autosync_row).collect()
}

fn autosync_row(entry: &str) -> ReadRow {
    let lines: Vec<_> = entry.trim_start().lines().collect();
    let (day, title) = lines[0].split_once(' ').unwrap_or((lines[0], ""));
    let (check_number, payee) = code(title);
    let (_, amount) = lines[1].trim_start().split_once("  ").expect("an amount");
    let id = lines.iter().find_map(|line| line.trim().strip_prefix("; ofxid: ")).expect("an id");
    ReadRow {
        day: day.to_owned(),
        // FID, ACCTID and FITID; a FITID of ours may hold dots, an ACCTID does not.
        id: id.splitn(3, '.').nth(2).unwrap_or("").to_owned(),
        amount: amount.chars().filter(|char| matches!(char, '0'..='9' | '-' | '.')).collect(),
        payee: payee.to_owned(),
        check_number: check_number.to_owned(),
        ..ReadRow::default()
    }
}

/// The check number, which it writes without leading zeros, and the payee.
fn code(title: &str) -> (&str, &str) {
    let number = title.strip_prefix('(').and_then(|rest| rest.split_once(") "));
    let number = number.filter(|(number, _)| number.parse::<u64>().is_ok());
    number.unwrap_or(("", title))
}
