//! A bank was connected anew, and every id is another one: its accounts go on as they were.

use chrono::TimeDelta;

use crate::bank::{BalanceSign, Endpoint, Json, Shown, World};
use crate::daemon::live;
use crate::first_light::{day, files, id_of, settled, status};
use crate::home::Home;
use crate::renaming::killed::Kept;

const FILE: &str = "sophtron-sync.toml";
const NAMES: [&str; 3] = ["checking", "savings", "visa"];

/// Three accounts of one login, synced.
fn synced() -> Home {
    let mut world = World::new(day("2026-03-04"));
    let login = world.add_user("smith").add_login("Sandbox Bank");
    for (name, kind) in [("Checking", "Checking"), ("Savings", "Savings"), ("Visa", "Credit_Card")]
    {
        let account = login.add_account(name).kind(kind).opening("1000.00");
        for (on, amount) in
            [("2025-11-10", "-18.40"), ("2026-01-31", "3.00"), ("2026-03-02", "-5.25")]
        {
            account.add_row(on, amount, "GREEN GROCER");
        }
        account.add_row("2026-03-02", "-5.25", "GREEN GROCER").leave_out("TransactionID");
        account.add_row("2026-03-03", "-1.00", &format!("OF {name}"));
    }
    let visa = login.accounts.last_mut().expect("three").balance_sign(BalanceSign::Signed);
    visa.suggest("credit_card", "Liabilities:Visa", "USD");
    let login_id = login.id.clone();
    let home = settled(world, "2025-11-01");
    // Of one account the login is not configured, but looked up.
    let text = home.read(FILE).replacen(&format!("login = \"{login_id}\"\n"), "", 1);
    home.write(FILE, &text);
    home.run(&["sync"]).ends_with(0);
    home
}

/// Connects the bank anew, with a row more in each account.
fn reconnect(home: &Home) {
    home.bank.edit(|world| {
        let login = world.users[0].logins[0].reconnect();
        for account in &mut login.accounts {
            account.add_row("2026-03-04", "-7.00", "NEWS").shown(Shown::Now);
            account.publish(day("2026-03-04"));
        }
    });
}

/// The ids of an account's rows in its files.
fn ids(home: &Home, name: &str) -> Vec<String> {
    let folder = format!("bank/smith/{name}");
    let ofx = files(home, &folder).into_iter().filter(|(name, _)| name.contains(".ofx"));
    let text = ofx.map(|(_, bytes)| String::from_utf8(bytes).expect("text")).collect::<String>();
    let ids = text.lines().filter(|line| line.contains("<FITID>") || line.contains("<ACCTID>"));
    ids.map(str::to_owned).collect()
}

/// The command that a text proposes for an account.
fn proposed(told: &str, name: &str) -> Vec<String> {
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let begin = format!("`sophtron-sync relink smith {name} ");
    let at = words.find(&begin).unwrap_or_else(|| panic!("no {begin} in {told}"));
    let command = words[at..].split('`').nth(1).expect("it ends");
    command.split(' ').skip(1).map(str::to_owned).collect()
}

fn run(home: &Home, command: &[String]) -> crate::home::Ran {
    home.run(&command.iter().map(String::as_str).collect::<Vec<_>>())
}

/// All files have the rows that they had and the news, once each.
fn goes_on(home: &Home, before: &[Vec<String>]) {
    for (name, before) in NAMES.iter().zip(before) {
        let now = ids(home, name);
        assert!(before.iter().all(|id| now.contains(id)), "{name}: {before:?} {now:?}");
        assert_eq!(now.len(), before.len() + 1, "{name}: {now:?}");
        assert_eq!(home.read(&format!("bank/smith/{name}/2026.ledger")).matches("NEWS").count(), 1);
        assert_eq!(status(home, &format!("smith/{name}"))["state"], "ok");
    }
}

#[test]
fn the_command_is_proposed_and_every_row_keeps_its_id() {
    let home = synced();
    let before = NAMES.map(|name| ids(&home, name));
    let (text, tree) = (home.read(FILE), home.tree("bank"));
    let old = NAMES.map(|name| id_of(&home, name));
    let old_login = home.bank.edit(|world| world.users[0].logins[0].id.clone());
    reconnect(&home);
    let told = home.run(&["sync"]).ends_with(1).err;
    let [checked, listed] = [&["check"], &["accounts"]].map(|args| home.run(args).out);
    assert!(home.tree("bank") == tree, "nothing is lost by it");
    for name in NAMES {
        let command = proposed(&told, name);
        let help = status(&home, &format!("smith/{name}"))["help"].clone();
        assert_eq!(proposed(help.as_str().expect("a help"), name), command);
        assert_eq!(proposed(&checked, name), command);
        assert_eq!(proposed(&listed, name), command);
        assert_eq!(command[3], id_of(&home, name));
        let told = run(&home, &command).ends_with(0);
        assert_eq!(told.err, "");
        assert!(told.out.contains("its rows keep their ids"), "{}", told.out);
    }
    let new_login = home.bank.edit(|world| world.users[0].logins[0].id.clone());
    let moved = NAMES.iter().zip(&old).fold(text, |text, (name, id)| {
        assert!(text.contains(id.as_str()));
        text.replace(id.as_str(), &id_of(&home, name))
    });
    assert_eq!(home.read(FILE), moved.replace(&old_login, &new_login), "ids and login alone");
    let rows = |tree: Vec<(String, Vec<u8>, std::time::SystemTime)>| {
        tree.into_iter().filter(|(name, ..)| name != "accounts.csv").collect::<Vec<_>>()
    };
    assert!(rows(home.tree("bank")) == rows(tree), "before the news no row is touched");
    home.run(&["sync"]).ends_with(0);
    goes_on(&home, &before);
    let whole = home.tree("bank");
    home.run(&["sync", "--full"]).ends_with(0);
    home.run(&["export"]).ends_with(0);
    assert!(home.tree("bank") == whole, "nothing comes twice");
}

