//! Holds the books against the bank: after every sync, and at the end.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sophtron_sync::domain::{Standing, parse_decimal};

use super::engine::{Known, Owner};
use super::story::Balance;
use super::written::{Told, csv_rows, ledger_rows, ofx_rows, pending};
use crate::bank::{Entry, Truth};

/// One posted row of the bank: its id there, and what it says.
pub(super) type Sent = (String, Told);

/// What one good read left behind, for the next one to be held against.
#[derive(Clone, Default)]
pub(super) struct Seen {
    /// The rows of the CSV files by id.
    pub(super) booked: BTreeMap<String, Told>,
    /// Those of them that the bank had.
    pub(super) there: BTreeMap<String, Told>,
    /// Every id that the service ever gave a row.
    pub(super) ids: BTreeSet<String>,
    /// The bank's posted rows, where the answer was true.
    pub(super) sent: Option<Vec<Sent>>,
}

/// The bank's posted rows.
pub(super) fn sent(truth: &Truth) -> Vec<Sent> {
    truth.rows.iter().map(|row| (row.id.clone(), told(row))).collect()
}

fn told(row: &Entry) -> Told {
    (row.day, value(&row.amount), row.description.clone())
}

fn value(digits: &str) -> Decimal {
    parse_decimal(digits).expect("a decimal").normalize()
}

fn sorted(rows: impl Iterator<Item = Told>) -> Vec<Told> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

/// Looks at the books after a read that was taken, whatever it said: no row went without a word.
pub(super) fn nothing_lost(owner: &Owner, known: &Known, before: &Seen) -> Result<Seen, String> {
    let booked = csv_rows(&owner.account_folder());
    for (id, told) in before.booked.iter().filter(|(id, _)| !booked.contains_key(*id)) {
        let kept = known.rows.iter().find(|row| row.id.as_ref() == Some(id));
        let is_named = kept.is_some_and(|row| row.standing == Standing::Vanished)
            && owner.events(id).last().is_some_and(|event| event == "vanished");
        if !is_named {
            return Err(format!("lost without a word: {id} {told:?}, kept as {kept:?}"));
        }
    }
    let missing =
        |id: &String| known.rows.iter().any(|row| row.id.as_ref() == Some(id) && row.missed > 0);
    let there = booked.iter().filter(|(id, _)| !missing(id));
    let there = there.map(|(id, told)| (id.clone(), told.clone())).collect();
    let ids = known.rows.iter().flat_map(|row| row.service_ids.clone()).collect();
    Ok(Seen { booked, there, ids, sent: None })
}

/// Looks at the books after a true answer: every row of the bank is booked once, every other one
/// is named as missing, and no row was taken for another.
pub(super) fn all_there(
    owner: &Owner,
    known: &Known,
    truth: &Truth,
    before: &Seen,
    mut now: Seen,
    renamed: bool,
) -> Result<Seen, String> {
    let sent = sent(truth);
    let meant = sorted(sent.iter().map(|(_, told)| told.clone()));
    let books = sorted(now.there.values().cloned());
    if meant != books {
        return Err(format!("the bank has {}", difference(&meant, &books)));
    }
    let waiting = sorted(truth.pending.iter().map(told));
    let pending = pending(&owner.account_folder());
    if waiting != pending {
        return Err(format!("of pending rows, the bank has {}", difference(&waiting, &pending)));
    }
    if let Some(old) = before.sent.as_ref().filter(|_| !renamed) {
        same_ids(old, &sent, before, &now)?;
        followed(known, old, &sent, before, &now)?;
    }
    drift_is_named(known, truth, &now)?;
    now.sent = Some(sent);
    Ok(now)
}

fn difference(meant: &[Told], books: &[Told]) -> String {
    let without = |these: &[Told], those: &[Told]| {
        let mut left = those.to_vec();
        let only = these.iter().filter(|row| match left.iter().position(|other| other == *row) {
            Some(at) => {
                left.remove(at);
                false
            }
            None => true,
        });
        only.map(|row| format!("{row:?}")).collect::<Vec<_>>().join(", ")
    };
    format!("[{}] and the books [{}]", without(meant, books), without(books, meant))
}

/// A row that says what no other one says, before and after, keeps its id, unless the bank's own id
/// says that another row became its equal.
fn same_ids(old: &[Sent], new: &[Sent], before: &Seen, now: &Seen) -> Result<(), String> {
    let alone = |rows: &BTreeMap<String, Told>, told: &Told| {
        let mut equal = rows.iter().filter(|(_, other)| *other == told).map(|(id, _)| id.clone());
        equal.next().filter(|_| equal.next().is_none())
    };
    let of = |rows: &[Sent], told: &Told| {
        rows.iter().find(|(_, other)| other == told).map(|(id, _)| id.clone())
    };
    let has = |rows: &[Sent], id: &String| rows.iter().any(|(other, _)| other == id);
    for (id, told) in &before.there {
        let (Some(then), Some(at_last)) = (of(old, told), of(new, told)) else { continue };
        let moved = then != at_last && (has(new, &then) || before.ids.contains(&at_last));
        if moved || alone(&before.booked, told).is_none() {
            continue;
        }
        if let Some(other) = alone(&now.booked, told).filter(|other| other != id) {
            return Err(format!("{told:?} was {id} and is {other}"));
        }
    }
    Ok(())
}

