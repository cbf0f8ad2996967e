//! What the owner types is nowhere in the daemon once the bank is connected.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use rustix::process::Signal;

use crate::bank::{Challenge, Json, Poll, Story};
use crate::daemon::process::{Service, today};

use super::{
    ANSWERS, LOGIN_NAME, NO_MFA, PASSWORD, beside, connect, keeps_secrets, logins, test_banks,
};

/// What a process shows of itself from outside: how it was started, and its memory, where this user
/// may see that.
fn shown(id: u32) -> Vec<(String, Vec<u8>)> {
    let place = |name: &str| format!("/proc/{id}/{name}");
    let mut all = Vec::new();
    for name in ["cmdline", "environ", "comm"] {
        all.push((name.to_owned(), std::fs::read(place(name)).unwrap_or_default()));
    }
    let maps = std::fs::read_to_string(place("maps")).unwrap_or_default();
    let Ok(memory) = File::open(place("mem")) else {
        println!("this user may not read the memory of the daemon");
        return all;
    };
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, until) = line.split_once(' ').expect("a line").0.split_once('-').expect("two");
        let number = |text| u64::from_str_radix(text, 16).expect("a number");
        let length = usize::try_from(number(until) - number(from)).expect("in memory");
        let mut bytes = vec![0; length];
        if memory.read_exact_at(&mut bytes, number(from)).is_ok() {
            all.push((line.to_owned(), bytes));
        }
    }
    all
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|part| part.eq_ignore_ascii_case(secret.as_bytes()))
}

#[test]
fn nothing_that_was_typed_stays_in_the_daemon() {
    let home = beside(test_banks(today()));
    let mut service = Service::begin(&home, &["-vvv", "run"], &[("RUST_LOG", "trace")]);
    service.until_said("READY=1");
    let ran = connect(&home, "Sophtron Bank").ends_with(0);
    home.run(&["status"]).ends_with(0);
    let shown = shown(service.id());
    let sees = |text: &str| shown.iter().any(|(_, bytes)| holds(bytes, text));
    assert!(sees(&home.bank.base_url()) || shown.len() == 3, "it looks where texts are");
    for secret in [LOGIN_NAME, PASSWORD, "asdfg"] {
        for (place, bytes) in &shown {
            assert!(!holds(bytes, secret), "{secret} is in {place}");
        }
    }
    let log = service.log();
    assert!(log.contains("CreateUserInstitutionWithRefresh"), "it logs what it asks: {log}");
    for secret in [LOGIN_NAME, PASSWORD, "asdfg"] {
        assert!(!holds(log.as_bytes(), secret), "{secret} is in the log");
    }
    service.end_by(Signal::TERM);
    keeps_secrets(&home, &[&ran]);
}

/// A bank that repeats what was typed when it fails, in the words that it has for its customer.
#[test]
fn what_the_bank_repeats_of_what_was_typed_is_not_told() {
    for typed in [LOGIN_NAME, PASSWORD, "asdfg"] {
        let home = beside(test_banks(today()));
        let story = |step: &str| {
            let failed = Poll { step: Json::text(step), ..Poll::failed("Error") };
            let words = format!("{} is not what we know", typed.to_uppercase());
            Story::told([Poll::asks(Challenge::code("Token")), failed.saying(&words)])
        };
        home.bank.edit(|world| world.branch_mut(NO_MFA).job = story("TransactionTable"));
        let mut service = Service::begin(&home, &["-vvv", "run"], &[("RUST_LOG", "trace")]);
        service.until_said("READY=1");
        let first = connect(&home, NO_MFA).ends_with(1);
        assert!(first.err.contains("an answer may have been wrong"), "{}", first.err);
        let login = logins(&home).remove(0);
        home.bank.edit(|world| world.login_mut(&login).refresh = story("LogInPanel"));
        let args = ["connect", "smith", &login, "--update"];
        let second = home.run_answering(&args, &ANSWERS).ends_with(1);
        assert!(second.err.contains("refused the login, or an answer"), "{}", second.err);
        let status = home.run(&["status"]).ends_with(0);
        service.end_by(Signal::TERM);
        assert!(!holds(service.log().as_bytes(), typed), "{typed} is in the log");
        keeps_secrets(&home, &[&first, &second, &status]);
    }
}
