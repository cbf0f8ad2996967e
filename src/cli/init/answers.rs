//! What `init` asks, and what it proposes where Enter alone is typed.

use std::io::Read as _;
use std::path::Path;

use chrono::Datelike as _;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::owing::{Owing, owing};
use super::{Picked, Setup, auto, shown};
use crate::cli::World;
use crate::config::NewAccount;
use crate::domain::{AccountType, Day, Exit, Name, NotAsked, civil_day};
use crate::files;
use crate::round::Failure;

/// More than a key ever has, in bytes.
const LONGEST_KEY: u64 = 64 * 1024;

/// How many days before today are proposed to begin with, or a few more up to the first of a month:
/// banks rarely give much more.
const DAYS_BEFORE: u64 = 120;

/// Asks for the family's name.
pub(super) fn family(world: &mut World) -> Result<Name, Failure> {
    let user = ["USER", "LOGNAME"].iter().find_map(|name| world.env.get(name)?.to_str());
    let user = user.filter(|user| *user != "root").and_then(|user| Name::parse(user).ok());
    let proposed = user.map_or_else(|| "home".to_owned(), |user| user.to_string());
    until(world, "Name of the family, for ever", Some(&proposed), name)
}

/// Asks for a text that is not shown.
pub(super) fn hidden(world: &mut World, words: &str) -> Result<SecretString, Failure> {
    world.ask_hidden(words).map_err(unanswered)
}

/// The access key, piped in.
pub(super) fn key_on_stdin(world: &mut World) -> Result<SecretString, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = (&mut world.stdin).take(LONGEST_KEY).read_to_string(&mut text);
    if read.is_err() || text.trim().is_empty() {
        let message = "no access key came on stdin";
        return Err(Failure::new(Exit::Usage, message, "pipe it in, as one line"));
    }
    Ok(SecretString::from(text.trim()))
}

/// Where the files could go.
pub(super) fn proposed_folder(config: &Path, world: &World) -> String {
    let home = world.env.get("HOME").filter(|_| !config.starts_with("/etc"));
    let folder = home.map(|home| Path::new(home).join("finance/bank"));
    let text = folder.as_ref().and_then(|folder| folder.to_str());
    text.unwrap_or("/srv/finance/bank").to_owned()
}

/// The first of the month that lies a while back.
pub(super) fn proposed_start(today: Day) -> Day {
    let back = today - chrono::Days::new(DAYS_BEFORE);
    back.with_day(1).unwrap_or(back)
}

