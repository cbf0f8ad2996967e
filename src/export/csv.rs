//! `<account>/<year>.csv` and `pending.csv`: RFC 4180, but with LF.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::span::Span;
use super::tables::{Table, amount};
use super::text;
use crate::domain::{Booking, Statement, Style, tidy};

const COLUMNS: [&str; 15] = [
    "date",
    "payee",
    "amount",
    "currency",
    "notes",
    "category",
    "status",
    "check_number",
    "description",
    "type",
    "posted_date",
    "balance",
    "account",
    "account_id",
    "id",
];

/// The CSV file of a span: each row with the balance after it, where one is known.
///
/// A row in another currency than the account's does not move that balance.
pub(super) fn render(span: &Span<'_>, style: &Style) -> Vec<u8> {
    let mut table = Table::new(&COLUMNS, style);
    let mut scratch = String::new();
    for (row, balance) in span.rows.iter().zip(span.balances) {
        let status = if row.has_status { "posted" } else { "" };
        write_row(&mut table, &mut scratch, span.statement, row, status, *balance);
    }
    table.into_bytes()
}

/// `pending.csv`: the rows that the bank has not settled; they are in no balance.
pub(super) fn pending(statement: &Statement, style: &Style) -> Vec<u8> {
    let mut table = Table::new(&COLUMNS, style);
    let mut scratch = String::new();
    for row in &statement.pending {
        write_row(&mut table, &mut scratch, statement, row, "pending", None);
    }
    table.into_bytes()
}

fn write_row(
    table: &mut Table,
    scratch: &mut String,
    statement: &Statement,
    row: &Booking,
    status: &str,
    balance: Option<Decimal>,
) {
    scratch.clear();
    let _ = write!(scratch, "{}", row.day);
    table.exact(scratch);
    table.text(&text::payee(&row.payee));
    table.exact(&row.amount.plain());
    table.exact(row.amount.currency.code());
    table.text(&text::memo(row.memo.as_deref()).unwrap_or_default());
    table.text(&text::field(row.category.as_deref()).unwrap_or_default());
    table.exact(status);
    table.text(&text::field(row.check_number.as_deref()).unwrap_or_default());
    table.text(&text::field(row.description.as_deref()).unwrap_or_default());
    table.text(&text::field(row.kind.as_deref()).unwrap_or_default());
    scratch.clear();
    if let Some(posted) = row.posted {
        let _ = write!(scratch, "{posted}");
    }
    table.exact(scratch);
    table.exact(&amount(balance.map(tidy), &statement.currency));
    table.exact(statement.account.as_str());
    table.text(&text::clean(&statement.account_id));
    table.text(&text::clean(&row.id));
    table.end_row();
}
