//! Takes one good read of one account into the store: all of it in one transaction.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::News;
use crate::books::{
    Comparison, Fetched, Ledger, Reported, Rules, Span, Verdict, anchor, book, compare,
    has_opening, name_rows, reported_balance,
};
use crate::domain::{
    Account, Agreement, Anchor, Cursor, Day, KeptAccount, KeptRow, ReadNumber, ReceivedAccount,
    ReceivedRow, Report, Settled, Standing, Track, civil_day,
};
use crate::store::{Store, StoreError};

/// One good read of one account.
pub(super) struct Read {
    /// The account as configured.
    pub account: Account,
    /// The account as kept before.
    pub kept: KeptAccount,
    /// The list's record of it.
    pub received: ReceivedAccount,
    /// What its first good read settles.
    pub settled: Settled,
    /// What is tracked.
    pub track: Track,
    /// The rules that it is booked under.
    pub rules: Rules,
    /// What was asked for.
    pub asked: Span,
    /// What came.
    pub fetched: Fetched,
    /// When.
    pub now: DateTime<Utc>,
}

impl Read {
    fn number(&self) -> ReadNumber {
        self.kept.reads + 1
    }

    /// The day of the reported balance: that of `LastUpdated`, else the UTC day of the read.
    fn day(&self) -> Day {
        let updated = self.received.last_updated.as_deref().and_then(civil_day);
        updated.unwrap_or_else(|| self.now.date_naive())
    }

    fn reported(&self) -> Reported {
        reported_balance(&self.received, self.account.kind, self.track)
    }
}

/// Takes a read into the store.
pub(super) fn take(store: &Store, read: &Read) -> Result<News, StoreError> {
    let key = read.kept.key;
    store.save_received(key, &read.received)?;
    store.save_settled(key, &read.settled)?;
    let before = store.rows(key)?;
    let plan = compare(&before, &read.fetched, read.asked, &read.rules);
    let fresh = carry_out(store, read, &before, &plan)?;
    let mut rows = if plan.leaves_rows_alone() { before } else { store.rows(key)? };
    name(store, read, &mut rows)?;
    let pending_moved = take_pending(store, key, &plan.pending)?;
    let figures_moved = take_balance(store, read, &mut rows, &fresh, &plan.pending)?;
    store.save_cursor(key, read.number(), &cursor(read))?;
    if !plan.is_empty() || pending_moved || figures_moved || read.kept.reads == 0 {
        store.count_change(&read.kept.family)?;
    }
    Ok(news(read, &plan))
}

/// Takes the list's record alone: `LastUpdated` has not moved, so the rows are those that were
/// read last.
pub(super) fn take_unmoved(
    store: &Store,
    key: i64,
    received: &ReceivedAccount,
) -> Result<(), StoreError> {
    store.save_received(key, received)
}

fn news(read: &Read, plan: &Comparison) -> News {
    let odd = plan.new.iter().filter(|new| book(new.row, &read.rules).is_err()).count();
    News {
        added: plan.new.len() - odd,
        changed: plan.changed.len(),
        quarantined: odd + plan.held.len(),
        pending: plan.pending.len(),
        note: None,
    }
}

fn cursor(read: &Read) -> Cursor {
    let earlier = read.kept.cursor.read_from.filter(|day| *day < read.asked.from);
    Cursor {
        read_from: earlier.or(Some(read.asked.from)),
        read_at: Some(read.now),
        last_updated: read.received.last_updated.clone(),
    }
}

/// Carries a comparison out; gives the keys of the new rows.
fn carry_out(
    store: &Store,
    read: &Read,
    before: &[KeptRow],
    plan: &Comparison,
) -> Result<Vec<i64>, StoreError> {
    let (key, number) = (read.kept.key, read.number());
    for changed in &plan.changed {
        store.change_row(changed.key, number, changed.row)?;
        store.add_event(key, read.now, Some(changed.key), "changed")?;
    }
    store.anchor_rows(&out_of_quarantine(before, plan, &read.rules), number)?;
    for held in &plan.held {
        store.hold_version(held.key, number, held.row)?;
        store.add_event(key, read.now, Some(held.key), "new form quarantined")?;
    }
    for (row, id) in &plan.renamed {
        store.add_row_name(*row, id)?;
    }
    for row in &plan.arrived {
        store.drop_outside_row(*row)?;
    }
    let new = plan.new.iter().map(|new| (new.id, new.row));
    let fresh = store.add_rows(key, number, Standing::Present, new)?;
    let outside = plan.outside.iter().map(|row| (None, *row));
    store.add_rows(key, number, Standing::Outside, outside)?;
    Ok(fresh)
}

/// Rows of the first read that can be booked only now: the opening counts them from now on.
fn out_of_quarantine(before: &[KeptRow], plan: &Comparison, rules: &Rules) -> Vec<i64> {
    let was_odd = |key: i64| {
        let kept = before.iter().find(|kept| kept.key == key);
        kept.is_some_and(|kept| kept.anchored && book(&kept.row, rules).is_err())
    };
    let changed = plan.changed.iter().filter(|changed| book(changed.row, rules).is_ok());
    changed.map(|changed| changed.key).filter(|key| was_odd(*key)).collect()
}

/// Gives ids to bookable rows that have none.
fn name(store: &Store, read: &Read, rows: &mut [KeptRow]) -> Result<(), StoreError> {
    let named = name_rows(rows, &read.kept.family, &read.kept.first_name, &read.rules);
    named.into_iter().try_for_each(|(row, id)| store.name_row(row, &id))
}

