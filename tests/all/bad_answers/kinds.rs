//! Every kind of bad answer, for which question it is told, and how it must end.

use std::time::Duration;

use crate::bank::{Fault, Json, KeyForm, MoneyForm, Shape, Transport};

/// The question that is answered badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// The list of accounts.
    List,
    /// The rows of an account.
    Rows,
    /// Every one.
    All,
}

/// When the next attempt is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// After the program's own first wait: a minute, and up to a tenth more.
    Own,
    /// After so many seconds.
    Seconds(i64),
    /// Not by itself.
    Never,
}

/// How a sync ends that meets it.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) code: u8,
    pub(super) state: &'static str,
    pub(super) next: Next,
}

const fn end(code: u8, state: &'static str, next: Next) -> End {
    End { code, state, next }
}

const DOWN: End = end(69, "failed", Next::Own);
const REFUSED: End = end(1, "failed", Next::Own);
const SUSPECT: End = end(1, "suspect", Next::Own);
const LIMITED: End = end(75, "limited", Next::Own);
const REJECTED: End = end(77, "rejected", Next::Never);

const fn limited(seconds: i64) -> End {
    end(75, "limited", Next::Seconds(seconds))
}

/// One kind of bad answer.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) on: &'static [Question],
    pub(super) faults: Vec<Fault>,
    /// How many calls pass before it.
    pub(super) after: u32,
    /// Whether the answer, or its end, never comes.
    pub(super) hangs: bool,
    pub(super) end: End,
    pub(super) says: &'static str,
}

const BOTH: &[Question] = &[Question::List, Question::Rows];
const LIST: &[Question] = &[Question::List];
const ROWS: &[Question] = &[Question::Rows];
const ALL: &[Question] = &[Question::All];

fn kind(
    name: &'static str,
    on: &'static [Question],
    fault: Fault,
    end: End,
    says: &'static str,
) -> Kind {
    Kind { name, on, faults: vec![fault], after: 0, hangs: false, end, says }
}

