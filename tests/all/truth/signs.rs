//! A debt whose signs nobody states: settled by evidence, never wrong before, and with a proof.

use serde_json::Value;

use super::{
    BOOKS, START, checks_hold, families, is_true, money, read, settled, status, with_line,
};
use crate::bank::{Account, Amounts, BalanceSign, Json, Row, World};
use crate::first_light::one_account;
use crate::home::Home;
use crate::readers::tables;

/// A debt that owes 1000.00 and has three rows.
fn debt(kind: &str, balance: BalanceSign, amounts: Amounts) -> World {
    let mut world = one_account();
    let account = world.accounts_mut().next().expect("an account");
    account.suggest(kind, "Liabilities:Debt", "USD").opening("-1000.00");
    account.balance_sign(balance).amounts(amounts);
    world
}

fn word(sign: BalanceSign) -> &'static str {
    match sign {
        BalanceSign::Owed => "owed",
        BalanceSign::Signed => "signed",
    }
}

/// The configuration without its `balance_sign`, and with a line of our own.
fn stating(home: &Home, line: &str) -> String {
    let all = families(home, START);
    let open = all.lines().filter(|line| !line.starts_with("balance_sign"));
    let open = open.collect::<Vec<_>>().join("\n") + "\n";
    with_line(&open, "checking", line)
}

fn signs(home: &Home) -> String {
    home.run(&["status", "-v"]).ends_with(0).out
}

/// Nothing is said of the balance, and what is to be set is.
fn is_open(home: &Home, key: &str) {
    let told = status(home, "smith/checking");
    assert_eq!(told["balance"], Value::Null);
    assert!(told["help"].as_str().is_some_and(|help| help.contains(key)), "{key}: {told}");
    nothing_is_asserted(home);
    assert_eq!(tables::csv_table(&home.path("bank/smith/balances.csv")).len(), 0, "no report");
}

/// There is no opening, no assertion and no OFX.
fn nothing_is_asserted(home: &Home) {
    assert!(!home.path("bank/smith/checking/2026.ofx").exists(), "no OFX");
    let books = if home.path(BOOKS).exists() { home.read(BOOKS) } else { String::new() };
    assert!(!books.contains("Opening balance"), "{books}");
    assert!(!home.read("bank/smith/assertions.journal").contains('='), "no assertion");
}

/// Each later read carries a row: out, in, out, in.
const NEWS: [(&str, &str); 4] = [
    ("2026-03-05", "-30.00"),
    ("2026-03-06", "12.50"),
    ("2026-03-07", "-7.77"),
    ("2026-03-08", "100.00"),
];

/// One debt: what it is, what the owner states, what evidence has to find.
struct Case {
    kind: &'static str,
    balance: BalanceSign,
    amounts: Amounts,
    stated: String,
    found: (&'static str, &'static str),
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in ["credit_card", "loan"] {
        for balance in [BalanceSign::Owed, BalanceSign::Signed] {
            let mut case = |amounts, stated: &str, found| {
                cases.push(Case { kind, balance, amounts, stated: stated.to_owned(), found });
            };
            case(Amounts::Unsigned, "", ("balance_sign", word(balance)));
            case(Amounts::Signed, "", ("balance_sign", word(balance)));
            case(Amounts::Untyped, "amount_sign = \"signed\"", ("balance_sign", word(balance)));
            case(Amounts::Inverted, "amount_sign = \"inverted\"", ("balance_sign", word(balance)));
            let known = format!("balance_sign = \"{}\"", word(balance));
            case(Amounts::Untyped, &known, ("amount_sign", "signed"));
            case(Amounts::Inverted, &known, ("amount_sign", "inverted"));
        }
    }
    cases
}

#[test]
fn a_card_with_positive_debt_is_settled_right_within_five_reads() {
    each_is_settled("credit_card", BalanceSign::Owed);
}

#[test]
fn a_card_with_negative_debt_is_settled_right_within_five_reads() {
    each_is_settled("credit_card", BalanceSign::Signed);
}

