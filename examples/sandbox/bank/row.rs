//! One transaction, as the bank means it and as the service sends it.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::account::Amounts;
use super::json::{Json, Patch};

/// Reads a day, `YYYY-MM-DD`; only for texts that stand in a program.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("no day: {text}"))
}

/// When the service has a copy of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It has one.
    Now,
    /// As soon as its copy of the account is of that day or later.
    From(NaiveDate),
    /// After the next refresh.
    AfterRefresh,
    /// After the next read of rows, for a job that ends before its rows are there.
    AfterRead,
    /// No longer: the bank took it back.
    Gone,
}

/// One transaction.
#[derive(Debug, Clone)]
pub struct Row {
    /// `TransactionID`.
    pub id: String,
    /// `TransactionDate` and `Date`.
    pub day: NaiveDate,
    /// `PostDate`.
    pub posted: NaiveDate,
    /// The signed amount with the digits that are sent: negative is out of the account, or more
    /// debt, whatever the bank's own convention is.
    pub amount: String,
    /// `Description`.
    pub description: String,
    /// `Merchant`.
    pub merchant: Option<String>,
    /// `Category`.
    pub category: Option<String>,
    /// `CheckNum`.
    pub check_number: Option<String>,
    /// `Memo`.
    pub memo: Option<String>,
    /// Whether `Status` is `Pending`.
    pub pending: bool,
    /// When the service has it.
    pub shown: Shown,
    /// Whether a careful reader can book it as it is sent.
    pub understood: bool,
    /// Whether it is sent for whatever span is asked.
    pub in_every_span: bool,
    /// What is sent otherwise than the above says.
    pub patch: Patch,
}

impl Row {
    /// A posted row of that day, which the service has.
    pub fn new(id: String, day: NaiveDate, amount: &str, description: &str) -> Self {
        decimal(amount);
        Self {
            id,
            day,
            posted: day,
            amount: amount.to_owned(),
            description: description.to_owned(),
            merchant: None,
            category: None,
            check_number: None,
            memo: None,
            pending: false,
            shown: Shown::Now,
            understood: true,
            in_every_span: false,
            patch: Patch::default(),
        }
    }

    /// Gives it this `TransactionID`.
    pub fn id(&mut self, id: &str) -> &mut Self {
        id.clone_into(&mut self.id);
        self
    }

    /// Gives it a merchant.
    pub fn merchant(&mut self, text: &str) -> &mut Self {
        self.merchant = Some(text.to_owned());
        self
    }

    /// Gives it a category.
    pub fn category(&mut self, text: &str) -> &mut Self {
        self.category = Some(text.to_owned());
        self
    }

    /// Gives it a check number.
    pub fn check_number(&mut self, text: &str) -> &mut Self {
        self.check_number = Some(text.to_owned());
        self
    }

    /// Gives it a memo.
    pub fn memo(&mut self, text: &str) -> &mut Self {
        self.memo = Some(text.to_owned());
        self
    }

    /// Posts it on another day than it was made.
    pub fn posted(&mut self, on: NaiveDate) -> &mut Self {
        self.posted = on;
        self
    }

    /// Makes it pending.
    pub fn pending(&mut self) -> &mut Self {
        self.pending = true;
        self
    }

    /// Says when the service has it.
    pub fn shown(&mut self, shown: Shown) -> &mut Self {
        self.shown = shown;
        self
    }

    /// Says that no careful reader books it.
    pub fn not_understood(&mut self) -> &mut Self {
        self.understood = false;
        self
    }

    /// Sends it for whatever span is asked.
    pub fn in_every_span(&mut self) -> &mut Self {
        self.in_every_span = true;
        self
    }

    /// Sends another value under a key.
    pub fn set(&mut self, key: &str, value: Json) -> &mut Self {
        self.patch.set(key, value);
        self
    }

    /// Sends a key more, even one that is there.
    pub fn add(&mut self, key: &str, value: Json) -> &mut Self {
        self.patch.add(key, value);
        self
    }

    /// Leaves a key out.
    pub fn leave_out(&mut self, key: &str) -> &mut Self {
        self.patch.leave_out(key);
        self
    }

    /// Its amount as a value.
    pub fn value(&self) -> Decimal {
        decimal(&self.amount)
    }

    /// Whether the service has it, its copy of the account being of that day.
    pub fn is_shown(&self, copied: NaiveDate) -> bool {
        match self.shown {
            Shown::Now => true,
            Shown::From(day) => day <= copied,
            Shown::AfterRefresh | Shown::AfterRead | Shown::Gone => false,
        }
    }

    /// The record that is sent.
    pub fn json(&self, account_id: &str, currency: &Json, amounts: Amounts) -> Json {
        let midnight = |day: NaiveDate| Json::Text(format!("{day}T00:00:00"));
        self.patch.onto([
            ("CheckImage", Json::null()),
            ("UserInstitutionAccountID", Json::text(account_id)),
            ("TransactionID", Json::text(&self.id)),
            ("Status", Json::text(if self.pending { "Pending" } else { "Posted" })),
            ("Type", amounts.kind(self)),
            ("Amount", Json::Literal(amounts.written(&self.amount))),
            ("Currency", currency.clone()),
            ("Date", midnight(self.day)),
            ("TransactionDate", midnight(self.day)),
            ("PostDate", if self.pending { Json::null() } else { midnight(self.posted) }),
            ("Description", Json::text(&self.description)),
            ("Balance", Json::null()),
            ("Merchant", Json::maybe(self.merchant.as_deref())),
            ("Category", Json::maybe(self.category.as_deref())),
            ("CheckNum", Json::maybe(self.check_number.as_deref())),
            ("Memo", Json::maybe(self.memo.as_deref())),
            ("LastModified", Json::Text(format!("{}T07:12:09.54", self.posted))),
        ])
    }
}

/// Reads a plain decimal that stands in a program.
pub fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap_or_else(|_| panic!("no plain decimal: {text}"))
}
