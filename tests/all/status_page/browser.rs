//! Chromium, without a screen, behind a proxy that hands nothing on and remembers what was asked.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// Where the browser itself calls home, whatever it is told; no page of ours names them.
const OWN_CALLS: [&str; 2] = ["google.com", "googleapis.com"];

/// Loads a page and gives its document as the browser has it then, and every request that it made.
pub(super) fn load(page: &Path) -> (String, Vec<String>) {
    let (port, asked) = proxy();
    let home = tempfile::tempdir().expect("a folder");
    let mut browser = Command::new("chromium");
    browser
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update"])
        .args(["--disable-sync", "--disable-extensions", "--disable-dev-shm-usage"])
        .arg(format!("--proxy-server=127.0.0.1:{port}"))
        .args(["--proxy-bypass-list=<-loopback>", "--dump-dom"])
        .arg(format!("--user-data-dir={}", home.path().display()))
        .arg(format!("file://{}", page.display()))
        .env("HOME", home.path())
        .stderr(Stdio::null());
    let ran = browser.output().expect("chromium is installed: tests/run does it");
    assert!(ran.status.success(), "{ran:?}");
    let asked = asked.lock().expect("whole").clone();
    let own = |line: &String| OWN_CALLS.iter().any(|host| line.contains(host));
    (
        String::from_utf8(ran.stdout).expect("UTF-8"),
        asked.into_iter().filter(|line| !own(line)).collect(),
    )
}

/// Starts the proxy; gives its port, and the first line of each request so far.
fn proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 2048];
            let read = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            seen.lock().expect("whole").push(head.lines().next().unwrap_or_default().to_owned());
            let gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(gone);
        }
    });
    (port, asked)
}

/// The text of a document as a person reads it: without style, tags and hover titles of drawings,
/// every run of spaces one.
pub(super) fn text_of(dom: &str) -> String {
    let (_, body) = dom.split_once("<body>").expect("a body");
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        // Inline elements stand within a line.
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        let inline = ["i", "small", "span", "code", "b", "a", "time"].contains(&name);
        text += if inline { "" } else { " " };
        rest = after;
    }
    text += rest;
    for (entity, char) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        text = text.replace(entity, char);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
