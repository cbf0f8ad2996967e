//! The key pair of one family. It has no `Debug` and no `Display`: it cannot be printed.

use secrecy::{ExposeSecret, SecretString};

/// A Sophtron user id and access key. Both are secret.
#[derive(Clone)]
pub struct Credentials {
    user_id: SecretString,
    access_key: SecretString,
}

impl Credentials {
    /// Holds a pair that was checked at the door (`config`).
    #[must_use]
    pub fn new(user_id: SecretString, access_key: SecretString) -> Self {
        Self { user_id, access_key }
    }

    /// The user id, for a request's header and body alone.
    #[must_use]
    pub fn user_id(&self) -> &str {
        self.user_id.expose_secret()
    }

    /// The base64 access key, for signing alone.
    #[must_use]
    pub fn access_key(&self) -> &str {
        self.access_key.expose_secret()
    }
}
