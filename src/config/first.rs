//! The first configuration, as it is made for its owner: its comments explain each line.

use std::path::Path;

use toml_edit::Value;

use super::base_url::SERVICE;
use super::{Config, ConfigError, Env, NewAccount, preview};
use crate::domain::{Day, Name};

/// The most characters of a bank's own words in a comment.
const LONGEST_WORDS: usize = 90;

/// What a first configuration says.
#[derive(Debug, Clone)]
pub struct First {
    /// Where the files go.
    pub output_dir: String,
    /// The family's name.
    pub family: Name,
    /// The service's address, where it is not the usual one.
    pub base_url: Option<String>,
    /// The first day that is asked for.
    pub start_date: Day,
    /// Its accounts.
    pub accounts: Vec<FirstAccount>,
}

/// An account of a first configuration.
#[derive(Debug, Clone)]
pub struct FirstAccount {
    /// What the bank calls it, for a comment.
    pub told: String,
    /// What is configured of it.
    pub account: NewAccount,
}

impl First {
    /// What it means at a path.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] with everything that is wrong in it.
    pub fn meaning(&self, path: &Path, env: &Env) -> Result<Config, ConfigError> {
        preview(&self.text(), path, env)
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { output_dir, family, base_url, start_date, accounts } = self;
        let output_dir = Value::from(output_dir);
        let address = base_url.as_ref().filter(|address| *address != SERVICE);
        let address = address.map(|address| {
            let address = Value::from(address);
            format!("# The service. Without https only on this machine.\nbase_url = {address}\n")
        });
        let address = address.unwrap_or_default();
        let accounts: String = accounts.iter().map(FirstAccount::text).collect();
        format!(
            "\
# Where sophtron-sync puts its files, and which accounts it reads. Made by `sophtron-sync init`;
# from now on it is yours to edit. A daemon takes an edit within seconds, and
# `sophtron-sync check --offline` says what is wrong with one. What else can stand here, with all
# defaults, is in sophtron-sync.toml.example.
#
# Paths are absolute, or seen from this file. Beside it is identity.txt, which opens the
# credentials: keep a copy of that elsewhere.

# Where the files go; each family has a folder in it.
output_dir = {output_dir}

# One set of Sophtron credentials.
[[family]]
# Names its folder, once and for ever.
name = \"{family}\"
# Its user id and access key, encrypted. `sophtron-sync credentials set {family}` sets new ones.
credentials_file = \"credentials/{family}.age\"
{address}# Nothing earlier is ever asked for or booked.
start_date = {start_date}

# Its accounts. `sophtron-sync accounts {family}` lists all that there are, and how to link one
# more. The keys of each:
#   id, login      what Sophtron calls the account, and the login that it belongs to
#   name           names its folder, once and for ever
#   type           depository, credit_card, investment, loan or other
#   ledger         the account in your ledger; may be changed at will, history is rewritten
#   start_date     its own first day, instead of the family's
#   balance_sign   what a positive balance means: \"owed\" (a debt), \"signed\" (what it says), or
#                  \"auto\" (proved by how it moves with new rows; until then no opening, no OFX)
#   opening_entry  false: your own journal already holds the balance at the start date
{accounts}"
        )
    }
}

impl FirstAccount {
    fn text(&self) -> String {
        format!("\n# {}\n{}", in_a_comment(&self.told), self.account.block("\n"))
    }
}

/// A bank's words as one line without anything that TOML forbids in comments.
fn in_a_comment(text: &str) -> String {
    let spaced = text.replace(char::is_control, " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountId, AccountType, BalanceSign, LoginId};

    fn name(text: &str) -> Name {
        Name::parse(text).expect("a name")
    }

    fn first() -> First {
        let account = NewAccount {
            id: AccountId::new("a3c9e1d4"),
            login: Some(LoginId::new("6f1d0c52")),
            name: name("visa"),
            kind: AccountType::CreditCard,
            ledger: "Liabilities:\"Visa\"".to_owned(),
            currency: None,
            start_date: Day::from_ymd_opt(2026, 4, 1),
            balance_sign: Some(BalanceSign::Owed),
            opening_entry: false,
        };
        let told = "Bank\u{7} of\r\n[[x]] \u{1b}[31m".to_owned();
        First {
            output_dir: "/home/you \"and\" me\\/bank".to_owned(),
            family: name("smith"),
            base_url: Some("http://127.0.0.1:8080/api".to_owned()),
            start_date: Day::from_ymd_opt(2026, 3, 1).expect("a day"),
            accounts: vec![FirstAccount { told, account }],
        }
    }

    #[test]
    fn the_text_means_what_it_was_made_of() {
        let env = Env::from_pairs([("HOME", "/home/you")]);
        let config = first().meaning(Path::new("/home/you/x.toml"), &env).expect("valid");
        assert_eq!(config.files.output_dir, Path::new("/home/you \"and\" me\\/bank"));
        let family = &config.families[0].family;
        assert_eq!(family.base_url, "http://127.0.0.1:8080/api");
        assert_eq!(family.start_date.map(|day| day.to_string()).as_deref(), Some("2026-03-01"));
        let account = &family.accounts[0];
        assert_eq!((account.name.as_str(), &*account.ledger), ("visa", "Liabilities:\"Visa\""));
        assert_eq!((account.balance_sign, account.opening_entry), (BalanceSign::Owed, false));
        assert!(first().text().contains("\n# Bank of [[x]] [31m\n[[family.account]]\n"));
    }

    #[test]
    fn every_key_is_explained_by_its_own_comment_or_the_list() {
        let text = first().text();
        let (head, blocks) = text.split_once("opening_entry  false").expect("the list");
        let lines: Vec<&str> = head.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(" = ")) {
            assert!(lines[at - 1].starts_with("# "), "{line}");
        }
        for line in blocks.lines().filter(|line| line.contains(" = ")) {
            let key = line.split(' ').next().unwrap_or_default();
            let explained = text.lines().any(|line| {
                let words = line.strip_prefix("#   ").unwrap_or_default();
                words.split([' ', ',']).take(3).any(|word| word == key)
            });
            assert!(explained, "{key}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 100));
    }
}
