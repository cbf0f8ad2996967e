//! `check`: every trouble alone, with its place, its words, its cure and its exit code.

mod cases;

use serde_json::Value;

use crate::first_light::{families, one_account};
use crate::home::{Home, Ran};

/// One trouble.
struct Case {
    /// What it is.
    name: &'static str,
    /// Makes it, in a home in which all is well and that was synced once.
    make: fn(&mut Home),
    /// How the command ends.
    code: u8,
    /// What the place of the finding holds.
    place: &'static str,
    /// What its words hold.
    what: &'static str,
    /// What its cure holds.
    help: &'static str,
    /// Whether it is found without asking the service.
    offline: bool,
}

/// A home in which all is well.
fn well() -> Home {
    let home = Home::in_memory(one_account());
    home.configure(&families(&home, "2026-01-01"));
    home.run(&["sync"]).ends_with(0);
    home
}

fn findings(ran: &Ran) -> Vec<Value> {
    let told = ran.json();
    assert_eq!(told["version"], 1);
    told["findings"].as_array().expect("a list").clone()
}

fn is(finding: &Value, case: &Case, level: &str) -> bool {
    let holds = |key: &str, part: &str| finding[key].as_str().expect(key).contains(part);
    finding["level"] == level
        && holds("place", case.place)
        && holds("what", case.what)
        && holds("help", case.help)
}

#[test]
fn all_that_is_right_is_one_line_each() {
    let home = well();
    let ran = home.run(&["check"]).ends_with(0);
    for line in [
        "1 family, 1 account",
        "state_dir",
        "identity",
        "it is whole, with 3 transactions",
        "about ",
        "the credentials decrypt",
        "the service accepts the credentials",
        "clock: it agrees with the service of smith",
        "smith/checking: the service lists it",
        "All is well.",
    ] {
        assert!(ran.out.contains(line), "no {line} in\n{}", ran.out);
    }
    assert!(!ran.out.contains("BAD"), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    let before = home.bank.calls().len();
    home.run(&["check", "--offline"]).ends_with(0);
    assert_eq!(home.bank.calls().len(), before, "nothing was asked");
}

/// What may be over by now is worth knowing, and no trouble of this moment.
#[test]
fn what_the_last_sync_met_is_told() {
    let home = well();
    home.bank.edit(|world| {
        let account = world.accounts_mut().next().expect("one");
        account.rows.clear();
        account.publish(crate::first_light::day("2026-03-04"));
    });
    home.run(&["sync", "--full"]).ends_with(1);
    for args in [&["check"][..], &["check", "--offline"]] {
        let told = home.run(args).ends_with(0).out;
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("note smith/checking: at its last sync it was suspect: "), "{told}");
    }
}

#[test]
fn a_store_that_breaks_in_the_middle_is_a_finding_among_the_others() {
    let home = well();
    let store = home.path("state/store.sqlite");
    let length = store.metadata().expect("there").len();
    let file = std::fs::OpenOptions::new().write(true).open(&store).expect("opened");
    let zeros = vec![0_u8; usize::try_from(length - 4096).expect("small")];
    std::os::unix::fs::FileExt::write_all_at(&file, &zeros, 4096).expect("written");
    let ran = home.run(&["check", "--json"]).ends_with(74);
    let findings = ran.json()["findings"].as_array().expect("findings").clone();
    assert!(findings.iter().any(|finding| finding["place"] == "identity"), "{}", ran.out);
    assert!(findings.iter().any(|finding| finding["exit"] == 74), "{}", ran.out);
}

