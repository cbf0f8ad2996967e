//! The one sanitiser. Every text that a bank or an owner wrote goes through it, for every format.
//!
//! In this order: marks of writing direction and the byte order mark are dropped; every control
//! character, separator and white space becomes a space, and what XML forbids becomes U+FFFD; runs
//! of spaces become one, none stands at an end; and the text is cut at a length that no reader
//! breaks on.

use std::borrow::Cow;

/// The most bytes that a text may have: ledger gives up on a line of 4,096.
const LONGEST: usize = 512;

/// The most bytes that a memo may have.
const LONGEST_MEMO: usize = 1024;

/// What stands for a payee that is empty.
const UNKNOWN: &str = "Unknown";

/// A text as every format may take it; empty where nothing is left of it.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    clean_within(text, LONGEST)
}

/// A payee: as [`clean`], but never empty.
pub(super) fn payee(text: &str) -> Cow<'_, str> {
    let text = clean(text);
    if text.is_empty() { Cow::Borrowed(UNKNOWN) } else { text }
}

/// A text that may be missing: as [`clean`], and `None` where nothing is left of it.
pub(super) fn field(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(clean).filter(|text| !text.is_empty())
}

/// A memo: as [`field`], with room for more.
pub(super) fn memo(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(|text| clean_within(text, LONGEST_MEMO)).filter(|text| !text.is_empty())
}

/// The first `most` characters, without a space at the end.
pub(super) fn first_chars(text: &str, most: usize) -> &str {
    match text.char_indices().nth(most) {
        Some((end, _)) => text[..end].trim_end_matches(' '),
        None => text,
    }
}

/// What fits into so many bytes, cut on a character, without a space at the end.
pub(super) fn first_bytes(text: &str, most: usize) -> &str {
    let end = text.floor_char_boundary(most);
    if end < text.len() { text[..end].trim_end_matches(' ') } else { text }
}

fn clean_within(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest && is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(longest + 4));
    for char in text.chars().filter(|char| !is_mark(*char)).map(replaced) {
        if char == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + char.len_utf8() > longest {
            break;
        }
        out.push(char);
    }
    out.truncate(out.trim_end_matches(' ').len());
    Cow::Owned(out)
}

/// Whether a text is clean already: most are, and stay as they are.
fn is_clean(text: &str) -> bool {
    let mut last = ' ';
    for char in text.chars() {
        let plain = matches!(char, '!'..='~')
            || (char == ' ' && last != ' ')
            || (!char.is_ascii() && !is_mark(char) && replaced(char) == char);
        if !plain {
            return false;
        }
        last = char;
    }
    last != ' ' || text.is_empty()
}

/// Marks that change the direction of writing unseen, and the byte order mark.
fn is_mark(char: char) -> bool {
    matches!(char,
        '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// What a reader would take for an end of line or for white space becomes a space; the two
/// characters that no XML may hold become the replacement character.
fn replaced(char: char) -> char {
    match char {
        '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
        _ if char.is_control() || char.is_whitespace() => ' ',
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_rule_in_its_order() {
        for (text, cleaned) in [
            ("Green Grocer", "Green Grocer"),
            ("  Green \t Grocer\r\n", "Green Grocer"),
            ("\u{FEFF}a\u{200E}\u{202E}b\u{2069}", "ab"),
            ("a \u{200F} b", "a b"),
            ("a\u{85}b\u{2028}c\u{2029}d\u{A0}e\u{3000}f\0g", "a b c d e f g"),
            ("a\u{FFFE}\u{FFFF}", "a\u{FFFD}\u{FFFD}"),
            (" \u{200E} \u{7} ", ""),
            ("", ""),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
        assert_eq!(payee(" \n"), "Unknown");
        assert_eq!(field(Some("\u{200E}")), None);
        assert_eq!(field(None), None);
    }

    #[test]
    fn long_texts_are_cut_on_a_character() {
        assert_eq!(clean(&"x".repeat(513)).len(), 512);
        assert_eq!(clean(&"é".repeat(300)).len(), 512);
        assert_eq!(clean(&"€".repeat(300)).len(), 510);
        assert_eq!(clean(&("x".repeat(511) + " y")).len(), 511);
        assert_eq!(memo(Some(&"x".repeat(2000))).map(|memo| memo.len()), Some(1024));
        assert_eq!(first_chars("aé€bc", 3), "aé€");
        assert_eq!(first_chars("ab cd", 3), "ab");
        assert_eq!(first_chars("ab", 3), "ab");
        assert_eq!(first_bytes("aé€bc", 5), "aé");
        assert_eq!(first_bytes("ab cd", 3), "ab");
        assert_eq!(first_bytes("ab", 3), "ab");
    }

    proptest! {
        #[test]
        fn what_is_clean_stays_so(text in any::<String>()) {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
            prop_assert!(once.len() <= LONGEST);
            prop_assert!(!once.chars().any(|char| char.is_control() || is_mark(char)));
            prop_assert!(!once.chars().any(|char| char != ' ' && char.is_whitespace()));
        }
    }
}