#[test]
fn a_loan_with_positive_debt_is_settled_right_within_five_reads() {
    each_is_settled("loan", BalanceSign::Owed);
}

#[test]
fn a_loan_with_negative_debt_is_settled_right_within_five_reads() {
    each_is_settled("loan", BalanceSign::Signed);
}

/// Settled right within five reads, and never wrong before.
fn each_is_settled(kind: &str, balance: BalanceSign) {
    for case in cases().into_iter().filter(|case| (case.kind, case.balance) == (kind, balance)) {
        let name = format!("{} {:?} {:?} {}", case.kind, case.balance, case.amounts, case.stated);
        let mut home = settled(debt(case.kind, case.balance, case.amounts), START);
        home.reconfigure("", &stating(&home, &case.stated));
        home.run(&["sync"]).ends_with(0);
        let (key, sign) = case.found;
        let mut settled_at = None;
        for (nth, (today, amount)) in (2..).zip(NEWS) {
            if key == "balance_sign" && settled_at.is_none() {
                is_open(&home, key);
            } else if settled_at.is_none() {
                let told = status(&home, "smith/checking");
                assert_eq!(told["transactions"], 0, "{name}: nothing is guessed");
                assert_eq!(told["drift"], Value::Null, "{name}");
                nothing_is_asserted(&home);
                assert!(told["help"].as_str().is_some_and(|help| help.contains(key)), "{told}");
            }
            let told = read(&mut home, today, |account| {
                account.add_row(today, amount, "NEWS");
            });
            let proof = format!("{key}: {sign}, proved by");
            if settled_at.is_none() && signs(&home).contains(&proof) {
                settled_at = Some(nth);
                // Rows that waited for their sign are news in the books.
                let news = if key == "amount_sign" { "5 new" } else { "1 new" };
                assert!(told.out.contains(news) && !told.out.contains("quarantined"), "{told:?}");
            }
            if settled_at.is_some() {
                assert!(home.read(BOOKS).contains("-1000.00 USD\n    Equity:Opening"), "{name}");
                assert!(!home.read("bank/smith/assertions.journal").contains("drift"), "{name}");
            }
        }
        is_true(&home, START, &[]);
        assert_eq!(settled_at, Some(3), "{name}: {}", signs(&home));
        let before = home.tree("bank");
        let both = format!("{}\n{key} = \"{sign}\"", case.stated);
        home.reconfigure("", &stating(&home, &both));
        home.run(&["sync"]).ends_with(0);
        assert!(home.tree("bank") == before, "{name}: stating what was proved");
    }
}

#[test]
fn the_proof_is_told_in_words_and_reports_of_before_stand_from_then_on() {
    let mut home = settled(debt("credit_card", BalanceSign::Owed, Amounts::Unsigned), START);
    home.reconfigure("", &stating(&home, ""));
    home.run(&["sync"]).ends_with(0);
    assert!(signs(&home).contains("balance_sign: 0 of 2 pieces of evidence so far"));
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "-30.00", "NEWS");
    });
    assert!(signs(&home).contains("balance_sign: 1 of 2 pieces of evidence so far"));
    is_open(&home, "balance_sign");
    read(&mut home, "2026-03-06", |account| {
        account.add_row("2026-03-06", "12.50", "NEWS");
    });
    let told = signs(&home).split_whitespace().collect::<Vec<_>>().join(" ");
    let proof = "balance_sign: owed, proved by a balance moved by 30.00 with rows of -30.00 and a balance moved by -12.50 with rows of 12.50";
    assert!(told.contains(proof), "{told}");
    let lines = tables::csv_table(&home.path("bank/smith/balances.csv"));
    let lines: Vec<_> = lines
        .iter()
        .map(|line| [&line["date"], &line["balance"], &line["computed"], &line["drift"]])
        .collect();
    let expected = [
        ["2026-03-04", "-773.65", "-773.65", "0.00"],
        ["2026-03-05", "-803.65", "-803.65", "0.00"],
        ["2026-03-06", "-791.15", "-791.15", "0.00"],
    ];
    assert_eq!(lines, expected);
}

