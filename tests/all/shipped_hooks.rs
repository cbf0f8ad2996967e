//! The hooks of `packaging/hooks`, run for real: `mail` into a program that keeps what it is given,
//! `ntfy` with curl into a server of the test's, `git-commit` with git.

mod git;

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use serde_json::{Value, json};

use crate::fed::fed;

const HOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/hooks");

/// How a hook ended: its exit code, and what it said on stderr.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    code: i32,
    says: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { code: output.status.code().unwrap_or(-1), says }
    }

    #[track_caller]
    fn well(&self) {
        assert_eq!((self.code, self.says.as_str()), (0, ""));
    }

    /// Asserts how it failed, and that it said each of some words.
    #[track_caller]
    fn with(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}", self.says);
        for word in words {
            assert!(self.says.contains(word), "no {word:?} in: {}", self.says);
        }
    }
}

/// A hook with an environment as the service gives it, and one folder before the others in PATH.
fn hook(name: &str, first: &Path, args: &[&str]) -> Command {
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", first.display());
    let mut command = Command::new(Path::new(HOOKS).join(name));
    command.args(args).env_clear().env("PATH", path).env("HOME", "/nonexistent");
    command
}

/// An event as the program writes it.
fn event(kind: &str, account: &Value, files: &[PathBuf]) -> Value {
    json!({
        "version": 1, "event": kind, "at": "2026-03-05T10:00:00Z", "family": "smith",
        "solved": false, "accounts": [account], "files": files,
    })
}

fn account(name: &str, state: &str) -> Value {
    json!({
        "name": name, "state": state, "message": null, "help": null,
        "added": 0, "changed": 0, "vanished": 0, "balance": null,
    })
}

fn waiting() -> Value {
    let mut account = account("visa", "waiting");
    account["message"] = "Crédit \"Nord\" asks its owner a question".into();
    account["help"] = "answer it with `sophtron-sync answer smith/visa`".into();
    event("attention", &account, &[])
}

// --- mail ----------------------------------------------------------------------------------------

/// A folder with a `msmtp` that keeps its arguments and its stdin there.
fn post_office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().display();
    let program =
        format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {kept}/arguments\ncat > {kept}/mail\n");
    script(&folder.path().join("msmtp"), &program);
    folder
}

#[allow(clippy::disallowed_methods, reason = "a test's own program")]
fn script(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a script");
    std::fs::set_permissions(path, Permissions::from_mode(0o755)).expect("its mode");
}

