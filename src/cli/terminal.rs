//! Questions at a terminal, on stderr, so that a redirected stdout stays clean.
//!
//! While a question is open the terminal echoes nothing by itself: what may be seen, the prompt
//! writes. So a key that is pasted before its prompt is ready is never shown either.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

use dialoguer::{Confirm, Input, Select};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::picture::{self, Easel};
use super::prompts::Ask;
use crate::config::Env;
use crate::domain::{Form, NotAsked, Question};

/// Asks at the terminal that this process was started at, of which the environment tells more.
pub(super) fn asker(env: &Env) -> Ask {
    let easel = Easel::of(env);
    Box::new(move |question| ask(question, &easel))
}

fn ask(question: &Question, easel: &Easel) -> Result<SecretString, NotAsked> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(NotAsked::NoTerminal);
    }
    let _quiet = Quiet::begin();
    let words = &question.words;
    let ended = |_| NotAsked::Ended;
    let answer = match &question.form {
        Form::Text { proposed } => {
            let input = Input::<String>::new().with_prompt(words);
            let input = match proposed {
                Some(proposed) => input.default(proposed.clone()),
                None => input,
            };
            input.interact_text().map_err(ended)?
        }
        Form::Hidden => {
            let typed = rpassword::prompt_password(format!("{words} (not shown): "));
            return typed.map(SecretString::from).map_err(|_| NotAsked::Ended);
        }
        Form::Choice { items, first } => {
            let select = Select::new().with_prompt(words).items(items).default(*first);
            let chosen = select.interact_opt().map_err(ended)?;
            chosen.ok_or(NotAsked::Ended)?.to_string()
        }
        Form::YesNo { proposed } => {
            let said = Confirm::new().with_prompt(words).default(*proposed).interact_opt();
            let yes = said.map_err(ended)?.ok_or(NotAsked::Ended)?;
            if yes { "yes" } else { "no" }.to_owned()
        }
        Form::Picture { base64 } => {
            let shown = easel.show(base64, &mut io::stderr());
            if let Err(error) = &shown {
                let _ = writeln!(io::stderr(), "The picture cannot be shown: {error}");
            }
            Input::<String>::new().with_prompt(words).interact_text().map_err(ended)?
        }
    };
    Ok(SecretString::from(answer))
}

/// How the terminal was before a question, for whoever ends the process in the middle of one.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// A terminal that echoes nothing by itself, until this is dropped.
struct Quiet;

impl Quiet {
    fn begin() -> Self {
        if let Ok(before) = tcgetattr(io::stdin()) {
            give_back_when_ended();
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            *lock() = Some(before);
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &quiet);
        }
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    if let Some(before) = lock().take() {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Sees to it, once, that a process that is ended at a question leaves the terminal as it was,
/// with its cursor shown.
fn give_back_when_ended() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if lock().is_some() {
                    let _ = writeln!(io::stderr(), "\u{1b}[?25h");
                }
                give_back();
                picture::remove();
                let _ = emulate_default_handler(signal);
            }
        });
    });
}