/// Moves the reported balance by as much as a row, in one direction or the other.
fn moved(account: &mut Account, today: &str, amount: &str, same_way: bool) {
    let before = money(&account.reported());
    account.add_row(today, amount, "NEWS");
    let by = if same_way { money(amount) } else { -money(amount) };
    account.balance(&(before + by).to_string());
}

#[test]
fn evidence_that_contradicts_itself_settles_nothing_and_says_so() {
    let mut home = settled(debt("loan", BalanceSign::Owed, Amounts::Unsigned), START);
    home.reconfigure("", &stating(&home, ""));
    home.run(&["sync"]).ends_with(0);
    for (nth, (today, amount)) in NEWS.into_iter().enumerate() {
        read(&mut home, today, |account| moved(account, today, amount, nth == 1));
        is_open(&home, "balance_sign");
        checks_hold(&home);
    }
    assert!(signs(&home).contains("balance_sign: the evidence contradicts itself"));
    home.reconfigure("", &stating(&home, "balance_sign = \"owed\""));
    home.run(&["export"]).ends_with(0);
    assert_ne!(status(&home, "smith/checking")["balance"], Value::Null, "the owner says it");
}

#[test]
fn with_both_signs_open_nothing_is_settled_and_amount_sign_is_asked_for() {
    for amounts in [Amounts::Untyped, Amounts::Inverted] {
        let mut home = settled(debt("loan", BalanceSign::Owed, amounts), START);
        home.reconfigure("", &stating(&home, ""));
        home.run(&["sync"]).ends_with(0);
        for (today, amount) in NEWS {
            read(&mut home, today, |account| {
                account.add_row(today, amount, "NEWS");
            });
            is_open(&home, "amount_sign");
            assert_eq!(status(&home, "smith/checking")["quarantined"], status_rows(&home));
        }
        assert!(!signs(&home).contains("proved"), "evidence shows only their product");
    }
}

fn status_rows(home: &Home) -> usize {
    home.bank.edit(|world| world.accounts().next().expect("an account").rows.len())
}

/// The balance counts a row that cannot be booked: what it does then speaks for no sign.
#[test]
fn a_step_with_a_row_that_cannot_be_booked_proves_nothing() {
    let mut home = settled(debt("loan", BalanceSign::Signed, Amounts::Unsigned), START);
    home.reconfigure("", &stating(&home, ""));
    home.run(&["sync"]).ends_with(0);
    for (today, _) in NEWS {
        read(&mut home, today, |account| {
            account.add_row(today, "-10.00", "UNDERSTOOD");
            account.add_row(today, "20.00", "ODD").set("Type", Json::null());
        });
        is_open(&home, "amount_sign");
        assert!(!signs(&home).contains("proved"), "{today}");
    }
}

#[test]
fn what_was_proved_outlives_rows_that_change_or_vanish() {
    let mut home = settled(debt("credit_card", BalanceSign::Owed, Amounts::Unsigned), START);
    home.reconfigure("", &stating(&home, ""));
    home.run(&["sync"]).ends_with(0);
    for (today, amount) in &NEWS[..2] {
        read(&mut home, today, |account| {
            account.add_row(today, amount, "NEWS");
        });
    }
    is_true(&home, START, &[]);
    read(&mut home, "2026-03-07", |account| {
        account.rows[3].amount = "-33.00".to_owned();
        account.rows[4].amount = "13.00".to_owned();
    });
    is_true(&home, START, &[]);
    assert!(signs(&home).contains("balance_sign: owed, proved by"));
}

