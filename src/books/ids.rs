//! Ids of our own making: minted row ids, the OFX account id, fingerprints of pending rows.

use uuid::{Uuid, uuid};

use super::Entry;
use crate::domain::{
    AccountId, Name, OfxIdentity, ReceivedAccount, ReceivedRow, sha256_hex, shortest,
};

/// The namespace of minted ids.
const MINTED: Uuid = uuid!("44d01bc0-d73f-54c3-a39f-957316b173cd");

/// Mints the id of a row that has none of its own: a version 5 UUID of the family, the account's first
/// name, the booked day, the booked amount without trailing zeros, the description as sent and
/// the occurrence among equal rows of that day, counted from 1.
pub(super) fn mint(
    family: &Name,
    first_name: &Name,
    entry: &Entry,
    row: &ReceivedRow,
    occurrence: usize,
) -> String {
    let description = row.description.as_deref().unwrap_or("");
    let amount = shortest(entry.amount.amount);
    let day = entry.day;
    let text = format!("{family}\n{first_name}\n{day}\n{amount}\n{description}\n{occurrence}");
    Uuid::new_v5(&MINTED, text.as_bytes()).to_string()
}

/// How OFX names an account, as first seen: at most 22 characters for ACCTID, 9 for BANKID.
#[must_use]
pub fn ofx_identity(
    family: &Name,
    first_name: &Name,
    first_id: &AccountId,
    received: &ReceivedAccount,
) -> OfxIdentity {
    let digest = sha256_hex(format!("{family}\n{first_id}").as_bytes());
    let name: String = first_name.as_str().chars().take(13).collect();
    OfxIdentity {
        bank_id: bank_id(received.routing_number.as_deref()),
        account_id: format!("{name}-{}", &digest[..8]),
        account_type: account_type(received).to_owned(),
    }
}

fn bank_id(routing_number: Option<&str>) -> String {
    let sound = |c: &char| c.is_ascii_alphanumeric();
    let kept: String = routing_number.unwrap_or("").chars().filter(sound).take(9).collect();
    if kept.is_empty() { "000000000".to_owned() } else { kept }
}

/// The words of a savings or money-market account, else checking.
fn account_type(received: &ReceivedAccount) -> &'static str {
    let texts = [&received.kind, &received.sub_kind, &received.name];
    let text = texts.into_iter().flatten().fold(String::new(), |text, part| text + " " + part);
    let text = text.to_lowercase().replace(['_', '-'], " ");
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if words.iter().any(|word| matches!(*word, "saving" | "savings")) {
        "SAVINGS"
    } else if words.windows(2).any(|pair| pair == ["money", "market"])
        || words.contains(&"moneymarket")
    {
        "MONEYMRKT"
    } else {
        "CHECKING"
    }
}

/// Tells a pending row again at a later read, whatever id it has then.
#[must_use]
pub fn pending_fingerprint(row: &ReceivedRow) -> String {
    let told = (row.day(), &row.amount, &row.description);
    sha256_hex(format!("{told:?}").as_bytes())[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Currency, Money, civil_day, parse_decimal};

    #[test]
    fn minted_ids_are_pure_functions_of_the_row() {
        let entry = Entry {
            day: civil_day("2026-03-02").unwrap(),
            amount: Money { amount: parse_decimal("-18.40").unwrap(), currency: Currency::usd() },
        };
        let row = ReceivedRow {
            description: Some("POS 0417 GREEN GROCER #12".into()),
            ..ReceivedRow::default()
        };
        let names = [Name::parse("smith").unwrap(), Name::parse("joint-checking").unwrap()];
        let minted = |occurrence| mint(&names[0], &names[1], &entry, &row, occurrence);
        assert_eq!(minted(1), "d941eb70-a507-55e0-b380-033343a85de6");
        assert_eq!(minted(2), "047ca024-77ee-5712-8f7f-b04bd1b66196");
    }

    fn received(kind: &str, name: &str, routing_number: Option<&str>) -> ReceivedAccount {
        ReceivedAccount {
            id: AccountId::new("a3c9e1d4-1111-4222-8333-444455556666"),
            login: None,
            name: Some(name.into()),
            mask: None,
            kind: Some(kind.into()),
            sub_kind: None,
            balance: crate::domain::Sent::Nothing,
            account_balance: crate::domain::Sent::Nothing,
            available: crate::domain::Sent::Nothing,
            cash: crate::domain::Sent::Nothing,
            currency: None,
            last_updated: None,
            status: None,
            routing_number: routing_number.map(str::to_owned),
            raw: String::new(),
        }
    }

    #[test]
    fn the_ofx_identity_is_the_first_one_and_never_a_full_number() {
        let names = [Name::parse("smith").unwrap(), Name::parse("joint-checking").unwrap()];
        let account = received("Checking", "Everyday", None);
        let identity = ofx_identity(&names[0], &names[1], &account.id, &account);
        assert_eq!(identity.account_id, "joint-checkin-8744b70f");
        assert_eq!(identity.bank_id, "000000000");
        assert_eq!(identity.account_type, "CHECKING");
        for (kind, name, word) in [
            ("Savings", "x", "SAVINGS"),
            ("Depository", "High-Yield Saving", "SAVINGS"),
            ("MONEY_MARKET", "x", "MONEYMRKT"),
            ("Checking", "Spendings", "CHECKING"),
        ] {
            assert_eq!(account_type(&received(kind, name, None)), word, "{kind} {name}");
        }
        assert_eq!(bank_id(Some("0210-00021x9")), "021000021");
    }
}
