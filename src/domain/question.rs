//! What a command asks of whoever typed it.

/// One question. Its answer is one line of text, whatever its form: of a choice the number of the
/// item, counted from 0; of yes or no one of these two words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked, without the mark that ends it.
    pub words: String,
    /// Which of the questions it is that are asked at once, counted from 0.
    pub nth: usize,
    /// How many these are.
    pub of: usize,
    /// How it is answered.
    pub form: Form,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// By a text that may be seen; Enter alone takes the proposed one.
    Text {
        /// What Enter alone takes.
        proposed: Option<String>,
    },
    /// By a text that is not shown while it is typed.
    Hidden,
    /// By one of several items.
    Choice {
        /// What there is to choose from, a line each.
        items: Vec<String>,
        /// The one that Enter alone takes.
        first: usize,
    },
    /// By yes or no.
    YesNo {
        /// Whether Enter alone means yes.
        proposed: bool,
    },
    /// By what can be read in a picture.
    Picture {
        /// The picture, base64 as the bank sent it.
        base64: String,
    },
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// Nobody sits at a terminal.
    #[error("there is no terminal to ask at")]
    NoTerminal,
    /// Who sat there went away, or ended the input.
    #[error("nothing was typed")]
    Ended,
    /// An answer that was given beforehand is none of the items, or no yes.
    #[error("the answer that was given is none that this question takes")]
    Unfit,
    /// Of answers that were given beforehand there are more or fewer than questions.
    #[error("there must be one answer for each question")]
    Uneven,
}
