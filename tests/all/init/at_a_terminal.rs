//! `init` typed at a real terminal, by the real program.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{everything, pair, three_accounts};
use crate::bank::{Endpoint, Fault, Transport};
use crate::daemon::process::today;
use crate::home::Home;
use crate::terminal::Terminal;

/// A home as a new user has it, in a folder of its own, with nothing in it.
struct New {
    home: Home,
    user_id: String,
    key: String,
}

impl New {
    fn begin() -> Self {
        let home = Home::beside(three_accounts(today()));
        std::fs::remove_file(home.path("identity.txt")).expect("a test's own");
        let (user_id, key) = pair(&home);
        Self { home, user_id, key }
    }

    /// Starts a command at a terminal. Root's would go to /etc.
    fn terminal(&self, args: &[&str]) -> Terminal {
        let config = self.home.path(super::CONFIG).display().to_string();
        let env = [("SOPHTRON_SYNC_CONFIG", &*config), ("USER", "smith"), ("NO_COLOR", "1")];
        Terminal::start(&self.home, "", args, &env)
    }

    fn init(&self) -> Terminal {
        self.terminal(&["init", "--base-url", &self.home.bank.base_url()])
    }

    /// Neither secret was ever on the screen.
    fn hid(&self, terminal: &Terminal) {
        let seen = terminal.seen();
        assert!(!seen.contains(&self.user_id) && !seen.contains(&self.key), "{seen}");
        // Nor a part of it.
        assert!(!seen.contains(&self.key[..8]) && !seen.contains(&self.user_id[..8]), "{seen}");
    }

    /// What is typed for each question, Enter nearly everywhere.
    fn answers(&self) -> [(&'static str, String); 8] {
        let enter = || "\r".to_owned();
        [
            ("Name of the family, for ever [smith]:", enter()),
            ("Sophtron user id (not shown):", format!("{}\r", self.user_id)),
            ("Sophtron access key (not shown):", format!("{}\r", self.key)),
            ("Take these names, types and ledger accounts? [Y/n]", enter()),
            ("Where do the files go", enter()),
            ("From which day on [", enter()),
            ("in a journal of yours already:", enter()),
            // What is owed is what the owner says it is.
            ("is at 840.55 USD:", "\u{1b}[B\r".to_owned()),
        ]
    }
}

#[test]
fn an_empty_home_becomes_synced_files_with_the_true_balances() {
    let new = New::begin();
    let mut terminal = new.init();
    let answers = new.answers();
    assert!(answers.len() <= 15);
    for (question, keys) in &answers {
        terminal.answer(question, keys);
    }
    // No question more was asked.
    terminal.shows("  sophtron-sync sync\r\n");
    terminal.ends_with(0);
    assert!(terminal.is_as_before());
    new.hid(&terminal);
    let lines = terminal.lines();
    let wide = |line: &&String| {
        line.chars().count() > 80 && !line.contains(&new.home.folder.path().display().to_string())
    };
    assert_eq!(lines.iter().find(wide), None);
    let seen = terminal.seen();
    let colours = seen.split("\u{1b}[").skip(1).filter(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
    });
    assert_eq!(colours.count(), 0, "{seen}");

    let mut sync = new.terminal(&["sync"]);
    sync.ends_with(0);
    let files = new.home.read("finance/bank/accounts.csv");
    for balance in ["1231.60", "5012.50", "-840.55"] {
        assert!(files.contains(&format!(",{balance},")), "{balance} in {files}");
    }
    let asserted = new.home.read("finance/bank/smith/assertions.journal");
    assert!(asserted.contains("-840.55"), "{asserted}");
    let mut status = new.terminal(&["status"]);
    status.shows("all is well; 3 accounts");
}

/// As from a clipboard that holds all of it, before most of it is asked for.
#[test]
fn what_is_typed_ahead_is_taken_and_never_shown() {
    let new = New::begin();
    let mut terminal = new.init();
    terminal.shows("Name of the family");
    let all: String = new.answers().map(|(_, keys)| keys).concat();
    terminal.types(&all);
    terminal.shows("  sophtron-sync sync\r\n");
    terminal.ends_with(0);
    new.hid(&terminal);
    assert!(new.home.read(super::CONFIG).contains("balance_sign = \"owed\""));
    // The same where lines end otherwise, and beside a question that is left by a `y`.
    let new = New::begin();
    let mut terminal = new.init();
    terminal.shows("Name of the family");
    let typed = format!("smith\n{}\n{}\ny\n\n\n\n\n", new.user_id, new.key);
    terminal.types(&typed);
    terminal.shows("  sophtron-sync sync\r\n");
    terminal.ends_with(0);
    new.hid(&terminal);
}

