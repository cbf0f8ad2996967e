//! What one read says of an account's figures: the signs that evidence settles, the opening, the
//! agreement, the report.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::read::Read;
use crate::books::{
    Evidence, Ledger, Refusal, Rules, Verdict, amount_sign, anchor, balance_sign, book,
    has_opening, last_agreed, late_before, name_rows, reported_balance,
};
use crate::domain::{
    Agreement, AmountSign, Anchor, BalanceSign, KeptAccount, KeptRow, Proved, ReceivedRow, Report,
    Settled, Standing,
};
use crate::store::{Store, StoreError};

/// What became of a read's figures.
pub(super) struct Taken {
    /// Whether one moved that a file shows.
    pub moved: bool,
    /// The rules that hold by now.
    pub rules: Rules,
    /// The rows that can be booked since evidence settled a sign, by the store's key.
    pub freed: Vec<i64>,
}

/// Takes the figures of a read whose rows are in the store.
pub(super) fn take_figures(
    store: &Store,
    read: &Read,
    rows: Vec<KeptRow>,
    fresh: &[i64],
    disturbed: bool,
    pending: &[ReceivedRow],
) -> Result<Taken, StoreError> {
    let report = report(read, disturbed);
    let mut reports = store.reports(read.kept.key)?;
    let last = reports.last().map(figures_of);
    reports.push(report.clone());
    let settled = prove(read, &rows, &reports);
    store.save_settled(read.kept.key, &settled)?;
    let proved = read.kept.settled.as_ref() != Some(&settled);
    if proved {
        // Balances of before were held against rows that nobody could book yet.
        store.forget_computed(read.kept.key)?;
    }
    let rules = read.rules.clone().proved(&settled);
    let freed = freed(store, read, &rows, &rules)?;
    let last_agreement = read.kept.agreement.clone();
    let mut figures = Figures { store, read, rules, rows, pending, last_agreement };
    figures.name_rows()?;
    if proved {
        figures.take_earlier_history(&report, &reports)?;
    }
    let anchor = figures.opening(&report, fresh)?;
    let (computed, agreed) = figures.agreement(anchor.as_ref(), &report)?;
    let report = Report { computed, ..report };
    store.add_report(read.kept.key, &report)?;
    let moved = agreed || proved || last != Some(figures_of(&report));
    Ok(Taken { moved, rules: figures.rules, freed })
}

/// The rows that waited for their sign, and can be booked since evidence settled it.
fn freed(
    store: &Store,
    read: &Read,
    rows: &[KeptRow],
    rules: &Rules,
) -> Result<Vec<i64>, StoreError> {
    if read.rules == *rules {
        return Ok(Vec::new());
    }
    let waited = |row: &KeptRow| book(&row.row, &read.rules) == Err(Refusal::NoDirection);
    let present = rows.iter().filter(|row| row.standing == Standing::Present);
    let freed = present.filter(|row| waited(row) && book(&row.row, rules).is_ok());
    let freed: Vec<i64> = freed.map(|row| row.key).collect();
    for row in &freed {
        let what = "its sign is settled by evidence: booked from now on";
        store.add_event(read.kept.key, read.now, Some(*row), what)?;
    }
    Ok(freed)
}

/// Holds the balances of before against the books where no read could: a setting that decides how
/// they count was changed since. Tells whether the opening moved or one of them agrees.
pub(super) fn hold_reports(
    store: &Store,
    kept: &KeptAccount,
    rows: &[KeptRow],
) -> Result<bool, StoreError> {
    let (Some(anchor), Some(settled)) = (&kept.anchor, &kept.settled) else { return Ok(false) };
    let track = kept.linked.account.track.unwrap_or(settled.track);
    let reports = store.reports(kept.key)?;
    let Some(last) = reports.last().filter(|last| last.computed.is_none() && has_opening(track))
    else {
        return Ok(false);
    };
    let rules = Rules::of(kept, settled);
    let late = late_before(rows, anchor, &reports, &rules);
    if let Some(read_at) = kept.cursor.read_at {
        tell_history(store, kept.key, read_at, &late)?;
    }
    store.anchor_rows(&late.iter().copied().collect::<Vec<_>>(), last.read)?;
    let moved = !late.is_empty();
    if kept.agreement.is_some() {
        return Ok(moved);
    }
    let mut rows = rows.to_vec();
    for row in rows.iter_mut().filter(|row| late.contains(&row.key)) {
        (row.anchored, row.at_anchor, row.agreed) = (true, None, true);
    }
    let pending = store.pending(kept.key)?;
    let Some(agreed) = last_agreed(&rows, anchor, &reports, &pending, &rules) else {
        return Ok(moved);
    };
    store.set_agreed(&rows, &agreed.counted)?;
    store.save_agreement(kept.key, &agreed.agreement)?;
    if let Some(computed) = agreed.computed_last {
        store.add_report(kept.key, &Report { computed: Some(computed), ..last.clone() })?;
    }
    Ok(true)
}

