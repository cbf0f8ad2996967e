//! How everything stands, gathered from the configured families and the store.

use chrono::{DateTime, Months, Utc};
use rust_decimal::Decimal;

use super::plan::{known_update, max_age, shown_state};
use super::schedule::next_tick;
use super::source::account_summary;
use crate::books::{
    Refusal, Reported, Rules, Source, Summary, account_line, balance_gap, reported_balance,
};
use crate::domain::{
    Account, AccountOverview, AccountType, BalanceGap, Currency, DaemonInfo, Day, Family,
    FamilyOverview, KeptAccount, KeptLogin, Overview, RefusedAnswer, Requests, STALE, Schedule,
    State, Style, SyncSettings, Tally, Track, WaitingLogin, sha256_hex,
};
use crate::store::{Store, StoreError};

/// How many months the curve of balances goes back.
const CURVE_MONTHS: u32 = 12;

/// What an overview is made from besides the store.
pub struct Asked<'a> {
    /// The present instant.
    pub now: DateTime<Utc>,
    /// What is known of the daemon.
    pub daemon: DaemonInfo,
    /// `[sync]`.
    pub sync: &'a SyncSettings,
    /// `[schedule]`.
    pub schedule: &'a Schedule,
    /// How files are written.
    pub style: &'a Style,
    /// Whether the store may keep what is counted from rows.
    pub keeps: bool,
}

/// Gathers how everything stands; without a store every account is new.
///
/// # Errors
/// What the store cannot do.
pub fn overview(
    store: Option<&Store>,
    families: &[Family],
    asked: &Asked,
) -> Result<Overview, StoreError> {
    let rounds = store.map(Store::rounds).transpose()?.unwrap_or_default();
    let next = |family: &Family| {
        // A round in the future was begun before the clock was set back.
        let last = rounds.get(&family.name).map(|last| asked.now.min(*last));
        // A family that had no round yet is begun with at once where a daemon runs.
        let first = || asked.daemon.running.then_some(asked.now);
        last.map(|last| next_tick(asked.schedule, last)).or_else(first)
    };
    let families =
        families.iter().map(|family| family_overview(store, family, next(family), asked));
    Ok(Overview {
        now: asked.now,
        daemon: asked.daemon.clone(),
        families: families.collect::<Result<_, _>>()?,
    })
}

fn family_overview(
    store: Option<&Store>,
    family: &Family,
    next: Option<DateTime<Utc>>,
    asked: &Asked,
) -> Result<FamilyOverview, StoreError> {
    let month = asked.now.format("%Y-%m").to_string();
    let used = store.map_or(Ok(0), |store| store.requests(&family.name, &month))?;
    let accounts = family.accounts.iter().map(|account| {
        let known = store.map(|store| known(store, family, account, asked)).transpose()?;
        let known = known.flatten().unwrap_or_default();
        let mut told = account_overview(family, account, &known, asked);
        told.next_attempt = next_attempt(told.state, told.next_attempt, next);
        Ok(told)
    });
    Ok(FamilyOverview {
        name: family.name.clone(),
        own_folder: family.own_folder,
        paused: family.paused,
        requests: Requests { month, used, limit: asked.sync.monthly_requests },
        accounts: accounts.collect::<Result<_, StoreError>>()?,
        waiting: store.map(|store| waiting(store, family)).transpose()?.unwrap_or_default(),
    })
}

/// The logins that wait for their owner, where no account tells it: such as one of a bank that is
/// being connected. A family that rests is asked nothing.
fn waiting(store: &Store, family: &Family) -> Result<Vec<WaitingLogin>, StoreError> {
    if family.paused {
        return Ok(Vec::new());
    }
    let (kept, logins) = (store.accounts(&family.name)?, store.logins(&family.name)?);
    let is_told = |login: &KeptLogin| family.accounts_of(&login.id, &kept).next().is_some();
    let waiting = logins.into_iter().filter(|login| login.waits() && !is_told(login));
    Ok(waiting.map(|KeptLogin { id, institution, .. }| WaitingLogin { id, institution }).collect())
}

/// What the store knows of an account; nothing of one that was never synced.
#[derive(Default)]
struct Known {
    kept: Option<KeptAccount>,
    books: Option<Books>,
    institution: Option<String>,
    refused: Option<RefusedAnswer>,
}

/// What its books say.
struct Books {
    currency: Currency,
    balance: Option<Decimal>,
    available: Option<Decimal>,
    balances_differ: bool,
    balance_gap: Option<BalanceGap>,
    track: Track,
    curve: Vec<(Day, Decimal)>,
    tally: Tally,
}