#[test]
fn another_account_is_refused_with_what_differs() {
    let home = synced();
    reconnect(&home);
    home.run(&["sync"]).ends_with(1);
    let (text, tree) = (home.read(FILE), home.tree("bank"));
    let refused = |name: &str, id: &str, code: u8, words: &[&str]| {
        let told = home.run(&["relink", "smith", name, id]).ends_with(code).err;
        for words in words {
            assert!(told.contains(words), "{name}: {told}");
        }
        assert!(home.read(FILE) == text && home.tree("bank") == tree);
    };
    let savings = id_of(&home, "savings");
    refused("visa", &savings, 1, &["type Credit_Card before, Savings now", "last digits"]);
    refused("checking", &savings, 1, &["type Checking before, Savings now", "last digits"]);
    refused("visa", "nobody", 2, &["smith has no account nobody"]);
    refused("gold", &savings, 2, &["there is no account smith/gold"]);
    let old = text.split("id = \"").nth(1).and_then(|rest| rest.split('"').next());
    refused("checking", old.expect("an id"), 2, &["smith/checking has that id already"]);
    refused("savings", old.expect("an id"), 2, &["sophtron-sync unlink smith/checking"]);
    // Where the service tells nothing of an account, its rows do.
    home.bank.edit(|world| {
        for key in ["AccountType", "AccountNumber"] {
            world.account_mut(&savings).set(key, Json::null());
        }
        world.account_mut(&savings).rows.retain(|row| row.description != "GREEN GROCER");
    });
    refused("checking", &savings, 1, &["0 rows equal, of 5 before and 2 now"]);
    home.bank.edit(|world| world.account_mut(&savings).rows.clear());
    refused("savings", &savings, 1, &["0 rows equal, of 5 before and 0 now", "still to come"]);
}

/// Linked as a new account beside the old one, it would have every row twice.
#[test]
fn what_goes_on_is_not_linked_as_a_new_one() {
    let home = synced();
    let text = home.read(FILE);
    reconnect(&home);
    let listed = home.run(&["accounts"]).ends_with(0).out;
    for name in NAMES {
        let id = id_of(&home, name);
        let refused = home.run(&["link", "smith", &id]).ends_with(2).err;
        assert!(
            refused.contains(&format!("`sophtron-sync relink smith {name} {id}`")),
            "{refused}"
        );
        assert!(refused.contains("take that out first with `unlink`"), "{refused}");
        assert!(!listed.contains(&format!("sophtron-sync link smith {id}")), "{listed}");
    }
    assert_eq!(home.read(FILE), text);
    // Two of one login are two, however alike.
    let id = home.bank.edit(|world| {
        let login = &mut world.users[0].logins[0];
        let number = login.accounts[0].number.clone();
        let twin = login.add_account("Checking").kind("Checking");
        twin.number = number;
        twin.id.clone()
    });
    run(&home, &proposed(&listed, "checking")).ends_with(0);
    home.run(&["sync"]);
    home.run(&["link", "smith", &id, "--name", "twin"]).ends_with(0);
}

/// Two accounts of one type without a number: their names tell which goes on as which, and the rows
/// prove it.
#[test]
fn accounts_without_a_number_are_not_linked_a_second_time() {
    let mut world = World::new(day("2026-03-04"));
    let login = world.add_user("smith").add_login("First Harbor Bank");
    for (name, text) in [("Hers", "SALARY"), ("His", "WAGES")] {
        let account = login.add_account(name);
        account.number.clear();
        account.opening("10.00").add_row("2026-03-01", "5.00", text);
    }
    let home = settled(world, "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    let before = ["hers", "his"].map(|name| ids(&home, name));
    reconnect(&home);
    let listed = home.run(&["accounts"]).ends_with(0).out;
    assert!(!listed.contains("sophtron-sync link"), "{listed}");
    for (name, other) in [("hers", "his"), ("his", "hers")] {
        let id = id_of(&home, name);
        let told = home.run(&["link", "smith", &id]).ends_with(2).err;
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&format!("`sophtron-sync relink smith {name} {id}`")), "{told}");
        home.run(&["relink", "smith", other, &id]).ends_with(1);
    }
    for name in ["hers", "his"] {
        home.run(&["relink", "smith", name, &id_of(&home, name)]).ends_with(0);
    }
    home.run(&["sync"]).ends_with(0);
    for (name, before) in ["hers", "his"].iter().zip(before) {
        let now = ids(&home, name);
        assert!(before.iter().all(|id| now.contains(id)), "{before:?} {now:?}");
        assert_eq!(now.len(), before.len() + 1, "the news alone");
    }
}

