//! Questions at a terminal, on stderr, so that a redirected stdout stays clean.
//!
//! From the first question until the command ends the terminal echoes nothing by itself: what may
//! be seen, the prompt writes. So a key that is pasted before its prompt is ready is never shown
//! either. What was typed ahead is kept for the questions to come, and thrown away at the end,
//! since a shell would show it.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use dialoguer::console::Term;
use dialoguer::theme::{SimpleTheme, Theme};
use dialoguer::{Confirm, Input, Select};
use nix::sys::signal::{SigSet, Signal};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr,
};
use secrecy::SecretString;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::picture::{self, Easel};
use super::prompts::Ask;
use super::text;
use crate::config::Env;
use crate::domain::{Form, NotAsked, Question};

/// Asks at the terminal that this process was started at, if it was at one; the environment tells
/// more of it.
pub(super) fn asker(env: &Env) -> Ask {
    let easel = Easel::of(env);
    let mut quiet = None;
    Box::new(move |question| {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(NotAsked::NoTerminal);
        }
        quiet.get_or_insert_with(Quiet::begin);
        answer(question, &easel).map_err(|failure| {
            // Ctrl-C, which a prompt reads as a key.
            if failure.kind() == io::ErrorKind::Interrupted {
                end_by(SIGINT);
            }
            NotAsked::Ended
        })
    })
}

fn answer(question: &Question, easel: &Easel) -> io::Result<SecretString> {
    let words = &question.words;
    match &question.form {
        Form::Text { proposed } => text_answer(words, proposed.as_deref()),
        Form::Hidden => {
            rpassword::prompt_password(format!("{words} (not shown): ")).map(SecretString::from)
        }
        Form::Choice { items, first } => {
            // Longer lines would be drawn again in the wrong place.
            let width = width().saturating_sub(4);
            let items = items.iter().map(|item| text::cut(item, width));
            let select = Select::new().with_prompt(words).items(items).default(*first).report(true);
            let chosen = select.interact_opt().map_err(io::Error::from)?.ok_or_else(given_up)?;
            Ok(SecretString::from(chosen.to_string()))
        }
        Form::YesNo { proposed } => {
            // With Enter, as everywhere: the one that follows a `y` would answer the next question.
            let confirm = Confirm::new().with_prompt(format!("{words}?")).default(*proposed);
            let said = confirm.wait_for_newline(true).interact_opt().map_err(io::Error::from)?;
            Ok(SecretString::from(if said.ok_or_else(given_up)? { "yes" } else { "no" }))
        }
        Form::Picture { base64 } => {
            let shown = easel.show(base64, &mut io::stderr());
            if let Err(error) = &shown {
                writeln!(io::stderr(), "The picture cannot be shown: {error}")?;
            }
            text_answer(words, None)
        }
    }
}

fn text_answer(words: &str, proposed: Option<&str>) -> io::Result<SecretString> {
    // What is typed shall fit beside the question, since only the last line of it is drawn again.
    let long = words.chars().count() + proposed.map_or(0, |it| it.chars().count() + 3);
    let prompt = if long + 2 > width() * 2 / 3 {
        writeln!(io::stderr(), "{words}:")?;
        ""
    } else {
        words
    };
    let input = Input::<String>::with_theme(&Plain).with_prompt(prompt);
    let input = match proposed {
        None => input,
        Some("") => input.allow_empty(true),
        Some(proposed) => input.default(proposed.to_owned()),
    };
    input.interact_text().map(SecretString::from).map_err(io::Error::from)
}

/// As the questions look anyhow, but for those that stand on a line of their own.
struct Plain;

impl Theme for Plain {
    fn format_input_prompt(
        &self,
        f: &mut dyn fmt::Write,
        words: &str,
        proposed: Option<&str>,
    ) -> fmt::Result {
        match (words, proposed) {
            ("", None) => f.write_str("  "),
            ("", Some(proposed)) => write!(f, "  [{proposed}]: "),
            _ => SimpleTheme.format_input_prompt(f, words, proposed),
        }
    }

    fn format_input_prompt_selection(
        &self,
        f: &mut dyn fmt::Write,
        words: &str,
        answer: &str,
    ) -> fmt::Result {
        if words.is_empty() { write!(f, "  {answer}") } else { write!(f, "{words}: {answer}") }
    }
}

/// How many columns the terminal has.
fn width() -> usize {
    usize::from(Term::stderr().size().1)
}

/// The answer to a question that was left with Escape or q.
fn given_up() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// How the terminal was before the first question, for whoever ends the process after it.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// A terminal that echoes nothing by itself, until this is dropped.
struct Quiet;

impl Quiet {
    fn begin() -> Self {
        if let Ok(before) = tcgetattr(io::stdin()) {
            give_back_when_ended();
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            *self::before() = Some(before);
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &quiet);
        }
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        give_back();
        before().take();
    }
}

fn before() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn give_back() {
    if let Some(before) = before().as_ref() {
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
    }
}

/// Ends the process by a signal, with the terminal as it was and no picture left.
fn end_by(signal: i32) {
    give_back();
    picture::remove();
    // Some prompts hide the cursor.
    let _ = Term::stderr().show_cursor();
    let _ = writeln!(io::stderr());
    let _ = emulate_default_handler(signal);
}

/// Gives the terminal back while another thread asks, which may be about to set it for its prompt:
/// that is over once it waits for keys.
fn give_back_beside_who_asks() {
    const LOOKS: usize = 200;
    for _ in 0..LOOKS {
        give_back();
        std::thread::sleep(Duration::from_millis(5));
        let Ok(is) = tcgetattr(io::stdin()) else { return };
        let is_back = before().as_ref().is_none_or(|before| before.local_modes == is.local_modes);
        if who_asks_waits() && is_back {
            return;
        }
    }
}

/// Whether the first thread of the process, which asks, sleeps.
fn who_asks_waits() -> bool {
    let path = format!("/proc/self/task/{}/stat", std::process::id());
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('S'))
}

/// Sees to it, once, that a signal that ends the process leaves the terminal as it was.
///
/// A thread of its own takes them, so that no prompt is interrupted, which would set the terminal
/// itself at the same time. What a prompt raises for Ctrl-C goes to the thread that asks, and is not
/// delivered there: the prompt tells of it.
fn give_back_when_ended() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if before().is_some() {
                    give_back_beside_who_asks();
                }
                end_by(signal);
            }
        });
        let taken_there: SigSet =
            [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
        let _ = taken_there.thread_block();
    });
}
