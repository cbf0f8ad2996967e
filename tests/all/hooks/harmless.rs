//! A hook that fails, hangs or is missing is told, and changes nothing else; no hook learns a
//! secret.

use std::time::Duration;

use sophtron_sync::hooks::Limits;

use super::{ALL, events, home, script};
use crate::bank::{Endpoint, Fault};
use crate::first_light::{families, one_account};

const START: &str = "2026-02-01";

#[test]
fn a_bad_hook_is_told_and_harmless() {
    for (name, lines, told) in [
        ("failing", Some("echo no such repository >&2; exit 128"), "it said: no such repository"),
        ("hanging", Some("exec sleep 1000"), "was ended after 0.3 s"),
        ("missing", None, "is not there"),
    ] {
        let mut home = home(one_account(), START, "");
        home.hook_limits =
            Limits { run: Duration::from_millis(300), grace: Duration::from_secs(1) };
        if let Some(lines) = lines {
            script(&home, name, lines);
        }
        let hooks = format!("[hooks]\non_change = [\"./{name}\"]\n");
        home.reconfigure(&hooks, &families(&home, START));
        let ran = home.run(&["sync"]).ends_with(0);
        let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("note: the hook on_change of smith: "), "{said}");
        assert!(said.contains(told) && said.contains("help: "), "{said}");
        assert!(home.path("bank/smith/checking/2026.ledger").exists());
        assert_eq!(crate::first_light::status(&home, "smith/checking")["state"], "ok");
    }
}

#[test]
fn check_names_a_hook_that_is_not_there() {
    let home = home(one_account(), START, "[hooks]\non_ok = [\"/no/such/program\"]\n");
    let ran = home.run(&["check", "--offline"]).ends_with(1);
    assert!(ran.out.contains("BAD  hooks.on_ok /no/such/program"), "{}", ran.out);
    home.reconfigure(ALL, &families(&home, START));
    let ran = home.run(&["check", "--offline"]).ends_with(0);
    assert!(ran.out.contains("ok   hooks.on_change"), "{}", ran.out);
}

#[test]
fn no_hook_learns_a_secret() {
    let mut home = home(one_account(), START, ALL);
    home.variables.push(("ACCESS_KEY".to_owned(), "canary-in-the-environment".to_owned()));
    home.variables.push(("LC_TIME".to_owned(), "C".to_owned()));
    script(&home, "note", "cat > noted; cp noted seen; env >> seen; cat /proc/$$/cmdline >> seen");
    let (id, key) = home.bank.edit(|world| {
        let user = &world.users[0];
        (user.id.clone(), user.access_key.clone())
    });
    for fault in [None, Some(Fault::Status(401))] {
        home.bank.edit(|world| {
            if let Some(fault) = fault {
                world.fault(fault).on(Endpoint::Accounts);
            }
        });
        home.run(&["sync"]);
        assert_eq!(events(&home).len(), 1);
        let seen = home.read("seen").to_lowercase();
        for secret in [&id, &key, "canary", "fiapiauth"] {
            assert!(!seen.contains(&secret.to_lowercase()), "{secret} in {seen}");
        }
        assert!(seen.contains("lc_time=c") && seen.contains("home="), "{seen}");
    }
}
