//! The configuration as its owner types it, rightly and wrongly.

mod example;
mod secrets;
mod wrong;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sophtron_sync::config::{Config, ConfigError, CredentialsSource, Env, find, load};
use sophtron_sync::domain::{AccountType, BalanceSign, DecimalMark, Exit, Format, Refresh, Track};
use tempfile::TempDir;

/// A configuration that is right; the cases below spoil one part of it each.
const GOOD: &str = r#"# bank
output_dir = "out"
state_dir = "state"
identity = "identity.txt"

[sync]
refresh = "12h"
overlap = "45d"
poll = "5s"

[files]
formats = ["ledger", "csv"]
mode = "0640"
layout = 1
opening = "Equity:Opening Balances"
commodity = { USD = "$", CAD = "CAD" }

[[family]]
name = "smith"
credentials_file = "smith.age"
start_date = 2026-01-01

[[family.account]]
id = "a3c9e1d4-1111"
name = "checking"
type = "depository"
ledger = "Assets:Checking"

[[family.account]]
id = "b3c9e1d4-2222"
name = "visa"
type = "credit_card"
ledger = "Liabilities:Visa"

[[family]]
name = "jones"
credentials_file = "jones.age"
output_dir = "jones"
"#;

/// Its parts that the cases below replace.
const OUT: &str = "output_dir = \"out\"";
const STATE: &str = "state_dir = \"state\"";
const REFRESH: &str = "refresh = \"12h\"";
const OVERLAP: &str = "overlap = \"45d\"";
const POLL: &str = "poll = \"5s\"";
const FORMATS: &str = "formats = [\"ledger\", \"csv\"]";
const MODE: &str = "mode = \"0640\"";
const OPENING: &str = "opening = \"Equity:Opening Balances\"";
const COMMODITY: &str = "commodity = { USD = \"$\", CAD = \"CAD\" }";
const SMITH: &str = "name = \"smith\"";
const SMITH_AGE: &str = "credentials_file = \"smith.age\"";
const START: &str = "start_date = 2026-01-01";
const ID: &str = "id = \"a3c9e1d4-1111\"";
const TYPE: &str = "type = \"depository\"";
const LEDGER: &str = "ledger = \"Assets:Checking\"";
const JONES_OUT: &str = "output_dir = \"jones\"";

/// A folder with one configuration in it.
struct Home {
    folder: TempDir,
}

impl Home {
    fn with(text: impl AsRef<[u8]>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let home = Self { folder };
        put(&home.file(), text.as_ref());
        home
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("it is there")
    }

    fn file(&self) -> PathBuf {
        self.root().join("sophtron-sync.toml")
    }

    fn load(&self) -> Result<Config, ConfigError> {
        load(&self.file(), &env(&self.root()))
    }
}

fn env(home: &Path) -> Env {
    Env::from_pairs([("HOME", home)])
}

#[allow(clippy::disallowed_methods, reason = "a test may write plainly")]
fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    fs::write(path, bytes).expect("written");
}

/// How often a law is tried: seldom in a plain run.
#[allow(clippy::disallowed_methods, reason = "the length of a test run is no setting")]
pub(crate) fn times(plain: u32, long: u32) -> u32 {
    if std::env::var_os("SOPHTRON_SYNC_LONG").is_some() { long } else { plain }
}

#[test]
fn the_unspoilt_configuration_is_read_as_meant() {
    let home = Home::with(GOOD);
    let config = home.load().expect("it is right");
    assert_eq!(config.path, home.file());
    assert_eq!(config.state_dir, home.root().join("state"));
    assert_eq!(config.identity, home.root().join("identity.txt"));
    assert!(!config.identity_from_systemd && !config.state_dir_is_xdg);
    assert_eq!(config.sync.refresh, Refresh::Every(Duration::from_hours(12)));
    assert_eq!(config.sync.monthly_requests, 10_000);
    assert_eq!(config.sync.overlap_days, 45);
    assert_eq!(config.files.formats, [Format::Ledger, Format::Csv]);
    assert_eq!(config.files.mode, 0o640);
    assert_eq!(config.files.style.decimal_mark, DecimalMark::Point);
    assert_eq!(config.files.style.commodity.len(), 2);
    let [smith, jones] = config.families.as_slice() else { panic!("two families") };
    assert_eq!(smith.family.name.as_str(), "smith");
    assert_eq!(smith.family.output_dir, home.root().join("out/smith"));
    assert!(!smith.family.own_folder && jones.family.own_folder);
    assert_eq!(jones.family.output_dir, home.root().join("jones"));
    assert_eq!(smith.family.base_url, "https://api.sophtron.com/api");
    assert_eq!(smith.family.start_date.map(|day| day.to_string()).as_deref(), Some("2026-01-01"));
    assert_eq!(smith.credentials, CredentialsSource::File(home.root().join("smith.age")));
    let [checking, visa] = smith.family.accounts.as_slice() else { panic!("two accounts") };
    assert_eq!((checking.kind, visa.kind), (AccountType::Depository, AccountType::CreditCard));
    assert_eq!(checking.balance_sign, BalanceSign::Signed);
    assert_eq!(visa.balance_sign, BalanceSign::Auto);
    assert!(checking.opening_entry && checking.track.is_none());
}

