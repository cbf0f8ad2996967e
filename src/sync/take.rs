//! Takes one good read of one account into the store: all of it in one transaction.

use super::figures::take_figures;
use super::read::Read;
use super::{Gone, News};
use crate::books::{Alarm, Changed, Comparison, Rules, book, compare, guard};
use crate::domain::{Cursor, KeptRow, ReceivedAccount, ReceivedRow, Sent, Standing, Track};
use crate::store::{Store, StoreError};

/// The most bytes that are kept of a refused answer.
const REFUSED_KEPT: usize = 1 << 20;

/// Takes a read into the store, unless a guard refuses it: then nothing changes but the record of
/// what was refused.
pub(super) fn take(store: &Store, read: &Read) -> Result<Result<News, Alarm>, StoreError> {
    let key = read.kept.key;
    let before = store.rows(key)?;
    let mut plan = compare(&before, &read.fetched, read.asked, &read.rules);
    if let Some(alarm) = alarm(read, &before, &plan) {
        let record = std::slice::from_ref(&read.received);
        let (accounts, rows) = aside(record, &read.fetched.rows);
        store.keep_refused(key, read.now, &alarm.to_string(), (&accounts, &rows))?;
        return Ok(Err(alarm));
    }
    store.drop_refused(key)?;
    store.save_received(key, &read.received)?;
    take_held(store, read, &before, &mut plan)?;
    let fresh = carry_out(store, read, &before, &plan)?;
    let gone = take_missing(store, read, &before, &plan)?;
    let pending_moved = take_pending(store, key, &plan.pending)?;
    let (came, disturbed) = (!plan.is_empty() || !gone.is_empty(), plan.disturbs());
    let rows = if plan.leaves_rows_alone() { before } else { store.rows(key)? };
    let figures = take_figures(store, read, rows, &fresh, disturbed, &plan.pending)?;
    store.save_cursor(key, read.number(), &cursor(read))?;
    if came || pending_moved || figures.moved || read.kept.reads == 0 {
        store.count_change(&read.kept.family)?;
    }
    let freed = figures.freed.iter().filter(|row| !fresh.contains(row)).count();
    Ok(Ok(news(&figures.rules, &plan, freed, gone)))
}

/// Takes the list's record alone: `LastUpdated` has not moved, so the rows are those that were
/// read last.
pub(super) fn take_unmoved(
    store: &Store,
    key: i64,
    received: &ReceivedAccount,
) -> Result<(), StoreError> {
    store.drop_refused(key)?;
    store.save_received(key, received)
}

fn alarm(read: &Read, before: &[KeptRow], plan: &Comparison) -> Option<Alarm> {
    let guarded = !read.accept && read.track != Track::Value;
    guarded.then(|| guard(before, &read.fetched, read.asked.span, plan)).flatten()
}

/// What the owner may want to see of a refused answer: the known keys of its records of accounts
/// and of its rows, one a line.
pub(super) fn aside(accounts: &[ReceivedAccount], rows: &[ReceivedRow]) -> (String, String) {
    let known = |sent: &ReceivedAccount| {
        format!("{:?}\n", ReceivedAccount { raw: String::new(), ..sent.clone() })
    };
    let accounts = first_lines(accounts.iter().map(known), REFUSED_KEPT);
    let known =
        |row: &ReceivedRow| format!("{:?}\n", ReceivedRow { raw: String::new(), ..row.clone() });
    let rows = first_lines(rows.iter().map(known), REFUSED_KEPT - accounts.len());
    (accounts, rows)
}

fn first_lines(lines: impl Iterator<Item = String>, most: usize) -> String {
    let mut text = String::new();
    for line in lines {
        if text.len() + line.len() > most {
            break;
        }
        text.push_str(&line);
    }
    text
}

/// What is told of a read. Rows that waited for their sign until now are news in the books.
fn news(rules: &Rules, plan: &Comparison, freed: usize, vanished: Vec<Gone>) -> News {
    let odd = plan.new.iter().filter(|new| book(new.row, rules).is_err()).count();
    News {
        added: plan.new.len() - odd + freed,
        changed: plan.changed.len(),
        vanished,
        returned: plan.returned.len(),
        quarantined: odd + plan.held.len(),
        pending: plan.pending.len(),
        note: None,
    }
}

