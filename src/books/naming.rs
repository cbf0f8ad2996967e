//! Names the rows that the service gave no id of their own.

use std::collections::{HashMap, HashSet};

use super::{Rules, book_kept, ids::mint};
use crate::domain::{KeptRow, Name, Standing};

/// Gives ids to the bookable rows that have none yet; tells which, by the store's key.
///
/// Occurrences are counted among all equal rows of a day in first-seen order, those with an id
/// of their own included, so that a rebuilt store gives the same ids; an id that any row ever
/// had is passed over.
#[must_use]
pub fn name_rows(
    kept: &mut [KeptRow],
    family: &Name,
    first_name: &Name,
    rules: &Rules,
) -> Vec<(i64, String)> {
    let in_books = |row: &&KeptRow| row.standing != Standing::Outside;
    if kept.iter().filter(in_books).all(|row| row.id.is_some()) {
        return Vec::new();
    }
    let mut taken: HashSet<String> = kept.iter().filter_map(|row| row.id.clone()).collect();
    let mut occurrences: HashMap<(String, Option<&str>), usize> = HashMap::new();
    let mut named = Vec::new();
    let bookable: Vec<_> = kept.iter().map(|row| book_kept(row, rules).ok()).collect();
    for (KeptRow { key, id, row, standing, .. }, entry) in kept.iter_mut().zip(bookable) {
        let Some(entry) = entry else { continue };
        if *standing == Standing::Outside {
            continue;
        }
        let equal = format!("{} {}", entry.day, entry.amount.amount.normalize());
        let occurrence = occurrences.entry((equal, row.description.as_deref())).or_default();
        *occurrence += 1;
        if id.is_some() {
            continue;
        }
        let mint = |nth| mint(family, first_name, &entry, row, nth);
        let mut nth = *occurrence;
        while taken.contains(&mint(nth)) {
            nth += 1;
        }
        taken.insert(mint(nth));
        *id = Some(mint(nth));
        named.push((*key, mint(nth)));
    }
    named
}