/// What is true of every message: it is short, names the file, shows no secret, speaks plainly.
fn check_manners(error: &ConfigError) {
    let told = error.to_string();
    assert_eq!(error.exit(), Exit::Config);
    assert!(told.lines().count() <= 25, "{told}");
    for word in ["hunter2", "Some(", "None", "Err(", "DeValue", "Cow<", "unwrap", "\u{1b}"] {
        assert!(!told.contains(word), "{word} in\n{told}");
    }
}

#[test]
fn a_key_that_is_missing_is_missed_at_its_section() {
    let text =
        GOOD.replacen("[[family.account]]\nid = \"a3c9e1d4-1111\"\n", "[[family.account]]\n", 1);
    let error = Home::with(&text).load().expect_err("no id");
    let line = (1..).zip(text.lines()).find(|(_, line)| *line == "[[family.account]]");
    assert_eq!(error.findings().len(), 1);
    assert_eq!(Some(error.findings()[0].line), line.map(|(at, _)| at));
    assert_eq!(error.findings()[0].key, "family.account.id");
}

#[test]
fn what_is_wrong_beside_a_slip_in_one_value_is_told_too() {
    let text = GOOD
        .replacen(START, "start_date = 2026-02-30", 1)
        .replacen(REFRESH, "refesh = \"12h\"", 1)
        .replacen(TYPE, "type = \"checking\"", 1);
    let error = Home::with(text).load().expect_err("three slips");
    let keys: Vec<&str> = error.findings().iter().map(|found| found.key.as_str()).collect();
    assert_eq!(keys, ["sync.refesh", "family.start_date", "family.account.type"], "{error}");
}

