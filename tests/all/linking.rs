//! Accounts go into the owner's configuration and out of it by command.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use crate::bank::{Account, BalanceKeys, Endpoint, Fault, World};
use crate::daemon::live;
use crate::first_light::{day, families, id_of, one_account, settled};
use crate::home::Home;

const FILE: &str = "sophtron-sync.toml";

/// A home whose family has no account linked yet.
fn unlinked() -> Home {
    let home = Home::beside(one_account());
    let all = families(&home, "2026-01-01");
    let (family, _) = all.split_once("\n[[family.account]]").expect("an account");
    home.configure(&format!("{family}\n# mine"));
    home
}

#[test]
fn an_account_is_linked_synced_and_taken_out() {
    let home = unlinked();
    let (before, id) = (home.read(FILE), id_of(&home, "checking"));
    let listed = home.run(&["accounts"]).ends_with(0).out;
    assert!(listed.contains(&format!("    sophtron-sync link smith {id}\n")), "{listed}");
    let shown = home.run(&["link", "smith", &id, "--print"]).ends_with(0).out;
    assert!(shown.starts_with(&format!("[[family.account]]\nid = \"{id}\"\nlogin = ")), "{shown}");
    assert!(shown.contains("ledger = \"Assets:Sandbox Bank:Checking"), "{shown}");
    assert_eq!(home.read(FILE), before);
    std::fs::rename(home.path(FILE), home.path("real.toml")).expect("moved");
    symlink("real.toml", home.path(FILE)).expect("a link");
    let mode = std::fs::Permissions::from_mode(0o604);
    std::fs::set_permissions(home.path("real.toml"), mode).expect("a mode");
    let told = home.run(&["link", "smith", &id.to_uppercase(), "--name", "daily"]).ends_with(0).out;
    assert!(told.contains("sophtron-sync sync smith/daily"), "{told}");
    home.run(&["sync"]).ends_with(0);
    assert!(home.read("bank/smith/daily/2026.ledger").contains("COFFEE"));
    let again = home.run(&["link", "smith", &id]).ends_with(2).err;
    assert!(again.contains("linked already, as smith/daily"), "{again}");
    home.run(&["unlink", "smith/daily"]).ends_with(0);
    assert_eq!(home.read(FILE), before);
    assert!(home.path(FILE).is_symlink());
    let seen = home.path(FILE).metadata().expect("there");
    assert_eq!(seen.mode() & 0o777, 0o604);
    let other = home.run(&["link", "smith", &id, "--name", "other"]).ends_with(78).err;
    assert!(other.contains("known as smith/daily"), "{other}");
    home.run(&["link", "smith", &id]).ends_with(0);
    assert!(home.read(FILE).contains("name = \"daily\""), "the name that the store knows");
    home.run(&["sync"]).ends_with(0);
}

#[test]
fn what_cannot_be_is_refused_and_nothing_written() {
    let home = unlinked();
    let (before, id) = (home.read(FILE), id_of(&home, "checking"));
    for (args, code, words) in [
        (vec!["link", "smith"], 2, "pass its id"),
        (vec!["link", "smith", "nobody"], 2, "smith has no account nobody"),
        (vec!["link", "jones", &id], 2, "there is no family"),
        (vec!["link", "smith", &id, "--type", "card"], 2, "credit_card"),
        (vec!["link", "smith", &id, "--ledger", "A  B"], 78, "nothing was written"),
        (vec!["link", "smith", &id, "--ledger", "Expenses:Unknown"], 78, "the other side"),
        (vec!["unlink", "smith"], 2, "smith is a family"),
        (vec!["unlink", "smith/visa"], 2, "there is no account smith/visa"),
    ] {
        let told = home.run(&args).ends_with(code).err;
        assert!(told.contains(words), "{args:?}: {told}");
        assert_eq!(home.read(FILE), before);
    }
}

/// A home of two accounts, of which the second is not linked.
fn half_linked() -> Home {
    let mut world = World::new(day("2026-03-04"));
    let login = world.add_user("smith").add_login("Sandbox Bank");
    login.add_account("Checking").opening("1.00").add_row("2026-03-01", "1.00", "ONE");
    login.add_account("Savings").opening("2.00").add_row("2026-03-01", "2.00", "TWO");
    let home = Home::in_memory(world);
    let all = families(&home, "2026-01-01");
    let cut = all.rfind("\n[[family.account]]").expect("two");
    home.configure(&all[..cut]);
    home
}

