//! Why there is nothing to hold an account's books against.

use super::statement::Source;
use super::{Ledger, Refusal, book};
use crate::domain::{AmountSign, Standing, Track};

/// Why there is nothing to hold an account's books against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unheld {
    /// Its rows alone are tracked.
    Rows,
    /// Its balances alone are tracked.
    Value,
    /// No balance came that could be taken.
    NoBalance,
    /// Nothing tells how a debt's balance is meant.
    BalanceSign,
    /// Nothing tells the direction of rows that the opening counts.
    AmountSign,
    /// Both of these.
    BothSigns,
    /// A sum has more than 28 digits.
    TooLong,
}

impl Unheld {
    pub(super) fn of(source: &Source, ledger: &Ledger) -> Option<Self> {
        match source.track() {
            Track::Rows => return Some(Self::Rows),
            Track::Value => return Some(Self::Value),
            Track::Cash => {}
        }
        let Some(anchor) = &source.kept.anchor else { return Some(Self::NoBalance) };
        if source.opening(ledger).is_some() {
            return None;
        }
        let rules = source.rules;
        let waits = |row: &&crate::domain::KeptRow| {
            row.standing == Standing::Present && book(&row.row, rules) == Err(Refusal::NoDirection)
        };
        let untyped =
            rules.amount_sign == AmountSign::Auto && source.rows.iter().any(|row| waits(&row));
        Some(match (rules.signed(anchor.balance), untyped) {
            (None, false) => Self::BalanceSign,
            (None, true) => Self::BothSigns,
            (Some(_), _) if ledger.waits_for_sign() => Self::AmountSign,
            (Some(_), _) => Self::TooLong,
        })
    }

    /// What is missing.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Rows => "its rows alone are tracked, and no balance",
            Self::Value => "its balance alone is tracked, and no row",
            Self::NoBalance => "the service has sent no balance of it that could be taken",
            Self::BalanceSign => "nothing tells yet whether its positive balance is what is owed",
            Self::AmountSign => "rows without DEBIT or CREDIT wait for their sign",
            Self::BothSigns => {
                "nothing tells yet how its balance is meant, nor the direction of rows without DEBIT or CREDIT"
            }
            Self::TooLong => "its amounts add up to more than 28 digits",
        }
    }

    /// What to do.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::Rows => {
                "set `track = \"cash\"` of this account if its balance follows from its rows"
            }
            Self::Value => "set `track = \"cash\"` of this account to book its rows too",
            Self::NoBalance => {
                "nothing to do but wait: the first sync that brings one fixes the opening balance"
            }
            Self::BalanceSign => {
                "set `balance_sign` of this account to \"owed\" or \"signed\", or wait: reads with new rows prove it"
            }
            Self::AmountSign => {
                "set `amount_sign` of this account, or wait: reads with new rows prove it"
            }
            Self::BothSigns => {
                "set `amount_sign` of this account, and `balance_sign` where it is known"
            }
            Self::TooLong => "look for an amount that cannot be right",
        }
    }
}
