//! Whatever the service does, the books stay right, and every disagreement has a name.

mod currencies;
mod drift;
mod frugality;
mod guards;
mod passing;
mod pending;
mod reconciling;
mod signs;
mod start_dates;
mod stories;

use rust_decimal::Decimal;
use sophtron_sync::domain::parse_decimal;

use crate::bank::Account;
use crate::first_light::{day, families, id_of, one_account, settled, status, with_line};
use crate::home::{Home, Ran};
use crate::readers::{ReadRow, ledgers, ofx, tables};

const START: &str = "2026-01-01";
const BOOKS: &str = "bank/smith/checking/2026.ledger";

/// Day, amount and payee of a row.
type Line = (String, Decimal, String);

fn money(text: &str) -> Decimal {
    parse_decimal(text).unwrap_or_else(|| panic!("no decimal: {text}"))
}

fn line(day: &str, amount: &str, payee: &str) -> Line {
    (day.to_owned(), money(amount), payee.to_owned())
}

/// One account, as `one_account` has it, already read once.
fn synced() -> Home {
    let home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    home
}

/// Changes the account, which the bank then tells as of a day, and reads it.
fn read(home: &mut Home, today: &str, change: impl FnOnce(&mut Account)) -> Ran {
    tell(home, today, change);
    home.run(&["sync"]).ends_with(0)
}

/// Changes the account, which the bank then tells as of a day.
fn tell(home: &mut Home, today: &str, change: impl FnOnce(&mut Account)) {
    let id = id_of(home, "checking");
    home.bank.edit(|world| change(world.account_mut(&id)));
    home.day(day(today));
}

/// Asserts that every reader reads what the bank's books say: opening, rows and balance, and
/// besides them rows that the owner booked.
fn is_true(home: &Home, start: &str, own: &[Line]) {
    let id = id_of(home, "checking");
    let (truth, ledger) =
        home.bank.edit(|world| (world.truth(&id), world.account(&id).suggestion.ledger.clone()));
    let since: Vec<Line> = truth
        .rows_since(day(start))
        .map(|row| line(&row.day.to_string(), &row.amount, &row.description))
        .collect();
    let earlier: Decimal =
        truth.rows.iter().filter(|row| row.day < day(start)).map(|row| money(&row.amount)).sum();
    let opening = money(&truth.opening) + earlier;
    let mut rows: Vec<Line> = since.into_iter().chain(own.iter().cloned()).collect();
    rows.sort();
    let balance = opening + rows.iter().map(|(_, amount, _)| *amount).sum::<Decimal>();
    checks_hold(home);
    let mut in_ledgers = rows.clone();
    in_ledgers.push((start.to_owned(), opening, "Opening balance".to_owned()));
    in_ledgers.sort();
    let all = home.path("bank/all.ledger");
    for read in [ledgers::hledger_rows(&all), ledgers::ledger_rows(&all)] {
        assert_eq!(lines(read.iter().filter(|row| row.account == ledger)), in_ledgers);
    }
    for read in [ledgers::hledger_balances(&all), ledgers::ledger_balances(&all)] {
        let key = (ledger.clone(), "USD".to_owned());
        assert_eq!(read.get(&key).copied().unwrap_or_default(), balance.normalize());
    }
    let files = |ending: &str| {
        let years = ["2025", "2026"].map(|year| format!("bank/smith/checking/{year}.{ending}"));
        years.map(|file| home.path(&file)).into_iter().filter(|file| file.exists())
    };
    let csv: Vec<_> = files("csv").flat_map(|file| tables::csv_rows(&file)).collect();
    assert_eq!(lines(csv.iter()), rows);
    let ofx: Vec<_> = files("ofx").map(|file| ofx::ofxdump(&file, "UTC")).collect();
    assert_eq!(lines(ofx.iter().flat_map(|read| &read.rows)), rows);
    let told = ofx.last().and_then(|read| read.balance.as_deref().map(money));
    assert!(
        rows.is_empty() || told == Some(balance.normalize()) || told == Some(balance),
        "{told:?} {balance}"
    );
    assert_eq!(status(home, "smith/checking")["transactions"], rows.len());
}

fn lines<'a>(rows: impl Iterator<Item = &'a ReadRow>) -> Vec<Line> {
    let mut lines: Vec<_> = rows.map(|row| line(&row.day, &row.amount, &row.payee)).collect();
    lines.sort();
    lines
}

fn checks_hold(home: &Home) {
    let checks = home.path("bank/smith/checks.journal");
    let told = ledgers::hledger_check(&checks).and_then(|()| ledgers::ledger_check(&checks));
    assert_eq!(told, Ok(()));
}

/// The drift that `status` tells: its amount and first day.
fn drift(home: &Home) -> Option<(String, String)> {
    let told = status(home, "smith/checking");
    let text = |key: &str| told["drift"][key].as_str().map(str::to_owned);
    Some((text("amount")?, text("since")?))
}

/// The id in the files of the row of that payee.
fn id_in_files(home: &Home, payee: &str) -> String {
    let rows = tables::csv_table(&home.path("bank/smith/checking/2026.csv"));
    let found = rows.iter().find(|row| row["payee"] == payee);
    found.unwrap_or_else(|| panic!("no row {payee}"))["id"].clone()
}