/// What Python's reader of mail finds: the headers, the text, and the defects.
fn read_mail(bytes: &[u8]) -> Value {
    let mut python = Command::new("python3");
    python.args([
        "-c",
        "import email.policy, json, sys
mail = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
told = {name.lower(): str(value) for name, value in mail.items()}
print(json.dumps({**told, 'text': mail.get_content(), 'defects': len(mail.defects)}))",
    ]);
    let output = fed(python, bytes);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// The mail that an event makes.
fn mailed(event: &Value) -> Value {
    let office = post_office();
    let output =
        fed(hook("mail", office.path(), &["alice@example.org"]), event.to_string().as_bytes());
    Ended::of(&output).well();
    let read = |name: &str| std::fs::read(office.path().join(name)).expect("what it was given");
    assert_eq!(read("arguments"), b"--\nalice@example.org\n");
    let mail = read("mail");
    assert!(mail.is_ascii(), "{}", String::from_utf8_lossy(&mail));
    read_mail(&mail)
}

#[test]
fn a_mail_says_whose_trouble_it_is_and_what_to_do() {
    let mail = mailed(&waiting());
    assert_eq!(mail["subject"], "sophtron-sync: smith: visa waiting");
    assert_eq!(mail["to"], "alice@example.org");
    assert_eq!(mail["from"], "alice@example.org");
    assert_eq!(mail["date"], "Thu, 05 Mar 2026 10:00:00 +0000");
    assert_eq!(mail["auto-submitted"], "auto-generated");
    assert!(mail["message-id"].as_str().is_some_and(|id| id.starts_with('<')), "{mail}");
    assert_eq!(
        mail["text"],
        "visa: waiting\n  Crédit \"Nord\" asks its owner a question\n  answer it with `sophtron-sync answer smith/visa`\n"
    );
    assert_eq!(mail["defects"], 0);
}

#[test]
fn the_subject_of_a_mail_tells_what_kind_of_news_it_is() {
    let mut solved = event("attention", &account("visa", "ok"), &[]);
    solved["solved"] = true.into();
    assert_eq!(mailed(&solved)["subject"], "sophtron-sync: smith: solved: visa ok");

    let mut drift = account("visa", "ok");
    drift["message"] = "differs\nfrom the bank by 3.00 USD".into();
    let subject = "sophtron-sync: smith: visa: differs from the bank by 3.00 USD";
    assert_eq!(mailed(&event("attention", &drift, &[]))["subject"], subject);

    let mut file = account("/etc/sophtron-sync/sophtron-sync.toml", "failed");
    file["message"] = "line 3: unknown key".into();
    let mut invalid = event("attention", &file, &[]);
    invalid["family"] = Value::Null;
    let subject = "sophtron-sync: sophtron-sync.toml: line 3: unknown key";
    assert_eq!(mailed(&invalid)["subject"], subject);

    let mut came = account("visa", "ok");
    (came["added"], came["vanished"]) = (2.into(), 1.into());
    let subject = "sophtron-sync: smith: 2 added, 1 vanished in visa";
    assert_eq!(mailed(&event("change", &came, &[]))["subject"], subject);

    let mut own = event("ok", &account("visa", "ok"), &[]);
    (own["family"], own["accounts"]) = (Value::Null, json!([]));
    assert_eq!(mailed(&own)["subject"], "sophtron-sync: all is well");
}

#[test]
fn the_newest_of_kept_events_is_mailed() {
    let mut older = waiting();
    (older["at"], older["family"]) = ("2026-03-04T23:00:00Z".into(), "jones".into());
    let kept = json!({"version": 1, "events": [waiting(), older]});
    assert_eq!(mailed(&kept)["subject"], "sophtron-sync: smith: visa waiting");
}

#[test]
fn a_mail_goes_through_another_program_if_one_is_named() {
    let office = post_office();
    std::fs::rename(office.path().join("msmtp"), office.path().join("sendmail")).expect("renamed");
    let mail = hook("mail", office.path(), &["alice", "sendmail", "-i"]);
    Ended::of(&fed(mail, waiting().to_string().as_bytes())).well();
    let arguments = std::fs::read_to_string(office.path().join("arguments")).expect("arguments");
    assert_eq!(arguments, "-i\n--\nalice\n");
}

#[test]
fn a_mail_that_is_not_taken_is_a_failure() {
    let nowhere = tempfile::tempdir().expect("a folder");
    let event = waiting().to_string();
    let failed = |args: &[&str], event: &str| {
        Ended::of(&fed(hook("mail", nowhere.path(), args), event.as_bytes()))
    };
    script(&nowhere.path().join("refuses"), "#!/bin/sh\ncat >/dev/null\nexit 75\n");
    failed(&["alice", "refuses"], &event).with(75, &["refuses did not take the mail"]);
    failed(&["alice", "no-such-program"], &event)
        .with(78, &["mail: no-such-program is not installed"]);
    failed(&[], &event).with(2, &["usage: mail ADDRESS"]);
    failed(&["alice"], "").with(2, &["no event of sophtron-sync on stdin"]);
    failed(&["alice"], "[1]").with(2, &["no event of sophtron-sync on stdin"]);
    failed(&["alice"], &event.replace("\"version\":1", "\"version\":2"))
        .with(78, &["version 2", "install the hooks anew"]);
}

// --- ntfy ----------------------------------------------------------------------------------------

/// Answers one request, and gives what it was.
fn serve(listener: &TcpListener, answer: &str) -> String {
    let (mut stream, _) = listener.accept().expect("a caller");
    let mut request = String::new();
    while !is_whole(&request) {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).expect("bytes");
        assert!(read > 0, "cut: {request}");
        request += std::str::from_utf8(&bytes[..read]).expect("text");
    }
    respond(&mut stream, answer);
    request
}

