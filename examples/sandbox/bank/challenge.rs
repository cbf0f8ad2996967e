//! What a bank asks its owner in the middle of a job, and how it hears the answer.

use super::json::{Json, Patch};

/// What becomes of a wrong answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is taken, and the same question stays.
    AsksAgain,
    /// It is taken, and the job fails.
    Fails,
    /// It is answered with `-1`, and the same question stays.
    NotAccepted,
}

/// What becomes of an answered question in later polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lingers {
    /// It is gone.
    No,
    /// It stays to the end, with its answer beside it.
    WithAnswer,
    /// It stays for so many polls, without its answer.
    Bare(usize),
}

/// A question that holds a job up until it is answered.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// What the job's record says meanwhile.
    pub shows: Patch,
    /// The property that answers it.
    pub answer: &'static str,
    /// The only good answers, byte for byte; any where there are none.
    pub good: Vec<String>,
    /// What becomes of a wrong answer.
    pub wrong: Wrong,
    /// What becomes of it once it is answered.
    pub lingers: Lingers,
    /// After how many polls it expires and the job fails with `Timeout`.
    pub expires: Option<usize>,
}

impl Challenge {
    fn new(answer: &'static str, keys: &[(&str, Json)]) -> Self {
        let mut shows = Patch::default();
        for (key, value) in keys {
            shows.set(key, value.clone());
        }
        let (good, wrong, lingers) = (Vec::new(), Wrong::AsksAgain, Lingers::No);
        Self { shows, answer, good, wrong, lingers, expires: None }
    }

    /// Security questions: the text of the list as it is sent.
    pub fn questions(list: &str) -> Self {
        Self::new("SecurityAnswer", &[("SecurityQuestion", Json::text(list))])
    }

    /// The choice of a way: the text of the list as it is sent, and the options in it, one of which
    /// must come back byte for byte.
    pub fn ways(list: &str, options: &[&str]) -> Self {
        let asked = Self::new("TokenChoice", &[("TokenMethod", Json::text(list))]);
        let good = options.iter().map(|&option| option.to_owned()).collect();
        Self { good, wrong: Wrong::NotAccepted, ..asked }
    }

    /// A code that the bank has sent (`Token`), or the owner's own (`PIN`).
    pub fn code(name: &str) -> Self {
        let keys = [
            ("TokenSentFlag", Json::literal(if name == "PIN" { "null" } else { "true" })),
            ("TokenInputName", Json::text(name)),
            ("LastStep", Json::text("TokenInput")),
        ];
        Self::new("TokenInput", &keys)
    }

    /// A code that was sent, and nothing that names it.
    pub fn nameless_code() -> Self {
        Self::new("TokenInput", &[("TokenSentFlag", Json::literal("true"))])
    }

    /// A code to be read out, or a push to be approved.
    pub fn approval(text: &str) -> Self {
        let asked = Self::new("VerifyPhoneFlag", &[("TokenRead", Json::text(text))]);
        Self { good: vec!["true".to_owned()], wrong: Wrong::NotAccepted, ..asked }
    }

    /// A picture, base64.
    pub fn picture(base64: &str) -> Self {
        Self::new("CaptchaInput", &[("CaptchaImage", Json::text(base64))])
    }

    /// The only answer that is good.
    pub fn answered_by(mut self, good: &str) -> Self {
        self.good = vec![good.to_owned()];
        self
    }

    /// What becomes of a wrong answer.
    pub fn when_wrong(mut self, wrong: Wrong) -> Self {
        self.wrong = wrong;
        self
    }

    /// What becomes of it once it is answered.
    pub fn lingering(mut self, lingers: Lingers) -> Self {
        self.lingers = lingers;
        self
    }

    /// Lets it expire after so many polls.
    pub fn expiring_after(mut self, polls: usize) -> Self {
        self.expires = Some(polls);
        self
    }

    /// Whether an answer is good.
    pub fn takes(&self, heard: &str) -> bool {
        self.good.is_empty() || self.good.iter().any(|good| good == heard)
    }
}
