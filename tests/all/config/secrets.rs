//! Identity and credentials, with the real `age` and `age-keygen` as the other side.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use secrecy::SecretString;
use sophtron_sync::config::{
    CredentialsSource, Identity, SecretError, credentials_from, decrypt, encrypt, fingerprint,
    keygen, pair, read_identity,
};
use sophtron_sync::domain::{Credentials, Exit};
use tempfile::TempDir;

use super::put;
use crate::fed::fed;

const USER: &str = "6f1d0c52-7a0b-4d4e-9f0e-0c1b2a3d4e5f";
/// Thirty-two bytes that no other text has.
const KEY: &str = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE=";

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn lines() -> String {
    format!("user_id = \"{USER}\"\naccess_key = \"{KEY}\"\n")
}

/// A new identity of ours, and where it is.
fn identity(folder: &TempDir) -> (Identity, PathBuf) {
    let path = folder.path().join("identity.txt");
    keygen(&path).expect("made");
    (read_identity(&path, false).expect("read"), path)
}

/// The error of an attempt; what has no `Debug` cannot be unwrapped.
fn error<T>(attempt: Result<T, SecretError>) -> SecretError {
    match attempt {
        Ok(_) => panic!("it should have been refused"),
        Err(error) => error,
    }
}

/// Says what happened and what to do, shortly, and nothing secret.
fn check(error: &SecretError, exit: Exit, words: &[&str]) {
    let told = error.to_string();
    assert_eq!(error.exit(), exit, "{told}");
    for word in words {
        assert!(told.contains(word), "{word} in {told}");
    }
    for secret in [USER, KEY, "AGE-SECRET-KEY-1Q", "hunter2", "Some(", "os error"] {
        assert!(!told.contains(secret) && !format!("{error:?}").contains(secret), "{told}");
    }
    assert!(told.lines().count() <= 2 && told.contains("; "), "{told}");
}

fn is_the_pair(credentials: &Credentials) {
    assert_eq!(credentials.user_id(), USER);
    assert_eq!(credentials.access_key(), KEY);
}

/// Runs a program of age, which the tests need.
fn run(program: &str, arguments: &[&str], input: &str) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(arguments);
    let output = fed(command, input.as_bytes());
    assert!(output.status.success(), "{program} {arguments:?}");
    output.stdout
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is UTF-8")
}

#[test]
fn an_identity_is_made_once_for_its_owner_alone() {
    let folder = folder();
    let path = folder.path().join("identity.txt");
    let recipient = keygen(&path).expect("made");
    assert!(recipient.starts_with("age1"));
    assert_eq!(fs::metadata(&path).expect("there").mode() & 0o7777, 0o600);
    let before = fs::read(&path).expect("read");
    check(
        &error(keygen(&path)),
        Exit::Trouble,
        &["identity.txt", "left as it is", "move it aside"],
    );
    assert_eq!(fs::read(&path).expect("read"), before);
    let identity = read_identity(&path, false);
    assert_eq!(identity.map(|it| it.recipient()).ok(), Some(recipient));
    let nowhere = folder.path().join("no/identity.txt");
    check(&error(keygen(&nowhere)), Exit::Io, &["no is missing", "mkdir -p"]);
}

#[test]
fn a_dangling_link_is_not_written_through() {
    let folder = folder();
    let (link, target) = (folder.path().join("link"), folder.path().join("target"));
    std::os::unix::fs::symlink(&target, &link).expect("linked");
    check(&error(keygen(&link)), Exit::Trouble, &["link is there already"]);
    assert!(!target.exists());
}

