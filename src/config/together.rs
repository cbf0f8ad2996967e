//! What no value shows alone: names, ids, ledger accounts and folders that collide.

use std::collections::BTreeMap;
use std::path::Path;

use super::findings::{At, Findings, Spot, Wrong, quoted};
use super::raw::{RawConfig, RawFamily};
use super::{FamilyConfig, SharedFolders};
use crate::domain::Style;

/// Looks for names, ids and ledger accounts that stand twice.
pub(super) fn check_words(raw: &RawConfig, style: &Style, findings: &mut Findings) {
    let names = raw.families.iter().filter_map(|family| family.name.as_ref());
    twice(names, str::to_owned, "give each family a name of its own", findings);
    let accounts = || raw.families.iter().flat_map(|family| &family.accounts);
    let ids = accounts().filter_map(|account| account.id.as_ref());
    twice(ids, str::to_lowercase, "link each account once, in one family", findings);
    for family in &raw.families {
        check_family(family, style, findings);
    }
}

fn check_family(raw: &RawFamily, style: &Style, findings: &mut Findings) {
    let names = raw.accounts.iter().filter_map(|account| account.name.as_ref());
    twice(names, str::to_owned, "give each account of the family a name of its own", findings);
    let ledgers = || raw.accounts.iter().filter_map(|account| account.ledger.as_ref());
    twice(
        ledgers(),
        str::to_owned,
        "give each account of the family a ledger account of its own",
        findings,
    );
    let others =
        [&style.unknown_expense, &style.unknown_income, &style.opening, &style.reconciliation];
    for ledger in ledgers().filter(|ledger| others.contains(&&ledger.value)) {
        let problem = format!("{} is the other side of its own rows", quoted(&ledger.value));
        let cure = "name the account itself, such as \"Assets:Bank:Joint Checking\"";
        findings.add(&ledger.spot, Wrong::new(problem, cure));
    }
}

/// Reports each text that an earlier line has already, `same` being what makes two equal.
fn twice<'r>(
    typed: impl Iterator<Item = &'r At<String>>,
    same: fn(&str) -> String,
    cure: &str,
    findings: &mut Findings,
) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for At { value, spot } in typed {
        let key = same(value);
        match first.get(&key) {
            Some(line) => {
                let problem = format!("{} stands on line {line} already", quoted(value));
                findings.add(spot, Wrong::new(problem, cure));
            }
            None => drop(first.insert(key, spot.line)),
        }
    }
}

/// Looks for folders that lie on, in or around one another: files would mix, or a state would
/// lie open.
pub(super) fn check_folders(
    raw: &RawConfig,
    shared: &SharedFolders<'_>,
    families: &[(&RawFamily, FamilyConfig)],
    findings: &mut Findings,
) {
    if let Some(spot) = raw.output_dir.as_ref().or(raw.state_dir.as_ref()).map(|at| &at.spot) {
        apart_from_state(shared.output_dir, shared.state_dir, spot, findings);
    }
    for (at, (raw, config)) in families.iter().enumerate() {
        let Some(typed) = &raw.output_dir else { continue };
        let own = &config.family.output_dir;
        apart_from_state(own, shared.state_dir, &typed.spot, findings);
        if shared.output_dir.starts_with(own) {
            let problem = "the shared output_dir is or lies in the family's own";
            let cure = "choose a folder apart, or leave the family's output_dir out";
            findings.add(&typed.spot, Wrong::new(problem, cure));
            continue;
        }
        let met = families.iter().enumerate().find(|(other, (_, theirs))| {
            let told_there = *other > at && theirs.family.own_folder;
            *other != at && !told_there && touch(own, &theirs.family.output_dir)
        });
        if let Some((_, (_, theirs))) = met {
            let problem = format!("the files of {} lie on, in or around it", theirs.family.name);
            findings.add(&typed.spot, Wrong::new(problem, "choose a folder apart"));
        }
    }
}

fn apart_from_state(output: &Path, state: &Path, spot: &Spot, findings: &mut Findings) {
    if touch(output, state) {
        let problem = format!("state_dir ({}) lies on, in or around it", state.display());
        let cure = "keep the state apart: others read the output, nobody else the state";
        findings.add(spot, Wrong::new(problem, cure));
    }
}

/// An empty path stands for one that was refused already: it lies nowhere.
fn touch(one: &Path, other: &Path) -> bool {
    let somewhere = !one.as_os_str().is_empty() && !other.as_os_str().is_empty();
    somewhere && (one.starts_with(other) || other.starts_with(one))
}
