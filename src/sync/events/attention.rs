//! Which troubles call their owner now, and which are over: a pure function of what was called
//! before, what is wrong at present, and a given now.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::look::Look;
use crate::domain::{About, AttentionSettings, Call, State, Trouble, quarantined};

/// After how many attempts in a row a refused answer calls.
const SUSPECT_ATTEMPTS: u32 = 3;

/// Something that is wrong at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Concern {
    pub(super) about: About,
    /// Since when, where it is known better than by what this program saw.
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) urgency: Urgency,
    /// How it stands: a word, or a count.
    pub(super) seen: String,
    pub(super) unreachable: bool,
    /// What happened, and what to do.
    pub(super) message: Option<String>,
    pub(super) help: Option<String>,
}

/// When a trouble calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// As soon as it is seen, and again when it turns into another such.
    AtOnce,
    /// When it has not passed by itself for a while.
    Passing,
    /// Not at all: another trouble calls for it.
    Silent,
}

/// What becomes of a call whose trouble is not among those at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nobody looked: it stands.
    Stands,
    /// It is over, and its owner is told if he was called.
    Over,
    /// It is nobody's any more: a family rests, an account is linked no longer.
    Forgotten,
}

/// What follows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decided {
    /// Calls to keep, whether or not anybody is reached now.
    pub(super) keep: Vec<Call>,
    /// Calls to forget.
    pub(super) forget: Vec<About>,
    /// Troubles that call now, each with the call to keep once its owner was reached.
    pub(super) due: Vec<(Call, Concern)>,
    /// Calls whose owner is to be told that they are over, and then forgotten.
    pub(super) over: Vec<Call>,
}

/// Decides what calls.
pub(super) fn decide(
    kept: &[Call],
    concerns: Vec<Concern>,
    fate: impl Fn(&About) -> Fate,
    now: DateTime<Utc>,
    settings: &AttentionSettings,
) -> Decided {
    let mut decided = Decided::default();
    for call in kept {
        if concerns.iter().any(|concern| concern.about == call.about) {
            continue;
        }
        match (fate(&call.about), call.called) {
            (Fate::Stands, _) => {}
            (Fate::Over, Some(_)) => decided.over.push(call.clone()),
            (Fate::Over, None) | (Fate::Forgotten, _) => decided.forget.push(call.about.clone()),
        }
    }
    for concern in concerns {
        let before = kept.iter().find(|call| call.about == concern.about);
        let present = present(before, &concern, now);
        if is_due(before, &present, concern.urgency, now, settings) {
            // Until its owner is reached, it stays one that he was not told of.
            let seen = before.unwrap_or(&present).seen.clone();
            let untold = Call { seen, ..present.clone() };
            decided.keep.push(untold);
            decided.due.push((Call { called: Some(now), ..present }, concern));
        } else {
            decided.keep.push(present);
        }
    }
    decided.keep.retain(|call| !kept.contains(call));
    decided
}

/// A trouble as it stands now. A clock that was set back leaves no instant ahead of it.
fn present(before: Option<&Call>, concern: &Concern, now: DateTime<Utc>) -> Call {
    let since = concern.since.or(before.map(|call| call.since)).unwrap_or(now).min(now);
    Call {
        about: concern.about.clone(),
        since,
        called: before.and_then(|call| call.called).map(|called| called.min(now)),
        looked: now,
        seen: concern.seen.clone(),
        unreachable: concern.unreachable,
    }
}

fn is_due(
    before: Option<&Call>,
    present: &Call,
    urgency: Urgency,
    now: DateTime<Utc>,
    settings: &AttentionSettings,
) -> bool {
    let lasts = |since: DateTime<Utc>, time| {
        TimeDelta::from_std(time).is_ok_and(|time| now - since >= time)
    };
    match (urgency, present.called) {
        (Urgency::Silent, _) => false,
        (Urgency::AtOnce, None) => true,
        // Whoever slept for days saw nothing of it: the first look after that may meet a network
        // that is not there yet.
        (Urgency::Passing, None) => {
            lasts(present.since, settings.after)
                && before.is_none_or(|call| !lasts(call.looked, settings.after))
        }
        (Urgency::AtOnce, Some(_)) if turned(before, present) => true,
        (_, Some(called)) => lasts(called, settings.repeat),
    }
}

/// Whether a trouble turned into another one, or its count grew.
fn turned(before: Option<&Call>, present: &Call) -> bool {
    let Some(before) = before else { return false };
    match (before.seen.parse::<usize>(), present.seen.parse::<usize>()) {
        (Ok(before), Ok(present)) => present > before,
        _ => before.seen != present.seen,
    }
}

