//! Which fetched row is which kept one.

use std::collections::{HashMap, HashSet, VecDeque};

use rust_decimal::Decimal;

use super::{Rules, book};
use crate::domain::{Currency, Day, KeptRow, ReceivedRow, Sent, Standing};

/// What tells two rows apart when their ids do not: day, amount and description, as booked where
/// they can be, else as sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Content<'a> {
    Booked(Day, Decimal, Currency, Option<&'a str>),
    Odd(Sent<Day>, &'a Sent<Decimal>, Option<&'a str>, Option<&'a str>),
}

pub(super) fn content<'a>(row: &'a ReceivedRow, rules: &Rules) -> Content<'a> {
    let description = row.description.as_deref();
    match book(row, rules) {
        Ok(entry) => {
            Content::Booked(entry.day, entry.amount.amount, entry.amount.currency, description)
        }
        Err(_) => Content::Odd(row.day(), &row.amount, row.kind.as_deref(), description),
    }
}

/// The kept rows that a fetched one may be, by id and by content.
pub(super) struct Index<'a> {
    rows: Vec<(&'a KeptRow, Content<'a>)>,
    /// Where two rows had one id, that which the service calls so now comes first.
    by_id: HashMap<&'a str, usize>,
    /// Ids in our files, which may be minted ones.
    own_ids: HashSet<&'a str>,
    /// Ids that the answer uses once, and so can name a row.
    used_once: HashSet<&'a str>,
}

impl<'a> Index<'a> {
    pub(super) fn of(kept: &'a [KeptRow], posted: &[&'a ReceivedRow], rules: &Rules) -> Self {
        let sent = [Standing::Present, Standing::Vanished];
        let known = kept.iter().filter(|row| sent.contains(&row.standing));
        let rows: Vec<_> = known.map(|row| (row, content(&row.row, rules))).collect();
        let mut by_id = HashMap::new();
        for (place, id) in names(&rows) {
            by_id.entry(id).or_insert(place);
        }
        let own_ids = kept.iter().filter_map(|row| row.id.as_deref()).collect();
        Self { rows, by_id, own_ids, used_once: used_once(posted) }
    }

    /// The kept row that ever had the id of a fetched one.
    pub(super) fn named(&self, row: &ReceivedRow) -> Option<&'a KeptRow> {
        self.by_id.get(row.id.as_deref()?).map(|place| self.rows[*place].0)
    }

    /// The id of a new row, where the answer uses it once and no row ever had it.
    pub(super) fn free_id<'r>(&self, row: &'r ReceivedRow) -> Option<&'r str> {
        let id = row.id.as_deref().filter(|id| self.used_once.contains(id))?;
        let known = self.by_id.contains_key(id) || self.own_ids.contains(id);
        (!known).then_some(id)
    }

    fn place_by_id(&self, row: &ReceivedRow) -> Option<usize> {
        let id = row.id.as_deref().filter(|id| self.used_once.contains(id))?;
        self.by_id.get(id).copied()
    }

    /// Whether the last good read had a row.
    fn was_there(&self, place: usize) -> bool {
        let row = self.rows[place].0;
        row.standing == Standing::Present && row.missed == 0
    }
}

/// The ids that name rows: present ones of rows that the last good read had, of missing ones, of
/// vanished ones, then all that there ever were.
fn names<'r, 'a>(
    rows: &'r [(&'a KeptRow, Content)],
) -> impl Iterator<Item = (usize, &'a str)> + 'r {
    let now = [0, 1, 2].into_iter().flat_map(move |wanted| {
        let those = rows.iter().enumerate().filter(move |(_, (row, _))| rank(row) == wanted);
        those.filter_map(|(place, (row, _))| Some((place, row.row.id.as_deref()?)))
    });
    let ever = rows
        .iter()
        .enumerate()
        .flat_map(|(place, (row, _))| row.service_ids.iter().map(move |id| (place, id.as_str())));
    now.chain(ever)
}

fn rank(row: &KeptRow) -> u8 {
    match row.standing {
        Standing::Present => u8::from(row.missed > 0),
        _ => 2,
    }
}

/// Finds the kept row that each fetched one is, or none.
///
/// Rows that the last good read had come before those that were missing or vanished; among them
/// id and content together before either alone, and content before the id, so that ids which are
/// handed on from row to row leave every row in its place. Where that costs a row its own kept
/// one although nobody needed it, it gets it back.
pub(super) fn partners<'a>(
    posted: &[&'a ReceivedRow],
    index: &Index<'a>,
    rules: &Rules,
) -> Vec<Option<&'a KeptRow>> {
    let contents: Vec<_> = posted.iter().map(|row| content(row, rules)).collect();
    let mut pairing =
        Pairing { index, found: vec![None; posted.len()], taken: vec![false; index.rows.len()] };
    for was_there in [true, false] {
        pairing.by_id(posted, was_there, |nth, place| contents[nth] == index.rows[place].1);
        pairing.by_content(posted, &contents, was_there);
        pairing.by_id(posted, was_there, |_, _| true);
        pairing.give_back(posted, was_there);
    }
    pairing.found.into_iter().map(|place| place.map(|place| index.rows[place].0)).collect()
}

