//! `connect`: a bank connected at the service, or its login changed; its accounts linked here.
//!
//! The service is asked, and the bank answered, by the daemon where one runs; the configuration is
//! edited by whoever calls. Between the two goes what `accounts --json` prints of the new login.

use std::path::Path;

use super::accounts;
use super::args::{Connect, History};
use super::banks::{self, Open, shown};
use super::found::{self, Found};
use super::tried::Tried;
use super::walk::{Over, Walked, Whom, in_words, walk};
use super::{World, ground, link, remote, text};
use crate::config;
use crate::domain::{
    BankLogin, Exit, HistoryDepth, Institution, KeptLogin, LoginId, NotAsked, ReceivedAccount,
    ReceivedLogin,
};
use crate::round::{self, Failure};
use crate::sync::{Connection, JobEnd, Standing, Talk};

pub(super) fn run(
    command: &Connect,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Exit, Failure> {
    if world.lent.is_some() {
        let found = at_service(command, flag, world)?;
        world.say(&accounts::json(found));
        return Ok(Exit::Good);
    }
    let path = config::find(flag, &world.env, &world.cwd)?;
    let found = match remote::through(&path, &words(command), world)? {
        Some((Exit::Good, answer)) => accounts::read(&answer).ok_or_else(|| {
            let help = "end it and start the one of this version";
            Failure::new(Exit::TryLater, "what the daemon found is not understood", help)
        })?,
        Some((exit, _)) => return Ok(exit),
        None => at_service(command, flag, world)?,
    };
    link_found(command, flag, found, world)
}

/// The command as it is typed.
fn words(command: &Connect) -> Vec<&str> {
    let mut words = vec!["connect", command.family.as_str()];
    words.extend(command.query.as_deref());
    if command.update {
        words.push("--update");
    } else {
        words.extend(["--history", word(command.history)]);
    }
    words
}

fn word(history: History) -> &'static str {
    match history {
        History::Shallow => "shallow",
        History::Transactions => "transactions",
        History::Full => "full",
    }
}

/// Connects the bank, or changes the login, and gives the login's accounts.
fn at_service(
    command: &Connect,
    flag: Option<&Path>,
    world: &mut World,
) -> Result<Vec<Found>, Failure> {
    let config = ground::configuration(flag, world)?;
    let open = Open::of(&command.family, config, world)?;
    let query = command.query.as_deref();
    if command.update {
        return update(query, &open, world);
    }
    let bank = banks::chosen(query, &open, world)?;
    let connection = Connection { logins: &open.logins, institution: &bank };
    let name = shown(&bank.name, 40);
    // Two at once beside a daemon would take one another for what broke off.
    let key = LoginId::new(&format!("{} {}", open.name, bank.id));
    let Some(_mine) = ground::berths(world).answer(&key) else {
        return Err(busy(&format!("{name} is being connected already")));
    };
    if open.wait(connection.is_begun())? {
        world.complain(&format!(
            "{name} was begun to be connected before: that is looked for and gone on with"
        ));
    }
    let (login, typed) = match open.wait(connection.standing())? {
        Standing::Free => create(command, &connection, &open, world)?,
        Standing::Connected(logins) => {
            another(&name, &logins, &open, world)?;
            create(command, &connection, &open, world)?
        }
        Standing::UnderWay(login) => (login, None),
        Standing::Refused(login) => {
            world.complain(&format!("{name} refused the login that was typed: type it anew"));
            correct(&connection, &open, login, world)?
        }
        Standing::Through(login) => return through(&connection, &open, &login, world),
    };
    match answered(&open, &login, typed.as_ref(), &name, world)? {
        Over { end: JobEnd::Done, .. } => through(&connection, &open, &login, world),
        over => {
            let tried =
                Tried { name: &name, family: &open.name, login: &login.id, bank: Some(&bank.id) };
            Err(tried.failed(&over))
        }
    }
}