/// A start date moved while the sign is open: the opening that follows is the right one.
#[test]
fn history_that_comes_while_the_sign_is_open_stands_where_it_belongs() {
    let mut home = settled(debt("loan", BalanceSign::Owed, Amounts::Unsigned), START);
    let from = |home: &Home, day: &str| {
        stating(home, "").replace(&format!("start_date = {START}"), &format!("start_date = {day}"))
    };
    home.reconfigure("", &from(&home, "2026-03-01"));
    home.run(&["sync"]).ends_with(0);
    home.reconfigure("", &from(&home, START));
    home.run(&["sync"]).ends_with(0);
    for (today, amount) in NEWS {
        read(&mut home, today, |account| {
            account.add_row(today, amount, "NEWS");
        });
    }
    is_true(&home, START, &[]);
    assert_eq!(status(&home, "smith/checking")["drift"], Value::Null);
}

/// Not of debts alone: an opening made without rows that it counts would be a wrong one.
#[test]
fn an_account_whose_rows_wait_for_their_sign_has_no_opening_until_it_is_settled() {
    for (amounts, sign) in [(Amounts::Untyped, "signed"), (Amounts::Inverted, "inverted")] {
        let mut world = one_account();
        world.accounts_mut().for_each(|account| {
            account.amounts(amounts);
        });
        let mut home = settled(world, START);
        home.run(&["sync"]).ends_with(0);
        for (today, amount) in &NEWS[..2] {
            nothing_is_asserted(&home);
            let told = status(&home, "smith/checking");
            assert_eq!((&told["transactions"], &told["drift"]), (&0.into(), &Value::Null));
            let help = told["help"].as_str().unwrap_or_default();
            assert!(help.contains("set amount_sign to") && help.contains("no opening"), "{help}");
            read(&mut home, today, |account| {
                account.add_row(today, amount, "NEWS");
            });
        }
        assert!(signs(&home).contains(&format!("amount_sign: {sign}, proved by")));
        is_true(&home, START, &[]);
        assert_eq!(status(&home, "smith/checking")["drift"], Value::Null);
        let why = home.run(&["why", &super::id_in_files(&home, "COFFEE")]).ends_with(0).out;
        let words = why.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("its sign is settled by evidence: booked from now on"), "{why}");
    }
}

/// Where most of the first rows have a direction, one that has none is quarantined as any odd row:
/// it stands in the opening, and leaves it once the owner says which way it goes.
#[test]
fn one_row_without_a_direction_stands_in_the_opening_until_it_is_understood() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        account.add_row("2026-03-03", "1.20", "INTEREST").set("Type", Json::text("INTEREST"));
        account.rows.last_mut().expect("a row").not_understood();
    });
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    let told = status(&home, "smith/checking");
    assert_eq!((&told["transactions"], &told["quarantined"]), (&3.into(), &1.into()));
    assert_eq!(told["balance"], "1227.55");
    let books = home.read(BOOKS);
    assert!(books.contains(" 1001.20 USD\n    Equity:Opening"), "it stands in there: {books}");
    assert!(home.path("bank/smith/checking/2026.ofx").exists());
    checks_hold(&home);
    for (setting, opening) in [("type", "1001.20"), ("signed", "1000.00"), ("auto", "1001.20")] {
        let line = format!("amount_sign = \"{setting}\"");
        home.reconfigure("", &with_line(&families(&home, START), "checking", &line));
        home.run(&["export"]).ends_with(0);
        let told = home.read(BOOKS);
        assert!(told.contains(&format!(" {opening} USD\n    Equity:Opening")), "{setting}: {told}");
        assert_eq!(told == books, setting != "signed", "{setting}");
        checks_hold(&home);
    }
}

/// As many without a direction as with one hold the opening up.
#[test]
fn rows_without_a_direction_that_are_no_exception_hold_the_opening_up() {
    let mut world = one_account();
    world.accounts_mut().for_each(|account| {
        for day in ["2026-03-02", "2026-03-03", "2026-03-04"] {
            account.add_row(day, "1.20", "INTEREST").set("Type", Json::text("INTEREST"));
            account.rows.last_mut().expect("a row").not_understood();
        }
    });
    let home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(status(&home, "smith/checking")["quarantined"], 3);
    nothing_is_asserted(&home);
    let aside = with_line(&families(&home, START), "checking", "amount_sign = \"type\"");
    home.reconfigure("", &aside);
    home.run(&["export"]).ends_with(0);
    let books = home.read(BOOKS);
    assert!(books.contains(" 1003.60 USD\n    Equity:Opening"), "they stand in there: {books}");
    checks_hold(&home);
    home.reconfigure("", &families(&home, START));
    home.run(&["export"]).ends_with(0);
    nothing_is_asserted(&home);
}

