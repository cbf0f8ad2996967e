//! What was looked at, how it is, and how that is printed.

use serde::Serialize;

use super::super::{World, text};
use crate::domain::{Exit, Fault};
use crate::round::Failure;

/// How a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// It is right.
    Good,
    /// It is right, and worth knowing.
    Note,
    /// It is wrong.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    level: Level,
    place: String,
    what: String,
    help: String,
    exit: u8,
    #[serde(skip)]
    code: Exit,
}

#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    findings: &'a [Finding],
}

/// Everything that was looked at, in the order in which it is told.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Something is right.
    pub(super) fn good(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.add(Level::Good, place.into(), what.into(), String::new(), Exit::Good);
    }

    /// Something is right and worth knowing, with what can be done about it.
    pub(super) fn note(
        &mut self,
        place: impl Into<String>,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Level::Note, place.into(), what.into(), help.into(), Exit::Good);
    }

    /// Something is wrong; a failure of several problems makes several findings.
    pub(super) fn bad(&mut self, place: impl Into<String>, failure: impl Into<Failure>) {
        let (place, failure) = (place.into(), failure.into());
        for (what, help) in failure.problems() {
            let (what, help) = (what.to_owned(), help.to_owned());
            self.add(Level::Bad, place.clone(), what, help, failure.exit);
        }
    }

    /// The service or the credentials stand in the way; a fault that ends no command is a note.
    pub(super) fn fault(&mut self, place: impl Into<String>, fault: Fault) {
        match fault.exit {
            Exit::Good => self.note(place, fault.message, fault.help),
            _ => self.bad(place, fault),
        }
    }

    fn add(&mut self, level: Level, place: String, what: String, help: String, code: Exit) {
        self.0.push(Finding { level, place, what, help, exit: code.code(), code });
    }

    /// How the command ends: as the worst of them says.
    pub(super) fn exit(&self) -> Exit {
        self.0.iter().fold(Exit::Good, |exit, finding| exit.worst(finding.code))
    }

    /// Prints them.
    pub(super) fn print(&self, json: bool, world: &mut World) {
        if json {
            let answer = Answer { version: 1, findings: &self.0 };
            world.say(&serde_json::to_string(&answer).unwrap_or_default());
            return;
        }
        for finding in &self.0 {
            for line in lines(finding, world.colour) {
                world.say(&line);
            }
        }
        world.say(&self.verdict());
    }

    fn verdict(&self) -> String {
        let bad = self.0.iter().filter(|finding| finding.level == Level::Bad).count();
        match bad {
            0 => "All is well.".to_owned(),
            1 => "1 finding needs you.".to_owned(),
            _ => format!("{bad} findings need you."),
        }
    }
}

fn lines(finding: &Finding, colour: bool) -> Vec<String> {
    let (mark, paint) = match finding.level {
        Level::Good => ("ok  ", "32"),
        Level::Note => ("note", "33"),
        Level::Bad => ("BAD ", "1;31"),
    };
    let mark = if colour { format!("\u{1b}[{paint}m{mark}\u{1b}[0m") } else { mark.to_owned() };
    let said = text::wrap(&format!("{}: {}", finding.place, finding.what), 74);
    let said = said.iter().enumerate().map(|(nth, line)| {
        let mark = if nth == 0 { &mark } else { "    " };
        format!("{mark} {line}")
    });
    let help = text::wrap(&finding.help, 70).into_iter().map(|line| format!("       {line}"));
    said.chain(help).collect()
}
