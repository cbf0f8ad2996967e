//! Questions of a command that a daemon runs, as they go over the control socket to whoever typed
//! it, and his answers.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::domain::{Form, NotAsked, Question};

/// More bytes than any answer has.
pub(super) const LONGEST_ANSWER: usize = 16 * 1024;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    words: String,
    nth: usize,
    of: usize,
    form: AskedAs,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AskedAs {
    Text { proposed: Option<String> },
    Hidden,
    Choice { items: Vec<String>, first: usize },
    YesNo { proposed: bool },
    Picture { base64: String },
}

impl From<&Question> for Asked {
    fn from(question: &Question) -> Self {
        let form = match question.form.clone() {
            Form::Text { proposed } => AskedAs::Text { proposed },
            Form::Hidden => AskedAs::Hidden,
            Form::Choice { items, first } => AskedAs::Choice { items, first },
            Form::YesNo { proposed } => AskedAs::YesNo { proposed },
            Form::Picture { base64 } => AskedAs::Picture { base64 },
        };
        Self { words: question.words.clone(), nth: question.nth, of: question.of, form }
    }
}

impl From<Asked> for Question {
    fn from(asked: Asked) -> Self {
        let form = match asked.form {
            AskedAs::Text { proposed } => Form::Text { proposed },
            AskedAs::Hidden => Form::Hidden,
            AskedAs::Choice { items, first } => Form::Choice { items, first },
            AskedAs::YesNo { proposed } => Form::YesNo { proposed },
            AskedAs::Picture { base64 } => Form::Picture { base64 },
        };
        Self { words: asked.words, nth: asked.nth, of: asked.of, form }
    }
}

/// What was typed, borrowed from memory that is wiped, or why nothing was.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Telling<'a> {
    Typed(&'a str),
    Not(Why),
}

/// The same, read.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Told {
    Typed(SecretText),
    Not(Why),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Why {
    Terminal,
    Ended,
    Unfit,
    Uneven,
}

/// A text that is wiped as soon as it is read.
struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source).map(|text| Self(SecretString::from(text)))
    }
}

/// What was typed, as a line.
pub(super) fn line(answer: &Result<SecretString, NotAsked>) -> Zeroizing<Vec<u8>> {
    let (telling, length) = match answer {
        Ok(typed) => (Telling::Typed(typed.expose_secret()), typed.expose_secret().len()),
        Err(NotAsked::NoTerminal) => (Telling::Not(Why::Terminal), 0),
        Err(NotAsked::Ended) => (Telling::Not(Why::Ended), 0),
        Err(NotAsked::Unfit) => (Telling::Not(Why::Unfit), 0),
        Err(NotAsked::Uneven) => (Telling::Not(Why::Uneven), 0),
    };
    // In one piece of memory from the start, so that nothing stays behind in a smaller one.
    let mut line = Zeroizing::new(Vec::with_capacity(64 + 6 * length));
    // Writing a text into memory does not fail.
    let _ = serde_json::to_writer(&mut *line, &telling);
    line.push(b'\n');
    line
}

/// Reads such a line. What is none means that whoever sat there went away.
pub(super) fn read(line: &[u8]) -> Result<SecretString, NotAsked> {
    match serde_json::from_slice(line) {
        Ok(Told::Typed(text)) => Ok(text.0),
        Ok(Told::Not(Why::Terminal)) => Err(NotAsked::NoTerminal),
        Ok(Told::Not(Why::Unfit)) => Err(NotAsked::Unfit),
        Ok(Told::Not(Why::Uneven)) => Err(NotAsked::Uneven),
        Ok(Told::Not(Why::Ended)) | Err(_) => Err(NotAsked::Ended),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn questions_arrive_as_they_were_asked() {
        for form in [
            Form::Text { proposed: Some("a".to_owned()) },
            Form::Text { proposed: None },
            Form::Hidden,
            Form::Choice { items: vec!["•• 17 ".to_owned(), String::new()], first: 1 },
            Form::YesNo { proposed: true },
            Form::Picture { base64: "iVBO".to_owned() },
        ] {
            let words = "Mother's \"name\"\n?".to_owned();
            let question = Question { words, nth: 1, of: 3, form };
            let line = serde_json::to_string(&Asked::from(&question)).expect("JSON");
            assert!(!line.contains('\n'));
            let read: Asked = serde_json::from_str(&line).expect("read");
            assert_eq!(Question::from(read), question);
        }
    }

    #[test]
    fn what_is_no_answer_says_why() {
        for why in [NotAsked::NoTerminal, NotAsked::Ended, NotAsked::Unfit, NotAsked::Uneven] {
            assert_eq!(read(&line(&Err(why))).expect_err("none"), why);
        }
        for nonsense in
            ["", "\n", "{}", "[]", "{\"typed\":1}", "{\"typed\":\"a\",\"not\":\"ended\"}"]
        {
            assert_eq!(read(nonsense.as_bytes()).expect_err(nonsense), NotAsked::Ended);
        }
    }

    proptest! {
        #[test]
        fn an_answer_arrives_byte_for_byte(text in ".*") {
            let typed = line(&Ok(SecretString::from(text.clone())));
            prop_assert_eq!(typed.iter().position(|byte| *byte == b'\n'), Some(typed.len() - 1));
            let heard = read(&typed).expect("an answer");
            prop_assert_eq!(heard.expose_secret(), text.as_str());
        }
    }
}
