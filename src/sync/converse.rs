//! One job that is open: looked at until it ends or its owner is asked, and told what he answers.
//!
//! A refresh of the schedule leaves where the bank asks; `answer` and `connect` go on. Nothing is
//! kept here: whoever holds the conversation keeps the job's id, and what its end means.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{Desk, Step, plan};
use crate::books::one_line;
use crate::domain::{Challenge, Job, JobId, Reply, Said, Verdict};
use crate::sophtron::{Client, Error, Patience};

/// Up to this age a job was just started.
const YOUNG: Duration = Duration::from_mins(1);

/// How many looks may find a job unknown that was just started: it is not known at once everywhere.
const UNKNOWN_LOOKS: u32 = 3;

/// How many looks a job gets at least that is older than it may be: what one look sees may need a
/// second one to be believed.
const FEWEST_LOOKS: u32 = 2;

/// How many characters of a bank's own words are shown.
const LONGEST_WORDS: usize = 200;

/// One job, and what was said in it.
pub struct Conversation {
    desk: Arc<Desk>,
    client: Arc<Client>,
    job: JobId,
    /// Whose it is, for whoever watches.
    whom: String,
    /// How many looks may still find it unknown.
    unknown_looks: u32,
    /// How long it had been waited for when waiting began anew.
    age: Duration,
    since: Instant,
    looks: u32,
    last: Verdict,
    /// What was answered, and when: the record may show it for a while longer.
    answered: Vec<(Challenge, Instant)>,
    not_taken: bool,
    /// What its owner typed: no words of the bank that repeat any of it are given out.
    typed: Vec<SecretString>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// The bank asks its owner. Each prompt is answered once: nothing is asked about the job until
    /// [`Conversation::answer`] was called.
    Asks {
        /// What it asks.
        challenge: Challenge,
        /// What became of an answer before, where it is asked anew.
        again: Option<Again>,
    },
    /// It is over, or left.
    Ended(JobEnd),
}

/// Why a bank asks the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The service did not take the answer.
    NotTaken,
    /// The answer was taken, and the bank asks the same.
    Repeated,
}

/// How a job ended, or looking at it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// Accounts and rows may be read.
    Done,
    /// It failed.
    Failed {
        /// What the bank says of it, on one line.
        said: Option<String>,
    },
    /// It failed at the bank's login form.
    LoginRefused {
        /// What the bank says of it, on one line.
        said: Option<String>,
    },
    /// The bank, or the service, waited long enough.
    Expired {
        /// What the bank says of it, on one line.
        said: Option<String>,
    },
    /// The service no longer knows it.
    Gone,
    /// It still runs, and is not waited for any longer.
    Abandoned,
    /// Its record does not come.
    Unreadable(Error),
}

impl JobEnd {
    /// Whether the job is no longer open.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Abandoned | Self::Unreadable(_))
    }

    /// A message with the reason that the bank gives; else with a guess, if there is one.
    #[must_use]
    pub fn worded(&self, message: &str, guess: &str) -> String {
        match self {
            Self::Failed { said: Some(said) }
            | Self::LoginRefused { said: Some(said) }
            | Self::Expired { said: Some(said) } => format!("{message}: it says \"{said}\""),
            _ if guess.is_empty() => message.to_owned(),
            _ => format!("{message}: {guess}"),
        }
    }
}

/// How far a bank and its owner came with one another in a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Nothing was asked.
    Nothing,
    /// The bank asked, and has no answer.
    Asked,
    /// It was told an answer, or may have been.
    Answered,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The service took it.
    Taken,
    /// It did not: the bank asks again.
    NotTaken,
    /// Nobody knows. It is not sent again; what the job does next tells.
    Unclear(Error),
}

impl Conversation {
    /// Takes up a job that was just started. `whom` says whose it is to whoever watches.
    #[must_use]
    pub fn new(desk: Arc<Desk>, client: Arc<Client>, job: JobId, whom: String) -> Self {
        Self {
            desk,
            client,
            job,
            whom,
            unknown_looks: UNKNOWN_LOOKS,
            age: Duration::ZERO,
            since: Instant::now(),
            looks: 0,
            last: Verdict::Running,
            answered: Vec::new(),
            not_taken: false,
            typed: Vec::new(),
        }
    }

    /// The same with a job of some age, which was waited for already. One that is not young is known
    /// by now, or not any more.
    #[must_use]
    pub fn aged(self, age: Duration, waited: Duration) -> Self {
        let unknown_looks = if age < YOUNG { UNKNOWN_LOOKS } else { 0 };
        Self { age: waited, unknown_looks, ..self }
    }

    /// The same with what its owner typed before, which the bank may repeat.
    #[must_use]
    pub fn after_typing(self, typed: Vec<SecretString>) -> Self {
        Self { typed, ..self }
    }

