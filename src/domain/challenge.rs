//! What a bank asks its owner in the middle of a job, and what it is told.

use secrecy::SecretString;

/// What a bank asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// Questions, each to be answered, in this order.
    Questions(Vec<String>),
    /// Ways to send a code, one of which is to be chosen. Their bytes are the bank's: one comes back
    /// exactly as it was sent.
    Ways(Vec<String>),
    /// A code.
    Code {
        /// Whether it is the owner's own, and not one that was sent.
        pin: bool,
    },
    /// A code to be read out or typed at the phone, or a word about what to approve in an app.
    Read(String),
    /// A picture, base64, in which something is to be read.
    Picture(String),
}

impl Challenge {
    /// Whether it is asked in the same way as another one, whatever its text.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// What a bank is told.
#[derive(Debug)]
pub enum Reply {
    /// An answer to each question, in their order.
    Answers(Vec<SecretString>),
    /// The way that was chosen, exactly as it was sent.
    Way(SecretString),
    /// The code.
    Code(SecretString),
    /// It was read out, or approved.
    Done,
    /// What the picture shows.
    Picture(SecretString),
}

impl Reply {
    /// All that it tells.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretString> {
        match self {
            Self::Answers(answers) => answers.clone(),
            Self::Way(text) | Self::Code(text) | Self::Picture(text) => vec![text.clone()],
            Self::Done => Vec::new(),
        }
    }
}
