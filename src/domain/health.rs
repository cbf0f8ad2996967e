//! Whether all is well: what a monitor is told of an overview, and why.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, Utc};

use super::notice::small_print;
use super::{AccountOverview, Name, Overview, State, span_words};

/// How bad it is, as monitors of the Nagios family count; the greater is the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All is well.
    Good,
    /// Nothing bad is known, but neither is all that should be.
    Unknown,
    /// It needs a look.
    Warning,
    /// It needs its owner.
    Critical,
}

impl Level {
    /// The word that begins a monitor's line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "OK",
            Self::Unknown => "UNKNOWN",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        }
    }

    /// The exit code of a plugin (Nagios plugin API).
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }
}

/// What may be borne without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How old data may be, of every account instead of its own `max_age`.
    pub max_age: Option<Duration>,
    /// How long a passing trouble may last.
    pub attention_after: Duration,
    /// The time between two rounds: an attempt that is later than this is overdue.
    pub every: Duration,
}

impl Default for Patience {
    /// Three days of trouble, rounds every six hours.
    fn default() -> Self {
        let (attention_after, every) = (Duration::from_hours(72), Duration::from_hours(6));
        Self { max_age: None, attention_after, every }
    }
}

/// What is not well with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// It is in a state that is not good.
    State(State),
    /// Its data are older than they may be.
    Old(Duration),
    /// Nothing tells how old its data are.
    UnknownAge,
    /// A drift stands for so many days.
    Drift(i64),
    /// So many rows are booked nowhere.
    Quarantine(usize),
    /// Two balances were sent that contradict one another.
    BalancesDiffer,
    /// Its next attempt is late by this much.
    Overdue(Duration),
}

impl Concern {
    /// How bad it is.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::State(State::Rejected | State::Waiting) | Self::Old(_) => Level::Critical,
            _ => Level::Warning,
        }
    }
}

impl fmt::Display for Concern {
    /// A few plain words that follow the account's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(State::Waiting) => f.write_str("the bank asks its owner"),
            Self::State(State::Rejected) => f.write_str("the credentials are rejected"),
            Self::State(State::New) => f.write_str("never synced"),
            Self::State(state) => f.write_str(state.word()),
            Self::Old(age) => write!(f, "data {} old", span_words(*age)),
            Self::UnknownAge => f.write_str("age of its data unknown"),
            Self::Drift(days) => write!(f, "drift for {days} d"),
            Self::Quarantine(rows) => write!(f, "{rows} quarantined"),
            Self::BalancesDiffer => f.write_str("two balances that differ"),
            Self::Overdue(late) => write!(f, "next attempt overdue by {}", span_words(*late)),
        }
    }
}

/// What is not well with an account, the worst first; nothing of one that rests as configured.
#[must_use]
pub fn concerns(
    account: &AccountOverview,
    now: DateTime<Utc>,
    patience: &Patience,
) -> Vec<Concern> {
    if account.rests() {
        return Vec::new();
    }
    let state = Some(Concern::State(account.state)).filter(|_| account.state != State::Ok);
    let drift = account.drift.as_ref().and_then(|drift| {
        let lasted = now - drift.since.and_time(NaiveTime::MIN).and_utc();
        let long = lasted.to_std().is_ok_and(|lasted| lasted > patience.attention_after);
        long.then_some(Concern::Drift(lasted.num_days()))
    });
    let found = [
        state,
        age(account, now, patience),
        drift,
        (account.quarantined > 0).then_some(Concern::Quarantine(account.quarantined)),
        account.balances_differ.then_some(Concern::BalancesDiffer),
        overdue(account, now, patience),
    ];
    let mut concerns: Vec<Concern> = found.into_iter().flatten().collect();
    if concerns.iter().any(|concern| matches!(concern, Concern::Old(_))) {
        // To be stale is no more than that.
        concerns.retain(|concern| *concern != Concern::State(State::Stale));
    }
    concerns.sort_by_key(|concern| std::cmp::Reverse(concern.level()));
    concerns
}

fn age(account: &AccountOverview, now: DateTime<Utc>, patience: &Patience) -> Option<Concern> {
    match account.age(now) {
        // An account that was never read has no age, and says so by its state.
        None => (account.state != State::New).then_some(Concern::UnknownAge),
        Some(age) => {
            let most = patience.max_age.unwrap_or(account.max_age);
            (age > most).then_some(Concern::Old(age))
        }
    }
}

fn overdue(account: &AccountOverview, now: DateTime<Utc>, patience: &Patience) -> Option<Concern> {
    let late = (now - account.next_attempt?).to_std().ok()?;
    (late > patience.every).then_some(Concern::Overdue(late))
}

/// The verdict over everything, and what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The worst level of all.
    pub level: Level,
    /// What is not well, the worst first, each as `family/account` with its concern.
    pub reasons: Vec<(Name, Name, Concern)>,
}

