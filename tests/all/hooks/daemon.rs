//! A daemon has the same programs told, and waits for none of them when it stops.

use std::time::Duration;

use super::{ALL, events, home, script, words};
use crate::bank::Endpoint;
use crate::daemon::live::Daemon;
use crate::first_light::{families, one_account};
use crate::home::Home;

const START: &str = "2026-02-01";

/// Waits for events, and gives them in words.
fn told(daemon: &Daemon, home: &Home) -> Vec<String> {
    daemon.until("an event is told", || home.path("noted").exists());
    // Whatever else came with it is there a moment later.
    std::thread::sleep(Duration::from_millis(300));
    events(home).iter().map(words).collect()
}

#[test]
fn rounds_reloads_and_a_wrong_configuration_are_told() {
    let home = home(one_account(), START, ALL);
    let daemon = Daemon::start(&home);
    assert_eq!(told(&daemon, &home), ["change smith"], "its first round");
    let good = home.read("sophtron-sync.toml");
    home.write("sophtron-sync.toml", &good.replace("10ms", "often"));
    assert_eq!(told(&daemon, &home), ["attention -"]);
    home.write("sophtron-sync.toml", &good);
    assert_eq!(told(&daemon, &home), ["solved -"]);
    let other = format!("[files]\nunknown_expense = \"Expenses:Other\"\n{ALL}");
    home.reconfigure(&other, &families(&home, START));
    assert_eq!(told(&daemon, &home), ["change smith"], "files were written anew");
}

#[test]
fn it_stops_at_once_while_a_hook_hangs_and_its_files_join_the_next_event() {
    let mut home = home(one_account(), START, ALL);
    script(&home, "note", "echo $$ > running; exec sleep 1000");
    let daemon = Daemon::start(&home);
    daemon.until("the hook runs", || {
        std::fs::read_to_string(home.path("running")).is_ok_and(|pid| !pid.trim().is_empty())
    });
    let (end, took) = daemon.stop();
    end.expect("it ends well");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let pid = home.read("running");
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists(), "the hook is ended");
    script(&home, "note", "cat >> noted");
    home.bank.edit(|world| {
        let account = world.accounts_mut().next().expect("an account");
        account.add_row("2026-03-05", "-1.00", "NEWS");
    });
    home.day(crate::first_light::day("2026-03-05"));
    home.run(&["sync"]).ends_with(0);
    let told = events(&home);
    assert_eq!(told.len(), 1);
    let files = super::files_of(&home, &told[0]);
    assert!(files.contains(&"bank/.gitignore".to_owned()), "from the first one: {files:?}");
}

/// The loop goes on while a hook takes its time.
#[test]
fn a_slow_hook_holds_up_no_command() {
    let home = home(one_account(), START, ALL);
    script(&home, "note", "echo $$ > running; exec sleep 1000");
    let daemon = Daemon::start(&home);
    daemon.until("the hook runs", || home.path("running").exists());
    home.run(&["status"]).ends_with(0);
    let asked = home.bank.count(Endpoint::Accounts);
    daemon.signal(sophtron_sync::daemon::signals::Signal::SyncNow);
    daemon.until("it syncs all the same", || home.bank.count(Endpoint::Accounts) > asked);
}
