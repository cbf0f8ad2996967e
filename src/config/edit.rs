//! Changes to the owner's own text: an account put in or taken out, and nothing else moved.
//!
//! The text is parsed only to learn where things stand; the change itself is a cut or an insertion,
//! so that comments, spacing, order and line endings stay as the owner typed them.

use std::ops::Range;

mod moved;

use toml_edit::{Array, Document, InlineTable, Item, Table, Value};

use crate::domain::{AccountId, AccountType, BalanceSign, Currency, Day, LoginId, Name};

pub use moved::{NewPlace, move_account};

/// What begins a text that some editors save.
const BOM: &str = "\u{feff}";

/// An account to put into a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its id at the service.
    pub id: AccountId,
    /// The login that it belongs to.
    pub login: Option<LoginId>,
    /// What its folder will be called.
    pub name: Name,
    /// What kind of account it is.
    pub kind: AccountType,
    /// Its account in the owner's ledger.
    pub ledger: String,
    /// Its currency, where it is to be stated.
    pub currency: Option<Currency>,
    /// The first day that is asked for, where it is to be stated.
    pub start_date: Option<Day>,
    /// What a positive balance means, where it is to be stated.
    pub balance_sign: Option<BalanceSign>,
    /// Whether the opening balance is booked.
    pub opening_entry: bool,
}

impl NewAccount {
    /// The keys with their values as TOML.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let text = |text: &str| Value::from(text).to_string();
        let login = self.login.as_ref().map(|login| ("login", text(login.as_str())));
        let mut pairs = vec![("id", text(self.id.as_str()))];
        pairs.extend(login);
        pairs.push(("name", text(self.name.as_str())));
        pairs.push(("type", text(self.kind.word())));
        pairs.push(("ledger", text(&self.ledger)));
        pairs.extend(self.currency.as_ref().map(|code| ("currency", text(code.code()))));
        pairs.extend(self.start_date.map(|day| ("start_date", day.to_string())));
        pairs.extend(self.balance_sign.map(|sign| ("balance_sign", text(sign.word()))));
        if !self.opening_entry {
            pairs.push(("opening_entry", "false".to_owned()));
        }
        pairs
    }

    /// Its `[[family.account]]`, each line ended by `eol`.
    #[must_use]
    pub fn block(&self, eol: &str) -> String {
        let line = |(key, value): (&str, String)| format!("{key} = {value}{eol}");
        format!("[[family.account]]{eol}{}", self.pairs().into_iter().map(line).collect::<String>())
    }

    fn inline(&self) -> String {
        let pair = |(key, value): (&str, String)| format!("{key} = {value}");
        format!("{{ {} }}", self.pairs().into_iter().map(pair).collect::<Vec<_>>().join(", "))
    }
}

/// The text with an account more in a family; `None` where it is no TOML or has no such family.
#[must_use]
pub fn add_account(text: &str, family: &Name, account: &NewAccount) -> Option<String> {
    edited(text, |body, document| {
        let cuts = match family_named(document, family)? {
            Place::Table(table) => match table.get("account") {
                Some(Item::Value(Value::Array(array))) => into_array(body, array, account)?,
                _ => vec![into_tables(body, table, account)],
            },
            Place::Inline(table) => into_inline(body, table, account)?,
        };
        Some(carried_out(body, cuts))
    })
}

/// The text without an account of a family; `None` where it is no TOML or has no such account.
/// Comments on lines of their own stay.
#[must_use]
pub fn remove_account(text: &str, family: &Name, account: &Name) -> Option<String> {
    edited(text, |body, document| match family_named(document, family)? {
        Place::Table(table) => match table.get("account")? {
            Item::ArrayOfTables(tables) => {
                let named = |table: &&Table| is_named(table.get("name"), account);
                out_of_tables(body, tables.iter().find(named)?)
            }
            Item::Value(Value::Array(array)) => {
                Some(carried_out(body, out_of_array(body, array, account)?))
            }
            _ => None,
        },
        Place::Inline(table) => {
            let array = table.get("account")?.as_array()?;
            let cuts = whole_key(body, table, array, account)
                .map_or_else(|| out_of_array(body, array, account), |cut| Some(vec![cut]))?;
            Some(carried_out(body, cuts))
        }
    })
}

/// Edits what stands behind the byte order mark, if there is one.
fn edited(
    text: &str,
    edit: impl FnOnce(&str, &Document<&str>) -> Option<String>,
) -> Option<String> {
    let (mark, body) = match text.strip_prefix(BOM) {
        Some(body) => (BOM, body),
        None => ("", text),
    };
    let document = Document::parse(body).ok()?;
    Some(format!("{mark}{}", edit(body, &document)?))
}

