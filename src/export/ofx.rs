//! `<account>/<year>.ofx`: OFX 1.0.2, whose body is well-formed XML.
//!
//! It is the one form that libofx, GnuCash, ofxtools, ofxparse, ledger-autosync, `AqBanking` and
//! Actual all read with text beyond ASCII.

use std::fmt::Write as _;

use chrono::Datelike;
use rust_decimal::Decimal;

use super::span::Span;
use super::{currencies, text};
use crate::domain::{AccountType, Booking, Currency, Day, Statement, plain, tidy};

/// How much of a text an element takes: the characters of OFX 1.0.2 section 11.4, and the bytes
/// that libofx keeps, which would cut a character in two.
struct Longest {
    chars: usize,
    bytes: usize,
}

const LONGEST_NAME: Longest = Longest { chars: 32, bytes: 96 };
const LONGEST_MEMO: Longest = Longest { chars: 255, bytes: 390 };
const LONGEST_CHECKNUM: Longest = Longest { chars: 12, bytes: 12 };

impl Longest {
    fn cut<'a>(&self, text: &'a str) -> &'a str {
        text::first_bytes(text::first_chars(text, self.chars), self.bytes)
    }
}

const HEADER: &str = "\
OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:UTF-8
CHARSET:NONE
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

";

const STATUS: &str = "<STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>";

/// The OFX file of a span; `None` where none can be written.
///
/// Rows in another currency than the account's are left out: the form has one currency a file.
/// Without a row there is no file, without a currency of ISO 4217 neither; and but for an
/// investment the balance after the last row must be known.
pub(super) fn render(span: &Span<'_>) -> Option<Vec<u8>> {
    let statement = span.statement;
    let own = |row: &&Booking| row.amount.currency == statement.currency;
    let last = span.rows.iter().rposition(|row| own(&row))?;
    if !currencies::is_iso(&statement.currency) {
        return None;
    }
    let frame = Frame { statement, from: span.from, to: span.rows[last].day };
    let mut out = String::with_capacity(1024 + span.rows.len() * 320);
    let rows = span.rows.iter().filter(own);
    match statement.kind {
        AccountType::Investment => frame.investment(&mut out, rows),
        AccountType::CreditCard => frame.credit_card(&mut out, rows, span.balances[last]?),
        AccountType::Depository | AccountType::Loan | AccountType::Other => {
            frame.bank(&mut out, rows, span.balances[last]?);
        }
    }
    Some(out.into_bytes())
}

/// What surrounds the rows.
struct Frame<'a> {
    statement: &'a Statement,
    from: Day,
    /// The newest booked day in the file.
    to: Day,
}

