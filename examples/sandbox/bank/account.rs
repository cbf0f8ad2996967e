//! One account: what the bank's books hold, and how the service tells it.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use rust_decimal::Decimal;

use super::ids::guid;
use super::json::{Json, Patch};
use super::row::{Row, Shown, day, decimal};

/// How a bank writes the amounts of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amounts {
    /// Signed, with `DEBIT` and `CREDIT`.
    Signed,
    /// Without a sign, with `Debit` and `Credit`.
    Unsigned,
    /// Signed, without `Type`.
    Untyped,
    /// Positive is out, without `Type`.
    Inverted,
}

impl Amounts {
    /// The number that is sent for a signed amount, its digits kept.
    pub fn written(self, amount: &str) -> String {
        match (self, amount.strip_prefix('-')) {
            (Self::Unsigned | Self::Inverted, Some(magnitude)) => magnitude.to_owned(),
            (Self::Inverted, None) if !decimal(amount).is_zero() => format!("-{amount}"),
            _ => amount.to_owned(),
        }
    }

    /// The `Type` of a row.
    pub fn kind(self, row: &Row) -> Json {
        let out = row.amount.starts_with('-');
        match self {
            Self::Signed => Json::text(if out { "DEBIT" } else { "CREDIT" }),
            Self::Unsigned => Json::text(if out { "Debit" } else { "Credit" }),
            Self::Untyped | Self::Inverted => Json::null(),
        }
    }
}

/// How a bank reports what is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceSign {
    /// A debt is negative.
    Signed,
    /// A debt is positive.
    Owed,
}

/// Under which keys the balance is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BalanceKeys {
    /// `Balance` alone.
    Balance,
    /// `AccountBalance` alone.
    AccountBalance,
    /// Both, with the same number.
    Both,
    /// Both; `AccountBalance` with this number.
    Differ(String),
    /// Neither.
    Neither,
    /// Neither until a refresh ran, then `Balance`.
    AfterRefresh,
}

/// What `AvailableBalance` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Available {
    /// `null`.
    Null,
    /// The balance.
    Same,
    /// The credit that is left of a limit.
    Credit(String),
    /// This number.
    Fixed(String),
}

/// How an owner would configure the account.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// Its name.
    pub name: String,
    /// `depository`, `credit_card`, `investment`, `loan` or `other`.
    pub kind: String,
    /// The account in the owner's ledger.
    pub ledger: String,
    /// Three letters.
    pub currency: String,
}

/// One account.
#[derive(Debug, Clone)]
pub struct Account {
    /// `AccountID`.
    pub id: String,
    /// `AccountName`.
    pub name: String,
    /// `AccountNumber`.
    pub number: String,
    /// `AccountType`.
    pub kind: String,
    /// `SubType`.
    pub sub_kind: Option<String>,
    /// What it held before its first row, with the digits meant: negative is owed.
    pub opening: String,
    /// The reported balance where it does not follow from the rows, in the bank's sign.
    pub fixed_balance: Option<String>,
    /// Market values of an investment by day, ascending: its `Balance`, rows being cash.
    pub market: Vec<(NaiveDate, String)>,
    /// Whether an investment tells its `CashBalance`.
    pub tells_cash: bool,
    /// How a debt is reported.
    pub balance_sign: BalanceSign,
    /// Under which keys the balance stands.
    pub balance_keys: BalanceKeys,
    /// `AvailableBalance`.
    pub available: Available,
    /// How amounts of rows are written.
    pub amounts: Amounts,
    /// `BalanceCurrency`, and `Currency` of the rows.
    pub currency: Json,
    /// `DueDate`.
    pub due: Option<NaiveDate>,
    /// The day of the service's copy.
    pub copied: NaiveDate,
    /// The day of its balance, where a job brought that before the rows.
    pub balance_copied: Option<NaiveDate>,
    /// `LastUpdated` where it is not the day of the copy.
    pub last_updated: Option<Json>,
    /// How many refreshes ended.
    pub refreshes: u32,
    /// Whether it is in the list of its login.
    pub listed: bool,
    /// Whether a job is still to bring it into that list.
    pub fresh: bool,
    /// What the owner would configure.
    pub suggestion: Suggestion,
    /// Its transactions, in the order in which they are sent.
    pub rows: Vec<Row>,
    /// What is sent otherwise than the above says.
    pub patch: Patch,
}

