//! A bank to play with by hand: the Sophtron API on this machine, for two invented families.
//!
//! ```sh
//! cargo run --example sandbox                      # a free port
//! cargo run --example sandbox -- --port 8080 --seed 7
//! ```
//!
//! It prints, for each family, the base URL, the user id and the access key, the accounts, and a
//! configuration to paste: store the pair with `sophtron-sync credentials set smith`. The eight test
//! banks of the real service may be connected, with any login name and password; a captcha is answered
//! by `asdf`, a question too, a code by `asdfg`. Then it prints a line for each call as it comes. Ctrl-C ends it; nothing is kept. The same seed gives
//! the same ids, keys and rows.

mod bank;

use std::fmt::Write as _;
use std::process::ExitCode;

use bank::{Bank, Call, User, World, family_toml};
use chrono::{Days, NaiveDate, Utc};

/// How much history there is.
const DAYS: u64 = 3 * 365;

/// What is read from the command line.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    port: u16,
    seed: u64,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => return fail(&message),
    };
    let today = today();
    let mut world = bank::history::two_families(options.seed, today - Days::new(DAYS), today);
    world.open_test_banks();
    let bank = match Bank::start_on(options.port, world) {
        Ok(bank) => bank,
        Err(error) => return fail(&format!("cannot listen on port {}: {error}", options.port)),
    };
    print!("{}", bank.edit(|world| introduction(world, &bank.base_url())));
    for call in bank.watch() {
        println!("{}", line(&call));
    }
    ExitCode::SUCCESS
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}\nusage: cargo run --example sandbox [-- --port N --seed N]");
    ExitCode::from(2)
}

#[allow(clippy::disallowed_methods, reason = "a bank to play with has today's rows")]
fn today() -> NaiveDate {
    Utc::now().date_naive()
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(name) = arguments.next() {
        let value = arguments.next().unwrap_or_default();
        let wrong = || format!("{name} takes a number, not {value:?}");
        match name.as_str() {
            "--port" => options.port = value.parse().map_err(|_| wrong())?,
            "--seed" => options.seed = value.parse().map_err(|_| wrong())?,
            _ => return Err(format!("{name} is not known")),
        }
    }
    Ok(options)
}

fn introduction(world: &World, base_url: &str) -> String {
    let mut text = format!("The sandbox bank is open at {base_url}\n");
    for user in &world.users {
        text += &family(user, base_url, world.today - Days::new(120));
    }
    text + "\nCalls as they come (Ctrl-C closes the bank):\n"
}

fn family(user: &User, base_url: &str, start: NaiveDate) -> String {
    let mut text = format!(
        "\n== {} ==\nuser id:    {}\naccess key: {}\n",
        user.name, user.id, user.access_key
    );
    for login in &user.logins {
        let _ = writeln!(text, "{} ({})", login.institution.name, login.id);
        for account in &login.accounts {
            let _ = writeln!(text, "    {}  {}", account.id, account.name);
        }
    }
    text + "\n" + &family_toml(user, base_url, start)
}

fn line(call: &Call) -> String {
    let user = call.user.as_deref().unwrap_or("-");
    let refusal = call.refusal.as_deref().unwrap_or_default();
    format!("{}  {}  {user}  {}  {refusal}", call.status, call.request, shown(call))
}

/// A call's body; whoever plays may type a password of his own.
fn shown(call: &Call) -> String {
    let mut body = call.body.clone();
    for name in ["UserName", "Password", "PIN", "CompanyID"] {
        if let Some(value) = body.get_mut(name).filter(|value| !value.is_null()) {
            *value = "…".into();
        }
    }
    body.to_string()
}
