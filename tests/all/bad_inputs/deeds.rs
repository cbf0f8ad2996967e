//! What cases do to a home, by name.

use std::any::Any;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use secrecy::SecretString;
use sophtron_sync::config::{encrypt, read_identity};
use sophtron_sync::domain::Credentials;

use crate::home::Home;

const STORE: &str = "state/store.sqlite";
const CONFIG: &str = "sophtron-sync.toml";
const KEYS: &str = "credentials/smith.age";

/// What must be kept alive until the case is over.
type Kept = Box<dyn Any>;

/// Does a deed to a home.
pub(super) fn perform(deed: &str, home: &Home) -> Kept {
    let (name, argument) = deed.split_once(' ').unwrap_or((deed, ""));
    match name {
        // The configuration.
        "no-config" => fs::remove_file(home.path(CONFIG)).expect("removed"),
        "thirty-errors" => spoil(home, CONFIG, |bytes| {
            let wrong = (0..30).flat_map(|nth| format!("key{nth} = {nth}\n").into_bytes());
            bytes.splice(0..0, wrong);
        }),
        "same-id" => {
            let ids = ids(home);
            replace(home, &format!("\"{}\"", ids[1]), &format!("\"{}\" # again", ids[0]));
        }
        "another-id" => replace(home, &ids(home)[0], "another-id"),
        "config-is-a-folder" => into_folder(home, CONFIG),
        "config-not-utf-8" => spoil(home, CONFIG, |bytes| bytes.extend(b"# \xff\n")),
        // Credentials.
        "user-id" => seal(home, Some(argument), None),
        "access-key" => seal(home, None, Some(argument)),
        "key-refused" => home.bank.edit(|world| {
            "MDEyMzQ1Njc4OTAxMjM0NQ==".clone_into(&mut world.user_mut("smith").access_key);
        }),
        "credentials" => home.write(KEYS, &argument.replace("\\n", "\n")),
        "credentials-cut" => spoil(home, KEYS, |bytes| bytes.truncate(bytes.len() / 2)),
        "no-credentials" => fs::remove_file(home.path(KEYS)).expect("removed"),
        // The identity.
        "no-identity" => fs::remove_file(home.path("identity.txt")).expect("removed"),
        "another-identity" => {
            fs::remove_file(home.path("identity.txt")).expect("removed");
            home.run(&["keygen", "identity.txt"]).ends_with(0);
        }
        "identity" => {
            home.write("identity.txt", &argument.replace("\\n", "\n"));
            fs::set_permissions(home.path("identity.txt"), Permissions::from_mode(0o600))
                .expect("set");
        }
        "identity-mode" => {
            let mode = u32::from_str_radix(argument, 8).expect("a mode");
            fs::set_permissions(home.path("identity.txt"), Permissions::from_mode(mode))
                .expect("set");
        }
        // Folders and stores.
        "folder" => into_folder(home, argument),
        "file" => into_file(home, argument),
        "link" => {
            let there = format!("{argument}-elsewhere");
            fs::rename(home.path(argument), home.path(&there)).expect("moved");
            symlink(home.path(&there), home.path(argument)).expect("linked");
        }
        "store-garbage" => {
            home.write(STORE, &"no store at all ".repeat(1000));
        }
        "store-newer" => {
            let store = rusqlite::Connection::open(home.path(STORE)).expect("a store");
            store.pragma_update(None, "user_version", 999).expect("set");
        }
        "store-lost" => fs::remove_file(home.path(STORE)).expect("removed"),
        "lock" => return lock(home, argument),
        other => panic!("no deed {other:?}"),
    }
    Box::new(())
}

/// The ids of both accounts.
fn ids(home: &Home) -> Vec<String> {
    home.bank.edit(|world| world.accounts().map(|account| account.id.clone()).collect())
}

fn replace(home: &Home, from: &str, to: &str) {
    let text = home.read(CONFIG);
    assert!(text.contains(from), "{from} in\n{text}");
    home.write(CONFIG, &text.replacen(from, to, 1));
}

fn spoil(home: &Home, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(home.path(name)).expect("read");
    change(&mut bytes);
    #[allow(clippy::disallowed_methods, reason = "a spoilt file is made by hand")]
    fs::write(home.path(name), bytes).expect("written");
}

fn into_folder(home: &Home, name: &str) {
    fs::remove_file(home.path(name)).expect("removed");
    fs::create_dir(home.path(name)).expect("made");
}

fn into_file(home: &Home, name: &str) {
    fs::rename(home.path(name), home.path(&format!("{name}-aside"))).expect("moved");
    home.write(name, "a file in place of a folder\n");
}

/// Encrypts a pair that `credentials set` would refuse.
pub(crate) fn seal(home: &Home, user_id: Option<&str>, access_key: Option<&str>) {
    let identity = read_identity(&home.path("identity.txt"), false).expect("an identity");
    let (id, key) = home.bank.edit(|world| {
        let user = world.user("smith");
        (user.id.clone(), user.access_key.clone())
    });
    let pair = Credentials::new(
        SecretString::from(user_id.unwrap_or(&id)),
        SecretString::from(access_key.unwrap_or(&key)),
    );
    let sealed = encrypt(&pair, &identity).expect("sealed");
    home.write(KEYS, std::str::from_utf8(&sealed).expect("armor is text"));
}

/// Holds the lock of a folder as process 4242 would.
fn lock(home: &Home, folder: &str) -> Kept {
    use std::io::Write;
    let path = home.path(folder).join(".sophtron-sync.lock");
    let mut file = fs::OpenOptions::new().write(true).truncate(true).open(path).expect("a lock");
    file.try_lock().expect("free");
    writeln!(file, "4242").expect("signed");
    Box::new(file)
}