fn tell_history(
    store: &Store,
    account: i64,
    now: DateTime<Utc>,
    late: &HashSet<i64>,
) -> Result<(), StoreError> {
    let what = "history that came late: the opening moved";
    late.iter().try_for_each(|row| store.add_event(account, now, Some(*row), what))
}

fn figures_of(report: &Report) -> [Option<Decimal>; 3] {
    [report.balance, report.available, report.computed]
}

fn report(read: &Read, disturbed: bool) -> Report {
    Report {
        read: read.number(),
        day: read.day(),
        balance: reported_balance(&read.received, read.account.kind, read.track).value(),
        available: read.received.available.value().copied(),
        disturbed,
        computed: None,
    }
}

/// Settles the signs that the configuration leaves open, where evidence is there.
fn prove(read: &Read, rows: &[KeptRow], reports: &[Report]) -> Settled {
    let mut settled = read.settled.clone();
    let rules = &read.rules;
    if rules.kind.is_debt() && rules.balance_sign == BalanceSign::Auto {
        settled.balance_sign = proved(&balance_sign(rows, reports, rules), BalanceSign::word);
    }
    if rules.amount_sign == AmountSign::Auto && rules.untyped.is_none() {
        let rules = rules.clone().proved(&settled);
        settled.amount_sign = proved(&amount_sign(rows, reports, &rules), AmountSign::word);
    }
    settled
}

fn proved<S: Copy>(evidence: &Evidence<S>, word: impl Fn(S) -> &'static str) -> Option<Proved<S>> {
    match evidence {
        Evidence::Settled(sign, _) => Some(Proved { sign: *sign, proof: evidence.words(word) }),
        Evidence::Open(_) | Evidence::Contradictory => None,
    }
}

/// A read's figures, under the rules that hold by now.
struct Figures<'a> {
    store: &'a Store,
    read: &'a Read,
    rules: Rules,
    /// The kept rows, as this read leaves them.
    rows: Vec<KeptRow>,
    pending: &'a [ReceivedRow],
    last_agreement: Option<Agreement>,
}