#[test]
fn an_account_is_chosen_at_a_terminal_and_enter_takes_what_is_proposed() {
    let home = half_linked();
    let (before, id) = (home.read(FILE), id_of(&home, "savings"));
    let proposed = home.run(&["link", "smith", &id, "--print"]).ends_with(0).out;
    let typed = [("Which account", ""), ("Its name", ""), ("Its type", ""), ("in your ledger", "")];
    let printed = home.run_typing(&["link", "smith", "--print"], &typed).ends_with(0).out;
    assert_eq!(printed, proposed, "the one that is not linked, as proposed");
    for gone in 0..typed.len() {
        let told = home.run_typing(&["link", "smith"], &typed[..gone]).ends_with(2).err;
        assert!(told.contains("nothing was typed") && told.contains("pass its id"), "{told}");
        assert_eq!(home.read(FILE), before);
    }
    let typed = [("Which account", "0"), ("Its name", "Rainy Days"), ("Its name", "rainy-days")];
    let flags = ["link", "smith", "--type", "other", "--ledger", "Assets:Rainy"];
    let ran = home.run_typing(&flags, &typed).ends_with(0);
    assert!(ran.err.contains("lower-case letters"), "{}", ran.err);
    let block = "name = \"rainy-days\"\ntype = \"other\"\nledger = \"Assets:Rainy\"\n";
    assert!(home.read(FILE).ends_with(block), "{}", home.read(FILE));
    let told = home.run_typing(&["link", "smith"], &[]).ends_with(2).err;
    assert!(told.contains("smith has no account that is not linked"), "{told}");
}

/// A family with two banks; one account of the first is linked, and none of the second. The lists of
/// the first do not come.
fn two_banks(fault: Fault) -> (Home, String, String) {
    let mut world = World::new(day("2026-03-04"));
    let user = world.add_user("smith");
    for (bank, account) in [("Bank That Falls", "Checking"), ("Bank That Stands", "Savings")] {
        let account = user.add_login(bank).add_account(account);
        account.opening("1.00").add_row("2026-03-01", "1.00", "ONE");
    }
    let home = Home::in_memory(world);
    let all = families(&home, "2026-01-01");
    home.configure(&all[..all.rfind("\n[[family.account]]").expect("two")]);
    home.run(&["sync"]).ends_with(0);
    let id = id_of(&home, "savings");
    let failing = home.bank.edit(|world| {
        let failing = world.users[0].logins[0].id.clone();
        world.fault(fault).on(Endpoint::Accounts).about(&failing);
        failing
    });
    (home, failing, id)
}

#[test]
fn a_login_whose_accounts_do_not_come_hides_no_other() {
    for (fault, code, words) in [
        (Fault::Status(404), 1, "the service lists no accounts of it (404)"),
        (Fault::Status(500), 69, "the service answered 500"),
        (Fault::body("<html>"), 1, "came when asked for the list of accounts"),
    ] {
        let (home, failing, id) = two_banks(fault);
        let told = format!("smith: Bank That Falls, login {failing}: ");
        let ran = home.run(&["accounts"]).ends_with(code);
        assert!(ran.err.contains(&told) && ran.err.contains(words), "{}", ran.err);
        assert!(!ran.err.contains("asked again at the next sync"), "{}", ran.err);
        assert!(ran.out.contains(&format!("    sophtron-sync link smith {id}\n")), "{}", ran.out);
        assert!(!ran.out.contains("no login lists it"), "it may be there: {}", ran.out);
        let json = home.run(&["accounts", "--json"]).ends_with(code).json();
        assert_eq!(json["accounts"].as_array().map(Vec::len), Some(1));
        let check = home.run(&["check"]).ends_with(code);
        assert!(check.out.contains(&failing) && !check.out.contains("any more"), "{}", check.out);
        let (lacks, daemon) = (home.read(FILE), live::Daemon::start(&home));
        home.run(&["link", "smith", &id]).ends_with(0);
        let _ = daemon.stop();
        home.write(FILE, &lacks);
        home.run(&["link", "smith", &id]).ends_with(0);
        let gone = id_of(&home, "checking");
        home.run(&["unlink", "smith/checking"]).ends_with(0);
        let ran = home.run(&["link", "smith", &gone]).ends_with(2);
        assert!(ran.err.contains(&told), "{}", ran.err);
    }
}

#[test]
fn a_login_without_accounts_is_told_with_what_to_do() {
    let home = unlinked();
    home.bank.edit(|world| world.users[0].logins[0].accounts.clear());
    let told = home.run(&["accounts"]).ends_with(0).out;
    assert!(told.contains("\nsmith, Sandbox Bank, login "), "{told}");
    assert!(told.contains("    no account yet: after it was connected"), "{told}");
    let checked = home.run(&["check"]).out;
    let words = checked.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("lists no account yet"), "{checked}");
}