/// A piece of the text, and what stands there instead.
struct Cut {
    at: Range<usize>,
    instead: String,
}

impl Cut {
    fn put(at: usize, text: impl Into<String>) -> Self {
        Self { at: at..at, instead: text.into() }
    }

    fn out(at: Range<usize>) -> Self {
        Self { at, instead: String::new() }
    }
}

fn carried_out(body: &str, mut cuts: Vec<Cut>) -> String {
    let mut text = body.to_owned();
    cuts.sort_by_key(|cut| cut.at.start);
    for cut in cuts.into_iter().rev() {
        text.replace_range(cut.at, &cut.instead);
    }
    text
}

/// A family as it is written.
enum Place<'d> {
    Table(&'d Table),
    Inline(&'d InlineTable),
}

fn family_named<'d>(document: &'d Document<&str>, family: &Name) -> Option<Place<'d>> {
    match document.as_table().get("family")? {
        Item::ArrayOfTables(tables) => {
            tables.iter().find(|table| is_named(table.get("name"), family)).map(Place::Table)
        }
        Item::Value(Value::Array(array)) => {
            let mut tables = array.iter().filter_map(Value::as_inline_table);
            let named = |table: &&InlineTable| names(table.get("name"), family);
            tables.find(named).map(Place::Inline)
        }
        _ => None,
    }
}

fn is_named(item: Option<&Item>, name: &Name) -> bool {
    names(item.and_then(Item::as_value), name)
}

fn names(value: Option<&Value>, name: &Name) -> bool {
    value.and_then(Value::as_str) == Some(name.as_str())
}

fn end_of_value(value: &Value) -> usize {
    let inner = match value {
        Value::InlineTable(table) => table.iter().map(|(_, value)| end_of_value(value)).max(),
        _ => None,
    };
    value.span().map(|span| span.end).max(inner).unwrap_or(0)
}

fn end_of_table(table: &Table) -> usize {
    let header = table.span().map_or(0, |span| span.end);
    table.iter().map(|(_, item)| end_of(item)).fold(header, usize::max)
}

fn end_of(item: &Item) -> usize {
    match item {
        Item::None => 0,
        Item::Value(value) => end_of_value(value),
        Item::Table(table) => end_of_table(table),
        Item::ArrayOfTables(tables) => tables.iter().map(end_of_table).max().unwrap_or(0),
    }
}

/// Where the line of a byte begins.
fn line_start(body: &str, at: usize) -> usize {
    body[..at].rfind('\n').map_or(0, |before| before + 1)
}

/// Where the next line begins, or the text ends.
fn next_line(body: &str, at: usize) -> usize {
    body[at..].find('\n').map_or(body.len(), |end| at + end + 1)
}

/// The end of a line without what ends it.
fn line_end(body: &str, at: usize) -> usize {
    at + body[at..next_line(body, at)].trim_end_matches(['\n', '\r']).len()
}

/// How lines end before a byte; where none does, how the first one does.
fn eol(body: &str, at: usize) -> &'static str {
    let line = body[..at].rfind('\n').or_else(|| body.find('\n'));
    if line.is_some_and(|end| body[..end].ends_with('\r')) { "\r\n" } else { "\n" }
}

/// Whether a piece of a line says nothing but a comment.
fn says_nothing(piece: &str) -> bool {
    let piece = piece.trim();
    piece.is_empty() || piece.starts_with('#')
}

/// A block below the family's last line.
fn into_tables(body: &str, family: &Table, account: &NewAccount) -> Cut {
    let at = next_line(body, end_of_table(family));
    let eol = eol(body, at);
    let block = account.block(eol);
    if body[..at].ends_with('\n') {
        Cut::put(at, format!("{eol}{block}"))
    } else {
        Cut::put(at, format!("{eol}{eol}{}", block.trim_end()))
    }
}

/// Into the list of an inline family, which is made where there is none.
fn into_inline(body: &str, family: &InlineTable, account: &NewAccount) -> Option<Vec<Cut>> {
    if let Some(array) = family.get("account").and_then(Value::as_array) {
        return into_array(body, array, account);
    }
    let end = family.iter().map(|(_, value)| end_of_value(value)).max()?;
    Some(vec![Cut::put(end, format!(", account = [{}]", account.inline()))])
}

