//! What is wrong where a text is not even TOML, in the owner's words.
//!
//! Some slips stay within one value (a day that does not exist, a key given twice): the rest of
//! the file is read on then. After any other slip the parser only guesses, so the first one is
//! told and nothing else.

use toml::de::Error;

use super::findings::{Findings, Spot, Wrong};
use super::table::Page;

/// What the parser complained about.
pub(super) struct Broken {
    pub(super) findings: Findings,
    /// The lines that it complained about.
    pub(super) lines: Vec<usize>,
    /// Whether the other lines can be read all the same.
    pub(super) recovered: bool,
}

/// Puts the parser's complaints into findings, one a line.
pub(super) fn explain(text: &str, errors: &[Error], page: &Page<'_>) -> Broken {
    let recovered = errors.iter().all(|error| local(error.message()).is_some());
    let mut broken = Broken { findings: Findings::default(), lines: Vec::new(), recovered };
    for error in errors.iter().take(if recovered { usize::MAX } else { 1 }) {
        let line = page.line(error.span().map_or(0, |span| span.start));
        if !broken.lines.contains(&line) {
            broken.lines.push(line);
            let spot = Spot { line, key: key_of(text, line) };
            broken.findings.add(&spot, wrong(error.message()));
        }
    }
    broken
}

fn wrong(message: &str) -> Wrong {
    local(message).unwrap_or_else(|| {
        Wrong::new(
            format!("this is not TOML: {message}"),
            "compare the line, and the one before it, with sophtron-sync.toml.example",
        )
    })
}

/// The slips that stay within one value, by the words of the parser.
fn local(message: &str) -> Option<Wrong> {
    let told = |problem: &str, cure: &str| Some(Wrong::new(problem, cure));
    if message.starts_with("duplicate key") {
        told("given twice", "keep one of the two")
    } else if message.starts_with("invalid date") {
        told("there is no such day", "write one that exists, such as 2026-01-31")
    } else if message.starts_with("unexpected leading zero") {
        told("a number cannot begin with 0", "a file mode is text: write \"0640\" in quotes")
    } else if message.starts_with("string values must be quoted") {
        told("the value is missing or has no quotes", "write text in quotes")
    } else if ["invalid basic string", "invalid literal string"]
        .iter()
        .any(|it| message.starts_with(it))
    {
        told(
            "the text has no end, or a character that cannot be seen",
            "end it with the quote that began it",
        )
    } else if message.starts_with("missing escaped value") {
        told("a \\ in double quotes needs a second one", "write \\\\, or use single quotes")
    } else {
        None
    }
}

/// The key that a line gives a value to, with its section, where it has one.
fn key_of(text: &str, line: usize) -> String {
    let above: Vec<&str> = text.lines().take(line).collect();
    let Some((key, _)) = above.last().and_then(|line| line.split_once('=')) else {
        return String::new();
    };
    let header = above.iter().rev().find(|line| line.starts_with('['));
    let section = header.and_then(|line| line.split(']').next()).unwrap_or_default();
    let key = [section.trim_start_matches('['), key.trim()].join(".");
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let sound = key.len() <= 60 && key.chars().all(bare);
    if sound { key.trim_start_matches('.').to_owned() } else { String::new() }
}
