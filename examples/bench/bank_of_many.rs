//! The bank of the benchmark: two families, four logins, twenty accounts, many rows.

use chrono::{Days, NaiveDate};
use fastrand::Rng;

use crate::bank::{Account, World};

/// How much history there is, in days.
pub(crate) const DAYS: u64 = 3 * 365;

/// How many accounts there are.
pub(crate) const ACCOUNTS: usize = 20;

const FAMILIES: [&str; 2] = ["smith", "tremblay"];
const BANKS: [&str; 2] = ["Harbor", "Valley"];
const ACCOUNTS_A_BANK: usize = ACCOUNTS / (FAMILIES.len() * BANKS.len());

/// What banks write, with a merchant and a category where they know one.
const PAYEES: [(&str, Option<&str>, Option<&str>); 10] = [
    ("POS 0417 GREEN GROCER #12", Some("Green Grocer"), Some("Groceries")),
    ("DEBIT CARD PURCHASE XX4417 TRADER MOE'S", None, Some("Groceries")),
    ("SQ *CORNER BAKERY", Some("Corner Bakery"), Some("Restaurants")),
    ("SHELLEY OIL 57442", Some("Shelley Oil"), Some("Gas & Fuel")),
    ("CAFÉ MÉLIÈS MONTRÉAL QC", Some("Café Méliès"), Some("Restaurants")),
    ("ONLINE TRANSFER TO SAV 8841 REF 0099317", None, None),
    ("O'MALLEY, SONS & CO.; PAYROLL <42>", None, Some("Income")),
    ("ATM WITHDRAWAL 000417 MAIN ST", None, Some("Cash & ATM")),
    ("AMZ*Marketplace 4417", Some("AMZ Marketplace"), Some("Shopping")),
    ("LIBRAIRIE L'ÉCUME DES JOURS", Some("L'Écume des jours"), None),
];

/// The bank on a day, with that many rows in each account; the same rows under every run.
pub(crate) fn world(today: NaiveDate, rows_an_account: usize) -> World {
    let mut world = World::new(today);
    for family in FAMILIES {
        let user = world.add_user(family);
        for bank in BANKS {
            let login = user.add_login(bank);
            for nth in 0..ACCOUNTS_A_BANK {
                let account = login.add_account(&format!("{bank} {nth}"));
                account.opening("1250.00");
                fill(account, today, rows_an_account);
            }
        }
    }
    world
}

/// The first day of its history.
pub(crate) fn start(today: NaiveDate) -> NaiveDate {
    today - Days::new(DAYS)
}

fn fill(account: &mut Account, today: NaiveDate, count: usize) {
    let mut rng = Rng::with_seed(u64::from_str_radix(&account.id[..8], 16).unwrap_or_default());
    for nth in 0..count {
        let day = start(today) + Days::new(nth as u64 * DAYS / count as u64);
        let (text, merchant, category) = PAYEES[rng.usize(..PAYEES.len())];
        let cents = rng.i64(-20_000..=18_000);
        let sign = if cents < 0 { "-" } else { "" };
        let amount = format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100);
        let row = account.add_row_on(day, &amount, text);
        row.merchant = merchant.map(str::to_owned);
        row.category = category.map(str::to_owned);
        match rng.u8(..12) {
            0 => _ = row.check_number(&nth.to_string()).memo("rent, and the garage"),
            1 => _ = row.memo("Überweisung Nr. 7 / thanks"),
            _ => {}
        }
    }
}
