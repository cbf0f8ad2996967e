//! Which fetched row is which kept one: by the service's id, else by content, twin by twin.
//!
//! The result is a plan that can be printed; the store carries it out.

use std::collections::{HashMap, HashSet, VecDeque};

use rust_decimal::Decimal;

use super::{Entry, Fetched, Rules, book};
use crate::domain::{Currency, Day, KeptRow, Money, ReceivedRow, Sent, Standing};

/// What one read means for the kept rows of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison<'a> {
    /// Rows never seen before, in first-seen order.
    pub new: Vec<NewRow<'a>>,
    /// Kept rows that say something else now.
    pub changed: Vec<Changed<'a>>,
    /// Kept rows whose new form cannot be booked: the last good form stays.
    pub held: Vec<Changed<'a>>,
    /// Kept rows that the service calls by a further id now.
    pub renamed: Vec<(i64, &'a str)>,
    /// Present rows that the answer lacks although their day was asked for.
    pub missing: Vec<i64>,
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

/// Compares one read with all kept rows of its account.
///
/// Rows are matched by the service's id where the answer uses it once, then by (day, amount,
/// description), the first with the first: ids that drift, repeat, are missing or are all issued
/// anew neither lose nor double a row, and two equal coffees stay two. Two rows of one answer are
/// one only if they are equal and carry the same id.
#[must_use]
pub fn compare<'a>(
    kept: &[KeptRow],
    fetched: &'a Fetched,
    asked: super::Span,
    rules: &Rules,
) -> Comparison<'a> {
    let index = Index::of(kept);
    let rows = without_repeats(&fetched.rows);
    let (pending, posted): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_pending());
    let mut plan = Comparison::default();
    let mut claimed = HashSet::new();

    let once = used_once(&posted);
    let mut unmatched = Vec::new();
    for &row in &posted {
        let by_id = unique_id(row, &once).and_then(|id| index.by_id.get(id)).copied();
        match by_id {
            Some(key) if claimed.insert(key) => plan.matched(index.row(key), row, rules),
            _ => unmatched.push(row),
        }
    }
    let mut by_content = queues(kept, &claimed, rules);
    for row in unmatched {
        let queue = by_content.get_mut(&content(row, rules));
        if let Some(key) = queue.and_then(VecDeque::pop_front) {
            claimed.insert(key);
            plan.matched(index.row(key), row, rules);
        } else {
            let id = unique_id(row, &once).filter(|id| !index.knows(id));
            plan.new.push(NewRow { id, row });
        }
    }
    plan.sort_new();
    plan.take_pending(pending, &index, &mut claimed);
    plan.take_outside(kept, fetched, &index, &mut claimed, rules);
    plan.missing = missing(kept, &claimed, asked);
    plan
}

