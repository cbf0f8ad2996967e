//! Whatever an account lives through - rows that come, come late, change, move, wait, are called by
//! other ids - the books are the bank's at every sync: nothing lost, nothing twice, no drift.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseResult};
use sophtron_sync::domain::{parse_decimal, shortest};

use super::{day, settled, status};
use crate::bank::{Account, Endpoint, Entry, Fault, Shape, World};
use crate::home::Home;
use crate::readers::{ledgers, long, tables};

/// The first day of the account.
const START: &str = "2026-01-10";

/// Something that happens between two syncs.
#[derive(Debug, Clone)]
enum Event {
    /// A row of so many days ago.
    Row { back: u64, cents: &'static str, text: &'static str, pending: bool },
    /// A row gets another amount.
    Amount(Index, &'static str),
    /// A row gets another text.
    Text(Index, &'static str),
    /// A row moves to so many days ago.
    Day(Index, u64),
    /// A row is called by another id.
    Id(Index),
    /// A pending row is posted, under its id or another one.
    Posted(Index, bool),
    /// Answers come in the other order from now on.
    Reversed,
}

/// Few amounts and texts: many rows look like another one.
fn event() -> impl Strategy<Value = Event> {
    let cents = || select(vec!["-4.75", "-4.7500", "-4.7", "-18.40", "4.75", "250", "0.00"]);
    let text = || select(vec!["COFFEE", "GROCER", ""]);
    let row = (0_u64..12, cents(), text(), prop::bool::weighted(0.2));
    prop_oneof![
        5 => row.prop_map(|(back, cents, text, pending)| Event::Row { back, cents, text, pending }),
        1 => (any::<Index>(), cents()).prop_map(|(which, cents)| Event::Amount(which, cents)),
        1 => (any::<Index>(), text()).prop_map(|(which, text)| Event::Text(which, text)),
        1 => (any::<Index>(), 0_u64..12).prop_map(|(which, back)| Event::Day(which, back)),
        1 => any::<Index>().prop_map(Event::Id),
        2 => (any::<Index>(), any::<bool>()).prop_map(|(which, renamed)| Event::Posted(which, renamed)),
        1 => Just(Event::Reversed),
    ]
}

/// Days, each with what happens on it.
fn life() -> impl Strategy<Value = Vec<Vec<Event>>> {
    prop::collection::vec(prop::collection::vec(event(), 0..5), 2..9)
}

fn config() -> Config {
    let cases = if long() { 300 } else { 6 };
    Config { cases, failure_persistence: None, max_shrink_iters: 60, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_books_are_the_banks_on_every_day(life in life()) {
        let mut home = settled(empty_account(), START);
        let mut today = day("2026-01-25");
        for events in &life {
            let mut touched = Vec::new();
            for event in events {
                home.bank.edit(|world| happen(world, event, today, &mut touched));
            }
            home.day(today);
            home.run(&["sync"]).ends_with(0);
            same_books(&home)?;
            today = today + chrono::Days::new(1);
        }
        let before = home.tree("bank");
        home.run(&["sync"]).ends_with(0);
        prop_assert!(home.tree("bank") == before, "a second sync is quiet");
        let checks = home.path("bank/smith/checks.journal");
        prop_assert_eq!(ledgers::hledger_check(&checks), Ok(()));
        prop_assert_eq!(ledgers::ledger_check(&checks), Ok(()));
    }
}

fn empty_account() -> World {
    let mut world = World::new(day("2026-01-25"));
    let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
    account.opening("100.00");
    world
}

/// One change a row and day: a row that changes both its id and what it says is another row.
fn happen(world: &mut World, event: &Event, today: chrono::NaiveDate, touched: &mut Vec<usize>) {
    if let Event::Reversed = event {
        world.fault(Fault::Shape(Shape::Reversed)).on(Endpoint::Transactions);
        return;
    }
    let account = world.accounts_mut().next().expect("an account");
    let ago = |back: u64| today - chrono::Days::new(back);
    if let Event::Row { back, cents, text, pending } = event {
        touched.push(account.rows.len());
        let row = account.add_row_on(ago(*back), cents, text);
        row.pending = *pending;
        return;
    }
    let Some(nth) = chosen(account, event, touched) else { return };
    touched.push(nth);
    let new_id = format!("renamed-{}-{nth}-{today}", account.rows.len());
    let row = &mut account.rows[nth];
    match event {
        Event::Amount(_, cents) => (*cents).clone_into(&mut row.amount),
        Event::Text(_, text) => (*text).clone_into(&mut row.description),
        Event::Day(_, back) => row.day = ago(*back),
        Event::Posted(_, false) => row.pending = false,
        Event::Posted(_, true) => {
            row.pending = false;
            row.id(&new_id);
        }
        Event::Id(_) | Event::Row { .. } | Event::Reversed => {
            row.id(&new_id);
        }
    }
}

/// The row that an event is about: a pending one for [`Event::Posted`], else a posted one.
fn chosen(account: &Account, event: &Event, touched: &[usize]) -> Option<usize> {
    let (which, pending) = match event {
        Event::Posted(which, _) => (which, true),
        Event::Amount(which, _)
        | Event::Text(which, _)
        | Event::Day(which, _)
        | Event::Id(which) => (which, false),
        Event::Row { .. } | Event::Reversed => return None,
    };
    let fits = |nth: &usize| account.rows[*nth].pending == pending && !touched.contains(nth);
    let rows: Vec<_> = (0..account.rows.len()).filter(fits).collect();
    (!rows.is_empty()).then(|| rows[which.index(rows.len())])
}

/// Day, amount and text of rows, sorted.
type Rows = Vec<(String, String, String)>;

fn same_books(home: &Home) -> TestCaseResult {
    let truth = home.bank.edit(|world| {
        let id = world.accounts().next().expect("an account").id.clone();
        world.truth(&id)
    });
    let meant = |rows: &[Entry]| -> Rows {
        let rows = rows
            .iter()
            .map(|row| (row.day.to_string(), value(&row.amount), row.description.clone()));
        sorted(rows.collect())
    };
    prop_assert_eq!(read(home, "2026.csv"), meant(&truth.rows));
    prop_assert_eq!(read(home, "pending.csv"), meant(&truth.pending));
    let told = status(home, "smith/checking");
    prop_assert!(told["drift"].is_null(), "{}", told);
    prop_assert_eq!(told["balance"].as_str().map(value), truth.balance.as_deref().map(value));
    Ok(())
}

fn read(home: &Home, file: &str) -> Rows {
    let path = home.path("bank/smith/checking").join(file);
    if !path.exists() {
        return Vec::new();
    }
    let rows = tables::csv_rows(&path).into_iter();
    sorted(rows.map(|row| (row.day, value(&row.amount), row.description)).collect())
}

fn sorted(mut rows: Rows) -> Rows {
    rows.sort();
    rows
}

fn value(digits: &str) -> String {
    shortest(parse_decimal(digits).expect("a decimal"))
}
