//! The way through all that a bank asks in one job: its owner is asked, question by question.
//!
//! Nothing is asked of the service while he is being asked; what he types goes to the bank once.

use secrecy::{ExposeSecret, SecretString};

use super::World;
use super::ground::{self, Runs};
use crate::books::one_line;
use crate::domain::{Challenge, NotAsked, Reply};
use crate::round::Failure;
use crate::sync::{Again, Answering, Heard, JobEnd, Talk, Turn};

/// A job that is over, or left.
pub(super) struct Over {
    /// How it ended.
    pub(super) end: JobEnd,
    /// How far the bank and its owner came in it.
    pub(super) talk: Talk,
}

/// Where the way ended.
pub(super) enum Walked {
    /// The job is over, or left.
    Over(Over),
    /// The daemon stops.
    Stopped,
    /// The owner gave no answer.
    Unanswered {
        /// What the bank asks.
        challenge: Challenge,
        /// Why there is none.
        why: NotAsked,
        /// Whether he had answered something before.
        given: bool,
    },
}

/// Whose job it is, in words.
pub(super) struct Whom<'a> {
    /// The bank, which questions name.
    pub(super) bank: &'a str,
    /// The login, which complaints name.
    pub(super) login: &'a str,
    /// The command that goes on with it, where that is to be told before the first question.
    pub(super) later: Option<&'a str>,
}

/// Asks the owner what the bank asks until its job has ended.
pub(super) fn walk(
    mut answering: Answering,
    runs: &Runs,
    whom: &Whom<'_>,
    world: &mut World,
) -> Result<Walked, Failure> {
    let stop = ground::surroundings(world).stop;
    let (bank, login, mut later) = (whom.bank, whom.login, whom.later);
    loop {
        let turn = runs.block_on(async {
            tokio::select! {
                turn = answering.next() => turn.map(Some),
                () = stop.told() => Ok(None),
            }
        })?;
        let (challenge, again) = match turn {
            Some(Turn::Ended(end)) => {
                return Ok(Walked::Over(Over { end, talk: answering.talk() }));
            }
            Some(Turn::Asks { challenge, again }) => (challenge, again),
            None => return Ok(Walked::Stopped),
        };
        if let Some(command) = later.take() {
            world.complain("The bank asks you now. If you leave before it is through, go on with:");
            world.complain(&format!("    {command}"));
        }
        if let Some(again) = again {
            world.complain(&format!("{login}: {}", again_words(again)));
        }
        let reply = match ask(&challenge, bank, world) {
            Ok(reply) => reply,
            Err(why) => {
                let given = answering.talk() == Talk::Answered;
                return Ok(Walked::Unanswered { challenge, why, given });
            }
        };
        if let Heard::Unclear(error) = runs.block_on(answering.answer(challenge, &reply))? {
            world.complain(&format!("note: {login}: {error}; it is not sent again"));
        }
    }
}

/// Asks the owner one challenge.
fn ask(challenge: &Challenge, bank: &str, world: &mut World) -> Result<Reply, NotAsked> {
    match challenge {
        Challenge::Questions(questions) => {
            let count = questions.len();
            let words = |at: usize, question: &str| match count {
                1 => format!("{bank}: {}", one_line(question)),
                _ => format!("{bank}, question {} of {count}: {}", at + 1, one_line(question)),
            };
            let asked = questions.iter().enumerate();
            let answers =
                asked.map(|(at, question)| hidden((at, count), &words(at, question), world));
            answers.collect::<Result<_, _>>().map(Reply::Answers)
        }
        Challenge::Ways(ways) => {
            let items: Vec<String> = ways.iter().map(|way| one_line(way)).collect();
            let at = world.ask_choice(&format!("{bank} sends a code"), &items, 0)?;
            let way = ways.get(at).ok_or(NotAsked::Unfit)?;
            Ok(Reply::Way(SecretString::from(way.as_str())))
        }
        Challenge::Code { pin } => {
            let what = if *pin { "your PIN there" } else { "the code that it sent" };
            hidden((0, 1), &format!("{bank}: {what}"), world).map(Reply::Code)
        }
        Challenge::Read(text) => {
            let words = format!("{bank} says: {}. Is it done", one_line(text));
            if world.ask_yes_no(&words, true)? { Ok(Reply::Done) } else { Err(NotAsked::Ended) }
        }
        Challenge::Picture(base64) => {
            let words = format!("{bank}: what the picture shows");
            world.ask_picture(&words, base64).map(Reply::Picture)
        }
    }
}

/// Asks until something is typed: a bank counts an empty answer too.
fn hidden(place: (usize, usize), words: &str, world: &mut World) -> Result<SecretString, NotAsked> {
    loop {
        let typed = world.ask_hidden_of(place, words)?;
        if !typed.expose_secret().is_empty() {
            return Ok(typed);
        }
    }
}

fn again_words(again: Again) -> &'static str {
    match again {
        Again::NotTaken => "the answer was not taken; the bank asks again",
        Again::Repeated => "the bank asks the same again: the answer may have been wrong",
    }
}

/// What a bank asks, for whoever sits at no terminal.
pub(super) fn in_words(challenge: &Challenge) -> String {
    match challenge {
        Challenge::Questions(questions) => {
            let quoted = questions.iter().map(|text| format!("\"{}\"", one_line(text)));
            quoted.collect::<Vec<_>>().join(" and ")
        }
        Challenge::Ways(ways) => {
            let ways = ways.iter().enumerate();
            let ways: Vec<String> =
                ways.map(|(at, way)| format!("{}: {}", at + 1, one_line(way))).collect();
            format!("how it is to send a code ({})", ways.join("; "))
        }
        Challenge::Code { pin: false } => "for the code that it sent".to_owned(),
        Challenge::Code { pin: true } => "for your PIN there".to_owned(),
        Challenge::Read(text) => format!("you to do as it says: {}", one_line(text)),
        Challenge::Picture(_) => "what a picture shows".to_owned(),
    }
}
