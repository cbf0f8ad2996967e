//! Each kind of bad answer alone, as one family meets it after good syncs and with news waiting:
//! its books stay, its state says why and when it is asked again, and all is well by itself once
//! the service is. The family beside it does not notice.

mod kinds;
mod oddities;
mod slow;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde_json::Value;
use sophtron_sync::sophtron::Pace;

use crate::bad_inputs::manners;
use crate::bank::{self, Endpoint, Fault, Shown, World, family_toml};
use crate::home::{Home, Ran};
use kinds::{End, Kind, Next, Question};

/// How much later than alone a family's files may be there, beside one that meets trouble.
const MOST_DELAY: Duration = Duration::from_secs(2);

fn first_day() -> NaiveDate {
    bank::day("2026-03-01")
}

/// Two families; of the first, two accounts behind one login.
fn world() -> World {
    let mut world = World::new(first_day());
    for (user, names) in [("smith", vec!["Checking", "Savings"]), ("tremblay", vec!["Checking"])] {
        let login = world.add_user(user).add_login("Sandbox Bank");
        for name in names {
            let account = login.add_account(name);
            account.opening("100.00");
            for nth in 0..12 {
                let on = bank::day("2026-02-10") + Days::new(nth);
                account.add_row_on(on, &format!("-{nth}.25"), &format!("SHOP {nth}"));
            }
        }
    }
    world
}

/// A home with some of the families, synced on the first day. Nobody waits long in it.
fn home(families: &[&str]) -> Home {
    let home = Home::in_memory(world());
    let base_url = home.bank.base_url();
    let toml = home.bank.edit(|world| {
        let of = |name: &&str| family_toml(world.user(name), &base_url, bank::day("2026-01-01"));
        families.iter().map(of).collect::<Vec<_>>().join("\n")
    });
    home.configure(&toml);
    home.run(&["sync"]).ends_with(0);
    home
}

/// A pace at which nobody waits long for what will not come.
fn impatient() -> Pace {
    let (silence, whole) = (Duration::from_millis(300), Duration::from_millis(800));
    Pace { silence, whole, ..Pace::quick() }
}

/// What one run wrote of the second family, and how long that took.
struct Beside {
    files: BTreeMap<String, Vec<u8>>,
    took: Duration,
}

/// The home that meets trouble, and one that lives the second family's life alone.
struct Pair {
    both: Home,
    alone: Home,
    /// The longest that the second family's files came later than alone.
    delay: Duration,
}

impl Pair {
    fn new() -> Self {
        let (both, alone) = (home(&["smith", "tremblay"]), home(&["tremblay"]));
        Self { both, alone, delay: Duration::ZERO }
    }

    fn each(&mut self, mut change: impl FnMut(&mut Home)) {
        change(&mut self.both);
        change(&mut self.alone);
    }

    /// The next day, with a row more on each account.
    fn news(&mut self) {
        self.each(|home| {
            let today = home.now.date_naive() + Days::new(1);
            home.bank.edit(|world| {
                for account in world.accounts_mut() {
                    account.add_row_on(today, "-1.00", &news_of(today)).shown(Shown::Now);
                }
            });
            home.day(today);
        });
    }

    /// Syncs both, and says what the second family has other than alone.
    fn sync(&mut self) -> (Ran, Vec<String>) {
        let (ran, beside) = timed(&self.both);
        let (calm, alone) = timed(&self.alone);
        calm.ends_with(0);
        let mut wrong = Vec::new();
        if beside.files != alone.files {
            wrong.push("the other family's files are others than alone".to_owned());
        }
        let delay = beside.took.saturating_sub(alone.took);
        self.delay = self.delay.max(delay);
        if delay > MOST_DELAY {
            wrong.push(format!("the other family's files came {delay:?} later than alone"));
        }
        (ran, wrong)
    }
}

fn news_of(today: NaiveDate) -> String {
    format!("NEWS OF {today}")
}

#[allow(clippy::disallowed_methods, reason = "what is measured is real time")]
fn timed(home: &Home) -> (Ran, Beside) {
    let began = SystemTime::now();
    let ran = home.run(&["sync"]);
    let tree = home.tree("bank/tremblay");
    let last = tree.iter().map(|(_, _, at)| *at).max().expect("files");
    let took = last.duration_since(began).unwrap_or_default();
    let files = tree.into_iter().map(|(name, bytes, _)| (name, bytes)).collect();
    (ran, Beside { files, took })
}

/// What `status --json` says of the first family's accounts.
fn accounts(home: &Home) -> Vec<Value> {
    let status = home.run(&["status", "--json"]).ends_with(0).json();
    assert_eq!(status["families"][0]["name"], "smith");
    status["families"][0]["accounts"].as_array().expect("accounts").clone()
}

#[test]
fn no_kind_of_bad_answer_to_the_list_of_accounts_harms_anything() {
    run_all(Question::List);
}

#[test]
fn no_kind_of_bad_answer_to_the_rows_harms_anything() {
    run_all(Question::Rows);
}

#[test]
fn no_bad_answer_to_everything_harms_anything() {
    run_all(Question::All);
}

#[test]
fn there_are_many_kinds_and_each_has_its_own_name() {
    let names: std::collections::BTreeSet<_> =
        kinds::all().into_iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), kinds::all().len());
    println!("{} kinds of bad answer", names.len());
    assert!(names.len() >= 45, "{}", names.len());
}