/// What is wrong with accounts. A network failure of all families is one trouble of its own; once
/// it is over, what else is wrong begins then.
pub(super) fn account_concerns(kept: &[Call], looks: &[Look], now: DateTime<Utc>) -> Vec<Concern> {
    let outage = outage(kept, looks);
    let was_out = kept.iter().any(|call| call.about.trouble == Trouble::Network);
    let begins = (was_out && outage.is_none()).then_some(now);
    let mut concerns: Vec<Concern> = outage.clone().into_iter().collect();
    for look in looks.iter().filter(|look| !look.rests()) {
        concerns.extend(state(kept, look, outage.is_some(), begins));
        concerns.extend(drift(look));
        concerns.extend(quarantine(look));
    }
    concerns
}

fn about(look: &Look, trouble: Trouble) -> About {
    About { family: Some(look.family.clone()), subject: look.name.to_string(), trouble }
}

fn state(
    kept: &[Call],
    look: &Look,
    outage: bool,
    begins: Option<DateTime<Utc>>,
) -> Option<Concern> {
    let unreachable = is_unreachable(kept, look);
    let urgency = match look.state {
        State::Rejected | State::Waiting => Urgency::AtOnce,
        State::Suspect if look.failures >= SUSPECT_ATTEMPTS => Urgency::AtOnce,
        State::Failed if outage => Urgency::Silent,
        State::Suspect | State::Failed | State::Limited | State::Stale => Urgency::Passing,
        State::Ok | State::New | State::Closed | State::Paused => return None,
    };
    Some(Concern {
        about: about(look, Trouble::State),
        since: begins.filter(|_| !unreachable),
        urgency,
        seen: look.state.word().to_owned(),
        unreachable,
        message: look.message.clone(),
        help: look.help.clone(),
    })
}

fn drift(look: &Look) -> Option<Concern> {
    let (amount, since) = look.drift.as_ref()?;
    let Look { family, name: account, .. } = look;
    Some(Concern {
        about: about(look, Trouble::Drift),
        since: Some(since.and_time(NaiveTime::MIN).and_utc()),
        urgency: Urgency::Passing,
        seen: amount.clone(),
        unreachable: false,
        message: Some(format!(
            "drift {amount} since {since}: the bank's balance is not what the rows say"
        )),
        help: Some(format!(
            "`sophtron-sync reconcile {family}/{account}` shows where the two part"
        )),
    })
}

fn quarantine(look: &Look) -> Option<Concern> {
    let message = quarantined(look.quarantined)?;
    Some(Concern {
        about: about(look, Trouble::Quarantine),
        since: None,
        urgency: Urgency::AtOnce,
        seen: look.quarantined.to_string(),
        unreachable: false,
        message: Some(message),
        help: look.help.clone().or(Some("`sophtron-sync status -v` tells more".to_owned())),
    })
}

/// Whether the service gave no usable answer, in this round or when the account was last asked.
fn is_unreachable(kept: &[Call], look: &Look) -> bool {
    let before = || state_call(kept, look).is_some_and(|call| call.unreachable);
    look.state == State::Failed && look.reached.map_or_else(before, |reached| !reached)
}

fn state_call<'k>(kept: &'k [Call], look: &Look) -> Option<&'k Call> {
    kept.iter().find(|call| call.about == about(look, Trouble::State))
}

/// The accounts that the service is asked for.
pub(super) fn asked(looks: &[Look]) -> impl Iterator<Item = &Look> {
    let silent = |state| matches!(state, State::Waiting | State::Rejected | State::New);
    looks.iter().filter(move |look| !look.rests() && !silent(look.state))
}

/// The one trouble where no family gets a usable answer: since the last of them got none. What
/// befalls a single family is that family's.
fn outage(kept: &[Call], looks: &[Look]) -> Option<Concern> {
    let first = asked(looks).next()?;
    let of_several = asked(looks).any(|look| look.family != first.family);
    if !of_several || !asked(looks).all(|look| is_unreachable(kept, look)) {
        return None;
    }
    let since = asked(looks).map(|look| state_call(kept, look).map(|call| call.since));
    let since = since.collect::<Option<Vec<_>>>().and_then(|since| since.into_iter().max());
    Some(Concern {
        about: About { family: None, subject: String::new(), trouble: Trouble::Network },
        since,
        urgency: Urgency::Passing,
        seen: State::Failed.word().to_owned(),
        unreachable: true,
        message: None,
        help: None,
    })
}

#[cfg(test)]
mod tests;
