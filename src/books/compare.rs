//! What one read means for the kept rows of an account: a plan that can be printed, which the
//! store carries out.

use std::collections::{HashMap, HashSet};

use chrono::Days;

use super::matching::{Content, Index, content, partners, without_repeats};
use super::{Fetched, Rules, Span, book};
use crate::domain::{Day, KeptRow, ReceivedRow, Sent, Standing};

/// After how many good reads in a row without it a row is taken for gone.
const GONE_AFTER: u32 = 3;

/// What one read means for the kept rows of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison<'a> {
    /// Rows never seen before, in first-seen order.
    pub new: Vec<NewRow<'a>>,
    /// Kept rows that say something else now.
    pub changed: Vec<Changed<'a>>,
    /// Kept rows whose new form cannot be booked: the last good form stays.
    pub held: Vec<Changed<'a>>,
    /// Booked rows that the bank shows as pending again: they stay booked.
    pub unposted: Vec<Changed<'a>>,
    /// Kept rows that the service calls by another id now.
    pub renamed: Vec<(i64, &'a str)>,
    /// Present rows that the answer lacks although their day was asked for.
    pub missing: Vec<Missing>,
    /// Rows that were missing, and are there again before they were taken for gone.
    pub found: Vec<i64>,
    /// Vanished rows that came back.
    pub returned: Vec<i64>,
    /// Rows that are pending now.
    pub pending: Vec<ReceivedRow>,
    /// Rows outside the span asked for that were not kept yet.
    pub outside: Vec<&'a ReceivedRow>,
    /// Kept rows outside an earlier span that are among the new ones now.
    pub arrived: Vec<i64>,
}

/// A row never seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow<'a> {
    /// The service's id, where it names this row alone; else one is minted.
    pub id: Option<&'a str>,
    /// The row.
    pub row: &'a ReceivedRow,
}

/// A kept row and what it says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<'a> {
    /// The kept row.
    pub key: i64,
    /// Its new form.
    pub row: &'a ReceivedRow,
}

/// A present row that an answer lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The kept row.
    pub key: i64,
    /// How many good reads in a row lacked it before this one.
    pub before: u32,
    /// Whether it lies inside the overlap: older rows never vanish.
    pub counts: bool,
}

impl Missing {
    /// Whether this read takes it for gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.counts && self.before + 1 >= GONE_AFTER
    }
}

/// What was asked for, and how far back rows may vanish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The days asked for.
    pub span: Span,
    /// How many days behind the newest booked one a missing row may vanish.
    pub overlap_days: u32,
    /// The day that stands for the newest booked one where that is older: the next read asks from
    /// there.
    pub caught_up: Day,
}

/// Compares one read with all kept rows of its account.
///
/// Which fetched row is which kept one is told in `matching`: ids that drift, repeat, are
/// missing or are all issued anew neither lose nor double a row, and two equal coffees stay two.
/// Two rows of one answer are one only if they are equal and carry the same id.
#[must_use]
pub fn compare<'a>(
    kept: &[KeptRow],
    fetched: &'a Fetched,
    asked: Asked,
    rules: &Rules,
) -> Comparison<'a> {
    let rows = without_repeats(&fetched.rows);
    let (pending, posted): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_pending());
    let index = Index::of(kept, &posted, rules);
    let mut plan = Comparison::default();
    let mut claimed = HashSet::new();
    for (&row, partner) in posted.iter().zip(partners(&posted, &index, rules)) {
        match partner {
            Some(kept) => {
                claimed.insert(kept.key);
                plan.matched(kept, row, rules);
            }
            None => plan.new.push(NewRow { id: index.free_id(row), row }),
        }
    }
    plan.sort_new();
    plan.take_pending(pending, &index, &mut claimed);
    plan.take_outside(kept, fetched, &index, &mut claimed, rules);
    plan.take_missing(kept, &claimed, asked);
    plan
}

