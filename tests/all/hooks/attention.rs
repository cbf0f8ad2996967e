//! What needs the owner is told once, again after a while, and once more when it is over.

use chrono::TimeDelta;
use serde_json::Value;

use super::{ALL, all_words, events, home, odd_row, script, words};
use crate::bank::{Challenge, Fault, Json, Poll, Story, history};
use crate::first_light::{day, families, one_account, with_line};
use crate::home::Home;

const START: &str = "2026-02-01";

/// A home that was synced, and whose owner is told of troubles alone.
fn synced() -> Home {
    let home = home(one_account(), START, "[hooks]\non_attention = [\"./note\"]\n");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), [""; 0]);
    home
}

#[test]
fn a_bank_that_was_answered_is_told_to_be_solved() {
    let mut home = synced();
    home.bank.edit(|world| {
        let asks = Poll::asks(Challenge::code("Token"));
        world.users[0].logins[0].refresh = Story::told([asks, Poll::done()]);
    });
    home.day(day("2026-03-06"));
    home.run(&["sync"]).ends_with(77);
    assert_eq!(all_words(&home), ["attention smith"]);
    home.run_typing(&["answer"], &[("the code", "1")]).ends_with(0);
    let told = only(&home);
    assert_eq!(
        (words(&told), told["accounts"][0]["state"].as_str()),
        ("solved smith".to_owned(), Some("ok"))
    );
}

/// The only event that was noted.
fn only(home: &Home) -> Value {
    let mut told = events(home);
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

#[test]
fn a_waiting_login_calls_once_and_once_more_when_solved() {
    let mut home = synced();
    let question = Poll {
        step: Json::text("Challenge"),
        ..Poll::challenge("SecurityQuestion", Json::literal(r#""['First pet?']""#))
    };
    home.bank.edit(|world| {
        let login = &mut world.users[0].logins[0];
        login.refresh = Story::told([question.clone(), question.clone(), question, Poll::done()]);
    });
    home.day(day("2026-03-06"));
    home.run(&["sync"]).ends_with(77);
    let told = only(&home);
    assert_eq!(words(&told), "attention smith");
    let account = &told["accounts"][0];
    assert_eq!((&account["name"], &account["state"]), (&"checking".into(), &"waiting".into()));
    assert!(account["message"].is_string(), "{account}");
    assert_eq!(account["help"], "answer it with `sophtron-sync answer smith/checking`");
    assert_eq!(told["files"], serde_json::json!([]));
    home.run(&["sync"]).ends_with(77);
    assert_eq!(all_words(&home), [""; 0], "he knows");
    home.day(day("2026-03-13"));
    home.run(&["sync"]).ends_with(77);
    assert_eq!(all_words(&home), ["attention smith"], "a week later");
    home.run(&["sync"]).ends_with(0);
    let told = only(&home);
    assert_eq!(words(&told), "solved smith");
    assert_eq!(told["accounts"][0]["message"], "no longer waiting");
    assert_eq!(told["accounts"][0]["state"], "ok");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), [""; 0]);
}

#[test]
fn a_call_that_reached_nobody_is_made_again() {
    let home = synced();
    home.bank.edit(|world| {
        world.fault(Fault::Status(401));
    });
    script(&home, "note", "exit 1");
    home.run(&["sync"]).ends_with(77);
    script(&home, "note", "cat >> noted");
    home.run(&["sync"]).ends_with(77);
    let told = only(&home);
    assert_eq!(told["accounts"][0]["state"], "rejected");
}

#[test]
fn a_paused_family_and_a_closed_account_call_nobody() {
    let home = synced();
    home.bank.edit(|world| {
        world.fault(Fault::Status(401));
    });
    let families = families(&home, START);
    let hooks = "[hooks]\non_attention = [\"./note\"]\n";
    for (name, line) in [("smith", "paused = true"), ("checking", "closed = 2026-03-01")] {
        home.reconfigure(hooks, &with_line(&families, name, line));
        home.run(&["sync"]).ends_with(0);
        assert_eq!(all_words(&home), [""; 0], "{line}");
    }
}

#[test]
fn a_network_failure_of_everything_is_one_call() {
    let world = history::two_families(7, day("2026-06-01"), day("2026-06-30"));
    let mut home = home(world, "2026-06-01", "[hooks]\non_attention = [\"./note\"]\n");
    home.run(&["sync"]).ends_with(0);
    home.bank.edit(|world| {
        world.fault(Fault::Status(503));
    });
    for hours in [1, 6, 24, 40] {
        home.now += TimeDelta::hours(hours);
        home.run(&["sync"]).ends_with(69);
        assert_eq!(all_words(&home), [""; 0], "it may pass");
    }
    home.now += TimeDelta::hours(2);
    home.run(&["sync"]).ends_with(69);
    let told = only(&home);
    assert!(told["family"].is_null() && told["event"] == "attention", "{told}");
    let accounts = told["accounts"].as_array().expect("a list");
    assert_eq!(accounts.len(), 14);
    assert!(accounts.iter().any(|account| account["name"] == "smith/joint-checking"), "{told}");
    assert!(accounts.iter().all(|account| account["state"] == "failed"));
    home.run(&["sync"]).ends_with(69);
    assert_eq!(all_words(&home), [""; 0]);
    home.bank.edit(crate::bank::World::lift_faults);
    home.day(day("2026-07-04"));
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), ["solved -"]);
}

