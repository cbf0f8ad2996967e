//! Banks that may be connected, and what a new login at one brings.

use chrono::NaiveDate;

use super::institution::Institution;
use super::job::Story;
use super::row::day;
use super::world::{Login, World};

/// How much a new login brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Accounts and balances; rows wait for a refresh.
    Shallow,
    /// The recent rows too.
    Transactions,
    /// Every row that the bank has.
    Full,
}

/// How long a new login is not seen everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fresh {
    /// How many lists of logins lack it.
    pub unlisted: u32,
    /// How many lists of logins hold nothing else, once they hold it.
    pub alone: u32,
    /// How many lists of its accounts are answered with 404.
    pub unknown: u32,
}

/// A bank that may be connected.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The bank.
    pub institution: Institution,
    /// The only login name and password that it takes; any where none is told.
    pub customer: Option<(String, String)>,
    /// How the job goes that a new login starts.
    pub job: Story,
    /// How its refreshes go.
    pub refresh: Story,
    /// The first day of the rows that are recent.
    pub recent: NaiveDate,
    /// Adds the accounts.
    pub opens: fn(&mut Login),
}

impl Branch {
    /// A bank that asks nothing and has no account.
    pub fn new(institution: Institution) -> Self {
        Self {
            institution,
            customer: None,
            job: Story::running(2),
            refresh: Story::running(2),
            recent: day("2019-07-01"),
            opens: |_| {},
        }
    }

    /// Whether it takes a login name and a password.
    pub fn admits(&self, name: &str, password: &str) -> bool {
        self.customer
            .as_ref()
            .is_none_or(|known| (known.0.as_str(), known.1.as_str()) == (name, password))
    }
}

impl World {
    /// Lets a bank be connected.
    pub fn open_branch(&mut self, branch: Branch) -> &mut Branch {
        self.branches.push(branch);
        self.branches.last_mut().expect("one was added")
    }

    /// The bank of that name that may be connected, to change it.
    pub fn branch_mut(&mut self, name: &str) -> &mut Branch {
        let found = self.branches.iter_mut().find(|branch| branch.institution.name == name);
        found.unwrap_or_else(|| panic!("no bank {name}"))
    }
}
