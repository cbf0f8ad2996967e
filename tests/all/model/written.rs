//! What stands in an account's files, as text: quick enough for every sync of every story.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sophtron_sync::domain::parse_decimal;

/// Day, amount and text of a row, by value.
pub(super) type Told = (NaiveDate, Decimal, String);

/// Rows of a file by id, each with its day and amount.
pub(super) type Rows = BTreeMap<String, (NaiveDate, Decimal)>;

/// The rows of an account's CSV files by id.
pub(super) fn csv_rows(folder: &Path) -> BTreeMap<String, Told> {
    let mut all = BTreeMap::new();
    for file in of_years(folder, "csv") {
        for (id, told) in table(&file) {
            assert!(all.insert(id.clone(), told).is_none(), "{id} stands there twice");
        }
    }
    all
}

/// The pending rows.
pub(super) fn pending(folder: &Path) -> Vec<Told> {
    let file = folder.join("pending.csv");
    if !file.exists() {
        return Vec::new();
    }
    let mut rows: Vec<_> = table(&file).into_iter().map(|(_, told)| told).collect();
    rows.sort();
    rows
}

fn table(file: &Path) -> Vec<(String, Told)> {
    let mut reader = csv::Reader::from_path(file).expect("a table");
    let heads = reader.headers().expect("heads").clone();
    let column = |name: &str| heads.iter().position(|head| head == name).expect("a column");
    let [date, amount, text, id] = ["date", "amount", "description", "id"].map(column);
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        let told = (day(&row[date]), value(&row[amount]), row[text].to_owned());
        (row[id].to_owned(), told)
    });
    rows.collect()
}

/// The rows of an account's ledger files, and its opening.
pub(super) fn ledger_rows(folder: &Path) -> (Rows, Option<Decimal>) {
    let (mut rows, mut opening) = (Rows::new(), None);
    for file in of_years(folder, "ledger") {
        let text = std::fs::read_to_string(file).expect("a file");
        for entry in text.split("\n\n").skip(1) {
            let mut lines = entry.lines();
            let title = lines.next().expect("a title");
            let id = entry.lines().find_map(|line| line.trim().strip_prefix("; sophtron-id: "));
            let posting = lines.find(|line| line.starts_with("    Assets:")).expect("a posting");
            let amount = value(posting.split_whitespace().nth(1).expect("an amount"));
            match id {
                None => opening = Some(amount),
                Some(id) => {
                    let known = rows.insert(id.to_owned(), (day(&title[..10]), amount));
                    assert!(known.is_none(), "{id} stands there twice");
                }
            }
        }
    }
    (rows, opening)
}

/// The rows of an account's OFX files, and the balance of the last one.
pub(super) fn ofx_rows(folder: &Path) -> (Rows, Option<Decimal>) {
    let (mut rows, mut balance) = (Rows::new(), None);
    for file in of_years(folder, "ofx") {
        let text = std::fs::read_to_string(file).expect("a file");
        for row in text.split("<STMTTRN>").skip(1) {
            let posted = element(row, "DTPOSTED").expect("a day");
            let day = NaiveDate::parse_from_str(&posted[..8], "%Y%m%d").expect("a day");
            let amount = value(element(row, "TRNAMT").expect("an amount"));
            let id = element(row, "FITID").expect("an id").to_owned();
            assert!(rows.insert(id.clone(), (day, amount)).is_none(), "{id} stands there twice");
        }
        balance = element(&text, "BALAMT").map(value);
    }
    (rows, balance)
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once('<')?.0)
}

/// The bytes of everything below a folder.
pub(super) fn bytes_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(bytes_below(&path));
        } else {
            let bytes = std::fs::read(&path).expect("bytes");
            all.insert(path, bytes);
        }
    }
    all
}

/// The files of the years, in their order.
fn of_years(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let of_year = |path: &PathBuf| {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
        let year = stem.len() == 4 && stem.bytes().all(|byte| byte.is_ascii_digit());
        year && path.extension().is_some_and(|its| its == extension)
    };
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(of_year).collect();
    files.sort();
    files
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn value(digits: &str) -> Decimal {
    parse_decimal(digits).expect("a decimal").normalize()
}