#[test]
fn a_quarantined_row_calls_at_once() {
    let mut home = synced();
    odd_row(&home, "2026-03-05");
    home.day(day("2026-03-05"));
    home.run(&["sync"]).ends_with(0);
    let told = only(&home);
    let message = told["accounts"][0]["message"].as_str().expect("a message").to_owned();
    assert_eq!(message, "1 row is quarantined: booked nowhere");
    let help = told["accounts"][0]["help"].as_str().expect("what to do").to_owned();
    assert!(help.starts_with("quarantined: "), "{help}");
    assert_eq!(told["accounts"][0]["added"], 0);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), [""; 0]);
}

#[test]
fn an_edited_file_calls_at_once_until_its_version_is_taken_away() {
    let home = synced();
    home.write("bank/smith/checking/2026.ledger", "; mine\n");
    home.run(&["sync"]).ends_with(0);
    let told = only(&home);
    assert_eq!(words(&told), "attention smith");
    let name = told["accounts"][0]["name"].as_str().expect("a name").to_owned();
    assert!(name.starts_with('/') && name.ends_with("/2026.ledger.edited-1"), "{name}");
    let message = told["accounts"][0]["message"].as_str().expect("a message").to_owned();
    assert!(message.contains("was edited by hand"), "{message}");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), [""; 0]);
    std::fs::remove_file(&name).expect("a file");
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), ["solved smith"]);
}

#[test]
fn a_round_without_trouble_is_told_as_ok() {
    let hooks = format!("{ALL}on_ok = [\"./note\"]\n");
    let mut home = home(one_account(), START, &hooks);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(all_words(&home), ["change smith", "ok -"]);
    home.run(&["sync"]).ends_with(0);
    let told = only(&home);
    let shape = serde_json::json!({"version": 1, "event": "ok", "at": "2026-03-04T12:00:00Z",
        "family": null, "solved": false, "accounts": [], "files": []});
    assert_eq!(told, shape);
    home.run(&["export"]).ends_with(0);
    assert_eq!(all_words(&home), [""; 0], "an export is no round");
    odd_row(&home, "2026-03-05");
    home.day(day("2026-03-05"));
    home.run(&["sync"]).ends_with(0);
    assert!(!all_words(&home).contains(&"ok -".to_owned()));
}

/// The daemon tells of a configuration on disk that is wrong while it works under the last good
/// one.
#[test]
fn an_invalid_configuration_calls_once_and_once_more_when_solved() {
    use sophtron_sync::config::{self, Env};
    use sophtron_sync::domain::DaemonInfo;
    use sophtron_sync::hooks::Limits;
    use sophtron_sync::round::{Audience, Glance, Surroundings};
    use sophtron_sync::store::Store;
    use sophtron_sync::sync::Shelf;

    let home = synced();
    let env = Env::from_pairs([("HOME", "/"), ("PATH", "/usr/bin:/bin")]);
    let config = config::load(&home.path("sophtron-sync.toml"), &env).expect("right");
    let shelf = Shelf::new(Store::open(&config.state_dir).expect("a store"));
    let surroundings = Surroundings::of(&env, Limits::default());
    let glance = Glance { config: &config, daemon: DaemonInfo::default(), now: home.now };
    let audience = Audience { shelf: &shelf, glance: &glance, surroundings: &surroundings };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let tell = |wrong: &[(&str, &str)]| {
        let wrong = wrong.iter().map(|(what, cure)| ((*what).to_owned(), (*cure).to_owned()));
        runtime.block_on(audience.hear_configuration(wrong.collect()))
    };
    let wrong = [("x.toml:3: sync.poll: it is odd", "write \"5s\""), ("and", "more")];
    assert_eq!(tell(&wrong), []);
    let told = only(&home);
    assert_eq!(words(&told), "attention -");
    assert_eq!(told["accounts"][0]["message"], "x.toml:3: sync.poll: it is odd (and 1 more)");
    assert_eq!(told["accounts"][0]["help"], "write \"5s\"");
    assert_eq!(tell(&wrong[1..]), []);
    assert_eq!(all_words(&home), [""; 0]);
    assert_eq!(tell(&[]), []);
    assert_eq!(all_words(&home), ["solved -"]);
    assert_eq!(tell(&[]), []);
    assert_eq!(all_words(&home), [""; 0]);
}