/// A row that changes what it says and keeps an id that no other row ever had stays the row that
/// it is.
fn followed(
    known: &Known,
    old: &[Sent],
    new: &[Sent],
    before: &Seen,
    now: &Seen,
) -> Result<(), String> {
    let times = |rows: &[Sent], told: &Told| rows.iter().filter(|(_, other)| other == told).count();
    let named = |rows: &[Sent], id: &str| rows.iter().filter(|(other, _)| other == id).count();
    let had = |id: &String| known.rows.iter().filter(|row| row.service_ids.contains(id)).count();
    for (id, told) in old.iter().filter(|(id, _)| had(id) == 1 && named(old, id) == 1) {
        let Some((_, now_told)) = new.iter().find(|(other, _)| other == id) else { continue };
        let moved = told != now_told && named(new, id) == 1;
        let clear = times(old, told) == 1 && times(new, told) == 0 && times(new, now_told) == 1;
        let is_old = before.booked.values().any(|other| other == now_told);
        if !moved
            || !clear
            || is_old
            || before.booked.values().filter(|other| *other == told).count() != 1
        {
            continue;
        }
        let ours = before.booked.iter().find(|(_, other)| *other == told).map(|(id, _)| id);
        let then = now.booked.iter().find(|(_, other)| *other == now_told).map(|(id, _)| id);
        if ours != then {
            return Err(format!("{told:?} became {now_told:?}, and {ours:?} became {then:?}"));
        }
    }
    Ok(())
}

/// Books and balance differ by the rows that are missing, and by nothing else.
fn drift_is_named(known: &Known, truth: &Truth, now: &Seen) -> Result<(), String> {
    let missing = now.booked.iter().filter(|(id, _)| !now.there.contains_key(*id));
    let missing: Vec<_> = missing.map(|(_, told)| told.clone()).collect();
    let fixed = known.kept.anchor.is_some();
    let last = truth.balance.as_deref().map(value);
    let drift = known.drift.unwrap_or_default();
    if fixed && missing.is_empty() && !drift.is_zero() {
        return Err(format!("a drift of {drift} without a row that is missing"));
    }
    if known.balance.map(|balance| balance.normalize()) != last {
        return Err(format!("the balance is {:?} and {last:?} at the bank", known.balance));
    }
    Ok(())
}

/// Looks at everything at the end.
pub(super) fn at_the_end(
    owner: &Owner,
    known: &Known,
    truth: &Truth,
    seen: &Seen,
    balance: Balance,
) -> Result<(), String> {
    if seen.booked != seen.there {
        let missing = seen.booked.iter().filter(|(id, _)| !seen.there.contains_key(*id));
        return Err(format!("still booked: {:?}", missing.collect::<Vec<_>>()));
    }
    let opening = value(&truth.opening);
    let ours = known.statement.opening.map(|opening| opening.normalize());
    let told = balance != Balance::All || truth.pending.is_empty();
    if told && ours != Some(opening) {
        return Err(format!("the opening is {ours:?} and {opening} at the bank"));
    }
    in_every_format(owner, seen, ours)
}

fn in_every_format(owner: &Owner, seen: &Seen, opening: Option<Decimal>) -> Result<(), String> {
    let folder = owner.account_folder();
    let csv: BTreeMap<String, (NaiveDate, Decimal)> =
        seen.booked.iter().map(|(id, (day, amount, _))| (id.clone(), (*day, *amount))).collect();
    let (ledger, first) = ledger_rows(&folder);
    if ledger != csv {
        return Err(format!("ledger has {ledger:?}, CSV {csv:?}"));
    }
    if first.unwrap_or_default() != opening.unwrap_or_default() {
        return Err(format!("the opening entry says {first:?}, the books {opening:?}"));
    }
    let (ofx, balance) = ofx_rows(&folder);
    let sum =
        opening.unwrap_or_default() + csv.values().map(|(_, amount)| *amount).sum::<Decimal>();
    let sum = sum.normalize();
    if !ofx.is_empty() && (ofx != csv || balance != Some(sum)) {
        return Err(format!("OFX has {balance:?} and {ofx:?}, CSV {sum} and {csv:?}"));
    }
    Ok(())
}
