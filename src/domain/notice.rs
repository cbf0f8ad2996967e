//! What stands with an account although nothing failed: every sync tells it, and `status` below the
//! account.

use chrono::{DateTime, Utc};

use super::{AccountOverview, BalanceGap, Name, Overview, State, plain, span_words, tidy};

/// What is told of data that stand still.
pub const STALE: &str =
    "the bank's data stand still though reads succeed: look at this login at sophtron.com";

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeOf {
    /// The reported balance is not what the rows say.
    Drift,
    /// Rows that cannot be booked.
    Quarantine,
    /// The data are older than they may be.
    Stale,
}

/// Something that stands, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub about: NoticeOf,
    /// What stands, in words that follow the account's name.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What stands with an account; nothing of one that rests as configured.
#[must_use]
pub fn notices(family: &Name, account: &AccountOverview, now: DateTime<Utc>) -> Vec<Notice> {
    if account.rests() {
        return Vec::new();
    }
    let drift = drift_notice(family, account);
    drift.into_iter().chain(quarantine_notice(account)).chain(stale_notice(account, now)).collect()
}

/// The drift of an account.
#[must_use]
pub fn drift_notice(family: &Name, account: &AccountOverview) -> Option<Notice> {
    let (drift, currency) = (account.drift.as_ref()?, account.currency.as_ref()?);
    let (amount, since) = (plain(tidy(drift.amount), currency), drift.since);
    let message = format!(
        "drift {amount} {currency} since {since}: the bank's balance is not what the rows say"
    );
    let account = &account.name;
    let help =
        format!("run `sophtron-sync reconcile {family}/{account}`: it shows where they part");
    Some(Notice { about: NoticeOf::Drift, message, help })
}

fn quarantine_notice(account: &AccountOverview) -> Option<Notice> {
    let message = quarantined(account.quarantined)?;
    let help = "`sophtron-sync status` says why they are, and what to set".to_owned();
    Some(Notice { about: NoticeOf::Quarantine, message, help })
}

/// How many rows are quarantined, in words; nothing where none is.
#[must_use]
pub fn quarantined(rows: usize) -> Option<String> {
    let rows = match rows {
        0 => return None,
        1 => "1 row is".to_owned(),
        rows => format!("{rows} rows are"),
    };
    Some(format!("{rows} quarantined: booked nowhere"))
}

fn stale_notice(account: &AccountOverview, now: DateTime<Utc>) -> Option<Notice> {
    let age = account.age(now).filter(|_| account.state == State::Stale)?;
    let message = format!("its data are {} old", span_words(age));
    Some(Notice { about: NoticeOf::Stale, message, help: STALE.to_owned() })
}

/// Whether something else is told of an account that is well.
fn has_note(account: &AccountOverview) -> bool {
    account.state == State::Ok && account.balance_gap.is_none() && account.message.is_some()
}

/// What stands with some accounts although nobody need act on it yet, and the banks without an
/// account that wait for an answer.
pub(super) fn small_print(overview: &Overview) -> Option<String> {
    let read = || overview.accounts().map(|(_, account)| account).filter(|it| !it.rests());
    let all = overview.accounts().count();
    let counts = [
        (read().filter(|it| it.drift.is_some()).count(), "drift"),
        (read().filter(|it| it.balance_gap == Some(BalanceGap::Never)).count(), "no balance"),
        (
            read().filter(|it| matches!(it.balance_gap, Some(BalanceGap::Since(_)))).count(),
            "no new balance",
        ),
        (read().filter(|it| has_note(it)).count(), "a note"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let accounts = counts.map(|(count, what)| match (all, count) {
        (1, _) => format!("the account has {what}"),
        (_, 1) => format!("1 of {all} accounts has {what}"),
        _ => format!("{count} of {all} accounts have {what}"),
    });
    let banks = match overview.families.iter().map(|family| family.waiting.len()).sum() {
        0 => None,
        1 => Some("1 bank waits for an answer".to_owned()),
        banks => Some(format!("{banks} banks wait for an answer")),
    };
    let words: Vec<String> = banks.into_iter().chain(accounts).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