/// Pairs found so far.
struct Pairing<'i, 'a> {
    index: &'i Index<'a>,
    found: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Pairing<'_, '_> {
    fn by_id(
        &mut self,
        posted: &[&ReceivedRow],
        was_there: bool,
        fits: impl Fn(usize, usize) -> bool,
    ) {
        for (nth, row) in posted.iter().enumerate() {
            let place = self.index.place_by_id(row).filter(|place| {
                !self.taken[*place]
                    && self.index.was_there(*place) == was_there
                    && fits(nth, *place)
            });
            if self.found[nth].is_none() {
                self.pair(nth, place);
            }
        }
    }

    /// The first with the first. A kept row whose own id is in the answer waits for it behind its
    /// twins, and a fetched one whose own kept row is free lets its twins go first.
    fn by_content(&mut self, posted: &[&ReceivedRow], contents: &[Content], was_there: bool) {
        let mut queues: HashMap<&Content, VecDeque<usize>> = HashMap::new();
        let awaited = |place: usize| {
            let ids = &self.index.rows[place].0.service_ids;
            ids.iter().any(|id| self.index.used_once.contains(id.as_str()))
        };
        let free = (0..self.index.rows.len())
            .filter(|place| !self.taken[*place] && self.index.was_there(*place) == was_there);
        let (last, first): (Vec<_>, Vec<_>) = free.partition(|place| awaited(*place));
        for place in first.into_iter().chain(last) {
            queues.entry(&self.index.rows[place].1).or_default().push_back(place);
        }
        // Rows that their ids tell apart queue by these, not by their places in the answer.
        let turn = |nth: &usize| match self.index.place_by_id(posted[*nth]) {
            None => (0, None),
            Some(own) => (if self.taken[own] { 1 } else { 2 }, posted[*nth].id.as_deref()),
        };
        let mut unpaired: Vec<_> = (0..posted.len()).collect();
        unpaired.retain(|nth| self.found[*nth].is_none());
        unpaired.sort_by_key(turn);
        for nth in unpaired {
            let place = queues.get_mut(&contents[nth]).and_then(VecDeque::pop_front);
            self.pair(nth, place);
        }
    }

    /// A fetched row that is left over though its own kept one was taken by content gets that back
    /// where, down the line, somebody's own one is free: nothing is new then and nothing missing.
    fn give_back(&mut self, posted: &[&ReceivedRow], was_there: bool) {
        let mut holders: HashMap<usize, usize> = HashMap::new();
        for (nth, place) in self.found.iter().enumerate() {
            holders.extend(place.map(|place| (place, nth)));
        }
        let mut left_over: Vec<_> = (0..posted.len()).collect();
        left_over.retain(|nth| self.found[*nth].is_none());
        left_over.sort_by_key(|nth| posted[*nth].id.as_deref());
        for nth in left_over {
            let Some(line) = self.line_of(nth, posted, &holders, was_there) else { continue };
            for (nth, place) in line {
                holders.insert(place, nth);
                self.pair(nth, Some(place));
            }
        }
    }

    /// Who gets which kept row so that a left-over one gets its own; `None` where none is free.
    fn line_of(
        &self,
        left_over: usize,
        posted: &[&ReceivedRow],
        holders: &HashMap<usize, usize>,
        was_there: bool,
    ) -> Option<Vec<(usize, usize)>> {
        let mut line: Vec<(usize, usize)> = Vec::new();
        let mut nth = left_over;
        loop {
            let own = self.index.place_by_id(posted[nth])?;
            let known = line.iter().any(|(_, place)| *place == own);
            if known || self.index.was_there(own) != was_there {
                return None;
            }
            line.push((nth, own));
            match holders.get(&own) {
                None => return Some(line),
                Some(holder) => nth = *holder,
            }
        }
    }

    fn pair(&mut self, nth: usize, place: Option<usize>) {
        if let Some(place) = place {
            self.taken[place] = true;
            self.found[nth] = Some(place);
        }
    }
}

/// The rows of an answer; the same row sent twice under one id counts once.
pub(super) fn without_repeats(rows: &[ReceivedRow]) -> Vec<&ReceivedRow> {
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
