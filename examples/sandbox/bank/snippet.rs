//! A configuration for one family of the bank, ready to paste.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::account::BalanceSign;
use super::world::User;

/// The `[[family]]` of a configuration with all of its accounts. The credentials are said to be
/// in `credentials/<family>.age`.
pub fn family_toml(user: &User, base_url: &str, start: NaiveDate) -> String {
    let name = &user.name;
    let mut toml = format!(
        "[[family]]\nname = \"{name}\"\ncredentials_file = \"credentials/{name}.age\"\n\
         base_url = \"{base_url}\"\nstart_date = {start}\n"
    );
    for login in &user.logins {
        for account in &login.accounts {
            let it = &account.suggestion;
            let _ = write!(
                toml,
                "\n[[family.account]]\nid = \"{}\"\nlogin = \"{}\"\nname = \"{}\"\ntype = \"{}\"\n\
                 ledger = \"{}\"\ncurrency = \"{}\"\n",
                account.id, login.id, it.name, it.kind, it.ledger, it.currency
            );
            let sign = match account.balance_sign {
                BalanceSign::Owed => "owed",
                BalanceSign::Signed => "signed",
            };
            if account.balance_sign == BalanceSign::Owed
                || ["credit_card", "loan"].contains(&it.kind.as_str())
            {
                let _ = writeln!(toml, "balance_sign = \"{sign}\"");
            }
        }
    }
    toml
}