/// Judges an overview: good is what lets a monitor, and the hook `on_ok`, be told that all is well.
#[must_use]
pub fn health(overview: &Overview, patience: &Patience) -> Health {
    let mut reasons = Vec::new();
    for (family, account) in overview.accounts() {
        let found = concerns(account, overview.now, patience);
        reasons.extend(
            found.into_iter().map(|concern| (family.name.clone(), account.name.clone(), concern)),
        );
    }
    reasons.sort_by_key(|(_, _, concern)| std::cmp::Reverse(concern.level()));
    let unread = if overview.daemon.config_error.is_some() { Level::Unknown } else { Level::Good };
    let worst = reasons.first().map_or(Level::Good, |(_, _, concern)| concern.level());
    Health { level: worst.max(unread), reasons }
}

impl Health {
    /// Whether nothing is left to say.
    #[must_use]
    pub fn is_well(&self, overview: &Overview) -> bool {
        self.level == Level::Good && small_print(overview).is_none()
    }

    /// The verdict in a few words: how many accounts need their owner, or that none does.
    #[must_use]
    pub fn words(&self, overview: &Overview) -> String {
        let all = overview.accounts().count();
        let worst = self.reasons.iter().filter(|(.., concern)| concern.level() == self.level);
        let bad: BTreeSet<_> = worst.map(|(family, account, _)| (family, account)).collect();
        let bad = bad.len();
        let who =
            if all == 1 { "the account".to_owned() } else { format!("{bad} of {all} accounts") };
        let need = if bad == 1 { "needs" } else { "need" };
        match self.level {
            Level::Good => small_print(overview).unwrap_or_else(|| {
                if all == 0 { "no account is linked yet" } else { "all is well" }.to_owned()
            }),
            Level::Unknown => "the configuration needs you".to_owned(),
            Level::Warning => format!("{who} {need} a look"),
            Level::Critical => format!("{who} {need} you"),
        }
    }
}

