//! JSON with every digit and every key under control: numbers keep their text, keys may repeat.

use std::fmt;

/// A JSON value as it is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// Sent as it stands: a number with its digits, `null`, `true`, or a text that is escaped in
    /// a way of its own.
    Literal(String),
    /// A text, escaped when it is sent.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object; its keys stand in this order and may repeat.
    Object(Keys),
}

/// The keys of an object with their values, in order.
pub type Keys = Vec<(String, Json)>;

impl Json {
    /// `null`.
    pub fn null() -> Self {
        Self::literal("null")
    }

    /// A number with exactly these digits, or any other literal.
    pub fn literal(text: &str) -> Self {
        Self::Literal(text.to_owned())
    }

    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A text, or `null`.
    pub fn maybe(text: Option<&str>) -> Self {
        text.map_or_else(Self::null, Self::text)
    }

    /// A number, or `null`.
    pub fn number(text: Option<&str>) -> Self {
        text.map_or_else(Self::null, Self::literal)
    }

    /// An object with these keys in this order.
    pub fn object<const N: usize>(keys: [(&str, Self); N]) -> Self {
        Self::Object(keys.map(|(key, value)| (key.to_owned(), value)).to_vec())
    }

    /// The first value under a key of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(keys) = self else { return None };
        keys.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text of a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Every object in it, the outermost first.
    pub fn each_object(&mut self, change: &mut dyn FnMut(&mut Keys)) {
        match self {
            Self::List(items) => {
                for item in items {
                    item.each_object(change);
                }
            }
            Self::Object(keys) => {
                change(keys);
                for (_, value) in keys {
                    value.each_object(change);
                }
            }
            _ => {}
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => f.write_str(text),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(keys) => {
                f.write_str("{")?;
                for (at, (key, value)) in keys.iter().enumerate() {
                    write!(f, "{}{}:{value}", if at > 0 { "," } else { "" }, quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is always JSON")
}

/// Changes to the keys of one object, made in order just before it is sent.
#[derive(Debug, Clone, Default)]
pub struct Patch(Vec<Change>);

#[derive(Debug, Clone)]
enum Change {
    Set(String, Json),
    Add(String, Json),
    Drop(String),
}

impl Patch {
    /// Gives a key this value, in its place, or at the end where there was none.
    pub fn set(&mut self, key: &str, value: Json) -> &mut Self {
        self.0.push(Change::Set(key.to_owned(), value));
        self
    }

    /// Adds a key at the end even where there is one already: a key twice.
    pub fn add(&mut self, key: &str, value: Json) -> &mut Self {
        self.0.push(Change::Add(key.to_owned(), value));
        self
    }

    /// Leaves a key out.
    pub fn leave_out(&mut self, key: &str) -> &mut Self {
        self.0.push(Change::Drop(key.to_owned()));
        self
    }

    /// Makes further changes after these.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes the changes.
    pub fn apply(&self, keys: &mut Keys) {
        for change in &self.0 {
            match change {
                Change::Set(key, value) => match keys.iter_mut().find(|(name, _)| name == key) {
                    Some(place) => place.1 = value.clone(),
                    None => keys.push((key.clone(), value.clone())),
                },
                Change::Add(key, value) => keys.push((key.clone(), value.clone())),
                Change::Drop(key) => keys.retain(|(name, _)| name != key),
            }
        }
    }

    /// The object with the changes made.
    pub fn onto<const N: usize>(&self, keys: [(&str, Json); N]) -> Json {
        let mut keys = keys.map(|(key, value)| (key.to_owned(), value)).to_vec();
        self.apply(&mut keys);
        Json::Object(keys)
    }
}
