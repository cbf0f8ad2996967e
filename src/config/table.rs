//! TOML tables read key by key, so that every wrong key and value is found in one go.
//!
//! A key is known because somebody asks for it: whatever was not asked for at the end is a
//! stranger, and is answered with the key that was probably meant.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use super::findings::{At, Findings, Spot, Wrong, quoted};
use super::near::nearest;

/// The document in hand: its text for line numbers, and what was learnt from it.
pub(super) struct Page<'t> {
    text: &'t str,
    pub(super) findings: Findings,
    /// Every key that was asked for, with its section.
    pub(super) known: Vec<(&'static str, &'static str)>,
    strangers: Vec<Stranger>,
}

/// A key that nobody asked for.
struct Stranger {
    section: &'static str,
    key: String,
    spot: Spot,
}

/// A date as typed: bare, or in quotes.
#[derive(Debug, Clone)]
pub(super) enum RawDate {
    Bare(Datetime),
    Text(String),
}

/// A path, or whether the default one is meant.
#[derive(Debug, Clone)]
pub(super) enum PathOrFlag {
    Path(String),
    Flag(bool),
}

impl<'t> Page<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, findings: Findings::default(), known: Vec::new(), strangers: Vec::new() }
    }

    /// The line of a byte of the text, counted from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or(self.text).matches('\n').count() + 1
    }

    /// Answers the strangers, given every key there is.
    pub(super) fn answer_strangers(&mut self, known: &[(&'static str, &'static str)]) {
        for stranger in std::mem::take(&mut self.strangers) {
            let cure = meant(&stranger, known);
            self.findings.add(&stranger.spot, Wrong::new("unknown key", cure));
        }
    }

    pub(super) fn has_strangers(&self) -> bool {
        !self.strangers.is_empty()
    }
}

/// One table of the document.
pub(super) struct Table<'t> {
    section: &'static str,
    entries: &'t DeTable<'t>,
    line: usize,
    asked: Vec<&'static str>,
}

impl<'t> Table<'t> {
    /// The document's own table.
    pub(super) fn top(entries: &'t DeTable<'t>) -> Self {
        Self { section: "", entries, line: 1, asked: Vec::new() }
    }