/// What to do about an account, if anything, besides its drift: what the fault or the books say,
/// else what fits its concerns.
#[must_use]
pub fn cure(account: &AccountOverview, concerns: &[Concern]) -> Option<String> {
    let by_concern = || {
        if account.state == State::New {
            Some("run `sophtron-sync sync`".to_owned())
        } else if concerns.iter().any(|it| matches!(it, Concern::Overdue(_))) {
            Some("nothing syncs any more: look at the daemon or the timer".to_owned())
        } else {
            None
        }
    };
    account.help.clone().or_else(by_concern)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::{
        AccountId, AccountType, BalanceGap, DaemonInfo, Drift, FamilyOverview, LoginId, Requests,
        WaitingLogin, civil_day,
    };

    fn now() -> DateTime<Utc> {
        civil_day("2026-11-25").unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc()
    }

    fn hours(hours: u64) -> Duration {
        Duration::from_hours(hours)
    }

    fn good() -> AccountOverview {
        AccountOverview {
            name: Name::parse("visa").unwrap(),
            id: AccountId::new("a"),
            kind: AccountType::CreditCard,
            institution: None,
            state: State::Ok,
            message: None,
            help: None,
            data_as_of: Some(now() - TimeDelta::hours(4)),
            max_age: hours(24),
            last_attempt: Some(now()),
            last_success: Some(now()),
            next_attempt: Some(now() + TimeDelta::hours(6)),
            currency: None,
            balance: None,
            available: None,
            balances_differ: false,
            balance_gap: None,
            drift: None,
            transactions: 0,
            pending: 0,
            quarantined: 0,
            signs: Vec::new(),
            refused: None,
            curve: Vec::new(),
        }
    }

    fn drift(since: &str) -> Drift {
        Drift { amount: Decimal::ONE, since: civil_day(since).unwrap() }
    }

    fn of(accounts: Vec<AccountOverview>) -> Overview {
        let requests = Requests { month: "2026-11".to_owned(), used: 0, limit: 1 };
        let name = Name::parse("smith").unwrap();
        let (own_folder, paused, waiting) = (false, false, Vec::new());
        let family = FamilyOverview { name, own_folder, paused, requests, accounts, waiting };
        Overview { now: now(), daemon: DaemonInfo::default(), families: vec![family] }
    }

    fn with(change: impl FnOnce(&mut AccountOverview)) -> AccountOverview {
        let mut account = good();
        change(&mut account);
        account
    }

    fn ago(hours: i64) -> DateTime<Utc> {
        now() - TimeDelta::hours(hours)
    }

    #[test]
    fn each_trouble_has_its_level() {
        let state = |state| with(|account| account.state = state);
        let cases: Vec<(&str, AccountOverview, u8)> = vec![
            ("good", good(), 0),
            ("rejected", state(State::Rejected), 2),
            ("waiting", state(State::Waiting), 2),
            ("suspect", state(State::Suspect), 1),
            ("failed", state(State::Failed), 1),
            ("limited", state(State::Limited), 1),
            ("new", with(|it| (it.state, it.data_as_of) = (State::New, None)), 1),
            ("old", with(|it| (it.state, it.data_as_of) = (State::Stale, Some(ago(25)))), 2),
            (
                "old and failed",
                with(|it| (it.state, it.data_as_of) = (State::Failed, Some(ago(25)))),
                2,
            ),
            ("as old as it may be", with(|it| it.data_as_of = Some(ago(24))), 0),
            ("unknown age", with(|it| it.data_as_of = None), 1),
            ("drift of three days", with(|it| it.drift = Some(drift("2026-11-23"))), 0),
            ("drift of four days", with(|it| it.drift = Some(drift("2026-11-21"))), 1),
            ("quarantine", with(|it| it.quarantined = 1), 1),
            ("balances", with(|it| it.balances_differ = true), 1),
            ("late", with(|it| it.next_attempt = Some(ago(6))), 0),
            ("too late", with(|it| it.next_attempt = Some(ago(7))), 1),
            ("no next attempt", with(|it| it.next_attempt = None), 0),
            ("closed", with(|it| (it.state, it.quarantined) = (State::Closed, 9)), 0),
            ("paused", with(|it| (it.state, it.data_as_of) = (State::Paused, Some(ago(999)))), 0),
        ];
        for (what, account, code) in cases {
            let health = health(&of(vec![good(), account]), &Patience::default());
            assert_eq!(health.level.code(), code, "{what}: {:?}", health.reasons);
            assert_eq!(health.reasons.is_empty(), code == 0, "{what}");
        }
    }

    #[test]
    fn a_given_age_stands_for_that_of_every_account() {
        let old = with(|it| (it.state, it.data_as_of) = (State::Stale, Some(ago(30))));
        let within = |given: Option<Duration>| {
            let patience = Patience { max_age: given, ..Patience::default() };
            health(&of(vec![old.clone()]), &patience).level
        };
        assert_eq!(within(None), Level::Critical);
        assert_eq!(within(Some(hours(36))), Level::Warning, "it is stale all the same");
        assert_eq!(within(Some(hours(1))), Level::Critical);
    }

    #[test]
    fn the_worst_counts_and_comes_first() {
        let quarantine = with(|it| it.quarantined = 2);
        let waiting = with(|it| it.state = State::Waiting);
        let health = health(&of(vec![quarantine, waiting]), &Patience::default());
        let told: Vec<String> = health.reasons.iter().map(|(.., it)| it.to_string()).collect();
        assert_eq!(told, ["the bank asks its owner", "2 quarantined"]);
        assert_eq!(health.level.word(), "CRITICAL");
    }

    #[test]
    fn the_verdict_counts_accounts_once() {
        let words = |accounts| {
            let overview = of(accounts);
            health(&overview, &Patience::default()).words(&overview)
        };
        let bad = || with(|it| (it.quarantined, it.data_as_of) = (2, None));
        assert_eq!(words(vec![bad(), good()]), "1 of 2 accounts needs a look");
        assert_eq!(words(vec![with(|it| it.state = State::Waiting)]), "the account needs you");
        assert_eq!(words(vec![good()]), "all is well");
        let fresh = || with(|it| it.drift = Some(drift("2026-11-24")));
        assert_eq!(words(vec![fresh()]), "the account has drift");
        let noted = with(|it| it.message = Some("the bank was not asked".to_owned()));
        assert_eq!(words(vec![noted]), "the account has a note");
        let bare = with(|it| it.balance_gap = Some(BalanceGap::Never));
        assert_eq!(
            words(vec![fresh(), fresh(), bare]),
            "2 of 3 accounts have drift, 1 of 3 accounts has no balance"
        );
        assert_eq!(words(Vec::new()), "no account is linked yet");
        let begun = |accounts, banks| {
            let mut overview = of(accounts);
            let login = WaitingLogin { id: LoginId::new("l"), institution: None };
            overview.families[0].waiting = vec![login; banks];
            health(&overview, &Patience::default()).words(&overview)
        };
        assert_eq!(begun(Vec::new(), 1), "1 bank waits for an answer");
        let both = "2 banks wait for an answer, the account has drift";
        assert_eq!(begun(vec![fresh()], 2), both);
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_unknown_unless_worse_is_known() {
        let judged = |accounts| {
            let mut overview = of(accounts);
            overview.daemon.config_error = Some("line 3".to_owned());
            health(&overview, &Patience::default()).level.code()
        };
        assert_eq!(judged(vec![good()]), 3);
        assert_eq!(judged(vec![with(|it| it.state = State::Failed)]), 1);
    }
}