impl<'a> Comparison<'a> {
    /// Whether nothing that a file shows is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let same = self.new.is_empty() && self.changed.is_empty() && self.returned.is_empty();
        same && !self.missing.iter().any(Missing::is_gone)
    }

    /// Whether the kept rows are as they were: nothing came, changed, went or got a further name.
    #[must_use]
    pub fn leaves_rows_alone(&self) -> bool {
        let Self { renamed, outside, arrived, missing, found, .. } = self;
        let same_names = renamed.is_empty() && outside.is_empty() && arrived.is_empty();
        self.is_empty() && same_names && missing.is_empty() && found.is_empty()
    }

    /// Whether rows changed or went, beside those that came.
    #[must_use]
    pub fn disturbs(&self) -> bool {
        let changed = !self.changed.is_empty() || !self.returned.is_empty();
        changed || self.missing.iter().any(|missing| missing.before == 0 || missing.is_gone())
    }

    fn matched(&mut self, kept: &KeptRow, row: &'a ReceivedRow, rules: &Rules) {
        if kept.standing == Standing::Vanished {
            self.returned.push(kept.key);
        } else if kept.missed > 0 {
            self.found.push(kept.key);
        }
        if let Some(id) = row.id.as_deref().filter(|id| kept.row.id.as_deref() != Some(*id)) {
            self.renamed.push((kept.key, id));
        }
        if kept.row.says_the_same(row) {
            return;
        }
        let change = Changed { key: kept.key, row };
        if book(row, rules).is_err() && book(&kept.row, rules).is_ok() {
            self.held.push(change);
        } else {
            self.changed.push(change);
        }
    }

    /// First-seen order: by booked day, then by place in the answer; without a day, last.
    fn sort_new(&mut self) {
        self.new.sort_by_key(|new| {
            let day = new.row.day().value().copied();
            (day.is_none(), day)
        });
    }

    /// A booked row that the bank shows as pending again stays booked, and counts as present.
    fn take_pending(
        &mut self,
        pending: Vec<&'a ReceivedRow>,
        index: &Index,
        claimed: &mut HashSet<i64>,
    ) {
        for row in pending {
            match index.named(row) {
                Some(kept) if kept.standing == Standing::Present => {
                    if claimed.insert(kept.key) {
                        self.unposted.push(Changed { key: kept.key, row });
                        self.found.extend((kept.missed > 0).then_some(kept.key));
                    }
                }
                _ => self.pending.push(row.clone()),
            }
        }
    }

    /// A known row whose new day lies outside counts as present; a row kept as outside that is
    /// among the new ones has arrived.
    fn take_outside(
        &mut self,
        kept: &[KeptRow],
        fetched: &'a Fetched,
        index: &Index,
        claimed: &mut HashSet<i64>,
        rules: &Rules,
    ) {
        let outside = || kept.iter().filter(|kept| kept.standing == Standing::Outside);
        let mut known = counts(outside().map(|kept| content(&kept.row, rules)));
        for row in &fetched.outside {
            match index.named(row) {
                Some(kept) => {
                    claimed.insert(kept.key);
                }
                None if take_one(&mut known, &content(row, rules)) => {}
                None => self.outside.push(row),
            }
        }
        let mut news = counts(self.new.iter().map(|new| content(new.row, rules)));
        let arrived = outside().filter(|kept| take_one(&mut news, &content(&kept.row, rules)));
        let arrived: Vec<i64> = arrived.map(|kept| kept.key).collect();
        self.arrived = arrived;
    }

    fn take_missing(&mut self, kept: &[KeptRow], claimed: &HashSet<i64>, asked: Asked) {
        let newest = self.newest_day(kept).unwrap_or(asked.caught_up).max(asked.caught_up);
        let present = || kept.iter().filter(|row| row.standing == Standing::Present);
        let overlap = Days::new(u64::from(asked.overlap_days));
        let inside = newest.checked_sub_days(overlap).unwrap_or(Day::MIN);
        let missing = present().filter(|row| !claimed.contains(&row.key)).filter_map(|row| {
            let Sent::Value(day) = row.row.day() else { return None };
            let missing = Missing { key: row.key, before: row.missed, counts: day >= inside };
            asked.span.holds(day).then_some(missing)
        });
        self.missing = missing.collect();
    }

    /// The newest day of a row after the read, with the days that rows move to and those that
    /// come back bring: the next read asks from there, and counts what it does not ask for as
    /// neither missing nor found.
    fn newest_day(&self, kept: &[KeptRow]) -> Option<Day> {
        let changed: HashMap<i64, &ReceivedRow> =
            self.changed.iter().map(|changed| (changed.key, changed.row)).collect();
        let returned: HashSet<i64> = self.returned.iter().copied().collect();
        let stays =
            |kept: &&KeptRow| kept.standing == Standing::Present || returned.contains(&kept.key);
        let known = kept.iter().filter(stays);
        let known = known.map(|kept| changed.get(&kept.key).copied().unwrap_or(&kept.row));
        let rows = known.chain(self.new.iter().map(|new| new.row));
        rows.filter_map(|row| row.day().value().copied()).max()
    }
}