#[test]
fn each_trouble_is_found_with_its_cure() {
    assert!(cases::TROUBLES.len() >= 30, "{}", cases::TROUBLES.len());
    let (mut said, mut wrong) = (String::new(), Vec::new());
    for case in cases::TROUBLES {
        match looked_at(case) {
            Ok(words) => said += &words,
            Err(why) => wrong.push(format!("{}: {why}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // What the README quotes is what was said, figures aside.
    let said = without_figures(&said);
    let readme = include_str!("../../../README.md");
    let (_, table) = readme.split_once("| it says | why |").expect("the table of troubles");
    let (table, _) = table.split_once("\n\n").expect("its end");
    let quoted = table.lines().skip(2).flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap_or_default();
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    });
    let quoted: Vec<String> = quoted.filter(|text| !ELSEWHERE.contains(&text.as_str())).collect();
    assert!(quoted.len() >= 18, "{quoted:?}");
    for text in quoted {
        assert!(said.contains(&without_figures(&text)), "nothing says {text:?}");
    }
}

/// What other commands say, or what a disk must be filled for.
const ELSEWHERE: [&str; 6] = [
    "the bank asks its owner a question",
    "the bank did not give new data: it says \"Your account is locked\"",
    "the bank's question has expired",
    "Sandbox Bank ended it by a time limit",
    "the bank refused the login twice",
    "only 12 MB are free on its disk",
];

fn without_figures(text: &str) -> String {
    let kept = |c: char| (!c.is_ascii_digit()).then_some(c);
    text.chars().filter_map(kept).collect()
}

/// Has the doctor look at a home with one trouble, with and without asking the service.
fn looked_at(case: &Case) -> Result<String, String> {
    let holds = |is: bool, ran: &Ran| {
        if is { Ok(()) } else { Err(format!("ended with {}\n{}{}", ran.code, ran.out, ran.err)) }
    };
    let mut home = well();
    (case.make)(&mut home);
    let level = if case.code == 0 { "note" } else { "bad" };
    let asked = home.run(&["check", "--json"]);
    let found = findings(&asked);
    let its: Vec<&Value> = found.iter().filter(|finding| is(finding, case, level)).collect();
    holds(its.len() == 1 && its[0]["exit"] == case.code && asked.code == case.code, &asked)?;
    let bad = found.iter().filter(|finding| finding["level"] == "bad").count();
    holds(bad == usize::from(case.code != 0), &asked)?;
    let before = home.bank.calls().len();
    let offline = home.run(&["check", "--offline", "--json"]);
    let seen = findings(&offline).iter().any(|finding| is(finding, case, level));
    holds(seen == case.offline && home.bank.calls().len() == before, &offline)?;
    let read = home.run(&["check"]);
    let flat = read.out.split_whitespace().collect::<Vec<_>>().join(" ");
    holds(flat.contains(case.what) && flat.contains(case.help), &read)?;
    Ok(flat)
}

#[test]
fn the_worst_of_several_decides() {
    let mut home = well();
    for name in ["a hook's program is not there", "the service fails", "others may read the store"]
    {
        let case = cases::TROUBLES.iter().find(|case| case.name == name).expect(name);
        (case.make)(&mut home);
    }
    let ran = home.run(&["check"]).ends_with(74);
    assert!(ran.out.ends_with("3 findings need you.\n"), "{}", ran.out);
}

/// Every configuration error is a finding of its own.
#[test]
fn everything_wrong_in_the_configuration_is_told_at_once() {
    let home = well();
    home.reconfigure("overlap = 3\n[files]\nmode = \"9999\"", &families(&home, "2026-01-01"));
    let ran = home.run(&["check", "--json"]).ends_with(78);
    let found = findings(&ran);
    assert_eq!(found.len(), 2, "{found:?}");
    for (finding, key) in found.iter().zip(["sync.overlap", "files.mode"]) {
        assert!(finding["what"].as_str().expect("words").contains(key), "{finding}");
        assert_eq!(finding["exit"], 78);
    }
}

#[test]
fn the_units_of_this_version_are_right_and_drop_ins_no_difference() {
    let home = well();
    let unit = include_str!("../../../packaging/user/sophtron-sync.service");
    let folder = home.path(".config/systemd/user/sophtron-sync.service.d");
    std::fs::create_dir_all(folder).expect("folders");
    home.write(".config/systemd/user/sophtron-sync.service", unit);
    home.write(".config/systemd/user/sophtron-sync.service.d/own.conf", "[Service]\nNice=5\n");
    let ran = home.run(&["check", "--offline"]).ends_with(0);
    let flat = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("it is the unit of this version"), "{}", ran.out);
}
