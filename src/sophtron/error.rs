//! What a call can end in, one variant per thing that a caller would do differently.
//!
//! No text of an answer's body, no header and no key is ever part of an error: the service may
//! echo what was sent. Status, kind of content and length tell what came.

use std::time::Duration;

use super::Phase;
use crate::domain::{Again, Exit, Fault, Name, State};

/// Why a call gave no values.
///
/// `asked` is what was asked for, as it reads after "when asked for".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The base address cannot be used; the text says why, without the address.
    #[error("the service's address {0}")]
    Address(&'static str),
    /// A part of the credentials cannot sign; the text names the part.
    #[error("the {0} of the credentials has not the form that Sophtron gives it")]
    Credentials(&'static str),
    /// The system's root certificates cannot be read.
    #[error("this system's root certificates cannot be read")]
    NoRoots,
    /// The request was not sent: the month's budget is used up.
    #[error(
        "this month's budget of requests (`monthly_requests`) is used up; {asked} is not asked for"
    )]
    Budget {
        /// What would have been asked for.
        asked: &'static str,
    },
    /// The service was not reached, or the connection broke.
    #[error("{asked} did not come: {why}")]
    Unreachable {
        /// What was asked for.
        asked: &'static str,
        /// How it failed.
        why: Broken,
    },
    /// The service let a time limit pass. Such a call is not repeated in one sync.
    #[error("{asked} did not come: {host} {phase} within {} s", limit.as_secs().max(1))]
    TimedOut {
        /// What was asked for.
        asked: &'static str,
        /// The service's host and port.
        host: String,
        /// Which limit passed.
        phase: Phase,
        /// The limit.
        limit: Duration,
    },
    /// 401, or 403 wherever one asks: the user id, the key or the signature is wrong. Nothing more
    /// is asked with these credentials.
    #[error("the service refused the credentials ({status}) when asked for {asked}")]
    Rejected {
        /// What was asked for.
        asked: &'static str,
        /// The status code.
        status: u16,
    },
    /// 403 to one question, while others are answered: the credentials are good but may not do this.
    #[error("the service forbids these credentials (403) to ask for {asked}")]
    Forbidden {
        /// What was asked for.
        asked: &'static str,
    },
    /// 404: the service does not know what was asked about.
    #[error("the service knows nothing of it (404) when asked for {asked}")]
    NotFound {
        /// What was asked for.
        asked: &'static str,
    },
    /// 429: too many requests.
    #[error("the service wants fewer requests (429) when asked for {asked}")]
    Limited {
        /// What was asked for.
        asked: &'static str,
        /// How long the service asks to wait: at most an hour, `None` where it does not say.
        retry_after: Option<Duration>,
    },
    /// 408 or 5xx: the service failed.
    #[error("the service answered {status} when asked for {asked}")]
    Service {
        /// What was asked for.
        asked: &'static str,
        /// The status code.
        status: u16,
        /// How long the service asks to wait: at most an hour, `None` where it does not say.
        retry_after: Option<Duration>,
    },
    /// Another 4xx: the service will not do this.
    #[error("the service refused (status {status}) when asked for {asked}")]
    Refused {
        /// What was asked for.
        asked: &'static str,
        /// The status code.
        status: u16,
    },
    /// 3xx: not followed, since the signed header would travel along.
    #[error("the service sent elsewhere (status {status}) when asked for {asked}")]
    Redirected {
        /// What was asked for.
        asked: &'static str,
        /// The status code.
        status: u16,
    },
    /// A good status, but not the answer that was asked for.
    #[error("{came} came when asked for {asked}")]
    Malformed {
        /// What was asked for.
        asked: &'static str,
        /// What came instead, told by kind and length.
        came: String,
    },
    /// A larger answer than any true one.
    #[error("an answer of over {} MB came when asked for {asked}", limit_bytes / 1024 / 1024)]
    TooLarge {
        /// What was asked for.
        asked: &'static str,
        /// The most bytes that an answer may have.
        limit_bytes: usize,
    },
}

