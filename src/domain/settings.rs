//! What the configuration yields: values that the rooms below take one by one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{Account, Currency, Day, KeptAccount, LoginId, Name};

/// One family, validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The folder's name, stable for ever.
    pub name: Name,
    /// The service's address up to and with `/api`, without a slash at the end.
    pub base_url: String,
    /// The start date, where the owner stated it.
    pub start_date: Option<Day>,
    /// The resolved folder of its files.
    pub output_dir: PathBuf,
    /// Whether the folder is its own, apart from the shared one.
    pub own_folder: bool,
    /// The group of its files, where one is set.
    pub group: Option<String>,
    /// The mode of its files; folders get the matching x bits.
    pub mode: u32,
    /// No requests, no alarms.
    pub paused: bool,
    /// Its linked accounts, in the configuration's order.
    pub accounts: Vec<Account>,
}

impl Family {
    /// The configured accounts of a login, by what is configured, else by what is kept of them.
    pub fn accounts_of<'a>(
        &'a self,
        login: &'a LoginId,
        kept: &'a [KeptAccount],
    ) -> impl Iterator<Item = &'a Account> {
        self.accounts.iter().filter(move |account| account.login_among(kept) == Some(login))
    }
}

/// `[sync]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncSettings {
    /// When banks are asked for new data.
    pub refresh: Refresh,
    /// How far a read goes back behind the newest booked day, in days.
    pub overlap_days: u32,
    /// How often a job is looked at in its first minute.
    pub poll: Duration,
    /// The most requests of one family in a calendar month.
    pub monthly_requests: u64,
}

/// When a bank is asked for new data. The longer of two is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refresh {
    /// When the service's copy is older than this.
    Every(Duration),
    /// Never: what the service has is only read.
    Never,
}

/// A format of the account files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Plain-text accounting for ledger and hledger.
    Ledger,
    /// A table.
    Csv,
    /// OFX 1.02, for GnuCash and its kin.
    Ofx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Ledger, Self::Csv, Self::Ofx];

    /// The word of the configuration, which is the file's extension too.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Csv => "csv",
            Self::Ofx => "ofx",
        }
    }
}

/// `[files]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSettings {
    /// The shared folder, resolved.
    pub output_dir: PathBuf,
    /// The formats that are written.
    pub formats: Vec<Format>,
    /// The mode of the shared files.
    pub mode: u32,
    /// The group of the shared files, where one is set.
    pub group: Option<String>,
    /// How they are written.
    pub style: Style,
    /// Where the status page of the families that share the folder goes; `None` writes none, nor
    /// one in a family's own folder.
    pub status_page: Option<PathBuf>,
    /// Where the metrics go, if anywhere.
    pub metrics: Option<PathBuf>,
}

/// How account files are written; nothing in it says where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// The other side of a row out that nothing else decides.
    pub unknown_expense: String,
    /// The other side of a row in that nothing else decides.
    pub unknown_income: String,
    /// The other side of the opening balance.
    pub opening: String,
    /// The other side of a reconciliation.
    pub reconciliation: String,
    /// Where the bank's own text goes in ledger files.
    pub description: DescriptionStyle,
    /// How a currency is written in ledger files; a code that is not named stands for itself.
    pub commodity: BTreeMap<Currency, String>,
    /// The decimal mark of ledger files.
    pub decimal_mark: DecimalMark,
    /// Whether `all.ledger` and the yearly journals include `declarations.ledger`.
    pub declarations: bool,
    /// Whether CSV text cells that a spreadsheet would evaluate get a space before them.
    pub spreadsheet_safe: bool,
}

/// Where the bank's own text goes in ledger files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescriptionStyle {
    /// A `; description:` line.
    Tag,
    /// `payee | description`.
    Payee,
    /// Nowhere.
    Off,
}

/// The decimal mark of ledger files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// `18.40`
    Point,
    /// `18,40`
    Comma,
}