/// Asks whether a second login at a bank is meant.
fn another(name: &str, logins: &[LoginId], open: &Open, world: &mut World) -> Result<(), Failure> {
    let family = &open.name;
    let ids: Vec<&str> = logins.iter().map(LoginId::as_str).collect();
    let message = format!("{family} has a login at {name} already: {}", ids.join(", "));
    let help = format!(
        "its accounts are listed by sophtron-sync accounts {family}; with another password it stays the same login: sophtron-sync connect {family} {} --update",
        ids[0]
    );
    world.complain(&format!("note: {message}\n  help: {help}"));
    match world.ask_yes_no("Connect another login there", false) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(Exit::Usage, "nothing was connected", help)),
        Err(NotAsked::NoTerminal) => Err(Failure::new(Exit::Usage, message, help)),
        Err(error) => Err(Failure::new(Exit::Usage, error.to_string(), help)),
    }
}

fn create(
    command: &Connect,
    connection: &Connection<'_>,
    open: &Open,
    world: &mut World,
) -> Result<(KeptLogin, Option<BankLogin>), Failure> {
    let data = banks::fill(connection.institution, world)?;
    let depth = match command.history {
        History::Shallow => HistoryDepth::Shallow,
        History::Transactions => HistoryDepth::Transactions,
        History::Full => HistoryDepth::Full,
    };
    world.complain("The bank is asked now. That may take some minutes; keep its code at hand.");
    let login = open.wait(connection.create(depth, &data))?;
    Ok((login, Some(data)))
}

/// Has a login tried again with what is typed now.
fn correct(
    connection: &Connection<'_>,
    open: &Open,
    mut login: KeptLogin,
    world: &mut World,
) -> Result<(KeptLogin, Option<BankLogin>), Failure> {
    let data = banks::fill(connection.institution, world)?;
    open.wait(open.logins.update(&mut login, &data))?;
    let login = open.wait(connection.start_again(login))?;
    Ok((login, Some(data)))
}

/// The bank is through: its accounts.
fn through(
    connection: &Connection<'_>,
    open: &Open,
    login: &KeptLogin,
    world: &mut World,
) -> Result<Vec<Found>, Failure> {
    let accounts = open.wait(connection.accounts(&login.id))?;
    open.wait(connection.end())?;
    let bank = connection.institution;
    world.complain(&format!("{} is connected: login {}", shown(&bank.name, 40), login.id));
    found(open, login, bank, accounts)
}

fn found(
    open: &Open,
    login: &KeptLogin,
    bank: &Institution,
    accounts: Vec<ReceivedAccount>,
) -> Result<Vec<Found>, Failure> {
    let family = open.family()?;
    let one = |account| found::one(family, login.id.as_str(), Some(bank.name.clone()), account);
    Ok(accounts.into_iter().map(one).collect())
}

/// Gives a login another name and password, and has the bank try them.
fn update(query: Option<&str>, open: &Open, world: &mut World) -> Result<Vec<Found>, Failure> {
    let listed = open.wait(open.logins.listed())?;
    let chosen = match query {
        Some(typed) => open.login_named(typed, &listed)?,
        None => choose(&listed, open, world)?,
    };
    let bank = open.bank_of(chosen)?;
    let name = shown(&bank.name, 40);
    let mut login = open.wait(open.logins.kept(&chosen.id))?;
    world.complain(&format!("{name}, login {}", login.id));
    let data = banks::fill(&bank, world)?;
    open.wait(open.logins.update(&mut login, &data))?;
    world.complain("The service has the new login. The bank is asked with it now.");
    // What was begun with the old one comes to its end first: there is one job a login.
    let typed = Some(&data);
    if login.job.is_none() || answered(open, &login, typed, &name, world)?.end != JobEnd::Done {
        let mut login = open.wait(open.logins.kept(&chosen.id))?;
        open.wait(open.logins.verify(&mut login))?;
        let over = answered(open, &login, typed, &name, world)?;
        if over.end != JobEnd::Done {
            let tried = Tried { name: &name, family: &open.name, login: &login.id, bank: None };
            return Err(tried.failed(&over));
        }
    }
    world.complain(&format!("{name} takes the new login."));
    let accounts = open.wait(open.logins.accounts_of(&login.id))?;
    found(open, &login, &bank, accounts)
}

