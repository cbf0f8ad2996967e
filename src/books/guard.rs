//! Guards over one account's read: an answer that looks as if something was lost is refused as a
//! whole, and nothing changes until it looks right again or the owner takes it.

use super::{Comparison, Fetched, Span};
use crate::domain::{KeptRow, Sent, Standing};

/// The most rows that may be missing at once although the last good read had them.
const MISSING_AT_ONCE: usize = 5;

/// Why an answer is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// No row at all where rows were.
    #[error("the service sent no rows where {held} are known")]
    Empty {
        /// Rows that the span held.
        held: usize,
    },
    /// Less than half of what the span held.
    #[error("the service sent {came} rows where {held} are known")]
    Shrunken {
        /// Posted rows that came.
        came: usize,
        /// Rows that the span held.
        held: usize,
    },
    /// Too many rows gone at once.
    #[error("{gone} rows that the last read had are missing at once")]
    ManyGone {
        /// How many.
        gone: usize,
    },
}

/// Holds one read against what is kept.
///
/// For "empty" every row of the answer counts, pending ones too; for "half" those that are posted
/// or quarantined.
#[must_use]
pub fn guard(kept: &[KeptRow], fetched: &Fetched, asked: Span, plan: &Comparison) -> Option<Alarm> {
    let held = kept.iter().filter(|row| is_held(row, asked)).count();
    let came = fetched.rows.iter().filter(|row| !row.is_pending()).count();
    let gone = plan.missing.iter().filter(|missing| missing.before == 0).count();
    if held > 0 && fetched.rows.is_empty() {
        Some(Alarm::Empty { held })
    } else if came * 2 < held {
        Some(Alarm::Shrunken { came, held })
    } else if gone > MISSING_AT_ONCE {
        Some(Alarm::ManyGone { gone })
    } else {
        None
    }
}

fn is_held(row: &KeptRow, asked: Span) -> bool {
    let asked = matches!(row.row.day(), Sent::Value(day) if asked.holds(day));
    asked && row.standing == Standing::Present
}
