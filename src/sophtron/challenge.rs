//! What a job's record asks of its owner. Lists come as texts, in several forms.

use html_escape::decode_html_entities;
use serde_json::value::RawValue;

use super::convert::words;
use super::job::{flag, is, says};
use super::wire::{Record, Value};
use crate::domain::Challenge;

/// Every challenge that is open, in the order in which they are to be answered. What was answered
/// may linger in the record, so each counts only as long as its answer is blank.
pub(super) fn open(job: &Record<'_>) -> Vec<Challenge> {
    let asked = [
        unanswered(job, "securityquestion", "securityanswer").then(|| questions(job)).flatten(),
        unanswered(job, "tokenmethod", "tokenchoice").then(|| ways(job)).flatten(),
        (code_is_due(job) && !says(job, "tokeninput")).then(|| code(job)),
        (says(job, "tokenread") && flag(job, "verifyphoneflag") != Some(true)).then(|| read(job)),
        unanswered(job, "captchaimage", "captchainput").then(|| picture(job)),
    ];
    asked.into_iter().flatten().collect()
}

fn unanswered(job: &Record<'_>, asked: &str, answered: &str) -> bool {
    says(job, asked) && !says(job, answered)
}

fn questions(job: &Record<'_>) -> Option<Challenge> {
    let shown = |text: String| decode_html_entities(&text).replace("\\'", "'");
    let questions = list(job.value("securityquestion"))?;
    Some(Challenge::Questions(questions.into_iter().map(shown).collect()))
}

fn ways(job: &Record<'_>) -> Option<Challenge> {
    let ways: Vec<String> = list(job.value("tokenmethod"))?;
    Some(Challenge::Ways(ways.into_iter().filter(|way| !way.trim().is_empty()).collect()))
}

fn code_is_due(job: &Record<'_>) -> bool {
    flag(job, "tokensentflag") == Some(true)
        || says(job, "tokeninputname")
        || words(job.value("laststep")).is_some_and(|step| is(&step, "tokeninput"))
}

fn code(job: &Record<'_>) -> Challenge {
    let pin = words(job.value("tokeninputname")).is_some_and(|name| is(&name, "pin"));
    Challenge::Code { pin }
}

fn read(job: &Record<'_>) -> Challenge {
    let text = text(job.value("tokenread"));
    Challenge::Read(decode_html_entities(&text).into_owned())
}

fn picture(job: &Record<'_>) -> Challenge {
    Challenge::Picture(text(job.value("captchaimage")))
}

fn text(value: Value<'_>) -> String {
    match value {
        Value::Nested(text) => text.to_owned(),
        value => words(value).unwrap_or_default(),
    }
}

/// The items of a list: as JSON, or written as a text, in JSON or in single quotes, its quotes
/// escaped as HTML or not. What is no list is its own only item; a list of blanks is none.
fn list(value: Value<'_>) -> Option<Vec<String>> {
    let text = text(value);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opened(members: &str) -> Vec<Challenge> {
        open(&Record::read(&format!("{{{members}}}")).expect(members))
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
        assert_eq!(opened(&format!("{members}{answered}")), []);
        assert_eq!(opened(r#""TokenSentFlag":true"#), [Challenge::Code { pin: false }]);
    }

    proptest! {
        #[test]
        fn a_list_in_single_quotes_comes_back(items in proptest::collection::vec("[a-zA-Zé?'• ]{0,8}[a-z?]", 1..4)) {
            let sent = format!("['{}']", items.join("', '"));
            prop_assert_eq!(list(Value::Text(sent)), Some(items));
        }

        #[test]
        fn no_text_panics(text in r#"[\[\]'",\\&#;a•0 ]{0,24}"#) {
            let _ = list(Value::Text(text));
        }
    }
}