fn cursor(read: &Read) -> Cursor {
    let from = read.asked.span.from;
    let earlier = read.kept.cursor.read_from.filter(|day| *day < from);
    Cursor {
        read_from: earlier.or(Some(from)),
        read_at: Some(read.now),
        last_updated: read.received.last_updated.clone(),
    }
}

/// Leaves in the plan only the forms to be held that are not held yet, and releases those that
/// the service took back.
fn take_held(
    store: &Store,
    read: &Read,
    before: &[KeptRow],
    plan: &mut Comparison,
) -> Result<(), StoreError> {
    let known = store.held_versions(read.kept.key)?;
    let came_well = |kept: &&KeptRow| {
        let asked = matches!(kept.row.day(), Sent::Value(day) if read.asked.span.holds(day));
        let other = |forms: &[Changed]| forms.iter().any(|form| form.key == kept.key);
        let odd = other(&plan.held) || other(&plan.unposted);
        let missing = plan.missing.iter().any(|missing| missing.key == kept.key);
        asked && !odd && !missing
    };
    let released = before.iter().filter(|kept| known.contains_key(&kept.key)).filter(came_well);
    released.map(|kept| kept.key).try_for_each(|key| store.release_version(key))?;
    let is_known =
        |held: &Changed| known.get(&held.key).is_some_and(|old| old.says_the_same(held.row));
    plan.held.retain(|held| !is_known(held));
    plan.unposted.retain(|form| !is_known(form));
    Ok(())
}

/// Carries a comparison out, but for what is missing; gives the keys of the new rows.
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
    for form in &plan.unposted {
        store.hold_version(form.key, number, form.row)?;
        let what = "the bank shows it as pending again: it stays booked";
        store.add_event(key, read.now, Some(form.key), what)?;
    }
    for (row, id) in &plan.renamed {
        store.rename_row(*row, id)?;
        store.add_event(key, read.now, Some(*row), "called by another id")?;
    }
    for row in &plan.returned {
        store.add_event(key, read.now, Some(*row), "came back")?;
    }
    store.find_rows(&plan.found)?;
    store.find_rows(&plan.returned)?;
    for row in &plan.arrived {
        store.drop_outside_row(*row)?;
    }
    let new = plan.new.iter().map(|new| (new.id, new.row));
    let fresh = store.add_rows(key, number, Standing::Present, new)?;
    let outside = plan.outside.iter().map(|row| (None, *row));
    store.add_rows(key, number, Standing::Outside, outside)?;
    Ok(fresh)
}

/// Counts the rows that this read lacks, and takes those for gone that were lacking long enough,
/// or that the owner takes for gone. Gives those that went.
fn take_missing(
    store: &Store,
    read: &Read,
    before: &[KeptRow],
    plan: &Comparison,
) -> Result<Vec<Gone>, StoreError> {
    let inside = plan.missing.iter().filter(|missing| missing.counts);
    let (gone, missing): (Vec<_>, Vec<_>) = inside.partition(|row| read.accept || row.is_gone());
    let keys = |rows: &[&crate::books::Missing]| rows.iter().map(|row| row.key).collect::<Vec<_>>();
    store.miss_rows(&keys(&missing))?;
    store.vanish_rows(&keys(&gone))?;
    for row in &missing {
        let what = format!("missing from a good read, {} in a row", row.before + 1);
        store.add_event(read.kept.key, read.now, Some(row.key), &what)?;
    }
    for row in &gone {
        store.add_event(read.kept.key, read.now, Some(row.key), "vanished")?;
    }
    let gone = gone.iter().filter_map(|row| before.iter().find(|kept| kept.key == row.key));
    Ok(gone.map(gone_row).collect())
}

fn gone_row(kept: &KeptRow) -> Gone {
    Gone {
        id: kept.id.clone(),
        day: kept.row.day().value().copied(),
        description: kept.row.description.clone(),
    }
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

fn take_pending(store: &Store, key: i64, pending: &[ReceivedRow]) -> Result<bool, StoreError> {
    let before = store.pending(key)?;
    let same = before.len() == pending.len()
        && before.iter().zip(pending).all(|(old, new)| old.id == new.id && old.says_the_same(new));
    if !same {
        store.replace_pending(key, pending)?;
    }
    Ok(!same)
}
