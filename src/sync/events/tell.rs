//! Tells events: to path units at once, to programs one after another, and keeps what was told.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::calls::{calls, configuration_calls};
use super::change::{changed_families, changes};
use super::look::{looks, present};
use super::{Due, Receipt, RoundEnd, Teller};
use crate::domain::{Event, EventKind, Exit, Family, Fault, FileSettings, Level, State, health};
use crate::export::event_json;
use crate::files::{Access, group_id};
use crate::hooks::{self, Latest, keep_latest};
use crate::store::{Store, StoreError};
use crate::sync::Shelf;
use crate::sync::outcome::fault;

/// Rounds that end together are told one after the other: what the first one told is not told
/// again.
static TURN: Mutex<()> = Mutex::const_new(());

/// Tells what a round is to be told of, and waits for the programs. Gives what did not go well,
/// which harms nothing else.
pub async fn tell_round(shelf: &Shelf, teller: &Teller, end: RoundEnd) -> Vec<Fault> {
    let _turn = TURN.lock().await;
    let access = latest_access(&end.files, &end.families);
    let own = teller.clone();
    let due = shelf.with(move |store| store.atomically(|store| due(store, &own, &end))).await;
    deliver(shelf, teller, due, access).await
}

/// Tells that the configuration on disk is wrong, each problem with its cure; or, where there is
/// none, that it is right again.
pub async fn tell_configuration(
    shelf: &Shelf,
    teller: &Teller,
    path: &Path,
    wrong: Vec<(String, String)>,
    files: &FileSettings,
    now: DateTime<Utc>,
) -> Vec<Fault> {
    if !teller.has_listener(EventKind::Attention) {
        return Vec::new();
    }
    let _turn = TURN.lock().await;
    let (path, settings) = (path.to_owned(), teller.hooks.attention);
    let due = shelf.with(move |store| {
        store.atomically(|store| configuration_calls(store, &path, &wrong, now, &settings))
    });
    deliver(shelf, teller, due.await, latest_access(files, &[])).await
}

/// What is to be told. What nobody listens to is neither looked for nor kept.
fn due(store: &Store, teller: &Teller, end: &RoundEnd) -> Result<Vec<Due>, StoreError> {
    let listens = |kind| teller.has_listener(kind);
    let (change, attention) = (listens(EventKind::Change), listens(EventKind::Attention));
    let ok = end.is_round && listens(EventKind::Ok);
    let families = if change { changed_families(end) } else { BTreeSet::new() };
    if !change {
        store.drop_all_untold()?;
    }
    if families.is_empty() && !attention && !ok {
        return Ok(Vec::new());
    }
    let overview = present(store, end)?;
    let looks = looks(store, end, &overview)?;
    let mut due = changes(store, end, &families, &looks)?;
    if attention {
        due.extend(calls(store, end, &looks, &teller.hooks.attention)?);
    }
    if ok && health(&overview, &end.patience).level == Level::Good {
        let event = Event {
            kind: EventKind::Ok,
            at: end.now,
            family: None,
            solved: false,
            accounts: Vec::new(),
            files: Vec::new(),
        };
        due.push(Due { event, receipt: Receipt::None });
    }
    Ok(due)
}

async fn deliver(
    shelf: &Shelf,
    teller: &Teller,
    due: Result<Vec<Due>, Fault>,
    access: Option<Access>,
) -> Vec<Fault> {
    let due = match due {
        Ok(due) => due,
        Err(fault) => return vec![fault],
    };
    let mut notes = Vec::new();
    for Due { event, receipt } in due {
        if teller.bench.stop.is_told() {
            break;
        }
        // Whoever listens from tomorrow on is called then.
        if matches!(receipt, Receipt::Calls(_)) && !teller.reaches(&event) {
            continue;
        }
        let faults = tell(teller, &event, access).await;
        if faults.is_empty() {
            let kept = shelf.with(move |store| store.atomically(|it| receipt.keep(&event, it)));
            notes.extend(kept.await.err());
        }
        notes.extend(faults);
    }
    notes
}

/// Tells one event to everybody whom it concerns; gives what failed.
async fn tell(teller: &Teller, event: &Event, access: Option<Access>) -> Vec<Fault> {
    let json = event_json(event);
    let mut faults = Vec::new();
    if let (Some(folder), Some(access)) = (&teller.runtime_folder, access) {
        let latest = Latest { kind: event.kind, family: event.family.as_ref(), json: &json };
        let kept = keep_latest(folder, &latest, &access);
        faults.extend(kept.err().map(|error| note(error.message(), &error.help())));
    }
    let line = json + "\n";
    for program in teller.hooks.programs(event.kind, event.family.as_ref()) {
        if let Err(failure) = hooks::run(program, line.as_bytes(), &teller.bench).await {
            let whose = event.family.as_ref().map(|family| format!(" of {family}"));
            let key = event.kind.key();
            let message = format!("the hook {key}{}: {failure}", whose.unwrap_or_default());
            faults.push(note(message, failure.help()));
        }
    }
    faults
}

/// A hook that failed leaves the command's own end as it is.
fn note(message: String, help: &str) -> Fault {
    fault(State::Ok, Exit::Good, message, help)
}

/// Who may read the last events, which hold balances: whoever may read the files of every family.
/// `None` where the group of the files does not exist, which is told where they are written.
fn latest_access(files: &FileSettings, families: &[Family]) -> Option<Access> {
    let same_group = families.iter().all(|family| family.group == files.group);
    let modes = families.iter().map(|family| family.mode);
    let mode = modes.fold(files.mode, |mode, other| mode & other);
    let mode = if same_group { mode } else { mode & 0o707 };
    let group = files.group.as_deref().map(group_id).transpose().ok()?;
    Some(Access { mode, group })
}
