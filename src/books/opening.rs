//! The opening balance: what fixes it, while it is provisional, and history that came late and
//! moves it.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::totals::pending_sum;
use super::{Entry, Ledger, Rules, Verdict, book, pending_fingerprint};
use crate::domain::{Anchor, Day, KeptRow, ReceivedRow, Report, Track, exact_sum, tidy};

/// The anchor of a first good read: what the opening is computed from.
#[must_use]
pub fn anchor(reported: Decimal, day: Day, pending: &[ReceivedRow], rules: &Rules) -> Anchor {
    Anchor {
        balance: reported,
        day,
        pending: pending_sum(pending, rules).unwrap_or_default(),
        waiting: pending.iter().map(pending_fingerprint).collect(),
        counts_pending: None,
    }
}

/// Whether an opening may be asserted: one fixed beside pending rows is provisional.
#[must_use]
pub(super) fn is_provisional(anchor: &Anchor) -> bool {
    !anchor.waiting.is_empty() && anchor.counts_pending.is_none()
}

/// Whether an account with this setting has an opening at all.
#[must_use]
pub fn has_opening(track: Track) -> bool {
    track == Track::Cash
}

impl Ledger<'_> {
    /// The balance at the beginning of the start date: the anchor's balance less the rows that
    /// it counted, in the form that they had then, and with the rows before the start date in the
    /// form that they have now. `None` while a debt's sign is not settled or counted rows wait for
    /// theirs, and where a sum has more than 28 digits.
    #[must_use]
    pub fn opening(&self, anchor: &Anchor) -> Option<Decimal> {
        let balance = self.rules.signed(anchor.balance).filter(|_| !self.waits_for_sign())?;
        let pending =
            if anchor.counts_pending == Some(true) { anchor.pending } else { Decimal::ZERO };
        let counted = self.kept.iter().filter(|row| row.anchored);
        let counted = counted.map(|row| row.at_anchor.as_deref().unwrap_or(&row.row));
        let counted: Vec<_> = counted.filter_map(|row| book(row, self.rules).ok()).collect();
        let before = exact_sum(exact_sum(balance, -pending)?, -self.total(counted.iter())?)?;
        let earlier = self.total(self.earlier.iter().map(|(_, entry)| entry))?;
        exact_sum(before, earlier).map(tidy)
    }

    /// Which of the rows new in this read are history that came late: of days that were never
    /// asked for before; or older than the earliest row of the first read (or, where that had
    /// none, not later than its balance's day), while the reported balance did not move with them.
    #[must_use]
    pub fn late_history(
        &self,
        anchor: &Anchor,
        reported: Option<(Decimal, Day)>,
        pending: &[ReceivedRow],
        asked_since: Option<Day>,
        is_new: impl Fn(&KeptRow) -> bool,
    ) -> HashSet<i64> {
        let unasked = |entry: &Entry| asked_since.is_some_and(|since| entry.day < since);
        let unasked = self.keys(|row, entry| is_new(row) && unasked(entry));
        if !unasked.is_empty() {
            return unasked;
        }
        let earliest = self.earliest_anchored();
        let is_early =
            |entry: &Entry| earliest.map_or(entry.day <= anchor.day, |day| entry.day < day);
        let early = self.keys(|row, entry| is_new(row) && is_early(entry));
        let (Some(opening), Some((reported, day))) = (self.opening(anchor), reported) else {
            return HashSet::new();
        };
        // The sum of rows, where the balance is explained by taking them for history.
        let explained = |late: &HashSet<i64>| {
            let moved = self.sum(|row, _| late.contains(&row.key))?;
            let before = exact_sum(opening, -moved)?;
            self.explains(before, reported, day, pending)?.then_some(moved)
        };
        if early.is_empty() || explained(&HashSet::new()).is_some() {
            HashSet::new()
        } else if explained(&early).is_some() {
            early
        } else {
            only_part(&self.oldest_first(&early), explained)
        }
    }

    /// Booked rows by day, those of one day in the order of the answers.
    fn oldest_first(&self, keys: &HashSet<i64>) -> Vec<i64> {
        let mut rows: Vec<_> =
            self.booked.iter().filter(|(row, _)| keys.contains(&row.key)).collect();
        rows.sort_by_key(|(row, entry)| (entry.day, row.sequence, row.key));
        rows.iter().map(|(row, _)| row.key).collect()
    }

    /// The booked rows that a filter takes.
    fn keys(&self, takes: impl Fn(&KeptRow, &Entry) -> bool) -> HashSet<i64> {
        self.booked.iter().filter(|(row, e)| takes(row, e)).map(|(row, _)| row.key).collect()
    }

    /// The day of the earliest row that the opening was computed with, as it was then: that the
    /// row moved or went since does not shorten what the first read showed.
    fn earliest_anchored(&self) -> Option<Day> {
        let counted = self.kept.iter().filter(|row| row.anchored);
        let then = counted.map(|row| row.at_anchor.as_deref().unwrap_or(&row.row));
        then.filter_map(|row| book(row, self.rules).ok()).map(|entry| entry.day).min()
    }

    /// Whether a balance is what an opening and the rows add up to, with those that the answers
    /// lack or without: the bank may have taken them back, or a read may have lost them.
    fn explains(
        &self,
        opening: Decimal,
        reported: Decimal,
        day: Day,
        pending: &[ReceivedRow],
    ) -> Option<bool> {
        let settled = exact_sum(reported, -pending_sum(pending, self.rules)?)?;
        for (lacking, to_day) in [(true, false), (true, true), (false, false), (false, true)] {
            let sum = self
                .sum(|row, entry| (lacking || row.missed == 0) && (!to_day || entry.day <= day))?;
            if [reported, settled].contains(&exact_sum(opening, sum)?) {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Tells whether the balance of the first good read counted the rows that were pending then:
    /// `None` while it is not told. That the same rows still wait tells nothing; that others wait
    /// beside them may.
    ///
    /// One of the two must explain the balance, and the other one not. A balance that counts the
    /// rows that are pending now is explained too: it may always do so. A read that lacks rows tells nothing.
    #[must_use]
    pub fn counts_pending(
        &self,
        anchor: &Anchor,
        reported: Decimal,
        day: Day,
        pending: &[ReceivedRow],
    ) -> Option<bool> {
        let lacks_rows = self.booked.iter().any(|(row, _)| row.missed > 0);
        if anchor.waiting.is_empty() || anchor.counts_pending.is_some() || lacks_rows {
            return anchor.counts_pending;
        }
        let explains = |counts| {
            let supposed = Anchor { counts_pending: Some(counts), ..anchor.clone() };
            let judged = self.judge(self.opening(&supposed)?, reported, day, pending)?;
            Some(judged.verdict != Verdict::Drifts)
        };
        match (explains(false)?, explains(true)?) {
            (true, false) => Some(false),
            (false, true) => Some(true),
            _ => None,
        }
    }
}

/// The rows that came late as history in reads of before, of an account whose signs were open then
/// and are settled now: what each of these reads would have told.
#[must_use]
pub fn late_before(
    rows: &[KeptRow],
    anchor: &Anchor,
    reports: &[Report],
    rules: &Rules,
) -> HashSet<i64> {
    let (mut rows, mut late) = (rows.to_vec(), HashSet::new());
    for report in reports {
        let came = |row: &KeptRow| row.first_read == report.read && !row.anchored;
        let balance = report.balance.and_then(|reported| rules.signed(reported));
        let Some(balance) = balance.filter(|_| rows.iter().any(came)) else { continue };
        let known = |row: &&KeptRow| row.first_read <= report.read;
        let then: Vec<KeptRow> = rows.iter().filter(known).cloned().collect();
        let ledger = Ledger::new(&then, rules);
        let told = ledger.late_history(anchor, Some((balance, report.day)), &[], None, came);
        for row in rows.iter_mut().filter(|row| told.contains(&row.key)) {
            (row.anchored, row.at_anchor) = (true, None);
        }
        late.extend(told);
    }
    late
}

/// The most rows of which any part may be history and the others news.
const MOST_MIXED: usize = 8;

/// Of more rows than that, how many of the newest may be news.
const MOST_NEWS: usize = 50;

/// The part of some rows, the newest last, that alone explains a balance; none where parts of
/// several sums do.
fn only_part(keys: &[i64], explained: impl Fn(&HashSet<i64>) -> Option<Decimal>) -> HashSet<i64> {
    let part = |mask: u32| -> HashSet<i64> {
        let taken = keys.iter().enumerate().filter(|(nth, _)| mask >> nth & 1 == 1);
        taken.map(|(_, key)| *key).collect()
    };
    let parts: Vec<HashSet<i64>> = if keys.len() > MOST_MIXED {
        let news = 1..=MOST_NEWS.min(keys.len() - 1);
        news.map(|news| keys[..keys.len() - news].iter().copied().collect()).collect()
    } else {
        (1..(1_u32 << keys.len()) - 1).map(part).collect()
    };
    let mut found: Option<(HashSet<i64>, Decimal)> = None;
    for late in parts {
        match (explained(&late), &found) {
            (Some(sum), Some((_, before))) if sum != *before => return HashSet::new(),
            (Some(sum), None) => found = Some((late, sum)),
            _ => {}
        }
    }
    found.map(|(late, _)| late).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::totals::samples::{day, kept, money, row, rules};
    use super::*;
    use crate::domain::Standing;

    #[test]
    fn the_opening_is_the_first_balance_less_its_rows_whatever_they_become() {
        let rules = rules();
        let mut rows =
            vec![kept(1, "2026-03-02", "-18.40", true), kept(2, "2026-03-09", "-5", false)];
        let anchor = anchor(money("981.60"), day("2026-03-04"), &[], &rules);
        assert_eq!(Ledger::new(&rows, &rules).opening(&anchor), Some(money("1000")));
        rows[0].at_anchor = Some(Box::new(rows[0].row.clone()));
        rows[0].row = row("2026-03-02", "-20.40");
        assert_eq!(Ledger::new(&rows, &rules).opening(&anchor), Some(money("1000")));
    }

    #[test]
    fn history_that_came_late_is_told_from_a_row_that_moved_the_balance() {
        let rules = rules();
        let rows = [kept(1, "2026-03-09", "-5", true), kept(2, "2026-03-02", "-18.40", false)];
        let ledger = Ledger::new(&rows, &rules);
        let anchor = anchor(money("995"), day("2026-03-09"), &[], &rules);
        let late = |reported| {
            ledger.late_history(
                &anchor,
                Some((money(reported), day("2026-03-10"))),
                &[],
                None,
                |row| row.key == 2,
            )
        };
        assert_eq!(late("995"), HashSet::from([2]), "the balance stood still");
        assert_eq!(late("976.60"), HashSet::new(), "the balance moved with it");
    }

    #[test]
    fn a_provisional_opening_is_settled_by_the_read_that_tells() {
        let rules = rules();
        let waiting = [row("2026-03-05", "-7")];
        let anchor = anchor(money("993"), day("2026-03-04"), &waiting, &rules);
        assert!(is_provisional(&anchor));
        let rows: [KeptRow; 0] = [];
        let ledger = Ledger::new(&rows, &rules);
        let told = |reported, pending: &[ReceivedRow]| {
            ledger.counts_pending(&anchor, money(reported), day("2026-03-06"), pending)
        };
        assert_eq!(told("993", &waiting), None, "the same row still waits");
        assert_eq!(told("993", &[]), Some(false), "it went and the balance stood");
        assert_eq!(told("1000", &[]), Some(true), "it went and the balance came back");
        let settled = [kept(1, "2026-03-05", "-7", false)];
        let ledger = Ledger::new(&settled, &rules);
        let told = ledger.counts_pending(&anchor, money("993"), day("2026-03-06"), &[]);
        assert_eq!(told, Some(true), "it was booked and the balance stood");
    }

    #[test]
    fn one_of_two_waiting_rows_that_settles_tells_what_the_first_balance_counted() {
        let rules = rules();
        let waiting = [row("2026-03-05", "-7"), row("2026-03-05", "-2")];
        let anchor = anchor(money("991"), day("2026-03-04"), &waiting, &rules);
        let settled = [kept(1, "2026-03-05", "-7", false)];
        let ledger = Ledger::new(&settled, &rules);
        let told = |reported, pending: &[ReceivedRow]| {
            ledger.counts_pending(&anchor, money(reported), day("2026-03-06"), pending)
        };
        assert_eq!(told("991", &waiting[1..]), Some(true), "the balance stood");
        assert_eq!(told("984", &waiting[1..]), Some(false), "the balance moved with it");
    }

    #[test]
    fn a_row_that_waits_beside_the_first_ones_tells_what_the_first_balance_counted() {
        let rules = rules();
        let waiting = [row("2026-03-05", "-7"), row("2026-03-06", "-2")];
        let anchor = anchor(money("993"), day("2026-03-04"), &waiting[..1], &rules);
        let ledger = Ledger::new(&[], &rules);
        let told =
            |reported| ledger.counts_pending(&anchor, money(reported), day("2026-03-06"), &waiting);
        assert_eq!(told("991"), Some(true), "the balance counts them both");
        assert_eq!(told("993"), Some(false), "the balance counts neither");
    }

    #[test]
    fn a_waiting_row_that_says_something_else_tells_nothing() {
        let rules = rules();
        let anchor = anchor(money("993"), day("2026-03-04"), &[row("2026-03-05", "-7")], &rules);
        let renamed =
            [ReceivedRow { description: Some("other".into()), ..row("2026-03-05", "-7") }];
        let ledger = Ledger::new(&[], &rules);
        let told = ledger.counts_pending(&anchor, money("993"), day("2026-03-06"), &renamed);
        assert_eq!(told, None);
    }

    #[test]
    fn history_that_comes_late_is_told_while_another_row_is_missing() {
        let rules = rules();
        let anchor = anchor(money("990"), day("2026-03-10"), &[], &rules);
        let gone = KeptRow { missed: 1, ..kept(2, "2026-03-06", "-4", true) };
        let rows = [kept(1, "2026-03-05", "-6", true), gone, kept(3, "2026-03-02", "-50", false)];
        let ledger = Ledger::new(&rows, &rules);
        let late = |reported| {
            let reported = Some((money(reported), day("2026-03-11")));
            ledger.late_history(&anchor, reported, &[], None, |row| row.key == 3)
        };
        assert_eq!(late("994"), HashSet::from([3]), "only the missing row moved the balance");
        assert_eq!(late("944"), HashSet::new(), "the balance moved with both");
    }

    /// The rows that a balance of 2026-03-11 tells to be history that came late, those of a key
    /// from `new` on being new.
    fn late(rows: &[KeptRow], first: &str, reported: &str, new: i64) -> HashSet<i64> {
        let (rules, day) = (rules(), day("2026-03-11"));
        let anchor = anchor(money(first), day.pred_opt().unwrap(), &[], &rules);
        let reported = Some((money(reported), day));
        Ledger::new(rows, &rules).late_history(&anchor, reported, &[], None, |row| row.key >= new)
    }

    #[test]
    fn of_rows_that_come_together_some_may_be_history_and_others_news() {
        let rows = [
            kept(1, "2026-03-09", "-5", true),
            kept(2, "2026-03-02", "-18.40", false),
            kept(3, "2026-03-03", "-0.29", false),
        ];
        for (reported, history) in [
            ("995", &[2, 3][..]),
            ("976.60", &[3]),
            ("994.71", &[2]),
            ("976.31", &[]),
            ("980", &[]),
        ] {
            let history: HashSet<i64> = history.iter().copied().collect();
            assert_eq!(late(&rows, "995", reported, 2), history, "{reported}");
        }
        // A missing row, or the part, may explain it, and that by different sums: nothing is told.
        let gone = KeptRow { missed: 1, ..kept(4, "2026-03-10", "-18.11", true) };
        let rows = [&rows[..], &[gone]].concat();
        assert_eq!(late(&rows, "976.89", "976.60", 2), HashSet::new());
    }

    #[test]
    fn history_comes_late_though_the_first_reads_earliest_row_vanished() {
        let gone = KeptRow { standing: Standing::Vanished, ..kept(1, "2026-03-07", "-6", true) };
        let rows = [gone, kept(2, "2026-03-06", "-4", false), kept(3, "2026-03-08", "-1", false)];
        assert_eq!(late(&rows, "994", "999", 2), HashSet::from([2]));
        let rows = [rows[0].clone(), kept(4, "2026-03-08", "-4", false)];
        assert_eq!(late(&rows, "994", "1000", 4), HashSet::new(), "no row is that old");
    }

    #[test]
    fn history_comes_late_though_the_first_reads_earliest_row_moved_to_its_day() {
        let former = Some(Box::new(row("2026-03-07", "-6")));
        let moved = KeptRow { at_anchor: former, ..kept(1, "2026-03-02", "-6", true) };
        let rows = [moved, kept(2, "2026-03-03", "-4", false)];
        assert_eq!(late(&rows, "994", "994", 2), HashSet::from([2]));
    }
}