#[test]
fn what_we_encrypt_age_and_we_decrypt() {
    let folder = folder();
    let (identity, path) = identity(&folder);
    let given = credentials_from(&lines(), "stdin").expect("right");
    let sealed = encrypt(&given, &identity).expect("sealed");
    assert!(sealed.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----\n"));
    let file = folder.path().join("smith.age");
    put(&file, &sealed);
    let source = CredentialsSource::File(file.clone());
    is_the_pair(&decrypt(&source, &identity).expect("ours"));
    let opened = run("age", &["-d", "-i", text(&path), text(&file)], "");
    assert_eq!(String::from_utf8(opened).expect("text"), lines());
    let inline = CredentialsSource::Inline(String::from_utf8(sealed).expect("armored"));
    is_the_pair(&decrypt(&inline, &identity).expect("ours"));
    let recipient = run("age-keygen", &["-y", text(&path)], "");
    assert_eq!(String::from_utf8(recipient).expect("text").trim(), identity.recipient());
}

#[test]
fn what_age_encrypts_we_decrypt_armored_and_binary() {
    let folder = folder();
    let path = folder.path().join("made-by-age.txt");
    run("age-keygen", &["-o", text(&path)], "");
    let identity = read_identity(&path, false).expect("age made it");
    let recipient = identity.recipient();
    for arguments in [vec!["-r", &recipient], vec!["-a", "-r", &recipient]] {
        let file = folder.path().join("smith.age");
        put(&file, &run("age", &arguments, &lines()));
        is_the_pair(&decrypt(&CredentialsSource::File(file), &identity).expect("ours"));
    }
}

#[test]
fn any_key_of_the_identity_opens_and_all_can_open() {
    let folder = folder();
    let (one, one_path) = identity(&folder);
    let both_path = folder.path().join("both.txt");
    keygen(&both_path).expect("made");
    let mut both = fs::read(&both_path).expect("read");
    both.extend(fs::read(&one_path).expect("read"));
    put(&both_path, &both);
    let both = read_identity(&both_path, false).expect("two keys");
    let given = credentials_from(&lines(), "stdin").expect("right");
    for (sealer, opener) in [(&one, &both), (&both, &one)] {
        let sealed = encrypt(&given, sealer).expect("sealed");
        let source = CredentialsSource::Inline(String::from_utf8(sealed).expect("armored"));
        is_the_pair(&decrypt(&source, opener).expect("one key is common"));
    }
}

#[test]
fn an_identity_that_is_none_is_told_with_its_cure() {
    let folder = folder();
    let path = folder.path().join("identity.txt");
    let refuse = |content: &[u8], words: &[&str]| {
        put(&path, content);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("set");
        check(&error(read_identity(&path, false)), Exit::Config, words);
    };
    check(&error(read_identity(&path, false)), Exit::Config, &["no age identity", "keygen"]);
    refuse(b"-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n", &["line 1", "SSH key", "keygen"]);
    refuse(b"-----BEGIN AGE ENCRYPTED FILE-----\nhunter2\n", &["passphrase", "age -d"]);
    refuse(b"age-encryption.org/v1\n-> scrypt hunter2\n\xff\xfe", &["passphrase"]);
    refuse(b"# mine\n\nAGE-PLUGIN-YUBIKEY-1HUNTER2\n", &["line 3", "plugin"]);
    refuse(b"AGE-SECRET-KEY-1QQQ\n", &["line 1", "mistyped or cut short", "copy"]);
    refuse(b"AGE-SECRET-KEY-PQ-1QQQ\n", &["post-quantum"]);
    refuse(b"age1hunter2\n", &["recipient", "AGE-SECRET-KEY-1"]);
    refuse(b"hunter2\n", &["line 1", "no age identity", "keygen"]);
    refuse(b"# only a comment\n", &["no line AGE-SECRET-KEY-1"]);
    refuse(b"\xff\xfe\x00", &["no text at all"]);
}

#[test]
fn an_identity_that_others_can_read_is_refused_unless_systemd_gave_it() {
    let folder = folder();
    let (_, path) = identity(&folder);
    for mode in [0o640, 0o604, 0o620, 0o611] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("set");
        let words = [&*format!("mode {mode:04o}"), "chmod 600"];
        check(&error(read_identity(&path, false)), Exit::Config, &words);
        assert!(read_identity(&path, true).is_ok());
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).expect("set");
    assert!(read_identity(&path, false).is_ok());
}

