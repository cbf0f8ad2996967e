//! The owner's answers on their way to the bank. They are in no value that is not wiped.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use zeroize::Zeroizing;

use super::call::Call;
use super::wire::{self, Misfit};
use crate::domain::{JobId, Reply};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SecurityAnswer<'a> {
    #[serde(rename = "JobID")]
    job: &'a str,
    security_answer: &'a str,
}

/// Only the one that is the answer is given.
#[allow(clippy::struct_field_names, reason = "they are the service's")]
#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
struct TokenInput<'a> {
    #[serde(rename = "JobID")]
    job: &'a str,
    token_choice: Option<&'a str>,
    token_input: Option<&'a str>,
    verify_phone_flag: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CaptchaInput<'a> {
    #[serde(rename = "JobID")]
    job: &'a str,
    captcha_input: &'a str,
}

/// The calls that carry a reply, each to be made only where the service does not know the one
/// before, and their body.
pub(super) fn worded(job: &JobId, reply: &Reply) -> (&'static [Call], Zeroizing<String>) {
    let job = job.as_str();
    let token = TokenInput { job, ..TokenInput::default() };
    match reply {
        Reply::Answers(answers) => {
            let answers: Vec<&str> = answers.iter().map(ExposeSecret::expose_secret).collect();
            let list = json(&answers, answers.iter().map(|answer| answer.len()).sum());
            let body = SecurityAnswer { job, security_answer: &list };
            (&[Call::SecurityAnswer], json(&body, list.len()))
        }
        Reply::Way(way) => {
            (&[Call::TokenInput], with(way, |way| TokenInput { token_choice: Some(way), ..token }))
        }
        Reply::Code(code) => (
            &[Call::TokenInput],
            with(code, |code| TokenInput { token_input: Some(code), ..token }),
        ),
        Reply::Done => {
            let body = TokenInput { verify_phone_flag: Some(true), ..token };
            (&[Call::TokenInput], json(&body, 0))
        }
        Reply::Picture(text) => {
            let body = with(text, |captcha_input| CaptchaInput { job, captcha_input });
            (&[Call::CaptchaInput, Call::Captcha], body)
        }
    }
}

fn with<'a, B: Serialize>(
    secret: &'a SecretString,
    body: impl Fn(&'a str) -> B,
) -> Zeroizing<String> {
    let text = secret.expose_secret();
    json(&body(text), text.len())
}

/// A value as JSON, in one piece of memory from the start, so that no part of it stays behind in
/// one that became too small.
pub(super) fn json(value: &impl Serialize, length: usize) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(512 + 8 * length));
    // Writing texts and flags into memory does not fail.
    let _ = serde_json::to_writer(&mut *bytes, value);
    Zeroizing::new(String::from_utf8(std::mem::take(&mut *bytes)).unwrap_or_default())
}

/// Whether the service took an answer: `0`, or `-1` where it did not.
pub(super) fn taken(text: &str) -> Result<bool, Misfit> {
    match wire::whole(text)?.trim_matches('"') {
        "0" => Ok(true),
        "-1" => Ok(false),
        _ => Err(Misfit::shape("neither 0 nor -1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn a_reply_is_worded_as_the_service_documents() {
        let answers = vec![secret("Rex \"the\" dog"), secret("Æ ")];
        for (reply, path, body) in [
            (
                Reply::Answers(answers),
                "/Job/UpdateJobSecurityAnswer",
                r#"{"JobID":"j1","SecurityAnswer":"[\"Rex \\\"the\\\" dog\",\"Æ \"]"}"#,
            ),
            (
                Reply::Way(secret("Text  •• 17 ")),
                "/Job/UpdateJobTokenInput",
                r#"{"JobID":"j1","TokenChoice":"Text  •• 17 ","TokenInput":null,"VerifyPhoneFlag":null}"#,
            ),
            (
                Reply::Code(secret(" 0417")),
                "/Job/UpdateJobTokenInput",
                r#"{"JobID":"j1","TokenChoice":null,"TokenInput":" 0417","VerifyPhoneFlag":null}"#,
            ),
            (
                Reply::Done,
                "/Job/UpdateJobTokenInput",
                r#"{"JobID":"j1","TokenChoice":null,"TokenInput":null,"VerifyPhoneFlag":true}"#,
            ),
            (
                Reply::Picture(secret("wOrd")),
                "/Job/UpdateJobCaptchaInput",
                r#"{"JobID":"j1","CaptchaInput":"wOrd"}"#,
            ),
        ] {
            let (calls, worded) = worded(&JobId::new("J1"), &reply);
            assert_eq!((calls[0].path(), worded.as_str()), (path, body));
            assert_eq!(calls.len() == 2, path.contains("Captcha"));
            assert!(!format!("{reply:?}").contains("Rex"));
        }
    }

    #[test]
    fn an_answer_is_taken_or_not() {
        for (text, is) in [("0", Ok(true)), (" -1\n", Ok(false)), ("\"0\"", Ok(true))] {
            assert_eq!(taken(text), is, "{text}");
        }
        for text in ["", "1", "true", "{}", "<html>", "0 0"] {
            assert!(taken(text).is_err(), "{text}");
        }
    }
}
