//! One program: what it sees, and that it ends.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use sophtron_sync::domain::Program;
use sophtron_sync::hooks::{Bench, Failure, Limits, Stop, is_passed_on, run};
use tokio::sync::watch;

/// A folder with programs.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A program of a few lines of shell.
    fn script(&self, name: &str, lines: &str) -> Program {
        self.file(name, &format!("#!/bin/sh\n{lines}\n"), 0o755)
    }

    fn file(&self, name: &str, text: &str, mode: u32) -> Program {
        let path = self.0.path().join(name);
        #[allow(clippy::disallowed_methods, reason = "a test's own program")]
        std::fs::write(&path, text).expect("a program");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its mode");
        Program { path, arguments: Vec::new() }
    }

    fn bench(&self, run: Duration) -> Bench {
        let path = (OsString::from("PATH"), OsString::from("/usr/bin:/bin"));
        Bench {
            environment: vec![path],
            folder: self.0.path().to_owned(),
            limits: Limits { run, grace: Duration::from_millis(300) },
            stop: Stop::never(),
        }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap_or_default()
    }
}

/// Long enough for whatever ends by itself, on a machine with much to do.
const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn it_reads_the_event_and_sees_a_clean_environment() {
    let place = Place::new();
    let mut program =
        place.script("tell", "cat > event; env > env; printf '%s|' \"$@\" > args; pwd > cwd");
    program.arguments = vec!["a b".to_owned(), String::new(), "$HOME;`ls`".to_owned()];
    let mut bench = place.bench(LONG);
    bench.environment.push(("LC_ALL".into(), "C".into()));
    run(&program, b"{\"version\":1}", &bench).await.expect("it ends well");
    assert_eq!(place.read("event"), "{\"version\":1}");
    assert_eq!(place.read("args"), "a b||$HOME;`ls`|");
    let folder = place.0.path().canonicalize().expect("a folder");
    assert_eq!(Path::new(place.read("cwd").trim()), folder);
    let seen = place.read("env");
    let names = seen.lines().filter_map(|line| Some(line.split_once('=')?.0));
    // A shell sets the last three by itself.
    let known = ["PATH", "LC_ALL", "PWD", "OLDPWD", "SHLVL", "_"];
    assert!(names.clone().all(|name| known.contains(&name)), "{seen}");
    assert!(seen.contains("PATH=/usr/bin:/bin") && seen.contains("LC_ALL=C"));
}

#[test]
fn few_variables_are_passed_on() {
    for (name, passed) in [
        ("PATH", true),
        ("HOME", true),
        ("LC_MONETARY", true),
        ("TZ", true),
        ("LCX", false),
        ("CREDENTIALS_DIRECTORY", false),
        ("NOTIFY_SOCKET", false),
        ("SSH_AUTH_SOCK", false),
    ] {
        assert_eq!(is_passed_on(name), passed, "{name}");
    }
}

#[tokio::test]
async fn each_failure_is_told_with_its_cure() {
    let place = Place::new();
    let missing = Program { path: place.0.path().join("none"), arguments: Vec::new() };
    let below_a_file = Program { path: place.script("file", "").path.join("x"), arguments: vec![] };
    for (program, told) in [
        (missing, "is not there"),
        (below_a_file, "is not there"),
        (place.file("plain", "#!/bin/sh\n", 0o644), "may not be run"),
        (place.file("odd", "#!/no/such/shell\n", 0o755), "names an interpreter"),
        (place.file("data", "\u{0}\u{1}", 0o755), "is no program"),
        (
            place.script("three", "echo one; echo two >&2; exit 3"),
            "exit status 3; it said: one / two",
        ),
        (place.script("silent", "exit 1"), "exit status 1"),
        (place.script("killed", "echo last; kill -9 $$"), "signal 9; it said: last"),
    ] {
        let failure = run(&program, b"{}", &place.bench(LONG)).await.expect_err(told);
        assert!(failure.to_string().contains(told), "{failure}");
        assert!(!failure.help().is_empty());
        assert!(failure.to_string().contains(&*program.path.to_string_lossy()), "{failure}");
    }
    let mut bench = place.bench(LONG);
    bench.folder = place.0.path().join("gone");
    let failure = run(&place.script("well", ""), b"", &bench).await.expect_err("no folder");
    assert!(matches!(failure, Failure::NoFolder(_)), "{failure}");
}