fn choose<'l>(
    listed: &'l [ReceivedLogin],
    open: &Open,
    world: &mut World,
) -> Result<&'l ReceivedLogin, Failure> {
    let family = &open.name;
    let help = format!("name one: sophtron-sync connect {family} LOGIN --update");
    if listed.is_empty() {
        let message = format!("{family} has no login at the service");
        let help = format!("connect a bank: sophtron-sync connect {family}");
        return Err(Failure::new(Exit::Usage, message, help));
    }
    let mut items = Vec::new();
    for login in listed {
        items.push(format!("{}  {}", shown(&open.bank_of(login)?.name, 36), login.id));
    }
    match world.ask_choice("Which login", &items, 0) {
        Ok(place) => Ok(&listed[place]),
        Err(error) => {
            if error == NotAsked::NoTerminal {
                for line in &items {
                    world.complain(line);
                }
            }
            Err(Failure::new(Exit::Usage, error.to_string(), help))
        }
    }
}

/// Stays with the login's job until it has ended, and has the owner answer what the bank asks.
fn answered(
    open: &Open,
    login: &KeptLogin,
    typed: Option<&BankLogin>,
    bank: &str,
    world: &mut World,
) -> Result<Over, Failure> {
    let Some(_mine) = ground::berths(world).answer(&login.id) else {
        return Err(busy(&format!("{bank} is being answered already")));
    };
    let Some(answering) = open.wait(open.logins.answering(login, typed, bank))? else {
        return Ok(Over { end: JobEnd::Gone, talk: Talk::Nothing });
    };
    let later = format!("sophtron-sync answer {}/{}", open.name, login.id);
    let whom = Whom { bank, login: bank, later: Some(&later) };
    let why = match walk(answering, &open.runs, &whom, world)? {
        Walked::Over(over) => return Ok(over),
        Walked::Stopped => "the daemon stops".to_owned(),
        Walked::Unanswered { challenge, why, .. } => {
            format!("it asks {}, and {why}", in_words(&challenge))
        }
    };
    // So `answer` finds it, be it that nothing was asked yet.
    let mut kept = open.wait(open.logins.kept(&login.id))?;
    kept.blocked.get_or_insert_with(|| "it asked its owner a question".to_owned());
    open.wait(open.logins.save(&kept))?;
    let help = format!("go on with `{later}`");
    Err(Failure::new(Exit::Owner, format!("{bank} waits on: {why}"), help))
}

fn busy(message: &str) -> Failure {
    Failure::new(Exit::TryLater, message, "go on where that was begun")
}

/// Offers to link what was found, one account after the other.
fn link_found(
    command: &Connect,
    flag: Option<&Path>,
    found: Vec<Found>,
    world: &mut World,
) -> Result<Exit, Failure> {
    let family = &command.family;
    let (linked, free): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|account| account.linked.is_some());
    if linked.is_empty() && free.is_empty() {
        world.say("It shows no account yet. In some minutes:");
        world.say(&format!("    sophtron-sync accounts {family}"));
    }
    let config = round::configuration(flag, &world.env, &world.cwd)?;
    let known = round::family_named(&config, family)?;
    let (mut left, mut added) = (Vec::new(), false);
    for account in &free {
        if let Some(help) = link::goes_on(account, known, &config)? {
            world.say(&account.words());
            for line in text::wrap(&help, 74) {
                world.say(&format!("    {line}"));
            }
            continue;
        }
        let words = format!("Link {}", account.words());
        match world.ask_yes_no(&words, true) {
            Ok(true) => {
                let config = round::configuration(flag, &world.env, &world.cwd)?;
                link::add_found(family, account, &config, world)?;
                added = true;
            }
            Ok(false) => left.push(account),
            Err(_) => {
                left.extend(free.iter().skip_while(|other| other.id != account.id));
                break;
            }
        }
    }
    if added {
        world.say(&format!("Next: sophtron-sync sync {family}"));
    }
    if !left.is_empty() {
        world.say("Not linked:");
        for account in left {
            world.say(&format!("  {}", account.words()));
            world.say(&format!("    sophtron-sync link {family} {}", account.id));
        }
    }
    Ok(Exit::Good)
}
