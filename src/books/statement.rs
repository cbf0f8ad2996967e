//! The statement of one account, made from what is kept and how it is configured.

use rust_decimal::Decimal;

use super::opening::{has_opening, is_provisional};
use super::{
    Entry, Ledger, Refusal, Reported, Rules, amount_sign, balance_sign, book, reported_balance,
};
use crate::domain::{
    Account, AccountLine, AmountSign, Assertion, BalanceGap, BalanceLine, BalanceSign, Booking,
    Currency, Day, Drift, KeptAccount, KeptRow, ReadNumber, ReceivedRow, Report, Settled, Standing,
    Statement, Style, Track, exact_sum, tidy,
};

/// All that a statement is made from.
pub struct Source<'a> {
    /// The account as kept, with its configuration.
    pub kept: &'a KeptAccount,
    /// What its first good read settled.
    pub settled: &'a Settled,
    /// Its kept rows, in first-seen order.
    pub rows: &'a [KeptRow],
    /// Newer forms of rows that are not taken, by the row's key: they cannot be booked, or are
    /// pending again.
    pub held: &'a [(i64, ReceivedRow)],
    /// The rows that are pending now.
    pub pending: &'a [ReceivedRow],
    /// Its reported balances, in the order of the reads.
    pub reports: &'a [Report],
    /// The rules that it is booked under.
    pub rules: &'a Rules,
    /// The style, for the names of the other sides.
    pub style: &'a Style,
}

impl Source<'_> {
    /// What is tracked: as configured, else as settled at the first good read.
    #[must_use]
    pub fn track(&self) -> Track {
        self.account().track.unwrap_or(self.settled.track)
    }

    fn account(&self) -> &Account {
        &self.kept.linked.account
    }

    pub(super) fn opening(&self, ledger: &Ledger) -> Option<Decimal> {
        let anchor = self.kept.anchor.as_ref().filter(|_| has_opening(self.track()))?;
        ledger.opening(anchor)
    }
}

/// Makes the statement: what every writer takes.
#[must_use]
pub fn statement(source: &Source) -> Statement {
    let ledger = Ledger::new(source.rows, source.rules);
    let opening = source.opening(&ledger);
    let track = source.track();
    let mut booked: Vec<_> = ledger.booked.iter().filter(|(row, _)| row.id.is_some()).collect();
    booked.sort_by_key(|(row, entry)| (entry.day, row.sequence));
    let bookings = if track == Track::Value { Vec::new() } else { bookings(&booked, source.style) };
    Statement {
        family: source.kept.family.clone(),
        account: source.account().name.clone(),
        account_id: source.kept.first_id.to_string(),
        kind: source.account().kind,
        track,
        ledger: source.account().ledger.clone(),
        currency: source.rules.currency.clone(),
        start: source.rules.start,
        opening,
        opening_account: source.style.opening.clone(),
        opening_entry: source.account().opening_entry,
        pending: pending(source),
        assertion: opening.and_then(|_| assertion(source, &ledger, &bookings)),
        bookings,
        ofx: source.settled.ofx.clone(),
    }
}

fn bookings(booked: &[&(&KeptRow, Entry)], style: &Style) -> Vec<Booking> {
    let made = |(row, entry): &&(&KeptRow, Entry)| {
        let other_side = match row.standing {
            Standing::Entry => style.reconciliation.as_str(),
            _ => unknown_side(entry, style),
        };
        booking(&row.row, entry, row.id.clone().unwrap_or_default(), other_side)
    };
    booked.iter().map(made).collect()
}

fn pending(source: &Source) -> Vec<Booking> {
    let rows = source.pending.iter().filter_map(|row| {
        let entry = book(row, source.rules).ok()?;
        let other_side = unknown_side(&entry, source.style);
        Some(booking(row, &entry, row.id.clone().unwrap_or_default(), other_side))
    });
    let mut rows: Vec<_> = rows.filter(|row| row.day >= source.rules.start).collect();
    rows.sort_by_key(|row| row.day);
    rows
}

/// The other side of a row that nothing else decides, by its sign.
pub(super) fn unknown_side<'a>(entry: &Entry, style: &'a Style) -> &'a str {
    if entry.amount.amount > Decimal::ZERO { &style.unknown_income } else { &style.unknown_expense }
}

fn booking(row: &ReceivedRow, entry: &Entry, id: String, other_side: &str) -> Booking {
    Booking {
        id,
        day: entry.day,
        amount: entry.amount.clone(),
        payee: payee(row),
        description: row.description.clone(),
        category: row.category.clone(),
        memo: row.memo.clone(),
        check_number: row.check_number.clone(),
        posted: row.post_date.value().copied(),
        kind: row.kind.clone(),
        has_status: row.status.is_some(),
        other_side: other_side.to_owned(),
    }
}

/// Merchant, else Description; a blank one counts as none.
fn payee(row: &ReceivedRow) -> String {
    let sent = [&row.merchant, &row.description].into_iter().flatten();
    sent.into_iter().find(|text| !text.trim().is_empty()).cloned().unwrap_or_default()
}

