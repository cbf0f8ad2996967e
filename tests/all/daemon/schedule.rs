//! What is asked when, and that nothing moves the plan.

use chrono::TimeDelta;

use sophtron_sync::daemon::signals::Signal;

use super::{calls, home, started};
use crate::bank::{self, Shown};

#[test]
fn nothing_is_asked_before_it_is_due_and_news_come_with_the_tick() {
    let home = home("every = \"1h\"\njitter = \"0s\"");
    let daemon = started(&home);
    home.bank.edit(|world| {
        for account in world.accounts_mut() {
            account.add_row("2026-03-05", "-3.00", "NEWS").shown(Shown::Now);
        }
        world.reveal_until(bank::day("2026-03-05"));
    });
    home.bank.forget_calls();
    daemon.pass(TimeDelta::minutes(59));
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(calls(&home), 0, "before it is due");
    daemon.pass(TimeDelta::minutes(1));
    daemon.until("the news are in the files", || {
        home.read("bank/smith/checking/2026.ledger").contains("NEWS")
    });
    let (end, _) = daemon.stop();
    assert_eq!(end.expect("a good end").code(), 0);
}

#[test]
fn a_signal_syncs_now_and_the_next_round_counts_from_it() {
    let home = home("every = \"1h\"\njitter = \"0s\"");
    let daemon = started(&home);
    daemon.pass(TimeDelta::minutes(30));
    daemon.signal(Signal::SyncNow);
    daemon.until("each login's list was read", || calls(&home) >= 2);
    daemon.pass(TimeDelta::minutes(40));
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(calls(&home), 2, "an hour after the first round nothing is due");
    daemon.pass(TimeDelta::minutes(20));
    daemon.until("the next round came", || calls(&home) >= 4);
}
