//! Why a bank is not through with a login, in words, and how its owner goes on.

use super::walk::Over;
use crate::domain::{Exit, LoginId, Name};
use crate::round::Failure;
use crate::sync::{JobEnd, Talk};

/// A login that its bank was asked with.
pub(super) struct Tried<'a> {
    /// The bank's name.
    pub(super) name: &'a str,
    /// The family.
    pub(super) family: &'a Name,
    /// The login.
    pub(super) login: &'a LoginId,
    /// The bank's id, where it is being connected; none where a login was given other data.
    pub(super) bank: Option<&'a str>,
}

impl Tried<'_> {
    /// Why the bank is not through.
    pub(super) fn failed(&self, Over { end, talk }: &Over) -> Failure {
        let exit = match end {
            JobEnd::Done => Exit::Good,
            JobEnd::Abandoned => Exit::TryLater,
            JobEnd::Unreadable(error) => error.fault_of_command(self.family).exit,
            JobEnd::Failed { .. }
            | JobEnd::LoginRefused { .. }
            | JobEnd::Expired { .. }
            | JobEnd::Gone => Exit::Trouble,
        };
        Failure::new(exit, self.message(end, *talk), self.help(end))
    }

    fn message(&self, end: &JobEnd, talk: Talk) -> String {
        let name = self.name;
        let (what, guess) = match (end, talk) {
            (JobEnd::Done, _) => ("is connected", ""),
            (JobEnd::Abandoned, _) => ("still works on it", ""),
            (JobEnd::Unreadable(error), _) => {
                return format!(
                    "{name} is not through: {}",
                    error.fault_of_command(self.family).message
                );
            }
            (JobEnd::LoginRefused { .. }, Talk::Answered) => {
                ("refused the login, or an answer", "")
            }
            (JobEnd::LoginRefused { .. }, _) if self.bank.is_some() => {
                ("refused the login that was typed", "")
            }
            (JobEnd::LoginRefused { .. }, _) => ("refused the new login too", ""),
            (JobEnd::Failed { .. }, Talk::Answered) => {
                ("ended it", "an answer may have been wrong")
            }
            (JobEnd::Failed { .. }, _) => ("ended it before it was through", ""),
            (JobEnd::Expired { .. } | JobEnd::Gone, Talk::Asked) => {
                ("waited for an answer no longer", "")
            }
            (JobEnd::Expired { .. }, Talk::Answered) => {
                ("ended it by a time limit, after it was answered", "")
            }
            (JobEnd::Expired { .. }, Talk::Nothing) => {
                ("ended it by a time limit, before it asked anything", "")
            }
            (JobEnd::Gone, _) => {
                return format!("the service does not know what was begun at {name}");
            }
        };
        end.worded(&format!("{name} {what}"), guess)
    }

    fn help(&self, end: &JobEnd) -> String {
        let Self { family, login, .. } = self;
        let update = format!("sophtron-sync connect {family} {login} --update");
        let again = self.bank.map(|bank| format!("sophtron-sync connect {family} {bank}"));
        let goes_on = "it goes on with the same login";
        match (end, again) {
            (JobEnd::LoginRefused { .. }, Some(again)) => format!(
                "run {again} again to type it anew: the bank is not connected twice by that. Too many wrong ones may lock it"
            ),
            (JobEnd::LoginRefused { .. }, None) => {
                format!("run {update} again to type it anew; too many wrong ones may lock it")
            }
            (JobEnd::Failed { .. } | JobEnd::Expired { .. } | JobEnd::Gone, Some(again)) => {
                format!("run {again} again: {goes_on}; to type other login data: {update}")
            }
            (JobEnd::Failed { .. } | JobEnd::Expired { .. } | JobEnd::Gone, None) => {
                format!("run {update} again")
            }
            // What stands between the service and its answer is set right first.
            (JobEnd::Unreadable(error), again) => {
                let first = error.fault_of_command(family).help;
                let then = again.map(|again| format!("; {again} goes on with the same login"));
                first + &then.unwrap_or_default()
            }
            (_, Some(again)) => format!("run {again} again in a few minutes: {goes_on}"),
            (_, None) => "the next sync looks how far it is".to_owned(),
        }
    }
}