/// How a connection failed. `host` is the service's host and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The name has no address.
    #[error("the name {host} is not found (DNS)")]
    Name {
        /// The service's host and port.
        host: String,
    },
    /// No secure connection came about.
    #[error("no secure connection to {host} comes about (TLS): {reason}")]
    Tls {
        /// The service's host and port.
        host: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Nobody answers at the address.
    #[error("{host} cannot be connected to: {reason}")]
    Connect {
        /// The service's host and port.
        host: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The connection ended before the whole answer was there.
    #[error("the connection to {host} broke off before the whole answer was there")]
    Cut {
        /// The service's host and port.
        host: String,
    },
    /// What came over the connection is no HTTP.
    #[error("{host} does not answer as a web service does")]
    NotHttp {
        /// The service's host and port.
        host: String,
    },
}

impl Error {
    /// Whether a plain read that ended so may be tried again at once. What starts something never
    /// is, whatever this says.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Limited { .. } | Self::Service { .. })
    }

    /// Whether what was sent may have been taken, though no answer says so.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::Unreachable { why, .. } => {
                matches!(why, Broken::Cut { .. } | Broken::NotHttp { .. })
            }
            Self::TimedOut { phase, .. } => *phase != Phase::Connect,
            Self::Service { .. }
            | Self::Redirected { .. }
            | Self::Malformed { .. }
            | Self::TooLarge { .. } => true,
            Self::Address(_)
            | Self::Credentials(_)
            | Self::NoRoots
            | Self::Budget { .. }
            | Self::Rejected { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Limited { .. }
            | Self::Refused { .. } => false,
        }
    }

    /// How long the service asked to wait, where it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited { retry_after, .. } | Self::Service { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The state that it leads to in a sync of a family, how a command ends, and what the owner can
    /// do.
    #[must_use]
    pub fn fault(&self, family: &Name) -> Fault {
        self.fault_with(self.cure(family).in_a_sync())
    }

    /// The same for a command that somebody typed: nothing is asked again unless he does.
    #[must_use]
    pub fn fault_of_command(&self, family: &Name) -> Fault {
        self.fault_with(self.cure(family).in_a_command())
    }

    fn fault_with(&self, help: String) -> Fault {
        let (state, exit) = self.outcome();
        Fault { state, exit, message: self.to_string(), help, again: self.again() }
    }

    fn again(&self) -> Again {
        match (self, self.retry_after()) {
            (Self::Budget { .. }, _) => Again::NextMonth,
            (_, Some(wait)) => Again::After(wait),
            (_, None) => Again::OwnPace,
        }
    }

    fn outcome(&self) -> (State, Exit) {
        match self {
            Self::Address(_) => (State::Failed, Exit::Config),
            Self::Credentials(_) | Self::Rejected { .. } => (State::Rejected, Exit::Owner),
            Self::Limited { .. } | Self::Budget { .. } => (State::Limited, Exit::TryLater),
            Self::NoRoots
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Service { .. } => (State::Failed, Exit::Unavailable),
            Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Redirected { .. } => (State::Failed, Exit::Trouble),
            Self::Malformed { .. } | Self::TooLarge { .. } => (State::Suspect, Exit::Trouble),
        }
    }

    fn cure(&self, family: &Name) -> Cure {
        use Cure::{Act, ActAndTry, Of, Try, TryAndAct, Wait};
        match self {
            Self::Address(_) => {
                Act("set `base_url` to https://api.sophtron.com/api, or leave the key out")
            }
            Self::Credentials(_) => Of(format!(
                "copy user id and access key anew from the developer profile at sophtron.com and run `sophtron-sync credentials set {family}`"
            )),
            Self::Budget { .. } => Act(
                "nothing to do: it goes on in the next calendar month; `monthly_requests` sets the budget",
            ),
            Self::NoRoots => Act("install the package ca-certificates"),
            Self::Unreachable { why: Broken::Name { .. }, .. } => {
                ActAndTry("check this machine's network and name service, and `base_url`")
            }
            Self::Unreachable { why: Broken::Tls { .. }, .. } => {
                ActAndTry("check this machine's clock, the package ca-certificates, and `base_url`")
            }
            Self::Unreachable { why: Broken::Connect { .. } | Broken::NotHttp { .. }, .. } => {
                ActAndTry("check this machine's network and `base_url`")
            }
            Self::Unreachable { why: Broken::Cut { .. }, .. }
            | Self::TimedOut { .. }
            | Self::Service { .. } => Try,
            Self::Rejected { .. } => Of(format!(
                "compare user id and access key with the developer profile at sophtron.com, run `sophtron-sync credentials set {family}` and then `sophtron-sync credentials check {family}`"
            )),
            Self::Forbidden { .. } => Of(format!(
                "see at sophtron.com what the key may do, then run `sophtron-sync credentials check {family}`"
            )),
            Self::NotFound { .. } => Of(format!(
                "if the bank was connected anew, login and account have new ids: `sophtron-sync accounts {family}` lists them"
            )),
            Self::Limited { .. } => Wait,
            Self::Refused { .. } => ActAndTry("see whether a newer sophtron-sync is out"),
            Self::Redirected { .. } => Act(
                "check `base_url`: redirects are not followed, since the signed header would travel along",
            ),
            Self::Malformed { .. } | Self::TooLarge { .. } => TryAndAct(
                "if it stays so, check `base_url` and that no portal or proxy answers in the service's place",
            ),
        }
    }
}

