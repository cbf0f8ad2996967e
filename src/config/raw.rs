//! The configuration as typed: which keys there are, in which section, and of which kind.
//!
//! No `Debug`: somebody may have typed a key where none belongs.

use toml::de::DeTable;

use super::findings::{At, Findings, Spot, Wrong};
use super::syntax::{self, Broken};
use super::table::{Page, PathOrFlag, RawDate, Table};

/// A document with every section and no value, by which the known keys are learnt.
const EVERY_SECTION: &str =
    "[schedule]\n[sync]\n[files]\n[hooks]\n[[family]]\n[family.hooks]\n[[family.account]]\n";

/// How a program is written.
const PROGRAM_FORM: &str =
    "write the program and its arguments as a list of texts, such as [\"/usr/local/bin/tell-me\"]";

/// The whole file.
#[derive(Default)]
pub(super) struct RawConfig {
    pub(super) output_dir: Option<At<String>>,
    pub(super) state_dir: Option<At<String>>,
    pub(super) identity: Option<At<String>>,
    pub(super) control_socket: Option<At<String>>,
    pub(super) control_group: Option<At<String>>,
    pub(super) schedule: RawSchedule,
    pub(super) sync: RawSync,
    pub(super) files: RawFiles,
    pub(super) hooks: RawHooks,
    pub(super) families: Vec<RawFamily>,
}

/// `[schedule]`.
#[derive(Default)]
pub(super) struct RawSchedule {
    pub(super) every: Option<At<String>>,
    pub(super) at: Option<At<Vec<String>>>,
    pub(super) jitter: Option<At<String>>,
    pub(super) quiet: Option<At<String>>,
    pub(super) timezone: Option<At<String>>,
}

/// `[sync]`.
#[derive(Default)]
pub(super) struct RawSync {
    pub(super) refresh: Option<At<String>>,
    pub(super) overlap: Option<At<String>>,
    pub(super) poll: Option<At<String>>,
    pub(super) monthly_requests: Option<At<i64>>,
}

/// `[files]`.
#[derive(Default)]
pub(super) struct RawFiles {
    pub(super) formats: Option<At<Vec<String>>>,
    pub(super) mode: Option<At<String>>,
    pub(super) group: Option<At<String>>,
    pub(super) layout: Option<At<i64>>,
    pub(super) unknown_expense: Option<At<String>>,
    pub(super) unknown_income: Option<At<String>>,
    pub(super) opening: Option<At<String>>,
    pub(super) reconciliation: Option<At<String>>,
    pub(super) description: Option<At<String>>,
    pub(super) commodity: Vec<(String, At<String>)>,
    pub(super) decimal_mark: Option<At<String>>,
    pub(super) declarations: Option<At<bool>>,
    pub(super) csv_spreadsheet_safe: Option<At<bool>>,
    pub(super) status_page: Option<At<PathOrFlag>>,
    pub(super) metrics: Option<At<String>>,
}

/// `[hooks]`.
#[derive(Default)]
pub(super) struct RawHooks {
    pub(super) on_change: Option<At<Vec<String>>>,
    pub(super) on_attention: Option<At<Vec<String>>>,
    pub(super) on_ok: Option<At<Vec<String>>>,
    pub(super) attention_after: Option<At<String>>,
    pub(super) attention_repeat: Option<At<String>>,
}

/// `[family.hooks]`.
#[derive(Default)]
pub(super) struct RawFamilyHooks {
    pub(super) on_change: Option<At<Vec<String>>>,
    pub(super) on_attention: Option<At<Vec<String>>>,
}

/// `[[family]]`.
pub(super) struct RawFamily {
    pub(super) name: Option<At<String>>,
    pub(super) credentials_file: Option<At<String>>,
    pub(super) credentials: Option<At<String>>,
    pub(super) base_url: Option<At<String>>,
    pub(super) start_date: Option<At<RawDate>>,
    pub(super) output_dir: Option<At<String>>,
    pub(super) group: Option<At<String>>,
    pub(super) mode: Option<At<String>>,
    pub(super) paused: Option<At<bool>>,
    pub(super) hooks: RawFamilyHooks,
    pub(super) accounts: Vec<RawAccount>,
}

