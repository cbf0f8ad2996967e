//! `<account>/<year>.ledger`, read by ledger and hledger alike.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::opening::{OpeningEntry, opening_of};
use super::span::Span;
use super::{entry, text};
use crate::domain::{Booking, DescriptionStyle, Style, tidy};

/// The most characters of a transaction's code.
const LONGEST_CODE: usize = 20;

/// The keys of metadata lines, in the order in which they stand.
mod key {
    pub(super) const ID: &str = "sophtron-id";
    pub(super) const DESCRIPTION: &str = "description";
    pub(super) const CATEGORY: &str = "category";
    pub(super) const MEMO: &str = "memo";
    pub(super) const POSTED: &str = "posted";
    pub(super) const TYPE: &str = "type";
}

/// The ledger file of a span.
pub(super) fn render(span: &Span<'_>, style: &Style) -> Vec<u8> {
    let mut out = entry::header(style);
    out.reserve(span.rows.len() * 300);
    if let Some(entry) = opening_of(span.statement).filter(|_| span.opens) {
        out.push('\n');
        opening(&mut out, &entry, style);
    }
    for row in span.rows {
        out.push('\n');
        booking(&mut out, &span.statement.ledger, row, style);
    }
    out.into_bytes()
}

/// Writes the opening entry; it has no metadata, since no bank sent it.
pub(super) fn opening(out: &mut String, opening: &OpeningEntry, style: &Style) {
    let number = entry::number(tidy(opening.amount), &opening.currency, style);
    let commodity = entry::commodity(&opening.currency, style);
    let _ = writeln!(out, "{} * Opening balance", opening.day);
    entry::postings(out, &opening.ledger, &opening.other_side, &number, &commodity);
}

fn booking(out: &mut String, account: &str, row: &Booking, style: &Style) {
    let _ = write!(out, "{} * ", row.day);
    title(out, row, style);
    out.push('\n');
    metadata(row, style, |key, value| {
        let _ = write!(out, "    ; {key}: ");
        push_with(out, value, ',', ";");
        out.push('\n');
    });
    let number = entry::number(row.amount.amount, &row.amount.currency, style);
    let commodity = entry::commodity(&row.amount.currency, style);
    entry::postings(out, account, &row.other_side, &number, &commodity);
}

/// Writes code and payee. A semicolon would begin a comment; and a parenthesis at the beginning
/// would begin a code, which hledger cannot read where it is not closed: an empty code goes first.
fn title(out: &mut String, row: &Booking, style: &Style) {
    let payee = text::payee(&row.payee);
    match row.check_number.as_deref().and_then(code) {
        Some(code) => {
            let _ = write!(out, "({code}) ");
        }
        None if payee.starts_with('(') => out.push_str("() "),
        None => {}
    }
    match own_description(row, &payee) {
        Some(description) if style.description == DescriptionStyle::Payee => {
            push_with(out, &payee.replace(';', ","), '|', "/");
            out.push_str(" | ");
            push_with(out, &description, ';', ",");
        }
        _ if style.description == DescriptionStyle::Payee => {
            push_with(out, &payee.replace(';', ","), '|', "/");
        }
        _ => push_with(out, &payee, ';', ","),
    }
}

/// The description, where it says something else than the payee.
fn own_description<'a>(row: &'a Booking, payee: &str) -> Option<Cow<'a, str>> {
    text::field(row.description.as_deref()).filter(|description| description != payee)
}

/// A check number as a transaction's code: what could end the code is dropped.
fn code(check_number: &str) -> Option<String> {
    let sound = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '.' | '/' | '_' | '-');
    let code: String = check_number.chars().filter(sound).take(LONGEST_CODE).collect();
    (!code.is_empty()).then_some(code)
}

/// Calls `each` with key and value of each metadata line of a row, in the order in which they
/// stand.
///
/// They stand on lines of the transaction, never on a posting: there, a bracketed date in a bank's
/// text would move the posting in hledger, and stop ledger.
pub(super) fn metadata(row: &Booking, style: &Style, mut each: impl FnMut(&'static str, &str)) {
    let id = text::clean(&row.id);
    if !id.is_empty() {
        each(key::ID, &id);
    }
    if style.description == DescriptionStyle::Tag
        && let Some(description) = own_description(row, &text::payee(&row.payee))
    {
        each(key::DESCRIPTION, &description);
    }
    if let Some(category) = text::field(row.category.as_deref()) {
        each(key::CATEGORY, &category);
    }
    if let Some(memo) = text::memo(row.memo.as_deref()) {
        each(key::MEMO, &memo);
    }
    if let Some(posted) = row.posted.filter(|day| *day != row.day) {
        each(key::POSTED, &posted.to_string());
    }
    let usual = |kind: &str| ["debit", "credit"].iter().any(|word| kind.eq_ignore_ascii_case(word));
    if let Some(kind) = text::field(row.kind.as_deref()).filter(|kind| !usual(kind)) {
        each(key::TYPE, &kind);
    }
}

/// Writes a text with one of its characters replaced.
fn push_with(out: &mut String, text: &str, replaced: char, by: &str) {
    for (at, part) in text.split(replaced).enumerate() {
        if at > 0 {
            out.push_str(by);
        }
        out.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_keeps_only_what_cannot_end_it() {
        assert_eq!(code("1042").as_deref(), Some("1042"));
        assert_eq!(code("(A-1;)/ 7_b.é").as_deref(), Some("A-1/7_b."));
        assert_eq!(code(&"9".repeat(30)).map(|code| code.len()), Some(20));
        assert_eq!(code("();"), None);
    }
}
