//! Pure decisions: which day and amount a row is booked with, which fetched row is which kept
//! one, what the opening is, whether a reported balance agrees, and the statement of it all.
//!
//! Nothing here reads a clock, a store, a file or the network: values in, values out.

mod agreement;
mod balance;
mod booking;
mod compare;
mod currency;
mod doubt;
mod evidence;
mod fetched;
mod guard;
mod ids;
mod matching;
mod naming;
mod opening;
mod reconcile;
mod running;
mod same;
mod statement;
mod totals;
mod unheld;

pub use agreement::{Agreed, Judgement, Verdict, last_agreed};
pub use balance::{Reported, reported_balance};
pub use booking::{Entry, Refusal, Rules, book, book_kept};
pub use compare::{Asked, Changed, Comparison, Missing, NewRow, compare};
pub use currency::{CurrencyTrouble, account_currency};
pub use evidence::{Evidence, Piece, amount_sign, balance_sign};
pub use fetched::{Fetched, Span, gather};
pub use guard::{Alarm, guard};
pub use ids::{ofx_identity, pending_fingerprint};
pub use naming::name_rows;
pub use opening::{anchor, has_opening, late_before};
pub use reconcile::{Narrowed, Reconciliation, reconcile, shown};
pub use same::{Difference, RowProof, Traits};
pub use statement::{
    Source, Summary, account_line, balance_gap, balance_lines, drift, statement, summary,
};
pub use totals::Ledger;
pub use unheld::Unheld;

/// A bank's text on one line for a terminal: control characters and marks of direction, which
/// could rewrite what stands around them, become spaces.
#[must_use]
pub fn one_line(text: &str) -> String {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
    };
    let seen: String = text.chars().map(|c| if unseen(c) { ' ' } else { c }).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}
