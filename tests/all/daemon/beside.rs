//! Commands beside a daemon: the same answers as alone, and nobody is harmed by a client.

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sophtron_sync::daemon::control::{Request, call};
use sophtron_sync::domain::{NotAsked, Question};
use sophtron_sync::sophtron::Pace;

use super::process::Service;
use super::{calls, families, home, rounds, started};
use crate::bank::{self, Fault, Transport};
use crate::home::{Home, Ran};

/// Commands that a daemon answers.
const COMMANDS: [&[&str]; 15] = [
    &["status"],
    &["status", "-v"],
    &["accounts"],
    &["accounts", "smith", "--json"],
    &["credentials", "check"],
    &["credentials", "check", "jones"],
    &["reconcile", "smith/checking"],
    &["reconcile", "smith/checking", "--json"],
    &["why", "no-such-id"],
    &["export"],
    &["export", "--stdout", "csv", "smith/checking"],
    &["sync"],
    &["sync", "smith/savings", "--full"],
    &["sync", "--dry-run"],
    &["sync", "nobody"],
];

#[test]
fn commands_answer_beside_a_daemon_as_alone() {
    let home = home("every = \"6h\"");
    let daemon = started(&home);
    let run = || COMMANDS.map(|args| home.run(args));
    let beside = run();
    let found = [findings(&home, &[]), findings(&home, &["--offline"])];
    let json = |home: &Home| home.run(&["status", "--json"]).ends_with(0).json();
    let told = json(&home);
    let (end, _) = daemon.stop();
    assert_eq!(end.expect("a good end").code(), 0);
    let runs = format!("the daemon runs (pid {})", std::process::id());
    for ((args, beside), alone) in COMMANDS.iter().zip(beside).zip(run()) {
        let parts = |ran: &Ran| {
            let out = ran.out.replace(&runs, "no daemon runs");
            (ran.code, without_requests(&out), ran.err.clone())
        };
        assert_eq!(parts(&beside), parts(&alone), "{args:?}");
        assert_eq!(beside.code, if args.contains(&"no-such-id") { 2 } else { alone.code });
    }
    assert_eq!(
        found,
        [findings(&home, &[]), findings(&home, &["--offline"])].map(|mut alone| {
            alone.0 = "a daemon answers";
            alone
        })
    );
    let mut alone = json(&home);
    alone["daemon"] = told["daemon"].clone();
    for (nth, family) in told["families"].as_array().expect("some").iter().enumerate() {
        alone["families"][nth]["requests"] = family["requests"].clone();
    }
    assert_eq!(told, alone);
}

/// What the doctor finds: of the daemon, and of all else but the requests, which each command adds to.
fn findings(home: &Home, more: &[&str]) -> (&'static str, Vec<serde_json::Value>) {
    let args = [&["check", "--json"], more].concat();
    let told = home.run(&args).ends_with(0).json();
    let all = told["findings"].as_array().expect("a list").clone();
    let holds = |finding: &serde_json::Value, key: &str, part: &str| {
        finding[key].as_str().expect(key).contains(part)
    };
    let socket = all.iter().find(|finding| holds(finding, "place", "control_socket"));
    let answers = holds(socket.expect("the socket"), "what", "a daemon answers (process ");
    let aside = ["control_socket", "monthly_requests"];
    let rest = all.into_iter().filter(|it| !aside.iter().any(|part| holds(it, "place", part)));
    (if answers { "a daemon answers" } else { "no daemon" }, rest.collect())
}