impl Account {
    /// An empty checking account in dollars.
    pub fn new(id: String, name: &str, copied: NaiveDate) -> Self {
        let slug = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        Self {
            number: format!("xxx{}", 1000 + u32::from_str_radix(&id[..3], 16).unwrap_or(0)),
            id,
            name: name.to_owned(),
            kind: "Checking".to_owned(),
            sub_kind: None,
            opening: "0".to_owned(),
            fixed_balance: None,
            market: Vec::new(),
            tells_cash: false,
            balance_sign: BalanceSign::Signed,
            balance_keys: BalanceKeys::Balance,
            available: Available::Same,
            amounts: Amounts::Signed,
            currency: Json::text("$"),
            due: None,
            copied,
            balance_copied: None,
            last_updated: None,
            refreshes: 0,
            listed: true,
            fresh: false,
            suggestion: Suggestion {
                kind: "depository".to_owned(),
                ledger: format!("Assets:Bank:{name}"),
                currency: "USD".to_owned(),
                name: slug,
            },
            rows: Vec::new(),
            patch: Patch::default(),
        }
    }

    /// Says what it held before its first row: negative is owed.
    pub fn opening(&mut self, amount: &str) -> &mut Self {
        decimal(amount);
        amount.clone_into(&mut self.opening);
        self
    }

    /// Says the service's words for its kind.
    pub fn kind(&mut self, kind: &str) -> &mut Self {
        kind.clone_into(&mut self.kind);
        self
    }

    /// Says how its amounts are written.
    pub fn amounts(&mut self, amounts: Amounts) -> &mut Self {
        self.amounts = amounts;
        self
    }

    /// Says how a debt is reported.
    pub fn balance_sign(&mut self, sign: BalanceSign) -> &mut Self {
        self.balance_sign = sign;
        self
    }

    /// Says under which keys the balance stands.
    pub fn balance_keys(&mut self, keys: BalanceKeys) -> &mut Self {
        self.balance_keys = keys;
        self
    }

    /// Says what stands for the currency, in the account and its rows.
    pub fn currency(&mut self, currency: Json) -> &mut Self {
        self.currency = currency;
        self
    }

    /// Reports this balance, whatever the rows add up to.
    pub fn balance(&mut self, reported: &str) -> &mut Self {
        self.fixed_balance = Some(reported.to_owned());
        self
    }

    /// Says how its owner configures it: kind, account in the ledger, currency.
    pub fn suggest(&mut self, kind: &str, ledger: &str, currency: &str) -> &mut Self {
        kind.clone_into(&mut self.suggestion.kind);
        ledger.clone_into(&mut self.suggestion.ledger);
        currency.clone_into(&mut self.suggestion.currency);
        self
    }

    /// Sends another value under a key.
    pub fn set(&mut self, key: &str, value: Json) -> &mut Self {
        self.patch.set(key, value);
        self
    }

    /// Adds a row of a day, `YYYY-MM-DD`: a signed amount, negative being out, and its text.
    pub fn add_row(&mut self, on: &str, amount: &str, description: &str) -> &mut Row {
        self.add_row_on(day(on), amount, description)
    }

    /// Adds a row of a day.
    pub fn add_row_on(&mut self, on: NaiveDate, amount: &str, description: &str) -> &mut Row {
        let id = guid(&[&self.id, "row", &self.rows.len().to_string()]);
        self.rows.push(Row::new(id, on, amount, description));
        self.rows.last_mut().expect("one was added")
    }

    /// The row with that `TransactionID`.
    pub fn row_mut(&mut self, id: &str) -> &mut Row {
        let found = self.rows.iter_mut().find(|row| row.id == id);
        found.unwrap_or_else(|| panic!("no row {id}"))
    }

    /// Copies the bank anew as of a day, as a refresh does: rows that waited for it are there,
    /// balance and `LastUpdated` move.
    pub fn publish(&mut self, on: NaiveDate) -> &mut Self {
        self.show(Shown::AfterRefresh, Shown::Now);
        self.copied = on;
        self.balance_copied = None;
        self.last_updated = None;
        self.refreshes += 1;
        self
    }

    /// Turns every row shown in one way into one shown in another.
    pub fn show(&mut self, from: Shown, to: Shown) {
        for row in self.rows.iter_mut().filter(|row| row.shown == from) {
            row.shown = to;
        }
    }

