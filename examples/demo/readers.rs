//! What hledger and ledger make of the files, beside the bank's own books.

use std::collections::BTreeMap;
use std::process::Command;

use rust_decimal::Decimal;
use sophtron_sync::domain::parse_decimal;

use crate::LINKED;
use crate::home::{Failed, Home};

/// Accounts of the owner's ledger: amount and commodity.
type Balances = BTreeMap<String, (Decimal, String)>;

const READERS: [&str; 2] = ["hledger", "ledger"];

/// Lets every reader that is installed read the files, and compares.
pub(crate) fn judge(home: &Home) -> Result<(), Failed> {
    home.tell(&["What do hledger and ledger make of the files, and what does the bank say?"]);
    let (there, missing): (Vec<_>, Vec<_>) =
        READERS.into_iter().partition(|program| installed(program));
    let mut columns = vec![("the bank", bank(home))];
    for program in there {
        columns.push((program, read(home, program)?));
    }
    print(&columns);
    println!("\nThe files: {}", home.folder().join("bank/all.ledger").display());
    if !missing.is_empty() {
        let names = missing.join(" ");
        println!("Not installed: {names}. On Debian: sudo apt-get install {names}");
    }
    verdict(&columns)
}

/// The balances that a program reads, after its own checks pass.
fn read(home: &Home, program: &str) -> Result<Balances, Failed> {
    let strict = if program == "hledger" { "check -s" } else { "--pedantic bal >/dev/null" };
    home.shell(&format!("{program} -f bank/smith/checks.journal {strict} && echo good"))?;
    let balances = "bal --flat -E --no-total Assets Liabilities";
    let printed = home.shell(&format!("{program} -f bank/all.ledger {balances}"))?;
    printed.lines().map(balance).collect()
}

fn verdict(columns: &[(&str, Balances)]) -> Result<(), Failed> {
    let (_, truth) = &columns[0];
    if let Some((name, _)) = columns.iter().find(|(_, read)| read != truth) {
        return Err(Failed(format!("{name} reads other balances than the bank's")));
    }
    let names: Vec<_> = columns[1..].iter().map(|(name, _)| *name).collect();
    if !names.is_empty() {
        let names = names.join(" and ");
        println!("The bank, {names} agree on the balance of all {} accounts.", truth.len());
    }
    Ok(())
}

fn print(columns: &[(&str, Balances)]) {
    print!("\n{:26}", "");
    for (name, _) in columns {
        print!("{name:>17}");
    }
    println!();
    for account in columns[0].1.keys() {
        print!("{account:26}");
        for (_, balances) in columns {
            match balances.get(account) {
                Some((amount, commodity)) => print!("{amount:>13.2} {commodity}"),
                None => print!("{:>17}", "-"),
            }
        }
        println!();
    }
}

fn installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|ran| ran.status.success())
}

/// The bank's own books of the linked accounts, what is owed being negative.
fn bank(home: &Home) -> Balances {
    home.bank.edit(|world| {
        let linked =
            world.accounts().filter(|account| LINKED.contains(&account.suggestion.name.as_str()));
        let books = linked.map(|account| {
            let it = &account.suggestion;
            (it.ledger.clone(), (account.books().normalize(), it.currency.clone()))
        });
        books.collect()
    })
}

/// Reads a line as both programs print it: `  -18.40 USD  Assets:Bank:Joint Checking`.
fn balance(line: &str) -> Result<(String, (Decimal, String)), Failed> {
    let read = || {
        let (amount, account) = line.trim().split_once("  ")?;
        let (amount, commodity) = amount.split_once(' ')?;
        let amount = parse_decimal(amount)?.normalize();
        Some((account.trim().to_owned(), (amount, commodity.to_owned())))
    };
    read().ok_or_else(|| Failed(format!("a balance that is none: {line:?}")))
}
