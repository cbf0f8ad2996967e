//! Whatever is wrong, the owner reads what, where and what to do, and nothing that was there is
//! touched. The cases are data: one `*.toml` a kind, run against a home that synced well before.

pub(crate) mod deeds;
pub(crate) mod manners;
mod real;
mod service;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::bank::{self, family_toml};
use crate::home::{Home, Ran};

/// One thing that is wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// What is replaced by what in the configuration; each stands there.
    #[serde(default)]
    replace: Vec<[String; 2]>,
    /// What else is done to the home: see `deeds`.
    deed: Option<String>,
    /// The command; `sync` where none is given.
    #[serde(default = "sync")]
    run: Vec<String>,
    #[serde(default)]
    stdin: String,
    code: u8,
    /// What must be read, where `{home}` is the home's folder.
    says: Vec<String>,
    /// Texts whose lines in the configuration must be named.
    #[serde(default)]
    lines_of: Vec<String>,
    /// Whether the day goes on before the command.
    #[serde(default)]
    news: bool,
    /// The folder that must stay as it is; all of the output where none is given.
    #[serde(default = "output")]
    untouched: String,
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

fn sync() -> Vec<String> {
    vec!["sync".to_owned()]
}

fn output() -> String {
    "bank".to_owned()
}

fn first_day() -> NaiveDate {
    bank::day("2026-06-01")
}

/// A family with two accounts at one bank, news of which come on the second day.
fn world() -> bank::World {
    let mut world = bank::World::new(first_day());
    let login = world.add_user("smith").add_login("Sandbox Bank");
    for name in ["Checking", "Savings"] {
        let account = login.add_account(name);
        account.opening("100.00").add_row("2026-05-20", "-18.40", "GREEN GROCER");
        account.add_row("2026-05-28", "1200.00", "PAYROLL");
        let news = account.add_row("2026-06-02", "-3.50", "THE NEWS");
        news.shown(bank::Shown::From(bank::day("2026-06-02")));
    }
    world
}

/// A home that synced well, and its `[[family]]`.
fn good_home() -> (Home, String) {
    let home = Home::beside(world());
    let family = home
        .bank
        .edit(|world| family_toml(world.user("smith"), "{base_url}", bank::day("2026-05-01")));
    let family = family.replace("{base_url}", &home.bank.base_url());
    home.configure(&family);
    home.run(&["sync"]).ends_with(0);
    (home, family)
}

/// Runs all cases of a file, several at a time, each in a home of its own.
fn run_all(text: &str, least: usize) {
    let cases: Cases = toml::from_str(text).expect("cases");
    assert!(cases.case.len() >= least, "{} cases", cases.case.len());
    let wrong: Vec<String> = cases.case.iter().filter_map(|case| run(case).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Runs one case; gives what is wrong with how it ended.
fn run(case: &Case) -> Result<(), String> {
    let (mut home, _) = good_home();
    if case.news {
        home.day(bank::day("2026-06-02"));
    }
    for [from, to] in &case.replace {
        let text = home.read("sophtron-sync.toml");
        assert!(text.contains(from), "{}: no {from} in\n{text}", case.name);
        home.write("sophtron-sync.toml", &text.replacen(from, to, 1));
    }
    // What is done stays done until the case is over.
    let _done = case.deed.as_deref().map(|deed| deeds::perform(deed, &home));
    let before = home.tree(&case.untouched);
    let args: Vec<&str> = case.run.iter().map(String::as_str).collect();
    let ran = home.run_with(&args, &case.stdin);
    let mut wrong = manners::faults(&home, &ran);
    if ran.code != case.code {
        wrong.push(format!("it ended with {}, not {}", ran.code, case.code));
    }
    wrong.extend(unsaid(case, &home, &ran));
    if home.tree(&case.untouched) != before {
        wrong.push("an output file was touched".to_owned());
    }
    told(&case.name, &ran, &wrong)
}

fn unsaid(case: &Case, home: &Home, ran: &Ran) -> Vec<String> {
    let said = format!("{}{}", ran.out, ran.err);
    let folder = home.folder.path().display().to_string();
    let mut wanted: Vec<String> =
        case.says.iter().map(|text| text.replace("{home}", &folder)).collect();
    for text in &case.lines_of {
        let config = home.read("sophtron-sync.toml");
        let at = config.lines().position(|line| line.contains(text)).expect("the line is there");
        wanted.push(format!("{folder}/sophtron-sync.toml:{}: ", at + 1));
    }
    let missing = wanted.into_iter().filter(|text| !said.contains(text));
    missing.map(|text| format!("it does not say {text:?}")).collect()
}

/// Everything that a case said, for whoever reads it aloud, and what is wrong with it.
fn told(name: &str, ran: &Ran, wrong: &[String]) -> Result<(), String> {
    println!("## {name} ({})\n{}{}", ran.code, ran.out, ran.err);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("## {name}\n{}\nstdout:\n{}stderr:\n{}", wrong.join("\n"), ran.out, ran.err))
}

#[test]
fn a_wrong_configuration_is_told() {
    run_all(include_str!("config.toml"), 25);
}

#[test]
fn wrong_keys_and_identities_are_told() {
    run_all(include_str!("secrets.toml"), 15);
}

#[test]
fn folders_files_and_stores_that_cannot_be_used_are_told() {
    run_all(include_str!("folders.toml"), 15);
}

#[test]
fn a_wrong_command_line_is_told() {
    run_all(include_str!("command_line.toml"), 15);
}
