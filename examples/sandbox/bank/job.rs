//! Refresh jobs: a story is what one poll after the other sees.

use super::challenge::{Challenge, Lingers, Wrong};
use super::json::{Json, Patch};

/// What a poll makes readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveals {
    /// Nothing.
    Nothing,
    /// The new balances.
    Balances,
    /// Balances and rows.
    All,
    /// Balances now, the rows only after they were read once in vain.
    RowsLate,
}

/// What one poll sees.
#[derive(Debug, Clone)]
pub struct Poll {
    /// Whether the service knows the job at all.
    pub known: bool,
    /// `SuccessFlag`.
    pub success: Json,
    /// `LastStatus`.
    pub status: Json,
    /// `LastStep`.
    pub step: Json,
    /// What becomes readable.
    pub reveals: Reveals,
    /// Whether the job is over.
    pub ends: bool,
    /// What else the record says.
    pub patch: Patch,
    /// What holds the job up here until it is answered.
    pub asks: Option<Challenge>,
}

impl Poll {
    fn new(success: &str, status: &str, step: &str) -> Self {
        Self {
            known: true,
            success: Json::literal(success),
            status: Json::text(status),
            step: Json::text(step),
            reveals: Reveals::Nothing,
            ends: false,
            patch: Patch::default(),
            asks: None,
        }
    }

    /// The bank asks, and goes on once it is answered.
    pub fn asks(challenge: Challenge) -> Self {
        let patch = challenge.shows.clone();
        Self { patch, asks: Some(challenge), ..Self::new("null", "Waiting", "Challenge") }
    }

    /// It runs.
    pub fn running() -> Self {
        Self::new("null", "Started", "LogInPanel")
    }

    /// The service does not know it (yet): 404.
    pub fn unknown() -> Self {
        Self { known: false, ..Self::running() }
    }

    /// Accounts are there, rows are not.
    pub fn accounts_ready() -> Self {
        let poll = Self::new("null", "AccountsReady", "AccountList");
        Self { reveals: Reveals::Balances, ..poll }
    }

    /// It succeeded, and what it brought is there.
    pub fn done() -> Self {
        let poll = Self::new("true", "Completed", "TransactionTable");
        Self { reveals: Reveals::All, ends: true, ..poll }
    }

    /// It succeeded; its rows come only after the next read.
    pub fn done_with_rows_late() -> Self {
        Self { reveals: Reveals::RowsLate, ..Self::done() }
    }

    /// `Completed`, and no flag at all; what it brought is there.
    pub fn completed_without_flag() -> Self {
        Self { success: Json::null(), ..Self::done() }
    }

    /// It failed with a last status, such as `Completed`, `Timeout`, `Error` or nothing.
    pub fn failed(status: &str) -> Self {
        Self { ends: true, ..Self::new("false", status, "LogInPanel") }
    }

    /// The bank asks its owner, and goes on whether it is answered or not: the key of a challenge
    /// and its value.
    pub fn challenge(key: &str, value: Json) -> Self {
        let mut poll = Self::new("null", "Waiting", "TokenMethods");
        poll.patch.set(key, value);
        poll
    }

    /// Gives a reason in the bank's own words.
    pub fn saying(mut self, words: &str) -> Self {
        self.patch.set("ErrorMessage", Json::text(words));
        self
    }

    /// Says the flag as a text, `"true"`.
    pub fn with_flag_as_text(mut self) -> Self {
        self.success = Json::Text(self.success.to_string());
        self
    }
}

/// How refreshes of a login go.
#[derive(Debug, Clone)]
pub struct Story {
    /// What each poll sees; the last one is seen for ever.
    pub polls: Vec<Poll>,
    /// Whether the answer to the refresh names the job.
    pub tells_id: bool,
}

impl Story {
    /// A job that runs for some polls and then succeeds.
    pub fn running(polls: usize) -> Self {
        Self::told(std::iter::repeat_with(Poll::running).take(polls).chain([Poll::done()]))
    }

    /// A job that never ends.
    pub fn never_ending() -> Self {
        Self::told([Poll::running()])
    }

    /// These polls one after the other, the last one for ever.
    pub fn told(polls: impl IntoIterator<Item = Poll>) -> Self {
        Self { polls: polls.into_iter().collect(), tells_id: true }
    }

    /// A login that the bank's form refuses.
    pub fn refused_login() -> Self {
        Self::told([Poll::running(), Poll::failed("Completed")])
    }

    /// The same job, which brings no rows: they wait for a refresh.
    pub fn without_rows(mut self) -> Self {
        for poll in &mut self.polls {
            if matches!(poll.reveals, Reveals::All | Reveals::RowsLate) {
                poll.reveals = Reveals::Balances;
            }
        }
        self
    }

    /// The refresh answers `{}`.
    pub fn without_id(mut self) -> Self {
        self.tells_id = false;
        self
    }
}