fn counts<'a>(contents: impl Iterator<Item = Content<'a>>) -> HashMap<Content<'a>, usize> {
    let mut counts = HashMap::new();
    for content in contents {
        *counts.entry(content).or_default() += 1;
    }
    counts
}

fn take_one<'a>(counts: &mut HashMap<Content<'a>, usize>, content: &Content<'a>) -> bool {
    match counts.get_mut(content) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        AccountType, AmountSign, BalanceSign, Currency, RowCurrency, civil_day, parse_decimal,
    };
    use proptest::prelude::*;

    fn rules() -> Rules {
        Rules {
            kind: AccountType::Depository,
            currency: Currency::usd(),
            row_currency: RowCurrency::Strict,
            amount_sign: AmountSign::Signed,
            untyped: None,
            balance_sign: BalanceSign::Auto,
            start: civil_day("2026-01-01").unwrap(),
        }
    }

    fn asked() -> Asked {
        let span =
            Span { from: civil_day("2026-01-01").unwrap(), end: civil_day("2026-12-31").unwrap() };
        Asked { span, overlap_days: 45, caught_up: civil_day("2025-12-01").unwrap() }
    }

    fn row(id: &str, day: u32, amount: &str, text: &str) -> ReceivedRow {
        ReceivedRow {
            id: (!id.is_empty()).then(|| id.to_owned()),
            transaction_date: civil_day(&format!("2026-03-{day:02}"))
                .map_or(Sent::Nothing, Sent::Value),
            amount: parse_decimal(amount).map_or(Sent::Nothing, Sent::Value),
            description: Some(text.to_owned()),
            ..ReceivedRow::default()
        }
    }

    fn fetched(rows: &[ReceivedRow]) -> Fetched {
        Fetched { rows: rows.to_vec(), outside: Vec::new() }
    }

    /// Carries a plan out in memory.
    fn carry_out(kept: &[KeptRow], plan: &Comparison) -> Vec<KeptRow> {
        let mut kept = kept.to_vec();
        for changed in &plan.changed {
            let row = kept.iter_mut().find(|row| row.key == changed.key).unwrap();
            row.row = changed.row.clone();
        }
        for (key, id) in &plan.renamed {
            let row = kept.iter_mut().find(|row| row.key == *key).unwrap();
            row.service_ids.push((*id).to_owned());
            row.row.id = Some((*id).to_owned());
        }
        for missing in &plan.missing {
            let row = kept.iter_mut().find(|row| row.key == missing.key).unwrap();
            row.missed += 1;
            if missing.is_gone() {
                row.standing = Standing::Vanished;
            }
        }
        for key in plan.found.iter().chain(&plan.returned) {
            let row = kept.iter_mut().find(|row| row.key == *key).unwrap();
            (row.missed, row.standing) = (0, Standing::Present);
        }
        for new in &plan.new {
            let key = i64::try_from(kept.len()).unwrap() + 1;
            kept.push(KeptRow {
                key,
                sequence: key,
                id: new.id.map(str::to_owned),
                service_ids: new.row.id.iter().cloned().collect(),
                row: new.row.clone(),
                standing: Standing::Present,
                first_read: 1,
                anchored: false,
                at_anchor: None,
                agreed: false,
                missed: 0,
            });
        }
        kept
    }

    fn after(rows: &[ReceivedRow]) -> Vec<KeptRow> {
        carry_out(&[], &compare(&[], &fetched(rows), asked(), &rules()))
    }

    #[test]
    fn a_second_answer_alike_is_no_news() {
        let rows =
            [row("a", 1, "-3.50", "coffee"), row("b", 1, "-3.50", "coffee"), row("", 2, "7", "x")];
        let fetched = fetched(&rows);
        let plan = compare(&after(&rows), &fetched, asked(), &rules());
        assert_eq!(plan, Comparison::default());
    }

    #[test]
    fn all_ids_issued_anew_is_no_news_but_new_names() {
        let kept = after(&[row("a", 1, "-3.50", "coffee"), row("b", 1, "-3.50", "coffee")]);
        let anew = fetched(&[row("x", 1, "-3.50", "coffee"), row("y", 1, "-3.50", "coffee")]);
        let plan = compare(&kept, &anew, asked(), &rules());
        assert!(plan.is_empty() && plan.missing.is_empty());
        assert_eq!(plan.renamed, [(1, "x"), (2, "y")]);
    }

    #[test]
    fn a_row_that_becomes_its_twins_equal_leaves_the_twin_to_whom_it_belongs() {
        let kept = after(&[row("a", 21, "-4.75", "x"), row("b", 20, "-4.75", "x")]);
        let moved = fetched(&[row("b", 21, "-4.75", "x"), row("c", 21, "-4.75", "x")]);
        let plan = compare(&kept, &moved, asked(), &rules());
        assert!(plan.new.is_empty() && plan.missing.is_empty(), "{plan:?}");
        assert_eq!(plan.renamed, [(2, "c")]);
        assert_eq!(plan.changed, [Changed { key: 1, row: &moved.rows[0] }]);
    }

    #[test]
    fn a_row_that_takes_what_another_said_before_gives_it_back() {
        let kept = after(&[row("a", 1, "-4", "x"), row("b", 1, "-5", "x"), row("c", 1, "-6", "x")]);
        let chain =
            fetched(&[row("a", 1, "-5", "x"), row("b", 1, "-6", "x"), row("c", 1, "-7", "x")]);
        let plan = compare(&kept, &chain, asked(), &rules());
        assert!(plan.new.is_empty() && plan.missing.is_empty(), "{plan:?}");
        assert_eq!(plan.changed.len(), 3);
    }

    #[test]
    fn ids_that_are_handed_on_from_row_to_row_leave_each_in_its_place() {
        let kept = after(&[row("1", 1, "-4", "x"), row("2", 2, "-5", "x"), row("3", 3, "-6", "x")]);
        let shifted = fetched(&[
            row("1", 1, "-9", "x"),
            row("2", 1, "-4", "x"),
            row("3", 2, "-5", "x"),
            row("4", 3, "-6", "x"),
        ]);
        let plan = compare(&kept, &shifted, asked(), &rules());
        assert!(plan.changed.is_empty() && plan.missing.is_empty(), "{plan:?}");
        assert_eq!(plan.new, [NewRow { id: None, row: &shifted.rows[0] }]);
    }

    #[test]
    fn a_third_equal_coffee_is_a_new_row() {
        let mut rows = vec![row("a", 1, "-3.50", "coffee"), row("b", 1, "-3.50", "coffee")];
        let kept = after(&rows);
        rows.insert(0, row("c", 1, "-3.50", "coffee"));
        let fetched = fetched(&rows);
        let plan = compare(&kept, &fetched, asked(), &rules());
        assert_eq!(plan.new, [NewRow { id: Some("c"), row: &rows[0] }]);
    }

    #[test]
    fn one_row_sent_twice_is_one_and_two_rows_under_one_id_are_two_without_it() {
        let twice = after(&[row("a", 1, "-3.50", "coffee"), row("a", 1, "-3.50", "coffee")]);
        assert_eq!(twice.len(), 1);
        let two = after(&[row("a", 1, "-3.50", "coffee"), row("a", 2, "-4.50", "tea")]);
        assert_eq!(two.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), [None, None]);
    }

    #[test]
    fn a_changed_row_is_updated_and_an_unreadable_form_held() {
        let kept = after(&[row("a", 1, "-3.50", "coffee")]);
        let tip = fetched(&[row("a", 1, "-4.00", "coffee")]);
        let plan = compare(&kept, &tip, asked(), &rules());
        assert_eq!(plan.changed, [Changed { key: 1, row: &tip.rows[0] }]);
        let blank = fetched(&[row("a", 1, "", "coffee")]);
        let plan = compare(&kept, &blank, asked(), &rules());
        assert_eq!(plan.held, [Changed { key: 1, row: &blank.rows[0] }]);
        assert!(plan.is_empty() && plan.missing.is_empty());
    }

    #[test]
    fn a_row_that_settles_leaves_one_row() {
        let pending =
            ReceivedRow { status: Some("Pending".into()), ..row("a", 1, "-3.50", "coffee") };
        let pending = fetched(&[pending]);
        let plan = compare(&[], &pending, asked(), &rules());
        assert!(plan.is_empty());
        assert_eq!(plan.pending, pending.rows);
        let kept = after(&[row("a", 1, "-3.50", "coffee")]);
        let plan = compare(&kept, &pending, asked(), &rules());
        let unposted = vec![Changed { key: 1, row: &pending.rows[0] }];
        let told = Comparison { unposted, ..Comparison::default() };
        assert_eq!(plan, told, "a booked row stays booked");
    }

    #[test]
    fn what_lies_outside_is_kept_once_and_arrives_once_asked_for() {
        let early = row("e", 1, "-1", "early");
        let outside = Fetched { rows: Vec::new(), outside: vec![early.clone()] };
        let plan = compare(&[], &outside, asked(), &rules());
        assert_eq!(plan.outside, [&early]);
        let mut kept = after(std::slice::from_ref(&early));
        kept[0].standing = Standing::Outside;
        kept[0].id = None;
        assert!(compare(&kept, &outside, asked(), &rules()).outside.is_empty());
        let arrived = fetched(&[early]);
        let plan = compare(&kept, &arrived, asked(), &rules());
        assert_eq!((plan.new.len(), plan.arrived), (1, vec![1]));
    }

    #[test]
    fn an_id_names_the_row_of_the_last_read_before_one_that_is_missing() {
        let mut kept = after(&[row("a", 1, "-4", "rent"), row("b", 3, "-4", "rent")]);
        kept[0].missed = 1;
        kept[1].row.id = Some("a".into());
        kept[1].service_ids.push("a".into());
        let changed = fetched(&[row("a", 3, "-9", "rent")]);
        let plan = compare(&kept, &changed, asked(), &rules());
        assert_eq!(plan.changed, [Changed { key: 2, row: &changed.rows[0] }]);
        assert_eq!(plan.missing.iter().map(|row| row.key).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_missing_row_that_the_next_read_does_not_ask_for_is_not_counted() {
        let first = [row("a", 1, "-4", "rent"), row("b", 2, "-5", "food")];
        let mut kept = after(&first);
        let asked = Asked { overlap_days: 10, ..asked() };
        let held_against = |asked, kept: &[KeptRow], answer: &[ReceivedRow]| {
            let fetched = fetched(answer);
            let plan = compare(kept, &fetched, asked, &rules());
            plan.missing.iter().map(|row| (row.key, row.counts)).collect::<Vec<_>>()
        };
        let counts = |kept: &[KeptRow], answer: &[ReceivedRow]| held_against(asked, kept, answer);
        assert_eq!(counts(&kept, &[row("b", 11, "-5", "food")]), [(1, true)]);
        assert_eq!(counts(&kept, &[row("b", 12, "-5", "food")]), [(1, false)], "it moved");
        let later = Asked { caught_up: civil_day("2026-03-12").unwrap(), ..asked };
        let answer = [row("b", 2, "-5", "food")];
        assert_eq!(held_against(later, &kept, &answer), [(1, false)], "nothing came for long");
        kept.extend(after(&[row("c", 12, "-6", "book")]).into_iter().map(|row| KeptRow {
            key: 3,
            standing: Standing::Vanished,
            ..row
        }));
        let back = [row("b", 2, "-5", "food"), row("c", 12, "-6", "book")];
        assert_eq!(counts(&kept, &back), [(1, false)], "it came back");
    }

    #[test]
    fn two_rows_that_become_one_equal_share_places_in_any_order() {
        let kept = after(&[
            row("f", 1, "1", "x"),
            row("", 1, "1", "x"),
            row("d", 1, "1", "x"),
            row("", 2, "1", "x"),
        ]);
        let mut moved = [row("f", 2, "1", "x"), row("d", 2, "1", "x")];
        let mut missing = || {
            moved.reverse();
            let fetched = fetched(&moved);
            let plan = compare(&kept, &fetched, asked(), &rules());
            plan.missing.iter().map(|row| row.key).collect::<Vec<_>>()
        };
        assert_eq!(missing(), missing());
    }

    fn any_rows() -> impl Strategy<Value = Vec<ReceivedRow>> {
        let one = ("[a-f]?", 1u32..4, 1u32..4, "[xy]");
        prop::collection::vec(one, 0..12).prop_map(|rows| {
            let made = |(id, day, amount, text): (String, u32, u32, String)| {
                row(&id, day, &amount.to_string(), &text)
            };
            rows.into_iter().map(made).collect()
        })
    }

    proptest! {
        #[test]
        fn applying_a_plan_twice_changes_nothing(first in any_rows(), second in any_rows()) {
            let kept = after(&first);
            let kept = carry_out(&kept, &compare(&kept, &fetched(&second), asked(), &rules()));
            let fetched = fetched(&second);
            let again = compare(&kept, &fetched, asked(), &rules());
            prop_assert!(again.is_empty(), "{:?}", again);
        }

        #[test]
        fn the_plan_does_not_depend_on_the_order_of_an_answer(
            first in any_rows(),
            (second, other) in any_rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        ) {
            let kept = after(&first);
            let told = |rows: &[ReceivedRow]| {
                let fetched = fetched(rows);
                let plan = compare(&kept, &fetched, asked(), &rules());
                let mut lines: Vec<String> = plan.missing.iter().map(|row| format!("{row:?}")).collect();
                let said = |row: &ReceivedRow| format!("{:?}", content(row, &rules()));
                lines.extend(plan.new.iter().map(|new| format!("new {}", said(new.row))));
                lines.extend(plan.changed.iter().map(|row| format!("{} {}", row.key, said(row.row))));
                lines.sort();
                lines
            };
            prop_assert_eq!(told(&second), told(&other));
        }

        #[test]
        fn no_row_is_missing_and_there(first in any_rows(), second in any_rows()) {
            let kept = after(&first);
            let fetched = fetched(&second);
            let plan = compare(&kept, &fetched, asked(), &rules());
            let came = without_repeats(&second).len();
            let missing: HashSet<_> = plan.missing.iter().map(|row| row.key).collect();
            prop_assert_eq!(missing.len(), plan.missing.len());
            prop_assert_eq!(kept.len() - missing.len() + plan.new.len(), came);
            prop_assert!(plan.changed.iter().all(|row| !missing.contains(&row.key)));
        }

        #[test]
        fn no_fetched_row_is_lost_and_no_id_given_twice(first in any_rows(), second in any_rows()) {
            let kept = after(&first);
            let kept = carry_out(&kept, &compare(&kept, &fetched(&second), asked(), &rules()));
            for row in &second {
                let same = |kept: &&KeptRow| content(&kept.row, &rules()) == content(row, &rules());
                let wanted = without_repeats(&second).into_iter()
                    .filter(|other| content(other, &rules()) == content(row, &rules())).count();
                prop_assert!(kept.iter().filter(same).count() >= wanted);
            }
            let ids: Vec<_> = kept.iter().filter_map(|row| row.id.clone()).collect();
            prop_assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        }
    }
}
