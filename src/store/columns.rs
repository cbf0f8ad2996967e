//! How values stand in columns: exact decimals and days as text, odd ones marked as such.

use std::borrow::Cow;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{ParamsFromIter, Row, RowIndex, params_from_iter};
use rust_decimal::Decimal;

use crate::domain::{Day, ReceivedRow, Sent, civil_day, parse_decimal};

/// Marks a sent value that cannot be used; no decimal and no day begins with it.
const UNUSABLE: char = '?';

/// The columns of a received row, in the order of [`row_values`] and [`read_row`].
pub(super) const ROW: &str = "service_id, service_account, status, kind, amount, currency, \
    transaction_date, date, post_date, description, merchant, category, check_number, memo, \
    balance, raw";

/// How many columns [`ROW`] names.
pub(super) const ROW_WIDTH: usize = 16;

/// A text on its way into a column.
pub(super) type Text<'a> = Option<Cow<'a, str>>;

pub(super) fn row_values(row: &ReceivedRow) -> [Text<'_>; ROW_WIDTH] {
    [
        text(row.id.as_deref()),
        text(row.account_id.as_deref()),
        text(row.status.as_deref()),
        text(row.kind.as_deref()),
        sent(&row.amount).map(Cow::Owned),
        text(row.currency.as_deref()),
        sent(&row.transaction_date).map(Cow::Owned),
        sent(&row.date).map(Cow::Owned),
        sent(&row.post_date).map(Cow::Owned),
        text(row.description.as_deref()),
        text(row.merchant.as_deref()),
        text(row.category.as_deref()),
        text(row.check_number.as_deref()),
        text(row.memo.as_deref()),
        sent(&row.balance).map(Cow::Owned),
        Some(Cow::Borrowed(&row.raw)),
    ]
}

fn text(text: Option<&str>) -> Text<'_> {
    text.map(Cow::Borrowed)
}

/// The parameters of a statement that come before a row's, then the row's.
pub(super) fn with_row<'a>(
    before: impl IntoIterator<Item = Text<'a>>,
    row: &'a ReceivedRow,
) -> ParamsFromIter<impl Iterator<Item = Text<'a>>> {
    params_from_iter(before.into_iter().chain(row_values(row)))
}

/// A number as a parameter; the column's type makes it a number again.
pub(super) fn figure(number: &impl ToString) -> Cow<'static, str> {
    Cow::Owned(number.to_string())
}

/// A column, by its place or by its name.
pub(super) trait Column: RowIndex + Copy + std::fmt::Debug {}

impl<I: RowIndex + Copy + std::fmt::Debug> Column for I {}

/// Reads the columns of [`ROW`] from one place on.
pub(super) fn read_row(columns: &Row, from: usize) -> rusqlite::Result<ReceivedRow> {
    Ok(ReceivedRow {
        id: columns.get(from)?,
        account_id: columns.get(from + 1)?,
        status: columns.get(from + 2)?,
        kind: columns.get(from + 3)?,
        amount: read_sent(columns, from + 4, parse_decimal)?,
        currency: columns.get(from + 5)?,
        transaction_date: read_sent(columns, from + 6, civil_day)?,
        date: read_sent(columns, from + 7, civil_day)?,
        post_date: read_sent(columns, from + 8, civil_day)?,
        description: columns.get(from + 9)?,
        merchant: columns.get(from + 10)?,
        category: columns.get(from + 11)?,
        check_number: columns.get(from + 12)?,
        memo: columns.get(from + 13)?,
        balance: read_sent(columns, from + 14, parse_decimal)?,
        raw: columns.get::<_, Option<String>>(from + 15)?.unwrap_or_default(),
    })
}

pub(super) fn sent<T: ToString>(value: &Sent<T>) -> Option<String> {
    match value {
        Sent::Nothing => None,
        Sent::Unusable(text) => Some(format!("{UNUSABLE}{text}")),
        Sent::Value(value) => Some(value.to_string()),
    }
}

pub(super) fn read_sent<T>(
    columns: &Row,
    at: impl Column,
    parse: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<Sent<T>> {
    let Some(text) = read_text(columns, at)? else { return Ok(Sent::Nothing) };
    match text.strip_prefix(UNUSABLE) {
        Some(text) => Ok(Sent::Unusable(text.to_owned())),
        None => parse(text).map(Sent::Value).ok_or_else(|| odd(at)),
    }
}

pub(super) fn day(columns: &Row, at: impl Column) -> rusqlite::Result<Option<Day>> {
    parsed(columns, at, civil_day)
}

pub(super) fn decimal(columns: &Row, at: impl Column) -> rusqlite::Result<Option<Decimal>> {
    parsed(columns, at, |text| Decimal::from_str(text).ok())
}

pub(super) fn instant(columns: &Row, at: impl Column) -> rusqlite::Result<Option<DateTime<Utc>>> {
    parsed(columns, at, |text| Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()))
}

pub(super) fn instant_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A value that must parse where it is there.
pub(super) fn parsed<T>(
    columns: &Row,
    at: impl Column,
    parse: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    match read_text(columns, at)? {
        None => Ok(None),
        Some(text) => parse(text).map(Some).ok_or_else(|| odd(at)),
    }
}

/// A text where it stands, without a copy.
fn read_text<'a>(columns: &'a Row, at: impl Column) -> rusqlite::Result<Option<&'a str>> {
    columns.get_ref(at)?.as_str_or_null().map_err(|_| odd(at))
}

/// A column holds what no version of this program wrote.
pub(super) fn odd(at: impl Column) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnName(format!("{at:?}: it holds a value that is none"))
}
