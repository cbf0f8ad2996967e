//! The configuration as its owner types it, rightly and wrongly.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};
use sophtron_sync::config::{Config, ConfigError, CredentialsSource, Env, find, known_keys, load};
use sophtron_sync::domain::{AccountType, BalanceSign, DecimalMark, Exit, Format, Track};
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

/// A spoilt configuration: what is replaced by what, and what must be found, as key, problem and
/// cure. The lines that are wrong end in `#!`, in the order of the findings.
struct Bad {
    replace: &'static str,
    by: &'static str,
    finds: &'static [(&'static str, &'static str, &'static str)],
}

const fn bad(
    replace: &'static str,
    by: &'static str,
    finds: &'static [(&'static str, &'static str, &'static str)],
) -> Bad {
    Bad { replace, by, finds }
}

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

const BAD: &[Bad] = &[
    // Keys.
    bad(
        "# bank\noutput_dir = \"out\"",
        "# bank #!",
        &[("output_dir", "missing", "before the first [section], such as output_dir =")],
    ),
    bad(REFRESH, "refesh = \"12h\" #!", &[("sync.refesh", "unknown key", "did you mean refresh?")]),
    bad(MODE, "Mode = \"0640\" #!", &[("files.Mode", "unknown key", "did you mean mode?")]),
    bad(
        FORMATS,
        "decimal-mark = \".\" #!",
        &[("files.decimal-mark", "unknown key", "did you mean decimal_mark?")],
    ),
    bad(
        TYPE,
        "kind = \"depository\" #!",
        &[
            ("family.account.type", "missing", "such as type = \"depository\""),
            ("family.account.kind", "unknown key", "known under [[family.account]] are id, login"),
        ],
    ),
    bad(
        POLL,
        "output_dir = \"out\" #!",
        &[(
            "sync.output_dir",
            "unknown key",
            "it belongs at the top, before the first [section] or under [[family]]",
        )],
    ),
    bad(
        START,
        "balance_sign = \"owed\" #!",
        &[("family.balance_sign", "unknown key", "it belongs under [[family.account]]")],
    ),
    bad(
        "[sync]",
        "[schedule] #!\nevery = \"6h\"\n[sync]",
        &[(
            "schedule",
            "unknown key",
            "known at the top, before the first [section] are output_dir",
        )],
    ),
    bad(
        SMITH_AGE,
        "credentials_file = \"smith.age\"\naccess_key = \"hunter2\" #!",
        &[("family.access_key", "unknown key", "credentials set")],
    ),
    bad(STATE, "\"a\\u001bb\" = 1 #!", &[("\"a\\u{1b}b\"", "unknown key", "known at the top")]),
    // Kinds.
    bad(REFRESH, "refresh = 12 #!", &[("sync.refresh", "a number", "text in quotes")]),
    bad(MODE, "mode = 640 #!", &[("files.mode", "a number", "text in quotes")]),
    bad(FORMATS, "formats = \"ledger\" #!", &[("files.formats", "text", "a list of texts")]),
    bad(FORMATS, "formats = [\"ledger\", 1] #!", &[("files.formats", "a list", "a list of texts")]),
    bad(
        START,
        "paused = \"yes\" #!",
        &[("family.paused", "text", "true or false, without quotes")],
    ),
    bad(START, "start_date = true #!", &[("family.start_date", "true or false", "2026-01-31")]),
    bad(COMMODITY, "commodity = \"$\" #!", &[("files.commodity", "text", "{ USD = \"$\" }")]),
    bad(
        COMMODITY,
        "commodity = { USD = 1 } #!",
        &[("files.commodity.USD", "a number", "text in quotes")],
    ),
    bad("layout = 1", "layout = \"1\" #!", &[("files.layout", "text", "a whole number")]),
    // Not TOML at all.
    bad(
        OVERLAP,
        "overlap = \"45d #!",
        &[("sync.overlap", "has no end", "the quote that began it")],
    ),
    bad("[sync]", "[sync #!", &[("", "not TOML", ".toml.example")]),
    bad(MODE, "mode = 0640 #!", &[("files.mode", "cannot begin with 0", "\"0640\" in quotes")]),
    bad(SMITH, "name = smith #!", &[("family.name", "no quotes", "text in quotes")]),
    bad(POLL, "refresh = \"1h\" #!", &[("sync.refresh", "given twice", "keep one")]),
    bad(START, "start_date = 2026-02-30 #!", &[("family.start_date", "no such day", "2026-01-31")]),
    bad(
        LEDGER,
        "ledger = \"A\\:B\" #!",
        &[("family.account.ledger", "needs a second one", "single quotes")],
    ),
    // Values.
    bad(REFRESH, "refresh = \"soon\" #!", &[("sync.refresh", "\"soon\"", "\"12h\"")]),
    bad(REFRESH, "refresh = \"0s\" #!", &[("sync.refresh", "too short", "\"12h\"")]),
    bad(REFRESH, "refresh = \"90y\" #!", &[("sync.refresh", "ten years", "\"12h\"")]),
    bad(OVERLAP, "overlap = \"12h\" #!", &[("sync.overlap", "whole days", "at least one day")]),
    bad(OVERLAP, "overlap = \"45\" #!", &[("sync.overlap", "no length of time", "\"45d\"")]),
    bad(POLL, "poll = \"2h\" #!", &[("sync.poll", "two looks", "\"5s\"")]),
    bad(FORMATS, "formats = [\"ledgr\"] #!", &[("files.formats", "\"ledgr\"", "\"ledger\"?")]),
    bad(FORMATS, "formats = [\"qif\"] #!", &[("files.formats", "\"qif\"", "\"csv\", \"ofx\"")]),
    bad(FORMATS, "formats = [] #!", &[("files.formats", "no format", "at least one")]),
    bad(FORMATS, "formats = [\"csv\", \"csv\"] #!", &[("files.formats", "twice", "once")]),
    bad(MODE, "mode = \"0666\" #!", &[("files.mode", "everybody", "\"0640\"")]),
    bad(MODE, "mode = \"rw-r\" #!", &[("files.mode", "no file mode", "\"0640\"")]),
    bad(
        MODE,
        "mode = \"0640\"\ngroup = \"a:b\" #!",
        &[("files.group", "no group", "getent group")],
    ),
    bad("layout = 1", "layout = 2 #!", &[("files.layout", "no layout 2", "layout = 1")]),
    bad(OPENING, "opening = \"Equity;Opening\" #!", &[("files.opening", "comment", "as in your")]),
    bad(OPENING, "decimal_mark = \"'\" #!", &[("files.decimal_mark", "not known", "\".\", \",\"")]),
    bad(OPENING, "description = \"tags\" #!", &[("files.description", "\"tags\"", "\"tag\"?")]),
    bad(
        COMMODITY,
        "commodity = { USD = \"$\", CAD = \"$\" } #!",
        &[("files.commodity.USD", "CAD is written so already", "a symbol of its own")],
    ),
    bad(
        COMMODITY,
        "commodity = { Dollar = \"$\" } #!",
        &[("files.commodity.Dollar", "no currency code", "three letters")],
    ),
    bad(SMITH, "name = \"Smith Family\" #!", &[("family.name", "name a folder", "lower-case")]),
    bad(
        START,
        "base_url = \"http://api.sophtron.com/api\" #!",
        &[("family.base_url", "without https", "https://api.sophtron.com/api")],
    ),
    bad(
        START,
        "base_url = \"https://me:hunter2@api.sophtron.com\" #!",
        &[("family.base_url", "a user or password", "https://api.sophtron.com/api")],
    ),
    bad(START, "start_date = 0026-01-01 #!", &[("family.start_date", "year 26", "four digits")]),
    bad(START, "start_date = \"2026-02-30\" #!", &[("family.start_date", "no day", "exists")]),
    bad(
        START,
        "start_date = 2026-01-01T10:00:00 #!",
        &[("family.start_date", "time of day", "the date alone")],
    ),
    bad(ID, "id = \"a3c9 e1d4\" #!", &[("family.account.id", "no id", "sophtron-sync accounts")]),
    bad(TYPE, "type = \"creditcard\" #!", &[("family.account.type", "not known", "credit_card")]),
    bad(LEDGER, "ledger = \"Assets:A  B\" #!", &[("family.account.ledger", "two spaces", "as in")]),
    bad(LEDGER, "ledger = \"(Assets:A)\" #!", &[("family.account.ledger", "begins", "as in")]),
    bad(LEDGER, "ledger = \"Assets::A\" #!", &[("family.account.ledger", "two :", "as in")]),
    bad(
        LEDGER,
        "ledger = \"A\"\ncurrency = \"$\" #!",
        &[("family.account.currency", "no currency code", "\"USD\"")],
    ),
    bad(
        LEDGER,
        "ledger = \"A\"\ntrack = \"all\" #!",
        &[("family.account.track", "\"all\"", "\"cash\", \"rows\", \"value\"")],
    ),
    bad(OUT, "output_dir = \"~/bank\" #!", &[("output_dir", "~ and $", "whole path")]),
    bad(OUT, "output_dir = \"\" #!", &[("output_dir", "no path", "write a path")]),
    // Things that collide.
    bad(
        "name = \"jones\"",
        "name = \"smith\" #!",
        &[("family.name", "line 19 already", "its own")],
    ),
    bad(
        "name = \"visa\"",
        "name = \"checking\" #!",
        &[("family.account.name", "line 25 already", "its own")],
    ),
    bad(
        "id = \"b3c9e1d4-2222\"",
        "id = \"A3C9E1D4-1111\" #!",
        &[("family.account.id", "line 24 already", "link each account once")],
    ),
    bad(
        "ledger = \"Liabilities:Visa\"",
        "ledger = \"Assets:Checking\" #!",
        &[("family.account.ledger", "line 27 already", "its own")],
    ),
    bad(
        LEDGER,
        "ledger = \"Expenses:Unknown\" #!",
        &[("family.account.ledger", "other side of its own", "the account itself")],
    ),
    bad(SMITH_AGE, "", &[("family.credentials_file", "missing", "credentials/smith.age")]),
    bad(
        SMITH_AGE,
        "credentials_file = \"a\"\ncredentials = \"hunter2\"",
        &[("family.credentials_file", "both", "keep one")],
    ),
    bad(JONES_OUT, "output_dir = \"out/smith/x\" #!", &[("family.output_dir", "smith", "apart")]),
    bad(JONES_OUT, "output_dir = \"out/../out\" #!", &[("family.output_dir", "shared", "apart")]),
    bad(
        JONES_OUT,
        "output_dir = \"state/jones\" #!",
        &[("family.output_dir", "state_dir", "apart")],
    ),
    bad(OUT, "output_dir = \"./state\" #!", &[("output_dir", "state_dir", "keep the state apart")]),
    // Two at once, and across sections.
    bad(
        "[sync]\nrefresh = \"12h\"",
        "identiti = 1 #!\n[sync]\nrefresh = \"x\" #!",
        &[
            ("sync.refresh", "\"x\"", "\"12h\""),
            ("identiti", "unknown key", "did you mean identity?"),
        ],
    ),
];

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
fn times(plain: u32, long: u32) -> u32 {
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
    assert_eq!(config.sync.refresh, Some(Duration::from_hours(12)));
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

#[test]
fn every_wrong_configuration_is_told_with_line_key_and_cure() {
    assert!(BAD.len() >= 40);
    for case in BAD.iter().filter(|case| !case.finds.is_empty()) {
        assert!(GOOD.contains(case.replace), "{}", case.replace);
        let text = GOOD.replacen(case.replace, case.by, 1);
        let home = Home::with(&text);
        let error = home.load().expect_err(case.by);
        check(case, &text, &error);
        check_manners(&error);
    }
}

/// Every finding is expected, in order; those on marked lines stand there.
fn check(case: &Bad, text: &str, error: &ConfigError) {
    let told = error.to_string();
    let findings = error.findings();
    assert_eq!(findings.len(), case.finds.len(), "{}\n{told}", case.by);
    let marked: Vec<usize> = (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.ends_with("#!"))
        .map(|(at, _)| at)
        .collect();
    for (key, problem, cure) in case.finds {
        let found = findings.iter().find(|found| found.key == *key);
        let found = found.unwrap_or_else(|| panic!("{key} in\n{told}"));
        assert!(found.problem.contains(problem), "{problem} in\n{told}");
        assert!(found.cure.contains(cure), "{cure} in\n{told}");
        let elsewhere =
            matches!(found.problem.as_str(), "missing") || found.problem.starts_with("both");
        assert!(elsewhere || marked.contains(&found.line), "{marked:?} in\n{told}");
        let shown = format!("sophtron-sync.toml:{}: ", found.line);
        assert!(told.contains(&shown), "{shown} in\n{told}");
    }
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
    let mut text = GOOD.to_owned();
    for at in 0..100 {
        text.push_str(&format!("wrong{at} = {at}\n"));
    }
    let error = Home::with(text).load().expect_err("all wrong");
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
    assert_eq!(config.sync.refresh, None);
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

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sophtron-sync.toml.example");
    fs::read_to_string(path).expect("the example is part of the project")
}

#[test]
fn the_example_loads_and_shows_the_defaults() {
    let home = Home::with(example());
    let config = home.load().expect("the example is right");
    assert_eq!(config.families.len(), 1);
    let bare = "output_dir = \"/srv/finance/bank\"\nstate_dir = \"/var/lib/sophtron-sync\"\n\
                [[family]]\nname = \"smith\"\ncredentials_file = \"credentials/smith.age\"\n";
    let bare = Home::with(bare).load().expect("right");
    assert_eq!(config.sync, bare.sync);
    let (mut shown, default) = (config.files, bare.files);
    assert!(shown.style.commodity.iter().all(|(code, symbol)| code.code() == symbol));
    shown.style.commodity.clear();
    assert_eq!(shown, default);
}

#[test]
fn the_example_loads_with_its_commented_keys_too() {
    let text: Vec<String> = example()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key)
                if key.contains(" = ") && !key.contains("credentials") && !key.contains(',') =>
            {
                key.to_owned()
            }
            _ => line.to_owned(),
        })
        .collect();
    let config = Home::with(text.join("\n")).load().expect("right");
    assert_eq!(config.files.group.as_deref(), Some("finance"));
    assert!(config.families[0].family.own_folder);
    assert!(config.families[0].family.accounts[0].closed.is_some());
}

