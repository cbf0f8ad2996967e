//! The age identity and the encrypted credentials. Nothing secret is printed, logged or quoted:
//! errors name files and lines, never what stands there.

mod credentials;
mod error;
mod identity;

pub use credentials::{credentials_from, decrypt, encrypt, fingerprint, pair};
pub use error::SecretError;
pub use identity::{Identity, keygen, new_identity, read_identity};

/// How an armored age file begins.
const ARMOR: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// How a binary age file begins.
const BINARY: &str = "age-encryption.org/";

/// Whether these bytes claim to be an age file.
fn looks_encrypted(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    text.starts_with(ARMOR.as_bytes()) || bytes.starts_with(BINARY.as_bytes())
}
