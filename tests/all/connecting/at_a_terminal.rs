//! The real program at a real terminal: what is typed does not show, and a kill leaves one login.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::bank::Endpoint;
use crate::daemon::process::today;
use crate::home::Home;
use crate::terminal::Terminal;

use super::{
    ANSWERS, LOGIN_NAME, PASSWORD, beside, connect, created, keeps_secrets, logins, test_banks,
};

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

/// However he leaves, at a question: `status` tells that the bank waits, and `answer` goes on.
#[test]
fn who_leaves_at_a_question_goes_on_by_answer() {
    let leaves: [fn(&mut Terminal); 2] = [
        |terminal| terminal.types("\u{3}"),
        |terminal| {
            let id = i32::try_from(terminal.id()).expect("an id");
            kill_process(Pid::from_raw(id).expect("an id"), Signal::KILL).expect("sent");
        },
    ];
    for leave in leaves {
        let home = home();
        let mut terminal = begin(&home);
        terminal.shows("If you leave before it is through, go on with:");
        terminal.shows("your pet's name?");
        leave(&mut terminal);
        assert_ne!(terminal.ends().code(), Some(0));
        let command = format!("sophtron-sync answer smith/{}", logins(&home)[0]);
        assert!(terminal.seen().contains(&command), "{}", terminal.seen());
        let told = format!("  {QUESTION} waits for an answer\n      -> {command}\n");
        let status = home.run(&["status"]).ends_with(0).out;
        assert!(status.contains(&told), "{status}");
        assert!(status.starts_with("1 bank waits for an answer; no daemon runs\n"), "{status}");
        let json = home.run(&["status", "--json"]).ends_with(0).json();
        assert_eq!(json["families"][0].as_object().map(serde_json::Map::len), Some(3), "{json}");
        let answered = home.run_answering(&["answer"], &ANSWERS).ends_with(0);
        assert!(answered.out.contains("the bank has its answers."), "{}", answered.out);
        assert!(!home.run(&["status"]).ends_with(0).out.contains("waits for an answer"));
        let next = connect(&home, QUESTION).ends_with(0);
        assert_eq!(next.out.matches("is linked in").count(), 5, "{}", next.out);
        assert_eq!((created(&home), logins(&home).len()), (1, 1));
        assert_eq!(home.bank.violations(), [""; 0]);
    }
}