impl Figures<'_> {
    fn key(&self) -> i64 {
        self.read.kept.key
    }

    /// Gives ids to bookable rows that have none.
    fn name_rows(&mut self) -> Result<(), StoreError> {
        let kept = &self.read.kept;
        let named = name_rows(&mut self.rows, &kept.family, &kept.first_name, &self.rules);
        named.into_iter().try_for_each(|(row, id)| self.store.name_row(row, &id))
    }

    /// The anchor of the opening: fixed where there is none yet, moved where this read tells that
    /// it must.
    fn opening(&mut self, report: &Report, fresh: &[i64]) -> Result<Option<Anchor>, StoreError> {
        match (&self.read.kept.anchor, report.balance) {
            (Some(anchor), _) => {
                let mut anchor = anchor.clone();
                self.settle(&mut anchor, report)?;
                self.take_late_history(&anchor, report, fresh)?;
                Ok(Some(anchor))
            }
            (None, Some(reported)) if has_opening(self.read.track) => {
                Ok(Some(self.fix(reported, report)?))
            }
            (None, _) => Ok(None),
        }
    }

    fn fix(&mut self, reported: Decimal, report: &Report) -> Result<Anchor, StoreError> {
        let anchor = anchor(reported, report.day, self.pending, &self.rules);
        self.count_into_opening(report, |row| row.standing == Standing::Present)?;
        self.store.save_anchor(self.key(), &anchor)?;
        self.store.add_event(self.key(), self.read.now, None, "opening fixed")?;
        Ok(anchor)
    }

    /// Settles whether the first balance had counted the rows that were pending beside it.
    fn settle(&mut self, anchor: &mut Anchor, report: &Report) -> Result<(), StoreError> {
        let Some(balance) = self.booked(report) else { return Ok(()) };
        let ledger = Ledger::new(&self.rows, &self.rules);
        let told = ledger.counts_pending(anchor, balance, report.day, self.pending);
        if told == anchor.counts_pending {
            return Ok(());
        }
        anchor.counts_pending = told;
        self.store.save_anchor(self.key(), anchor)?;
        self.store.add_event(self.key(), self.read.now, None, "opening settled")?;
        self.forget_provisional(anchor)
    }

    /// Moves the opening for history that came late while the signs were open.
    fn take_earlier_history(
        &mut self,
        report: &Report,
        reports: &[Report],
    ) -> Result<(), StoreError> {
        let Some(anchor) = &self.read.kept.anchor else { return Ok(()) };
        let before = &reports[..reports.len().saturating_sub(1)];
        let late = late_before(&self.rows, anchor, before, &self.rules);
        self.take_history(report, &late)
    }

    /// Moves the opening for history that came late.
    fn take_late_history(
        &mut self,
        anchor: &Anchor,
        report: &Report,
        fresh: &[i64],
    ) -> Result<(), StoreError> {
        let since = self.read.kept.cursor.read_from;
        let fresh: HashSet<i64> = fresh.iter().copied().collect();
        let is_new = |row: &KeptRow| fresh.contains(&row.key);
        let reported = self.booked(report).map(|balance| (balance, report.day));
        let ledger = Ledger::new(&self.rows, &self.rules);
        let late = ledger.late_history(anchor, reported, self.pending, since, is_new);
        self.take_history(report, &late)
    }

    fn take_history(&mut self, report: &Report, late: &HashSet<i64>) -> Result<(), StoreError> {
        tell_history(self.store, self.key(), self.read.now, late)?;
        self.count_into_opening(report, |row| late.contains(&row.key))
    }

    /// The reported balance as booked.
    fn booked(&self, report: &Report) -> Option<Decimal> {
        self.rules.signed(report.balance?)
    }

    /// What agreed with a provisional opening did so by mistake, where the opening moved.
    fn forget_provisional(&mut self, anchor: &Anchor) -> Result<(), StoreError> {
        if anchor.counts_pending == Some(true) {
            self.rows.iter_mut().for_each(|row| row.agreed = false);
            self.last_agreement = None;
            self.store.forget_agreement(self.key())?;
        }
        Ok(())
    }

    /// Counts some rows into the opening, in the form that they have now.
    fn count_into_opening(
        &mut self,
        report: &Report,
        counts: impl Fn(&KeptRow) -> bool,
    ) -> Result<(), StoreError> {
        let mut keys = Vec::new();
        for row in self.rows.iter_mut().filter(|row| counts(row)) {
            row.anchored = true;
            row.at_anchor = None;
            row.agreed = true;
            keys.push(row.key);
        }
        self.store.anchor_rows(&keys, report.read)
    }

    /// Holds the reported balance against the books; gives what they say, and whether there is a
    /// new agreement.
    fn agreement(
        &self,
        anchor: Option<&Anchor>,
        report: &Report,
    ) -> Result<(Option<Decimal>, bool), StoreError> {
        let ledger = Ledger::new(&self.rows, &self.rules);
        let opening = anchor.and_then(|anchor| ledger.opening(anchor));
        let (Some(opening), Some(balance), Some(reported)) =
            (opening, self.booked(report), report.balance)
        else {
            return Ok((None, false));
        };
        let Some(judged) = ledger.judge(opening, balance, report.day, self.pending) else {
            return Ok((None, false));
        };
        let news =
            judged.verdict.agrees() && self.agree(&ledger, reported, report, judged.verdict)?;
        Ok((Some(judged.computed), news))
    }

    /// Keeps an agreement, unless it says what the last one said.
    fn agree(
        &self,
        ledger: &Ledger,
        reported: Decimal,
        report: &Report,
        verdict: Verdict,
    ) -> Result<bool, StoreError> {
        let counted = ledger.counted(verdict, report.day);
        let same_rows = self.rows.iter().all(|row| row.agreed == counted.contains(&row.key));
        let last = self.last_agreement.as_ref();
        if same_rows && last.is_some_and(|last| last.balance == reported) {
            return Ok(false);
        }
        self.store.set_agreed(&self.rows, &counted)?;
        let agreement = Agreement { balance: reported, day: report.day };
        self.store.save_agreement(self.key(), &agreement)?;
        Ok(true)
    }
}