/// Whether all of a request is there, by its length.
fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    length.and_then(|length| length.parse().ok()) == Some(body.len())
}

fn respond(stream: &mut TcpStream, answer: &str) {
    let length = answer.rsplit("\r\n").next().expect("a body").len();
    let answer = answer.replacen("\r\n\r\n", &format!("\r\nContent-Length: {length}\r\n\r\n"), 1);
    stream.write_all(answer.as_bytes()).expect("an answer");
}

/// What the server is asked when an event is sent, and how the hook ends.
fn sent(event: &Value, more: &[&str], answer: &'static str) -> (String, Ended) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/my-topic", listener.local_addr().expect("an address"));
    let server = thread::spawn(move || serve(&listener, answer));
    let args = [&[url.as_str()], more].concat();
    let output = fed(hook("ntfy", Path::new(HOOKS), &args), event.to_string().as_bytes());
    (server.join().expect("a request"), Ended::of(&output))
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\n\r\n{}";

#[test]
fn ntfy_gets_title_priority_and_text() {
    let (request, ended) = sent(&waiting(), &[], TAKEN);
    ended.well();
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("POST /my-topic HTTP/1.1\r\n"), "{head}");
    for header in ["Title: smith: visa waiting", "Priority: high", "Tags: warning"] {
        assert!(head.lines().any(|line| line == header), "no {header}: {head}");
    }
    assert!(!head.contains("Authorization"), "{head}");
    assert_eq!(
        body,
        "visa: waiting\n  Crédit \"Nord\" asks its owner a question\n  answer it with `sophtron-sync answer smith/visa`"
    );
}

#[test]
fn ntfy_is_told_in_ascii_headers_and_with_a_token() {
    let mut solved = event("attention", &account("crédit", "ok"), &[]);
    (solved["solved"], solved["family"]) = (true.into(), "@smith\\".into());
    let token = tempfile::NamedTempFile::new().expect("a file");
    token.as_file().write_all(b"tk_secret\n").expect("a token");
    let path = token.path().to_str().expect("a path").to_owned();
    let (request, ended) = sent(&solved, &[&path], TAKEN);
    ended.well();
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    assert!(head.is_ascii() && head.contains("\r\nTitle: =?utf-8?"), "{head}");
    assert!(head.contains("\r\nAuthorization: Bearer tk_secret\r\n"), "{head}");
    assert!(head.contains("\r\nPriority: default\r\n"), "{head}");
    assert_eq!(body, "crédit: ok");
}

#[test]
fn a_message_that_ntfy_does_not_take_is_a_failure() {
    let refusal = "HTTP/1.1 403 Forbidden\r\n\r\n{\"error\":\"forbidden\"}";
    let (_, ended) = sent(&waiting(), &[], refusal);
    ended.with(22, &["the server did not take the message", "403", "{\"error\":\"forbidden\"}"]);

    let sent = |args: &[&str]| {
        let command = hook("ntfy", Path::new(HOOKS), args);
        Ended::of(&fed(command, waiting().to_string().as_bytes()))
    };
    sent(&["http://127.0.0.1:1/topic"]).with(7, &["the server did not take the message"]);
    sent(&["http://127.0.0.1:1/topic", "/nonexistent"])
        .with(78, &["the token in /nonexistent cannot be read: No such file or directory"]);
    sent(&[]).with(2, &["usage: ntfy URL"]);
}
