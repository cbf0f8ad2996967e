//! Questions to whoever typed the command, each in the form that fits it.
//!
//! A command asks through the world: at a terminal (`terminal`), of the client that a daemon's
//! command was typed at, or of a test's script.

use secrecy::{ExposeSecret, SecretString};

use super::World;
use crate::domain::{Form, NotAsked, Question};

/// Asks one question and gives its answer.
pub type Ask = Box<dyn FnMut(&Question) -> Result<SecretString, NotAsked> + Send>;

impl World {
    /// Asks for a text that may be seen. Enter alone takes the proposed one.
    pub(super) fn ask_text(
        &mut self,
        words: &str,
        proposed: Option<&str>,
    ) -> Result<String, NotAsked> {
        let form = Form::Text { proposed: proposed.map(str::to_owned) };
        self.ask_one(words, form).map(|answer| answer.expose_secret().trim().to_owned())
    }

    /// Asks for a text that is not shown while it is typed.
    pub(super) fn ask_hidden(&mut self, words: &str) -> Result<SecretString, NotAsked> {
        self.ask_one(words, Form::Hidden)
    }

    /// The same, for one of several that are asked at once: which, counted from 0, and of how many.
    pub(super) fn ask_hidden_of(
        &mut self,
        (nth, of): (usize, usize),
        words: &str,
    ) -> Result<SecretString, NotAsked> {
        (self.ask)(&Question { words: words.to_owned(), nth, of, form: Form::Hidden })
    }

    /// Lets one of several items be chosen; gives its number, counted from 0.
    pub(super) fn ask_choice(
        &mut self,
        words: &str,
        items: &[String],
        first: usize,
    ) -> Result<usize, NotAsked> {
        let answer = self.ask_one(words, Form::Choice { items: items.to_vec(), first })?;
        let number = answer.expose_secret().trim().parse().ok();
        number.filter(|number| *number < items.len()).ok_or(NotAsked::Ended)
    }

    /// Asks for yes or no.
    pub(super) fn ask_yes_no(&mut self, words: &str, proposed: bool) -> Result<bool, NotAsked> {
        let answer = self.ask_one(words, Form::YesNo { proposed })?;
        Ok(answer.expose_secret() == "yes")
    }

    /// Asks for what can be read in a picture, base64.
    pub(super) fn ask_picture(
        &mut self,
        words: &str,
        base64: &str,
    ) -> Result<SecretString, NotAsked> {
        self.ask_one(words, Form::Picture { base64: base64.to_owned() })
    }

    fn ask_one(&mut self, words: &str, form: Form) -> Result<SecretString, NotAsked> {
        (self.ask)(&Question { words: words.to_owned(), nth: 0, of: 1, form })
    }
}