impl Setup<'_> {
    /// Whether to take what is proposed; else asks about each account.
    pub(super) fn agree(&mut self, picked: &mut Vec<Picked>) -> Result<(), Failure> {
        if self.command.yes || picked.is_empty() {
            return Ok(());
        }
        let words = "Take these names, types and ledger accounts";
        if self.world.ask_yes_no(words, true).map_err(unanswered)? {
            return Ok(());
        }
        let mut at = 0;
        while at < picked.len() {
            let words = shown::told(&picked[at].found);
            let ways = ["take it as proposed", "change it", "leave it out"].map(str::to_owned);
            match self.world.ask_choice(&words, &ways, 0).map_err(unanswered)? {
                2 => drop(picked.remove(at)),
                way => {
                    if way == 1 {
                        self.change(picked, at)?;
                    }
                    at += 1;
                }
            }
        }
        self.take(picked);
        Ok(())
    }

    fn change(&mut self, picked: &mut [Picked], at: usize) -> Result<(), Failure> {
        let proposed = picked[at].account.name.to_string();
        self.tried(picked, at, "  Its name, for ever", &proposed, |account, answer| {
            account.name = name(answer)?;
            Ok(())
        })?;
        let kinds = AccountType::ALL.map(|kind| kind.word().to_owned());
        let before = picked[at].account.kind;
        let first = AccountType::ALL.iter().position(|kind| *kind == before).unwrap_or(0);
        let chosen = self.world.ask_choice("  Its type", &kinds, first).map_err(unanswered)?;
        let kind = AccountType::ALL[chosen];
        picked[at].account.kind = kind;
        picked[at].account.balance_sign = auto(kind);
        let ledger = &picked[at].account.ledger;
        let moves = kind.is_debt() != before.is_debt();
        let proposed = if moves { among(ledger, kind.is_debt()) } else { ledger.clone() };
        self.tried(picked, at, "  Its account in your ledger", &proposed, |account, answer| {
            answer.clone_into(&mut account.ledger);
            Ok(())
        })
    }

    /// Asks for a text of one account until it fits with all others.
    fn tried(
        &mut self,
        picked: &mut [Picked],
        at: usize,
        words: &str,
        proposed: &str,
        put: impl Fn(&mut NewAccount, &str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        loop {
            let answer = self.world.ask_text(words, Some(proposed)).map_err(unanswered)?;
            let fits = put(&mut picked[at].account, &answer).and_then(|()| {
                self.take(picked);
                self.fits()
            });
            match fits {
                Ok(()) => return Ok(()),
                Err(wrong) => shown::complain(&wrong, self.world),
            }
        }
    }

    /// Where the files go.
    pub(super) fn folder(&mut self) -> Result<(), Failure> {
        if let Some(folder) = &self.command.output_dir {
            let folder = self.world.cwd.join(folder);
            let text = folder.to_str().ok_or_else(|| {
                wrong("the path of --output-dir is no UTF-8 text", "choose another one")
            })?;
            return self.put_folder(text);
        }
        let proposed = self.first.output_dir.clone();
        if self.command.yes {
            return self.put_folder(&proposed);
        }
        loop {
            let words = "Where do the files go";
            let answer = self.world.ask_text(words, Some(&proposed)).map_err(unanswered)?;
            match self.put_folder(&answer) {
                Ok(()) => return Ok(()),
                Err(wrong) => shown::complain(&wrong, self.world),
            }
        }
    }

    /// Takes a folder as it is typed at a shell: seen from the working folder, and from the home
    /// behind a `~`.
    fn put_folder(&mut self, typed: &str) -> Result<(), Failure> {
        let home = self.world.env.get("HOME").and_then(|home| home.to_str());
        let whole = match (typed.strip_prefix('~'), home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                format!("{home}{rest}")
            }
            _ => self.world.cwd.join(typed).to_string_lossy().into_owned(),
        };
        self.first.output_dir = whole;
        self.fits()?;
        Ok(files::could_make(&self.meaning()?.files.output_dir)?)
    }

    /// From which day on.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        let today = self.today;
        if self.command.start_date.is_none() && !self.command.yes {
            let proposed = self.first.start_date.to_string();
            let read = |answer: &str| past_day(answer, today);
            self.first.start_date = until(self.world, "From which day on", Some(&proposed), read)?;
        }
        past_day(&self.first.start_date.to_string(), today)?;
        self.fits()
    }

    /// Which accounts another journal has already, and up to which day.
    pub(super) fn kept_by_hand(&mut self, picked: &mut [Picked]) -> Result<(), Failure> {
        if self.command.yes || picked.is_empty() {
            return Ok(());
        }
        let mut words = "Is one of them in a journal of yours already";
        loop {
            let is_open = |picked: &&mut Picked| picked.account.opening_entry;
            let mut open: Vec<&mut Picked> = picked.iter_mut().filter(is_open).collect();
            let names = open.iter().map(|picked| picked.account.name.to_string());
            let items: Vec<String> = std::iter::once("no".to_owned()).chain(names).collect();
            let chosen = self.world.ask_choice(words, &items, 0).map_err(unanswered)?;
            let Some(picked) = chosen.checked_sub(1).and_then(|at| open.get_mut(at)) else {
                return Ok(());
            };
            let last = format!("  {}: its last day there", picked.account.name);
            let today = self.today;
            let last = until(self.world, &last, None, |answer| past_day(answer, today))?;
            picked.account.start_date = last.succ_opt();
            picked.account.opening_entry = false;
            words = "Another one";
        }
    }

    /// What the balances of debts mean.
    pub(super) fn debts(&mut self, picked: &mut [Picked]) -> Result<(), Failure> {
        if self.command.yes {
            return Ok(());
        }
        for at in 0..picked.len() {
            let Some(Owing { words, answers }) = owing(&picked[at]) else { continue };
            let ways: Vec<String> = answers.iter().map(|(words, _)| words.clone()).collect();
            let chosen = self.world.ask_choice(&words, &ways, 0).map_err(unanswered)?;
            let Some((_, answer)) = answers.get(chosen) else { continue };
            picked[at].account.balance_sign = answer.sign;
            self.among_its_like(picked, at, answer.is_debt);
        }
        Ok(())
    }

    /// An account that was proposed among what the owner has, and is a debt, moves to the debts; and
    /// the reverse.
    fn among_its_like(&mut self, picked: &mut [Picked], at: usize, is_debt: bool) {
        let before = picked[at].account.ledger.clone();
        let ledger = among(&before, is_debt || picked[at].account.kind.is_debt());
        if ledger == before {
            return;
        }
        picked[at].account.ledger = ledger;
        self.take(picked);
        if self.fits().is_ok() {
            self.world.complain(&format!("  which makes it {}", picked[at].account.ledger));
        } else {
            picked[at].account.ledger = before;
        }
    }
}