    /// The rows that the service has.
    pub fn shown_rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.is_shown(self.copied))
    }

    /// What the bank's books hold as of the copy: opening and posted rows, negative being owed.
    pub fn books(&self) -> Decimal {
        let day = self.balance_copied.unwrap_or(self.copied);
        // A job may bring the balance before the rows that it counts.
        let ahead = |row: &Row| {
            let waits = matches!(row.shown, Shown::AfterRefresh | Shown::AfterRead);
            waits && self.balance_copied.is_some()
        };
        let in_it = |row: &&Row| row.is_shown(day) || ahead(row);
        let posted = self.rows.iter().filter(|row| !row.pending).filter(in_it);
        decimal(&self.opening) + posted.map(Row::value).sum::<Decimal>()
    }

    /// The `Balance` that is reported, in the bank's sign.
    pub fn reported(&self) -> String {
        let value = self.market.iter().rev().find(|(day, _)| *day <= self.copied);
        match (&self.fixed_balance, value) {
            (Some(fixed), _) => fixed.clone(),
            (None, Some((_, value))) => value.clone(),
            (None, None) => self.in_bank_sign(self.books()).to_string(),
        }
    }

    /// Turns a number from the books' sign to the bank's, or back.
    pub fn in_bank_sign(&self, value: Decimal) -> Decimal {
        let turned = self.balance_sign == BalanceSign::Owed && !value.is_zero();
        if turned { -value } else { value }
    }

    /// The record that is sent.
    pub fn json(&self, login_id: &str) -> Json {
        let mut keys = vec![
            ("UserInstitutionID", Json::text(login_id)),
            ("AccountID", Json::text(&self.id)),
            ("AccountName", Json::text(&self.name)),
            ("AccountNumber", Json::text(&self.number)),
            ("AccountType", Json::text(&self.kind)),
            ("SubType", Json::maybe(self.sub_kind.as_deref())),
        ];
        keys.extend(self.balances());
        let due = self.due.map(|due| format!("{due}T00:00:00"));
        keys.extend([
            ("BalanceCurrency", self.currency.clone()),
            ("LastUpdated", self.updated()),
            ("DueDate", Json::maybe(due.as_deref())),
            ("Status", Json::literal("1")),
        ]);
        let unset = [
            "FullAccountNumber",
            "RoutingNumber",
            "InstitutionNumber",
            "TransitNumber",
            "OwnerName",
            "Address",
            "InsuranceData",
            "CreditCardData",
            "LoanData",
        ];
        keys.extend(unset.map(|key| (key, Json::null())));
        let cash = self.tells_cash.then(|| self.books().to_string());
        keys.push(("CashBalance", Json::number(cash.as_deref())));
        let mut keys = keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        self.patch.apply(&mut keys);
        Json::Object(keys)
    }

    fn balances(&self) -> Vec<(&'static str, Json)> {
        let reported = Json::Literal(self.reported());
        let mut keys = match &self.balance_keys {
            BalanceKeys::Balance => vec![("Balance", reported)],
            BalanceKeys::AccountBalance => vec![("AccountBalance", reported)],
            BalanceKeys::Both => vec![("Balance", reported.clone()), ("AccountBalance", reported)],
            BalanceKeys::Differ(other) => {
                vec![("Balance", reported), ("AccountBalance", Json::literal(other))]
            }
            BalanceKeys::AfterRefresh if self.refreshes > 0 => vec![("Balance", reported)],
            BalanceKeys::Neither | BalanceKeys::AfterRefresh => vec![],
        };
        let available = match &self.available {
            Available::Null => None,
            Available::Same => Some(self.reported()),
            Available::Fixed(text) => Some(text.clone()),
            Available::Credit(limit) => Some((decimal(limit) + self.books()).to_string()),
        };
        keys.push(("AvailableBalance", Json::number(available.as_deref())));
        keys
    }

    /// `LastUpdated`: the morning of the copy, a minute later with every refresh.
    fn updated(&self) -> Json {
        let morning = NaiveTime::from_hms_opt(7, 12, 9).expect("a time of day");
        let time = morning + TimeDelta::minutes(i64::from(self.refreshes));
        let text = format!("{}T{}", self.copied, time.format("%H:%M:%S.54"));
        self.last_updated.clone().unwrap_or(Json::Text(text))
    }
}
