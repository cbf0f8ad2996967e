//! While somebody is asked, the daemon goes on; and whoever goes away in the middle can come back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::SecretString;
use sophtron_sync::domain::{NotAsked, Question};

use super::{heard, of_jobs, pairs, story, waiting, waiting_beside};
use crate::bank::{self, Challenge, Endpoint, Fault, Lingers, Transport, World, family_toml};
use crate::daemon::live::Daemon;
use crate::home::{Home, Ran};
use crate::jobs::{is_fresh, started, status};

fn code() -> Challenge {
    Challenge::code("Token").answered_by("0417")
}

/// Somebody at a terminal, who tells when he is asked, and types when he is told to.
struct Typist {
    asked: mpsc::Receiver<Question>,
    types: mpsc::Sender<&'static str>,
}

impl Typist {
    /// Runs a command with him, while the test goes on; gives how it ended.
    fn during(home: &Home, args: &[&str], work: impl FnOnce(&Self)) -> Ran {
        let (ask, asked) = mpsc::channel();
        let (types, keys) = mpsc::channel::<&'static str>();
        std::thread::scope(|scope| {
            let command = scope.spawn(move || {
                let ask = move |question: &Question| {
                    ask.send(question.clone()).expect("he sits there");
                    keys.recv().map(SecretString::from).map_err(|_| NotAsked::Ended)
                };
                home.run_asking(args, Box::new(ask))
            });
            work(&Self { asked, types });
            command.join().expect("no panic")
        })
    }

    fn is_asked(&self) -> Question {
        self.asked.recv_timeout(Duration::from_secs(20)).expect("he is asked")
    }

    fn types(&self, typed: &'static str) {
        self.types.send(typed).expect("somebody reads it");
    }
}

/// Two families; one has a login that asks and one that does not.
fn households() -> Home {
    let today = bank::day("2026-03-05");
    let mut world = World::new(today - chrono::Days::new(1));
    for (family, banks) in [("smith", &["Asking", "Quiet"][..]), ("jones", &["Other"])] {
        let user = world.add_user(family);
        for bank in banks {
            let login = user.add_login(bank);
            login.add_account(bank).opening("10.00").add_row_on(today, "-1.00", "SHOP");
            if *bank == "Asking" {
                login.refresh = story([code()]);
            }
        }
    }
    let mut home = Home::in_memory(world);
    let (url, start) = (home.bank.base_url(), today - chrono::Days::new(30));
    let families = home.bank.edit(|world| {
        let one = |name| family_toml(world.user(name), &url, start);
        format!("{}\n{}", one("smith"), one("jones"))
    });
    home.configure_with("[schedule]\nevery = \"6h\"\njitter = \"0s\"\n", &families);
    home.sleep_until(today);
    home
}

fn state(home: &Home, family: usize, account: usize) -> String {
    let told = home.run(&["status", "--json"]).ends_with(0).json();
    told["families"][family]["accounts"][account]["state"].as_str().expect("a state").to_owned()
}

/// The requests that name a login or its job.
fn about(home: &Home, login: &str) -> usize {
    let ids = home.bank.edit(|world| {
        let jobs = world.jobs.iter().filter(|job| job.login.eq_ignore_ascii_case(login));
        let accounts = world.logins().find(|one| one.id.eq_ignore_ascii_case(login));
        let accounts = accounts.into_iter().flat_map(|login| &login.accounts);
        let ids = jobs.map(|job| job.id.clone()).chain(accounts.map(|account| account.id.clone()));
        ids.chain([login.to_owned()]).map(|id| id.to_lowercase()).collect::<Vec<_>>()
    });
    let calls = home.bank.calls();
    let names = |body: String| ids.iter().any(|id| body.contains(id.as_str()));
    calls.iter().filter(|call| names(call.body.to_string().to_lowercase())).count()
}