#[test]
fn ctrl_c_at_each_question_leaves_nothing_and_the_terminal_as_it_was() {
    let new = New::begin();
    let before = everything(&new.home);
    let answers = new.answers();
    for left in 0..answers.len() {
        let mut terminal = new.init();
        for (question, keys) in &answers[..left] {
            terminal.answer(question, keys);
        }
        // A secret that is half typed then is not given to the shell either.
        terminal.answer(answers[left].0, &new.key[..12]);
        terminal.types("\u{3}");
        let ended = terminal.ends();
        assert_eq!(ended.signal(), Some(Signal::INT.as_raw()), "at {}", answers[left].0);
        assert!(terminal.is_as_before(), "at {}", answers[left].0);
        assert_eq!(everything(&new.home), before, "at {}", answers[left].0);
    }
}

#[test]
fn whoever_ends_it_from_outside_gets_the_terminal_back_too() {
    let new = New::begin();
    let before = everything(&new.home);
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::KILL] {
        for questions in [1, 2, 4] {
            let mut terminal = new.init();
            let answers = new.answers();
            for (question, keys) in &answers[..questions - 1] {
                terminal.answer(question, keys);
            }
            terminal.shows(answers[questions - 1].0);
            let id = i32::try_from(terminal.id()).expect("an id");
            kill_process(Pid::from_raw(id).expect("an id"), signal).expect("sent");
            assert_eq!(terminal.ends().signal(), Some(signal.as_raw()));
            // Nobody can tidy up after that one.
            let is_tidy = signal == Signal::KILL || terminal.is_as_before();
            assert!(is_tidy, "{signal:?} at question {questions}");
            assert_eq!(everything(&new.home), before);
        }
    }
}

#[test]
fn ctrl_c_while_the_service_is_asked_ends_it_too() {
    let new = New::begin();
    let before = everything(&new.home);
    new.home.bank.edit(|world| {
        let slow = Transport::SlowHead(Duration::from_secs(30));
        world.fault(Fault::Transport(slow)).on(Endpoint::Logins);
    });
    let calls = new.home.bank.watch();
    let mut terminal = new.init();
    for (question, keys) in &new.answers()[..3] {
        terminal.answer(question, keys);
    }
    terminal.shows("Asking the service");
    for _ in 0..2 {
        calls.recv_timeout(Duration::from_secs(20)).expect("it calls");
    }
    // What is typed meanwhile is not shown either.
    terminal.types(&new.key);
    terminal.types("\u{3}");
    assert_eq!(terminal.ends().signal(), Some(Signal::INT.as_raw()));
    assert!(terminal.is_as_before());
    new.hid(&terminal);
    assert_eq!(everything(&new.home), before);
}

#[test]
fn a_wrong_key_may_be_typed_again_three_times_in_all() {
    let new = New::begin();
    let before = everything(&new.home);
    let mut terminal = new.init();
    terminal.answer("Name of the family", "\r");
    for left in [2, 1, 0] {
        terminal.answer("user id (not shown):", &format!("{}\r", new.user_id));
        terminal.answer("access key (not shown):", "bm90IHRoZSByaWdodCBrZXk=\r");
        terminal.shows("error: the service refused the credentials (401)");
        if left == 1 {
            // What is no key at all is told without asking.
            let calls = new.home.bank.calls().len();
            terminal.answer("user id (not shown):", "me\r");
            terminal.answer("access key (not shown):", "secret\r");
            terminal.shows("access_key is not base64");
            assert_eq!(new.home.bank.calls().len(), calls);
            break;
        }
    }
    terminal.ends_with(77);
    assert!(terminal.is_as_before());
    assert_eq!(everything(&new.home), before);
    let seen = terminal.seen();
    assert!(!seen.contains("bm90IHRo") && !seen.contains("secret"), "{seen}");
}

#[test]
fn credentials_are_set_at_a_terminal_without_being_shown() {
    let new = New::begin();
    let mut terminal = new.init();
    for (question, keys) in new.answers() {
        terminal.answer(question, &keys);
    }
    terminal.ends_with(0);
    let mut set = new.terminal(&["credentials", "set", "smith"]);
    set.shows("user id (not shown):");
    // Both lines at once, as they are copied.
    set.types(&format!("{}\n{}\n", new.user_id, new.key));
    set.shows("Next: sophtron-sync credentials check smith");
    set.ends_with(0);
    new.hid(&set);
    assert!(set.is_as_before());
    let mut check = new.terminal(&["credentials", "check"]);
    check.shows("the service accepts these credentials");
}