#[test]
fn the_example_documents_every_key_that_is_known() {
    let keys = known_keys();
    assert!(keys.contains(&("family.account", "amount_sign")) && keys.len() > 40);
    let mut section = String::new();
    let mut documented = Vec::new();
    for line in example().lines() {
        let plain = line.trim_start_matches("# ");
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
            documented.push(match section.rsplit_once('.') {
                Some((above, key)) => (above.to_owned(), key.to_owned()),
                None => (String::new(), section.clone()),
            });
        } else if let Some((key, _)) = plain.split_once(" = ") {
            documented.push((section.clone(), key.to_owned()));
        }
    }
    for (section, key) in keys {
        let it = (section.to_owned(), key.to_owned());
        assert!(documented.contains(&it), "{key} under [{section}]");
    }
}

/// A law of whatever text an editor leaves behind: it loads or says why, and never more.
fn never_panics(text: &str) -> Result<(), TestCaseError> {
    let home = Home::with(text);
    if let Err(error) = home.load() {
        let told = error.to_string();
        prop_assert!(told.lines().count() <= 25, "{}", told);
        prop_assert!(!error.findings().is_empty(), "{}", told);
        let lines = text.lines().count() + 1;
        prop_assert!(error.findings().iter().all(|found| (1..=lines).contains(&found.line)));
    }
    Ok(())
}

#[test]
fn a_mutated_example_never_makes_it_panic() {
    let text = example();
    let strategy = prop::collection::vec(
        (any::<prop::sample::Index>(), 0..12_usize, "[\\[\\]{}=\"'.,#\\\\\n0-9a-z \u{80}é-]{0,3}"),
        1..6,
    );
    let cases = Cases { cases: times(300, 10_000), failure_persistence: None, ..Cases::default() };
    TestRunner::new(cases)
        .run(&strategy, |edits| {
            let mut chars: Vec<char> = text.chars().collect();
            for (at, cut, put) in edits {
                let at = at.index(chars.len());
                let end = (at + cut).min(chars.len());
                chars.splice(at..end, put.chars());
            }
            never_panics(&chars.into_iter().collect::<String>())
        })
        .expect("no mutation panics");
}

#[test]
fn any_text_at_all_never_makes_it_panic() {
    let cases = Cases { cases: times(300, 10_000), failure_persistence: None, ..Cases::default() };
    TestRunner::new(cases)
        .run(&any::<String>(), |text| never_panics(&text))
        .expect("no text panics");
}
