//! One account's books, ready to be written: what every writer takes.

use rust_decimal::Decimal;

use super::{AccountType, Currency, Day, Money, Name, Track};

/// One account's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The family's name.
    pub family: Name,
    /// The account's configured name.
    pub account: Name,
    /// Its id at the service as first linked.
    pub account_id: String,
    /// The configured kind.
    pub kind: AccountType,
    /// What is tracked; [`Track::Value`] has no rows at all.
    pub track: Track,
    /// The account's name in the owner's ledger.
    pub ledger: String,
    /// The account's currency.
    pub currency: Currency,
    /// The first day that is booked.
    pub start: Day,
    /// The balance at the beginning of the start day, as booked (owed is negative); `None` while
    /// it is not known or not tracked.
    pub opening: Option<Decimal>,
    /// The other side of the opening entry.
    pub opening_account: String,
    /// Whether the opening entry stands in the included files, or in `checks.journal` alone.
    pub opening_entry: bool,
    /// Booked rows, ascending by (day, first-seen sequence).
    pub bookings: Vec<Booking>,
    /// Pending rows, ascending likewise; in no balance.
    pub pending: Vec<Booking>,
    /// The last agreed balance, carried to the newest booked day.
    pub assertion: Option<Assertion>,
    /// How OFX names the account.
    pub ofx: OfxIdentity,
}

/// One booked (or pending) row. Texts are as the service sent them: each writer sanitises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// The id that never changes: `sophtron-id`, CSV `id`, FITID.
    pub id: String,
    /// The booked day.
    pub day: Day,
    /// The amount on the account: negative is out.
    pub amount: Money,
    /// Merchant, else Description; empty becomes `Unknown`.
    pub payee: String,
    /// `Description`.
    pub description: Option<String>,
    /// `Category`.
    pub category: Option<String>,
    /// `Memo`.
    pub memo: Option<String>,
    /// `CheckNum`.
    pub check_number: Option<String>,
    /// `PostDate`.
    pub posted: Option<Day>,
    /// `Type` as sent.
    pub kind: Option<String>,
    /// Whether the service sent any `Status`.
    pub has_status: bool,
    /// The other side's account.
    pub other_side: String,
}

/// A balance that the bank reported and that agreed, carried to the newest booked day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The account's newest booked day, or the start date if it has no row.
    pub day: Day,
    /// What the books must say at the end of that day.
    pub amount: Decimal,
    /// The day of the reported balance that agreed.
    pub agreed_on: Day,
    /// The reported balance that agreed.
    pub agreed: Decimal,
    /// A later reported balance that does not agree.
    pub drift: Option<Drift>,
}

/// A reported balance that the books do not explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Reported less computed.
    pub amount: Decimal,
    /// The first day on which it showed.
    pub since: Day,
}

/// How OFX names the account: the reader's key, which never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfxIdentity {
    /// BANKID: the routing number as first seen, else nine zeros; at most 9 characters.
    pub bank_id: String,
    /// ACCTID: at most 22 characters.
    pub account_id: String,
    /// ACCTTYPE of a depository account as first seen: `CHECKING`, `SAVINGS` or `MONEYMRKT`.
    pub account_type: String,
}

/// One line of `accounts.csv`. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// The family's name.
    pub family: Name,
    /// The account's configured name.
    pub account: Name,
    /// Its present id at the service.
    pub account_id: String,
    /// The bank's name.
    pub institution: Option<String>,
    /// The configured kind.
    pub kind: AccountType,
    /// The last four letters or digits of the account number.
    pub mask: Option<String>,
    /// The account's currency, once it is known.
    pub currency: Option<Currency>,
    /// The latest reported balance, as booked.
    pub balance: Option<Decimal>,
    /// The latest available balance.
    pub available: Option<Decimal>,
    /// The first day on which the present balance was reported.
    pub balance_date: Option<Day>,
}

/// One line of `balances.csv`. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceLine {
    /// The day of the reported balance.
    pub date: Day,
    /// The account's configured name.
    pub account: Name,
    /// The reported balance, as booked.
    pub balance: Option<Decimal>,
    /// The available balance.
    pub available: Option<Decimal>,
    /// The account's currency.
    pub currency: Currency,
    /// Opening plus rows.
    pub computed: Option<Decimal>,
    /// Reported less computed.
    pub drift: Option<Decimal>,
}
