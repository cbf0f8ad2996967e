//! What a new account could be called: name, type and ledger account, from what the service tells.

use deunicode::deunicode;

use super::ledger_name;
use crate::domain::{Account, AccountType, Name};

/// The most characters of a bank's name in a proposal.
const LONGEST_BANK: usize = 24;

/// What the service tells of an account.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'t> {
    /// The bank's name.
    pub institution: Option<&'t str>,
    /// The account's name.
    pub name: Option<&'t str>,
    /// Its kind, in the service's free words.
    pub kind: Option<&'t str>,
    /// The last letters or digits of its number.
    pub mask: Option<&'t str>,
}

/// A name, a type and a ledger account that nothing else of the family has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The folder's name.
    pub name: Name,
    /// The type.
    pub kind: AccountType,
    /// The account in the owner's ledger.
    pub ledger: String,
    /// Whether it is a bill, whose balance is what is owed (sophtron-api: billers).
    pub is_bill: bool,
}

/// Words of the service's free text, without anything but letters, that tell the type. The first
/// that is found decides.
const KINDS: [(&[&str], AccountType); 4] = [
    (&["loan", "mortgage", "lineofcredit", "heloc"], AccountType::Loan),
    (&["credit", "card"], AccountType::CreditCard),
    (
        &["invest", "broker", "retire", "pension", "rrsp", "tfsa", "rothira"],
        AccountType::Investment,
    ),
    (&["check", "chequ", "saving", "deposit", "moneymarket", "bank"], AccountType::Depository),
];

/// Words that tell a biller: what its balance says is owed to it.
const BILLS: [&str; 7] = ["utility", "utilities", "bill", "phone", "telecom", "electric", "water"];

/// Proposes what an account could be called, apart from the accounts that the family has.
#[must_use]
#[allow(clippy::missing_panics_doc, reason = "`account` is a name")]
pub fn propose(told: &Told<'_>, taken: &[Account]) -> Proposal {
    let kind = proposed_type(told);
    let bank = told.institution.or(told.name).map(plain).unwrap_or_default();
    let bank = if bank.is_empty() { "Bank".to_owned() } else { cut(&bank) };
    let what = [word(told, kind), &plain(told.mask.unwrap_or_default())].join(" ");
    let is_bill = kind == AccountType::Other && told.kind.is_some_and(|text| tells(text, &BILLS));
    let root = if kind.is_debt() || is_bill { "Liabilities" } else { "Assets" };
    let numbered = |number: usize| {
        let what = if number == 1 { what.clone() } else { format!("{} {number}", what.trim()) };
        let ledger = format!("{root}:{bank}:{}", what.trim());
        let free = taken.iter().all(|account| account.ledger != ledger);
        (free && ledger_name::account(&ledger).is_ok()).then_some(ledger)
    };
    let named = |number: usize| {
        let what = if number == 1 { what.clone() } else { format!("{what} {number}") };
        let name = Name::parse(&slug(&format!("{bank} {what}"))).ok()?;
        taken.iter().all(|account| account.name != name).then_some(name)
    };
    // Among one number more than there are accounts, one is free.
    let tries = 1..=taken.len() + 1;
    let name = tries.clone().find_map(named).or_else(|| Name::parse("account").ok());
    let ledger = tries.clone().find_map(numbered);
    Proposal {
        name: name.expect("`account` is a name"),
        kind,
        ledger: ledger.unwrap_or_else(|| format!("{root}:Bank:{}", taken.len() + 1)),
        is_bill,
    }
}

/// The type that an account seems to be of.
#[must_use]
pub fn proposed_type(told: &Told<'_>) -> AccountType {
    let of = |text: &str| KINDS.iter().find(|(words, _)| tells(text, words)).map(|(_, kind)| *kind);
    let kind = told.kind.and_then(of).or_else(|| told.name.and_then(of));
    kind.unwrap_or(AccountType::Other)
}

/// Whether the letters of a text hold one of these words.
fn tells(text: &str, words: &[&str]) -> bool {
    let letters = text.to_lowercase().replace(|c: char| !c.is_alphabetic(), "");
    words.iter().any(|word| letters.contains(word))
}

/// The word for an account of a type: what it is called in a ledger.
fn word(told: &Told<'_>, kind: AccountType) -> &'static str {
    let says = told.kind.or(told.name).unwrap_or_default().to_lowercase();
    match kind {
        AccountType::Depository if says.contains("saving") => "Savings",
        AccountType::Depository => "Checking",
        AccountType::CreditCard => "Card",
        AccountType::Investment => "Investment",
        AccountType::Loan if says.contains("mortgage") => "Mortgage",
        AccountType::Loan => "Loan",
        AccountType::Other => "Account",
    }
}

/// Letters, digits and single spaces.
fn plain(text: &str) -> String {
    let spaced = text.replace(|c: char| !c.is_alphanumeric() && c != '\'' && c != '&', " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The whole words of a text that fit.
fn cut(text: &str) -> String {
    let mut short = String::new();
    for word in text.split(' ') {
        if short.chars().count() + 1 + word.chars().count() > LONGEST_BANK {
            break;
        }
        short.push_str(if short.is_empty() { "" } else { " " });
        short.push_str(word);
    }
    if short.is_empty() { text.chars().take(LONGEST_BANK).collect() } else { short }
}

/// A text as it can be part of a folder's name: `Hydro-Québec` is `hydro-quebec`.
fn slug(text: &str) -> String {
    let lower = deunicode(text).to_lowercase().replace('\'', "");
    let spaced = lower.replace(|c: char| !c.is_ascii_alphanumeric(), " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let slug = words.join("-");
    slug.chars().take(Name::LONGEST).collect::<String>().trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bank_kind_and_last_digits_make_a_name() {
        let told = |institution, kind, mask| Told { institution, name: None, kind, mask };
        for (told, name, kind, ledger) in [
            (
                told(Some("First Harbor Bank"), Some("Checking"), Some("4417")),
                "first-harbor-bank-checking-4417",
                AccountType::Depository,
                "Assets:First Harbor Bank:Checking 4417",
            ),
            (
                told(Some("Caisse d'Épargne: [x];"), Some("CREDIT_CARD"), Some("0001")),
                "caisse-depargne-x-card-0001",
                AccountType::CreditCard,
                "Liabilities:Caisse d'Épargne x:Card 0001",
            ),
            (
                told(None, Some("Line of Credit"), None),
                "bank-loan",
                AccountType::Loan,
                "Liabilities:Bank:Loan",
            ),
            (
                told(Some("銀行"), None, Some("12")),
                "yin-xing-account-12",
                AccountType::Other,
                "Assets:銀行:Account 12",
            ),
        ] {
            let proposed = propose(&told, &[]);
            assert_eq!((proposed.name.as_str(), proposed.kind), (name, kind));
            assert_eq!(proposed.ledger, ledger);
        }
    }
}
