//! A family's key pair, encrypted with age: two TOML lines, `user_id` and `access_key`.

use std::io::{self, Read, Write as _};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{DecryptError, Decryptor, EncryptError, Encryptor};
use base64::prelude::{BASE64_STANDARD, Engine};
use secrecy::{ExposeSecret, SecretString};
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::{Identity, SecretError, looks_encrypted};
use crate::config::CredentialsSource;
use crate::domain::{Credentials, sha256_hex};
use crate::files;

/// The fewest bytes that an access key stands for.
const SHORTEST_KEY: usize = 16;

/// The most characters of a user id, and of an access key.
const LONGEST: usize = 1024;

const TWO_LINES: &str =
    "two lines are wanted: user_id = \"…\" and access_key = \"…\", as Sophtron shows them";
const COPY: &str = "copy it again from Sophtron's developer page (Direct Auth)";

/// Decrypts a family's credentials, armored or binary.
///
/// # Errors
/// [`SecretError`] if the file cannot be read, is not encrypted, was encrypted for somebody else,
/// is damaged, or does not hold a usable pair.
pub fn decrypt(
    source: &CredentialsSource,
    identity: &Identity,
) -> Result<Credentials, SecretError> {
    let place = source.place();
    let bytes = source.bytes()?;
    if !looks_encrypted(&bytes) {
        let in_clear = bytes.windows(10).any(|part| part == b"access_key");
        return Err(SecretError::NotEncrypted { place, in_clear });
    }
    let text = open(&bytes, identity).map_err(|failure| match failure {
        DecryptError::NoMatchingKeys => SecretError::WrongIdentity { place: place.clone() },
        _ => SecretError::Damaged { place: place.clone() },
    })?;
    credentials_from(&text, &place)
}

/// Encrypts a pair to the identity's own recipients, as an armored age file.
///
/// # Errors
/// [`SecretError::Damaged`] if the identity cannot encrypt at all.
pub fn encrypt(pair: &Credentials, identity: &Identity) -> Result<Vec<u8>, SecretError> {
    let text = Zeroizing::new(format!(
        "user_id = \"{}\"\naccess_key = \"{}\"\n",
        pair.user_id(),
        pair.access_key()
    ));
    seal(text.as_bytes(), identity)
        .map_err(|_| SecretError::Damaged { place: "the identity".to_owned() })
}

/// Tells whether encrypted credentials changed: the SHA-256 of the ciphertext, in hex, with no
/// secret in it.
///
/// # Errors
/// [`SecretError::CredentialsUnreadable`] if the file cannot be read.
pub fn fingerprint(source: &CredentialsSource) -> Result<String, SecretError> {
    Ok(sha256_hex(&source.bytes()?))
}

/// Reads the two TOML lines in clear; `place` says in errors where they came from.
///
/// # Errors
/// [`SecretError::NotAPair`] for anything but two usable lines.
pub fn credentials_from(text: &str, place: &str) -> Result<Credentials, SecretError> {
    let wrong = |problem| Err(not_a_pair(place, problem, TWO_LINES));
    let Ok(document) = DeTable::parse(text) else {
        return wrong("the text in it is not TOML");
    };
    let lines = document.get_ref();
    let value = |key: &str| match lines.get(key).map(toml::Spanned::get_ref) {
        Some(DeValue::String(text)) => Some(SecretString::from(text.trim())),
        _ => None,
    };
    match (value("user_id"), value("access_key")) {
        (Some(user_id), Some(access_key)) if lines.len() == 2 => {
            checked(user_id, access_key, place)
        }
        (Some(_), Some(_)) => wrong("there is more in it than user_id and access_key"),
        (None, _) => wrong("there is no line user_id in it"),
        (_, None) => wrong("there is no line access_key in it"),
    }
}

/// Takes a pair that was typed, with outer white space dropped.
///
/// # Errors
/// [`SecretError::NotAPair`] if the service could not take it.
pub fn pair(user_id: &SecretString, access_key: &SecretString) -> Result<Credentials, SecretError> {
    let trimmed = |text: &SecretString| SecretString::from(text.expose_secret().trim());
    checked(trimmed(user_id), trimmed(access_key), "what was typed")
}

impl CredentialsSource {
    /// Where the credentials are, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Inline(_) => "credentials in the configuration".to_owned(),
        }
    }

    fn bytes(&self) -> Result<Vec<u8>, SecretError> {
        match self {
            Self::File(path) => files::read(path).map_err(SecretError::CredentialsUnreadable),
            Self::Inline(text) => Ok(text.clone().into_bytes()),
        }
    }
}

fn not_a_pair(place: &str, problem: &'static str, help: &'static str) -> SecretError {
    SecretError::NotAPair { place: place.to_owned(), problem, help }
}

/// A pair that can stand in a signed request: the user id goes between colons of a header, the
/// key is standard base64 with its padding.
fn checked(
    user_id: SecretString,
    access_key: SecretString,
    place: &str,
) -> Result<Credentials, SecretError> {
    let wrong = |problem, help| Err(not_a_pair(place, problem, help));
    let id = user_id.expose_secret();
    if id.is_empty() || id.len() > LONGEST {
        return wrong("user_id is empty or far too long", COPY);
    }
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        let help = "it is letters, digits and -: are user_id and access_key swapped?";
        return wrong("user_id has a character that no user id has", help);
    }
    let key = access_key.expose_secret();
    let decoded = match BASE64_STANDARD.decode(key) {
        Ok(decoded) if key.len() <= LONGEST => Zeroizing::new(decoded),
        _ => return wrong("access_key is not base64 with its padding (= at the end)", COPY),
    };
    if decoded.len() < SHORTEST_KEY {
        return wrong("access_key is too short: it stands for less than 16 bytes", COPY);
    }
    Ok(Credentials::new(user_id, access_key))
}

fn open(bytes: &[u8], identity: &Identity) -> Result<Zeroizing<String>, DecryptError> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(bytes.trim_ascii_start()))?;
    let mut reader = decryptor.decrypt(identity.keys())?;
    let mut text = Zeroizing::new(String::with_capacity(4096));
    reader.read_to_string(&mut text)?;
    Ok(text)
}

fn seal(text: &[u8], identity: &Identity) -> Result<Vec<u8>, SealError> {
    let recipients = identity.recipients();
    let encryptor =
        Encryptor::with_recipients(recipients.iter().map(|key| key as &dyn age::Recipient))?;
    let mut sealed = Vec::new();
    let armor = ArmoredWriter::wrap_output(&mut sealed, Format::AsciiArmor)?;
    let mut writer = encryptor.wrap_output(armor)?;
    writer.write_all(text)?;
    writer.finish()?.finish()?;
    Ok(sealed)
}

/// Why nothing was encrypted; there is nothing that a caller could do differently.
#[derive(Debug, thiserror::Error)]
enum SealError {
    #[error(transparent)]
    Age(#[from] EncryptError),
    #[error(transparent)]
    Io(#[from] io::Error),
}