/// `[[family.account]]`.
pub(super) struct RawAccount {
    pub(super) id: Option<At<String>>,
    pub(super) login: Option<At<String>>,
    pub(super) name: Option<At<String>>,
    pub(super) kind: Option<At<String>>,
    pub(super) ledger: Option<At<String>>,
    pub(super) currency: Option<At<String>>,
    pub(super) row_currency: Option<At<String>>,
    pub(super) start_date: Option<At<RawDate>>,
    pub(super) opening_entry: Option<At<bool>>,
    pub(super) track: Option<At<String>>,
    pub(super) balance_sign: Option<At<String>>,
    pub(super) amount_sign: Option<At<String>>,
    pub(super) refresh: Option<At<String>>,
    pub(super) max_age: Option<At<String>>,
    pub(super) closed: Option<At<RawDate>>,
}

/// A text as it was read.
pub(super) struct Typed {
    pub(super) raw: RawConfig,
    /// What is wrong with keys and kinds.
    pub(super) findings: Findings,
    /// What is not even TOML.
    pub(super) broken: Broken,
}

/// Reads the text of a configuration: what was typed, and what is wrong with its form.
pub(super) fn read(text: &str) -> Typed {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut page = Page::new(text);
    let broken = syntax::explain(text, &errors, &page);
    if !broken.recovered {
        return Typed { raw: RawConfig::default(), findings: page.findings, broken };
    }
    let raw = RawConfig::read(Table::top(document.get_ref()), &mut page);
    if page.has_strangers() {
        page.answer_strangers(&known_keys());
    }
    Typed { raw, findings: page.findings, broken }
}

/// Every key that the configuration knows, with its section (`""` is the top).
pub(super) fn known_keys() -> Vec<(&'static str, &'static str)> {
    let (document, _) = DeTable::parse_recoverable(EVERY_SECTION);
    let mut page = Page::new(EVERY_SECTION);
    RawConfig::read(Table::top(document.get_ref()), &mut page);
    page.known
}

impl RawConfig {
    fn read<'t>(mut top: Table<'t>, page: &mut Page<'t>) -> Self {
        top.require(page, "output_dir", "\"/srv/finance/bank\"");
        let raw = Self {
            output_dir: top.text(page, "output_dir"),
            state_dir: top.text(page, "state_dir"),
            identity: top.text(page, "identity"),
            control_socket: top.text(page, "control_socket"),
            control_group: top.text(page, "control_group"),
            schedule: top
                .table(page, "schedule")
                .map(|table| RawSchedule::read(table, page))
                .unwrap_or_default(),
            sync: top
                .table(page, "sync")
                .map(|table| RawSync::read(table, page))
                .unwrap_or_default(),
            files: top
                .table(page, "files")
                .map(|table| RawFiles::read(table, page))
                .unwrap_or_default(),
            hooks: top
                .table(page, "hooks")
                .map(|table| RawHooks::read(table, page))
                .unwrap_or_default(),
            families: read_families(&mut top, page),
        };
        top.finish(page);
        raw
    }
}

fn read_families<'t>(top: &mut Table<'t>, page: &mut Page<'t>) -> Vec<RawFamily> {
    if !top.has("family") {
        let cure = "add a line [[family]], and under it name and credentials_file";
        let spot = Spot { line: 1, key: "family".to_owned() };
        page.findings.add(&spot, Wrong::new("missing", cure));
    }
    let tables = top.tables(page, "family", "family");
    tables.into_iter().map(|table| RawFamily::read(table, page)).collect()
}

impl RawSchedule {
    fn read<'t>(mut table: Table<'t>, page: &mut Page<'t>) -> Self {
        let raw = Self {
            every: table.text(page, "every"),
            at: table.texts(page, "at", "write a list of times, such as [\"06:30\", \"18:30\"]"),
            jitter: table.text(page, "jitter"),
            quiet: table.text(page, "quiet"),
            timezone: table.text(page, "timezone"),
        };
        table.finish(page);
        raw
    }
}

impl RawSync {
    fn read<'t>(mut table: Table<'t>, page: &mut Page<'t>) -> Self {
        let raw = Self {
            refresh: table.text(page, "refresh"),
            overlap: table.text(page, "overlap"),
            poll: table.text(page, "poll"),
            monthly_requests: table.whole(page, "monthly_requests"),
        };
        table.finish(page);
        raw
    }
}