#[test]
fn who_waits_costs_nothing_and_the_others_go_on() {
    let home = households();
    let daemon = Daemon::start(&home);
    daemon.until("it waits", || state(&home, 0, 0) == "waiting");
    daemon.until("the others had their first round", || {
        state(&home, 0, 1) == "ok" && state(&home, 1, 0) == "ok"
    });
    let asking = home.bank.edit(|world| world.user("smith").logins[0].id.clone());
    let ran = Typist::during(&home, &["answer"], |typist| {
        let question = typist.is_asked();
        assert!(question.words.contains("Asking: the code"), "{question:?}");
        for round in 0..3 {
            home.bank.forget_calls();
            home.bank.edit(|world| {
                let today = bank::day("2026-03-05");
                for account in world.accounts_mut().filter(|account| account.name != "Asking") {
                    account.add_row_on(today, "-2.00", &format!("NEWS {round}"));
                    account.publish(today);
                }
            });
            daemon.pass(TimeDelta::hours(6));
            for books in ["smith/quiet", "jones/other"] {
                daemon.until("its news are there", || {
                    let path = home.path(&format!("bank/{books}/2026.ledger"));
                    let text = std::fs::read_to_string(path).unwrap_or_default();
                    text.contains(&format!("NEWS {round}"))
                });
            }
            // By hand, the family of the one who is asked can be synced too.
            home.run(&["sync", "smith/quiet"]).ends_with(0);
            assert_eq!(about(&home, &asking), 0, "{round}");
            assert_eq!(state(&home, 0, 0), "waiting");
        }
        typist.types("0417");
    });
    ran.ends_with(0);
    assert_eq!(heard(&home), pairs(&[("TokenInput", "0417")]));
    assert_eq!(state(&home, 0, 0), "ok");
    assert_eq!(home.bank.violations(), [""; 0]);
}

#[test]
fn two_who_answer_one_bank_do_not_answer_it_twice() {
    let (home, _daemon) = waiting_beside(story([code()]));
    let ran = Typist::during(&home, &["answer"], |typist| {
        typist.is_asked();
        let other = home.run_typing(&["answer"], &[("the code", "1")]).ends_with(75);
        assert!(
            other.err.contains("smith/checking: its bank is being answered already"),
            "{}",
            other.err
        );
        typist.types("0417");
    });
    ran.ends_with(0);
    assert_eq!(heard(&home), pairs(&[("TokenInput", "0417")]));
}

/// A client that is killed at a prompt: the line to it ends.
#[test]
fn who_goes_away_in_the_middle_can_answer_again() {
    let (home, daemon) = waiting_beside(story([Challenge::questions("['Pet?']"), code()]));
    let request = r#"{"version":1,"args":["answer"],"config":null,"colour":false,"watched":false}"#;
    let mut typed = 0;
    for answers in [0, 1] {
        let mut client = UnixStream::connect(home.path("state/control.sock")).expect("it listens");
        writeln!(client, "{request}").expect("sent");
        let mut lines = BufReader::new(client.try_clone().expect("two")).lines();
        for _ in 0..answers {
            assert!(lines.next().expect("a line").expect("text").contains("Pet?"));
            writeln!(client, "{{\"typed\":\"Rex\"}}").expect("sent");
            typed += 1;
        }
        assert!(lines.next().expect("a line").expect("text").starts_with("{\"ask\""));
        drop((client, lines));
        daemon.until("it can be answered again", || home.run_typing(&["answer"], &[]).code == 77);
        assert_eq!((status(&home)["state"].as_str(), heard(&home).len()), (Some("waiting"), typed));
    }
    home.run_typing(&["answer"], &[("the code", "0417")]).ends_with(0);
    let told = [("SecurityAnswer", "[\"Rex\"]"), ("TokenInput", "0417")];
    assert_eq!((heard(&home), started(&home), is_fresh(&home)), (pairs(&told), 1, true));
}

