//! JSON text as records: lists and objects in the forms that the service has, keys without regard
//! to case, values still as text, so that no digit of money passes through a float.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// Why an answer is not the one that was asked for. It holds no text of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Nothing came.
    Empty,
    /// It is no JSON.
    NoJson,
    /// It begins as JSON and breaks off.
    CutOff,
    /// It is JSON of another shape; the text says which, as it reads before "came".
    Shape(String),
}

impl Misfit {
    pub(super) fn shape(what: &str) -> Self {
        Self::Shape(what.to_owned())
    }

    /// What came, as it reads before "came when asked for".
    pub(super) fn words(&self, content_type: &str, bytes: &[u8]) -> String {
        let length = bytes.len();
        match self {
            Self::Empty => "an empty answer".to_owned(),
            Self::NoJson => format!("{} of {length} bytes", kind(content_type, bytes)),
            Self::CutOff => format!("JSON that breaks off after {length} bytes"),
            Self::Shape(what) => what.clone(),
        }
    }
}

/// Names what is no JSON. A media type that is not known is not repeated.
fn kind(content_type: &str, bytes: &[u8]) -> &'static str {
    let media = content_type.to_ascii_lowercase();
    match bytes.trim_ascii_start().first() {
        Some(b'<') if media.contains("xml") && !media.contains("html") => "an XML document",
        Some(b'<') => "an HTML page",
        _ if media.contains("html") => "an HTML page",
        _ if media.contains("json") => "broken JSON",
        _ => "a text that is no JSON",
    }
}

impl From<serde_json::Error> for Misfit {
    fn from(error: serde_json::Error) -> Self {
        if error.classify() == Category::Eof { Self::CutOff } else { Self::NoJson }
    }
}

/// One JSON object.
pub(super) struct Record<'a> {
    /// Its text as received.
    pub(super) text: &'a str,
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Record<'a> {
    /// Reads one object.
    ///
    /// # Errors
    /// [`Misfit`] for anything else, and for two keys that are equal but for case: which of their
    /// values is meant cannot be known.
    pub(super) fn read(text: &'a str) -> Result<Self, Misfit> {
        let mut members = BTreeMap::new();
        for (key, value) in object(text)?.0 {
            if members.insert(key.to_ascii_lowercase(), value).is_some() {
                return Err(Misfit::shape("an entry with the same key twice"));
            }
        }
        Ok(Self { text, members })
    }

    /// The value of a key, given in lower case.
    pub(super) fn value(&self, key: &str) -> Value<'a> {
        debug_assert_eq!(key, key.to_ascii_lowercase());
        self.members.get(key).map_or(Value::Nothing, |raw| Value::of(raw.get()))
    }

    /// Whether the key is there, whatever its value; given in lower case.
    pub(super) fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    /// The value of the first of several spellings of a key that has one.
    pub(super) fn first(&self, keys: [&str; 2]) -> Value<'a> {
        match self.value(keys[0]) {
            Value::Nothing => self.value(keys[1]),
            value => value,
        }
    }
}

/// A value, not yet read as anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// No such key, `null`, or an empty text.
    Nothing,
    /// A text, decoded.
    Text(String),
    /// A number, digit for digit as sent.
    Number(&'a str),
    /// `true` or `false`.
    Flag(bool),
    /// An object or a list, as sent.
    Nested(&'a str),
}

impl<'a> Value<'a> {
    /// Reads the text of one value.
    pub(super) fn of(text: &'a str) -> Self {
        match text.as_bytes().first() {
            Some(b'"') => match serde_json::from_str::<String>(text) {
                Ok(text) if !text.is_empty() => Self::Text(text),
                _ => Self::Nothing,
            },
            Some(b'{' | b'[') => Self::Nested(text),
            Some(b't' | b'f') => Self::Flag(text == "true"),
            Some(b'n') | None => Self::Nothing,
            Some(_) => Self::Number(text),
        }
    }
}

/// Reads a list: bare, or an object with one of the known wrapper keys.
///
/// # Errors
/// [`Misfit`] for anything else, and for a wrapper that announces more than it holds.
pub(super) fn list<'a>(text: &'a str, wrappers: &[&str]) -> Result<Vec<&'a RawValue>, Misfit> {
    match whole(text)?.as_bytes().first() {
        Some(b'[') => Ok(serde_json::from_str(text)?),
        Some(b'{') => unwrapped(&Record::read(text)?, wrappers),
        _ => Err(other_shape(text)),
    }
}

