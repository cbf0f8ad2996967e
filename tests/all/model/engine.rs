//! One owner: a folder, a store and the program's own engine, driven without a command line.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use sophtron_sync::domain::{
    Account, AccountId, AccountType, AmountSign, BalanceSign, Credentials, DecimalMark,
    DescriptionStyle, Family, Fault, FileSettings, Format, KeptAccount, KeptRow, LoginId, Name,
    Refresh, RowCurrency, Statement, Style, SyncSettings,
};
use sophtron_sync::sophtron::{Gate, Pace};
use sophtron_sync::store::{Store, StoreError};
use sophtron_sync::sync::{
    Desk, FamilyOrder, Keys, Manner, News, Shelf, Wanted, account_statement, account_summary,
    publish_family, sync_family,
};
use tokio::runtime::Runtime;

use crate::bank::Bank;

/// What one sync gave: the account's outcome, and the files that were written.
pub(super) struct Synced {
    pub(super) read: Result<News, Fault>,
    pub(super) written: Vec<PathBuf>,
}

/// What the store knows of the account.
pub(super) struct Known {
    pub(super) kept: KeptAccount,
    pub(super) rows: Vec<KeptRow>,
    pub(super) statement: Statement,
    pub(super) drift: Option<rust_decimal::Decimal>,
    pub(super) balance: Option<rust_decimal::Decimal>,
}

/// An owner with one account.
pub(super) struct Owner<'r> {
    runtime: &'r Runtime,
    desk: Arc<Desk>,
    order: FamilyOrder,
    seconds: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

impl<'r> Owner<'r> {
    /// Sets up an owner of the bank's only account.
    pub(super) fn beside(
        bank: &Bank,
        runtime: &'r Runtime,
        start: NaiveDate,
        overlap: u32,
    ) -> Self {
        let folder = in_memory();
        let store = Store::open(folder.path()).expect("a store");
        let seconds = Arc::new(AtomicI64::new(0));
        let now = Arc::clone(&seconds);
        let output_dir = folder.path().join("bank");
        let shelf = Shelf::new(store);
        let desk = Desk {
            counter: shelf.clone(),
            shelf,
            gate: Gate::new(),
            clock: Arc::new(move || at(now.load(Ordering::Relaxed))),
            schedule: sophtron_sync::domain::Schedule::default(),
            settings: SyncSettings {
                refresh: Refresh::Never,
                overlap_days: overlap,
                poll: Duration::from_millis(1),
                monthly_requests: 1_000_000,
            },
            files: files(output_dir.clone()),
            pace: Pace {
                between_tries: [Duration::from_micros(10); 2],
                longest_retry_after: Duration::ZERO,
                ..Pace::quick()
            },
            progress: Arc::new(|_| {}),
        };
        let order = order(bank, output_dir.join("smith"), start);
        Self { runtime, desk: Arc::new(desk), order, seconds, folder }
    }

    /// Syncs at noon of a day, and writes the files.
    pub(super) fn sync(&self, day: NaiveDate, accept: bool) -> Result<Synced, String> {
        let noon = day.and_hms_opt(12, 0, 0).expect("noon").and_utc().timestamp();
        self.seconds.store(noon, Ordering::Relaxed);
        let manner = Manner { refresh: false, full: false, accept, looks_at_waiting: true };
        let order = FamilyOrder { manner, ..self.order.clone() };
        let mut outcome = self.runtime.block_on(sync_family(&self.desk, &order));
        let (family, settings) = (self.order.family.clone(), self.desk.files.clone());
        let published = self.with(move |store| publish_family(store, &family, &settings));
        let trouble: Vec<_> = outcome.trouble.iter().chain(&published.notes).collect();
        if !trouble.is_empty() || outcome.accounts.len() != 1 {
            return Err(format!("trouble: {trouble:?}, {:?}", outcome.accounts));
        }
        let read = outcome.accounts.remove(0).result;
        Ok(Synced { read, written: published.files })
    }

