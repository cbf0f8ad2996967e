use std::time::Duration;

use proptest::prelude::*;

use super::super::look::Counts;
use super::*;
use crate::domain::{Name, civil_day};

const SETTINGS: AttentionSettings =
    AttentionSettings { after: Duration::from_hours(3 * 24), repeat: Duration::from_hours(7 * 24) };

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn start() -> DateTime<Utc> {
    civil_day("2026-03-01").unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc()
}

fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

fn look(family: &str, account: &str, state: State) -> Look {
    Look {
        family: name(family),
        name: name(account),
        state,
        message: Some(format!("{} it is", state.word())),
        help: None,
        failures: 1,
        reached: Some(true),
        counts: Counts::default(),
        balance: None,
        drift: None,
        quarantined: 0,
    }
}

fn lost(family: &str, account: &str) -> Look {
    Look { reached: Some(false), ..look(family, account, State::Failed) }
}

/// A home that looks again and again, and whose owner is always reached.
struct Home {
    kept: Vec<Call>,
    now: DateTime<Utc>,
}

impl Home {
    fn new() -> Self {
        Self { kept: Vec::new(), now: start() }
    }

    /// What is told of some accounts: `+` what calls, `-` what is over.
    fn told(&mut self, looks: &[Look]) -> Vec<String> {
        let told = self.decided(looks);
        let due = told.due.iter().map(|(call, _)| format!("+{}", words(&call.about)));
        let over = told.over.iter().map(|call| format!("-{}", words(&call.about)));
        let mut told: Vec<String> = due.chain(over).collect();
        told.sort();
        told
    }

    fn decided(&mut self, looks: &[Look]) -> Decided {
        let concerns = account_concerns(&self.kept, looks, self.now);
        let decided = decide(&self.kept, concerns, |_| Fate::Over, self.now, &SETTINGS);
        let over = decided.over.iter().map(|call| &call.about);
        let gone: Vec<&About> = over.chain(&decided.forget).collect();
        self.kept.retain(|call| !gone.contains(&&call.about));
        for call in decided.keep.iter().chain(decided.due.iter().map(|(call, _)| call)) {
            self.kept.retain(|kept| kept.about != call.about);
            self.kept.push(call.clone());
        }
        decided
    }

    fn after(&mut self, time: TimeDelta, looks: &[Look]) -> Vec<String> {
        self.now += time;
        self.told(looks)
    }
}

fn words(about: &About) -> String {
    let family = about.family.as_ref().map_or("everything", Name::as_str);
    format!("{family} {} {}", about.subject, about.trouble.word())
}

const NOTHING: [&str; 0] = [];

#[test]
fn waiting_calls_once_again_after_a_week_and_once_when_solved() {
    let mut home = Home::new();
    for (state, called) in [(State::Waiting, "+a x state"), (State::Rejected, "+a x state")] {
        let looks = [look("a", "x", state)];
        assert_eq!(home.after(hours(1), &looks), [called], "entering {}", state.word());
        assert_eq!(home.after(hours(6), &looks), NOTHING);
        assert_eq!(home.after(hours(7 * 24 - 7), &looks), NOTHING);
        assert_eq!(home.after(hours(1), &looks), [called], "a week after the call");
    }
    assert_eq!(home.after(hours(1), &[look("a", "x", State::Ok)]), ["-a x state"]);
    assert_eq!(home.after(hours(1), &[look("a", "x", State::Ok)]), NOTHING);
    assert!(home.kept.is_empty());
}

#[test]
fn what_passes_within_three_days_says_nothing() {
    let mut home = Home::new();
    let states = [State::Failed, State::Limited, State::Stale, State::Suspect];
    for (nth, state) in states.iter().cycle().take(11).enumerate() {
        assert_eq!(home.after(hours(6), &[look("a", "x", *state)]), NOTHING, "{nth}");
    }
    assert_eq!(home.after(hours(6), &[look("a", "x", State::Ok)]), NOTHING);
    assert_eq!(home.told(&[look("a", "x", State::Failed)]), NOTHING, "it begins anew");
    assert_eq!(home.after(hours(71), &[look("a", "x", State::Limited)]), NOTHING);
    assert_eq!(home.after(hours(1), &[look("a", "x", State::Failed)]), ["+a x state"]);
    assert_eq!(home.after(hours(1), &[look("a", "x", State::Waiting)]), ["+a x state"], "entered");
    assert_eq!(home.after(hours(1), &[look("a", "x", State::Failed)]), NOTHING);
    assert_eq!(home.after(hours(1), &[look("a", "x", State::Waiting)]), ["+a x state"], "anew");
}

#[test]
fn a_refused_answer_calls_at_the_third_attempt() {
    let mut home = Home::new();
    let suspect = |failures| [Look { failures, ..look("a", "x", State::Suspect) }];
    assert_eq!(home.told(&suspect(1)), NOTHING);
    assert_eq!(home.after(hours(1), &suspect(2)), NOTHING);
    assert_eq!(home.after(hours(1), &suspect(3)), ["+a x state"]);
    assert_eq!(home.after(hours(1), &suspect(4)), NOTHING);
}

#[test]
fn more_quarantined_rows_call_again_and_fewer_do_not() {
    let mut home = Home::new();
    let rows = |quarantined| [Look { quarantined, ..look("a", "x", State::Ok) }];
    assert_eq!(home.told(&rows(2)), ["+a x quarantine"]);
    assert_eq!(home.told(&rows(1)), NOTHING);
    assert_eq!(home.told(&rows(10)), ["+a x quarantine"]);
    assert_eq!(home.told(&rows(10)), NOTHING);
    assert_eq!(home.told(&rows(0)), ["-a x quarantine"]);
}

