//! The bytes of an answer as JSON text: what stands in the way of reading it is mended or refused.

use super::wire::Misfit;

/// No true answer nests nearly as deep; readers of nested values may count on it.
const DEEPEST: usize = 64;

/// Gives the text of an answer: a byte order mark before it is dropped, and a `\u` escape of half
/// a surrogate pair, which stands for no character, becomes `\uFFFD`.
///
/// Other than that nothing is changed, and what is no JSON is not noticed here.
///
/// # Errors
/// [`Misfit`] for bytes that are no UTF-8, and for deep nesting.
pub(super) fn readable(bytes: &mut [u8]) -> Result<&str, Misfit> {
    let start = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let text = &mut bytes[start..];
    if mend(text) > DEEPEST {
        return Err(Misfit::Shape("JSON that nests too deep".to_owned()));
    }
    std::str::from_utf8(text).map_err(|_| Misfit::NoJson)
}

/// Mends lone surrogate escapes in place and tells how deep the text nests.
fn mend(text: &mut [u8]) -> usize {
    let (mut at, mut in_string, mut depth, mut deepest) = (0, false, 0_usize, 0);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' if in_string => at += mend_escape(&mut text[at..]) - 1,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        at += 1;
    }
    deepest
}

/// Mends the escape that the text begins with and gives its length.
fn mend_escape(text: &mut [u8]) -> usize {
    let Some(unit) = code_unit(text) else { return 2 };
    match unit {
        0xD800..=0xDBFF => {
            if matches!(code_unit(&text[6..]), Some(0xDC00..=0xDFFF)) {
                return 12;
            }
            text[2..6].copy_from_slice(b"FFFD");
        }
        0xDC00..=0xDFFF => text[2..6].copy_from_slice(b"FFFD"),
        _ => {}
    }
    6
}

/// The UTF-16 unit of the `\uXXXX` that the text begins with.
fn code_unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        readable(&mut bytes).expect("readable").to_owned()
    }

    #[test]
    fn a_lone_surrogate_becomes_the_replacement_character() {
        for (sent, mended) in [
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d""#, r#""\uFFFD""#),
            (r#""\ude00x""#, r#""\uFFFDx""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\uFFFD\ud83d\ude00""#),
            (r#""\ud83d\n\ude00""#, r#""\uFFFD\n\uFFFD""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, r#""\\\uFFFD""#),
            (r#""\ud83d\\ude00""#, r#""\uFFFD\\ude00""#),
            (r#""\ud83"#, r#""\ud83"#),
            (r#""\"#, r#""\"#),
            (r#"{"\uD800":"\u00e9"}"#, r#"{"\uFFFD":"\u00e9"}"#),
            (r"\ud83d", r"\ud83d"),
        ] {
            assert_eq!(read(sent), mended);
        }
    }

    #[test]
    fn one_byte_order_mark_is_dropped() {
        assert_eq!(read("\u{feff}[]"), "[]");
        assert_eq!(read("\u{feff}\u{feff}[]"), "\u{feff}[]");
        assert_eq!(read("\u{feff}"), "");
        assert_eq!(read(""), "");
    }

    #[test]
    fn other_bytes_than_utf8_and_deep_nesting_are_refused() {
        assert_eq!(readable(&mut b"[\"\xff\"]".to_vec()), Err(Misfit::NoJson));
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(readable(nested(DEEPEST).into_bytes().as_mut_slice()).is_ok());
        assert!(readable(nested(DEEPEST + 1).into_bytes().as_mut_slice()).is_err());
        assert!(readable(format!("\"{}\"", "[".repeat(99)).into_bytes().as_mut_slice()).is_ok());
    }

    proptest! {
        #[test]
        fn escapes_read_as_utf16_does(units in proptest::collection::vec(prop_oneof![0xD7F0u16..0xE010, any::<u16>()], 0..12)) {
            let escapes = units.iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat();
            let decoded: String = serde_json::from_str(&read(&format!("\"{escapes}\""))).expect("JSON");
            prop_assert_eq!(decoded, String::from_utf16_lossy(&units));
        }

        #[test]
        fn what_was_valid_stays_as_it_was(text in ".*") {
            let json = serde_json::to_string(&text).expect("JSON");
            prop_assert_eq!(read(&json), json);
        }

        #[test]
        fn no_bytes_panic(mut bytes in proptest::collection::vec(prop_oneof![Just(b'\\'), Just(b'u'), Just(b'"'), Just(b'd'), any::<u8>()], 0..40)) {
            let length = bytes.len();
            if let Ok(text) = readable(&mut bytes) {
                prop_assert!(text.len() <= length);
            }
        }
    }
}