fn take_pending(store: &Store, key: i64, pending: &[ReceivedRow]) -> Result<bool, StoreError> {
    let before = store.pending(key)?;
    let same = before.len() == pending.len()
        && before.iter().zip(pending).all(|(old, new)| old.says_the_same(new));
    if !same {
        store.replace_pending(key, pending)?;
    }
    Ok(!same)
}

/// Takes the reported balance: the anchor where there is none yet, what late rows and settled
/// pending rows say of it, the agreement, the report. Tells whether a figure moved.
fn take_balance(
    store: &Store,
    read: &Read,
    rows: &mut [KeptRow],
    fresh: &[i64],
    pending: &[ReceivedRow],
) -> Result<bool, StoreError> {
    let reported = read.reported().value();
    let mut anchor = match (&read.kept.anchor, reported) {
        (Some(anchor), _) => Some(anchor.clone()),
        (None, Some(reported)) if has_opening(read.track) => {
            Some(first_anchor(store, read, reported, pending, rows)?)
        }
        _ => None,
    };
    let balance = reported.and_then(|reported| read.rules.signed(reported));
    if let (Some(anchor), Some(balance)) = (&mut anchor, balance) {
        settle_opening(store, read, rows, anchor, balance, fresh, pending)?;
    }
    let ledger = Ledger::new(rows, &read.rules);
    let opening = anchor.as_ref().and_then(|anchor| ledger.opening(anchor));
    let judged = match (opening, balance) {
        (Some(opening), Some(balance)) => ledger.judge(opening, balance, read.day(), pending),
        _ => None,
    };
    let agrees = judged
        .as_ref()
        .filter(|judged| matches!(judged.verdict, Verdict::AgreesWithAll | Verdict::AgreesToDay));
    let moved = match (agrees, reported) {
        (Some(judged), Some(reported)) => {
            agree(store, read, &ledger, rows, reported, judged.verdict)?
        }
        _ => false,
    };
    let computed = judged.map(|judged| judged.computed);
    Ok(report(store, read, reported, computed)? || moved)
}

fn first_anchor(
    store: &Store,
    read: &Read,
    reported: Decimal,
    pending: &[ReceivedRow],
    rows: &mut [KeptRow],
) -> Result<Anchor, StoreError> {
    let anchor = anchor(reported, read.day(), pending, &read.rules);
    count_into_opening(store, read, rows, |row| row.standing == Standing::Present)?;
    store.save_anchor(read.kept.key, &anchor)?;
    store.add_event(read.kept.key, read.now, None, "opening fixed")?;
    Ok(anchor)
}

/// Moves the opening where this read tells that it must: history that came late, or pending rows
/// that the first balance had counted.
fn settle_opening(
    store: &Store,
    read: &Read,
    rows: &mut [KeptRow],
    anchor: &mut Anchor,
    balance: Decimal,
    fresh: &[i64],
    pending: &[ReceivedRow],
) -> Result<(), StoreError> {
    let key = read.kept.key;
    let ledger = Ledger::new(rows, &read.rules);
    let told = ledger.counts_pending(anchor, balance, read.day(), pending);
    if told != anchor.counts_pending {
        anchor.counts_pending = told;
        store.save_anchor(key, anchor)?;
        store.add_event(key, read.now, None, "opening settled")?;
    }
    let reported = Some((balance, read.day()));
    let fresh: HashSet<i64> = fresh.iter().copied().collect();
    let late = ledger.late_history(anchor, reported, pending, |row| fresh.contains(&row.key));
    for row in &late {
        store.add_event(key, read.now, Some(*row), "history that came late: the opening moved")?;
    }
    count_into_opening(store, read, rows, |row| late.contains(&row.key))
}

/// Counts some rows into the opening, in the form that they have now.
fn count_into_opening(
    store: &Store,
    read: &Read,
    rows: &mut [KeptRow],
    counts: impl Fn(&KeptRow) -> bool,
) -> Result<(), StoreError> {
    let mut keys = Vec::new();
    for row in rows.iter_mut().filter(|row| counts(row)) {
        row.anchored = true;
        row.at_anchor = None;
        keys.push(row.key);
    }
    store.anchor_rows(&keys, read.number())
}

/// Keeps an agreement, unless it says what the last one said.
fn agree(
    store: &Store,
    read: &Read,
    ledger: &Ledger,
    rows: &[KeptRow],
    reported: Decimal,
    verdict: Verdict,
) -> Result<bool, StoreError> {
    let counted = ledger.counted(verdict, read.day());
    let same_rows = rows.iter().all(|row| row.agreed == counted.contains(&row.key));
    let same_balance = read.kept.agreement.as_ref().is_some_and(|last| last.balance == reported);
    if same_rows && same_balance {
        return Ok(false);
    }
    store.set_agreed(rows, &counted)?;
    let agreement = Agreement { balance: reported, day: read.day() };
    store.save_agreement(read.kept.key, &agreement)?;
    Ok(true)
}

fn report(
    store: &Store,
    read: &Read,
    balance: Option<Decimal>,
    computed: Option<Decimal>,
) -> Result<bool, StoreError> {
    let available = read.received.available.value().copied();
    let report = Report { read: read.number(), day: read.day(), balance, available, computed };
    let moved = store.reports(read.kept.key)?.last().is_none_or(|last| {
        (last.balance, last.available, last.computed) != (balance, available, computed)
    });
    store.add_report(read.kept.key, &report)?;
    Ok(moved)
}
