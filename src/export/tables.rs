//! `accounts.csv` and `balances.csv`, and how every CSV file is written.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::text;
use crate::domain::{AccountLine, BalanceLine, Currency, Day, Name, Style, plain, tidy};

/// A CSV file being written: quoted where needed, LF, every row with every column.
#[derive(Debug)]
pub(super) struct Table {
    writer: ::csv::Writer<Vec<u8>>,
    spreadsheet_safe: bool,
}

impl Table {
    /// Begins a file with the names of its columns.
    pub(super) fn new(columns: &[&str], style: &Style) -> Self {
        let mut table = Self::empty(style.spreadsheet_safe);
        for column in columns {
            table.exact(column);
        }
        table.end_row();
        table
    }

    fn empty(spreadsheet_safe: bool) -> Self {
        let writer = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::Any(b'\n'))
            .quote_style(::csv::QuoteStyle::Necessary)
            .from_writer(Vec::new());
        Self { writer, spreadsheet_safe }
    }

    /// Writes a cell as it is: a figure, a date, a word of ours.
    pub(super) fn exact(&mut self, cell: &str) {
        // Writing to memory does not fail, and rows of another length are not refused here.
        let _ = self.writer.write_field(cell);
    }

    /// Writes a cell that somebody else wrote. Where the owner wants it so, a text that a
    /// spreadsheet would evaluate gets a space before it.
    pub(super) fn text(&mut self, cell: &str) {
        if self.spreadsheet_safe && cell.starts_with(['=', '+', '-', '@']) {
            self.exact(&format!(" {cell}"));
        } else {
            self.exact(cell);
        }
    }

    /// Ends a row.
    pub(super) fn end_row(&mut self) {
        let _ = self.writer.write_record(None::<&[u8]>);
    }

    /// The whole file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner().unwrap_or_default()
    }
}

/// An amount as a cell: empty where it is not known, never 0.
pub(super) fn amount(amount: Option<Decimal>, currency: &Currency) -> String {
    amount.map(|amount| plain(amount, currency)).unwrap_or_default()
}

/// An amount of an account whose currency may not be known: then neither is the amount.
fn figure(amount: Option<Decimal>, currency: Option<&Currency>) -> String {
    currency.map(|currency| self::amount(amount, currency)).unwrap_or_default()
}

fn day(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// `accounts.csv`: a row for each linked account with its latest balance and that balance's first
/// day, in byte order of family and account.
#[must_use]
pub fn accounts_csv(lines: &[AccountLine], style: &Style) -> Vec<u8> {
    let mut table = Table::new(
        &[
            "family",
            "account",
            "account_id",
            "institution",
            "type",
            "mask",
            "currency",
            "balance",
            "available",
            "balance_date",
        ],
        style,
    );
    let mut lines: Vec<_> = lines.iter().collect();
    lines.sort_by_key(|line| (&line.family, &line.account));
    for line in lines {
        table.exact(line.family.as_str());
        table.exact(line.account.as_str());
        table.text(&text::clean(&line.account_id));
        table.text(&text::field(line.institution.as_deref()).unwrap_or_default());
        table.exact(line.kind.word());
        table.text(&text::field(line.mask.as_deref()).unwrap_or_default());
        let currency = line.currency.as_ref();
        table.exact(currency.map_or("", Currency::code));
        table.exact(&figure(line.balance, currency));
        table.exact(&figure(line.available, currency));
        table.exact(&day(line.balance_date));
        table.end_row();
    }
    table.into_bytes()
}

/// Adds to one `accounts.csv` the lines of some families that another one has.
#[must_use]
pub fn with_lines_of(families: &[Name], other: &[u8], table: &[u8]) -> Vec<u8> {
    let read = |bytes: &[u8]| -> Vec<::csv::StringRecord> {
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        reader.records().map_while(Result::ok).collect()
    };
    let is_theirs = |line: &::csv::StringRecord| {
        families.iter().any(|family| line.get(0) == Some(family.as_str()))
    };
    let mut lines = read(table).into_iter();
    let head = lines.next();
    let mut lines: Vec<_> = lines.chain(read(other).into_iter().filter(is_theirs)).collect();
    let of = |line: &::csv::StringRecord, at| line.get(at).unwrap_or_default().to_owned();
    lines.sort_by_key(|line| (of(line, 0), of(line, 1)));
    let mut merged = Table::empty(false);
    for line in head.iter().chain(&lines) {
        line.iter().for_each(|cell| merged.exact(cell));
        merged.end_row();
    }
    merged.into_bytes()
}

/// The families whose lines differ between two versions of `accounts.csv`.
#[must_use]
pub fn families_that_differ(old: &[u8], new: &[u8]) -> Vec<Name> {
    let lines = |bytes: &[u8]| {
        let mut reader = ::csv::ReaderBuilder::new().has_headers(true).from_reader(bytes);
        let records = reader.records().map_while(Result::ok);
        records.map(|line| line.iter().map(str::to_owned).collect()).collect::<BTreeSet<Vec<_>>>()
    };
    let (old, new) = (lines(old), lines(new));
    let named = old.symmetric_difference(&new).filter_map(|line| Name::parse(line.first()?).ok());
    let families: BTreeSet<Name> = named.collect();
    families.into_iter().collect()
}

/// `balances.csv`: the lines given, in the order of date and account.
pub(super) fn balances_csv(lines: &[BalanceLine], style: &Style) -> Vec<u8> {
    let columns = ["date", "account", "balance", "available", "currency", "computed", "drift"];
    let mut table = Table::new(&columns, style);
    let mut lines: Vec<_> = lines.iter().collect();
    lines.sort_by_key(|line| (line.date, &line.account));
    for line in lines {
        table.exact(&line.date.to_string());
        table.exact(line.account.as_str());
        table.exact(&amount(line.balance, &line.currency));
        table.exact(&amount(line.available, &line.currency));
        table.exact(line.currency.code());
        table.exact(&amount(line.computed.map(tidy), &line.currency));
        table.exact(&amount(line.drift.map(tidy), &line.currency));
        table.end_row();
    }
    table.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{families_that_differ, with_lines_of};
    use crate::domain::Name;

    #[test]
    fn families_whose_lines_moved_are_named() {
        let head = "family,account,balance\n";
        let table = |lines: &str| format!("{head}{lines}").into_bytes();
        let old = table("jones,a,1\nsmith,b,2\nsmith,c,3\n");
        let moved = |lines| -> Vec<String> {
            let named = families_that_differ(&old, &table(lines));
            named.iter().map(ToString::to_string).collect()
        };
        assert_eq!(moved("jones,a,1\nsmith,b,2\nsmith,c,3\n"), Vec::<String>::new());
        assert_eq!(moved("jones,a,1\nsmith,b,2\nsmith,c,4\n"), ["smith"]);
        assert_eq!(moved("smith,b,2\nsmith,c,3\ntremblay,d,4\n"), ["jones", "tremblay"]);
    }

    #[test]
    fn lines_of_a_family_are_taken_from_the_other_table_as_they_stand() {
        let jones = Name::parse("jones").unwrap();
        let other = "family,account,note\njones,a,\"x, \"\"y\"\"\"\njones,b,\nsmith,a,old\n";
        let table = "family,account,note\nadams,z,\nsmith,a,new\n";
        let merged = with_lines_of(&[jones], other.as_bytes(), table.as_bytes());
        assert_eq!(
            String::from_utf8(merged).unwrap(),
            "family,account,note\nadams,z,\njones,a,\"x, \"\"y\"\"\"\njones,b,\nsmith,a,new\n"
        );
    }
}
