//! Banks are connected, given another password, and disconnected, whatever breaks off in between.

mod at_a_terminal;
mod banks;
mod broken;
mod disconnect;
mod ends;
mod refusals;
mod secrets;
mod update;

use chrono::NaiveDate;

use crate::bank::{Endpoint, World, family_toml};
use crate::first_light::day;
use crate::home::{Home, Ran};

/// The test bank that asks nothing.
const NO_MFA: &str = "Sophtron Bank NoMFA";
const NO_MFA_ID: &str = "926623ca-5952-4921-8f77-2023f1cdde8e";

const LOGIN_NAME: &str = "canary.login.name";
const PASSWORD: &str = "Canary-Pass-Word-77";

/// What an owner types who knows all that the test banks ask.
const ANSWERS: [(&str, &str); 13] = [
    ("User name", LOGIN_NAME),
    ("Password", PASSWORD),
    ("Company number", "Company-77"),
    ("PIN", "4711"),
    ("pet's name", "asdf"),
    ("mother's maiden name", "asdf"),
    ("First car", "qwer"),
    ("picture", "asdf"),
    ("sends a code", "0"),
    ("code that it sent", "asdfg"),
    ("7 4 1", "yes"),
    ("Link ", "yes"),
    ("Connect another", "no"),
];

fn test_banks(today: NaiveDate) -> World {
    let mut world = World::new(today);
    world.add_user("smith");
    world.open_test_banks();
    world
}

/// A home whose family has nothing linked, beside a service where the test banks can be connected.
fn beside(world: World) -> Home {
    let home = Home::in_memory(world);
    let url = home.bank.base_url();
    let family = |world: &mut World| family_toml(world.user("smith"), &url, day("2019-01-01"));
    let family = home.bank.edit(family);
    let (family, _) = family.split_once("\n[[family.account]]").unwrap_or((family.as_str(), ""));
    home.configure(family);
    home
}

fn home() -> Home {
    beside(test_banks(day("2026-03-04")))
}

fn connect(home: &Home, bank: &str) -> Ran {
    home.run_answering(&["connect", "smith", bank], &ANSWERS)
}

/// The logins that the service has.
fn logins(home: &Home) -> Vec<String> {
    home.bank.edit(|world| world.logins().map(|login| login.id.clone()).collect())
}

/// How often a new login was asked for.
fn created(home: &Home) -> usize {
    let all = [Endpoint::Create, Endpoint::CreateWithRefresh, Endpoint::CreateWithFullHistory];
    all.into_iter().map(|endpoint| home.bank.count(endpoint)).sum()
}

/// Asserts that nothing that the owner typed stands in a file of the program, or in these texts.
fn keeps_secrets(home: &Home, said: &[&Ran]) {
    let secrets = [LOGIN_NAME, PASSWORD, "Company-77", "asdfg"];
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for folder in ["state", "bank"] {
        places.extend(home.tree(folder).into_iter().map(|(name, bytes, _)| (name, bytes)));
    }
    places.push(("sophtron-sync.toml".to_owned(), home.read("sophtron-sync.toml").into_bytes()));
    places.extend(said.iter().map(|ran| ("stdout".to_owned(), ran.out.clone().into_bytes())));
    places.extend(said.iter().map(|ran| ("stderr".to_owned(), ran.err.clone().into_bytes())));
    assert!(places.len() > 2, "there is something to look at");
    for (place, bytes) in places {
        let seen = String::from_utf8_lossy(&bytes).to_lowercase();
        for secret in secrets {
            assert!(!seen.contains(&secret.to_lowercase()), "{secret} is in {place}");
        }
    }
}
