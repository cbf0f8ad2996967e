//! What a job's record asks of its owner. Lists come as texts, in several forms.

use html_escape::decode_html_entities;
use serde_json::value::RawValue;

use super::convert::words;
use super::wire::{Record, Value};
use crate::domain::Challenge;

/// Every challenge of the record, in the order in which they are to be answered: those that are
/// open, and those with an answer beside them, which linger.
pub(super) fn read(job: &Record<'_>) -> (Vec<Challenge>, Vec<Challenge>) {
    let approved = flag(job, "verifyphoneflag") == Some(true);
    let asked = [
        (questions(job), says(job, "securityanswer")),
        (ways(job), says(job, "tokenchoice")),
        (code(job), says(job, "tokeninput")),
        (to_read(job), approved),
        (picture(job), says(job, "captchainput")),
    ];
    let (mut open, mut answered) = (Vec::new(), Vec::new());
    for (challenge, is_answered) in asked {
        if is_answered { &mut answered } else { &mut open }.extend(challenge);
    }
    (open, answered)
}

/// The answers that the record repeats.
pub(super) fn given(job: &Record<'_>) -> Vec<String> {
    let mut given = list(job, "securityanswer").unwrap_or_default();
    given.extend(["tokeninput", "captchainput"].map(|key| text(job.value(key))));
    given
}

fn questions(job: &Record<'_>) -> Option<Challenge> {
    let shown = |text: String| decode_html_entities(&text).replace("\\'", "'");
    let questions = list(job, "securityquestion")?;
    Some(Challenge::Questions(questions.into_iter().map(shown).collect()))
}

fn ways(job: &Record<'_>) -> Option<Challenge> {
    let ways = list(job, "tokenmethod")?;
    Some(Challenge::Ways(ways.into_iter().filter(|way| !way.trim().is_empty()).collect()))
}

fn code(job: &Record<'_>) -> Option<Challenge> {
    let is_due = flag(job, "tokensentflag") == Some(true)
        || says(job, "tokeninputname")
        || words(job.value("laststep")).is_some_and(|step| is(&step, "tokeninput"));
    let pin = words(job.value("tokeninputname")).is_some_and(|name| is(&name, "pin"));
    is_due.then_some(Challenge::Code { pin })
}

fn to_read(job: &Record<'_>) -> Option<Challenge> {
    let shown = || decode_html_entities(&text(job.value("tokenread"))).into_owned();
    says(job, "tokenread").then(|| Challenge::Read(shown()))
}

fn picture(job: &Record<'_>) -> Option<Challenge> {
    says(job, "captchaimage").then(|| Challenge::Picture(text(job.value("captchaimage"))))
}

fn text(value: Value<'_>) -> String {
    match value {
        Value::Nested(text) => text.to_owned(),
        value => words(value).unwrap_or_default(),
    }
}

/// The items of a list: as JSON, or written as a text, in JSON or in single quotes, its quotes
/// escaped as HTML or not. What is no list is its own only item; a list of blanks is none.
fn list(job: &Record<'_>, key: &str) -> Option<Vec<String>> {
    let text = says(job, key).then(|| text(job.value(key)))?;
    let read = |text: &str| json(text).or_else(|| quoted(text));
    let items = read(&text).or_else(|| read(&decode_html_entities(&text)));
    let items = items.unwrap_or_else(|| vec![text]);
    items.iter().any(|item| !item.trim().is_empty()).then_some(items)
}

fn json(text: &str) -> Option<Vec<String>> {
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(items.into_iter().map(|item| words(Value::of(item.get())).unwrap_or_default()).collect())
}

/// Items in quotes. One ends where a comma and the next one follow, so that it may hold an
/// apostrophe.
fn quoted(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
    let mut items = Vec::new();
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|sign| QUOTES.contains(sign))?;
        let body = &rest[1..];
        let (item, behind) = body.match_indices(quote).find_map(|(at, _)| {
            let behind = next_item(&body[at + 1..])?;
            Some((&body[..at], behind))
        })?;
        items.push(item.to_owned());
        rest = behind;
    }
    Some(items)
}

const QUOTES: [char; 2] = ['\'', '"'];

/// Where the next item begins, if what stands behind a quote shows that the quote ended one.
fn next_item(behind: &str) -> Option<&str> {
    let behind = behind.trim_start();
    if behind.is_empty() {
        return Some(behind);
    }
    let next = behind.strip_prefix(',')?.trim_start();
    (next.is_empty() || next.starts_with(QUOTES)).then_some(next)
}

/// Whether a key holds more than nothing, blanks, or an empty list, be it written as a text.
fn says(job: &Record<'_>, key: &str) -> bool {
    let text: String = text(job.value(key)).split_whitespace().collect();
    !matches!(text.as_str(), "" | "[]" | "[\"\"]" | "{}")
}

