//! Families that share nothing, openings that stand apart, accounts that are linked no longer.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use sophtron_sync::files::group_id;

use super::{families, files, id_of, settled, two_families, with_line};
use crate::bank::Shown;
use crate::home::Home;
use crate::readers::{ledgers, tables};

const FROM: &str = "2026-05-01";
const UNTIL: &str = "2026-06-30";

fn both_accept(home: &Home, journal: &str) {
    let path = home.path(journal);
    let told = ledgers::hledger_check(&path).and_then(|()| ledgers::ledger_check(&path));
    assert_eq!(told, Ok(()), "{journal}");
}

/// Two groups that this user may give files to: any for root, else the own one.
fn two_groups() -> [String; 2] {
    let printed = |args: &[&str]| {
        let output = Command::new("id").args(args).output().expect("coreutils");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    let own = printed(&["-gn"]);
    if printed(&["-u"]) == "0" { ["users", "audio"].map(str::to_owned) } else { [own.clone(), own] }
}

/// Mode and group of all below a folder: files, folders.
fn rights(folder: &Path, seen: &mut Vec<(bool, u32, u32)>) {
    let about = std::fs::metadata(folder).expect("it is there");
    seen.push((true, about.permissions().mode() & 0o777, about.gid()));
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let about = entry.metadata().expect("it is there");
        if about.is_dir() {
            rights(&entry.path(), seen);
        } else if entry.file_name() != ".sophtron-sync.lock" {
            seen.push((false, about.permissions().mode() & 0o777, about.gid()));
        }
    }
}

#[test]
fn families_with_their_own_folder_group_and_mode_share_nothing() {
    let home = two_families(FROM, UNTIL);
    let [one, other] = two_groups();
    let all = families(&home, FROM);
    let own = |name: &str, mode: &str, group: &str| {
        format!("output_dir = \"{name}-books\"\nmode = \"{mode}\"\ngroup = \"{group}\"")
    };
    let all = with_line(&all, "smith", &own("smith", "0600", &one));
    home.reconfigure("", &with_line(&all, "tremblay", &own("tremblay", "0644", &other)));
    home.run(&["sync"]).ends_with(0);
    assert_eq!(home.tree("bank"), [], "nothing is shared");
    for (name, mode, folders, group, stranger) in
        [("smith", 0o600, 0o700, &one, "tremblay"), ("tremblay", 0o644, 0o755, &other, "smith")]
    {
        let folder = format!("{name}-books");
        let group = group_id(group).expect("a group");
        let mut seen = Vec::new();
        rights(&home.path(&folder), &mut seen);
        let odd = |(is_folder, found, gid): &&(bool, u32, u32)| {
            *found != if *is_folder { folders } else { mode } || *gid != group
        };
        assert_eq!(seen.iter().filter(odd).count(), 0, "{name}: {seen:?}");
        let written = files(&home, &folder);
        for own in ["accounts.csv", "all.ledger", ".gitignore", "balances.csv", "checks.journal"] {
            assert!(written.contains_key(own), "{own}");
        }
        let of_stranger = home.bank.edit(|world| {
            let ids = world.user(stranger).accounts().map(|account| account.id.clone());
            ids.chain([stranger.to_owned()]).collect::<Vec<_>>()
        });
        for (file, bytes) in &written {
            let text = String::from_utf8_lossy(bytes);
            let told = of_stranger.iter().find(|word| text.contains(*word));
            assert_eq!(told, None, "{file}");
        }
        both_accept(&home, &format!("{folder}/checks.journal"));
        both_accept(&home, &format!("{folder}/2026.journal"));
    }
    let before = (home.tree("smith-books"), home.tree("tremblay-books"));
    home.run(&["sync"]).ends_with(0);
    assert!(before == (home.tree("smith-books"), home.tree("tremblay-books")), "quiet");
}