fn known(
    store: &Store,
    family: &Family,
    account: &Account,
    asked: &Asked,
) -> Result<Option<Known>, StoreError> {
    let kept = store.configured_account(&family.name, &account.name, &account.id)?;
    let Some(kept) = kept else { return Ok(None) };
    let books = books(store, &kept, asked)?;
    let login = kept.login.as_ref().map(|login| store.login(&family.name, login)).transpose()?;
    let institution = login.flatten().and_then(|login| login.institution);
    let refused = store.refused(kept.key)?;
    let refused = refused.map(|refused| RefusedAnswer {
        at: refused.at,
        why: refused.why,
        accounts: refused.accounts,
        rows: refused.rows,
    });
    let institution = institution.filter(|name| !name.trim().is_empty());
    Ok(Some(Known { kept: Some(kept), books, institution, refused }))
}

/// What the books of an account say, where it was read at least once.
fn books(store: &Store, kept: &KeptAccount, asked: &Asked) -> Result<Option<Books>, StoreError> {
    let Some(settled) = &kept.settled else { return Ok(None) };
    let rules = Rules::of(kept, settled);
    let reports = store.reports(kept.key)?;
    // No row is needed for these.
    let (rows, held, pending) = (&[], &[], &[]);
    let style = asked.style;
    let source =
        Source { kept, settled, rows, held, pending, reports: &reports, rules: &rules, style };
    let line = account_line(&source, None);
    Ok(Some(Books {
        currency: rules.currency.clone(),
        balance: line.balance,
        available: line.available,
        balances_differ: balances_differ(&source),
        balance_gap: balance_gap(&source),
        track: source.track(),
        curve: curve(&source, year_before(asked.now.date_naive())),
        tally: tally(store, kept, asked)?,
    }))
}

/// What is counted from the rows: as it was counted last, where nothing that it depends on has
/// changed since, so that a sync without news reads no row.
fn tally(store: &Store, kept: &KeptAccount, asked: &Asked) -> Result<Tally, StoreError> {
    let fingerprint = fingerprint(store, kept)?;
    if let Some(tally) = store.tally(kept.key, &fingerprint)? {
        return Ok(tally);
    }
    let tally = account_summary(store, kept, asked.style)?.map(counted).unwrap_or_default();
    if asked.keeps {
        store.save_tally(kept.key, &fingerprint, &tally)?;
    }
    Ok(tally)
}

/// All that a tally depends on: rows change with a read or a revision of the family alone.
fn fingerprint(store: &Store, kept: &KeptAccount) -> Result<String, StoreError> {
    let revision = store.family(&kept.family)?.revision;
    let sent = kept.received.as_ref();
    let sent = sent.map(|sent| (&sent.balance, &sent.account_balance, &sent.cash));
    let figures = (&kept.anchor, &kept.agreement, sent);
    let by = (kept.reads, revision, env!("CARGO_PKG_VERSION"));
    Ok(sha256_hex(format!("{by:?} {:?} {:?} {figures:?}", kept.linked, kept.settled).as_bytes()))
}

fn counted(summary: Summary) -> Tally {
    Tally {
        hint: hint(&summary),
        booked: summary.booked,
        pending: summary.pending,
        quarantined: summary.quarantined,
        drift: summary.drift,
        signs: summary.signs,
    }
}

fn balances_differ(source: &Source) -> bool {
    let sent = source.kept.received.as_ref();
    let taken =
        sent.map(|sent| reported_balance(sent, source.kept.linked.account.kind, source.track()));
    matches!(taken, Some(Reported::Conflict(..)))
}

fn year_before(today: Day) -> Day {
    today.checked_sub_months(Months::new(CURVE_MONTHS)).unwrap_or(Day::MIN)
}

/// The reported balances from a day on, one a day and only where it moved; the one that stood on
/// that day begins them.
fn curve(source: &Source, since: Day) -> Vec<(Day, Decimal)> {
    let mut curve: Vec<(Day, Decimal)> = Vec::new();
    let reported = source
        .reports
        .iter()
        .filter_map(|report| Some((report.day.max(since), source.rules.signed(report.balance?)?)));
    for (day, balance) in reported {
        match curve.last_mut() {
            Some(last) if last.0 >= day => last.1 = balance,
            _ => curve.push((day, balance)),
        }
    }
    curve.dedup_by_key(|(_, balance)| *balance);
    curve
}

