//! What hledger and ledger read.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use sophtron_sync::domain::parse_decimal;

use super::{ReadRow, run};

/// Account and commodity, and how much of it.
pub(crate) type Balances = BTreeMap<(String, String), Decimal>;

/// Every transaction with two postings, as hledger reads it, digit for digit.
pub(crate) fn hledger_rows(journal: &Path) -> Vec<ReadRow> {
    let printed =
        hledger(journal, &["print", "-O", "json"]).unwrap_or_else(|told| panic!("{told}"));
    let read: Vec<Transaction> = serde_json::from_str(&printed).expect("hledger's JSON");
    read.iter().map(row).collect()
}

/// Every transaction with two postings, as ledger reads it; amounts by value.
pub(crate) fn ledger_rows(journal: &Path) -> Vec<ReadRow> {
    let fields = [
        "format_date(date, '%Y-%m-%d')",
        "tag('sophtron-id')",
        "account",
        "quantity(amount)",
        "commodity",
        "payee",
        "code",
        "tag('description')",
        "tag('category')",
        "tag('memo')",
    ];
    let format = fields.map(|field| format!("%({field})\u{1f}")).concat() + "\u{1e}";
    let printed = ledger(journal, &["register", "--empty", "--format", &format])
        .unwrap_or_else(|told| panic!("{told}"));
    let postings: Vec<Vec<&str>> = printed
        .split_terminator('\u{1e}')
        .map(|posting| posting.split('\u{1f}').collect())
        .collect();
    postings
        .chunks(2)
        .map(|pair| {
            let texts = |at: usize| pair[0][at].to_owned();
            ReadRow {
                day: texts(0),
                id: texts(1),
                account: texts(2),
                other_side: pair[1][2].to_owned(),
                amount: texts(3),
                currency: pair[0][4].trim_matches('"').to_owned(),
                payee: texts(5),
                check_number: texts(6),
                description: texts(7),
                category: texts(8),
                memo: texts(9),
            }
        })
        .collect()
}

/// What `hledger check --strict` says against a journal.
pub(crate) fn hledger_check(journal: &Path) -> Result<(), String> {
    hledger(journal, &["check", "--strict"]).map(drop)
}

/// What `ledger --pedantic` says against a journal.
pub(crate) fn ledger_check(journal: &Path) -> Result<(), String> {
    ledger(journal, &["--pedantic", "balance"]).map(drop)
}

/// The balance of every account, as hledger counts it.
pub(crate) fn hledger_balances(journal: &Path) -> Balances {
    type Row = (String, String, u32, Vec<Amount>);
    let args = ["balance", "--flat", "--empty", "--no-total", "-O", "json"];
    let printed = hledger(journal, &args).unwrap_or_else(|told| panic!("{told}"));
    let (rows, _): (Vec<Row>, serde_json::Value) =
        serde_json::from_str(&printed).expect("hledger's JSON");
    let mut balances = Balances::new();
    for (account, _, _, amounts) in rows {
        for Amount { acommodity, aquantity } in amounts {
            let value = parse_decimal(&aquantity.digits()).expect("a decimal");
            balances.insert((account.clone(), acommodity), value.normalize());
        }
    }
    balances.retain(|_, value| !value.is_zero());
    balances
}

/// The balance of every account, as ledger counts it.
pub(crate) fn ledger_balances(journal: &Path) -> Balances {
    let commodities = ledger(journal, &["commodities"]).unwrap_or_else(|told| panic!("{told}"));
    let mut balances = Balances::new();
    for commodity in commodities.lines() {
        // ledger compares a commodity with its quotes, where it has them.
        let limit = format!("commodity == '{commodity}'");
        let commodity = commodity.trim_matches('"');
        let format = "%(account)\u{1f}%(quantity(display_total))\n";
        let args = ["balance", "--flat", "--no-total", "--limit", &limit, "--format", format];
        let printed = ledger(journal, &args).unwrap_or_else(|told| panic!("{told}"));
        for (account, amount) in printed.lines().filter_map(|line| line.split_once('\u{1f}')) {
            let amount = parse_decimal(amount).expect("a decimal").normalize();
            balances.insert((account.to_owned(), commodity.to_owned()), amount);
        }
    }
    balances.retain(|_, value| !value.is_zero());
    balances
}

fn hledger(journal: &Path, args: &[&str]) -> Result<String, String> {
    let journal = journal.to_str().expect("UTF-8");
    run("hledger", ["-f", journal].iter().chain(args), "UTC")
}

fn ledger(journal: &Path, args: &[&str]) -> Result<String, String> {
    let journal = journal.to_str().expect("UTF-8");
    let first = ["--args-only", "-f", journal];
    run("ledger", first.iter().chain(args), "UTC")
}

/// A transaction in hledger's JSON.
#[derive(Deserialize)]
struct Transaction {
    tcode: String,
    tdate: String,
    tdescription: String,
    tpostings: Vec<Posting>,
    ttags: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Posting {
    paccount: String,
    pamount: Vec<Amount>,
}

#[derive(Deserialize)]
struct Amount {
    acommodity: String,
    aquantity: Quantity,
}

/// An exact number: mantissa / 10^places.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quantity {
    /// A whole number, where it is large in the form `1.2345e23`, but with all its digits.
    decimal_mantissa: Box<RawValue>,
    decimal_places: usize,
}

impl Quantity {
    fn digits(&self) -> String {
        let text = self.decimal_mantissa.get();
        let (sign, text) = text.strip_prefix('-').map_or(("", text), |text| ("-", text));
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let zeros = exponent.parse::<usize>().expect("a number").saturating_sub(fraction.len());
        let digits = format!("{whole}{fraction}{}", "0".repeat(zeros));
        let digits = format!("{digits:0>width$}", width = self.decimal_places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.decimal_places);
        let whole = format!("{:0>1}", whole.trim_start_matches('0'));
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }
}

fn row(read: &Transaction) -> ReadRow {
    let tag = |key: &str| {
        let found = read.ttags.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let amount = &read.tpostings[0].pamount[0];
    ReadRow {
        day: read.tdate.clone(),
        id: tag("sophtron-id"),
        account: read.tpostings[0].paccount.clone(),
        other_side: read.tpostings.get(1).map(|side| side.paccount.clone()).unwrap_or_default(),
        amount: amount.aquantity.digits(),
        currency: amount.acommodity.clone(),
        payee: read.tdescription.clone(),
        description: tag("description"),
        category: tag("category"),
        memo: tag("memo"),
        check_number: read.tcode.clone(),
    }
}
