//! What it costs while nothing is due.

use std::thread::sleep;
use std::time::Duration;

use super::process::{Service, today};
use super::{calls, families, has_rounds};
use crate::bank::World;
use crate::config::times;
use crate::home::Home;

const FAMILIES: [&str; 5] = ["smith", "jones", "brown", "tremblay", "roy"];

/// Five families with ten accounts each.
fn home() -> Home {
    let mut world = World::new(today());
    for name in FAMILIES {
        let login = world.add_user(name).add_login("Sandbox Bank");
        for nth in 0..10 {
            let account = login.add_account(&format!("Account {nth}"));
            account.opening("100.00");
            for day in 1..20 {
                account.add_row_on(today() - chrono::Days::new(day), "-1.00", "SHOP");
            }
        }
    }
    let home = Home::in_memory(world);
    let settings = "refresh = \"never\"\n[schedule]\nevery = \"6h\"\n";
    home.configure_with(settings, &families(&home, &FAMILIES));
    home
}

#[test]
fn an_idle_daemon_sleeps_and_is_small() {
    let home = home();
    let mut service = Service::begin(&home, &["run"], &[("WATCHDOG_USEC", "600000000")]);
    service.until("the first round is over", || has_rounds(&home, &FAMILIES));
    service.until_said("STATUS=50 accounts, oldest data");
    // Threads that waited for more to do end after ten seconds.
    sleep(Duration::from_secs(times(2, 15).into()));
    home.bank.forget_calls();
    let (minutes, naps) = (u64::from(times(0, 2)), service.naps());
    sleep(Duration::from_secs(if minutes == 0 { 3 } else { minutes * 60 }));
    let naps = service.naps() - naps;
    let figures = ["VmRSS", "VmHWM", "RssAnon", "RssFile", "Threads"];
    println!(
        "{naps} naps in {minutes} min; {:?}",
        figures.map(|name| (name, service.figure(name)))
    );
    assert_eq!(calls(&home), 0);
    // The pages of the program itself come on top: few where it is optimised.
    assert!(service.figure("RssAnon") < 10 * 1024, "{} KiB", service.figure("RssAnon"));
    // Threads that end come on top in a plain run.
    assert!(naps <= if minutes == 0 { 10 } else { minutes }, "{naps} naps");
}
