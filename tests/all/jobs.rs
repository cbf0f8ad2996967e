//! The refresh jobs of the service, story by story: each leaves the right state, no story starts a
//! second job beside one that is open, and none is forgotten when the program ends in the middle.

mod challenges;
mod ends;
mod killed;
mod seconds;
mod words;

use std::time::Duration;

use chrono::{Days, NaiveDate};
use serde_json::Value;
use sophtron_sync::sophtron::Pace;

use crate::bank::{self, Endpoint, Poll, Shown, Story, World, family_toml};
use crate::home::{Home, Ran};

const BOOKS: &str = "bank/smith/checking/2026.ledger";

/// What one sync must show.
#[derive(Debug, Clone, Copy)]
struct Sees {
    code: u8,
    state: &'static str,
    says: &'static str,
    /// Whether the row is there that only a refresh brings.
    fresh: bool,
    /// How often the job is looked at, where that is certain.
    looks: Option<usize>,
}

const fn sees(code: u8, state: &'static str, says: &'static str, fresh: bool) -> Sees {
    Sees { code, state, says, fresh, looks: None }
}

impl Sees {
    const fn looking(self, times: usize) -> Self {
        Self { looks: Some(times), ..self }
    }
}

/// All is well, and the new row is there.
const GOOD: Sees = sees(0, "ok", "", true);

/// The same, and nothing was asked about a job.
const QUIET: Sees = GOOD.looking(0);

/// The bank waits for its owner, as one look tells.
const WAITS: Sees = sees(77, "waiting", "asks its owner a question", false).looking(1);

/// A story, and what one sync after the other shows of it.
struct Told {
    name: &'static str,
    story: Story,
    syncs: Vec<Sees>,
}

fn told(name: &'static str, polls: Vec<Poll>, syncs: &[Sees]) -> Told {
    Told { name, story: Story::told(polls), syncs: syncs.to_vec() }
}

/// A home with one account, whose copy is a day old on `today`, and a row that only a refresh
/// brings.
pub(crate) fn due_on(today: NaiveDate, story: Story) -> Home {
    let mut world = World::new(today - Days::new(1));
    let account = world.add_user("smith").add_login("Sandbox Bank").add_account("Checking");
    account.opening("1000.00").add_row_on(today - Days::new(20), "-18.40", "GREEN GROCER");
    let mut home = Home::in_memory(world);
    let base_url = home.bank.base_url();
    let start = today - Days::new(30);
    let family = home.bank.edit(|world| family_toml(world.user("smith"), &base_url, start));
    home.configure(&with_patience(&family));
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(|world| {
        world.users[0].logins[0].refresh = story;
        let account = world.accounts_mut().next().expect("an account");
        account.add_row_on(today, "-7.00", "FRESH").shown(Shown::AfterRefresh);
    });
    home.bank.forget_calls();
    home.sleep_until(today);
    // Long enough for every story that ends.
    home.pace = Pace { refresh: Duration::from_millis(1500), ..Pace::quick() };
    home
}

/// Data may be old here: what is looked at is the job.
fn with_patience(family: &str) -> String {
    family.replacen("name = \"checking\"\n", "name = \"checking\"\nmax_age = \"60d\"\n", 1)
}

pub(crate) fn due(story: Story) -> Home {
    due_on(bank::day("2026-03-05"), story)
}

pub(crate) fn started(home: &Home) -> usize {
    home.bank.count(Endpoint::RefreshLogin) + home.bank.count(Endpoint::RefreshAccount)
}

pub(crate) fn is_fresh(home: &Home) -> bool {
    home.read(BOOKS).contains("* FRESH")
}

/// What `status --json` says of the account.
pub(crate) fn status(home: &Home) -> Value {
    let told = home.run(&["status", "--json"]).ends_with(0).json();
    told["families"][0]["accounts"][0].clone()
}

/// Syncs once, and says what was other than it must be.
fn sync(home: &Home, args: &[&str], sees: &Sees) -> Vec<String> {
    let (files, looks) = (home.tree("bank"), home.bank.count(Endpoint::Job));
    let ran = home.run(args);
    let looks = home.bank.count(Endpoint::Job) - looks;
    let account = status(home);
    let mut wrong = Vec::new();
    let mut expect = |is: bool, what: &str| {
        if !is {
            wrong.push(what.to_owned());
        }
    };
    expect(ran.code == sees.code, "the exit code");
    let (drift, err) = drift_and_rest(&ran.err);
    expect(drift != account["drift"].is_null(), "whether it tells a drift");
    expect(err.contains(sees.says), "what it says");
    expect(err.is_empty() == sees.says.is_empty(), "that it says something");
    expect(account["state"] == sees.state, "the state");
    expect(is_fresh(home) == sees.fresh, "the new row");
    expect(sees.looks.is_none_or(|times| times == looks), &format!("{looks} looks"));
    let waits = sees.state == "waiting";
    expect(account["next_attempt"].is_null() == waits, "the next attempt");
    expect(!waits || home.tree("bank") == files, "the files");
    let now = home.now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    expect((account["last_success"] == now.as_str()) != waits, "the last success");
    let message = account["message"].as_str().unwrap_or_default();
    expect(message.is_empty() == err.is_empty() && err.contains(message), "the message");
    if !wrong.is_empty() {
        wrong.push(shown(&ran, &account));
    }
    wrong
}

/// Whether a sync told that the account drifts, and what it told besides.
fn drift_and_rest(err: &str) -> (bool, String) {
    let Some((before, note)) = err.split_once("note: smith/checking: drift ") else {
        return (false, err.to_owned());
    };
    let behind: String = note.split_inclusive('\n').skip(2).collect();
    (true, format!("{before}{behind}"))
}

fn shown(ran: &Ran, account: &Value) -> String {
    format!("{}\n{}{}{account}", ran.code, ran.out, ran.err)
}

/// Lives through each story; every sync is a run of the program of its own.
fn live_through(stories: Vec<Told>) {
    let mut wrong = Vec::new();
    for Told { name, story, syncs } in stories {
        let home = due(story);
        for (nth, sees) in syncs.iter().enumerate() {
            let found = sync(&home, &["sync"], sees);
            wrong.extend(
                (!found.is_empty()).then(|| format!("## {name}, sync {nth}: {}", found.join(", "))),
            );
        }
        if (started(&home), home.bank.violations().len()) != (1, 0) {
            wrong.push(format!("## {name}: {} jobs, {:?}", started(&home), home.bank.violations()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
