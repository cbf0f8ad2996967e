//! Which currency an account is in: what its owner states, else what the service told; that it
//! falls silent moves nothing, and that it says otherwise is told.

use serde_json::Value;

use super::{BOOKS, START, checks_hold, families, money, status, tell, with_line};
use crate::bank::{Endpoint, Fault, Json, Shape};
use crate::first_light::{one_account, settled};
use crate::home::Home;
use crate::readers::{ledgers, tables};

/// The account of `one_account` in a currency that the service tells and the owner does not state.
fn unstated(told: &str) -> Home {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.currency(Json::text(told));
    });
    let home = settled(world, START);
    home.reconfigure("", &without_currency(&home));
    home.run(&["sync"]).ends_with(0);
    home
}

fn without_currency(home: &Home) -> String {
    let all = families(home, START);
    assert!(all.contains("\ncurrency = "), "{all}");
    let lines = all.lines().filter(|line| !line.starts_with("currency = "));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn stating(home: &Home, line: &str) -> String {
    with_line(&without_currency(home), "checking", line)
}

/// That every row of the books is in a currency, with the balance that the bank tells.
fn is_in(home: &Home, code: &str) {
    let balances = ledgers::hledger_balances(&home.path("bank/all.ledger"));
    let account = |(name, _): &&(String, String)| name == "Assets:Bank:Checking";
    let held: Vec<_> = balances.keys().filter(account).map(|(_, code)| code.as_str()).collect();
    assert_eq!(held, [code]);
    let ofx = home.read("bank/smith/checking/2026.ofx");
    assert!(ofx.contains(&format!("<CURDEF>{code}")), "{ofx}");
    assert_eq!(status(home, "smith/checking")["currency"], code);
    checks_hold(home);
}

fn words(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn a_currency_that_is_told_no_more_moves_nothing() {
    let silent = [Json::null(), Json::text(""), Json::text("$"), Json::text("C$")];
    let rows = ["CAD", "$"];
    for rows in rows {
        let mut home = unstated("CAD");
        is_in(&home, "CAD");
        let before = home.tree("bank");
        let days = ["2026-03-05", "2026-03-06", "2026-03-07", "2026-03-08"];
        for (today, told) in days.into_iter().zip(silent.clone()) {
            // First beside rows that stand still, then beside rows that are read.
            for moves in [false, true] {
                let told = told.clone();
                let change = |account: &mut crate::bank::Account| {
                    account.currency(Json::text(rows)).set("BalanceCurrency", told);
                };
                if moves {
                    tell(&mut home, today, change);
                } else {
                    let id = crate::first_light::id_of(&home, "checking");
                    home.bank.edit(|world| change(world.account_mut(&id)));
                }
                home.run(&["sync"]).ends_with(0);
                assert!(home.tree("bank") == before, "{today} {rows} {moves}");
            }
        }
        home.bank.edit(|world| {
            let without = Fault::Shape(Shape::leave_out("BalanceCurrency"));
            world.fault(without).on(Endpoint::Accounts);
        });
        tell(&mut home, "2026-03-09", |_| {});
        home.run(&["sync"]).ends_with(0);
        home.run(&["sync", "--full"]).ends_with(0);
        assert!(home.tree("bank") == before, "it is missing");
        assert_eq!(status(&home, "smith/checking")["quarantined"], 0);
        tell(&mut home, "2026-03-10", |account| {
            account.add_row("2026-03-10", "-1.00", "NEWS");
        });
        home.run(&["sync"]).ends_with(0);
        is_in(&home, "CAD");
        assert!(home.read(BOOKS).contains("-1.00 CAD"));
    }
}

/// Also where it was assumed to be USD because nobody had named one.
#[test]
fn a_code_that_contradicts_the_settled_one_changes_nothing_until_the_owner_states_it() {
    for (first, settled_in, now) in
        [("CAD", "CAD", "USD"), ("USD", "USD", "CAD"), ("$", "USD", "CAD"), ("USD", "USD", "EUR")]
    {
        let mut home = unstated(first);
        is_in(&home, settled_in);
        let before = home.tree("bank");
        let id = crate::first_light::id_of(&home, "checking");
        home.bank.edit(|world| {
            world.account_mut(&id).currency(Json::text(now));
        });
        for today in ["2026-03-04", "2026-03-05"] {
            tell(&mut home, today, |_| {});
            home.run(&["sync"]).ends_with(1);
            home.run(&["sync", "--full", "--accept"]).ends_with(1);
            assert!(home.tree("bank") == before, "{first} {now} {today}");
            let told = status(&home, "smith/checking");
            let message = format!("its currency was {settled_in} and the service says {now} now");
            assert_eq!((&told["state"], words(&told["message"])), (&"suspect".into(), &*message));
            assert!(words(&told["help"]).contains("set `currency` of this account"), "{told}");
        }
        home.reconfigure("", &stating(&home, &format!("currency = \"{now}\"")));
        home.run(&["sync"]).ends_with(0);
        is_in(&home, now);
        assert_eq!(status(&home, "smith/checking")["state"], "ok");
        // It was told meanwhile: without the line it stays.
        let stated = home.tree("bank");
        home.reconfigure("", &without_currency(&home));
        home.run(&["sync"]).ends_with(0);
        assert!(home.tree("bank") == stated, "{first} {now}");
    }
}

#[test]
fn a_contradiction_that_passes_leaves_no_trace() {
    let mut home = unstated("CAD");
    let before = home.tree("bank");
    for (today, told, exit) in
        [("2026-03-05", "€", 1), ("2026-03-06", "US$", 1), ("2026-03-07", "CAD", 0)]
    {
        tell(&mut home, today, |account| {
            account.set("BalanceCurrency", Json::text(told));
        });
        home.run(&["sync"]).ends_with(exit);
        assert!(home.tree("bank") == before, "{told}");
    }
}

#[test]
fn a_symbol_that_does_not_fit_is_foreign_and_one_that_fits_is_not() {
    let mut home = unstated("USD");
    tell(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "-1.00", "FITS").set("Currency", Json::text("US$"));
        account.add_row("2026-03-05", "-7.00", "EURO").set("Currency", Json::text("€"));
        account.rows.last_mut().expect("a row").not_understood();
    });
    home.run(&["sync"]).ends_with(0);
    let told = status(&home, "smith/checking");
    assert_eq!((&told["transactions"], &told["quarantined"]), (&4.into(), &1.into()));
    assert!(words(&told["help"]).contains("its currency is EUR"), "{told}");
    let books = home.read(BOOKS);
    assert!(books.contains("FITS") && !books.contains("EURO"), "{books}");
    home.reconfigure("", &stating(&home, "row_currency = \"own\""));
    home.run(&["export"]).ends_with(0);
    let rows = tables::csv_rows(&home.path("bank/smith/checking/2026.csv"));
    let euro = rows.iter().find(|row| row.payee == "EURO").expect("it is booked");
    assert_eq!((money(&euro.amount), euro.currency.as_str()), (money("-7"), "EUR"));
    home.reconfigure("", &families(&home, START));
    tell(&mut home, "2026-03-06", |account| {
        account.set("BalanceCurrency", Json::text("€"));
    });
    let told = home.run(&["sync"]).ends_with(1);
    let message = "the service says that the account is in €, the configuration says USD";
    assert!(told.err.contains(message), "{}", told.err);
}

