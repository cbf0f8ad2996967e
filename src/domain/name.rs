//! Names that the owner gives and ids that the service gives.

use std::fmt;

/// A family's or an account's name, which names its folder: `[a-z0-9][a-z0-9-]*`, at most 40.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text cannot name a folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name is lower-case letters, digits and `-`, begins with a letter or digit, and has at most 40 characters"
)]
pub struct NameError;

impl Name {
    /// The most characters that a name may have.
    pub const LONGEST: usize = 40;

    /// Takes a text that can name a folder.
    ///
    /// # Errors
    /// [`NameError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = !text.is_empty() && text.len() <= Self::LONGEST && !text.starts_with('-');
        if fits && text.bytes().all(sound) { Ok(Self(text.to_owned())) } else { Err(NameError) }
    }

    /// The name as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! service_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes an id in any case and keeps it in lower case, the form that is compared.
            #[must_use]
            pub fn new(text: &str) -> Self {
                Self(text.trim().to_ascii_lowercase())
            }

            /// The id in lower case.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

service_id!(
    /// An account at the service (`AccountID`); a re-link gives a new one.
    AccountId
);
service_id!(
    /// A login at one bank (`UserInstitutionID`).
    LoginId
);
service_id!(
    /// One asynchronous scraping run of a login (`JobID`).
    JobId
);
