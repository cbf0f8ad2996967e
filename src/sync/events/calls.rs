//! Attention calls in words: one event for each family, and one for what is over.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::attention::{Concern, Decided, Fate, Urgency, account_concerns, asked, decide};
use super::look::Look;
use super::{Due, Receipt, RoundEnd};
use crate::domain::{
    About, AttentionSettings, Call, Event, EventAccount, EventKind, Exit, Fault, Name, State,
    Trouble,
};
use crate::files;
use crate::store::{Store, StoreError};
use crate::sync::{Edited, FamilyOutcome};

/// The calls at the end of a round.
pub(super) fn calls(
    store: &Store,
    end: &RoundEnd,
    looks: &[Look],
    settings: &AttentionSettings,
) -> Result<Vec<Due>, StoreError> {
    let kept = store.calls()?;
    let mut concerns = account_concerns(&kept, looks, end.now);
    concerns.extend(file_concerns(end));
    concerns.extend(edited_before(&kept, &concerns, end));
    let decided = decide(&kept, concerns, |about| fate(about, end, looks), end.now, settings);
    keep(store, &decided)?;
    Ok(events(decided, looks, end.now))
}

/// The call of a configuration on disk that is wrong, or that it is right again. What is wrong
/// comes with its cure.
pub(super) fn configuration_calls(
    store: &Store,
    path: &Path,
    wrong: &[(String, String)],
    now: DateTime<Utc>,
    settings: &AttentionSettings,
) -> Result<Vec<Due>, StoreError> {
    let subject = path.to_string_lossy().into_owned();
    let about = |subject| About { family: None, subject, trouble: Trouble::Configuration };
    let concern = wrong.first().map(|(message, help)| Concern {
        about: about(subject),
        since: None,
        urgency: Urgency::AtOnce,
        seen: "wrong".to_owned(),
        unreachable: false,
        message: Some(match wrong.len() {
            1 => message.clone(),
            more => format!("{message} (and {} more)", more - 1),
        }),
        help: Some(help.clone()),
    });
    let fate = |about: &About| match about.trouble {
        Trouble::Configuration => Fate::Over,
        _ => Fate::Stands,
    };
    let decided = decide(&store.calls()?, concern.into_iter().collect(), fate, now, settings);
    keep(store, &decided)?;
    Ok(events(decided, &[], now))
}

fn keep(store: &Store, decided: &Decided) -> Result<(), StoreError> {
    decided.keep.iter().try_for_each(|call| store.save_call(call))?;
    decided.forget.iter().try_for_each(|about| store.drop_call(about))
}

/// What is wrong with files: edited ones, and what stands in the way of writing.
fn file_concerns(end: &RoundEnd) -> Vec<Concern> {
    let resting = |name: &Name| {
        let family = end.families.iter().find(|family| family.name == *name);
        family.is_none_or(|family| family.paused)
    };
    let mut concerns = Vec::new();
    for (name, outcome) in end.outcomes.iter().filter(|(name, _)| !resting(name)) {
        concerns.extend(outcome.edited.iter().map(|edited| edited_concern(Some(name), edited)));
        let folder = end.families.iter().find(|family| family.name == *name);
        let folder = folder.map(|family| family.output_dir.as_path());
        concerns.extend(folder.and_then(|folder| trouble(Some(name), folder, outcome)));
    }
    let shared = FamilyOutcome {
        edited: end.shared.edited.clone(),
        trouble: end.shared.notes.clone(),
        ..FamilyOutcome::default()
    };
    concerns.extend(shared.edited.iter().map(|edited| edited_concern(None, edited)));
    concerns.extend(trouble(None, &end.files.output_dir, &shared));
    concerns
}

fn edited_concern(family: Option<&Name>, edited: &Edited) -> Concern {
    let Fault { state, message, help, .. } = edited.fault();
    let (path, trouble) = match &edited.kept_as {
        Some(aside) => (aside, Trouble::Edited),
        None => (&edited.path, Trouble::Files),
    };
    let subject = path.to_string_lossy().into_owned();
    Concern {
        about: About { family: family.cloned(), subject, trouble },
        since: None,
        urgency: Urgency::AtOnce,
        seen: state.word().to_owned(),
        unreachable: false,
        message: Some(message),
        help: Some(help),
    }
}

/// What stands in the way of writing a folder's files, other than what accounts tell themselves.
fn trouble(family: Option<&Name>, folder: &Path, outcome: &FamilyOutcome) -> Option<Concern> {
    let told = |fault: &Fault| {
        outcome.accounts.iter().any(|account| account.result.as_ref().err() == Some(fault))
            || outcome.edited.iter().any(|edited| edited.fault() == *fault)
    };
    let mut faults = outcome.trouble.iter().filter(|fault| fault.exit != Exit::Good);
    let fault = faults.find(|fault| !told(fault))?;
    let subject = folder.to_string_lossy().into_owned();
    Some(Concern {
        about: About { family: family.cloned(), subject, trouble: Trouble::Files },
        since: None,
        urgency: Urgency::Passing,
        seen: fault.state.word().to_owned(),
        unreachable: false,
        message: Some(fault.message.clone()),
        help: Some(fault.help.clone()),
    })
}