    /// Looks at the job until there is something to tell: until it ends, asks, or is older than a
    /// job is waited for. What only a second look can confirm is looked at again.
    pub async fn next(&mut self, patience: &Patience) -> Turn {
        loop {
            self.looks += 1;
            let (job, missed) = match self.client.job(&self.job, patience).await {
                Ok(job) => (job, None),
                Err(Error::NotFound { .. }) if self.unknown_looks > 0 => {
                    self.unknown_looks -= 1;
                    (Job::default(), None)
                }
                Err(Error::NotFound { .. }) => return Turn::Ended(JobEnd::Gone),
                Err(error) if self.looks_past(&error) => (Job::default(), Some(error)),
                Err(error) => return Turn::Ended(JobEnd::Unreadable(error)),
            };
            let status = job.status.clone();
            if let Some(turn) = self.turn(job) {
                return turn;
            }
            let waited = self.waited();
            let is_open = self.last == Verdict::Running || self.looks >= FEWEST_LOOKS;
            if waited >= self.desk.pace.refresh && is_open {
                return Turn::Ended(missed.map_or(JobEnd::Abandoned, JobEnd::Unreadable));
            }
            let whom = self.whom.clone();
            (self.desk.progress)(Step::Waiting { whom, waited, status });
            tokio::time::sleep(plan::poll_wait(self.desk.settings.poll, waited)).await;
        }
    }

    /// Whether looking goes on after an error that may pass. Once something was answered, it is
    /// better known by whoever gave the answer what became of it than asked of him again.
    fn looks_past(&self, error: &Error) -> bool {
        let passes = matches!(
            error,
            Error::Unreachable { .. }
                | Error::TimedOut { .. }
                | Error::Service { retry_after: None, .. }
        );
        passes && !self.answered.is_empty()
    }

    /// What one look tells, if it tells anything. What was just answered may linger in the record,
    /// and is not asked.
    fn turn(&mut self, mut job: Job) -> Option<Turn> {
        job.challenges.retain(|one| !self.lingers(one));
        let verdict = job.verdict();
        let ended = match verdict {
            Verdict::Done => Some(JobEnd::Done),
            Verdict::DoneIfRepeated if verdict == self.last => Some(JobEnd::Done),
            Verdict::Failed => Some(self.failure(&job)),
            Verdict::FailedIfRepeated if verdict == self.last => Some(self.failure(&job)),
            Verdict::NeedsOwner | Verdict::Running => return self.prompt(&job),
            Verdict::DoneIfRepeated | Verdict::FailedIfRepeated => None,
        };
        self.last = verdict;
        ended.map(Turn::Ended)
    }

    /// The first challenge that waits: one that was never answered before one that is asked again.
    fn prompt(&mut self, job: &Job) -> Option<Turn> {
        self.last = Verdict::Running;
        let is_new = |one: &&Challenge| self.answered_at(one).is_none();
        // Beside the answer that was given to another one of its kind.
        let follows = |one: &&Challenge| self.answered.iter().any(|(old, _)| old.is_like(one));
        let beside = job.answered.iter().filter(is_new).find(follows);
        let new = job.challenges.iter().find(is_new).or(beside);
        let again = new.is_none().then_some(Again::Repeated);
        let challenge = new.or(job.challenges.first())?.clone();
        let not_taken = std::mem::take(&mut self.not_taken).then_some(Again::NotTaken);
        Some(Turn::Asks { challenge, again: again.or(not_taken) })
    }

    fn answered_at(&self, challenge: &Challenge) -> Option<Instant> {
        self.answered.iter().find(|(old, _)| old == challenge).map(|(_, at)| *at)
    }

    fn lingers(&self, challenge: &Challenge) -> bool {
        self.answered_at(challenge).is_some_and(|at| at.elapsed() < self.desk.pace.linger)
    }

    /// Tells the bank what its owner answers to a challenge. It is sent once: an answer that may be
    /// lost counts as given.
    ///
    /// # Errors
    /// The service refused to be told anything: see [`Client::answer`].
    pub async fn answer(&mut self, challenge: Challenge, reply: &Reply) -> Result<Heard, Error> {
        self.answered.retain(|(old, _)| *old != challenge);
        self.typed.extend(reply.secrets());
        let told = self.client.answer(&self.job, reply).await;
        // From now on the bank works, and not its owner.
        (self.age, self.since, self.looks) = (Duration::ZERO, Instant::now(), 0);
        let heard = match told {
            Ok(true) => Heard::Taken,
            Ok(false) => Heard::NotTaken,
            Err(error) if error.may_have_arrived() => Heard::Unclear(error),
            Err(error) => return Err(error),
        };
        self.not_taken = heard == Heard::NotTaken;
        if !self.not_taken {
            self.answered.push((challenge, self.since));
        }
        Ok(heard)
    }

    fn failure(&self, job: &Job) -> JobEnd {
        let timed_out = |status: &String| status.trim().eq_ignore_ascii_case("timeout");
        let said = self.words(job);
        match &job.status {
            Some(status) if timed_out(status) => JobEnd::Expired { said },
            _ if job.at_login => JobEnd::LoginRefused { said },
            _ => JobEnd::Failed { said },
        }
    }

    /// What the bank says, unless it repeats what its owner typed.
    fn words(&self, job: &Job) -> Option<String> {
        let said = job.said.as_ref()?;
        let repeats = self.typed.iter().any(|typed| said.repeats(typed.expose_secret()));
        if repeats { None } else { shown(said) }
    }

    fn waited(&self) -> Duration {
        self.age.saturating_add(self.since.elapsed())
    }
}

/// A bank's own words as they are shown.
fn shown(said: &Said) -> Option<String> {
    let line = one_line(said.text());
    if line.chars().count() > LONGEST_WORDS {
        return Some(line.chars().take(LONGEST_WORDS - 1).chain(['…']).collect());
    }
    (!line.is_empty()).then_some(line)
}