#[test]
fn a_row_without_a_direction_that_comes_later_leaves_the_opening_alone() {
    let mut home = super::synced();
    let books = home.read(BOOKS);
    read(&mut home, "2026-03-05", |account| {
        account.add_row("2026-03-05", "1.20", "INTEREST").set("Type", Json::text("INTEREST"));
        account.rows.last_mut().expect("a row").not_understood();
    });
    assert_eq!(home.read(BOOKS), books);
    is_true(&home, START, &[]);
    assert_eq!(status(&home, "smith/checking")["quarantined"], 1);
}

/// Rows that the service has not at first, and whose amounts its balance counts.
fn with_hidden(world: &mut World, hidden: usize) -> Vec<Row> {
    let account = world.accounts_mut().next().expect("an account");
    let hidden: Vec<Row> = account.rows.drain(..hidden).collect();
    let before = hidden.iter().fold(money(&account.opening), |sum, row| sum + money(&row.amount));
    account.opening(&before.to_string());
    hidden
}

/// The first read has no rows, or the newest; the second one has all, and the balance stands.
#[test]
fn history_that_comes_late_while_a_sign_is_open_moves_the_opening_once_it_is_settled() {
    let owed = "balance_sign = \"owed\"";
    for (amounts, stated, then) in [
        (Amounts::Unsigned, "", ""),
        (Amounts::Unsigned, "", owed),
        (Amounts::Untyped, owed, ""),
        (Amounts::Untyped, owed, "balance_sign = \"owed\"\namount_sign = \"signed\""),
    ] {
        for hidden in [3, 2] {
            let name = format!("{amounts:?} {stated:?} {then:?} {hidden}");
            let mut world = debt("credit_card", BalanceSign::Owed, amounts);
            let rows = with_hidden(&mut world, hidden);
            let mut home = settled(world, START);
            home.reconfigure("", &stating(&home, stated));
            home.run(&["sync"]).ends_with(0);
            read(&mut home, "2026-03-05", |account| {
                account.opening("-1000.00");
                account.rows.splice(0..0, rows);
            });
            if then.is_empty() {
                for (today, amount) in [("2026-03-06", "12.50"), ("2026-03-07", "-7.77")] {
                    read(&mut home, today, |account| {
                        account.add_row(today, amount, "NEWS");
                    });
                }
            } else {
                home.reconfigure("", &stating(&home, then));
                home.run(&["export"]).ends_with(0);
            }
            let books = home.read(BOOKS);
            assert!(books.contains(" -1000.00 USD\n    Equity:Opening"), "{name}: {books}");
            is_true(&home, START, &[]);
            read(&mut home, "2026-03-08", |account| {
                account.add_row("2026-03-08", "-1.00", "NEWS");
            });
            is_true(&home, START, &[]);
            checks_hold(&home);
        }
    }
}

/// The service had no row at first, and then many together with one that moved the balance.
#[test]
fn many_rows_of_late_history_are_told_from_the_newest_which_is_news() {
    let mut world = one_account();
    for nth in 1..=9 {
        let account = world.accounts_mut().next().expect("an account");
        account.add_row("2026-03-02", &format!("-{nth}.37"), &format!("OLD {nth}"));
    }
    let rows = with_hidden(&mut world, 12);
    let mut home = settled(world, START);
    home.run(&["sync"]).ends_with(0);
    read(&mut home, "2026-03-05", |account| {
        account.opening("1000.00");
        account.rows = rows;
        account.add_row("2026-03-04", "-41.00", "NEWS");
    });
    is_true(&home, START, &[]);
}