/// What a bank calls things comes from a web page: it writes to no terminal but as words.
#[test]
fn names_of_the_service_steer_no_terminal() {
    let mut world = one_account();
    let login = &mut world.users[0].logins[0];
    login.institution.name = "First\u{1b}[2J\u{202e}Bank".to_owned();
    login.accounts[0].name = "Every\u{1b}]0;x\u{7}day\r\nline".to_owned();
    let home = Home::beside(world);
    let all = families(&home, "2026-01-01");
    home.configure(all.split_once("\n[[family.account]]").expect("an account").0);
    let listed = home.run(&["accounts"]).ends_with(0).out;
    assert!(listed.contains("Every ]0;x day line …"), "{listed}");
    let typed = home.run_typing(&["link", "smith", "--print"], &[("Which account", "")]);
    for said in [listed, typed.out, typed.err, home.run(&["check"]).out] {
        let unseen = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!said.contains(unseen), "{said:?}");
    }
}

/// What is listed before an account is linked is what a sync then tells: of an investment its cash,
/// without the zeros behind the cents, and nothing where two balances were sent that differ.
#[test]
fn the_balance_that_is_listed_is_the_one_that_a_sync_takes() {
    let invests = |account: &mut Account| {
        account.kind("Investment").opening("2000.0000");
        account.market = vec![(day("2026-03-01"), "31441.23".to_owned())];
        account.tells_cash = true;
    };
    let contradicts = |account: &mut Account| {
        account.balance_keys(BalanceKeys::Differ("1.00".to_owned()));
    };
    let cases: [(fn(&mut Account), _, _); 2] =
        [(invests, Some("2226.3500"), ", 2226.35\n"), (contradicts, None, ", no balance\n")];
    for (what, balance, shown) in cases {
        let mut world = one_account();
        what(world.accounts_mut().next().expect("an account"));
        let home = Home::beside(world);
        let all = families(&home, "2026-01-01");
        home.configure(all.split_once("\n[[family.account]]").expect("an account").0);
        let listed = home.run(&["accounts"]).ends_with(0).out;
        assert!(listed.contains(shown), "{listed}");
        let json = home.run(&["accounts", "--json"]).ends_with(0).json();
        assert_eq!(json["accounts"][0]["balance"].as_str(), balance);
        home.run(&["link", "smith", &id_of(&home, "checking")]).ends_with(0);
        home.run(&["sync"]).ends_with(0);
        let status = home.run(&["status", "--json"]).json();
        assert_eq!(status["families"][0]["accounts"][0]["balance"].as_str(), balance);
        let status = home.run(&["status"]).out;
        let figure = if balance.is_some() { " 2226.35 USD " } else { "  -  " };
        assert!(status.contains(figure), "{status}");
    }
}

#[test]
fn a_dead_link_is_told_and_why_there_may_be_no_account() {
    let home = settled(one_account(), "2026-01-01");
    let id = id_of(&home, "checking");
    home.bank.edit(|world| world.users[0].logins[0].accounts.clear());
    let told = home.run(&["accounts"]).ends_with(0).out;
    assert!(told.starts_with("No accounts. One of these is why:\n"), "{told}");
    for words in [
        "no bank is connected",
        "`sophtron-sync connect smith`",
        "another user's credentials",
        "`sophtron-sync credentials set smith`",
        "may not see accounts",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert!(told.contains("smith/checking is linked, but no login lists it"), "{told}");
    assert!(told.contains("sophtron-sync unlink smith/checking\n"), "{told}");
    let json = home.run(&["accounts", "--json"]).ends_with(0).json();
    let account = &json["accounts"][0];
    assert_eq!((account["id"].as_str(), &account["name"]), (Some(&*id), &serde_json::Value::Null));
    assert_eq!(account["linked"], "checking");
}

#[test]
fn a_daemon_is_asked_and_takes_the_change_by_itself() {
    let home = half_linked();
    let daemon = live::Daemon::start(&home);
    let id = id_of(&home, "savings");
    for _ in 0..3 {
        home.run(&["link", "smith", &id, "--name", "rainy-days"]).ends_with(0);
        home.run(&["sync", "smith/rainy-days"]).ends_with(0);
        assert!(home.path("bank/smith/rainy-days/2026.ledger").exists());
        home.run(&["unlink", "smith/rainy-days"]).ends_with(0);
        home.run(&["sync", "smith/rainy-days"]).ends_with(2);
    }
    let _ = daemon.stop();
}