impl Kind {
    fn and(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    fn hangs(self) -> Self {
        Self { hangs: true, ..self }
    }

    fn after(self, calls: u32) -> Self {
        Self { after: calls, ..self }
    }
}

/// All of them.
pub(super) fn all() -> Vec<Kind> {
    [
        transport(),
        authentication(),
        statuses(),
        limits(),
        errors_in_200(),
        no_json(),
        shapes(),
        records(),
        accounts(),
        lists_of_rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn travels(transport: Transport) -> Fault {
    Fault::Transport(transport)
}

fn header(name: &str, value: &str) -> Fault {
    travels(Transport::Header(name.to_owned(), value.to_owned()))
}

fn literal(key: &str, value: &str) -> Fault {
    Fault::Shape(Shape::set(key, Json::literal(value)))
}

fn bytes(body: &[u8]) -> Fault {
    Fault::Body(body.to_vec())
}

fn transport() -> Vec<Kind> {
    let long = Duration::from_mins(1);
    let trickle = Transport::SlowBody { piece: 16, pause: Duration::from_millis(300) };
    let still = Transport::SlowBody { piece: 32, pause: long };
    let elsewhere = Transport::Redirect("https://elsewhere.example/?token=hunter2".to_owned());
    vec![
        kind("no byte", BOTH, travels(Transport::SlowHead(long)), DOWN, "not a byte").hangs(),
        kind("headers that stop", BOTH, travels(Transport::PauseInHead(long)), DOWN, "within")
            .hangs(),
        kind("a body that stops", BOTH, travels(still), DOWN, "within").hangs(),
        kind("a body that trickles", BOTH, travels(trickle), DOWN, "within").hangs(),
        kind("a body that is cut", BOTH, travels(Transport::Cut(60)), DOWN, "broke off"),
        kind("a body that is cut at once", BOTH, travels(Transport::Cut(0)), DOWN, "broke off"),
        kind("a reset in the body", BOTH, travels(Transport::Reset(60)), DOWN, "broke off"),
        kind("a reset at once", BOTH, travels(Transport::ResetAtOnce), DOWN, "broke off"),
        kind("33 MB", BOTH, travels(Transport::Large(33 << 20)), SUSPECT, "over 32 MB"),
        kind("a page of HTML with 200", BOTH, travels(Transport::Html(200)), SUSPECT, "HTML"),
        kind("a page for everything", ALL, travels(Transport::Html(200)), SUSPECT, "HTML"),
        kind("a page of HTML with 502", BOTH, travels(Transport::Html(502)), DOWN, "502"),
        kind("a redirect", BOTH, travels(elsewhere), REFUSED, "307"),
    ]
}

fn authentication() -> Vec<Kind> {
    vec![
        kind("401", BOTH, Fault::Status(401), REJECTED, "401"),
        kind("401 to everything", ALL, Fault::Status(401), REJECTED, "401"),
        kind("a key that stops in a sync", ALL, Fault::Status(401), REJECTED, "401").after(2),
        kind("403 to one question", BOTH, Fault::Status(403), REFUSED, "403"),
        kind("403 to everything", ALL, Fault::Status(403), REJECTED, "403"),
    ]
}

fn statuses() -> Vec<Kind> {
    let later = || header("Retry-After", "180");
    vec![
        kind("400", BOTH, Fault::Status(400), REFUSED, "400"),
        kind("404", BOTH, Fault::Status(404), REFUSED, "404"),
        kind("405", BOTH, Fault::Status(405), REFUSED, "405"),
        kind("408", BOTH, Fault::Status(408), DOWN, "408"),
        kind("410", BOTH, Fault::Status(410), REFUSED, "410"),
        kind("500", BOTH, Fault::Status(500), DOWN, "500"),
        kind("503 for everything", ALL, Fault::Status(503), DOWN, "503"),
        kind(
            "503 with a time",
            BOTH,
            Fault::Status(503),
            end(69, "failed", Next::Seconds(180)),
            "503",
        )
        .and(later()),
        kind("504", BOTH, Fault::Status(504), DOWN, "504"),
        kind("304", BOTH, Fault::Status(304), REFUSED, "304"),
        kind("204 without a word", BOTH, Fault::Answer(204, vec![]), SUSPECT, "when asked for"),
    ]
}

fn limits() -> Vec<Kind> {
    let limit = |after: &str| Fault::Limited(Some(after.to_owned()));
    let past = || limit("Sun, 06 Nov 1994 08:49:37 GMT");
    let distant = || limit("Sun, 06 Nov 2094 08:49:37 GMT");
    vec![
        kind("429", BOTH, Fault::Limited(None), LIMITED, "429"),
        kind("429 with seconds", BOTH, limit("120"), limited(120), "429"),
        kind("429 with an hour", BOTH, limit("3600"), limited(3600), "429"),
        kind("429 with a day", BOTH, limit("86400"), LIMITED, "429"),
        kind("429 with a date that is past", BOTH, past(), LIMITED, "429"),
        kind("429 with a distant date", BOTH, distant(), LIMITED, "429"),
        kind("429 with nonsense", BOTH, limit("soon"), LIMITED, "429"),
        kind("a month's quota used up", ALL, Fault::Limited(None), LIMITED, "429"),
    ]
}

fn errors_in_200() -> Vec<Kind> {
    vec![
        kind("-1", BOTH, Fault::minus_one(), SUSPECT, "when asked for"),
        kind("the zero GUID", BOTH, Fault::zero_guid(), SUSPECT, "when asked for"),
        kind("null", BOTH, Fault::null(), SUSPECT, "null"),
        kind("an empty object", BOTH, Fault::empty_object(), SUSPECT, "when asked for"),
        kind("no body", BOTH, Fault::nothing(), SUSPECT, "when asked for"),
        kind("an error in an object", BOTH, Fault::error_object(), SUSPECT, "when asked for"),
        kind(
            "an object for a list",
            BOTH,
            Fault::Shape(Shape::FirstOnly),
            SUSPECT,
            "when asked for",
        ),
        kind("false", BOTH, Fault::body("false"), SUSPECT, "when asked for"),
        kind("a list with an error", BOTH, Fault::body(r#"[{"error":"hunter2"}]"#), SUSPECT, ""),
    ]
}

fn no_json() -> Vec<Kind> {
    vec![
        kind("blanks", BOTH, Fault::body(" \r\n "), SUSPECT, "when asked for"),
        kind("half a list", BOTH, Fault::body(r#"[{"Amount": 12"#), SUSPECT, "when asked for"),
        kind("two lists", BOTH, Fault::body("[][]"), SUSPECT, "when asked for"),
        kind("a comma too many", BOTH, Fault::body("[{},]"), SUSPECT, "when asked for"),
        kind("NaN", BOTH, Fault::body("[{\"Balance\": NaN}]"), SUSPECT, "when asked for"),
        kind("bytes that are no text", BOTH, bytes(b"[\xff\xfe\x00]"), SUSPECT, "when asked for"),
        kind("UTF-16", BOTH, bytes(b"\xff\xfe[\x00]\x00"), SUSPECT, "when asked for"),
        kind("XML", BOTH, Fault::body("<?xml version=\"1.0\"?><a/>"), SUSPECT, "when asked for"),
        kind("compressed", BOTH, bytes(b"\x1f\x8b\x08\x00\x00"), SUSPECT, "when asked for"),
    ]
}

fn shapes() -> Vec<Kind> {
    let deep = "[".repeat(5000);
    let total = Fault::Shape(Shape::wrapped_with_total(1000));
    let cursor = Fault::Shape(Shape::wrapped_with_cursor("more"));
    vec![
        kind("a list of numbers", BOTH, Fault::body("[1,2,3]"), SUSPECT, "when asked for"),
        kind("a list of nothing", BOTH, Fault::body("[null]"), SUSPECT, "when asked for"),
        kind("a list of lists", BOTH, Fault::body("[[]]"), SUSPECT, "when asked for"),
        kind("lists without an end", BOTH, Fault::body(&deep), SUSPECT, "when asked for"),
        kind("a list in a text", BOTH, Fault::body("\"[]\""), SUSPECT, "when asked for"),
        kind("an unknown wrapper", BOTH, Fault::body("{\"items\":[]}"), SUSPECT, "when asked for"),
        kind("fewer than the total", BOTH, total, SUSPECT, "when asked for"),
        kind("a part with a cursor", BOTH, cursor, SUSPECT, "when asked for"),
        kind("empty records", BOTH, Fault::body("[{}]"), SUSPECT, ""),
        kind(
            "snake case",
            LIST,
            Fault::Shape(Shape::Keys(KeyForm::Snake)),
            SUSPECT,
            "when asked for",
        ),
    ]
}

fn records() -> Vec<Kind> {
    let add = |key, value| Fault::Shape(Shape::add(key, Json::literal(value)));
    vec![
        kind("an amount twice", ROWS, add("Amount", "5"), SUSPECT, "twice"),
        kind("an amount twice but for case", ROWS, add("amount", "5"), SUSPECT, "twice"),
        kind("a balance twice", LIST, add("Balance", "5"), SUSPECT, "twice"),
        kind("a balance twice but for case", LIST, add("BALANCE", "5"), SUSPECT, "twice"),
        kind(
            "rows of another account",
            ROWS,
            literal("UserInstitutionAccountID", r#""b2222222-2222-4222-8222-222222222222""#),
            SUSPECT,
            "another account",
        ),
        kind(
            "accounts of another login",
            LIST,
            literal("UserInstitutionID", r#""b2222222-2222-4222-8222-222222222222""#),
            SUSPECT,
            "another",
        ),
        kind(
            "accounts without ids",
            LIST,
            Fault::Shape(Shape::leave_out("AccountID")),
            SUSPECT,
            "",
        ),
    ]
}

fn accounts() -> Vec<Kind> {
    let untracked = literal("Status", r#""Untracked""#);
    vec![
        kind("another currency", LIST, literal("BalanceCurrency", r#""EUR""#), SUSPECT, "EUR"),
        kind("an account not tracked", LIST, untracked, REFUSED, "Untracked"),
        kind("no accounts", LIST, Fault::Shape(Shape::Empty), SUSPECT, "not among"),
        kind(
            "accounts under other ids",
            LIST,
            literal("AccountID", r#""b2222222-2222-4222-8222-222222222222""#),
            SUSPECT,
            "not among",
        ),
    ]
}

fn lists_of_rows() -> Vec<Kind> {
    let nothing = Fault::Shape(Shape::Money(MoneyForm::Null));
    vec![
        kind("no rows", ROWS, Fault::Shape(Shape::Empty), SUSPECT, "--accept"),
        kind("three rows of many", ROWS, Fault::Shape(Shape::Truncated(3)), SUSPECT, "--accept"),
        kind(
            "no rows in a wrapper",
            ROWS,
            Fault::body("{\"Transactions\":[]}"),
            SUSPECT,
            "--accept",
        ),
        kind("no rows, without amounts", ROWS, nothing, SUSPECT, "--accept")
            .and(Fault::Shape(Shape::Empty)),
    ]
}
