//! What is kept of a record's JSON: all of it as sent, but for secrets and personal data.

use serde_json::value::RawValue;

use super::wire::{Misfit, object};

/// Keys, in lower case, that are left out with their values: the bank's login name, the key's
/// user id, whole account numbers, and who the owner is.
const LEFT_OUT: [&str; 8] = [
    "userid",
    "username",
    "fullaccountnumber",
    "ownername",
    "address",
    "checkimage",
    "phone",
    "email",
];

/// Objects of no known shape, which may hold a whole card or loan number under any key: the names
/// of their keys are kept, for a diagnosis.
const NAMES_ONLY: [&str; 3] = ["creditcarddata", "loandata", "insurancedata"];

/// Gives the text of a record as received, keys in order and values digit for digit, but without
/// secrets and personal data at any depth; of an `AccountNumber` its last four characters stay.
///
/// # Errors
/// [`Misfit`] where the text is no JSON.
pub(super) fn scrub(text: &str) -> Result<String, Misfit> {
    let mut kept = String::with_capacity(text.len());
    value(text, &mut kept)?;
    Ok(kept)
}

/// The last four letters or digits of an account number, which is usually masked already.
pub(super) fn last_four(number: &str) -> Option<String> {
    let signs: Vec<char> = number.chars().filter(|sign| sign.is_alphanumeric()).collect();
    (!signs.is_empty()).then(|| signs[signs.len().saturating_sub(4)..].iter().collect())
}

/// Nesting is bounded where the answer is read, so this depth is too.
fn value(text: &str, kept: &mut String) -> Result<(), Misfit> {
    match text.as_bytes().first() {
        Some(b'{') => members(text, kept, value),
        Some(b'[') => {
            kept.push('[');
            for (place, item) in serde_json::from_str::<Vec<&RawValue>>(text)?.iter().enumerate() {
                kept.push_str(if place > 0 { "," } else { "" });
                value(item.get(), kept)?;
            }
            kept.push(']');
            Ok(())
        }
        _ => {
            kept.push_str(text);
            Ok(())
        }
    }
}

fn members(
    text: &str,
    kept: &mut String,
    each: fn(&str, &mut String) -> Result<(), Misfit>,
) -> Result<(), Misfit> {
    let mut mark = "{";
    for (key, member) in object(text)?.0 {
        let name = key.to_ascii_lowercase();
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        kept.push_str(mark);
        kept.push_str(&serde_json::to_string(&key)?);
        kept.push(':');
        match name.as_str() {
            "accountnumber" => masked(member.get(), kept),
            name if NAMES_ONLY.contains(&name) => names(member.get(), kept)?,
            _ => each(member.get(), kept)?,
        }
        mark = ",";
    }
    kept.push_str(if mark == "{" { "{}" } else { "}" });
    Ok(())
}

fn masked(number: &str, kept: &mut String) {
    let text = serde_json::from_str::<String>(number).ok();
    let digits = || number.parse::<i128>().ok().map(|number| number.to_string());
    match text.or_else(digits).as_deref().and_then(last_four) {
        Some(last) => {
            kept.push('"');
            kept.push_str(&last);
            kept.push('"');
        }
        None => kept.push_str("null"),
    }
}

fn names(text: &str, kept: &mut String) -> Result<(), Misfit> {
    if text.starts_with('{') {
        return members(text, kept, |_, kept| {
            kept.push_str("null");
            Ok(())
        });
    }
    kept.push_str("null");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_kept_is_as_sent() {
        for (sent, kept) in [
            (
                r#"{ "Amount" : 12.3000 , "Memo" : "a\u00e9\/b" }"#,
                r#"{"Amount":12.3000,"Memo":"a\u00e9\/b"}"#,
            ),
            (
                r#"{"A":1e2,"a":-0.0,"A":99999999999999999999.99}"#,
                r#"{"A":1e2,"a":-0.0,"A":99999999999999999999.99}"#,
            ),
            (r#"{"x":[1,{"y":[ ]}],"z":{}}"#, r#"{"x":[1,{"y":[]}],"z":{}}"#),
            ("{}", "{}"),
        ] {
            assert_eq!(scrub(sent), Ok(kept.to_owned()));
        }
    }

    #[test]
    fn secrets_and_personal_data_are_left_out_in_any_case_and_depth() {
        for (sent, kept) in [
            (r#"{"UserID":"u","userName":"n","FULLACCOUNTNUMBER":"1"}"#, "{}"),
            (r#"{"a":1,"UserId":"u","b":2}"#, r#"{"a":1,"b":2}"#),
            (
                r#"{"a":[{"ownerName":"o","c":{"Address":{"x":1},"d":3}}]}"#,
                r#"{"a":[{"c":{"d":3}}]}"#,
            ),
            (r#"{"\u0055serID":"u","CheckImage":"c","Phone":"p","Email":["e"]}"#, "{}"),
        ] {
            assert_eq!(scrub(sent), Ok(kept.to_owned()));
        }
    }

    #[test]
    fn of_an_account_number_four_characters_stay() {
        for (sent, kept) in [
            (r#""xxx4417""#, r#""4417""#),
            (r#""4000-1234-5678-9010""#, r#""9010""#),
            (r#""12""#, r#""12""#),
            ("400012345678", r#""5678""#),
            ("4e30", "null"),
            (r#""***""#, "null"),
            ("null", "null"),
            (r#"["400012345678"]"#, "null"),
        ] {
            let scrubbed = scrub(&format!(r#"{{"accountNumber":{sent}}}"#));
            assert_eq!(scrubbed, Ok(format!(r#"{{"accountNumber":{kept}}}"#)));
        }
        assert_eq!(last_four("•••• 12é9").as_deref(), Some("12é9"));
        assert_eq!(last_four("-- "), None);
    }

    #[test]
    fn of_objects_without_a_known_shape_the_names_stay() {
        let sent = r#"{"CreditCardData":{"cardNumber":"4000","Email":"e"},"LoanData":"4000","InsuranceData":null}"#;
        let kept = r#"{"CreditCardData":{"cardNumber":null},"LoanData":null,"InsuranceData":null}"#;
        assert_eq!(scrub(sent), Ok(kept.to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_json_that_stays_as_it_is(keys in proptest::collection::vec("[a-zA-Z]{1,4}|UserID|accountNumber|\\PC{0,3}", 0..6), text in "\\PC{0,12}") {
            let member = |key: &String| format!("{}:{}", serde_json::to_string(key).expect("JSON"), serde_json::to_string(&text).expect("JSON"));
            let sent = format!("{{{}}}", keys.iter().map(member).collect::<Vec<_>>().join(","));
            let kept = scrub(&sent).expect("JSON");
            prop_assert!(!kept.to_ascii_lowercase().contains("\"userid\":"));
            prop_assert_eq!(scrub(&kept), Ok(kept.clone()));
        }
    }
}
