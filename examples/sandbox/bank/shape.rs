//! JSON that is true and told in another way, and JSON that is not true.

use super::endpoint::Endpoint;
use super::ids::guid;
use super::json::{Json, Patch};

/// A change of an answer's JSON.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A list stands in an object, under its usual key, beside these keys.
    Wrapped(Vec<(String, Json)>),
    /// An object stands alone in a list.
    Listed,
    /// A list is replaced by its first item, or by `{}`.
    FirstOnly,
    /// Keys are spelt otherwise.
    Keys(KeyForm),
    /// Money is written otherwise.
    Money(MoneyForm),
    /// The keys of every object are changed.
    Each(Patch),
    /// A list is empty.
    Empty,
    /// A list stands in reverse.
    Reversed,
    /// A list ends after so many items.
    Truncated(usize),
    /// The first item of a list is there twice.
    FirstTwice,
    /// Every `TransactionID` is another one; the same text gives the same ones again.
    NewIds(String),
}

/// A spelling of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// `accountID`
    Camel,
    /// `AccountId`
    IdSuffix,
    /// `accountId`
    CamelIdSuffix,
    /// `accountid`
    Lower,
    /// `ACCOUNTID`
    Upper,
    /// `account_id`
    Snake,
}

/// A way to write money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyForm {
    /// `"12.30"`
    Text,
    /// `1230e-2`
    Exponent,
    /// `12.3000`
    MoreZeros,
    /// `null`
    Null,
    /// This, whatever was there.
    Literal(String),
}

/// The keys that hold money.
const MONEY: [&str; 5] = ["Amount", "Balance", "AccountBalance", "AvailableBalance", "CashBalance"];

impl Shape {
    /// Sets a key of every object.
    pub fn set(key: &str, value: Json) -> Self {
        let mut patch = Patch::default();
        patch.set(key, value);
        Self::Each(patch)
    }

    /// Adds a key to every object, even one that is there.
    pub fn add(key: &str, value: Json) -> Self {
        let mut patch = Patch::default();
        patch.add(key, value);
        Self::Each(patch)
    }

    /// Leaves a key out of every object.
    pub fn leave_out(key: &str) -> Self {
        let mut patch = Patch::default();
        patch.leave_out(key);
        Self::Each(patch)
    }

    /// A list in an object, with nothing beside it.
    pub fn wrapped() -> Self {
        Self::Wrapped(vec![])
    }

    /// A list in an object, with a count of items beside it.
    pub fn wrapped_with_total(total: usize) -> Self {
        Self::Wrapped(vec![("total".to_owned(), Json::Literal(total.to_string()))])
    }

    /// A list in an object, with a cursor beside it.
    pub fn wrapped_with_cursor(cursor: &str) -> Self {
        Self::Wrapped(vec![("nextCursor".to_owned(), Json::text(cursor))])
    }

    /// Changes the JSON of an answer.
    pub fn apply(&self, json: &mut Json, endpoint: Endpoint) {
        match self {
            Self::Keys(form) => json.each_object(&mut |keys| {
                for (key, _) in keys {
                    *key = form.spell(key);
                }
            }),
            Self::Money(form) => each_key(json, &MONEY, &mut |value| form.write(value)),
            Self::Each(patch) => json.each_object(&mut |keys| patch.apply(keys)),
            Self::NewIds(salt) => each_key(json, &["TransactionID"], &mut |value| {
                *value = Json::Text(guid(&["new", salt, &value.to_string()]));
            }),
            Self::Listed if !matches!(json, Json::List(_)) => {
                *json = Json::List(vec![json.clone()]);
            }
            _ => self.apply_to_list(json, endpoint),
        }
    }

    fn apply_to_list(&self, json: &mut Json, endpoint: Endpoint) {
        let Json::List(items) = json else { return };
        match self {
            Self::Empty => items.clear(),
            Self::Reversed => items.reverse(),
            Self::Truncated(length) => items.truncate(*length),
            Self::FirstTwice => items.extend(items.first().cloned()),
            Self::FirstOnly => *json = items.first().cloned().unwrap_or(Json::Object(vec![])),
            Self::Wrapped(beside) => {
                let key = endpoint.list_key().unwrap_or("items").to_owned();
                let mut keys = vec![(key, json.clone())];
                keys.extend(beside.clone());
                *json = Json::Object(keys);
            }
            _ => {}
        }
    }
}

fn each_key(json: &mut Json, names: &[&str], change: &mut dyn FnMut(&mut Json)) {
    json.each_object(&mut |keys| {
        for (_, value) in keys.iter_mut().filter(|(key, _)| names.contains(&key.as_str())) {
            change(value);
        }
    });
}

impl KeyForm {
    fn spell(self, key: &str) -> String {
        let first_lower = |key: &str| key[..1].to_lowercase() + &key[1..];
        let id_suffix = |key: &str| key.strip_suffix("ID").map(|stem| format!("{stem}Id"));
        match self {
            Self::Camel => first_lower(key),
            Self::IdSuffix => id_suffix(key).unwrap_or_else(|| key.to_owned()),
            Self::CamelIdSuffix => first_lower(&Self::IdSuffix.spell(key)),
            Self::Lower => key.to_lowercase(),
            Self::Upper => key.to_uppercase(),
            Self::Snake => snake(&Self::IdSuffix.spell(key)),
        }
    }
}

fn snake(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

impl MoneyForm {
    fn write(&self, value: &mut Json) {
        let Json::Literal(digits) = value else { return };
        if digits == "null" {
            return;
        }
        *value = match self {
            Self::Text => Json::text(digits),
            Self::Null => Json::null(),
            Self::Literal(text) => Json::literal(text),
            Self::MoreZeros if digits.contains('.') => Json::Literal(format!("{digits}00")),
            Self::MoreZeros => Json::Literal(format!("{digits}.00")),
            Self::Exponent => {
                let places = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                Json::Literal(exponent(&digits.replace('.', ""), places))
            }
        };
    }
}

/// Digits without a point, and how many of them stood behind it. JSON allows no leading zeros.
fn exponent(digits: &str, places: usize) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let digits = digits.trim_start_matches('0');
    format!("{sign}{}e-{places}", if digits.is_empty() { "0" } else { digits })
}