#[test]
fn a_drift_calls_three_days_after_its_first_day() {
    let mut home = Home::new();
    let since = civil_day("2026-02-27").unwrap();
    let drifts = [Look { drift: Some(("5.00 USD".into(), since)), ..look("a", "x", State::Ok) }];
    assert_eq!(home.told(&drifts), NOTHING);
    assert_eq!(home.after(hours(12), &drifts), ["+a x drift"]);
    assert_eq!(home.told(&[look("a", "x", State::Ok)]), ["-a x drift"]);
}

#[test]
fn a_network_failure_of_everything_is_one_call() {
    let mut home = Home::new();
    let down = [lost("a", "x"), lost("a", "y"), lost("b", "x"), look("b", "z", State::Waiting)];
    assert_eq!(home.told(&down), ["+b z state"]);
    // Rounds of single accounts, of which the others were not part.
    let unasked = |look: &Look| Look { reached: None, ..look.clone() };
    let one = [down[0].clone(), unasked(&down[1]), unasked(&down[2]), unasked(&down[3])];
    assert_eq!(home.after(hours(71), &one), NOTHING);
    assert_eq!(home.after(hours(1), &one), ["+everything  network"]);
    assert_eq!(home.after(hours(1), &down), NOTHING);
    let back = [look("a", "x", State::Ok), look("a", "y", State::Ok), lost("b", "x")];
    assert_eq!(home.told(&back), ["+b x state", "-b z state", "-everything  network"]);
}

#[test]
fn what_is_wrong_after_a_network_failure_begins_then() {
    let mut home = Home::new();
    let down = [lost("a", "x"), lost("b", "x")];
    assert_eq!(home.told(&down), NOTHING);
    assert_eq!(home.after(hours(60), &down), NOTHING);
    assert_eq!(home.after(hours(20), &down), ["+everything  network"]);
    let back = [look("a", "x", State::Stale), look("b", "x", State::Ok)];
    assert_eq!(home.told(&back), ["-everything  network"]);
    assert_eq!(home.after(hours(71), &back), NOTHING);
    assert_eq!(home.after(hours(1), &back), ["+a x state"]);
}

#[test]
fn what_befalls_one_family_alone_is_its_own() {
    let mut home = Home::new();
    let down = [lost("a", "x"), lost("a", "y")];
    assert_eq!(home.told(&down), NOTHING);
    assert_eq!(home.after(hours(71), &down), NOTHING);
    assert_eq!(home.after(hours(1), &down), ["+a x state", "+a y state"]);
    let mut home = Home::new();
    let partly = [lost("a", "x"), look("b", "x", State::Ok)];
    assert_eq!(home.told(&partly), NOTHING);
    assert_eq!(home.after(hours(71), &partly), NOTHING);
    assert_eq!(home.after(hours(1), &partly), ["+a x state"]);
}

/// A laptop that was closed for days: what failed before, and fails once more at the first look,
/// has not been seen to last.
#[test]
fn a_gap_in_which_nobody_looked_calls_nobody() {
    let mut home = Home::new();
    let failed = [look("a", "x", State::Failed)];
    assert_eq!(home.told(&failed), NOTHING);
    assert_eq!(home.after(hours(14 * 24), &failed), NOTHING);
    let mut lasting = Home { kept: home.kept.clone(), now: home.now };
    assert_eq!(lasting.after(hours(1), &failed), ["+a x state"], "it does last");
    assert_eq!(home.after(hours(1), &[look("a", "x", State::Ok)]), NOTHING);
}

#[test]
fn whoever_was_not_reached_is_called_again() {
    let looks = [look("a", "x", State::Waiting)];
    let decide = |kept: &[Call], now| {
        decide(kept, account_concerns(kept, &looks, now), |_| Fate::Over, now, &SETTINGS)
    };
    let first = decide(&[], start());
    assert_eq!((first.keep.len(), first.due.len()), (1, 1));
    let second = decide(&first.keep, start() + hours(1));
    assert_eq!((second.keep.len(), second.due.len()), (1, 1), "as if for the first time");
    assert_eq!(second.due[0].0.since, start());
}

#[test]
fn a_clock_set_back_by_a_year_silences_nobody() {
    let mut home = Home::new();
    home.now += hours(365 * 24);
    let looks = [look("a", "x", State::Waiting)];
    assert_eq!(home.told(&looks), ["+a x state"]);
    home.now = start();
    assert_eq!(home.told(&looks), NOTHING);
    assert_eq!(home.after(hours(7 * 24), &looks), ["+a x state"]);
}

proptest! {
    /// Whatever an account goes through: two calls without a turn lie a week apart, what is over
    /// is told once and only of what was called, and at the end nothing is kept of a good account.
    #[test]
    fn calls_and_solutions_alternate(steps in prop::collection::vec((0usize..7, 0i64..60), 1..60)) {
        let mut home = Home::new();
        let mut called: Option<DateTime<Utc>> = None;
        let mut before = State::Ok;
        for (state, wait) in steps {
            let state = [State::Ok, State::Failed, State::Limited, State::Stale, State::Waiting,
                State::Rejected, State::Suspect][state];
            home.now += hours(wait);
            let told = home.decided(&[Look { failures: 3, ..look("a", "x", state) }]);
            if let Some((call, _)) = told.due.first() {
                prop_assert!(state != State::Ok);
                let early = called.is_some_and(|at| home.now - at < hours(7 * 24));
                prop_assert!(!early || before != state, "{call:?}");
                called = Some(home.now);
            }
            prop_assert_eq!(told.over.len(), usize::from(state == State::Ok && called.is_some()));
            if state == State::Ok {
                called = None;
                prop_assert!(home.kept.is_empty());
            }
            before = state;
        }
    }
}
