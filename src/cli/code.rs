//! Answers that are given beforehand, by `--code`: they are for one prompt, without a terminal.

use std::ffi::OsString;
use std::io::{self, Read};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::World;
use super::args::{Answer, Command};
use crate::books::one_line;
use crate::domain::{Form, NotAsked, Question};

/// More bytes than any code has.
const LONGEST: usize = 4 * 1024;

/// Takes `--code` out of what was typed, where the command is not run by a daemon yet: it answers
/// the first prompt, and nobody the ones after it. So it never goes to a daemon as an argument.
pub(super) fn take(command: &Command, typed: Vec<OsString>, world: &mut World) -> Vec<OsString> {
    let Command::Answer(Answer { code, .. }) = command else { return typed };
    if code.is_empty() {
        return typed;
    }
    let stdin = std::mem::replace(&mut world.stdin, Box::new(io::empty()));
    let mut given = Given { codes: code.clone(), stdin, is_over: false };
    world.ask = Box::new(move |question: &Question| given.answer(question));
    without_code(typed)
}

/// What was given for one prompt: a code for each of its questions, or lines of stdin.
struct Given {
    codes: Vec<SecretString>,
    stdin: Box<dyn Read + Send>,
    /// Whether the prompt was begun, so that a first question is another one's.
    is_over: bool,
}

impl Given {
    fn answer(&mut self, question: &Question) -> Result<SecretString, NotAsked> {
        if question.nth == 0 && std::mem::replace(&mut self.is_over, true) {
            return Err(NotAsked::NoTerminal);
        }
        let is_line = |code: &SecretString| code.expose_secret() == "-";
        let code = match self.codes.as_slice() {
            [code] if is_line(code) => line(&mut self.stdin)?,
            codes if codes.len() != question.of => return Err(NotAsked::Uneven),
            codes => match codes.get(question.nth).ok_or(NotAsked::Uneven)? {
                code if is_line(code) => line(&mut self.stdin)?,
                code => code.clone(),
            },
        };
        fitting(&code, question)
    }
}

/// One line, without its end.
fn line(stdin: &mut dyn Read) -> Result<SecretString, NotAsked> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    while bytes.len() < LONGEST
        && stdin.read(&mut *byte).is_ok_and(|length| length == 1)
        && byte[0] != b'\n'
    {
        bytes.push(byte[0]);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| NotAsked::Ended)?;
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() { Err(NotAsked::Ended) } else { Ok(SecretString::from(text)) }
}

/// The answer in the form that the question has.
fn fitting(code: &SecretString, question: &Question) -> Result<SecretString, NotAsked> {
    let given = code.expose_secret();
    match &question.form {
        Form::Text { .. } | Form::Hidden | Form::Picture { .. } => Ok(code.clone()),
        // The bank is told that something was done: only by who says so.
        Form::YesNo { .. } => {
            let word = given.trim().to_lowercase();
            let says_so = ["yes", "y", "done", "true", "ok"].contains(&word.as_str());
            if says_so { Ok(SecretString::from("yes")) } else { Err(NotAsked::Unfit) }
        }
        Form::Choice { items, .. } => {
            let given = given.trim();
            let shown = one_line(given);
            let by_text = items.iter().position(|item| *item == shown);
            let number = given.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let at = by_text.or(number).filter(|at| *at < items.len());
            at.map(|at| SecretString::from(at.to_string())).ok_or(NotAsked::Unfit)
        }
    }
}

/// The arguments with `--code -` in the place of the code.
fn without_code(typed: Vec<OsString>) -> Vec<OsString> {
    let mut kept = Vec::with_capacity(typed.len());
    let (mut is_next, mut is_over) = (false, false);
    for word in typed {
        if std::mem::take(&mut is_next) {
            kept.push("-".into());
            continue;
        }
        is_over |= word == "--";
        is_next = !is_over && word == "--code";
        let is_both = !is_over && word.to_string_lossy().starts_with("--code=");
        kept.push(if is_both { "--code=-".into() } else { word });
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_stays_in_the_arguments() {
        for (typed, kept) in [
            (&["answer", "--code", "123", "a/b"][..], &["answer", "--code", "-", "a/b"][..]),
            (&["answer", "--code=123"], &["answer", "--code=-"]),
            (&["answer", "--code", "--code", "-v"], &["answer", "--code", "-", "-v"]),
            (&["answer", "--code", "-", "--", "a/b"], &["answer", "--code", "-", "--", "a/b"]),
            (&["answer", "a/b"], &["answer", "a/b"]),
            (&["answer", "--code", "x", "--code=y"], &["answer", "--code", "-", "--code=-"]),
        ] {
            let words = typed.iter().map(OsString::from).collect();
            assert_eq!(without_code(words), kept, "{typed:?}");
        }
    }

    #[test]
    fn a_code_fits_the_form_of_its_question() {
        let items = || Form::Choice { items: vec!["Mail".to_owned(), "2".to_owned()], first: 0 };
        for (code, form, answer) in [
            (" 12", Form::Hidden, Some(" 12")),
            ("Done ", Form::YesNo { proposed: true }, Some("yes")),
            ("no", Form::YesNo { proposed: true }, None),
            ("banana", Form::YesNo { proposed: true }, None),
            ("Mail", items(), Some("0")),
            ("1", items(), Some("0")),
            ("2", items(), Some("1")),
            ("0", items(), None),
            ("3", items(), None),
            ("mail", items(), None),
        ] {
            let question = Question { words: String::new(), nth: 0, of: 1, form };
            let fitted = fitting(&SecretString::from(code), &question);
            assert_eq!(fitted.ok().as_ref().map(ExposeSecret::expose_secret), answer, "{code}");
        }
    }
}
