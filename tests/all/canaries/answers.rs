//! What an owner answers his bank: in no file, log, argument or environment at any time, and in the
//! memory of a daemon only until the job has ended.

use std::fs::File;
use std::io::BufRead as _;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use sophtron_sync::domain::Question;

use super::{LOGS, Watched, canaries, forms, look, look_below, watched};
use crate::bank::{Challenge, Lingers, Poll, Shown, Story};
use crate::daemon::process::Service;

/// What is typed, to a security question, for a code, for a picture.
const ANSWERS: [&str; 3] = ["Canary-Rex-0xB17D", "canary-code-884217", "CaNaRyPiCtUrE77"];

/// A bank that asks three things, goes on showing the answers, and ends like this.
fn asking(end: Poll) -> Story {
    let asked = [
        Challenge::questions("['First pet?']"),
        Challenge::code("Token"),
        Challenge::picture("iVBORw0KGgo="),
    ];
    let asked = asked.map(|asked| Poll::asks(asked.lingering(Lingers::WithAnswer)));
    Story::told(asked.into_iter().chain([Poll::running(), end]))
}

/// A home whose bank is due to be asked, with the answers among what must not be seen.
fn due(end: Poll) -> Watched {
    let mut watched = watched();
    watched.home.bank.edit(|world| {
        world.users[0].logins[0].refresh = asking(end);
        for account in world.accounts_mut() {
            account.copied = account.copied - chrono::Days::new(2);
            account.add_row_on(account.copied, "-1.00", "FRESH").shown(Shown::AfterRefresh);
        }
    });
    for answer in ANSWERS {
        let bytes = answer.as_bytes();
        let all = forms(bytes).chain([bytes.to_vec()]);
        watched.canaries.extend(all.map(|form| ("an answer".to_owned(), super::as_text(&form))));
    }
    assert!(watched.canaries.len() > canaries().len());
    watched
}

fn heard(watched: &Watched) -> String {
    watched.home.bank.edit(|world| format!("{:?}", world.jobs[0].heard))
}

#[test]
fn no_answer_is_said_written_or_shown() {
    let watched = due(Poll::done());
    watched.run_logging(LOGS[1], &["sync"], "", 77);
    for (answer, code) in ANSWERS.into_iter().zip([77, 77, 0]) {
        let line = format!("{answer}\n");
        watched.run_logging(LOGS[1], &["answer", "--code", "-"], &line, code);
        assert!(heard(&watched).contains(answer));
    }
    watched.run(&["status", "--json"], 0);
    assert!(watched.home.read("bank/accounts.csv").contains("checking"));
}

/// A bank that repeats an answer when it fails, be it one of another run of the program.
#[test]
fn no_answer_that_the_bank_repeats_is_said_written_or_shown() {
    for repeated in ANSWERS {
        let watched = due(Poll::failed("Error").saying(&format!("{repeated} was wrong")));
        watched.run_logging(LOGS[1], &["sync"], "", 77);
        for (answer, code) in ANSWERS.into_iter().zip([77, 77, 1]) {
            let line = format!("{answer}\n");
            watched.run_logging(LOGS[1], &["answer", "--code", "-"], &line, code);
        }
        let said = watched.home.read("stderr");
        assert!(said.contains("an answer may have been wrong"), "{said}");
        watched.run_logging(LOGS[0], &["status", "-v"], "", 0);
    }
}

/// How often one of these texts stands in the memory of a process.
fn in_memory(process: u32, texts: &[&str]) -> Vec<(String, String)> {
    let folder = format!("/proc/{process}");
    let maps = std::fs::read_to_string(format!("{folder}/maps")).expect("its maps");
    let memory = File::open(format!("{folder}/mem")).expect("root reads it");
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, mode) = (words.next().expect("a range"), words.next().expect("a mode"));
        let place = words.nth(3).unwrap_or("memory without a name");
        if !mode.starts_with('r') || place.starts_with("[v") {
            continue;
        }
        let (from, to) = range.split_once('-').expect("two ends");
        let end = |text: &str| u64::from_str_radix(text, 16).expect("an address");
        let mut bytes = vec![0; usize::try_from(end(to) - end(from)).expect("it fits")];
        // A mapping may have gone meanwhile.
        let length = memory.read_at(&mut bytes, end(from)).unwrap_or_default();
        for text in texts.iter().filter(|text| holds(&bytes[..length], text.as_bytes())) {
            found.push(((*text).to_owned(), format!("{place} {range}")));
        }
    }
    found
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    let (mut rest, mut behind) = (bytes, 0);
    loop {
        // The library's own search: memory is large, and tests are slow.
        match rest.skip_until(text[0]).expect("memory reads") {
            0 => return false,
            length => behind += length,
        }
        if bytes[behind - 1..].starts_with(text) {
            return true;
        }
    }
}

/// A daemon of its own process: each answer is in its memory while the bank is told, which shows
/// that this test can see it there; none is once the job has ended.
#[test]
fn a_daemon_forgets_every_answer() {
    if !rustix::process::geteuid().is_root() {
        return println!("only root may read the memory of another process");
    }
    let watched = due(Poll::done());
    let home = &watched.home;
    let mut daemon = Service::begin(home, &["-vvv", "run"], &[("RUST_LOG", "trace")]);
    daemon.until_said("READY=1");
    daemon.until("the bank waits", || {
        home.run(&["status", "--json"]).out.contains("\"state\":\"waiting\"")
    });
    assert_eq!(in_memory(daemon.id(), &ANSWERS), []);
    let (tells, typed) = mpsc::channel();
    let (lets, go) = mpsc::channel();
    let mut answers = ANSWERS.into_iter();
    let ask = move |_: &Question| {
        let answer = answers.next().expect("three questions");
        tells.send(answer).expect("the test listens");
        go.recv().expect("the test lets it");
        Ok(SecretString::from(answer))
    };
    let seen = std::thread::scope(|scope| {
        let client = scope.spawn(|| home.run_asking(&["answer"], Box::new(ask)));
        let mut seen = Vec::new();
        for answer in typed {
            // The bank says nothing as long as it is looked at.
            home.bank.edit(|_| {
                lets.send(()).expect("the client waits");
                let (begun, mut is_there) = (Instant::now(), false);
                while !is_there && begun.elapsed() < Duration::from_secs(10) {
                    is_there = !in_memory(daemon.id(), &[answer]).is_empty();
                }
                seen.extend(is_there.then_some(answer));
            });
            watched.look_around();
        }
        client.join().expect("no panic").ends_with(0);
        seen
    });
    assert_eq!(seen, ANSWERS, "what is in flight is seen, else nothing is proved");
    // The connection to the bank is closed beside the end of the command.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(2) && !in_memory(daemon.id(), &ANSWERS).is_empty() {
    }
    assert_eq!(in_memory(daemon.id(), &ANSWERS), []);
    for answer in ANSWERS {
        assert!(heard(&watched).contains(answer));
    }
    look("its log", daemon.log().as_bytes(), &watched.canaries);
    assert!(daemon.log().contains("UpdateJobTokenInput"), "{}", daemon.log());
    for name in ["cmdline", "environ"] {
        let path = format!("/proc/{}/{name}", daemon.id());
        look(name, &std::fs::read(path).expect("root reads it"), &watched.canaries);
    }
    assert!(look_below(Path::new(&home.path("state")), &watched.canaries) > 0);
}
