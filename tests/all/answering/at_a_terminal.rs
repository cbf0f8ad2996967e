//! `answer` typed at a real terminal, by the real program.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};

use super::{heard, pairs, story};
use crate::bank::Challenge;
use crate::daemon::process::{Service, today};
use crate::home::Home;
use crate::jobs::{due_on, started};
use crate::terminal::Terminal;

fn picture() -> Challenge {
    Challenge::picture("iVBORw0KGgo=").answered_by("wOrd 1")
}

fn begin(home: &Home) -> Terminal {
    let pictures = home.path("pictures").display().to_string();
    std::fs::create_dir_all(&pictures).expect("a folder");
    let env = [("XDG_RUNTIME_DIR", pictures.as_str()), ("NO_COLOR", "1")];
    Terminal::start(home, "", &["answer"], &env)
}

/// Waits until a picture is asked about, and gives its file, which is there for its owner alone.
fn file(home: &Home, terminal: &mut Terminal) -> PathBuf {
    terminal.shows("The picture is in ");
    terminal.shows("what the picture shows");
    let mut files = std::fs::read_dir(home.path("pictures")).expect("a folder");
    let file = files.next().expect("a picture").expect("it").path();
    assert!(files.next().is_none() && terminal.seen().contains(file.to_str().expect("text")));
    assert_eq!(std::fs::read(&file).expect("there"), b"\x89PNG\r\n\x1a\n");
    let mode = std::fs::metadata(&file).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    file
}

#[test]
fn every_kind_is_typed_beside_a_daemon_and_no_secret_is_shown() {
    let asked = [
        Challenge::questions("['First pet?']"),
        Challenge::ways("['Mail', 'Text •• 17 ']", &["Mail", "Text •• 17 "]),
        Challenge::code("Token"),
        Challenge::approval("47 11"),
        picture(),
    ];
    let home = due_on(today(), story(asked));
    let mut daemon = Service::start(&home);
    daemon.until("the bank waits", || {
        home.run(&["status", "--json"]).out.contains("\"state\":\"waiting\"")
    });
    let mut terminal = begin(&home);
    terminal.answer("Sandbox Bank: First pet? (not shown):", "Rex the 5th\r");
    terminal.answer("Sandbox Bank sends a code", "\u{1b}[B\r");
    terminal.answer("the code that it sent (not shown):", " 0417\r");
    terminal.answer("Sandbox Bank says: 47 11. Is it done", "\r");
    let file = file(&home, &mut terminal);
    terminal.types("wOrd 1\r");
    terminal.ends_with(0);
    let told = [
        ("SecurityAnswer", "[\"Rex the 5th\"]"),
        ("TokenChoice", "Text •• 17 "),
        ("TokenInput", " 0417"),
        ("VerifyPhoneFlag", "true"),
        ("CaptchaInput", "wOrd 1"),
    ];
    assert_eq!((heard(&home), started(&home)), (pairs(&told), 1));
    let seen = terminal.seen();
    assert!(!seen.contains("Rex") && !seen.contains("0417"), "{seen}");
    assert!(seen.contains("smith/checking: the bank has its answers."), "{seen}");
    assert!(terminal.is_as_before() && !file.exists());
}

#[test]
fn who_leaves_at_a_picture_leaves_no_file_and_the_bank_waits_on() {
    let home = due_on(today(), story([picture()]));
    home.run(&["sync"]).ends_with(77);
    let leaves: [fn(&mut Terminal); 2] = [
        |terminal| terminal.types("\u{3}"),
        |terminal| {
            let id = i32::try_from(terminal.id()).expect("an id");
            kill_process(Pid::from_raw(id).expect("an id"), Signal::TERM).expect("sent");
        },
    ];
    for leave in leaves {
        let mut terminal = begin(&home);
        let shown = file(&home, &mut terminal);
        leave(&mut terminal);
        let ended = terminal.ends();
        assert!(ended.signal().is_some() || ended.code() == Some(77), "{ended:?}");
        assert!(terminal.is_as_before() && !shown.exists());
        assert_eq!(heard(&home), []);
    }
    let mut terminal = begin(&home);
    file(&home, &mut terminal);
    terminal.types("wOrd 1\r");
    terminal.ends_with(0);
    let lines = terminal.lines();
    assert!(
        lines.iter().any(|line| line == "smith/checking: the bank has its answers."),
        "{lines:?}"
    );
    assert_eq!((heard(&home).len(), started(&home)), (1, 1));
}