#[test]
fn a_hundred_wrong_lines_are_told_shortly() {
    let wrong: Vec<String> = (0..100).map(|at| format!("wrong{at} = {at}\n")).collect();
    let error = Home::with(GOOD.to_owned() + &wrong.concat()).load().expect_err("all wrong");
    assert_eq!(error.findings().len(), 100);
    assert!(error.to_string().ends_with("and 80 more"), "{error}");
    check_manners(&error);
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_are_taken() {
    let windows = GOOD.replace('\n', "\r\n");
    assert!(Home::with(&windows).load().is_ok());
    assert!(Home::with(format!("\u{feff}{GOOD}")).load().is_ok());
    let error = Home::with(windows.replace("12h", "soon")).load().expect_err("wrong");
    assert_eq!(error.findings()[0].line, 7);
}

#[test]
fn a_file_that_is_no_text_names_the_line() {
    let mut bytes = GOOD.as_bytes().to_vec();
    let at = GOOD.find("smith").expect("there");
    bytes[at] = 0xff;
    let error = Home::with(bytes).load().expect_err("not UTF-8");
    assert_eq!(error.findings()[0].line, 19);
    assert!(error.to_string().contains("save the file as UTF-8"), "{error}");
}

#[test]
fn a_configuration_that_cannot_be_read_is_named() {
    let home = Home::with(GOOD);
    let error = load(&home.root().join("nowhere.toml"), &env(&home.root())).expect_err("missing");
    let told = error.to_string();
    assert!(told.contains("nowhere.toml: it is not there; check the path"), "{told}");
    assert_eq!(error.exit(), Exit::Config);
}

#[test]
fn the_first_configuration_that_exists_is_found() {
    let home = Home::with(GOOD);
    let (root, empty) = (home.root(), TempDir::new().expect("a folder"));
    let xdg = root.join("xdg");
    let user = xdg.join("sophtron-sync/sophtron-sync.toml");
    put(&user, GOOD.as_bytes());
    let env = Env::from_pairs([("XDG_CONFIG_HOME", xdg.as_path()), ("HOME", root.as_path())]);
    assert_eq!(find(None, &env, &root).expect("beside us"), home.file());
    assert_eq!(find(None, &env, empty.path()).expect("the user's"), user);
    let flag = find(Some(Path::new("other.toml")), &env, &root).expect("named");
    assert_eq!(flag, root.join("other.toml"));
    let named = Env::from_pairs([("SOPHTRON_SYNC_CONFIG", "/etc/x.toml")]);
    assert_eq!(find(None, &named, &root).expect("named"), Path::new("/etc/x.toml"));
}

#[test]
fn no_configuration_anywhere_says_where_it_was_looked_for() {
    let empty = TempDir::new().expect("a folder");
    let error = find(None, &env(empty.path()), empty.path()).expect_err("none");
    let told = error.to_string();
    let user = empty.path().join(".config/sophtron-sync/sophtron-sync.toml");
    assert!(told.contains(&user.display().to_string()), "{told}");
    assert!(told.contains("/etc/sophtron-sync/sophtron-sync.toml"), "{told}");
    assert!(told.contains("sophtron-sync.toml.example"), "{told}");
    assert_eq!(error.exit(), Exit::Config);
}

#[test]
fn state_and_identity_stand_where_they_belong_by_default() {
    let bare = GOOD.replace("state_dir = \"state\"\nidentity = \"identity.txt\"\n", "");
    let home = Home::with(bare);
    let root = home.root();
    let state = |pairs: &[(&str, PathBuf)]| {
        load(&home.file(), &Env::from_pairs(pairs.iter().cloned()))
            .map(|config| (config.state_dir, config.state_dir_is_xdg))
    };
    let below = |path: &str| root.join(path);
    let got = state(&[("HOME", root.clone())]).expect("loads");
    assert_eq!(got, (below(".local/state/sophtron-sync"), true));
    let got = state(&[("XDG_STATE_HOME", below("s")), ("HOME", root.clone())]).expect("loads");
    assert_eq!(got, (below("s/sophtron-sync"), true));
    let got = state(&[("STATE_DIRECTORY", below("systemd"))]).expect("loads");
    assert_eq!(got, (below("systemd"), false));
    let error = state(&[]).expect_err("no home");
    assert!(error.to_string().contains("state_dir = \"/var/lib/sophtron-sync\""), "{error}");
}

#[test]
fn an_identity_from_systemd_wins_where_it_exists() {
    let home = Home::with(GOOD);
    let given = home.root().join("credentials");
    let env = Env::from_pairs([("CREDENTIALS_DIRECTORY", &given)]);
    let config = load(&home.file(), &env).expect("loads");
    assert_eq!(
        (config.identity_from_systemd, config.identity),
        (false, home.root().join("identity.txt"),)
    );
    put(&given.join("identity"), b"");
    let config = load(&home.file(), &env).expect("loads");
    assert_eq!((config.identity_from_systemd, config.identity), (true, given.join("identity")));
}

#[test]
fn folders_that_a_link_makes_the_same_are_refused() {
    let home = Home::with(GOOD.replace(JONES_OUT, "output_dir = \"link\""));
    fs::create_dir_all(home.root().join("out/smith")).expect("made");
    let link = home.root().join("link");
    std::os::unix::fs::symlink(home.root().join("out/smith"), link).expect("linked");
    let error = home.load().expect_err("one folder");
    assert!(error.to_string().contains("the files of smith lie on"), "{error}");
}

#[test]
fn two_families_on_one_folder_are_told_once() {
    let text =
        GOOD.replace(SMITH_AGE, "credentials_file = \"smith.age\"\noutput_dir = \"jones/x\"");
    let error = Home::with(text).load().expect_err("one folder");
    assert_eq!(error.findings().len(), 1, "{error}");
}

#[test]
fn a_family_takes_group_and_mode_from_the_files_unless_it_has_its_own() {
    let text = GOOD.replace(MODE, "mode = \"0660\"\ngroup = \"finance\"").replace(
        JONES_OUT,
        "output_dir = \"jones\"\nmode = \"0600\"\ngroup = \"jones\"\npaused = true",
    );
    let config = Home::with(text).load().expect("right");
    let [smith, jones] = config.families.as_slice() else { panic!("two") };
    assert_eq!((smith.family.mode, smith.family.group.as_deref()), (0o660, Some("finance")));
    assert_eq!((jones.family.mode, jones.family.group.as_deref()), (0o600, Some("jones")));
    assert!(jones.family.paused && !smith.family.paused);
}

#[test]
fn words_and_dates_are_read_in_each_spelling() {
    let text = GOOD
        .replace(REFRESH, "refresh = \"never\"")
        .replace(POLL, "poll = \"20ms\"")
        .replace(START, "start_date = \"2026-01-01\"")
        .replace(LEDGER, "ledger = 'Assets:RBC (CAD)'\ntrack = \"value\"\nclosed = 2026-08-31")
        .replace(COMMODITY, "decimal_mark = \",\"\n[files.commodity]\nusd = \"US$\"");
    let config = Home::with(text).load().expect("right");
    assert_eq!(config.sync.refresh, Refresh::Never);
    assert_eq!(config.sync.poll, Duration::from_millis(20));
    assert_eq!(config.files.style.decimal_mark, DecimalMark::Comma);
    let account = &config.families[0].family.accounts[0];
    assert_eq!(account.track, Some(Track::Value));
    assert_eq!(account.ledger, "Assets:RBC (CAD)");
    assert_eq!(account.closed.map(|day| day.to_string()).as_deref(), Some("2026-08-31"));
}

#[test]
fn an_inline_credential_is_never_shown() {
    let text = GOOD.replace(SMITH_AGE, "credentials = \"hunter2\"");
    let config = Home::with(text).load().expect("the form is right");
    assert!(!format!("{config:?}").contains("hunter2"));
}
