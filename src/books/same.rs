//! Whether an account that came is one that is gone: after its bank was connected anew it has other
//! ids, and so have its rows.

use std::collections::HashMap;
use std::fmt;

use super::matching::content;
use super::{Rules, one_line};
use crate::domain::{Currency, KeptRow, ReceivedAccount, ReceivedRow, Standing};

/// How many equal rows prove that two accounts are one, where there are so many.
const PROOF: usize = 3;

/// What an account is told apart by, as far as the service tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traits {
    /// Its type and its finer one, in the service's words.
    pub kind: (Option<String>, Option<String>),
    /// The last letters or digits of its number.
    pub mask: Option<String>,
    /// Its currency.
    pub currency: Option<Currency>,
}

impl Traits {
    /// Those of a record of the service.
    #[must_use]
    pub fn of(received: &ReceivedAccount) -> Self {
        Self {
            kind: (received.kind.clone(), received.sub_kind.clone()),
            mask: received.mask.clone(),
            currency: received.currency.as_deref().and_then(Currency::parse),
        }
    }

    /// Whether nothing tells against both being one account.
    #[must_use]
    pub fn fit(&self, now: &Self) -> bool {
        self.differences(now).is_empty()
    }

    /// What tells against both being one account. What either does not tell is no difference.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        let text = |what, before: &Option<String>, now: &Option<String>| {
            let (before, now) = (before.as_deref()?, now.as_deref()?);
            let differ = !before.trim().eq_ignore_ascii_case(now.trim());
            differ.then(|| Difference { what, before: one_line(before), now: one_line(now) })
        };
        let currency = self.currency.as_ref().zip(now.currency.as_ref());
        let currency = currency.filter(|(before, now)| before != now);
        let differences = [
            text("type", &self.kind.0, &now.kind.0),
            text("finer type", &self.kind.1, &now.kind.1),
            text("last digits", &self.mask, &now.mask),
            currency.map(|(before, now)| Difference {
                what: "currency",
                before: before.to_string(),
                now: now.to_string(),
            }),
        ];
        differences.into_iter().flatten().collect()
    }
}

/// One thing in which two accounts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub what: &'static str,
    /// What the account that is gone had.
    pub before: String,
    /// What the account that came has.
    pub now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, before, now } = self;
        write!(f, "{what} {before} before, {now} now")
    }
}

/// How the rows of two accounts compare, over the same days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowProof {
    /// Rows of the account that is gone.
    pub before: usize,
    /// Posted rows of the account that came.
    pub now: usize,
    /// Those that are equal by day, amount and description.
    pub equal: usize,
}

impl RowProof {
    /// Compares them; both are read by the rules of the account that is gone.
    #[must_use]
    pub fn of(kept: &[KeptRow], came: &[ReceivedRow], rules: &Rules) -> Self {
        let present = kept.iter().filter(|kept| kept.standing == Standing::Present);
        let mut left: HashMap<_, usize> = HashMap::new();
        let mut before = 0;
        for kept in present {
            *left.entry(content(&kept.row, rules)).or_default() += 1;
            before += 1;
        }
        let (mut now, mut equal) = (0, 0);
        for row in came.iter().filter(|row| !row.is_pending()) {
            now += 1;
            if let Some(some) = left.get_mut(&content(row, rules)).filter(|some| **some > 0) {
                *some -= 1;
                equal += 1;
            }
        }
        Self { before, now, equal }
    }

    /// Whether they prove that both are one: three equal ones, or all where there are fewer. Where
    /// nothing was known, nothing can be doubled.
    #[must_use]
    pub fn holds(&self) -> bool {
        let needed = PROOF.min(self.before).min(self.now.max(1));
        self.equal >= needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(kind: &str, mask: &str, currency: &str) -> Traits {
        let told = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let currency = Currency::parse(currency);
        Traits { kind: (told(kind), None), mask: told(mask), currency }
    }

    #[test]
    fn what_is_told_of_both_must_be_the_same() {
        let before = traits("Checking", "4417", "USD");
        for (now, told) in [
            (traits("CHECKING ", "4417", "USD"), ""),
            (traits("", "", ""), ""),
            (traits("Savings", "4417", "USD"), "type Checking before, Savings now"),
            (traits("Checking", "4418", "USD"), "last digits 4417 before, 4418 now"),
            (traits("", "", "CAD"), "currency USD before, CAD now"),
        ] {
            let differences = before.differences(&now);
            let words: Vec<_> = differences.iter().map(ToString::to_string).collect();
            assert_eq!(words.join("; "), told);
            assert_eq!(before.fit(&now), told.is_empty());
        }
    }

    #[test]
    fn three_equal_rows_or_all_prove_it() {
        for (before, now, equal, holds) in [
            (0, 0, 0, true),
            (0, 9, 0, true),
            (9, 9, 3, true),
            (9, 9, 2, false),
            (2, 9, 2, true),
            (2, 9, 1, false),
            (9, 1, 1, true),
            (9, 0, 0, false),
        ] {
            let proof = RowProof { before, now, equal };
            assert_eq!(proof.holds(), holds, "{proof:?}");
        }
    }
}
