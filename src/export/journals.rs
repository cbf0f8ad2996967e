//! A family's entry files: what its owner includes, and what checks the books.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::index::{AccountIndex, AssertionEntry, Declared};
use super::{OutputFile, entry, ledger, tables};
use crate::domain::{BalanceLine, Format, Name, Style, tidy};

const INCLUDE_DECLARATIONS: &str = "include declarations.ledger\n";

/// A family's files beside those of its accounts; `indexes` are those of all accounts that have
/// files, linked or not.
///
/// `balances.csv` is always among them; with ledger in `formats` also `all.ledger`,
/// `declarations.ledger`, a journal for each year, `checks.journal` and `assertions.journal`.
#[must_use]
pub fn family_files(
    indexes: &[AccountIndex],
    balances: &[BalanceLine],
    style: &Style,
    formats: &[Format],
) -> Vec<OutputFile> {
    let balances = tables::balances_csv(balances, style);
    let mut files = vec![OutputFile { path: "balances.csv".to_owned(), bytes: balances }];
    if formats.contains(&Format::Ledger) {
        let mut indexes: Vec<_> = indexes.iter().collect();
        indexes.sort_by_key(|index| &index.account);
        files.extend(journals(&indexes, style));
    }
    files
}

/// The shared folder's `all.ledger`: it includes that of each family in it.
#[must_use]
pub fn shared_all_ledger(families: &[Name], style: &Style) -> Vec<u8> {
    let families: BTreeSet<_> = families.iter().collect();
    let lines = families.iter().map(|family| format!("include {family}/all.ledger\n"));
    with_includes(style, lines).into_bytes()
}

fn journals(indexes: &[&AccountIndex], style: &Style) -> Vec<OutputFile> {
    let years: BTreeSet<i32> = indexes.iter().flat_map(|index| &index.years).copied().collect();
    let file = |path: String, text: String| OutputFile { path, bytes: text.into_bytes() };
    let mut files = vec![
        file("all.ledger".to_owned(), with_includes(style, includes(indexes, style, |_| true))),
        file("declarations.ledger".to_owned(), declarations(indexes, style)),
        file("checks.journal".to_owned(), checks(indexes, style)),
        file("assertions.journal".to_owned(), assertions(indexes, style)),
    ];
    for year in years {
        let lines = includes(indexes, style, |of| of == year);
        files.push(file(format!("{year:04}.journal"), with_includes(style, lines)));
    }
    files
}

/// The declarations, where they are wanted, and the accounts' files of some years.
fn includes(indexes: &[&AccountIndex], style: &Style, wanted: impl Fn(i32) -> bool) -> Vec<String> {
    let files = indexes.iter().flat_map(|index| index.years.iter().map(move |year| (index, *year)));
    let lines = files
        .filter(|(_, year)| wanted(*year))
        .map(|(index, year)| format!("include {}/{year:04}.ledger\n", index.account));
    let declarations = style.declarations.then(|| INCLUDE_DECLARATIONS.to_owned());
    declarations.into_iter().chain(lines).collect()
}

fn with_includes(style: &Style, lines: impl IntoIterator<Item = String>) -> String {
    let lines: String = lines.into_iter().collect();
    let gap = if lines.is_empty() { "" } else { "\n" };
    entry::header(style) + gap + &lines
}

/// `declarations.ledger`: commodities, tags, accounts, each in byte order.
fn declarations(indexes: &[&AccountIndex], style: &Style) -> String {
    let (mut accounts, mut commodities) = (BTreeMap::new(), BTreeMap::new());
    let mut tags = BTreeSet::new();
    for declared in indexes.iter().flat_map(|index| &index.declared) {
        match declared {
            Declared::Account { name, letter } => {
                let known: &mut Option<char> = accounts.entry(name).or_default();
                *known = known.or(*letter);
            }
            Declared::Commodity { name, places } => {
                let most: &mut u32 = commodities.entry(name).or_default();
                *most = (*most).max(*places);
            }
            Declared::Tag(key) => {
                tags.insert(key);
            }
        }
    }
    let commodities = commodities.iter().map(|(name, places)| commodity(name, *places, style));
    let tags = tags.iter().map(|key| format!("tag {key}\n"));
    let accounts = accounts.iter().map(|(name, letter)| account(name, *letter));
    let groups: [String; 3] = [commodities.collect(), tags.collect(), accounts.collect()];
    let mut out = entry::header(style);
    for group in groups.iter().filter(|group| !group.is_empty()) {
        out.push('\n');
        out.push_str(group);
    }
    out
}

/// A commodity without decimals stands bare: ledger would take no format for it that has none.
fn commodity(name: &str, places: u32, style: &Style) -> String {
    if places == 0 {
        return format!("commodity {name}\n");
    }
    format!("commodity {name}\n    format {} {name}\n", entry::sample(places, style))
}

/// The type stands on a line of its own: behind the name, ledger would take it into the name.
fn account(name: &str, letter: Option<char>) -> String {
    let kind = letter.map(|letter| format!("    ; type: {letter}\n")).unwrap_or_default();
    format!("account {name}\n{kind}")
}

/// `checks.journal`: everything, with the openings that nothing else includes, then the
/// assertions.
fn checks(indexes: &[&AccountIndex], style: &Style) -> String {
    let openings: Vec<_> =
        indexes.iter().filter_map(|index| index.detached_opening.as_ref()).collect();
    let mut out = entry::header(style);
    if !openings.is_empty() && style.declarations {
        // ledger wants names declared before their first use.
        let _ = write!(out, "\n{INCLUDE_DECLARATIONS}");
    }
    for opening in openings {
        out.push('\n');
        ledger::opening(&mut out, opening, style);
    }
    out.push_str("\ninclude all.ledger\ninclude assertions.journal\n");
    out
}

/// `assertions.journal`: what each account must hold. They stand apart from the entries, since a
/// failing assertion makes both programs refuse the whole journal.
fn assertions(indexes: &[&AccountIndex], style: &Style) -> String {
    let mut out = entry::header(style);
    for entry in indexes.iter().filter_map(|index| index.assertion.as_ref()) {
        out.push('\n');
        assertion(&mut out, entry, style);
    }
    out
}

fn assertion(out: &mut String, entry: &AssertionEntry, style: &Style) {
    let AssertionEntry { ledger, currency, assertion } = entry;
    let commodity = entry::commodity(currency, style);
    let agreed = entry::number(assertion.agreed, currency, style);
    let _ = writeln!(
        out,
        "; On {} the bank reported {agreed} {commodity}, and the books agreed.",
        assertion.agreed_on
    );
    if let Some(drift) = &assertion.drift {
        let amount = entry::number(tidy(drift.amount), currency, style);
        let _ = writeln!(out, "; drift: {amount} {commodity} since {}", drift.since);
    }
    let zero = entry::number(Decimal::ZERO, currency, style);
    let holds = entry::number(tidy(assertion.amount), currency, style);
    let _ = writeln!(out, "{} * Balance assertion", assertion.day);
    entry::posting(out, ledger, &zero, &commodity);
    let _ = writeln!(out, " = {holds} {commodity}");
}
