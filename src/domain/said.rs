//! What a bank says in its own words.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// A bank's free text. It may repeat what its owner typed: so it cannot be printed, and is given out
/// only by whoever has held it against every secret that it might repeat.
#[derive(Debug, Clone)]
pub struct Said(SecretString);

impl Said {
    /// Holds a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// Whether it repeats a secret, in whatever case, and however that is spaced or punctuated.
    #[must_use]
    pub fn repeats(&self, secret: &str) -> bool {
        let (text, wanted) = (self.0.expose_secret(), signs(secret));
        if wanted.is_empty() {
            // One of punctuation alone.
            let secret = secret.trim();
            return !secret.is_empty() && text.contains(secret);
        }
        signs(text).contains(wanted.as_str())
    }

    /// The text. Whoever takes it answers for it that it repeats no secret.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The letters and digits of a text, in lower case.
fn signs(text: &str) -> Zeroizing<String> {
    // No letter is longer than this in lower case, so that nothing is left behind by growing.
    let mut signs = Zeroizing::new(String::with_capacity(3 * text.len()));
    signs.extend(text.chars().flat_map(char::to_lowercase).filter(|sign| sign.is_alphanumeric()));
    signs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_whatever_form() {
        let said = |text: &str| Said::new(text.to_owned());
        for (text, secret) in [
            ("wrong code 123456", "123456"),
            ("wrong code 123 456", "123456"),
            ("wrong code 123456", " 123-456 "),
            ("no such answer: REX THE 5TH", "Rex the 5th"),
            ("\u{202e}Pass\u{200b}word?", "password"),
            ("ÆRØ", "ærø"),
            ("İstanbul", "i\u{307}stanbul"),
            ("you typed !?!", "!?! "),
            ("ca9a57e1c0de", "CA9A57E1-C0DE"),
        ] {
            assert!(said(text).repeats(secret), "{text} {secret}");
        }
        for (text, secret) in [
            ("wrong code", "123456"),
            ("wrong code 12345", "123456"),
            ("all of it!", ""),
            ("a", " "),
        ] {
            assert!(!said(text).repeats(secret), "{text} {secret}");
        }
        assert!(!format!("{:?}", said("wrong code 123456")).contains("123456"));
    }
}