/// Takes the list out of its wrapper. Nothing but an empty cursor and a true total may stand
/// beside it: part of a list is never taken for all of it.
fn unwrapped<'a>(wrapper: &Record<'a>, known: &[&str]) -> Result<Vec<&'a RawValue>, Misfit> {
    let mut lists = wrapper.members.iter().filter(|(key, _)| known.contains(&key.as_str()));
    let (Some((name, list)), None) = (lists.next(), lists.next()) else {
        return Err(other_shape(wrapper.text));
    };
    if !list.get().starts_with('[') {
        return Err(Misfit::shape("an object with something else than a list in it"));
    }
    let items: Vec<&RawValue> = serde_json::from_str(list.get())?;
    for key in wrapper.members.keys().filter(|key| *key != name) {
        beside(key, &wrapper.value(key), items.len())?;
    }
    Ok(items)
}

fn beside(key: &str, value: &Value<'_>, items: usize) -> Result<(), Misfit> {
    const TOTALS: [&str; 5] = ["total", "totalcount", "count", "totalitems", "totalrecords"];
    match value {
        Value::Nothing | Value::Flag(false) => Ok(()),
        Value::Number(total) if TOTALS.contains(&key) => {
            if total.parse() == Ok(items) {
                return Ok(());
            }
            Err(Misfit::Shape(format!("a list of {items} entries that announces another number")))
        }
        _ if key.contains("cursor") || key.contains("next") || key.contains("more") => {
            Err(Misfit::Shape(format!("a list of {items} entries that announces more of them")))
        }
        _ => Err(Misfit::shape("a list with something else beside it")),
    }
}

/// Reads an answer that is one object.
///
/// # Errors
/// [`Misfit`] for anything else.
pub(super) fn single(text: &str) -> Result<Record<'_>, Misfit> {
    if whole(text)?.starts_with('{') { Record::read(text) } else { Err(other_shape(text)) }
}

/// Reads an answer that is one object, or a list of just one.
///
/// # Errors
/// [`Misfit`] for anything else.
pub(super) fn single_or_only(text: &str) -> Result<Record<'_>, Misfit> {
    if !whole(text)?.starts_with('[') {
        return single(text);
    }
    match serde_json::from_str::<Vec<&RawValue>>(text)?.as_slice() {
        [only] => single(only.get()),
        items => Err(Misfit::Shape(format!("a list of {} entries instead of one", items.len()))),
    }
}

/// The text without outer white space, once it is known to be JSON.
pub(super) fn whole(text: &str) -> Result<&str, Misfit> {
    if text.trim().is_empty() {
        return Err(Misfit::Empty);
    }
    Ok(serde_json::from_str::<&RawValue>(text)?.get())
}

/// Names the shape of an answer that is JSON.
fn other_shape(text: &str) -> Misfit {
    let what = match Value::of(text.trim()) {
        Value::Nothing => "null or an empty text",
        Value::Text(_) => "a bare text",
        Value::Number(_) => "a bare number",
        Value::Flag(_) => "a bare flag",
        Value::Nested(text) if text.starts_with('[') => "a list",
        Value::Nested(text) if object(text).is_ok_and(|object| object.0.is_empty()) => {
            "an empty object"
        }
        Value::Nested(_) => "an object of another kind",
    };
    Misfit::shape(what)
}

/// The members of an object in their order, equal keys and all.
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