/// The comma behind an element, comments passed over.
fn comma_after(body: &str, from: usize) -> Option<usize> {
    let mut in_comment = false;
    for (at, byte) in body.bytes().enumerate().skip(from) {
        match byte {
            b'\n' => in_comment = false,
            _ if in_comment => {}
            b'#' => in_comment = true,
            b',' => return Some(at),
            b']' | b'}' => return None,
            _ => {}
        }
    }
    None
}

/// An element behind the last one, on a line of its own where that has one.
fn into_array(body: &str, array: &Array, account: &NewAccount) -> Option<Vec<Cut>> {
    let new = account.inline();
    let Some(last) = array.iter().last().and_then(Value::span) else {
        return Some(vec![Cut::put(array.span()?.start + 1, format!(" {new}"))]);
    };
    let comma = comma_after(body, last.end);
    let behind = comma.map_or(last.end, |comma| comma + 1);
    let start = line_start(body, last.start);
    let before = &body[start..last.start];
    let own_line = before.trim().is_empty() && says_nothing(&body[behind..line_end(body, behind)]);
    let (at, mut text) = if own_line {
        (line_end(body, behind), format!("{}{before}{new}", eol(body, last.start)))
    } else {
        (behind, format!(" {new}"))
    };
    if comma.is_some() {
        text.push(',');
        return Some(vec![Cut::put(at, text)]);
    }
    if at == last.end {
        return Some(vec![Cut::put(at, format!(",{text}"))]);
    }
    Some(vec![Cut::put(last.end, ","), Cut::put(at, text)])
}

/// The element and the comma that it needed.
fn out_of_array(body: &str, array: &Array, account: &Name) -> Option<Vec<Cut>> {
    let elements: Vec<&Value> = array.iter().collect();
    let named =
        |value: &&Value| names(value.as_inline_table().and_then(|t| t.get("name")), account);
    let place = elements.iter().position(named)?;
    let span = elements[place].span()?;
    let comma = comma_after(body, span.end);
    let end = comma.map_or(span.end, |comma| comma + 1);
    let start = line_start(body, span.start);
    let alone =
        body[start..span.start].trim().is_empty() && says_nothing(&body[end..line_end(body, end)]);
    let mut cuts = vec![Cut::out(if alone {
        start..next_line(body, end)
    } else {
        let spaced = body[..span.start].ends_with(' ');
        span.start - usize::from(spaced)..end
    })];
    if comma.is_none() && place > 0 {
        let before = comma_after(body, elements[place - 1].span()?.end)?;
        cuts.push(Cut::out(before..before + 1));
    }
    Some(cuts)
}

/// The whole key of an inline family, where its list has nothing but the one account.
fn whole_key(body: &str, family: &InlineTable, array: &Array, account: &Name) -> Option<Cut> {
    let (only, span) = (array.get(0)?, array.span()?);
    let fills = only.span()? == (span.start + 1..span.end - 1);
    if !fills || !names(only.as_inline_table()?.get("name"), account) {
        return None;
    }
    let (key, _) = family.get_key_value("account")?;
    let start = body[..key.span()?.start].trim_end().strip_suffix(',')?.len();
    Some(Cut::out(start..span.end))
}

/// The lines of a table's header and keys; the lines between them stay.
fn out_of_tables(body: &str, table: &Table) -> Option<String> {
    let lines = |span: Range<usize>| line_start(body, span.start)..next_line(body, span.end);
    let mut gone = vec![lines(table.span()?.start..table.span()?.start)];
    for (key, item) in table {
        let (key, _) = table.get_key_value(key)?;
        gone.push(lines(key.span()?.start..end_of(item)));
    }
    gone.sort_by_key(|lines| lines.start);
    let (first, last) = (gone.first()?.start, gone.last()?.end);
    let whole = gone.iter().map(ExactSizeIterator::len).sum::<usize>() == last - first;
    let open_end = last == body.len() && !body.ends_with('\n');
    let above = line_start(body, first.saturating_sub(1));
    let blank_above = above < first && body[above..first].trim().is_empty();
    if whole && blank_above && body[last..next_line(body, last)].trim().is_empty() {
        gone.push(above..first);
    }
    let text = carried_out(body, gone.into_iter().map(Cut::out).collect());
    if !open_end {
        return Some(text);
    }
    let short = text.strip_suffix('\n').unwrap_or(&text);
    Some(short.strip_suffix('\r').unwrap_or(short).to_owned())
}

#[cfg(test)]
mod tests;