/// A text without the number of requests, which each command adds to.
fn without_requests(text: &str) -> String {
    let line = |line: &str| match line.split_once(" of 10000 requests") {
        Some((before, after)) => {
            format!(
                "{} of 10000 requests{after}",
                before.trim_end_matches(|one: char| one.is_ascii_digit())
            )
        }
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn request(home: &Home, args: &[&str], watched: bool) -> Request {
    Request {
        version: Request::VERSION,
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        config: Some(home.path("sophtron-sync.toml")),
        colour: false,
        watched,
    }
}

#[test]
fn who_watches_sees_progress_as_it_comes() {
    let home = home("every = \"6h\"");
    let _daemon = started(&home);
    for (watched, words) in [(true, true), (false, false)] {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let request = request(&home, &["sync", "--full"], watched);
        let socket = home.path("state/control.sock");
        let mut nobody = |_: &Question| Err(NotAsked::NoTerminal);
        let code = call(&socket, &request, &mut out, &mut err, &mut nobody).expect("answered");
        let (out, err) =
            (String::from_utf8(out).expect("text"), String::from_utf8(err).expect("text"));
        assert_eq!(code, Some(0), "{err}");
        assert!(out.contains("smith/checking: nothing new"), "{out}");
        assert_eq!(err.contains("smith/checking: reading"), words, "{err}");
    }
}

#[test]
fn clients_that_go_away_or_talk_nonsense_harm_nothing() {
    let mut home = home("every = \"6h\"");
    home.pace = Pace::default();
    let daemon = started(&home);
    let connect = || UnixStream::connect(home.path("state/control.sock")).expect("it listens");
    home.bank.edit(|world| {
        world.fault(Fault::Transport(Transport::SlowHead(Duration::from_secs(2)))).times(1);
    });
    let before = rounds(&home);
    let mut leaves = connect();
    let line = serde_json::to_string(&request(&home, &["sync"], true)).expect("JSON");
    writeln!(leaves, "{line}").expect("sent");
    daemon.until("it asks", || calls(&home) > 0);
    drop(leaves);
    let silent = connect();
    for nonsense in ["", "no request", "{}", "{\"version\":1}", &"x".repeat(100_000)] {
        let mut talks = connect();
        let _ = writeln!(talks, "{nonsense}");
        let mut answer = String::new();
        let _ = BufReader::new(talks).read_line(&mut answer);
        assert!(answer.is_empty() || answer.contains("did not understand"), "{answer}");
    }
    let keygen = serde_json::to_string(&request(&home, &["run"], false)).expect("JSON");
    let mut talks = connect();
    writeln!(talks, "{keygen}").expect("sent");
    let answer: Vec<String> = BufReader::new(talks).lines().map_while(Result::ok).collect();
    assert_eq!(answer, ["{\"exit\":2}"], "no command for a daemon");
    home.run(&["status"]).ends_with(0);
    home.run(&["sync"]).ends_with(0);
    assert!(rounds(&home) >= before && calls(&home) >= 4);
    drop(silent);
}

#[test]
fn what_a_killed_daemon_leaves_behind_stops_nobody() {
    let home = home("every = \"6h\"");
    let mut service = Service::start(&home);
    service.end_by(Signal::KILL);
    assert!(home.path("state/control.sock").exists(), "it had no time to remove it");
    home.run(&["sync"]).ends_with(0);
    home.run(&["status"]).ends_with(0);
    let mut service = Service::start(&home);
    home.run(&["sync"]).ends_with(0);
    assert_eq!(service.end_by(Signal::TERM).0, Some(0), "{}", service.log());
    assert!(!home.path("state/control.sock").exists());
}

/// A home whose socket lies elsewhere, with further settings.
fn home_with_socket(socket: &str, more: &str) -> Home {
    let home = home("every = \"6h\"");
    let text = home.read("sophtron-sync.toml");
    home.write("sophtron-sync.toml", &format!("control_socket = \"{socket}\"\n{more}{text}"));
    home
}

#[test]
fn a_long_way_to_the_socket_is_no_harm() {
    let folder = ["a-folder-of-a-long-name"; 8].join("/");
    let home = home_with_socket(&format!("{folder}/control.sock"), "");
    std::fs::create_dir_all(home.path(&folder).parent().expect("one")).expect("made");
    let mut service = Service::start(&home);
    service.until("the socket is there", || home.path(&folder).join("control.sock").exists());
    // Alone it would be refused, since the daemon holds the folders.
    home.run(&["sync"]).ends_with(0);
    let other = home.read("sophtron-sync.toml");
    home.write("other.toml", &other);
    let refused = home.run(&["--config", "other.toml", "sync"]).ends_with(75);
    assert!(refused.err.contains(&format!("process {}", service.id())), "{refused:?}");
    assert_eq!(service.end_by(Signal::TERM).0, Some(0));
    assert!(!home.path(&folder).join("control.sock").exists());
}

/// The name of the group that this process runs under.
fn own_group() -> Option<String> {
    let groups = std::fs::read_to_string("/etc/group").ok()?;
    let id = rustix::process::getgid().as_raw().to_string();
    let mut groups = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    groups.find(|group| group.get(2) == Some(&id.as_str())).map(|group| group[0].to_owned())
}

#[test]
fn a_control_group_may_use_the_socket_and_nobody_else() {
    let Some(group) = own_group() else { return println!("this group has no name") };
    let mode = |home: &Home| {
        let socket = home.path("run/control.sock").metadata().expect("a socket");
        socket.permissions().mode() & 0o777
    };
    for (more, expected) in
        [(format!("control_group = \"{group}\"\n"), 0o660), (String::new(), 0o600)]
    {
        let home = home_with_socket("run/control.sock", &more);
        let _service = Service::start(&home);
        assert_eq!(mode(&home), expected);
        home.run(&["sync"]).ends_with(0);
    }
    let home = home_with_socket("run/control.sock", "control_group = \"no-such-group\"\n");
    let mut service = Service::begin(&home, &["run"], &[]);
    assert_eq!(service.wait().code(), Some(78), "{}", service.log());
    assert!(service.log().contains("control_group"), "{}", service.log());
}

#[test]
fn two_syncs_by_hand_at_once_both_end_well() {
    let home = home("every = \"6h\"");
    let _daemon = started(&home);
    home.bank.edit(|world| {
        world.fault(Fault::Transport(Transport::SlowHead(Duration::from_millis(100))));
    });
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..3).map(|_| scope.spawn(|| home.run(&["sync"]).ends_with(0))).collect();
        // What only looks waits for nobody.
        home.run(&["status"]).ends_with(0);
        assert!(begun.elapsed() < Duration::from_secs(2));
        for run in runs {
            run.join().expect("no panic");
        }
    });
    home.bank.edit(bank::World::lift_faults);
    assert_eq!(families(&home, &["smith"]).matches("[[family]]").count(), 1);
    assert_eq!(home.bank.violations(), [""; 0]);
}
