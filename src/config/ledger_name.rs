//! Account names and commodities of the owner's ledger: written exactly as given, or refused.
//!
//! Both ledger and hledger end an account name at two spaces or a tab, take a leading bracket for
//! a virtual posting and a leading `*` or `!` for a status, and disagree about empty segments.

use super::findings::{Wrong, quoted};
use crate::domain::Currency;

/// The most bytes of an account name. Ledger cannot read a line of 4,096 bytes.
const LONGEST: usize = 512;

/// An account name that both programs read back unchanged.
pub(super) fn account(text: &str) -> Result<String, Wrong> {
    let example = "write it as in your ledger, such as \"Assets:Bank:Joint Checking\"";
    let wrong = |problem: &str| Err(Wrong::new(format!("{}: {problem}", quoted(text)), example));
    if text.trim().is_empty() {
        return wrong("an account needs a name");
    }
    if text.len() > LONGEST {
        return wrong("the name is too long");
    }
    if text.contains("  ") || text.starts_with(' ') || text.ends_with(' ') {
        return wrong("two spaces, or one at an end, would cut the name there");
    }
    if text.chars().any(unprintable) {
        return wrong("a tab or another character that cannot be seen is in it");
    }
    if text.contains(';') {
        return wrong("a ; would begin a comment");
    }
    if text.starts_with(['(', '[', '<', '*', '!']) {
        return wrong("no name begins with ( [ < * or !");
    }
    if text.split(':').any(|segment| segment.trim().is_empty()) {
        return wrong("there is nothing before, between or after two :");
    }
    Ok(text.to_owned())
}

/// What ledger converts into seconds, quoted or not.
const UNITS_OF_TIME: [&str; 3] = ["s", "m", "h"];

/// A commodity: what stands in quotes behind an amount.
pub(super) fn commodity(currency: &Currency, text: &str) -> Result<String, Wrong> {
    let own = currency.code();
    let cure = format!("write a symbol or the code, such as {own} = \"{own}\"");
    let wrong = |problem: &str| Err(Wrong::new(format!("{}: {problem}", quoted(text)), &*cure));
    if text.is_empty() || text.trim() != text {
        return wrong("a commodity needs a name, without spaces around it");
    }
    if text.contains(['"', ';', '\\']) || text.chars().any(unprintable) {
        return wrong("no commodity has a \", a ;, a \\ or an unseen character in it");
    }
    if UNITS_OF_TIME.contains(&text) {
        return wrong("ledger reads that as a unit of time");
    }
    if text.len() > LONGEST {
        return wrong("the name is too long");
    }
    if text != own && Currency::parse(text).is_some_and(|code| code.code() == text) {
        return wrong("that is the code of another currency");
    }
    Ok(text.to_owned())
}

/// Control characters, white space other than the plain one, and marks of direction.
fn unprintable(c: char) -> bool {
    let direction = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{061c}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    direction || c.is_control() || (c.is_whitespace() && c != ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_readers_keep_is_kept_and_the_rest_refused() {
        let good =
            ["Assets:RBC (CAD)", "A/B", "100%", "Assets:Café d'Or", "A", "Assets: x", "A-B #1"];
        for name in good {
            assert_eq!(account(name).as_deref(), Ok(name));
        }
        for name in [
            "",
            " ",
            "A  B",
            " A",
            "A ",
            "A\tB",
            "A\u{a0}B",
            "A;B",
            "(A)",
            "[A]",
            "<A>",
            "*A",
            "!A",
            "A::B",
            ":A",
            "A:",
            "A: :B",
            "A\nB",
            "A\u{202e}B",
            "A\u{200b}",
        ] {
            assert!(account(name).is_err(), "{name:?}");
        }
        assert!(account(&"x".repeat(513)).is_err());
    }

    #[test]
    fn a_commodity_is_a_symbol_or_the_own_code() {
        let usd = Currency::usd();
        for symbol in ["$", "USD", "US$", "Dollar of 1", "€"] {
            assert!(commodity(&usd, symbol).is_ok(), "{symbol}");
        }
        for symbol in ["", " ", "$ ", "a\"b", "a;b", "a\nb", "CAD"] {
            assert!(commodity(&usd, symbol).is_err(), "{symbol:?}");
        }
    }
}