/// What the owner can do.
enum Cure {
    /// This.
    Act(&'static str),
    /// This, which names the family.
    Of(String),
    /// This, and the same again.
    ActAndTry(&'static str),
    /// The same again, and this if that does not help.
    TryAndAct(&'static str),
    /// The same again.
    Try,
    /// The same again, but not soon.
    Wait,
}

impl Cure {
    /// A sync is repeated by itself.
    fn in_a_sync(&self) -> String {
        match self {
            Self::Act(what) => (*what).to_owned(),
            Self::Of(what) => what.clone(),
            Self::ActAndTry(what) => format!("{what}; it is asked again at the next sync"),
            Self::TryAndAct(what) => {
                format!("the old data stays, and it is asked again at the next sync; {what}")
            }
            Self::Try => {
                "nothing to do: it is asked again at the next sync, and the old data stays"
                    .to_owned()
            }
            Self::Wait => {
                "nothing to do: it is asked again later, and the old data stays".to_owned()
            }
        }
    }

    fn in_a_command(&self) -> String {
        match self {
            Self::Act(what) => (*what).to_owned(),
            Self::Of(what) => what.clone(),
            Self::ActAndTry(what) => format!("{what}, and run it again"),
            Self::TryAndAct(what) => format!("run it again in some minutes; {what}"),
            Self::Try => "run it again in some minutes".to_owned(),
            Self::Wait => "wait some minutes longer, then run it again".to_owned(),
        }
    }
}

/// Judges an answer by its status alone.
///
/// # Errors
/// For everything but 2xx, and for 206.
pub(super) fn judge(
    asked: &'static str,
    status: u16,
    retry_after: Option<Duration>,
) -> Result<(), Error> {
    match status {
        // A part, which nobody asked for, may be well formed and lack rows.
        206 => {
            Err(Error::Malformed { asked, came: "a part of the answer (status 206)".to_owned() })
        }
        200..=299 => Ok(()),
        300..=399 => Err(Error::Redirected { asked, status }),
        401 => Err(Error::Rejected { asked, status }),
        403 => Err(Error::Forbidden { asked }),
        404 => Err(Error::NotFound { asked }),
        408 | 500.. => Err(Error::Service { asked, status, retry_after }),
        429 => Err(Error::Limited { asked, retry_after }),
        _ => Err(Error::Refused { asked, status }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smith() -> Name {
        Name::parse("smith").expect("a name")
    }

    #[test]
    fn what_to_type_names_the_family() {
        for status in [401, 403, 404] {
            let error = judge("the list of accounts", status, None).expect_err("no 2xx");
            for help in [error.fault(&smith()).help, error.fault_of_command(&smith()).help] {
                assert!(help.contains(" smith`"), "{help}");
            }
        }
        let cure = Error::Credentials("access key").fault(&smith()).help;
        assert!(cure.ends_with("`sophtron-sync credentials set smith`"), "{cure}");
    }

    #[test]
    fn every_status_has_its_state_and_exit_code() {
        for (status, state, exit) in [
            (206, State::Suspect, Exit::Trouble),
            (301, State::Failed, Exit::Trouble),
            (400, State::Failed, Exit::Trouble),
            (401, State::Rejected, Exit::Owner),
            (403, State::Failed, Exit::Trouble),
            (404, State::Failed, Exit::Trouble),
            (408, State::Failed, Exit::Unavailable),
            (410, State::Failed, Exit::Trouble),
            (429, State::Limited, Exit::TryLater),
            (500, State::Failed, Exit::Unavailable),
            (503, State::Failed, Exit::Unavailable),
        ] {
            let fault =
                judge("the list of accounts", status, None).expect_err("no 2xx").fault(&smith());
            assert_eq!((fault.state, fault.exit), (state, exit), "{status}");
            assert!(fault.message.contains(&status.to_string()), "{}", fault.message);
            assert!(fault.message.contains("the list of accounts"), "{}", fault.message);
            assert!(!fault.help.is_empty());
        }
        assert_eq!(judge("a refresh", 204, None), Ok(()));
    }

    #[test]
    fn only_a_sync_is_said_to_be_repeated_by_itself() {
        for status in [301, 400, 401, 403, 404, 408, 410, 429, 500, 503] {
            let error = judge("the list of accounts", status, None).expect_err("no 2xx");
            let (sync, command) = (error.fault(&smith()), error.fault_of_command(&smith()));
            assert_eq!((sync.state, &sync.message), (command.state, &command.message));
            assert!(!command.help.contains("asked again"), "{}", command.help);
            assert_eq!(sync.help.contains("asked again"), sync.help != command.help, "{status}");
            assert_eq!(
                command.help.contains("run it again"),
                sync.help != command.help,
                "{status}"
            );
        }
    }

    #[test]
    fn only_what_may_pass_by_itself_is_tried_again() {
        let again = |status| judge("x", status, None).expect_err("no 2xx").is_transient();
        assert!([408, 429, 500, 502, 503, 504].into_iter().all(again));
        assert!(![302, 400, 401, 403, 404, 410].into_iter().any(again));
        let limit = Duration::from_secs(20);
        let silent =
            Error::TimedOut { asked: "x", host: "h".to_owned(), phase: Phase::Silence, limit };
        assert!(!silent.is_transient());
        assert!(!Error::Malformed { asked: "x", came: "null".to_owned() }.is_transient());
    }

    #[test]
    fn messages_read_as_sentences() {
        let asked = "the list of accounts";
        let host = || "api.example:443".to_owned();
        let limit = Duration::from_secs(20);
        for (error, text) in [
            (
                Error::Service { asked, status: 500, retry_after: None },
                "the service answered 500 when asked for the list of accounts",
            ),
            (
                Error::TimedOut { asked, host: host(), phase: Phase::Silence, limit },
                "the list of accounts did not come: api.example:443 sent not a byte within 20 s",
            ),
            (
                Error::Unreachable { asked, why: Broken::Name { host: host() } },
                "the list of accounts did not come: the name api.example:443 is not found (DNS)",
            ),
            (
                Error::Malformed { asked, came: "an HTML page of 512 bytes".to_owned() },
                "an HTML page of 512 bytes came when asked for the list of accounts",
            ),
            (
                Error::TooLarge { asked, limit_bytes: 32 * 1024 * 1024 },
                "an answer of over 32 MB came when asked for the list of accounts",
            ),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }
}