/// Edited versions of which the owner was told and that lie there still.
fn edited_before(kept: &[Call], present: &[Concern], end: &RoundEnd) -> Vec<Concern> {
    let lies_there = |about: &About| {
        about.trouble == Trouble::Edited
            && is_looked_after(about, end)
            && files::stamp(Path::new(&about.subject)).is_some()
    };
    let kept = kept.iter().filter(|call| lies_there(&call.about));
    let unseen = kept.filter(|call| present.iter().all(|concern| concern.about != call.about));
    unseen
        .map(|call| Concern {
            about: call.about.clone(),
            since: None,
            urgency: Urgency::AtOnce,
            seen: call.seen.clone(),
            unreachable: false,
            message: Some("an edited version of a file still lies there".to_owned()),
            help: Some("take what you need from it and remove it".to_owned()),
        })
        .collect()
}

/// Whether what a call is about belongs to a family that is configured and does not rest.
fn is_looked_after(about: &About, end: &RoundEnd) -> bool {
    let of = |name: &Name| end.families.iter().find(|family| family.name == *name);
    about.family.as_ref().is_none_or(|name| of(name).is_some_and(|family| !family.paused))
}

fn fate(about: &About, end: &RoundEnd, looks: &[Look]) -> Fate {
    if about.trouble == Trouble::Configuration {
        return Fate::Stands;
    }
    if !is_looked_after(about, end) {
        return Fate::Forgotten;
    }
    match (about.trouble, &about.family) {
        (Trouble::Files, Some(family)) if end.outcome(family).is_none() => Fate::Stands,
        (Trouble::State | Trouble::Drift | Trouble::Quarantine, _) => {
            let linked = look(about, looks).is_some_and(|look| !look.rests());
            if linked { Fate::Over } else { Fate::Forgotten }
        }
        _ => Fate::Over,
    }
}

fn look<'l>(about: &About, looks: &'l [Look]) -> Option<&'l Look> {
    let family = about.family.as_ref()?;
    looks.iter().find(|look| look.family == *family && look.name.as_str() == about.subject)
}

/// One event for each family that is called, and one for each that is told of what is over.
fn events(decided: Decided, looks: &[Look], now: DateTime<Utc>) -> Vec<Due> {
    let mut called: BTreeMap<Option<Name>, (Vec<EventAccount>, Vec<Call>)> = BTreeMap::new();
    for (call, concern) in decided.due {
        let (entries, calls) = called.entry(call.about.family.clone()).or_default();
        tell(entries, &call, looks, (concern.message, concern.help));
        calls.push(call);
    }
    let mut over: BTreeMap<Option<Name>, (Vec<EventAccount>, Vec<About>)> = BTreeMap::new();
    for call in decided.over {
        let (entries, abouts) = over.entry(call.about.family.clone()).or_default();
        tell(entries, &call, looks, (Some(over_words(&call)), None));
        abouts.push(call.about);
    }
    let event = |family, solved, accounts| {
        let kind = EventKind::Attention;
        Event { kind, at: now, family, solved, accounts, files: Vec::new() }
    };
    let called = called.into_iter().map(|(family, (entries, calls))| Due {
        event: event(family, false, entries),
        receipt: Receipt::Calls(calls),
    });
    let over = over.into_iter().map(|(family, (entries, abouts))| Due {
        event: event(family, true, entries),
        receipt: Receipt::Over(abouts),
    });
    called.chain(over).collect()
}

/// What a call says: what happened, and what to do.
type Words = (Option<String>, Option<String>);

/// Tells a call in the entry of what it is about; several of one account are told in one.
fn tell(entries: &mut Vec<EventAccount>, call: &Call, looks: &[Look], words: Words) {
    if call.about.trouble == Trouble::Network {
        entries.extend(asked(looks).map(|look| EventAccount {
            name: format!("{}/{}", look.family, look.name),
            ..look.entry()
        }));
        return;
    }
    let (message, help) = words;
    match entries.iter_mut().find(|entry| entry.name == call.about.subject) {
        Some(entry) => {
            entry.message = joined(entry.message.take(), message);
            entry.help = joined(entry.help.take(), help);
        }
        None => entries.push(match look(&call.about, looks) {
            Some(look) => EventAccount { message, help, ..look.entry() },
            None => no_account(call, message, help),
        }),
    }
}

fn joined(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}

/// The entry of what is no account: a file, the configuration.
fn no_account(call: &Call, message: Option<String>, help: Option<String>) -> EventAccount {
    let state = if call.about.trouble == Trouble::Edited { State::Ok } else { State::Failed };
    EventAccount {
        name: call.about.subject.clone(),
        state,
        message,
        help,
        added: 0,
        changed: 0,
        vanished: 0,
        balance: None,
    }
}

fn over_words(call: &Call) -> String {
    match call.about.trouble {
        Trouble::State => format!("no longer {}", call.seen),
        Trouble::Drift => "the balance agrees with the rows again".to_owned(),
        Trouble::Quarantine => "no row is quarantined any more".to_owned(),
        Trouble::Edited => "the edited version is gone".to_owned(),
        Trouble::Files => "files are written again".to_owned(),
        Trouble::Network => "the service answers again".to_owned(),
        Trouble::Configuration => "the configuration is right again".to_owned(),
    }
}