/// The agreed balance plus every booked row that it did not count.
fn assertion(source: &Source, ledger: &Ledger, bookings: &[Booking]) -> Option<Assertion> {
    let agreement = source.kept.agreement.as_ref()?;
    if source.kept.anchor.as_ref().is_some_and(is_provisional) {
        return None;
    }
    let agreed = source.rules.signed(agreement.balance)?;
    let since = ledger.sum(|row, _| !row.agreed)?;
    Some(Assertion {
        day: bookings.last().map_or(source.rules.start, |booking| booking.day),
        amount: exact_sum(agreed, since).map(tidy)?,
        agreed_on: agreement.day,
        agreed,
        drift: drift(&balance_lines(source)),
    })
}

/// The lines of `balances.csv`: one a day, and only where a figure differs from the line before.
#[must_use]
pub fn balance_lines(source: &Source) -> Vec<BalanceLine> {
    let ledger = Ledger::new(source.rows, source.rules);
    let opening = source.opening(&ledger);
    let mut lines: Vec<BalanceLine> = Vec::new();
    for report in source.reports {
        let Some(line) = balance_line(source, report, &ledger, opening) else { continue };
        match lines.last_mut() {
            // What is available alone moves with pending rows, and is no news.
            Some(last) if figures(last) == figures(&line) => {}
            Some(last) if last.date == line.date => *last = line,
            _ => lines.push(line),
        }
    }
    lines.dedup_by(|next, last| figures(next) == figures(last));
    lines
}

/// What each read said of the balance, one line a read.
pub(super) fn read_lines(source: &Source) -> Vec<(ReadNumber, BalanceLine)> {
    let ledger = Ledger::new(source.rows, source.rules);
    let opening = source.opening(&ledger);
    let line =
        |report: &Report| Some((report.read, balance_line(source, report, &ledger, opening)?));
    source.reports.iter().filter_map(line).collect()
}

fn figures(line: &BalanceLine) -> (Option<Decimal>, Option<Decimal>, Option<Decimal>) {
    (line.balance, line.computed, line.drift)
}

fn balance_line(
    source: &Source,
    report: &Report,
    ledger: &Ledger,
    opening: Option<Decimal>,
) -> Option<BalanceLine> {
    let balance = source.rules.signed(report.balance?)?;
    let computed = opening.and_then(|opening| {
        report.computed.or_else(|| ledger.computed_then(opening, balance, report))
    });
    Some(BalanceLine {
        date: report.day,
        account: source.account().name.clone(),
        balance: Some(balance),
        available: report.available,
        currency: source.rules.currency.clone(),
        computed,
        drift: computed.and_then(|computed| exact_sum(balance, -computed)).map(tidy),
    })
}

/// The drift that stands now, since the first day on which it did.
#[must_use]
pub fn drift(lines: &[BalanceLine]) -> Option<Drift> {
    let drifts = |line: &&BalanceLine| line.drift.is_some_and(|drift| !drift.is_zero());
    let last = lines.last().filter(drifts)?;
    let first = lines.iter().rev().take_while(drifts).last()?;
    Some(Drift { amount: last.drift?, since: first.date })
}

/// The line of `accounts.csv`.
#[must_use]
pub fn account_line(source: &Source, institution: Option<String>) -> AccountLine {
    let received = source.kept.received.as_ref();
    let reported = reported(source);
    AccountLine {
        family: source.kept.family.clone(),
        account: source.account().name.clone(),
        account_id: source.kept.id.to_string(),
        institution,
        kind: source.account().kind,
        mask: received.and_then(|sent| sent.mask.clone()),
        currency: Some(source.rules.currency.clone()),
        balance: reported.and_then(|balance| source.rules.signed(balance)),
        available: received.and_then(|sent| sent.available.value().copied()),
        balance_date: reported.and_then(|balance| reported_since(source.reports, balance)),
    }
}

/// The latest balance: where the last list had none that can be taken, the one before it.
fn reported(source: &Source) -> Option<Decimal> {
    match sent_last(source)? {
        Reported::Value(balance) => Some(balance),
        Reported::Conflict(..) => None,
        Reported::Nothing | Reported::Unusable => last_taken(source)?.balance,
    }
}

fn sent_last(source: &Source) -> Option<Reported> {
    let received = source.kept.received.as_ref()?;
    Some(reported_balance(received, source.account().kind, source.track()))
}

/// The last report that had a balance.
fn last_taken<'a>(source: &'a Source) -> Option<&'a Report> {
    let is_tracked = source.track() != Track::Rows;
    source.reports.iter().rfind(|report| is_tracked && report.balance.is_some())
}