/// A flag, which may come as a text.
pub(super) fn flag(job: &Record<'_>, key: &str) -> Option<bool> {
    match job.value(key) {
        Value::Flag(flag) => Some(flag),
        Value::Text(text) if is(&text, "true") => Some(true),
        Value::Text(text) if is(&text, "false") => Some(false),
        _ => None,
    }
}

pub(super) fn is(text: &str, word: &str) -> bool {
    text.trim().eq_ignore_ascii_case(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opened(members: &str) -> Vec<Challenge> {
        read(&Record::read(&format!("{{{members}}}")).expect(members)).0
    }

    fn asked(key: &str, text: &str) -> Vec<Challenge> {
        opened(&format!("\"{key}\":{}", serde_json::to_string(text).expect("JSON")))
    }

    fn all(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn questions_are_read_in_every_form() {
        for (sent, questions) in [
            ("['First pet?']", &["First pet?"][..]),
            ("[\"Pet?\", \"Mother&#39;s name?\"]", &["Pet?", "Mother's name?"]),
            ("['Mother's name?', 'Pet?']", &["Mother's name?", "Pet?"]),
            ("['Who's 'Rex', then?']", &["Who's 'Rex', then?"]),
            ("['Mother\\'s name?']", &["Mother's name?"]),
            ("[\"Mother's name?\", 'Pet?']", &["Mother's name?", "Pet?"]),
            ("[ 'a' ,'b', ]", &["a", "b"]),
            ("[&#39;a&#39;, &#39;it&amp;s&#39;]", &["a", "it&s"]),
            ("[&quot;a&quot;]", &["a"]),
            ("[\"\\u00c6 \", \"\"]", &["Æ ", ""]),
            ("[1, 2]", &["1", "2"]),
            ("First pet?", &["First pet?"]),
            ("['a", &["['a"]),
            ("{\"a\":1}", &["{\"a\":1}"]),
        ] {
            let read = asked("SecurityQuestion", sent);
            assert_eq!(read, [Challenge::Questions(all(questions))], "{sent}");
        }
        let bare = opened(r#""SecurityQuestion":["Pet?","Mother&#39;s?"]"#);
        assert_eq!(bare, [Challenge::Questions(all(&["Pet?", "Mother's?"]))]);
        for none in ["[]", "[\"\"]", "['', ' ']", " ", "{}"] {
            assert_eq!(asked("SecurityQuestion", none), [], "{none}");
        }
    }

    #[test]
    fn ways_keep_their_bytes() {
        for (sent, ways) in [
            ("['Text me at •••• 0417 ', 'Mail']", &["Text me at •••• 0417 ", "Mail"][..]),
            (r#"["Text  \u2022\u2022 17","Call &amp; ring"]"#, &["Text  •• 17", "Call &amp; ring"]),
            ("['', 'Mail']", &["Mail"]),
        ] {
            assert_eq!(asked("TokenMethod", sent), [Challenge::Ways(all(ways))], "{sent}");
        }
    }

    #[test]
    fn all_that_is_open_comes_in_order() {
        let members = r#""CaptchaImage":"iVBO","TokenRead":"47 &amp; 11","TokenInputName":"PIN","TokenMethod":"['b']","SecurityQuestion":"['a']""#;
        let expected = [
            Challenge::Questions(all(&["a"])),
            Challenge::Ways(all(&["b"])),
            Challenge::Code { pin: true },
            Challenge::Read("47 & 11".to_owned()),
            Challenge::Picture("iVBO".to_owned()),
        ];
        assert_eq!(opened(members), expected);
        let answered = r#","SecurityAnswer":"[\"x\"]","TokenChoice":"b","TokenInput":"1","VerifyPhoneFlag":true,"CaptchaInput":"w""#;
        let both = format!("{{{members}{answered}}}");
        let both = read(&Record::read(&both).expect("a record"));
        assert_eq!(both, (vec![], expected.to_vec()));
        assert_eq!(opened(r#""TokenSentFlag":true"#), [Challenge::Code { pin: false }]);
    }

    proptest! {
        #[test]
        fn a_list_in_single_quotes_comes_back(items in proptest::collection::vec("[a-zA-Zé?'• ]{0,8}[a-z?]", 1..4)) {
            prop_assert_eq!(quoted(&format!("['{}']", items.join("', '"))), Some(items));
        }

        #[test]
        fn no_text_panics(text in r#"[\[\]'",\\&#;a•0 ]{0,24}"#) {
            let _ = asked("SecurityQuestion", &text);
        }
    }
}
