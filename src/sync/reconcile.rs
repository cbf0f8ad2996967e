//! Books the difference between reported and computed balance, on the owner's word.

use chrono::{DateTime, Days, Utc};

use crate::books::{Ledger, Reconciliation, Rules, name_rows, reconcile, shown};
use rust_decimal::Decimal;

use crate::domain::{
    Agreement, Currency, Day, KeptAccount, KeptRow, ReceivedRow, Report, Sent, Standing, Style,
};
use crate::store::{Store, StoreError};

use super::plan;
use super::source::with_source;

/// Where the books of an account and what the bank reports part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parting {
    /// The account's currency.
    pub currency: Currency,
    /// What was found.
    pub found: Reconciliation,
    /// The booked rows between the last agreement and the parting.
    pub rows: Vec<Between>,
}

/// A booked row, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// Its id in the files.
    pub id: Option<String>,
    /// Its booked day.
    pub day: Day,
    /// Its booked amount.
    pub amount: Decimal,
    /// The bank's text.
    pub description: Option<String>,
}

/// Looks where an account's books and what the bank reports part; `None` where it was never read.
///
/// # Errors
/// What the store cannot do.
pub fn account_parting(
    store: &Store,
    kept: &KeptAccount,
    style: &Style,
    overlap_days: u32,
) -> Result<Option<Parting>, StoreError> {
    let inside = inside_from(store, kept, overlap_days)?;
    with_source(store, kept, style, &store.rows(kept.key)?, |source| {
        let found = reconcile(source, inside);
        let rows = source.rows.iter().filter(|row| found.between.contains(&row.key));
        let rows = rows.filter_map(|row| {
            let (day, amount) = shown(row, source)?;
            let description = row.row.description.clone();
            Some(Between { id: row.id.clone(), day, amount, description })
        });
        Parting { currency: source.rules.currency.clone(), rows: rows.collect(), found }
    })
}

/// The first day whose rows may vanish: older ones are not asked for.
fn inside_from(store: &Store, kept: &KeptAccount, overlap_days: u32) -> Result<Day, StoreError> {
    let newest = store.newest_day(kept.key)?.max(kept.cursor.read_at.map(plan::caught_up));
    let overlap = Days::new(u64::from(overlap_days));
    Ok(newest.and_then(|newest| newest.checked_sub_days(overlap)).unwrap_or(Day::MIN))
}

/// What the entry of a reconciliation is called.
const PAYEE: &str = "Reconciliation";

/// Books one entry of the drift, dated the day of the reported balance, and takes that balance as
/// agreed. Does nothing where there is no drift.
///
/// # Errors
/// What the store cannot do; then nothing was booked.
pub fn accept_balance(
    store: &mut Store,
    kept: &KeptAccount,
    found: &Reconciliation,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (Some(drift), Some(settled)) = (&found.drift, &kept.settled) else { return Ok(()) };
    let rules = Rules::of(kept, settled);
    store.atomically(|store| {
        let mut reports = store.reports(kept.key)?.into_iter();
        let Some(last) = reports.rfind(|report| report.balance.is_some()) else { return Ok(()) };
        let entry = ReceivedRow {
            amount: Sent::Value(drift.amount),
            currency: Some(rules.currency.code().to_owned()),
            transaction_date: Sent::Value(last.day),
            description: Some(PAYEE.to_owned()),
            ..ReceivedRow::default()
        };
        let added = store.add_rows(kept.key, last.read, Standing::Entry, [(None, &entry)])?;
        store.add_event(kept.key, now, added.first().copied(), "booked by `reconcile --accept`")?;
        let mut rows = store.rows(kept.key)?;
        for (key, id) in name_rows(&mut rows, &kept.family, &kept.first_name, &rules) {
            store.name_row(key, &id)?;
        }
        agree(store, kept, &rules, &rows, &last)?;
        store.count_change(&kept.family)
    })
}

/// Takes the last reported balance as agreed with every row that is booked now.
fn agree(
    store: &Store,
    kept: &KeptAccount,
    rules: &Rules,
    rows: &[KeptRow],
    last: &Report,
) -> Result<(), StoreError> {
    let Some(balance) = last.balance else { return Ok(()) };
    let ledger = Ledger::new(rows, rules);
    let opening = kept.anchor.as_ref().and_then(|anchor| ledger.opening(anchor));
    let signed = rules.signed(balance);
    let judged = match (opening, signed) {
        (Some(opening), Some(signed)) => ledger.judge(opening, signed, last.day, &[]),
        _ => None,
    };
    let Some(judged) = judged else { return Ok(()) };
    store.set_agreed(rows, &ledger.counted(judged.verdict, last.day))?;
    store.save_agreement(kept.key, &Agreement { balance, day: last.day })?;
    store.add_report(kept.key, &Report { computed: Some(judged.computed), ..last.clone() })
}
