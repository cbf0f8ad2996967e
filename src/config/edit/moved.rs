//! An account under another name or id: the values that name it are replaced where they stand.

use toml_edit::{Document, Item, TableLike, Value};

use super::{Cut, carried_out, edited};
use crate::domain::{AccountId, LoginId, Name};

/// What an account is to be known by; what is `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NewPlace<'p> {
    /// Its name, which rules name too.
    pub name: Option<&'p Name>,
    /// Its id at the service.
    pub id: Option<&'p AccountId>,
    /// The login of that id, which replaces the one that stands there, if one does.
    pub login: Option<&'p LoginId>,
}

/// The text with an account of a family under another name or id, wherever it is named; `None` where
/// it is no TOML or has no such account.
#[must_use]
pub fn move_account(text: &str, family: &Name, account: &Name, to: NewPlace<'_>) -> Option<String> {
    edited(text, |body, document| {
        let families = tables(document.as_table().get("family"));
        let table = families.into_iter().find(|table| says(*table, "name", family.as_str()))?;
        let accounts = tables(table.get("account"));
        let named = accounts.into_iter().find(|table| says(*table, "name", account.as_str()))?;
        let mut cuts = Vec::new();
        let id = to.id.map(AccountId::as_str);
        for (key, new) in [("name", to.name.map(Name::as_str)), ("id", id)] {
            if let Some(new) = new {
                cuts.push(replaced(body, named.get(key)?, new)?);
            }
        }
        if let (Some(login), Some(there)) = (to.login, named.get("login")) {
            cuts.push(replaced(body, there, login.as_str())?);
        }
        if let Some(name) = to.name {
            cuts.extend(in_rules(body, document, table, (family, account), name)?);
        }
        Some(carried_out(body, cuts))
    })
}

/// Where rules name the account: all of them as `family/name`, those of its family by the bare name
/// too.
fn in_rules(
    body: &str,
    document: &Document<&str>,
    table: &dyn TableLike,
    (family, account): (&Name, &Name),
    name: &Name,
) -> Option<Vec<Cut>> {
    let (before, now) = (format!("{family}/{account}"), format!("{family}/{name}"));
    let (all, own) = (tables(document.as_table().get("rule")), tables(table.get("rule")));
    let named = |rules: &[&dyn TableLike], before: &str, now: &str| -> Option<Vec<Cut>> {
        let those = rules.iter().filter(|rule| says(**rule, "account", before));
        those.map(|rule| replaced(body, rule.get("account")?, now)).collect()
    };
    let mut cuts = named(&all, &before, &now)?;
    cuts.extend(named(&own, &before, &now)?);
    cuts.extend(named(&own, account.as_str(), name.as_str())?);
    Some(cuts)
}

/// The tables of a list, whichever way it is written.
fn tables(item: Option<&Item>) -> Vec<&dyn TableLike> {
    match item {
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter().map(|table| table as &dyn TableLike).collect()
        }
        Some(Item::Value(Value::Array(array))) => {
            let tables = array.iter().filter_map(Value::as_inline_table);
            tables.map(|table| table as &dyn TableLike).collect()
        }
        _ => Vec::new(),
    }
}

fn says(table: &dyn TableLike, key: &str, text: &str) -> bool {
    table.get(key).and_then(Item::as_str) == Some(text)
}

/// Another text in place of a value, in the quotes that it had. Names and ids need no escape.
fn replaced(body: &str, item: &Item, text: &str) -> Option<Cut> {
    let at = item.span()?;
    let quoted = Value::from(text).to_string();
    let literal = body[at.clone()].starts_with('\'') && !text.contains(['\'', '\n']);
    let instead = if literal { format!("'{text}'") } else { quoted };
    Some(Cut { at, instead })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn every_place_that_names_the_account_follows_and_nothing_else_moves() {
        let (family, account, new) = (name("smith"), name("visa"), name("gold"));
        let to = NewPlace { name: Some(&new), ..NewPlace::default() };
        for (before, after) in [
            (
                "# visa\r\n[[family]]\r\nname = \"jones\"\r\naccount = [{ name = 'visa', id = '1' }]\r\n\
                 [[family]]\r\n  name='smith' # smith/visa\r\n[[family.account]]\r\nid='2'\r\nname  = 'visa' # the visa\r\n\
                 [[family.rule]]\r\naccount = \"visa\"\r\npayee = \"visa\"\r\n[[rule]]\r\naccount = \"smith/visa\"\r\n\
                 [[rule]]\r\naccount = \"jones/visa\"",
                "# visa\r\n[[family]]\r\nname = \"jones\"\r\naccount = [{ name = 'visa', id = '1' }]\r\n\
                 [[family]]\r\n  name='smith' # smith/visa\r\n[[family.account]]\r\nid='2'\r\nname  = 'gold' # the visa\r\n\
                 [[family.rule]]\r\naccount = \"gold\"\r\npayee = \"visa\"\r\n[[rule]]\r\naccount = \"smith/gold\"\r\n\
                 [[rule]]\r\naccount = \"jones/visa\"",
            ),
            (
                "\u{feff}family = [{ name = \"smith\", rule = [{ account = \"smith/visa\" }], account = [{ name = \"\"\"visa\"\"\", id = \"2\" }, { name = \"visa-2\" }] }]",
                "\u{feff}family = [{ name = \"smith\", rule = [{ account = \"smith/gold\" }], account = [{ name = \"gold\", id = \"2\" }, { name = \"visa-2\" }] }]",
            ),
        ] {
            assert_eq!(move_account(before, &family, &account, to).as_deref(), Some(after));
        }
        assert_eq!(move_account("[[family]]\nname = \"smith\"", &family, &account, to), None);
        assert_eq!(move_account("no = toml =", &family, &account, to), None);
    }

    #[test]
    fn an_id_takes_its_login_along_where_one_stands() {
        let (id, login) = (AccountId::new("new-1"), LoginId::new("new-2"));
        let to = NewPlace { id: Some(&id), login: Some(&login), ..NewPlace::default() };
        let moved = |text: &str| move_account(text, &name("smith"), &name("visa"), to);
        let head = "[[family]]\nname = \"smith\"\n[[family.account]]\n";
        let text = format!("{head}name = \"visa\"\nid = \"old\" # id\nlogin = 'old'\n");
        let after = format!("{head}name = \"visa\"\nid = \"new-1\" # id\nlogin = 'new-2'\n");
        assert_eq!(moved(&text), Some(after));
        let text = format!("{head}name = \"visa\"\nid = \"old\"");
        let after = format!("{head}name = \"visa\"\nid = \"new-1\"");
        assert_eq!(moved(&text), Some(after));
    }
}
