//! The real program at a real terminal: what is typed does not show, and a kill leaves one login.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::bank::Endpoint;
use crate::daemon::process::today;
use crate::home::Home;
use crate::terminal::Terminal;

use super::{LOGIN_NAME, PASSWORD, beside, connect, keeps_secrets, logins, test_banks};

const QUESTION: &str = "Sophtron Bank SecurityQuestion";

fn home() -> Home {
    beside(test_banks(today()))
}

fn begin(home: &Home) -> Terminal {
    let mut terminal = Terminal::start(home, "", &["connect", "smith", QUESTION], &[]);
    terminal.answer("User name", &format!("{LOGIN_NAME}\r"));
    terminal.answer("Password", &format!("{PASSWORD}\r"));
    terminal
}

#[test]
fn a_bank_is_connected_with_keystrokes_and_no_secret_is_shown() {
    let home = home();
    let mut terminal = begin(&home);
    terminal.answer("your pet's name?", "asdf\r");
    terminal.shows("is connected: login");
    for name in ["Primary Checking", "Rewards Card", "Savings", "Investment"] {
        terminal.answer(&format!("Link {name}"), "\r");
    }
    terminal.answer("Link Life Insurance", "n\r");
    terminal.ends_with(0);
    assert!(terminal.is_as_before());
    let seen = terminal.seen();
    assert!(!seen.contains(PASSWORD) && !seen.contains("asdf"), "{seen}");
    assert!(seen.contains("sophtron-sync link smith "), "{seen}");
    let config = home.read("sophtron-sync.toml");
    assert_eq!(config.matches("[[family.account]]").count(), 4, "{config}");
    assert_eq!((logins(&home).len(), home.bank.violations().len()), (1, 0));
}

#[test]
fn a_program_killed_in_the_middle_leaves_one_login_at_the_next_try() {
    for (endpoint, times) in [
        (Endpoint::CreateWithRefresh, 1),
        (Endpoint::Job, 1),
        (Endpoint::SecurityAnswer, 1),
        (Endpoint::Accounts, 1),
    ] {
        let home = home();
        let calls = home.bank.watch();
        let mut terminal = begin(&home);
        if [Endpoint::SecurityAnswer, Endpoint::Accounts].contains(&endpoint) {
            terminal.answer("your pet's name?", "asdf\r");
        }
        let mut seen = 0;
        while seen < times {
            let call = calls.recv_timeout(Duration::from_secs(20)).expect("it calls");
            seen += usize::from(call.endpoint == Some(endpoint));
        }
        let id = i32::try_from(terminal.id()).expect("an id");
        kill_process(Pid::from_raw(id).expect("an id"), Signal::KILL).expect("sent");
        assert_eq!(terminal.ends().code(), None, "{endpoint:?}: it was over before");
        let next = connect(&home, QUESTION);
        // Killed as the bank was through, it is connected; what is left is to link.
        let through = endpoint == Endpoint::Accounts && next.code == 2;
        assert!(next.code == 0 || through, "{endpoint:?}: {}", next.err);
        assert_eq!(logins(&home).len(), 1, "{endpoint:?}");
        assert_eq!(home.bank.violations(), [""; 0], "{endpoint:?}");
        keeps_secrets(&home, &[&next]);
    }
}
