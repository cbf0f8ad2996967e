//! A job at a bank, and what its record means.

use super::{Challenge, Said};

/// One poll of a job's record.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// `SuccessFlag`: absent while it runs.
    pub success: Option<bool>,
    /// `LastStatus` as sent.
    pub status: Option<String>,
    /// What the bank asks its owner, in the order in which it is to be answered. What was answered
    /// may be among it for a while, if the record does not hold the answer.
    pub challenges: Vec<Challenge>,
    /// What stands beside an answer. It may be a new question, beside the answer to an old one.
    pub answered: Vec<Challenge>,
    /// Whether its last step was the bank's login form: a failure there is a refused login.
    pub at_login: bool,
    /// `ErrorMessage`: what the bank says of a failure.
    pub said: Option<Said>,
}

/// What one poll says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Accounts and rows may be read.
    Done,
    /// `Completed` without a flag: done only if the next poll agrees.
    DoneIfRepeated,
    /// It failed.
    Failed,
    /// False with a running status or an open challenge: failed only if the next poll agrees.
    FailedIfRepeated,
    /// The bank asks its owner.
    NeedsOwner,
    /// It runs; rows are not there yet.
    Running,
}

impl Job {
    /// Reads one record. Text that is not known means that the job runs.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let status = self.status.as_deref().unwrap_or("").trim().to_ascii_lowercase();
        let settled =
            matches!(status.as_str(), "completed" | "timeout" | "failed" | "failure" | "error");
        match (self.success, !self.challenges.is_empty()) {
            (Some(true), _) => Verdict::Done,
            (Some(false), false) if settled => Verdict::Failed,
            (Some(false), _) => Verdict::FailedIfRepeated,
            (None, true) => Verdict::NeedsOwner,
            (None, false) if status == "completed" => Verdict::DoneIfRepeated,
            (None, false) => Verdict::Running,
        }
    }
}