impl Frame<'_> {
    fn bank<'r>(
        &self,
        out: &mut String,
        rows: impl Iterator<Item = &'r Booking>,
        balance: Decimal,
    ) {
        let Self { statement, to, .. } = self;
        let (bank, account) = self.keys();
        let kind = match statement.kind {
            AccountType::Depository => statement.ofx.account_type.as_str(),
            // Readers know no ACCTTYPE LOAN, and nobody reads LOANMSGSRSV1.
            AccountType::Loan => "CREDITLINE",
            _ => "CHECKING",
        };
        self.opening_tags(out, "BANKMSGSRSV1", "STMTTRNRS");
        let _ = writeln!(out, "<STMTRS><CURDEF>{}</CURDEF>", statement.currency);
        let _ = writeln!(
            out,
            "<BANKACCTFROM><BANKID>{bank}</BANKID><ACCTID>{account}</ACCTID><ACCTTYPE>{kind}</ACCTTYPE></BANKACCTFROM>"
        );
        self.list(out, "BANKTRANLIST", rows, bank_row);
        ledger_balance(out, balance, &statement.currency, *to);
        out.push_str("</STMTRS></STMTTRNRS></BANKMSGSRSV1>\n</OFX>\n");
    }

    fn credit_card<'r>(
        &self,
        out: &mut String,
        rows: impl Iterator<Item = &'r Booking>,
        balance: Decimal,
    ) {
        let Self { statement, to, .. } = self;
        self.opening_tags(out, "CREDITCARDMSGSRSV1", "CCSTMTTRNRS");
        let _ = writeln!(out, "<CCSTMTRS><CURDEF>{}</CURDEF>", statement.currency);
        let _ = writeln!(out, "<CCACCTFROM><ACCTID>{}</ACCTID></CCACCTFROM>", self.keys().1);
        self.list(out, "BANKTRANLIST", rows, bank_row);
        ledger_balance(out, balance, &statement.currency, *to);
        out.push_str("</CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1>\n</OFX>\n");
    }

    /// Cash moves of an investment account. It has no balance: INVBAL would need members that
    /// nobody sent.
    fn investment<'r>(&self, out: &mut String, rows: impl Iterator<Item = &'r Booking>) {
        let Self { statement, to, .. } = self;
        let (broker, account) = self.keys();
        self.opening_tags(out, "INVSTMTMSGSRSV1", "INVSTMTTRNRS");
        out.push_str("<INVSTMTRS>");
        date(out, "DTASOF", *to);
        let _ = writeln!(out, "<CURDEF>{}</CURDEF>", statement.currency);
        let _ = writeln!(
            out,
            "<INVACCTFROM><BROKERID>{broker}</BROKERID><ACCTID>{account}</ACCTID></INVACCTFROM>"
        );
        self.list(out, "INVTRANLIST", rows, |out, row| {
            out.push_str("<INVBANKTRAN>");
            bank_row(out, row);
            out.push_str("<SUBACCTFUND>CASH</SUBACCTFUND></INVBANKTRAN>");
        });
        out.push_str("</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>\n</OFX>\n");
    }

    /// BANKID and ACCTID, escaped.
    fn keys(&self) -> (String, String) {
        let escaped = |text: &str| {
            let mut out = String::new();
            escape(&mut out, &text::clean(text));
            out
        };
        (escaped(&self.statement.ofx.bank_id), escaped(&self.statement.ofx.account_id))
    }

    fn opening_tags(&self, out: &mut String, set: &str, response: &str) {
        out.push_str(HEADER);
        let _ = write!(out, "<OFX>\n<SIGNONMSGSRSV1><SONRS>{STATUS}");
        date(out, "DTSERVER", self.to);
        out.push_str("<LANGUAGE>ENG</LANGUAGE><FI><ORG>SOPHTRON</ORG><FID>99999</FID></FI></SONRS></SIGNONMSGSRSV1>\n");
        let _ = write!(out, "<{set}><{response}><TRNUID>0</TRNUID>{STATUS}");
    }

    fn list<'r>(
        &self,
        out: &mut String,
        name: &str,
        rows: impl Iterator<Item = &'r Booking>,
        write_row: impl Fn(&mut String, &Booking),
    ) {
        let _ = write!(out, "<{name}>");
        date(out, "DTSTART", self.from);
        date(out, "DTEND", self.to);
        out.push('\n');
        for row in rows {
            write_row(out, row);
            out.push('\n');
        }
        let _ = writeln!(out, "</{name}>");
    }
}

fn ledger_balance(out: &mut String, balance: Decimal, currency: &Currency, day: Day) {
    let _ = write!(out, "<LEDGERBAL><BALAMT>{}</BALAMT>", plain(tidy(balance), currency));
    date(out, "DTASOF", day);
    out.push_str("</LEDGERBAL>\n");
}

