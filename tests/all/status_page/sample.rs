//! Overviews for pages: a family in good order, and one with every kind of trouble.

use std::time::Duration;

use chrono::{DateTime, Days, TimeDelta, Utc};
use rust_decimal::Decimal;
use sophtron_sync::domain::{
    AccountId, AccountOverview, AccountType, Currency, DaemonInfo, Drift, FamilyOverview, Name,
    Overview, Requests, State, civil_day,
};

pub(crate) fn now() -> DateTime<Utc> {
    let day = civil_day("2026-11-25").expect("a day");
    day.and_hms_opt(12, 0, 0).expect("noon").and_utc()
}

/// An account in good order, with a year of balances.
pub(crate) fn account(name: &str, nth: u32) -> AccountOverview {
    let curve = curve(nth);
    let ago = |hours| Some(now() - TimeDelta::hours(hours));
    AccountOverview {
        name: Name::parse(name).expect("a name"),
        id: AccountId::new(&format!("a3c9e1d4-1111-4222-8333-{nth:012}")),
        kind: AccountType::ALL[nth as usize % 4],
        institution: Some(["First Harbor Bank", "Maple Credit Union"][nth as usize % 2].to_owned()),
        state: State::Ok,
        message: None,
        help: None,
        data_as_of: ago(4),
        max_age: Duration::from_hours(24),
        last_attempt: ago(0),
        last_success: ago(0),
        next_attempt: ago(-6),
        currency: Currency::parse("USD"),
        balance: curve.last().map(|(_, balance)| *balance),
        available: None,
        balances_differ: false,
        balance_gap: None,
        drift: None,
        transactions: 300 + nth as usize,
        pending: nth as usize % 3,
        quarantined: 0,
        signs: Vec::new(),
        refused: None,
        curve,
    }
}

/// A year of balances: a pay twice a month, and something spent every other day.
fn curve(nth: u32) -> Vec<(chrono::NaiveDate, Decimal)> {
    let first = civil_day("2025-11-25").expect("a day");
    let mut balance = i64::from(nth) * 71_300 % 900_000 + 120_000;
    let step = |day: u64| -> i64 {
        let spent = (day * 7919 + u64::from(nth) * 104_729) % 17_000;
        let pay = if day % 15 == 3 { 124_000 } else { 0 };
        pay - i64::try_from(spent).expect("small")
    };
    let mut curve = Vec::new();
    for day in (0..=365).step_by(2) {
        balance += step(day);
        let owed = if nth % 4 == 1 { -1 } else { 1 };
        curve.push((first + Days::new(day), Decimal::new(owed * balance, 2)));
    }
    curve
}

pub(crate) fn family(name: &str, accounts: Vec<AccountOverview>) -> FamilyOverview {
    FamilyOverview {
        name: Name::parse(name).expect("a name"),
        own_folder: false,
        paused: false,
        requests: Requests { month: "2026-11".to_owned(), used: 3127, limit: 10_000 },
        accounts,
        waiting: Vec::new(),
    }
}

pub(crate) fn overview(families: Vec<FamilyOverview>) -> Overview {
    let daemon = DaemonInfo { running: true, pid: Some(4711), config_error: None };
    Overview { now: now(), daemon, families }
}

/// An account of each kind of trouble.
pub(crate) fn troubled() -> Vec<AccountOverview> {
    let with = |name: &str, nth, change: &dyn Fn(&mut AccountOverview)| {
        let mut account = account(name, nth);
        change(&mut account);
        account
    };
    vec![
        with("joint-checking", 0, &|it| {
            let since = civil_day("2026-09-14").expect("a day");
            it.drift = Some(Drift { amount: Decimal::new(300, 2), since });
        }),
        with("visa", 1, &|it| {
            it.state = State::Waiting;
            it.message = Some("the bank asks: enter the code sent to ***-1234".to_owned());
            it.help = Some("answer it with `sophtron-sync answer smith/visa`".to_owned());
            it.data_as_of = Some(now() - TimeDelta::days(10));
            it.next_attempt = None;
        }),
        with("brokerage", 2, &|it| {
            (it.curve, it.balance) = (Vec::new(), None);
            it.help = Some("set balance_sign to \"owed\" or \"signed\"".to_owned());
        }),
        with("mortgage", 3, &|it| {
            it.state = State::Stale;
            it.data_as_of = Some(now() - TimeDelta::days(10));
            it.help = Some("the bank's data stand still though reads succeed: look at this login at sophtron.com".to_owned());
            it.curve.retain(|(day, _)| *day < civil_day("2026-11-15").expect("a day"));
        }),
        with("savings", 4, &|it| {
            it.quarantined = 2;
            it.help = Some("quarantined: it has no amount".to_owned());
            it.curve = it.curve.split_off(177);
        }),
        with("old-card", 5, &|it| {
            it.state = State::Closed;
            it.next_attempt = None;
        }),
        with("new-one", 6, &|it| {
            it.state = State::New;
            (it.curve, it.balance, it.currency) = (Vec::new(), None, None);
            (it.data_as_of, it.last_attempt, it.last_success) = (None, None, None);
        }),
    ]
}
