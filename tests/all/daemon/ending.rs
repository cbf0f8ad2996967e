//! It stops in time and feeds its watchdog, whatever the bank does.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::process::{Service, today};
use super::{families, home, world_on};
use crate::bank::{self, Endpoint, Fault, Transport, World};
use crate::first_light::status;
use crate::home::Home;

/// A fault that holds every answer back for long.
fn hang(world: &mut World) {
    world.fault(Fault::Transport(Transport::SlowHead(Duration::from_secs(40))));
}

/// A real daemon whose banks hold every answer back, with a request in hand.
fn hanging() -> (Home, Service) {
    let home = home("every = \"1h\"");
    home.bank.edit(hang);
    let calls = home.bank.watch();
    let service = Service::start(&home);
    calls.recv_timeout(Duration::from_secs(20)).expect("it asks");
    (home, service)
}

#[test]
fn a_bank_that_holds_its_answer_holds_up_no_stop() {
    for signal in [Signal::TERM, Signal::INT] {
        let (home, mut service) = hanging();
        let (code, _, took) = service.end_by(signal);
        println!("{signal:?}: {took:?}");
        assert_eq!(code, Some(0), "{}", service.log());
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert_eq!(service.count("STOPPING=1"), 1);
        assert!(!home.path("state/control.sock").exists());
        home.bank.edit(bank::World::lift_faults);
        home.run(&["sync"]).ends_with(0);
    }
}

/// A family's first round is under way: it has a next attempt already. Where no daemon runs, none.
#[test]
fn an_account_in_its_first_round_has_a_next_attempt_while_a_daemon_runs() {
    let (home, mut service) = hanging();
    let next = || status(&home, "smith/checking")["next_attempt"].clone();
    assert!(next().is_string(), "{}", next());
    service.end_by(Signal::TERM);
    assert!(next().is_null(), "{}", next());
}

/// Commands at the control socket wait for a bank as well.
#[test]
fn commands_in_hand_hold_up_no_stop_and_a_second_signal_ends_at_once() {
    for second in [false, true] {
        let (home, mut service) = hanging();
        let program = |args: &[&str]| Service::begin(&home, args, &[]);
        let mut commands = [program(&["accounts"]), program(&["sync"]), program(&["check"])];
        sleep(Duration::from_millis(500));
        service.signal(Signal::TERM);
        let begun = Instant::now();
        if second {
            sleep(Duration::from_millis(200));
            let (_, signal, took) = service.end_by(Signal::TERM);
            assert_eq!(signal, Some(15), "{}", service.log());
            assert!(took < Duration::from_millis(500), "{took:?}");
        } else {
            assert_eq!(service.wait().code(), Some(0), "{}", service.log());
            let took = begun.elapsed();
            println!("with commands: {took:?}");
            assert!(took < Duration::from_secs(5), "{took:?}");
        }
        for command in &mut commands {
            let code = command.wait().code();
            assert!(matches!(code, Some(75 | 1 | 69)), "{code:?} {}", command.log());
        }
    }
}

/// The longest time between two feedings, so far.
fn longest_gap(service: &Service) -> Duration {
    let heard = service.heard();
    let fed: Vec<Instant> =
        heard.iter().filter(|(_, text)| text == "WATCHDOG=1").map(|(at, _)| *at).collect();
    assert!(fed.len() >= 2, "{heard:?}");
    fed.windows(2).map(|pair| pair[1] - pair[0]).max().expect("two")
}

#[test]
fn the_watchdog_is_fed_while_a_bank_hangs_and_never_by_a_process_that_stands_still() {
    let home = home("every = \"1h\"");
    home.bank.edit(hang);
    let interval = Duration::from_millis(1200);
    let mut service = Service::begin(&home, &["run"], &[("WATCHDOG_USEC", "1200000")]);
    service.until_said("READY=1");
    sleep(interval * 2);
    let gap = longest_gap(&service);
    assert!(gap < interval / 2, "{gap:?}");
    service.signal(Signal::STOP);
    sleep(Duration::from_millis(100));
    let before = service.heard().len();
    sleep(interval);
    assert_eq!(service.heard().len(), before, "a stopped process told something");
    service.signal(Signal::CONT);
    service.until("it is fed again", || home.path("bank").exists());
    let count = service.count("WATCHDOG=1");
    sleep(interval / 2);
    assert!(service.count("WATCHDOG=1") > count);
}