/// Reads the members of an object.
///
/// # Errors
/// [`Misfit`] for anything that is no object.
pub(super) fn object(text: &str) -> Result<Members<'_>, Misfit> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => Misfit::shape("an entry that is no object"),
        _ => error.into(),
    })
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(map.size_hint().unwrap_or(24));
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(text: &str) -> Result<usize, Misfit> {
        list(text, &["accounts"]).map(|items| items.len())
    }

    #[test]
    fn a_list_is_bare_or_in_one_known_wrapper() {
        for (text, length) in [
            ("[]", 0),
            (" [ {} , {} ] \n", 2),
            (r#"{"accounts":[{}]}"#, 1),
            (r#"{"Accounts":[]}"#, 0),
            (r#"{"ACCOUNTS":[{}],"total":1,"nextCursor":null,"hasMore":false}"#, 1),
            (r#"{"accounts":[{}],"cursor":""}"#, 1),
        ] {
            assert_eq!(count(text), Ok(length), "{text}");
        }
    }

    #[test]
    fn no_other_answer_is_an_empty_list() {
        for (text, came) in [
            ("", "an empty answer"),
            (" \n", "an empty answer"),
            ("null", "null or an empty text"),
            ("\"\"", "null or an empty text"),
            ("{}", "an empty object"),
            ("-1", "a bare number"),
            ("true", "a bare flag"),
            ("\"sorry\"", "a bare text"),
            (r#"{"error":"no"}"#, "an object of another kind"),
            (r#"{"transactions":[]}"#, "an object of another kind"),
            (r#"{"accounts":null}"#, "an object with something else than a list in it"),
            (r#"{"accounts":{}}"#, "an object with something else than a list in it"),
            (r#"{"accounts":[],"Accounts":[]}"#, "an entry with the same key twice"),
            (r#"{"accounts":[],"error":"no"}"#, "a list with something else beside it"),
            (r#"{"accounts":[],"total":3}"#, "a list of 0 entries that announces another number"),
            (r#"{"accounts":[],"total":0.0}"#, "a list of 0 entries that announces another number"),
            (
                r#"{"accounts":[],"nextCursor":"x"}"#,
                "a list of 0 entries that announces more of them",
            ),
            (
                r#"{"accounts":[],"hasMore":true}"#,
                "a list of 0 entries that announces more of them",
            ),
            ("[{},", "JSON that breaks off after 4 bytes"),
            ("[] []", "a text that is no JSON of 5 bytes"),
            ("<html>", "an HTML page of 6 bytes"),
            ("sorry", "a text that is no JSON of 5 bytes"),
        ] {
            let misfit = count(text).expect_err(text);
            assert_eq!(misfit.words("", text.as_bytes()), came, "{text}");
        }
    }

    #[test]
    fn one_object_is_one_object() {
        assert!(single("{}").is_ok());
        assert!(single("[{}]").is_err());
        assert!(single_or_only("{}").is_ok());
        assert!(single_or_only("[{}]").is_ok());
        for text in ["[]", "[{},{}]", "[[{}]]", "null", "", "-1", "[1]"] {
            assert!(single_or_only(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_match_without_regard_to_case_and_only_once() {
        let record = Record::read(r#"{"AccountId":"a","balance":1.50,"Sub":{"x":1,"X":2}}"#);
        let record = record.unwrap_or_else(|misfit| panic!("{misfit:?}"));
        assert_eq!(record.value("accountid"), Value::Text("a".to_owned()));
        assert_eq!(record.value("balance"), Value::Number("1.50"));
        assert_eq!(record.value("sub"), Value::Nested(r#"{"x":1,"X":2}"#));
        assert_eq!(record.value("none"), Value::Nothing);
        assert_eq!(record.first(["none", "balance"]), Value::Number("1.50"));
        for text in
            [r#"{"a":1,"a":1}"#, r#"{"AccountID":1,"accountId":null}"#, r#"{"a":1,"\u0041":2}"#]
        {
            assert!(Record::read(text).is_err(), "{text}");
        }
        for text in ["1", "[]", "null"] {
            assert!(Record::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_foreign_media_type_is_not_repeated() {
        let words = Misfit::NoJson.words("text/secret-word", b"x");
        assert_eq!(words, "a text that is no JSON of 1 bytes");
        assert_eq!(Misfit::NoJson.words("application/json", b"}"), "broken JSON of 1 bytes");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in r#"[\[\]{}",:a0-9. \\-]{0,40}"#) {
            let _ = list(&text, &["accounts"]);
            let _ = single_or_only(&text).map(|record| record.value("a"));
        }
    }
}
