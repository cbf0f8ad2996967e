//! The whole program in a minute: a bank beside it, a home in a temporary folder, two families.
//!
//! ```sh
//! cargo run --example demo              # ends by itself, leaves nothing behind
//! cargo run --example demo -- --keep    # bank and home stay until Ctrl-C
//! ```
//!
//! What is printed behind a `$` is what an owner would type. The commands of `sophtron-sync` run
//! through the library's own entry; everything else is run by `sh`. Where hledger and ledger are
//! installed, what they make of the files is held against the bank's own books: the demo fails
//! where one of them differs.

#[path = "../sandbox/bank/mod.rs"]
mod bank;
mod home;
mod readers;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use bank::{Bank, World, history};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use home::{Failed, Home};

/// The accounts that are linked; the bank has more.
const LINKED: [&str; 6] = [
    "joint-checking",
    "rainy-day-savings",
    "harbor-rewards-visa",
    "cheques",
    "cash-back-mastercard",
    "mortgage",
];

/// How much history the families have.
const DAYS: u64 = 120;

fn main() -> ExitCode {
    let keep = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--keep") => true,
        Some(other) => {
            eprintln!("{other} is not known\nusage: cargo run --example demo [-- --keep]");
            return ExitCode::from(2);
        }
    };
    match demo(keep) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(why)) => {
            println!("\nThe demo failed: {why}");
            ExitCode::FAILURE
        }
    }
}

fn demo(keep: bool) -> Result<(), Failed> {
    let today = now().date_naive();
    let yesterday = today - Days::new(1);
    let start = today - Days::new(DAYS);
    let bank = Bank::start(history::two_families(7, start, yesterday));
    let mut home = Home::new(bank, morning(yesterday), colour())?;
    set_up(&home, start)?;
    first_sync(&home, start)?;
    home.now = now();
    news(&home, today);
    second_sync(&home, today)?;
    readers::judge(&home)?;
    requests(&home)?;
    if keep {
        return stay(&home);
    }
    println!("Bank and files are gone now. To play with them: cargo run --example demo -- --keep");
    Ok(())
}

fn set_up(home: &Home, start: NaiveDate) -> Result<(), Failed> {
    let url = home.bank.base_url();
    home.tell(&[
        "A bank of our own is open on this machine: it speaks as Sophtron does, at",
        &url,
        "Beside it is a new home with a configuration:",
    ]);
    home.configure(start, &LINKED)?;
    home.shell(&format!("cd {}", home.folder().display()))?;
    home.shell("head -n 22 sophtron-sync.toml")?;
    home.tell(&["Once: an identity, and each family's key pair, encrypted to it."]);
    home.run("keygen")?;
    for family in ["smith", "tremblay"] {
        home.run(&format!("credentials set {family}"))?;
    }
    home.tell(&["Is all well? And what else is there to be linked?"]);
    home.run("check")?;
    home.run("accounts smith")
}

fn first_sync(home: &Home, start: NaiveDate) -> Result<(), Failed> {
    home.tell(&["The first sync. (The program is told that it is yesterday morning.)"]);
    home.run("sync")?;
    home.tell(&["What came: a folder an account, a file a year and format."]);
    home.shell("ls bank bank/smith bank/smith/joint-checking")?;
    home.shell(&format!("head -n 17 bank/smith/joint-checking/{}", ledger_file(start)))?;
    home.shell("mkdir old && cp bank/smith/joint-checking/*.ledger old")?;
    Ok(())
}

/// A day goes by, on which the bank books three rows.
fn news(home: &Home, today: NaiveDate) {
    home.tell(&["A day goes by. Groceries are paid, wages come in."]);
    home.bank.edit(|world| {
        add(world, "joint-checking", today, "-18.40", "POS 0417 GREEN GROCER #12")
            .merchant("Green Grocer")
            .category("Groceries");
        add(world, "harbor-rewards-visa", today, "-6.25", "SQ *CORNER BAKERY")
            .merchant("Corner Bakery");
        add(world, "cheques", today, "2895.12", "PAIE ATELIER TREMBLAY INC").category("Salaire");
        // The service learns of it when it is asked to look again.
        world.today = today;
    });
}

fn add<'a>(
    world: &'a mut World,
    name: &str,
    day: NaiveDate,
    amount: &str,
    text: &str,
) -> &'a mut bank::Row {
    let mut accounts = world.accounts_mut();
    let account = accounts.find(|account| account.suggestion.name == name).expect("it is there");
    account.add_row_on(day, amount, text).shown(bank::Shown::From(day))
}

fn second_sync(home: &Home, today: NaiveDate) -> Result<(), Failed> {
    home.run("sync")?;
    home.tell(&["One new row is one hunk of one ledger file:"]);
    let file = ledger_file(today);
    let diff = format!("diff -U2 -N old/{file} bank/smith/joint-checking/{file} | cut -f1");
    let hunks = home.shell(&diff)?.lines().filter(|line| line.starts_with("@@")).count();
    if hunks != 1 {
        return Err(Failed(format!("there are {hunks} hunks")));
    }
    home.tell(&["Without news no file is touched."]);
    home.run("sync smith")?;
    home.run("status")
}

/// The name of the ledger file that a row of a day stands in.
fn ledger_file(day: NaiveDate) -> String {
    format!("{}.ledger", day.format("%Y"))
}

/// What the bank says of the way in which it was asked.
fn requests(home: &Home) -> Result<(), Failed> {
    let refused = home.bank.calls().into_iter().find_map(|call| call.refusal);
    if let Some(why) = refused.or(home.bank.violations().into_iter().next()) {
        return Err(Failed(format!("the bank refused a request: {why}")));
    }
    println!("The bank answered {} requests and refused none.", home.bank.calls().len());
    Ok(())
}

/// Leaves bank and home as they are until Ctrl-C.
fn stay(home: &Home) -> Result<(), Failed> {
    let config = home.folder().join("sophtron-sync.toml");
    let all = home.folder().join("bank/all.ledger");
    println!("\nBank and home stay until Ctrl-C. In another terminal, from this checkout:\n");
    println!("  export SOPHTRON_SYNC_CONFIG={}", config.display());
    println!("  cargo run -- status -v");
    println!("  cargo run -- sync");
    println!("  hledger -f {} register Assets:Bank", all.display());
    println!("\nThe files are in {}", home.folder().join("bank").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let waited = runtime.and_then(|runtime| runtime.block_on(tokio::signal::ctrl_c()));
    println!("\nBank closed, home removed.");
    waited.map_err(|error| Failed(format!("cannot wait for Ctrl-C: {error}")))
}

fn morning(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + chrono::TimeDelta::minutes(450)
}

#[allow(clippy::disallowed_methods, reason = "the demo is set in the present")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[allow(clippy::disallowed_methods, reason = "a terminal's owner may not want colour")]
fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}