impl<'a> Comparison<'a> {
    /// Whether nothing that a file shows is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty()
    }

    /// Whether the kept rows are as they were: nothing came, changed, went or got a further name.
    #[must_use]
    pub fn leaves_rows_alone(&self) -> bool {
        let Self { renamed, outside, arrived, .. } = self;
        self.is_empty() && renamed.is_empty() && outside.is_empty() && arrived.is_empty()
    }

    fn matched(&mut self, kept: &KeptRow, row: &'a ReceivedRow, rules: &Rules) {
        if let Some(id) = row.id.as_deref().filter(|id| kept.service_ids.iter().all(|k| k != id)) {
            self.renamed.push((kept.key, id));
        }
        if kept.row.says_the_same_but_for_its_id(row) {
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

    /// A booked row that the bank shows as pending again stays booked.
    fn take_pending(
        &mut self,
        pending: Vec<&ReceivedRow>,
        index: &Index,
        claimed: &mut HashSet<i64>,
    ) {
        for row in pending {
            let known = row.id.as_ref().and_then(|id| index.by_id.get(id.as_str()));
            match known {
                Some(key) if index.row(*key).standing != Standing::Outside => {
                    claimed.insert(*key);
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
        let mut known: HashMap<Content, usize> = HashMap::new();
        for kept in outside() {
            *known.entry(content(&kept.row, rules)).or_default() += 1;
        }
        for row in &fetched.outside {
            let by_id = row.id.as_ref().and_then(|id| index.by_id.get(id.as_str()));
            let seen = known.get_mut(&content(row, rules)).filter(|left| **left > 0);
            match (by_id, seen) {
                (Some(key), _) => {
                    claimed.insert(*key);
                }
                (None, Some(left)) => *left -= 1,
                (None, None) => self.outside.push(row),
            }
        }
        let mut news: HashMap<Content, usize> = HashMap::new();
        for new in &self.new {
            *news.entry(content(new.row, rules)).or_default() += 1;
        }
        for kept in outside() {
            if let Some(left) = news.get_mut(&content(&kept.row, rules)).filter(|left| **left > 0) {
                *left -= 1;
                self.arrived.push(kept.key);
            }
        }
    }
}

/// Kept rows by key and by every id that the service ever gave them.
struct Index<'a> {
    rows: HashMap<i64, &'a KeptRow>,
    by_id: HashMap<&'a str, i64>,
    own_ids: HashSet<&'a str>,
}

impl<'a> Index<'a> {
    fn of(kept: &'a [KeptRow]) -> Self {
        let rows = kept.iter().map(|row| (row.key, row)).collect();
        let ids = kept
            .iter()
            .filter(|row| row.standing != Standing::Outside)
            .flat_map(|row| row.service_ids.iter().map(move |id| (id.as_str(), row.key)));
        let own_ids = kept.iter().filter_map(|row| row.id.as_deref()).collect();
        // Where two rows had one id, the first seen keeps the name.
        let mut by_id = HashMap::new();
        for (id, key) in ids {
            by_id.entry(id).or_insert(key);
        }
        Self { rows, by_id, own_ids }
    }

    fn row(&self, key: i64) -> &'a KeptRow {
        self.rows[&key]
    }

    /// Whether any row ever had this id, at the service or in our files.
    fn knows(&self, id: &str) -> bool {
        self.by_id.contains_key(id) || self.own_ids.contains(id)
    }
}

/// What tells two rows apart when their ids do not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Content<'a> {
    /// Of a row that can be booked: equal amounts are equal however many zeros end them.
    Booked { day: Day, amount: Decimal, currency: Currency, description: Option<&'a str> },
    /// Of any other: as sent.
    Odd { day: String, amount: String, description: Option<&'a str> },
}

fn content<'a>(row: &'a ReceivedRow, rules: &Rules) -> Content<'a> {
    let description = row.description.as_deref();
    match book(row, rules) {
        Ok(Entry { day, amount: Money { amount, currency } }) => {
            Content::Booked { day, amount, currency, description }
        }
        Err(_) => Content::Odd {
            day: format!("{:?}", row.day()),
            amount: format!("{:?} {:?}", row.amount, row.kind),
            description,
        },
    }
}

/// Kept rows that no id has claimed, by content, in first-seen order.
fn queues<'a>(
    kept: &'a [KeptRow],
    claimed: &HashSet<i64>,
    rules: &Rules,
) -> HashMap<Content<'a>, VecDeque<i64>> {
    let mut queues: HashMap<Content<'a>, VecDeque<i64>> = HashMap::new();
    for row in kept.iter().filter(|row| row.standing != Standing::Outside) {
        if !claimed.contains(&row.key) {
            queues.entry(content(&row.row, rules)).or_default().push_back(row.key);
        }
    }
    queues
}

/// The rows of an answer; the same row sent twice under one id counts once.
fn without_repeats(rows: &[ReceivedRow]) -> Vec<&ReceivedRow> {
    let mut seen: HashMap<&str, Vec<&ReceivedRow>> = HashMap::new();
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(id) = row.id.as_deref() {
            let twins = seen.entry(id).or_default();
            if twins.iter().any(|twin| twin.says_the_same(row)) {
                continue;
            }
            twins.push(row);
        }
        kept.push(row);
    }
    kept
}

fn used_once<'a>(rows: &[&'a ReceivedRow]) -> HashSet<&'a str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for id in rows.iter().filter_map(|row| row.id.as_deref()) {
        *counts.entry(id).or_default() += 1;
    }
    counts.into_iter().filter_map(|(id, count)| (count == 1).then_some(id)).collect()
}

fn unique_id<'a>(row: &'a ReceivedRow, once: &HashSet<&str>) -> Option<&'a str> {
    row.id.as_deref().filter(|id| once.contains(id))
}

fn missing(kept: &[KeptRow], claimed: &HashSet<i64>, asked: super::Span) -> Vec<i64> {
    let due = |row: &&KeptRow| {
        let asked = matches!(row.row.day(), Sent::Value(day) if asked.holds(day));
        asked && row.standing == Standing::Present && !claimed.contains(&row.key)
    };
    kept.iter().filter(due).map(|row| row.key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Span;
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
            balance_sign: BalanceSign::Auto,
            start: civil_day("2026-01-01").unwrap(),
        }
    }

    fn asked() -> Span {
        Span { from: civil_day("2026-01-01").unwrap(), end: civil_day("2026-12-31").unwrap() }
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
            kept.iter_mut().find(|row| row.key == *key).unwrap().service_ids.push((*id).to_owned());
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
        assert_eq!(plan, Comparison::default(), "a booked row stays booked");
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