    /// Where the table begins.
    pub(super) fn spot(&self) -> Spot {
        Spot { line: self.line, key: self.section.to_owned() }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Reports a required key that is not there, with an example of it.
    pub(super) fn require(&self, page: &mut Page<'t>, key: &str, example: &str) {
        if !self.has(key) {
            let spot = Spot { line: self.line, key: dotted(self.section, key) };
            let under = place(self.section);
            let cure = format!("add it {under}, such as {key} = {example}");
            page.findings.add(&spot, Wrong::new("missing", cure));
        }
    }

    pub(super) fn text(&mut self, page: &mut Page<'t>, key: &'static str) -> Option<At<String>> {
        self.typed(page, key, "write text in quotes", text)
    }

    pub(super) fn flag(&mut self, page: &mut Page<'t>, key: &'static str) -> Option<At<bool>> {
        self.typed(page, key, "write true or false, without quotes", |value| match value {
            DeValue::Boolean(flag) => Some(*flag),
            _ => None,
        })
    }

    pub(super) fn path_or_flag(
        &mut self,
        page: &mut Page<'t>,
        key: &'static str,
    ) -> Option<At<PathOrFlag>> {
        let form = "write true, false, or a path in quotes";
        self.typed(page, key, form, |value| match value {
            DeValue::Boolean(flag) => Some(PathOrFlag::Flag(*flag)),
            other => text(other).map(PathOrFlag::Path),
        })
    }

    /// A whole number; one that is too large for any setting is the largest there is.
    pub(super) fn whole(&mut self, page: &mut Page<'t>, key: &'static str) -> Option<At<i64>> {
        self.typed(page, key, "write a whole number, without quotes", |value| match value {
            DeValue::Integer(digits) => {
                Some(i64::from_str_radix(digits.as_str(), digits.radix()).unwrap_or(i64::MAX))
            }
            _ => None,
        })
    }

    pub(super) fn date(&mut self, page: &mut Page<'t>, key: &'static str) -> Option<At<RawDate>> {
        self.typed(page, key, "write a date, such as 2026-01-31", |value| match value {
            DeValue::Datetime(date) => Some(RawDate::Bare(*date)),
            other => text(other).map(RawDate::Text),
        })
    }

    /// A list of texts; `form` says how one is written.
    pub(super) fn texts(
        &mut self,
        page: &mut Page<'t>,
        key: &'static str,
        form: &str,
    ) -> Option<At<Vec<String>>> {
        self.typed(page, key, form, |value| match value {
            DeValue::Array(list) => list.iter().map(|item| text(item.get_ref())).collect(),
            _ => None,
        })
    }

    /// A table of free keys with texts, in the keys' order.
    pub(super) fn pairs(
        &mut self,
        page: &mut Page<'t>,
        key: &'static str,
    ) -> Vec<(String, At<String>)> {
        let Some((value, spot)) = self.ask(page, key) else { return Vec::new() };
        let DeValue::Table(entries) = value.get_ref() else {
            let cure = format!("write {key} = {{ USD = \"$\" }}");
            page.findings.add(&spot, kind_mismatch(value.get_ref(), cure));
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, value) in entries {
            let line = page.line(value.span().start);
            let spot = Spot { line, key: dotted(&spot.key, &shown(name.get_ref())) };
            if let Some(value) = text(value.get_ref()) {
                pairs.push((name.get_ref().to_string(), At { value, spot }));
            } else {
                let wrong = kind_mismatch(value.get_ref(), "write text in quotes");
                page.findings.add(&spot, wrong);
            }
        }
        pairs
    }

    /// A section, such as `[sync]`.
    pub(super) fn table(&mut self, page: &mut Page<'t>, key: &'static str) -> Option<Self> {
        self.table_within(page, key, key)
    }

    /// A section of a section, such as `[family.hooks]`, under its full name.
    pub(super) fn table_within(
        &mut self,
        page: &mut Page<'t>,
        key: &'static str,
        section: &'static str,
    ) -> Option<Self> {
        let (value, spot) = self.ask(page, key)?;
        if let DeValue::Table(entries) = value.get_ref() {
            return Some(Self { section, entries, line: spot.line, asked: Vec::new() });
        }
        let cure = format!("write its keys under a line [{section}]");
        page.findings.add(&spot, kind_mismatch(value.get_ref(), cure));
        None
    }

    /// A repeated section, such as `[[family]]`, under its full name.
    pub(super) fn tables(
        &mut self,
        page: &mut Page<'t>,
        key: &'static str,
        section: &'static str,
    ) -> Vec<Self> {
        let Some((value, spot)) = self.ask(page, key) else { return Vec::new() };
        let mut tables = Vec::new();
        let mut sound = false;
        if let DeValue::Array(list) = value.get_ref() {
            sound = list.iter().all(|item| matches!(item.get_ref(), DeValue::Table(_)));
            for item in list {
                if let DeValue::Table(entries) = item.get_ref() {
                    let line = page.line(item.span().start);
                    tables.push(Self { section, entries, line, asked: Vec::new() });
                }
            }
        }
        if !sound {
            let cure = format!("write each under a line [[{section}]], with double brackets");
            page.findings.add(&spot, kind_mismatch(value.get_ref(), cure));
        }
        tables
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self, page: &mut Page<'t>) {
        for (key, _) in self.entries {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(&name) {
                let line = page.line(key.span().start);
                let spot = Spot { line, key: dotted(self.section, &shown(name)) };
                let key = name.to_owned();
                page.strangers.push(Stranger { section: self.section, key, spot });
            }
        }
    }

    fn typed<T>(
        &mut self,
        page: &mut Page<'t>,
        key: &'static str,
        form: &str,
        reading: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<At<T>> {
        let (value, spot) = self.ask(page, key)?;
        let read = reading(value.get_ref());
        if read.is_none() {
            page.findings.add(&spot, kind_mismatch(value.get_ref(), form));
        }
        Some(At { value: read?, spot })
    }

    fn ask(
        &mut self,
        page: &mut Page<'t>,
        key: &'static str,
    ) -> Option<(&'t Spanned<DeValue<'t>>, Spot)> {
        self.asked.push(key);
        page.known.push((self.section, key));
        let value = self.entries.get(key)?;
        let line = page.line(value.span().start);
        Some((value, Spot { line, key: dotted(self.section, key) }))
    }
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

/// A value of another kind than its key wants. The value itself is not shown.
fn kind_mismatch(value: &DeValue<'_>, cure: impl Into<String>) -> Wrong {
    let is = match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list of this kind",
        DeValue::Table(_) => "a section",
    };
    Wrong::new(format!("{is} cannot stand here"), cure)
}

/// What a stranger should have been.
fn meant(stranger: &Stranger, known: &[(&'static str, &'static str)]) -> String {
    if matches!(stranger.key.as_str(), "user_id" | "access_key") {
        return "keep it out of this file: `sophtron-sync credentials set` encrypts it".to_owned();
    }
    let elsewhere: Vec<String> = known
        .iter()
        .filter(|(_, key)| *key == stranger.key)
        .map(|(section, _)| place(section))
        .collect();
    if !elsewhere.is_empty() {
        return format!("it belongs {}", elsewhere.join(" or "));
    }
    let here: Vec<&str> = known
        .iter()
        .filter(|(section, _)| *section == stranger.section)
        .map(|(_, key)| *key)
        .collect();
    match nearest(&stranger.key, &here) {
        Some(key) => format!("did you mean {key}?"),
        None => format!("known {} are {}", place(stranger.section), here.join(", ")),
    }
}

/// Where the keys of a section stand, as a place in a sentence.
fn place(section: &str) -> String {
    match section {
        "" => "at the top, before the first [section]".to_owned(),
        "family" | "family.account" => format!("under [[{section}]]"),
        other => format!("under [{other}]"),
    }
}

fn dotted(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// A key as typed, where it can be shown as it is; else in quotes.
fn shown(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !key.is_empty() && key.len() <= 40 && key.chars().all(bare) {
        key.to_owned()
    } else {
        quoted(key)
    }
}
