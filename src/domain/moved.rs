//! Accounts on their way to another name, or to another id at the service.

use super::{AccountId, LoginId, Name};

/// By what an account is known: the name of its folder, and its id at the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBy {
    /// The name.
    pub name: Name,
    /// The id.
    pub id: AccountId,
}

/// An account that its owner wants known by something else. Until that is done everywhere, it may
/// be configured by either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The store's key of the account.
    pub account: i64,
    /// Its family.
    pub family: Name,
    /// What it was known by.
    pub from: KnownBy,
    /// What it is to be known by.
    pub to: KnownBy,
    /// The login of the new id, where that is another one.
    pub to_login: Option<LoginId>,
}

impl Move {
    /// Whether an account may be configured so while this is under way.
    #[must_use]
    pub fn allows(&self, name: &Name, id: &AccountId) -> bool {
        [&self.from, &self.to].into_iter().any(|known| known.name == *name && known.id == *id)
    }
}
