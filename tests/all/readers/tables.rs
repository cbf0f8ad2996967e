//! What Python's `csv` reads in CSV files.

use std::collections::BTreeMap;
use std::path::Path;

use super::{ReadRow, script};

/// The rows of any CSV file, by the names of its columns.
pub(crate) fn csv_table(file: &Path) -> Vec<BTreeMap<String, String>> {
    script("csv_rows.py", &[file], "UTC")
}

/// The rows of an account's CSV file.
pub(crate) fn csv_rows(file: &Path) -> Vec<ReadRow> {
    let rows = csv_table(file).into_iter();
    rows.map(|row| {
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
    })
    .collect()
}