#[test]
fn a_family_with_its_own_folder_is_not_in_the_shared_files() {
    let home = two_families(FROM, UNTIL);
    let own = with_line(&families(&home, FROM), "smith", "output_dir = \"apart\"");
    home.reconfigure("", &own);
    home.run(&["sync"]).ends_with(0);
    assert!(!home.read("bank/all.ledger").contains("smith"));
    let shared = tables::csv_table(&home.path("bank/accounts.csv"));
    assert!(shared.len() == 7 && shared.iter().all(|line| line["family"] == "tremblay"));
    assert_eq!(tables::csv_table(&home.path("apart/accounts.csv")).len(), 7);
    both_accept(&home, "bank/all.ledger");
}

#[test]
fn an_opening_of_the_owners_own_stands_in_the_checks_alone() {
    let home = two_families(FROM, UNTIL);
    let all = with_line(&families(&home, FROM), "joint-checking", "opening_entry = false");
    home.reconfigure("", &all);
    home.run(&["sync"]).ends_with(0);
    let told = home.read("bank/smith/joint-checking/2026.ledger");
    assert!(!told.contains("Opening balance"));
    let opening = "* Opening balance\n    Assets:Bank:Joint Checking              3250.18 USD";
    assert!(home.read("bank/smith/checks.journal").contains(opening));
    let named = |file: &String| file.ends_with(".ledger") || file.ends_with(".journal");
    let holding: Vec<_> = files(&home, "bank")
        .into_iter()
        .filter(|(name, bytes)| named(name) && String::from_utf8_lossy(bytes).contains(opening))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(holding, ["smith/checks.journal"]);
    for journal in ["bank/all.ledger", "bank/smith/checks.journal", "bank/smith/2026.journal"] {
        both_accept(&home, journal);
    }
    // The owner's journal holds the balance: ours come on top of it, and its assertions hold.
    let own = "decimal-mark .\ninclude bank/smith/declarations.ledger\n\
               2026-05-01 * Mine\n    Assets:Bank:Joint Checking  3250.18 USD\n    Equity:Opening Balances  -3250.18 USD\n\n\
               include bank/smith/all.ledger\ninclude bank/smith/assertions.journal\n";
    home.write("own.journal", own);
    both_accept(&home, "own.journal");
}

#[test]
fn an_unlinked_account_keeps_its_files_and_a_linked_one_goes_on() {
    let home = two_families(FROM, UNTIL);
    home.run(&["sync"]).ends_with(0);
    let all = families(&home, FROM);
    let before = home.tree("bank/smith");
    let id = id_of(&home, "joint-checking");
    home.reconfigure("", &without_account(&all, &id));
    home.run(&["sync"]).ends_with(0);
    assert!(home.tree("bank/smith") == before, "files, includes, balances");
    let shared = home.read("bank/accounts.csv");
    assert!(!shared.contains("joint-checking"), "{shared}");
    assert!(!home.run(&["status"]).ends_with(0).out.contains("joint-checking"));
    // News of another account rewrites the family's files: it is still among them.
    add_row(&home, "rainy-day-savings", "SAVED");
    add_row(&home, "joint-checking", "SPENT");
    home.run(&["sync"]).ends_with(0);
    assert!(home.read("bank/smith/all.ledger").contains("include joint-checking/2026.ledger"));
    assert!(home.read("bank/smith/balances.csv").contains("joint-checking"));
    let folder = |tree: Vec<(String, Vec<u8>, std::time::SystemTime)>| -> Vec<_> {
        tree.into_iter().filter(|(name, ..)| name.starts_with("joint-checking/")).collect()
    };
    assert!(folder(home.tree("bank/smith")) == folder(before), "to the last byte");
    both_accept(&home, "bank/smith/checks.journal");
    home.reconfigure("", &all);
    home.run(&["sync"]).ends_with(0);
    let books = home.read("bank/smith/joint-checking/2026.ledger");
    assert_eq!(books.matches("* SPENT").count(), 1);
    assert_eq!(books.matches("Opening balance").count(), 1);
    both_accept(&home, "bank/smith/checks.journal");
}

fn add_row(home: &Home, account: &str, text: &str) {
    let id = id_of(home, account);
    home.bank.edit(|world| {
        let account = world.account_mut(&id);
        account.add_row(UNTIL, "-7.00", text).shown(Shown::Now);
        account.publish(super::day(UNTIL));
    });
}