#[test]
fn nonsense_and_endless_lines_are_no_answers() {
    let (home, daemon) = waiting_beside(story([code()]));
    let request = r#"{"version":1,"args":["answer"],"config":null,"colour":false,"watched":false}"#;
    for nonsense in
        ["", "typed", "{\"typed\":7}", &format!("{{\"typed\":\"{}\"}}", "1".repeat(20_000))]
    {
        let mut client = UnixStream::connect(home.path("state/control.sock")).expect("it listens");
        writeln!(client, "{request}").expect("sent");
        let mut lines = BufReader::new(client.try_clone().expect("two")).lines();
        assert!(lines.next().expect("a line").expect("text").starts_with("{\"ask\""));
        let _ = writeln!(client, "{nonsense}");
        let last = lines.map_while(Result::ok).last().expect("an end");
        assert_eq!(last, "{\"exit\":77}", "{nonsense:.20}");
        daemon.until("it can be answered again", || home.run_typing(&["answer"], &[]).code == 77);
    }
    assert_eq!(heard(&home), []);
}

#[test]
fn a_daemon_that_stops_leaves_the_job_for_another_time() {
    let (home, daemon) = waiting_beside(story([code()]));
    let ran = Typist::during(&home, &["answer"], |typist| {
        typist.is_asked();
        let (end, took) = daemon.stop();
        assert_eq!(end.expect("a good end").code(), 0);
        assert!(took < Duration::from_millis(2500), "{took:?}");
        typist.types("0417");
    });
    assert!([75, 77].contains(&ran.code), "{ran:?}");
    assert_eq!(heard(&home), []);
    home.run_typing(&["answer"], &[("the code", "0417")]).ends_with(0);
    assert_eq!((heard(&home).len(), started(&home), is_fresh(&home)), (1, 1, true));
}

/// A sync by hand in the middle of answering looks at the same job, and starts no other.
#[test]
fn a_sync_by_hand_in_the_middle_harms_nothing() {
    let (home, _daemon) = waiting_beside(story([code()]));
    let ran = Typist::during(&home, &["answer"], |typist| {
        typist.is_asked();
        home.run(&["sync"]).ends_with(77);
        typist.types("0417");
    });
    ran.ends_with(0);
    assert_eq!((heard(&home).len(), started(&home), is_fresh(&home)), (1, 1, true));
    assert_eq!(home.bank.count(Endpoint::RefreshLogin), 1);
    assert_eq!(home.bank.violations(), [""; 0]);
}

/// What an answer could not be known to have done is not done again.
#[test]
fn an_answer_that_may_be_lost_is_not_sent_again() {
    for fault in [
        Fault::Transport(Transport::ResetAtOnce),
        Fault::Answer(500, b"oh".to_vec()),
        Fault::body("{}"),
    ] {
        let home = waiting(story([code()]));
        home.bank.edit(|world| {
            world.fault(fault).on(Endpoint::TokenInput).times(1);
        });
        let ran = home.run_typing(&["answer"], &[("the code", "0417")]).ends_with(0);
        assert!(ran.err.contains("it is not sent again"), "{}", ran.err);
        assert_eq!((heard(&home).len(), is_fresh(&home)), (1, true));
        assert!(of_jobs(&home) >= 4);
    }
}

/// A service that does not hear an answer is told it again by its owner alone.
#[test]
fn an_answer_that_was_refused_is_his_to_give_again() {
    let home = waiting(story([code()]));
    home.bank.edit(|world| {
        world.fault(Fault::Limited(None)).on(Endpoint::TokenInput).times(1);
    });
    let ran = home.run_typing(&["answer"], &[("the code", "0417")]).ends_with(75);
    assert!(ran.err.contains("wait some minutes longer, then run it again"), "{}", ran.err);
    home.run_typing(&["answer"], &[("the code", "0417")]).ends_with(0);
    assert_eq!(heard(&home), pairs(&[("TokenInput", "0417")]));
}

/// What a service that stumbles keeps from being known is found out, and not asked for again.
#[test]
fn a_service_that_stumbles_after_an_answer_is_waited_for() {
    let home = waiting(story([Challenge::questions("['Pet?']").lingering(Lingers::Bare(5))]));
    let ran = Typist::during(&home, &["answer"], |typist| {
        typist.is_asked();
        home.bank.edit(|world| {
            world.fault(Fault::Answer(500, b"oh".to_vec())).on(Endpoint::Job).times(7);
        });
        typist.types("Rex");
    });
    ran.ends_with(0);
    assert_eq!((heard(&home).len(), is_fresh(&home)), (1, true));
}