#[test]
fn credentials_that_cannot_be_opened_say_why() {
    let folder = folder();
    let (identity, _) = identity(&folder);
    let other = folder.path().join("other.txt");
    let recipient = keygen(&other).expect("made");
    let file = folder.path().join("smith.age");
    let source = CredentialsSource::File(file.clone());
    let refuse = |content: &[u8], words: &[&str]| {
        put(&file, content);
        check(&error(decrypt(&source, &identity)), Exit::Owner, words);
    };
    check(
        &error(decrypt(&source, &identity)),
        Exit::Io,
        &["smith.age: it is not", "credentials set"],
    );
    refuse(lines().as_bytes(), &["smith.age", "in clear", "credentials set"]);
    refuse(b"hunter2", &["smith.age", "no age-encrypted text", "credentials set"]);
    refuse(b"", &["no age-encrypted text"]);
    refuse(
        &run("age", &["-r", &recipient], &lines()),
        &["another identity", "put the identity back"],
    );
    let own = run("age", &["-a", "-r", &identity.recipient()], &lines());
    refuse(&own[..own.len() - 60], &["cut short or damaged"]);
    let inline = CredentialsSource::Inline(lines());
    let words = ["credentials in the configuration", "in clear"];
    check(&error(decrypt(&inline, &identity)), Exit::Owner, &words);
}

#[test]
fn a_pair_that_the_service_could_not_take_is_refused() {
    let folder = folder();
    let (identity, _) = identity(&folder);
    let short = "hunter2";
    for (clear, word) in [
        ("hunter2".to_owned(), "not TOML"),
        (format!("user_id = \"{USER}\"\n"), "no line access_key"),
        (format!("access_key = \"{KEY}\"\n"), "no line user_id"),
        (format!("{}password = \"{short}\"\n", lines()), "more in it"),
        (format!("user_id = \"{USER}\"\naccess_key = 12\n"), "no line access_key"),
        (format!("user_id = \"{USER}\"\naccess_key = \"{}\"\n", &KEY[..43]), "not base64"),
        (format!("user_id = \"{USER}\"\naccess_key = \"aHVudGVyMg==\"\n"), "less than 16 bytes"),
        (format!("user_id = \"{USER}\"\naccess_key = \"\"\n"), "less than 16 bytes"),
        (format!("user_id = \"{KEY}\"\naccess_key = \"{USER}\"\n"), "swapped"),
        (format!("user_id = \"a:b\"\naccess_key = \"{KEY}\"\n"), "user_id has a character"),
        (format!("user_id = \" \"\naccess_key = \"{KEY}\"\n"), "user_id is empty"),
    ] {
        let sealed = run("age", &["-a", "-r", &identity.recipient()], &clear);
        let source = CredentialsSource::Inline(String::from_utf8(sealed).expect("armored"));
        check(&error(decrypt(&source, &identity)), Exit::Owner, &[word]);
        check(&error(credentials_from(&clear, "stdin")), Exit::Owner, &["stdin", word]);
    }
}

#[test]
fn white_space_around_a_copied_pair_is_dropped() {
    let spaced = format!("user_id = \" {USER}\"\r\naccess_key = \"{KEY}\\n\"\r\n");
    is_the_pair(&credentials_from(&spaced, "stdin").expect("right"));
    let typed = |text: &str| SecretString::from(format!(" {text}\n"));
    is_the_pair(&pair(&typed(USER), &typed(KEY)).expect("right"));
}

#[test]
fn a_fingerprint_tells_changed_credentials_apart() {
    let one = fingerprint(&CredentialsSource::Inline("one".to_owned())).expect("no file");
    let other = fingerprint(&CredentialsSource::Inline("other".to_owned())).expect("no file");
    assert_eq!(one, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
    assert_ne!(one, other);
    let missing = CredentialsSource::File(folder().path().join("none.age"));
    check(&error(fingerprint(&missing)), Exit::Io, &["none.age", "credentials set"]);
}