/// A configuration without one of its accounts.
fn without_account(families: &str, id: &str) -> String {
    let mut parts: Vec<&str> = families.split("\n[[family.account]]\n").collect();
    let at = parts.iter().position(|part| part.contains(id)).expect("it is there");
    let (_, rest) = parts[at].split_once("\n[[family]]").unwrap_or((parts[at], ""));
    assert_eq!(rest, "", "the last account of a family takes the next one along");
    parts.remove(at);
    parts.join("\n[[family.account]]\n")
}

#[test]
fn a_known_account_under_another_name_is_refused() {
    let home = settled(super::one_account(), "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank");
    let renamed = families(&home, "2026-01-01").replace("name = \"checking\"", "name = \"other\"");
    home.reconfigure("", &renamed);
    for command in ["sync", "export"] {
        let told = home.run(&[command]).ends_with(78).err;
        assert!(told.contains("known as smith/checking"), "{told}");
    }
    assert!(home.tree("bank") == before);
}

#[test]
fn shared_files_have_the_configured_mode_and_group() {
    let home = two_families(FROM, UNTIL);
    let [group, _] = two_groups();
    let settings = format!("[files]\nmode = \"0660\"\ngroup = \"{group}\"");
    home.reconfigure(&settings, &families(&home, FROM));
    home.run(&["sync"]).ends_with(0);
    let gid = group_id(&group).expect("a group");
    let mut seen = Vec::new();
    rights(&home.path("bank"), &mut seen);
    let right = |(is_folder, mode, gid_found): &(bool, u32, u32)| {
        *mode == if *is_folder { 0o770 } else { 0o660 } && *gid_found == gid
    };
    assert!(seen.len() > 50 && seen.iter().all(right), "{seen:?}");
}

/// The available balance moves with pending rows, without any news of rows.
#[test]
fn an_available_balance_that_moves_alone_is_told_in_either_folder() {
    for (own, folder) in [("", "bank"), ("output_dir = \"apart\"", "apart")] {
        let mut world = super::one_account();
        let account = world.accounts_mut().next().expect("an account");
        account.available = crate::bank::Available::Fixed("1226.35".to_owned());
        let home = settled(world, "2026-01-01");
        let all = families(&home, "2026-01-01");
        home.reconfigure("", &with_line(&all, "smith", own));
        home.run(&["sync"]).ends_with(0);
        let before = files(&home, folder);
        let available = crate::bank::Available::Fixed("1200.00".to_owned());
        home.bank
            .edit(|world| world.accounts_mut().for_each(|one| one.available = available.clone()));
        home.run(&["sync"]).ends_with(0);
        let after = files(&home, folder);
        let changed: Vec<_> =
            after.keys().filter(|name| before.get(*name) != after.get(*name)).collect();
        assert_eq!(changed, ["accounts.csv"], "{folder}");
        assert!(
            home.read(&format!("{folder}/accounts.csv")).contains("1226.35,1200.00,2026-03-04")
        );
    }
}

#[test]
fn a_family_that_is_configured_no_longer_keeps_its_files_and_stays_included() {
    let mut world = super::one_account();
    let other = world.add_user("jones").add_login("Other Bank").add_account("Savings");
    other.opening("5.00").add_row("2026-03-01", "1.00", "INTEREST");
    let home = settled(world, "2026-01-01");
    home.run(&["sync"]).ends_with(0);
    let before = home.tree("bank/smith");
    let all = families(&home, "2026-01-01");
    let at = all.rfind("[[family]]").expect("two families");
    let jones = if all[at..].contains("jones") { &all[at..] } else { &all[..at] };
    home.reconfigure("", jones);
    home.run(&["sync"]).ends_with(0);
    assert!(home.tree("bank/smith") == before);
    let included = home.read("bank/all.ledger");
    assert!(
        included.ends_with("include jones/all.ledger\ninclude smith/all.ledger\n"),
        "{included}"
    );
    assert!(!home.read("bank/accounts.csv").contains("smith"));
    both_accept(&home, "bank/all.ledger");
}
