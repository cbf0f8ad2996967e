//! The example of the project: it loads, and it documents every key.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};
use sophtron_sync::config::known_keys;

use super::{Home, times};

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sophtron-sync.toml.example");
    fs::read_to_string(path).expect("the example is part of the project")
}

#[test]
fn the_example_loads_and_shows_the_defaults() {
    let home = Home::with(example());
    let config = home.load().expect("the example is right");
    assert_eq!(config.families.len(), 1);
    let bare = "output_dir = \"/srv/finance/bank\"\nstate_dir = \"/var/lib/sophtron-sync\"\n\
                [[family]]\nname = \"smith\"\ncredentials_file = \"credentials/smith.age\"\n";
    let bare = Home::with(bare).load().expect("right");
    assert_eq!(config.sync, bare.sync);
    let (mut shown, default) = (config.files, bare.files);
    assert!(shown.style.commodity.iter().all(|(code, symbol)| code.code() == symbol));
    shown.style.commodity.clear();
    assert_eq!(shown, default);
}

#[test]
fn the_example_loads_with_its_commented_keys_too() {
    let text: Vec<String> = example()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key)
                if key.contains(" = ") && !key.contains("credentials") && !key.contains(',') =>
            {
                key.to_owned()
            }
            _ => line.to_owned(),
        })
        .collect();
    let config = Home::with(text.join("\n")).load().expect("right");
    assert_eq!(config.files.group.as_deref(), Some("finance"));
    assert!(config.families[0].family.own_folder);
    assert!(config.families[0].family.accounts[0].closed.is_some());
}

#[test]
fn the_example_documents_every_key_that_is_known() {
    let keys = known_keys();
    assert!(keys.contains(&("family.account", "amount_sign")) && keys.len() > 40);
    let mut section = String::new();
    let mut documented = Vec::new();
    for line in example().lines() {
        let plain = line.trim_start_matches("# ");
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
            documented.push(match section.rsplit_once('.') {
                Some((above, key)) => (above.to_owned(), key.to_owned()),
                None => (String::new(), section.clone()),
            });
        } else if let Some((key, _)) = plain.split_once(" = ") {
            documented.push((section.clone(), key.to_owned()));
        }
    }
    for (section, key) in keys {
        let it = (section.to_owned(), key.to_owned());
        assert!(documented.contains(&it), "{key} under [{section}]");
    }
}

/// A law of whatever text an editor leaves behind: it loads or says why, and never more.
fn never_panics(text: &str) -> Result<(), TestCaseError> {
    let home = Home::with(text);
    if let Err(error) = home.load() {
        let told = error.to_string();
        prop_assert!(told.lines().count() <= 25, "{}", told);
        prop_assert!(!error.findings().is_empty(), "{}", told);
        let lines = text.lines().count() + 1;
        prop_assert!(error.findings().iter().all(|found| (1..=lines).contains(&found.line)));
    }
    Ok(())
}

#[test]
fn a_mutated_example_never_makes_it_panic() {
    let text = example();
    let strategy = prop::collection::vec(
        (any::<prop::sample::Index>(), 0..12_usize, "[\\[\\]{}=\"'.,#\\\\\n0-9a-z \u{80}é-]{0,3}"),
        1..6,
    );
    let cases = Cases { cases: times(300, 10_000), failure_persistence: None, ..Cases::default() };
    TestRunner::new(cases)
        .run(&strategy, |edits| {
            let mut chars: Vec<char> = text.chars().collect();
            for (at, cut, put) in edits {
                let at = at.index(chars.len());
                let end = (at + cut).min(chars.len());
                chars.splice(at..end, put.chars());
            }
            never_panics(&chars.into_iter().collect::<String>())
        })
        .expect("no mutation panics");
}

#[test]
fn any_text_at_all_never_makes_it_panic() {
    let cases = Cases { cases: times(300, 10_000), failure_persistence: None, ..Cases::default() };
    TestRunner::new(cases)
        .run(&any::<String>(), |text| never_panics(&text))
        .expect("no text panics");
}
