//! Wrong configurations, as data.

use sophtron_sync::config::ConfigError;

use super::*;

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

/// What is wrong with lines below `[schedule]`.
macro_rules! scheduled {
    ($lines:literal, $finds:expr $(,)?) => {
        bad("[sync]", concat!("[schedule]\n", $lines, "\n[sync]"), $finds)
    };
}

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
        "[weather] #!\nevery = \"6h\"\n[sync]",
        &[(
            "weather",
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
    scheduled!("every = \"5m\" #!", &[("schedule.every", "too often", "\"15m\"")]),
    scheduled!("at = [\"6:30\"] #!", &[("schedule.at", "\"6:30\"", "\"06:30\"")]),
    scheduled!("at = [] #!", &[("schedule.at", "no time", "18:30")]),
    scheduled!("at = [\"06:30\", \"06:30\"] #!", &[("schedule.at", "twice", "once")]),
    scheduled!("every = \"1h\"\nat = [\"06:30\"] #!", &[("schedule.at", "both", "keep one")],),
    scheduled!("every = \"1h\"\njitter = \"31m\" #!", &[("schedule.jitter", "half", "\"30m\"")]),
    scheduled!("quiet = \"22:00\" #!", &[("schedule.quiet", "no span", "\"22:00-07:00\"")]),
    scheduled!("quiet = \"22:00-22:00\" #!", &[("schedule.quiet", "begins", "22:00-07:00")]),
    scheduled!("timezone = \"Toronto\" #!", &[("schedule.timezone", "no time zone", "America/")]),
    bad(
        STATE,
        "state_dir = \"state\"\ncontrol_group = \"daemon\" #!",
        &[("control_group", "state folder", "control_socket")],
    ),
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