    /// What the store knows; nothing before the first good read.
    pub(super) fn known(&self) -> Option<Known> {
        let name = Name::parse("checking").expect("a name");
        let family = self.order.family.name.clone();
        let style = self.desk.files.style.clone();
        self.with(move |store| {
            let Some(kept) = store.account(&family, &name)? else { return Ok(None) };
            let Some(statement) = account_statement(store, &kept, &style)? else { return Ok(None) };
            let summary = account_summary(store, &kept, &style)?.expect("it has a statement");
            let rows = store.rows(kept.key)?;
            let drift = summary.drift.map(|drift| drift.amount);
            Ok(Some(Known { kept, rows, statement, drift, balance: summary.balance }))
        })
    }

    /// What happened to the row of an id.
    pub(super) fn events(&self, id: &str) -> Vec<String> {
        let asked = id.to_owned();
        let stories = self.with(move |store| store.stories(&asked));
        let mut its = stories.into_iter().filter(|story| story.row.id.as_deref() == Some(id));
        let events = its.next().map(|story| story.events).unwrap_or_default();
        events.into_iter().map(|(_, what)| what).collect()
    }

    /// The account's folder.
    pub(super) fn account_folder(&self) -> PathBuf {
        self.family_folder().join("checking")
    }

    /// The family's folder.
    pub(super) fn family_folder(&self) -> PathBuf {
        self.folder.path().join("bank/smith")
    }

    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.runtime.block_on(self.desk.shelf.with(work)).expect("the store works")
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("a time")
}

/// A folder in memory, where the machine has such a place: what is tested is not its disk.
fn in_memory() -> tempfile::TempDir {
    let shared = Path::new("/dev/shm");
    let made = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    made.expect("a folder")
}

fn files(output_dir: PathBuf) -> FileSettings {
    let style = Style {
        unknown_expense: "Expenses:Unknown".to_owned(),
        unknown_income: "Income:Unknown".to_owned(),
        opening: "Equity:Opening Balances".to_owned(),
        reconciliation: "Equity:Reconciliation".to_owned(),
        description: DescriptionStyle::Tag,
        commodity: std::collections::BTreeMap::new(),
        decimal_mark: DecimalMark::Point,
        declarations: true,
        spreadsheet_safe: false,
    };
    FileSettings {
        output_dir,
        formats: Format::ALL.to_vec(),
        mode: 0o640,
        group: None,
        style,
        status_page: None,
        metrics: None,
    }
}

fn order(bank: &Bank, output_dir: PathBuf, start: NaiveDate) -> FamilyOrder {
    let secret = |text: &str| SecretString::from(text.to_owned());
    let (id, login, credentials) = bank.edit(|world| {
        let user = &world.users[0];
        let login = &user.logins[0];
        let credentials = Credentials::new(secret(&user.id), secret(&user.access_key));
        (login.accounts[0].id.clone(), login.id.clone(), credentials)
    });
    let family = Family {
        name: Name::parse("smith").expect("a name"),
        base_url: bank.base_url(),
        start_date: Some(start),
        output_dir,
        own_folder: false,
        group: None,
        mode: 0o640,
        paused: false,
        accounts: vec![account(&id, &login)],
    };
    let keys = Ok(Keys { credentials, fingerprint: "the only one".to_owned() });
    let manner = Manner { refresh: false, full: false, accept: false, looks_at_waiting: true };
    FamilyOrder { family, keys, wanted: Wanted::All, manner }
}

fn account(id: &str, login: &str) -> Account {
    Account {
        id: AccountId::new(id),
        login: Some(LoginId::new(login)),
        name: Name::parse("checking").expect("a name"),
        kind: AccountType::Depository,
        ledger: "Assets:Bank:Checking".to_owned(),
        currency: None,
        row_currency: RowCurrency::Strict,
        start_date: None,
        opening_entry: true,
        track: None,
        balance_sign: BalanceSign::Signed,
        amount_sign: AmountSign::Auto,
        refresh: None,
        max_age: None,
        closed: None,
    }
}
