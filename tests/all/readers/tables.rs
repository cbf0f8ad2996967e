//! What Python's `csv` reads in CSV files.

use std::collections::BTreeMap;
use std::path::Path;

use super::{ReadRow, script};

/// The rows of a CSV file, by the names of its columns.
pub(crate) type Table = Vec<BTreeMap<String, String>>;

/// The rows of any CSV file.
pub(crate) fn csv_table(file: &Path) -> Table {
    csv_tables(&[file]).pop().expect("a table a file")
}

/// The same of many files, for one start of the program.
pub(crate) fn csv_tables(files: &[&Path]) -> Vec<Table> {
    script("csv_rows.py", files, "UTC")
}

/// The rows of an account's CSV file.
pub(crate) fn csv_rows(file: &Path) -> Vec<ReadRow> {
    csv_table(file).iter().map(read_row).collect()
}

/// A row of an account's CSV file.
pub(crate) fn read_row(row: &BTreeMap<String, String>) -> ReadRow {
    let cell = |name: &str| row[name].clone();
    ReadRow {
        day: cell("date"),
        id: cell("id"),
        account: cell("account"),
        other_side: String::new(),
        amount: cell("amount"),
        currency: cell("currency"),
        payee: cell("payee"),
        description: cell("description"),
        category: cell("category"),
        memo: cell("notes"),
        check_number: cell("check_number"),
    }
}
