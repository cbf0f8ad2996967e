//! What a family's entry files need to know of one account, so that accounts can be written one at
//! a time and those that are linked no longer need no books.

use std::collections::BTreeSet;
use std::fmt;

use super::opening::{OpeningEntry, opening_of};
use super::{entry, ledger, span};
use crate::domain::{AccountType, Assertion, Currency, Format, Name, Statement, Style, Track};

/// What the entry files of a family need to know of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountIndex {
    /// The account's configured name, which is its folder.
    pub account: Name,
    /// The years that have a ledger file, ascending.
    pub years: Vec<i32>,
    /// What its ledger files use.
    pub declared: Vec<Declared>,
    /// What the books must say, where the bank's balance agreed.
    pub assertion: Option<AssertionEntry>,
    /// The opening entry, where it is to stand in `checks.journal` alone.
    pub detached_opening: Option<OpeningEntry>,
}

/// Something that ledger files use, and that strict readers want declared.
///
/// Its [`Display`](fmt::Display) is one line of text that [`Declared::parse`] reads again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declared {
    /// An account.
    Account {
        /// Its full name.
        name: String,
        /// hledger's letter for its type, such as `C` for cash; `None` where nothing tells it.
        letter: Option<char>,
    },
    /// A commodity.
    Commodity {
        /// As written, with its quotes where it has them.
        name: String,
        /// The digits behind the point by custom.
        places: u32,
    },
    /// The key of a metadata line.
    Tag(String),
}

impl Declared {
    /// Reads a line that [`Display`](fmt::Display) wrote.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (word, rest) = line.split_once(' ')?;
        if word == "tag" {
            return Some(Self::Tag(rest.to_owned()));
        }
        let (head, name) = rest.split_once(' ')?;
        let name = name.to_owned();
        match word {
            "account" => Some(Self::Account { name, letter: head.chars().find(|c| *c != '-') }),
            "commodity" => Some(Self::Commodity { name, places: head.parse().ok()? }),
            _ => None,
        }
    }
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { name, letter } => write!(f, "account {} {name}", letter.unwrap_or('-')),
            Self::Commodity { name, places } => write!(f, "commodity {places} {name}"),
            Self::Tag(key) => write!(f, "tag {key}"),
        }
    }
}

/// A balance assertion of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionEntry {
    /// The account's name in the owner's ledger.
    pub ledger: String,
    /// The account's currency.
    pub currency: Currency,
    /// What must hold.
    pub assertion: Assertion,
}

/// Looks through one account's books for what the family's entry files need to know.
#[must_use]
pub fn index(statement: &Statement, style: &Style) -> AccountIndex {
    let tracked = statement.track != Track::Value;
    let assertion = statement.assertion.clone().filter(|_| tracked);
    AccountIndex {
        account: statement.account.clone(),
        years: if tracked { ledger_years(statement) } else { Vec::new() },
        declared: if tracked { declared(statement, style) } else { Vec::new() },
        assertion: assertion.map(|assertion| AssertionEntry {
            ledger: statement.ledger.clone(),
            currency: statement.currency.clone(),
            assertion,
        }),
        detached_opening: opening_of(statement).filter(|_| tracked && !statement.opening_entry),
    }
}

fn ledger_years(statement: &Statement) -> Vec<i32> {
    let balances = vec![None; statement.bookings.len()];
    let spans = span::years(statement, &balances).into_iter();
    spans.filter(|(_, span)| span.has_file(Format::Ledger)).map(|(year, _)| year).collect()
}

fn declared(statement: &Statement, style: &Style) -> Vec<Declared> {
    let mut others = BTreeSet::new();
    let mut currencies = BTreeSet::from([&statement.currency]);
    let mut keys = BTreeSet::new();
    for row in &statement.bookings {
        others.insert(row.other_side.as_str());
        currencies.insert(&row.amount.currency);
        ledger::metadata(row, style, |key, _| {
            keys.insert(key);
        });
    }
    let own = (statement.ledger.as_str(), Some(own_letter(statement.kind)));
    let opening = statement.opening.map(|_| (statement.opening_account.as_str(), Some('E')));
    let others = others.into_iter().map(|name| (name, other_letter(name, style)));
    let account = |(name, letter): (&str, _)| Declared::Account { name: name.to_owned(), letter };
    let commodity = |currency: &Currency| Declared::Commodity {
        name: entry::commodity(currency, style).into_owned(),
        places: currency.usual_places(),
    };
    let accounts = std::iter::once(own).chain(opening).chain(others).map(account);
    let tags = keys.into_iter().map(|key| Declared::Tag(key.to_owned()));
    accounts.chain(currencies.into_iter().map(commodity)).chain(tags).collect()
}

/// hledger's letter for a linked account: cash, asset or liability.
fn own_letter(kind: AccountType) -> char {
    match kind {
        AccountType::Depository => 'C',
        AccountType::Investment | AccountType::Other => 'A',
        AccountType::CreditCard | AccountType::Loan => 'L',
    }
}

/// hledger's letter for another side: what the configuration makes it, else what its top account
/// is called in English.
fn other_letter(name: &str, style: &Style) -> Option<char> {
    if name == style.unknown_expense {
        return Some('X');
    }
    if name == style.unknown_income {
        return Some('R');
    }
    let top = name.split(':').next().unwrap_or(name);
    match top.to_ascii_lowercase().as_str() {
        "asset" | "assets" => Some('A'),
        "liability" | "liabilities" | "debt" | "debts" => Some('L'),
        "equity" => Some('E'),
        "income" | "revenue" | "revenues" => Some('R'),
        "expense" | "expenses" => Some('X'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_survives_as_a_line() {
        for declared in [
            Declared::Account { name: "Assets:Bank:Joint Checking".to_owned(), letter: Some('C') },
            Declared::Account { name: "Ausgaben:- x".to_owned(), letter: None },
            Declared::Commodity { name: "\"US $\"".to_owned(), places: 2 },
            Declared::Tag("sophtron-id".to_owned()),
        ] {
            assert_eq!(Declared::parse(&declared.to_string()), Some(declared));
        }
        assert_eq!(Declared::parse("payee x y"), None);
        assert_eq!(Declared::parse(""), None);
    }
}
