//! What a service manager is told, over a real socket.

use std::ffi::{OsStr, OsString};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::time::{Duration, Instant};

use sophtron_sync::config::Env;
use sophtron_sync::daemon::systemd::Notifier;

/// An environment.
fn env(pairs: &[(&str, &OsStr)]) -> Env {
    Env::from_pairs(pairs.iter().map(|(name, value)| (OsString::from(name), value.to_os_string())))
}

/// A notifier of the socket, with a watchdog.
fn notifier(socket: &OsStr) -> Notifier {
    Notifier::from_env(&env(&[
        ("NOTIFY_SOCKET", socket),
        ("WATCHDOG_USEC", OsStr::new("300000000")),
    ]))
}

fn at(path: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(path).expect("a socket");
    socket.set_nonblocking(true).expect("set");
    socket
}

/// What has come.
fn heard(socket: &UnixDatagram) -> Vec<String> {
    let mut buffer = [0; 4096];
    let mut messages = Vec::new();
    while let Ok(length) = socket.recv(&mut buffer) {
        messages.push(String::from_utf8(buffer[..length].to_vec()).expect("text"));
    }
    messages
}

#[test]
fn each_word_of_the_protocol_is_a_datagram() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = at(&path);
    let notifier = notifier(path.as_os_str());
    assert!(notifier.is_heard());
    notifier.ready();
    notifier.status("12 accounts,\noldest data 3 h\r\n");
    notifier.watchdog();
    notifier.stopping();
    assert_eq!(
        heard(&socket),
        ["READY=1", "STATUS=12 accounts, oldest data 3 h", "WATCHDOG=1", "STOPPING=1"]
    );
}

#[test]
fn a_reload_has_the_monotonic_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = at(&path);
    let notifier = notifier(path.as_os_str());
    let uptime = || {
        let text = std::fs::read_to_string("/proc/uptime").expect("uptime");
        let seconds = text.split('.').next().and_then(|it| it.parse::<i64>().ok());
        seconds.expect("seconds")
    };
    let mut last = 0;
    for _ in 0..3 {
        notifier.reloading();
        let messages = heard(&socket);
        let lines: Vec<&str> = messages[0].lines().collect();
        assert_eq!((messages.len(), lines.len(), lines[0]), (1, 2, "RELOADING=1"));
        let micros: i64 =
            lines[1].strip_prefix("MONOTONIC_USEC=").expect("it").parse().expect("a number");
        assert!(micros > last, "each reload has a later time");
        // Uptime counts suspends too, so the machine's can only be later.
        assert!(micros / 1_000_000 <= uptime() + 1, "{micros}");
        last = micros;
    }
}

#[test]
fn a_name_after_an_at_is_outside_the_file_system() {
    let name = format!("sophtron-sync-test/{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let socket = UnixDatagram::bind_addr(&address).expect("a socket");
    socket.set_nonblocking(true).expect("set");
    notifier(OsStr::new(&format!("@{name}"))).ready();
    assert_eq!(heard(&socket), ["READY=1"]);
}

#[test]
fn without_a_socket_nothing_is_said() {
    for notifier in [
        Notifier::silent(),
        Notifier::from_env(&env(&[("NOTIFY_SOCKET", OsStr::new(""))])),
        Notifier::from_env(&env(&[("NOTIFY_SOCKET", OsStr::new("relative"))])),
        Notifier::from_env(&env(&[("NOTIFY_SOCKET", OsStr::new("vsock:2:1234"))])),
    ] {
        assert!(!notifier.is_heard());
        notifier.ready();
        notifier.watchdog();
    }
}

#[test]
fn a_manager_that_went_away_or_reads_nothing_stops_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let notifier = notifier(path.as_os_str());
    notifier.ready();
    let socket = at(&path);
    notifier.ready();
    assert_eq!(heard(&socket), ["READY=1"], "it is heard once it is there");
    let start = Instant::now();
    let full: usize = std::fs::read_to_string("/proc/sys/net/unix/max_dgram_qlen")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(10);
    for _ in 0..full.min(1_000) + 50 {
        notifier.watchdog();
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(!heard(&socket).is_empty());
}

#[test]
fn the_watchdog_is_ours_or_none() {
    let own = std::process::id().to_string();
    let interval = |micros: &str, pid: Option<&str>| {
        let mut pairs = vec![("WATCHDOG_USEC", OsStr::new(micros))];
        pairs.extend(pid.map(|pid| ("WATCHDOG_PID", OsStr::new(pid))));
        Notifier::from_env(&env(&pairs)).watchdog_interval()
    };
    assert_eq!(interval("180000000", None), Some(Duration::from_mins(3)));
    assert_eq!(interval("180000000", Some(&own)), Some(Duration::from_mins(3)));
    assert_eq!(interval("180000000", Some("1")), None, "meant for another process");
    assert_eq!(interval("180000000", Some("x")), None);
    assert_eq!(interval("0", None), None);
    assert_eq!(interval("-5", None), None);
    assert_eq!(Notifier::silent().watchdog_interval(), None);

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = at(&path);
    Notifier::from_env(&env(&[("NOTIFY_SOCKET", path.as_os_str())])).watchdog();
    assert!(heard(&socket).is_empty(), "nobody waits for it");
}