/// A ledger account among the debts, or among what one has, where it is named as proposals are.
fn among(ledger: &str, debts: bool) -> String {
    let (from, to) = if debts { ("Assets:", "Liabilities:") } else { ("Liabilities:", "Assets:") };
    ledger.strip_prefix(from).map_or_else(|| ledger.to_owned(), |rest| format!("{to}{rest}"))
}

fn name(text: &str) -> Result<Name, Failure> {
    Name::parse(text).map_err(|error| wrong(error.to_string(), "type it so"))
}

/// Asks for a text until it can be read; Enter alone takes the proposed one.
fn until<T>(
    world: &mut World,
    words: &str,
    proposed: Option<&str>,
    read: impl Fn(&str) -> Result<T, Failure>,
) -> Result<T, Failure> {
    loop {
        let answer = world.ask_text(words, proposed).map_err(unanswered)?;
        match read(&answer) {
            Ok(meant) => return Ok(meant),
            Err(wrong) => shown::complain(&wrong, world),
        }
    }
}

/// A day that has come.
fn past_day(text: &str, today: Day) -> Result<Day, Failure> {
    let day = civil_day(text).filter(|_| text.len() == 10);
    let day = day.ok_or_else(|| wrong(format!("{text:?} is no day"), "write it as 2026-01-31"))?;
    if day > today {
        return Err(wrong(format!("{day} is yet to come"), "name a day that was, or today"));
    }
    Ok(day)
}

fn wrong(message: impl Into<String>, help: &str) -> Failure {
    Failure::new(Exit::Usage, message, help)
}

fn unanswered(why: NotAsked) -> Failure {
    let help = "nothing was written; run it again, or pass --yes --family NAME --user-id ID \
                --key-stdin and what else `sophtron-sync init --help` tells";
    Failure::new(Exit::Usage, why.to_string(), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        civil_day(text).expect("a day")
    }

    #[test]
    fn the_first_of_a_month_is_proposed() {
        for (today, start) in [
            ("2026-11-30", "2026-08-01"),
            ("2026-05-01", "2026-01-01"),
            ("2026-04-30", "2025-12-01"),
        ] {
            assert_eq!(proposed_start(day(today)), day(start), "{today}");
        }
    }

    #[test]
    fn a_day_must_have_come() {
        let today = day("2026-03-04");
        assert_eq!(past_day("2026-03-04", today).ok(), Some(today));
        for text in ["2026-03-05", "2026-3-4", "yesterday", "2026-02-30", "2026-03-04T00:00"] {
            assert!(past_day(text, today).is_err(), "{text}");
        }
    }
}