/// Whether a process lives; one that only waits to be reaped does not.
fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

fn dies(pid: &str) -> bool {
    let begun = Instant::now();
    while lives(pid) {
        if begun.elapsed() > LONG {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}

#[tokio::test]
async fn one_that_hangs_is_ended_with_all_that_it_started() {
    let place = Place::new();
    // Neither it nor what it started heeds the first signal.
    let lines =
        "trap '' TERM; sleep 1000 & echo $! > child; echo $$ > own; echo waiting; wait; wait";
    let program = place.script("hangs", lines);
    let begun = Instant::now();
    let failure = run(&program, b"{}", &place.bench(Duration::from_millis(700))).await;
    let failure = failure.expect_err("it hangs");
    assert!(failure.to_string().contains("was ended after 0.7 s; it said: waiting"), "{failure}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(dies(&place.read("own")) && dies(&place.read("child")));
}

#[tokio::test]
async fn one_that_ends_is_not_held_up_by_what_it_left_running() {
    let place = Place::new();
    let program = place.script("leaves", "sleep 1000 & echo $! > child; exit 0");
    let begun = Instant::now();
    run(&program, b"{}", &place.bench(LONG)).await.expect("it ends well");
    let failing = place.script("fails", "sleep 1000 & echo $! > other; echo why; exit 1");
    let failure = run(&failing, b"{}", &place.bench(LONG)).await.expect_err("it fails");
    assert!(failure.to_string().contains("it said: why"), "{failure}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    for child in ["child", "other"] {
        let pid = place.read(child);
        assert!(lives(&pid), "it goes on");
        let pid = rustix::process::Pid::from_raw(pid.trim().parse().expect("a pid"));
        let _ = rustix::process::kill_process(pid.expect("a pid"), rustix::process::Signal::KILL);
    }
}

#[tokio::test]
async fn whatever_it_does_with_its_streams_is_harmless() {
    let place = Place::new();
    let event = vec![b'x'; 1 << 20];
    for lines in
        ["exec 0<&-", "exec 1>&- 2>&-; cat > /dev/null", "exec 0<&-; yes | head -c 3000000; exit 0"]
    {
        let program = place.script("odd", lines);
        run(&program, &event, &place.bench(LONG)).await.expect(lines);
    }
}

#[tokio::test]
async fn two_never_overlap() {
    let place = Place::new();
    let lines = "mkdir lock || echo overlap >> told; sleep 0.1; rmdir lock; echo end >> told";
    let program = place.script("alone", lines);
    let bench = place.bench(LONG);
    let runs = (0..4).map(|_| {
        let (program, bench) = (program.clone(), bench.clone());
        tokio::spawn(async move { run(&program, b"", &bench).await })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.expect("no panic").expect("it ends well");
    }
    assert_eq!(place.read("told"), "end\n".repeat(4));
}

#[tokio::test]
async fn who_stops_waits_for_none() {
    let place = Place::new();
    let (stop, told) = watch::channel(false);
    let bench = Bench { stop: Stop::when(told), ..place.bench(LONG) };
    let program = place.script("lasts", "echo $$ > own; sleep 1000");
    let begun = Instant::now();
    let running = {
        let (program, bench) = (program.clone(), bench.clone());
        tokio::spawn(async move { run(&program, b"", &bench).await })
    };
    while place.read("own").trim().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.send(true).expect("somebody listens");
    let failure = running.await.expect("no panic").expect_err("it was stopped");
    assert!(matches!(failure, Failure::Stopped(_)), "{failure}");
    assert!(dies(&place.read("own")));
    let next = run(&place.script("after", "echo ran > next"), b"", &bench).await;
    assert!(matches!(next, Err(Failure::Stopped(_))));
    assert_eq!(place.read("next"), "", "none is begun any more");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn one_that_is_no_longer_waited_for_is_ended() {
    let place = Place::new();
    let program = place.script("lasts", "sleep 1000 & echo $! > child; wait");
    let bench = place.bench(LONG);
    let running = tokio::spawn(async move { run(&program, b"", &bench).await });
    while place.read("child").trim().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running.abort();
    let _ = running.await;
    assert!(dies(&place.read("child")));
}
