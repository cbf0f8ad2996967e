//! Which families the next round works on: what the schedule says is due, what a new configuration
//! asks for, and what the owner asks for by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::Name;
use crate::sync::Wanted;
use crate::sync::schedule::Plan;

/// How long the schedule leaves alone what it could not plan, or what did not count.
pub(super) const HOLD: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// Families that a round works on.
    busy: BTreeSet<Name>,
    /// Families that the schedule leaves alone until then: their last round did not count, so that
    /// they seem due still.
    held: BTreeMap<Name, DateTime<Utc>>,
    /// What is asked for beside the schedule, and no round has begun with yet.
    asked: BTreeMap<Name, Wanted>,
    /// Whether the owner wants all families synced now.
    by_hand: bool,
}

/// What a round is to begin with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) wanted: Vec<(Name, Wanted)>,
    /// Whether the owner said so.
    pub(super) by_hand: bool,
}

impl Agenda {
    /// Asks for something of a family beside the schedule.
    pub(super) fn ask(&mut self, family: Name, wanted: Wanted) {
        join(&mut self.asked, family, wanted);
    }

    /// Asks for everything of all families: the owner does.
    pub(super) fn ask_for_all(&mut self) {
        self.by_hand = true;
    }

    /// Gives what is to be begun now, and forgets that it was asked for. What a busy family is asked
    /// for waits until its round is over.
    pub(super) fn next(
        &mut self,
        plan: &Plan,
        families: impl IntoIterator<Item = Name>,
        now: DateTime<Utc>,
    ) -> Next {
        // After a clock was set back, nothing is held for longer than it would be from now.
        self.held.retain(|_, until| *until > now && *until <= now + HOLD);
        let by_hand = std::mem::take(&mut self.by_hand);
        let is_free = |(name, _): &&(Name, Wanted)| !self.held.contains_key(name);
        let mut wanted: BTreeMap<Name, Wanted> = plan.due.iter().filter(is_free).cloned().collect();
        for (name, more) in std::mem::take(&mut self.asked) {
            join(&mut wanted, name, more);
        }
        if by_hand {
            wanted = families.into_iter().map(|name| (name, Wanted::All)).collect();
        }
        let (busy, free): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|(name, _)| self.busy.contains(name));
        // What is due is seen again when the round in hand is over.
        let is_due = |name: &Name| plan.due.iter().any(|(due, _)| due == name);
        self.asked.extend(busy.into_iter().filter(|(name, _)| !is_due(name)));
        Next { wanted: free, by_hand }
    }

    /// A round works on these families now.
    pub(super) fn begun(&mut self, families: impl IntoIterator<Item = Name>) {
        self.busy.extend(families);
    }

    /// A family is through; where its round did not count, it would seem due at once.
    pub(super) fn ended(&mut self, family: Name, counts: bool, now: DateTime<Utc>) {
        if counts {
            self.held.remove(&family);
        } else {
            self.held.insert(family, now + HOLD);
        }
    }

    /// The round of these families is over.
    pub(super) fn over(&mut self, families: &BTreeSet<Name>) {
        self.busy.retain(|name| !families.contains(name));
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.busy.is_empty()
    }

    /// When to look at the plan again.
    pub(super) fn wake(&self, plan: &Plan) -> Option<DateTime<Utc>> {
        self.held.values().copied().chain(plan.wake).min()
    }
}

fn join(all: &mut BTreeMap<Name, Wanted>, family: Name, more: Wanted) {
    match (all.entry(family).or_insert(Wanted::Only(BTreeSet::new())), more) {
        (Wanted::Only(names), Wanted::Only(more)) => names.extend(more),
        (wanted, Wanted::All) => *wanted = Wanted::All,
        (Wanted::All, Wanted::Only(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Name {
        Name::parse(name).expect("a name")
    }

    fn only(accounts: &[&str]) -> Wanted {
        Wanted::Only(accounts.iter().map(|account| name(account)).collect())
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000 + seconds, 0).expect("a time")
    }

    fn due(families: &[&str]) -> Plan {
        let due = families.iter().map(|family| (name(family), Wanted::All)).collect();
        Plan { due, wake: Some(at(3600)), ..Plan::default() }
    }

    fn next(agenda: &mut Agenda, plan: &Plan, now: DateTime<Utc>) -> Vec<(Name, Wanted)> {
        let next = agenda.next(plan, [name("jones"), name("smith")], now);
        assert!(!next.by_hand);
        next.wanted
    }

    #[test]
    fn what_is_due_and_what_is_asked_for_begin_together_and_once() {
        let mut agenda = Agenda::default();
        agenda.ask(name("jones"), only(&["visa"]));
        agenda.ask(name("jones"), only(&["loan"]));
        agenda.ask(name("smith"), only(&["visa"]));
        let wanted = vec![(name("jones"), only(&["loan", "visa"])), (name("smith"), Wanted::All)];
        assert_eq!(next(&mut agenda, &due(&["smith"]), at(0)), wanted);
        assert_eq!(next(&mut agenda, &due(&[]), at(0)), []);
    }

    #[test]
    fn a_busy_family_is_begun_again_when_its_round_is_over() {
        let mut agenda = Agenda::default();
        agenda.begun([name("smith")]);
        agenda.ask(name("smith"), only(&["visa"]));
        assert!(agenda.is_busy());
        assert_eq!(next(&mut agenda, &due(&[]), at(0)), []);
        agenda.over(&BTreeSet::from([name("smith")]));
        assert!(!agenda.is_busy());
        assert_eq!(next(&mut agenda, &due(&[]), at(0)), [(name("smith"), only(&["visa"]))]);
        // What is due is not kept: it is due still.
        agenda.begun([name("smith")]);
        assert_eq!(next(&mut agenda, &due(&["smith"]), at(0)), []);
        agenda.over(&BTreeSet::from([name("smith")]));
        assert_eq!(next(&mut agenda, &due(&[]), at(0)), []);
    }

    #[test]
    fn what_did_not_count_is_held_for_a_minute_whatever_the_clock_does() {
        let mut agenda = Agenda::default();
        agenda.ended(name("smith"), false, at(0));
        assert_eq!(agenda.wake(&due(&["smith"])), Some(at(60)));
        assert_eq!(next(&mut agenda, &due(&["smith"]), at(59)), []);
        assert_eq!(next(&mut agenda, &due(&["smith"]), at(60)), [(name("smith"), Wanted::All)]);
        agenda.ended(name("smith"), false, at(0));
        assert_eq!(next(&mut agenda, &due(&["smith"]), at(-1)), [(name("smith"), Wanted::All)]);
        agenda.ended(name("smith"), false, at(0));
        agenda.ended(name("smith"), true, at(1));
        assert_eq!(agenda.wake(&due(&["smith"])), Some(at(3600)));
    }

    #[test]
    fn the_owner_is_obeyed_whatever_is_due_or_held() {
        let mut agenda = Agenda::default();
        agenda.ended(name("smith"), false, at(0));
        agenda.begun([name("jones")]);
        agenda.ask_for_all();
        let all = || [name("jones"), name("smith")];
        let begun = agenda.next(&due(&[]), all(), at(1));
        assert_eq!(begun, Next { wanted: vec![(name("smith"), Wanted::All)], by_hand: true });
        agenda.over(&BTreeSet::from([name("jones")]));
        let rest = agenda.next(&due(&[]), all(), at(1));
        assert_eq!(rest, Next { wanted: vec![(name("jones"), Wanted::All)], by_hand: false });
    }
}