/// One job.
#[derive(Debug, Clone)]
pub struct Job {
    /// `JobID`.
    pub id: String,
    /// The login that it refreshes.
    pub login: String,
    /// The only account that it refreshes, if not all.
    pub account: Option<String>,
    /// `JobType`.
    pub kind: &'static str,
    /// How it goes.
    pub story: Story,
    /// How many polls it saw; those that a question held up count as one.
    pub polled: usize,
    /// The answers that it heard, good or not: property and value, byte for byte.
    pub heard: Vec<(String, String)>,
    /// How often the question in hand was seen.
    looks: usize,
    /// What answered questions left in the record, and for how many polls more.
    left: Vec<(Patch, usize)>,
    /// How it ended before its story did.
    ended: Option<Poll>,
}

impl Job {
    /// A job that nobody has polled.
    pub fn new(id: String, login: &str, account: Option<&str>, story: Story) -> Self {
        Self {
            id,
            login: login.to_owned(),
            account: account.map(str::to_owned),
            kind: "RefreshAccounts",
            story,
            polled: 0,
            heard: Vec::new(),
            looks: 0,
            left: Vec::new(),
            ended: None,
        }
    }

    /// What the next poll sees.
    pub fn poll(&mut self) -> Poll {
        if let Some(ended) = &self.ended {
            return ended.clone();
        }
        let mut poll = self.present();
        match &poll.asks {
            Some(asked) if asked.expires.is_some_and(|polls| self.looks >= polls) => {
                return self.end(Poll::failed("Timeout"));
            }
            Some(_) => self.looks += 1,
            None => self.polled += 1,
        }
        for (left, polls) in &mut self.left {
            *polls = polls.saturating_sub(1);
            let own = std::mem::replace(&mut poll.patch, left.clone());
            poll.patch.extend(own);
        }
        self.left.retain(|(_, polls)| *polls > 0);
        poll
    }

    fn present(&self) -> Poll {
        let at = self.polled.min(self.story.polls.len().saturating_sub(1));
        self.story.polls.get(at).cloned().unwrap_or_else(Poll::done)
    }

    fn end(&mut self, poll: Poll) -> Poll {
        self.ended.insert(poll).clone()
    }

    /// Gives it up, as a job that takes its place does.
    pub fn give_up(&mut self) {
        self.end(Poll::failed("Timeout"));
    }

    /// Whether its story asks anything.
    pub fn may_ask(&self) -> bool {
        self.story.polls.iter().any(|poll| poll.asks.is_some())
    }

    /// Hears an answer; says whether it is taken (`0`) or not (`-1`).
    pub fn hear(&mut self, property: &str, value: &str) -> bool {
        self.heard.push((property.to_owned(), value.to_owned()));
        let asked = self.present().asks.filter(|asked| asked.answer == property);
        let Some(asked) = asked.filter(|_| self.ended.is_none()) else { return false };
        if !asked.takes(value) {
            if asked.wrong == Wrong::Fails {
                self.end(Poll::failed("Completed"));
            }
            return asked.wrong != Wrong::NotAccepted;
        }
        self.polled += 1;
        self.looks = 0;
        let mut left = asked.shows.clone();
        match asked.lingers {
            Lingers::No => {}
            Lingers::Bare(polls) => self.left.push((left, polls)),
            Lingers::WithAnswer => {
                let is_flag = property == "VerifyPhoneFlag";
                left.set(property, if is_flag { Json::literal(value) } else { Json::text(value) });
                self.left.push((left, usize::MAX));
            }
        }
        true
    }

    /// Whether it still runs.
    pub fn is_open(&self) -> bool {
        let seen = self.story.polls.iter().take(self.polled).chain(&self.ended);
        !seen.into_iter().any(|poll| poll.ends)
    }

    /// The record that is sent.
    pub fn json(&self, poll: &Poll) -> Json {
        let none = "00000000-0000-0000-0000-000000000000";
        poll.patch.onto([
            ("JobID", Json::text(&self.id)),
            ("JobType", Json::text(self.kind)),
            ("UserInstitutionID", Json::text(&self.login)),
            ("AccountID", Json::text(self.account.as_deref().unwrap_or(none))),
            ("SuccessFlag", poll.success.clone()),
            ("SecurityQuestion", Json::null()),
            ("SecurityAnswer", Json::null()),
            ("TokenMethod", Json::null()),
            ("TokenChoice", Json::null()),
            ("TokenSentFlag", Json::null()),
            ("TokenInputName", Json::null()),
            ("TokenInput", Json::null()),
            ("TokenRead", Json::null()),
            ("VerifyPhoneFlag", Json::null()),
            ("CaptchaImage", Json::null()),
            ("CaptchaInput", Json::null()),
            ("LastStep", poll.step.clone()),
            ("LastStatus", poll.status.clone()),
            ("ErrorMessage", Json::null()),
        ])
    }
}