/// What is missing of the balance, where one is tracked.
#[must_use]
pub fn balance_gap(source: &Source) -> Option<BalanceGap> {
    let sent = sent_last(source).filter(|_| source.track() != Track::Rows)?;
    match (sent, last_taken(source)) {
        (Reported::Value(_), _) | (Reported::Conflict(..), Some(_)) => None,
        (_, None) => Some(BalanceGap::Never),
        (_, Some(report)) => Some(BalanceGap::Since(report.day)),
    }
}

/// The first day on which the present balance was reported without another one since.
fn reported_since(reports: &[Report], balance: Decimal) -> Option<Day> {
    let reported = reports.iter().rev().filter(|report| report.balance.is_some());
    reported.take_while(|report| report.balance == Some(balance)).last().map(|report| report.day)
}

/// One account at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The account's currency.
    pub currency: Currency,
    /// The latest reported balance, as booked; `None` while a debt's sign is open.
    pub balance: Option<Decimal>,
    /// The latest available balance.
    pub available: Option<Decimal>,
    /// The drift that stands now.
    pub drift: Option<Drift>,
    /// How many rows are booked.
    pub booked: usize,
    /// How many rows are pending.
    pub pending: usize,
    /// How many rows, and newer forms of booked ones, are quarantined.
    pub quarantined: usize,
    /// Why, each reason once.
    pub refusals: Vec<Refusal>,
    /// Whether there is a balance that cannot be booked because nothing tells its sign.
    pub sign_is_open: bool,
    /// Whether there is an opening that cannot be told because rows that it counts wait for their
    /// sign.
    pub rows_wait_for_sign: bool,
    /// Whether there is an opening that cannot be told because its sum has more than 28 digits.
    pub sum_is_too_long: bool,
    /// What evidence says of the signs that the configuration leaves open, in words.
    pub signs: Vec<String>,
}

/// Sums an account up.
#[must_use]
pub fn summary(source: &Source) -> Summary {
    let ledger = Ledger::new(source.rows, source.rules);
    let line = account_line(source, None);
    let present = source.rows.iter().filter(|row| row.standing == Standing::Present);
    let posted = source.held.iter().filter(|(_, row)| !row.is_pending());
    let held = posted.filter_map(|(_, row)| book(row, source.rules).err());
    let quarantined = ledger.quarantined + held.clone().count();
    let mut refusals: Vec<Refusal> = Vec::new();
    for refusal in present.filter_map(|row| book(&row.row, source.rules).err()).chain(held) {
        if !refusals.contains(&refusal) {
            refusals.push(refusal);
        }
    }
    name_unstated(source, &mut refusals);
    Summary {
        currency: source.rules.currency.clone(),
        balance: line.balance,
        available: line.available,
        drift: drift(&balance_lines(source)),
        booked: ledger.booked.len(),
        pending: source.pending.len(),
        quarantined,
        refusals,
        sign_is_open: line.balance.is_none() && reported(source).is_some(),
        rows_wait_for_sign: has_anchor(source) && ledger.waits_for_sign(),
        sum_is_too_long: has_anchor(source)
            && !ledger.waits_for_sign()
            && source.opening(&ledger).is_none(),
        signs: signs(source, ledger.quarantined > 0),
    }
}

/// Where nobody said in which currency the account is and its rows name one, that may be it.
fn name_unstated(source: &Source, refusals: &mut [Refusal]) {
    let sent = source.kept.received.as_ref().and_then(|sent| sent.currency.as_deref());
    let stated = source.account().currency.is_some() || sent.and_then(Currency::parse).is_some();
    let mut foreign: Vec<_> = refusals
        .iter_mut()
        .filter(|refusal| matches!(refusal, Refusal::ForeignCurrency(_)))
        .collect();
    if let ([refusal], false) = (&mut foreign[..], stated)
        && let Refusal::ForeignCurrency(other) = &**refusal
    {
        **refusal = Refusal::UnstatedCurrency(other.clone());
    }
}

/// Whether there is a balance that an opening could follow from.
fn has_anchor(source: &Source) -> bool {
    let anchor = source.kept.anchor.as_ref().filter(|_| has_opening(source.track()));
    anchor.is_some_and(|anchor| source.rules.signed(anchor.balance).is_some())
}

fn signs(source: &Source, some_are_quarantined: bool) -> Vec<String> {
    let (rules, settled) = (source.rules, source.settled);
    let mut words = Vec::new();
    if let Some(proved) = &settled.balance_sign {
        words.push(format!("balance_sign: {}", proved.proof));
    } else if rules.kind.is_debt() && rules.balance_sign == BalanceSign::Auto {
        let evidence = balance_sign(source.rows, source.reports, rules);
        words.push(format!("balance_sign: {}", evidence.words(BalanceSign::word)));
    }
    if let Some(proved) = &settled.amount_sign {
        words.push(format!("amount_sign: {}", proved.proof));
    } else if some_are_quarantined && rules.amount_sign == AmountSign::Auto {
        let evidence = amount_sign(source.rows, source.reports, rules);
        words.push(format!("amount_sign: {}", evidence.words(AmountSign::word)));
    }
    words
}