/// In the plain run a kind that may answer two questions answers one of them, in turn.
fn of(question: Question) -> Vec<Kind> {
    let in_turn = |nth: usize, kind: &Kind| is_long() || kind.on[nth % kind.on.len()] == question;
    let mut kinds: Vec<_> = kinds::all().into_iter().enumerate().collect();
    kinds.retain(|(nth, kind)| kind.on.contains(&question) && in_turn(*nth, kind));
    kinds.into_iter().map(|(_, kind)| kind).collect()
}

/// Whether the long tests are wanted: `SOPHTRON_SYNC_LONG=1`.
#[allow(clippy::disallowed_methods, reason = "a test's own switch")]
fn is_long() -> bool {
    std::env::var_os("SOPHTRON_SYNC_LONG").is_some()
}

fn run_all(question: Question) {
    let mut pair = Pair::new();
    let mut wrong = Vec::new();
    let kinds = of(question);
    for kind in &kinds {
        let found = run(&mut pair, kind, question);
        if !found.is_empty() {
            wrong.push(format!("## {} ({question:?})\n{}", kind.name, found.join("\n")));
            // What is wrong with one kind must not spoil the next.
            pair = Pair::new();
        }
    }
    println!("{} kinds for {question:?}, at most {:?} later", kinds.len(), pair.delay);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is wrong with how one kind ends.
fn run(pair: &mut Pair, kind: &Kind, question: Question) -> Vec<String> {
    pair.news();
    let (tree, before) = (pair.both.tree("bank/smith"), accounts(&pair.both));
    pair.both.bank.edit(|world| spoil(world, kind, question));
    pair.both.pace = if kind.hangs { impatient() } else { Pace::quick() };
    let (ran, mut wrong) = pair.sync();
    wrong.extend(manners::faults(&pair.both, &ran));
    if ran.code != kind.end.code {
        wrong.push(format!("it ended with {}, not {}", ran.code, kind.end.code));
    }
    if !ran.err.contains(kind.says) || ran.err.contains("hunter2") {
        wrong.push(format!("it does not say {:?}", kind.says));
    }
    if pair.both.tree("bank/smith") != tree {
        wrong.push("an output file was touched".to_owned());
    }
    for (before, account) in before.iter().zip(accounts(&pair.both)) {
        wrong.extend(misstated(&kind.end, before, &account, &ran, pair.both.now));
    }
    pair.both.bank.edit(World::lift_faults);
    wrong.extend(unhealed(pair, &kind.end));
    if !wrong.is_empty() {
        wrong.push(ran.err);
    }
    wrong
}

fn spoil(world: &mut World, kind: &Kind, question: Question) {
    for fault in &kind.faults {
        let rule = world.fault(fault.clone()).of("smith").after(kind.after);
        match question {
            Question::List => rule.on(Endpoint::Accounts),
            Question::Rows => rule.on(Endpoint::Transactions),
            Question::All => rule,
        };
    }
}

/// What `status` says wrongly of an account while the service fails.
fn misstated(
    end: &End,
    before: &Value,
    account: &Value,
    ran: &Ran,
    now: DateTime<Utc>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |is: bool, what: &str| {
        if !is {
            wrong.push(format!("status tells {what} wrongly: {account}"));
        }
    };
    let text = |key: &str| account[key].as_str().unwrap_or_default();
    expect(account["state"] == end.state, "the state");
    expect(!text("message").is_empty() && ran.err.contains(text("message")), "the message");
    expect(!text("help").is_empty() && ran.err.contains(text("help")), "the help");
    for key in ["transactions", "pending", "quarantined", "balance", "drift"] {
        expect(account[key] == before[key], key);
    }
    for key in ["last_success", "data_as_of"] {
        expect(account[key] == before[key] && account[key].is_string(), key);
    }
    expect(text("last_attempt").parse() == Ok(now), "the last attempt");
    let next = text("next_attempt").parse::<DateTime<Utc>>().ok();
    let wait = next.map(|next| (next - now).num_seconds());
    let is_due = match end.next {
        Next::Own => wait.is_some_and(|wait| (60..=66).contains(&wait)),
        Next::Seconds(seconds) => wait == Some(seconds),
        Next::Never => wait.is_none(),
    };
    expect(is_due, "the next attempt");
    wrong
}

/// What is wrong after the service works again.
fn unhealed(pair: &mut Pair, end: &End) -> Vec<String> {
    pair.each(|home| home.now += TimeDelta::hours(2));
    let mut wrong = Vec::new();
    if end.next == Next::Never {
        pair.both.bank.forget_calls();
        let asked = pair.both.run(&["sync", "smith"]).ends_with(77).err;
        if !pair.both.bank.calls().is_empty() || !asked.contains("before") {
            wrong.push("it asks again by itself".to_owned());
        }
        pair.both.run(&["credentials", "check", "smith"]).ends_with(0);
    }
    let ran = pair.both.run(&["sync", "smith"]);
    if ran.code != 0 || !ran.err.is_empty() {
        wrong.push(format!("it does not heal: {} {}{}", ran.code, ran.out, ran.err));
    }
    for account in accounts(&pair.both) {
        if account["state"] != "ok" || !account["message"].is_null() {
            wrong.push(format!("it is not well again: {account}"));
        }
    }
    let news = news_of(pair.both.now.date_naive());
    for account in ["checking", "savings"] {
        let books = pair.both.read(&format!("bank/smith/{account}/2026.ledger"));
        if books.matches(&news).count() != 1 {
            wrong.push(format!("the news of {account} did not come once"));
        }
    }
    wrong
}

/// Lets one fault meet the first family.
fn meet(home: &Home, fault: Fault, endpoint: Endpoint) {
    home.bank.edit(|world| {
        world.fault(fault).on(endpoint).of("smith");
    });
}