/// A bare `$` is many dollars: the rows tell which one.
#[test]
fn rows_that_name_a_currency_that_was_only_assumed_tell_what_to_set() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.currency(Json::text("CAD")).set("BalanceCurrency", Json::text("$"));
    });
    let home = settled(world, START);
    home.reconfigure("", &without_currency(&home));
    home.run(&["sync"]).ends_with(0);
    let told = status(&home, "smith/checking");
    assert_eq!((&told["transactions"], &told["quarantined"]), (&0.into(), &3.into()));
    assert!(
        words(&told["help"])
            .starts_with("quarantined: its currency is CAD: set currency = \"CAD\"")
    );
    home.reconfigure("", &stating(&home, "currency = \"CAD\""));
    home.run(&["sync"]).ends_with(0);
    is_in(&home, "CAD");
    assert_eq!(status(&home, "smith/checking")["quarantined"], 0);
    let stated = with_line(&families(&home, START), "checking", "row_currency = \"strict\"");
    home.reconfigure("", &stated);
    home.run(&["export"]).ends_with(0);
    let told = status(&home, "smith/checking");
    assert!(words(&told["help"]).contains("set row_currency to ignore or own"), "{told}");
}

/// Where the configuration is right and the service is not, its owner takes the answer.
#[test]
fn an_answer_that_contradicts_the_configured_currency_is_taken_in_that_one_where_accepted() {
    let mut home = settled(one_account(), START);
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank");
    tell(&mut home, "2026-03-05", |account| {
        account.set("BalanceCurrency", Json::text("CAD"));
        account.add_row("2026-03-05", "-1.00", "NEWS");
    });
    home.run(&["sync"]).ends_with(1);
    assert!(home.tree("bank") == before);
    let told = status(&home, "smith/checking");
    assert_eq!(told["state"], "suspect");
    assert!(
        words(&told["help"]).contains("`sophtron-sync sync smith/checking --accept`"),
        "{told}"
    );
    home.run(&["sync", "smith/checking", "--accept"]).ends_with(0);
    assert_eq!(status(&home, "smith/checking")["state"], "ok");
    assert!(home.read(BOOKS).contains("* NEWS"));
    is_in(&home, "USD");
    let taken = home.tree("bank");
    home.run(&["sync"]).ends_with(1);
    assert!(home.tree("bank") == taken, "it is told again");
}