fn account_overview(
    family: &Family,
    account: &Account,
    known: &Known,
    asked: &Asked,
) -> AccountOverview {
    let (kept, books) = (known.kept.as_ref(), known.books.as_ref());
    let tally = books.map(|books| books.tally.clone()).unwrap_or_default();
    let max_age = max_age(account, asked.sync.refresh);
    let state = state(family, account, kept, max_age, asked.now);
    let rests = matches!(state, State::Closed | State::Paused);
    let condition = kept.map(|kept| &kept.condition);
    let told = condition.filter(|_| !rests);
    let help = told.and_then(|told| told.help.clone());
    let hint = if state == State::Stale { Some(STALE.to_owned()) } else { tally.hint };
    let gap = books.filter(|_| !rests).and_then(|books| gap_words(books, account.kind));
    AccountOverview {
        name: account.name.clone(),
        id: account.id.clone(),
        kind: account.kind,
        institution: known.institution.clone(),
        state,
        message: message(told.and_then(|told| told.message.clone()), gap),
        help: help.or(hint.filter(|_| !rests)),
        data_as_of: kept.and_then(|kept| updated(kept, asked.now)),
        max_age,
        last_attempt: condition.and_then(|condition| condition.last_attempt),
        last_success: condition.and_then(|condition| condition.last_success),
        next_attempt: condition.and_then(|condition| condition.next_attempt),
        currency: books.map(|books| books.currency.clone()),
        balance: books.and_then(|books| books.balance),
        available: books.and_then(|books| books.available),
        balances_differ: books.is_some_and(|books| books.balances_differ),
        balance_gap: books.and_then(|books| books.balance_gap),
        drift: tally.drift,
        transactions: tally.booked,
        pending: tally.pending,
        quarantined: tally.quarantined,
        signs: tally.signs,
        refused: known.refused.clone(),
        curve: books.map(|books| books.curve.clone()).unwrap_or_default(),
    }
}

/// What happened, and what is missing beside it.
fn message(happened: Option<String>, missing: Option<String>) -> Option<String> {
    let words: Vec<String> = happened.into_iter().chain(missing).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// What is missing of a balance, and what is not written for that.
fn gap_words(books: &Books, kind: AccountType) -> Option<String> {
    let until = match (books.track, kind) {
        (Track::Cash, AccountType::Investment) => {
            ": until one does there is no opening balance and no assertion"
        }
        (Track::Cash, _) => ": until one does there is no opening balance, no assertion and no OFX",
        (Track::Rows | Track::Value, _) => "",
    };
    Some(match books.balance_gap? {
        BalanceGap::Never => format!("no balance came yet{until}"),
        BalanceGap::Since(day) => {
            format!("the last list of accounts had no balance: the one of {day} is shown")
        }
    })
}

fn state(
    family: &Family,
    account: &Account,
    kept: Option<&KeptAccount>,
    max_age: std::time::Duration,
    now: DateTime<Utc>,
) -> State {
    if account.closed.is_some_and(|closed| closed <= now.date_naive()) {
        State::Closed
    } else if family.paused {
        State::Paused
    } else {
        let Some(kept) = kept else { return State::New };
        shown_state(kept.condition.state, updated(kept, now), max_age, now)
    }
}

/// When an account is tried again: one in trouble when its own wait is over, any other at the next
/// round.
fn next_attempt(
    state: State,
    own: Option<DateTime<Utc>>,
    next: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    match state {
        State::Closed | State::Paused | State::Rejected | State::Waiting => None,
        State::Suspect | State::Failed | State::Limited => own,
        State::Stale | State::Ok | State::New => next.or(own),
    }
}

/// When the service last updated its copy of an account.
fn updated(kept: &KeptAccount, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    known_update(kept.received.as_ref()?.last_updated.as_deref()?, now)
}

/// What the owner can set where nothing failed and yet something is missing.
fn hint(summary: &Summary) -> Option<String> {
    if summary.sign_is_open && summary.refusals.contains(&Refusal::NoDirection) {
        return Some("set amount_sign (and balance_sign, where it is known): with both open nothing can be told from the balance's moves".to_owned());
    }
    if summary.sign_is_open {
        return Some("set balance_sign to \"owed\" or \"signed\": until then there is no opening balance and no OFX".to_owned());
    }
    if summary.rows_wait_for_sign {
        return Some("rows without DEBIT or CREDIT wait for their sign: set amount_sign to \"signed\" or \"inverted\", or to \"type\" if they shall stay aside; until then there is no opening balance and no OFX".to_owned());
    }
    if summary.sum_is_too_long {
        return Some("the amounts of this account add up to more than 28 digits: there is no opening balance, no assertion and no OFX; look for an amount that cannot be right".to_owned());
    }
    let reasons: Vec<_> = summary.refusals.iter().map(ToString::to_string).collect();
    (!reasons.is_empty()).then(|| format!("quarantined: {}", reasons.join("; ")))
}