impl RawFiles {
    fn read<'t>(mut table: Table<'t>, page: &mut Page<'t>) -> Self {
        let raw = Self {
            formats: table.texts(
                page,
                "formats",
                "write a list of texts, such as [\"ledger\", \"csv\"]",
            ),
            mode: table.text(page, "mode"),
            group: table.text(page, "group"),
            layout: table.whole(page, "layout"),
            unknown_expense: table.text(page, "unknown_expense"),
            unknown_income: table.text(page, "unknown_income"),
            opening: table.text(page, "opening"),
            reconciliation: table.text(page, "reconciliation"),
            description: table.text(page, "description"),
            commodity: table.pairs(page, "commodity"),
            decimal_mark: table.text(page, "decimal_mark"),
            declarations: table.flag(page, "declarations"),
            csv_spreadsheet_safe: table.flag(page, "csv_spreadsheet_safe"),
            status_page: table.path_or_flag(page, "status_page"),
            metrics: table.text(page, "metrics"),
        };
        table.finish(page);
        raw
    }
}

impl RawHooks {
    fn read<'t>(mut table: Table<'t>, page: &mut Page<'t>) -> Self {
        let raw = Self {
            on_change: table.texts(page, "on_change", PROGRAM_FORM),
            on_attention: table.texts(page, "on_attention", PROGRAM_FORM),
            on_ok: table.texts(page, "on_ok", PROGRAM_FORM),
            attention_after: table.text(page, "attention_after"),
            attention_repeat: table.text(page, "attention_repeat"),
        };
        table.finish(page);
        raw
    }
}

impl RawFamilyHooks {
    fn read<'t>(mut table: Table<'t>, page: &mut Page<'t>) -> Self {
        let raw = Self {
            on_change: table.texts(page, "on_change", PROGRAM_FORM),
            on_attention: table.texts(page, "on_attention", PROGRAM_FORM),
        };
        table.finish(page);
        raw
    }
}

impl RawFamily {
    fn read<'t>(mut table: Table<'t>, page: &mut Page<'t>) -> Self {
        table.require(page, "name", "\"smith\"");
        one_source_of_credentials(&table, page);
        let raw = Self {
            name: table.text(page, "name"),
            credentials_file: table.text(page, "credentials_file"),
            credentials: table.text(page, "credentials"),
            base_url: table.text(page, "base_url"),
            start_date: table.date(page, "start_date"),
            output_dir: table.text(page, "output_dir"),
            group: table.text(page, "group"),
            mode: table.text(page, "mode"),
            paused: table.flag(page, "paused"),
            hooks: table
                .table_within(page, "hooks", "family.hooks")
                .map(|table| RawFamilyHooks::read(table, page))
                .unwrap_or_default(),
            accounts: table
                .tables(page, "account", "family.account")
                .into_iter()
                .map(|table| RawAccount::read(table, page))
                .collect(),
        };
        table.finish(page);
        raw
    }
}

fn one_source_of_credentials<'t>(table: &Table<'t>, page: &mut Page<'t>) {
    let wrong = match (table.has("credentials_file"), table.has("credentials")) {
        (false, false) => Wrong::new(
            "missing",
            "add it under [[family]], such as credentials_file = \"credentials/smith.age\"",
        ),
        (true, true) => Wrong::new(
            "both credentials_file and credentials are given",
            "keep one of the two: the file, or the age text itself",
        ),
        _ => return,
    };
    let Spot { line, key } = table.spot();
    page.findings.add(&Spot { line, key: format!("{key}.credentials_file") }, wrong);
}

impl RawAccount {
    fn read<'t>(mut table: Table<'t>, page: &mut Page<'t>) -> Self {
        table.require(page, "id", "\"a3c9e1d4-1111-4222-8333-444455556666\"");
        table.require(page, "name", "\"joint-checking\"");
        table.require(page, "type", "\"depository\"");
        table.require(page, "ledger", "\"Assets:Bank:Joint Checking\"");
        let raw = Self {
            id: table.text(page, "id"),
            login: table.text(page, "login"),
            name: table.text(page, "name"),
            kind: table.text(page, "type"),
            ledger: table.text(page, "ledger"),
            currency: table.text(page, "currency"),
            row_currency: table.text(page, "row_currency"),
            start_date: table.date(page, "start_date"),
            opening_entry: table.flag(page, "opening_entry"),
            track: table.text(page, "track"),
            balance_sign: table.text(page, "balance_sign"),
            amount_sign: table.text(page, "amount_sign"),
            refresh: table.text(page, "refresh"),
            max_age: table.text(page, "max_age"),
            closed: table.date(page, "closed"),
        };
        table.finish(page);
        raw
    }
}
