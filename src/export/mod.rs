//! Books in, bytes of files out.
//!
//! Every writer is a function from one account's [`Statement`] (or the lines of a table, or an
//! [`Overview`](crate::domain::Overview)) and a [`Style`] to bytes: no clock, no folder, no store.
//! The same books give the same bytes, whatever the time zone and the locale.
//!
//! | file of the room | writes |
//! | --- | --- |
//! | `text` | the one sanitiser, through which every text of a bank goes |
//! | `span` | the rows of one file, with their running balances |
//! | `ledger` | `<account>/<year>.ledger` |
//! | `opening` | what an opening entry is made of |
//! | `entry` | amounts, postings and commodities of ledger files |
//! | `csv` | `<account>/<year>.csv`, `pending.csv` |
//! | `ofx` | `<account>/<year>.ofx` |
//! | `index` | what a family's entry files need to know of one account |
//! | `journals` | `all.ledger`, `declarations.ledger`, yearly journals, checks and assertions |
//! | `tables` | `accounts.csv`, `balances.csv` |
//! | `event` | the JSON that a hook reads |
//! | `page` | `status.html`: how everything stands, for people |
//! | `metrics` | the same for Prometheus |

mod csv;
mod currencies;
mod entry;
mod event;
mod ids;
mod index;
mod journals;
mod ledger;
mod metrics;
mod ofx;
mod opening;
mod page;
mod span;
mod tables;
mod text;

pub use event::event_json;
pub use ids::row_ids;
pub use index::{AccountIndex, AssertionEntry, Declared, index};
pub use journals::{family_files, shared_all_ledger};
pub use metrics::{METRICS_MARK, metrics};
pub use opening::OpeningEntry;
pub use page::{PAGE_MARK, status_page};
pub use tables::{accounts_csv, families_that_differ, with_lines_of};

use crate::domain::{Day, Format, Statement, Style, Track};
use span::Span;

/// The status page's name in an output folder.
pub const PAGE_NAME: &str = "status.html";

/// `.gitignore` of an output folder, written once where there is none.
pub const GITIGNORE: &str = "status.html\npending.csv\n*.tmp\n*.edited-*\n*.lock\n";

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// Where, relative to the family's folder, with `/` between the parts.
    pub path: String,
    /// What.
    pub bytes: Vec<u8>,
}

/// The files of one account: one a year and format, and `pending.csv` where CSV is written and
/// rows are pending.
///
/// A year without a row has no file, but for the ledger file that holds the opening balance. An
/// account of which only the value is tracked has none at all. OFX is left out where it cannot be
/// true; see [`whole`].
#[must_use]
pub fn account_files(statement: &Statement, style: &Style, formats: &[Format]) -> Vec<OutputFile> {
    if statement.track == Track::Value {
        return Vec::new();
    }
    let balances = span::running_balances(statement);
    let mut files = Vec::new();
    for (year, span) in span::years(statement, &balances) {
        let wanted = |format: &Format| formats.contains(format) && span.has_file(*format);
        for format in Format::ALL.into_iter().filter(wanted) {
            let path = format!("{}/{year:04}.{}", statement.account, format.word());
            let bytes = render(&span, style, format);
            files.extend(bytes.map(|bytes| OutputFile { path, bytes }));
        }
    }
    if formats.contains(&Format::Csv) && !statement.pending.is_empty() {
        let path = format!("{}/pending.csv", statement.account);
        files.push(OutputFile { path, bytes: csv::pending(statement, style) });
    }
    files
}

/// One account in one format, all years in one piece, between two days (both included).
///
/// The opening entry of a ledger file stands in it only if the cut begins at or before the start
/// date; running balances and the balance of an OFX file are those of the whole books, never
/// counted anew from the cut. There are no pending rows.
///
/// `None` where there is no such file: only the value of the account is tracked; or, for OFX, no
/// row lies in the cut, the account's currency has no ISO 4217 code, or (but for an investment)
/// its balance is not known.
#[must_use]
pub fn whole(
    statement: &Statement,
    style: &Style,
    format: Format,
    from: Option<Day>,
    to: Option<Day>,
) -> Option<Vec<u8>> {
    if statement.track == Track::Value {
        return None;
    }
    let balances = span::running_balances(statement);
    render(&span::between(statement, &balances, from, to), style, format)
}

fn render(span: &Span<'_>, style: &Style, format: Format) -> Option<Vec<u8>> {
    match format {
        Format::Ledger => Some(ledger::render(span, style)),
        Format::Csv => Some(csv::render(span, style)),
        Format::Ofx => ofx::render(span),
    }
}