#[test]
fn an_id_that_has_rows_of_its_own_is_refused() {
    let home = synced();
    reconnect(&home);
    let (text, id) = (home.read(FILE), id_of(&home, "checking"));
    home.run(&["unlink", "smith/checking"]).ends_with(0);
    home.run(&["link", "smith", &id, "--name", "again", "--ledger", "Assets:Again"]).ends_with(0);
    home.run(&["sync", "smith/again"]).ends_with(0);
    home.write(FILE, &text);
    let told = home.run(&["relink", "smith", "checking", &id]).ends_with(2).err;
    assert!(told.contains("is known as smith/again, with rows of its own"), "{told}");
}

#[test]
fn an_id_that_was_changed_by_hand_names_the_command() {
    let home = synced();
    let (text, old) = (home.read(FILE), id_of(&home, "checking"));
    reconnect(&home);
    home.write(FILE, &text.replace(&old, &id_of(&home, "checking")));
    let told = home.run(&["sync"]).ends_with(78).err;
    assert!(told.contains(&format!("smith/checking is the account {old} so far")), "{told}");
    home.write(FILE, &text);
    run(&home, &proposed(&told, "checking")).ends_with(0);
}

#[test]
fn a_daemon_takes_the_new_ids_and_reads_on() {
    let home = synced();
    let before = NAMES.map(|name| ids(&home, name));
    let daemon = live::Daemon::start(&home);
    reconnect(&home);
    let told = home.run(&["sync"]).ends_with(1).err;
    let refused = home.run(&["relink", "smith", "visa", &id_of(&home, "savings")]).ends_with(1);
    assert!(refused.err.contains("type Credit_Card before, Savings now"), "{}", refused.err);
    for name in NAMES {
        run(&home, &proposed(&told, name)).ends_with(0);
        let told = home.run(&["status", "--json"]).ends_with(0).json();
        assert_eq!(told["daemon"]["config_error"], serde_json::Value::Null);
    }
    daemon.until("all is read", || {
        NAMES.iter().all(|name| status(&home, &format!("smith/{name}"))["state"] == "ok")
    });
    home.run(&["sync"]).ends_with(0);
    goes_on(&home, &before);
    let _ = daemon.stop();
}

/// To look for what came costs requests: a daemon that misses an account looks once a day.
#[test]
fn a_daemon_looks_for_what_came_once_a_day() {
    let home = synced();
    let mut daemon = live::Daemon::watched(&home);
    daemon.until_it_rests();
    reconnect(&home);
    home.bank.forget_calls();
    let looks = || home.bank.count(Endpoint::Logins);
    for hours in [7, 2, 1] {
        daemon.pass(TimeDelta::hours(hours));
        daemon.until_it_rests();
        assert_eq!(looks(), 1, "after {hours} hours more");
        for name in NAMES {
            let help = status(&home, &format!("smith/{name}"))["help"].clone();
            assert_eq!(proposed(help.as_str().expect("a help"), name)[3], id_of(&home, name));
        }
    }
    daemon.pass(TimeDelta::hours(10));
    daemon.until_it_rests();
    assert_eq!(looks(), 2, "another day");
    let _ = daemon.stop();
}

#[test]
fn killed_at_every_durable_step_it_has_one_id_and_can_go_on() {
    let home = synced();
    let before = ids(&home, "visa");
    reconnect(&home);
    let old = home.read(FILE);
    let id = id_of(&home, "visa");
    let command = ["relink", "smith", "visa", &id];
    let mut ends = [0, 0];
    Kept::of(&home).at_every_step(&command, |what| {
        let moved = home.read(FILE) != old;
        ends[usize::from(moved)] += 1;
        home.run(&["export"]).ends_with(0);
        if !moved {
            home.run(&["sync", "smith/visa"]).ends_with(1);
            home.run(&command).ends_with(0);
        }
        home.run(&["sync", "smith/visa"]).ends_with(0);
        let now = ids(&home, "visa");
        assert!(before.iter().all(|id| now.contains(id)), "{what}: {now:?}");
        assert_eq!(now.len(), before.len() + 1, "{what}: {now:?}");
    });
    assert!(ends.iter().all(|times| *times > 3), "before and behind the edit: {ends:?}");
}
