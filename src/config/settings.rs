//! `[sync]` and `[files]` as they are meant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::findings::{At, Findings, Wrong};
use super::raw::{RawFiles, RawSync};
use super::table::PathOrFlag;
use super::{find, ledger_name, values};
use crate::domain::{
    Currency, DecimalMark, DescriptionStyle, FileSettings, Format, Refresh, Style, SyncSettings,
};

/// The form of the files; an upgrade of the program does not change it.
const LAYOUT: i64 = 1;

/// `[sync]`, with its defaults.
pub(super) fn sync(raw: &RawSync, findings: &mut Findings) -> SyncSettings {
    let refresh = findings.read(raw.refresh.as_ref(), |text| values::refresh(text));
    let overlap = findings.read(raw.overlap.as_ref(), |text| values::days(text));
    let poll = findings.read(raw.poll.as_ref(), |text| values::poll(text));
    let budget = findings.read(raw.monthly_requests.as_ref(), |count| values::requests(*count));
    SyncSettings {
        refresh: refresh.unwrap_or(Refresh::Every(Duration::from_hours(12))),
        overlap_days: overlap.unwrap_or(45),
        poll: poll.unwrap_or(Duration::from_secs(5)),
        monthly_requests: budget.unwrap_or(10_000),
    }
}

/// The status page's name in the output folder.
const STATUS_PAGE: &str = "status.html";

/// `[files]`, with its defaults, around a resolved output folder. Other paths are seen from `base`.
pub(super) fn files(
    raw: &RawFiles,
    base: &Path,
    output_dir: PathBuf,
    findings: &mut Findings,
) -> FileSettings {
    findings.read(raw.layout.as_ref(), |layout| check_layout(*layout));
    let formats = findings.read(raw.formats.as_ref(), |words| values::formats(words));
    let status_page = match raw.status_page.as_ref().map(|page| (&page.value, &page.spot)) {
        None | Some((PathOrFlag::Flag(true), _)) => Some(output_dir.join(STATUS_PAGE)),
        Some((PathOrFlag::Flag(false), _)) => None,
        Some((PathOrFlag::Path(text), spot)) => {
            let typed = At { value: text.clone(), spot: spot.clone() };
            findings.read(Some(&typed), |text| find::typed_file(base, text))
        }
    };
    let metrics = findings.read(raw.metrics.as_ref(), |text| {
        let path = find::typed_file(base, text)?;
        if status_page.as_ref() == Some(&path) {
            return Err(Wrong::new("the status page has this path", "choose another path"));
        }
        Ok(path)
    });
    FileSettings {
        output_dir,
        formats: formats.unwrap_or_else(|| Format::ALL.to_vec()),
        mode: findings.read(raw.mode.as_ref(), |text| values::mode(text)).unwrap_or(0o640),
        group: findings.read(raw.group.as_ref(), |text| values::group(text)),
        style: style(raw, findings),
        status_page,
        metrics,
    }
}

fn check_layout(layout: i64) -> Result<(), Wrong> {
    if layout == LAYOUT {
        return Ok(());
    }
    Err(Wrong::new(format!("there is no layout {layout}"), format!("write layout = {LAYOUT}")))
}

fn style(raw: &RawFiles, findings: &mut Findings) -> Style {
    let mut account = |typed: &Option<At<String>>, default: &str| {
        let meant = findings.read(typed.as_ref(), |text| ledger_name::account(text));
        meant.unwrap_or_else(|| default.to_owned())
    };
    let unknown_expense = account(&raw.unknown_expense, "Expenses:Unknown");
    let unknown_income = account(&raw.unknown_income, "Income:Unknown");
    let opening = account(&raw.opening, "Equity:Opening Balances");
    let reconciliation = account(&raw.reconciliation, "Equity:Reconciliation");
    let description = findings.read(raw.description.as_ref(), |text| {
        let words = [
            ("tag", DescriptionStyle::Tag),
            ("payee", DescriptionStyle::Payee),
            ("off", DescriptionStyle::Off),
        ];
        values::one_of(text, &words)
    });
    let decimal_mark = findings.read(raw.decimal_mark.as_ref(), |text| {
        values::one_of(text, &[(".", DecimalMark::Point), (",", DecimalMark::Comma)])
    });
    Style {
        unknown_expense,
        unknown_income,
        opening,
        reconciliation,
        description: description.unwrap_or(DescriptionStyle::Tag),
        commodity: commodities(&raw.commodity, findings),
        decimal_mark: decimal_mark.unwrap_or(DecimalMark::Point),
        declarations: raw.declarations.as_ref().is_none_or(|flag| flag.value),
        spreadsheet_safe: raw.csv_spreadsheet_safe.as_ref().is_some_and(|flag| flag.value),
    }
}

/// How currencies are written. Two of them under one symbol would add up as one.
fn commodities(
    pairs: &[(String, At<String>)],
    findings: &mut Findings,
) -> BTreeMap<Currency, String> {
    let mut meant: BTreeMap<Currency, String> = BTreeMap::new();
    for (code, symbol) in pairs {
        let read = findings.read(Some(symbol), |symbol| {
            let currency = values::currency(code)?;
            let symbol = ledger_name::commodity(&currency, symbol)?;
            match meant.iter().find(|(other, taken)| **taken == symbol || **other == currency) {
                None => Ok((currency, symbol)),
                Some((other, _)) => Err(Wrong::new(
                    format!("{other} is written so already"),
                    "give each currency once, with a symbol of its own",
                )),
            }
        });
        meant.extend(read);
    }
    meant
}