#[test]
fn the_watchdog_is_fed_while_many_rows_are_written() {
    let rows = crate::config::times(4_000, 100_000);
    let mut world = world_on(today());
    // Spread over all accounts, the last of them in the first: one answer may be too long to read.
    let mut accounts: Vec<_> = world.accounts_mut().collect();
    for nth in 0..rows {
        let day = today() - chrono::Days::new(u64::from(nth % 28));
        let account = (rows - 1 - nth) as usize % accounts.len();
        accounts[account].add_row_on(day, "-1.00", &format!("SHOP {nth}"));
    }
    let home = Home::in_memory(world);
    let settings = "refresh = \"never\"\n[schedule]\nevery = \"1h\"\n";
    home.configure_with(settings, &families(&home, &["smith", "jones"]));
    let mut service = Service::begin(&home, &["run"], &[("WATCHDOG_USEC", "3000000")]);
    service.until_said("READY=1");
    let begun = Instant::now();
    let last = format!("SHOP {}", rows - 1);
    let written = || {
        let year = today().format("%Y").to_string();
        let path = home.path(&format!("bank/smith/checking/{year}.ledger"));
        let older = home.path(&format!(
            "bank/smith/checking/{}.ledger",
            year.parse::<i32>().expect("a year") - 1
        ));
        [path, older]
            .iter()
            .any(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains(&last)))
    };
    while !written() {
        assert!(begun.elapsed() < Duration::from_mins(5), "{}", service.log());
        sleep(Duration::from_millis(50));
    }
    let fed = service.count("WATCHDOG=1");
    while service.count("WATCHDOG=1") < fed.max(1) + 1 {
        assert!(begun.elapsed() < Duration::from_mins(5), "{}", service.log());
        sleep(Duration::from_millis(50));
    }
    let gap = longest_gap(&service);
    println!("{rows} rows in {:?}, fed every {gap:?} at most", begun.elapsed());
    assert!(gap < Duration::from_millis(1500), "{gap:?}");
    assert!(home.bank.count(Endpoint::Transactions) > 0);
}

#[test]
fn every_reload_is_told_to_the_service_manager() {
    let home = home("every = \"1h\"");
    let mut service = Service::start(&home);
    service.until_said("STATUS=");
    let good = home.read("sophtron-sync.toml");
    let texts = [
        good.replace("1h", "2h"),
        good.replace("every", "evry"),
        good.replace("1h", "2h"),
        good.replace("1h", "2h"),
    ];
    for (nth, text) in texts.into_iter().enumerate() {
        let (reloads, readies) = (service.count("RELOADING=1"), service.count("READY=1"));
        home.write("sophtron-sync.toml", &text);
        until_reloaded(&mut service, reloads, readies, &format!("edit {nth}"));
        let (reloads, readies) = (service.count("RELOADING=1"), service.count("READY=1"));
        service.signal(Signal::HUP);
        until_reloaded(&mut service, reloads, readies, &format!("signal {nth}"));
    }
    let words: Vec<String> = service.heard().into_iter().map(|(_, text)| text).collect();
    let refused = words.iter().filter(|text| text.contains("sophtron-sync.toml:7: "));
    assert!(refused.count() > 0, "{words:?}");
    assert!(!words.last().expect("some").contains("not in force"), "{words:?}");
    assert_eq!(service.log().matches("evry").count(), 1, "told once: {}", service.log());
}

/// Waits until a reload more was told, and after it that it is over.
fn until_reloaded(service: &mut Service, reloads: usize, readies: usize, what: &str) {
    let begun = Instant::now();
    loop {
        let heard = service.heard();
        let last = |word: &str| heard.iter().rposition(|(_, text)| text.starts_with(word));
        let more = service.count("RELOADING=1") > reloads && service.count("READY=1") > readies;
        if more && last("READY=1") > last("RELOADING=1") {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{what}: {heard:?}");
        sleep(Duration::from_millis(5));
    }
}