/// Writes a row. CHECKNUM stands only where it is a number: ledger-autosync refuses the whole file
/// for any other, which CSV and ledger files keep.
fn bank_row(out: &mut String, row: &Booking) {
    let check = text::field(row.check_number.as_deref());
    let kind = if check.is_some() { "CHECK" } else { transaction_type(row) };
    let _ = write!(out, "<STMTTRN><TRNTYPE>{kind}</TRNTYPE>");
    date(out, "DTPOSTED", row.day);
    let _ = write!(out, "<TRNAMT>{}</TRNAMT>", row.amount.plain());
    element(out, "FITID", &text::clean(&row.id));
    if let Some(number) = check.filter(|check| check.bytes().all(|byte| byte.is_ascii_digit())) {
        element(out, "CHECKNUM", LONGEST_CHECKNUM.cut(&number));
    }
    let payee = text::payee(&row.payee);
    element(out, "NAME", LONGEST_NAME.cut(&payee));
    memo(out, row);
    out.push_str("</STMTTRN>");
}

/// Writes MEMO: the description, and the bank's memo behind it.
fn memo(out: &mut String, row: &Booking) {
    let description = text::field(row.description.as_deref());
    let note = text::memo(row.memo.as_deref());
    let both = match (description, note) {
        (Some(description), Some(note)) => format!("{description} / {note}").into(),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => return,
    };
    element(out, "MEMO", LONGEST_MEMO.cut(&both));
}

/// TRNTYPE by the word that the bank sent, else by the sign.
fn transaction_type(row: &Booking) -> &'static str {
    let word: String = row
        .kind
        .iter()
        .flat_map(|kind| kind.chars())
        .filter(|char| !char.is_whitespace() && !matches!(char, '-' | '_'))
        .map(|char| char.to_ascii_uppercase())
        .collect();
    match word.as_str() {
        "INT" | "INTEREST" => "INT",
        "DIV" | "DIVIDEND" => "DIV",
        "FEE" | "SERVICECHARGE" => "FEE",
        "ATM" => "ATM",
        "POS" => "POS",
        "XFER" | "TRANSFER" => "XFER",
        "PAYMENT" => "PAYMENT",
        "DIRECTDEP" | "DIRECTDEPOSIT" => "DIRECTDEP",
        "DIRECTDEBIT" => "DIRECTDEBIT",
        _ if row.amount.amount.is_sign_negative() => "DEBIT",
        _ => "CREDIT",
    }
}

/// Writes an element with a date. At 10:59 GMT every reader from UTC-10 to UTC+13 sees that day;
/// noon would be the next day in Auckland, midnight the day before in the Americas.
fn date(out: &mut String, name: &str, day: Day) {
    let (year, month, day) = (day.year(), day.month(), day.day());
    let _ = write!(out, "<{name}>{year:04}{month:02}{day:02}105900.000[0:GMT]</{name}>");
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>");
    escape(out, text);
    let _ = write!(out, "</{name}>");
}

/// Escapes only what must be: libofx deletes `&apos;` and `&quot;`.
fn escape(out: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Money, parse_decimal};

    #[test]
    fn the_type_follows_the_word_then_the_sign() {
        for (kind, amount, written) in [
            (Some("interest"), "1", "INT"),
            (Some("Service Charge"), "-1", "FEE"),
            (Some("direct-deposit"), "1", "DIRECTDEP"),
            (Some("DIRECT_DEBIT"), "-1", "DIRECTDEBIT"),
            (Some("Transfer"), "-1", "XFER"),
            (Some("DEBIT"), "1", "CREDIT"),
            (Some("?"), "-1", "DEBIT"),
            (None, "0", "CREDIT"),
        ] {
            let amount = parse_decimal(amount).expect("a decimal");
            let row = Booking {
                id: String::new(),
                day: Day::default(),
                amount: Money { amount, currency: Currency::usd() },
                payee: String::new(),
                description: None,
                category: None,
                memo: None,
                check_number: None,
                posted: None,
                kind: kind.map(str::to_owned),
                has_status: true,
                other_side: String::new(),
            };
            assert_eq!(transaction_type(&row), written, "{kind:?}");
        }
    }
}
