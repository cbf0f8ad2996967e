//! The JSON that a hook reads: every key is always there, null where nothing is known.

use chrono::SecondsFormat;
use serde::Serialize;

use crate::domain::{Event, EventAccount};

#[derive(Serialize)]
struct Page<'e> {
    version: u32,
    event: &'static str,
    at: String,
    family: Option<&'e str>,
    solved: bool,
    accounts: Vec<Account<'e>>,
    files: Vec<String>,
}

#[derive(Serialize)]
struct Account<'e> {
    name: &'e str,
    state: &'static str,
    message: Option<&'e str>,
    help: Option<&'e str>,
    added: usize,
    changed: usize,
    vanished: usize,
    balance: Option<&'e str>,
}

/// An event as one line of JSON. Times are RFC 3339 in UTC, money is text.
#[must_use]
pub fn event_json(event: &Event) -> String {
    let page = Page {
        version: 1,
        event: event.kind.word(),
        at: event.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        family: event.family.as_ref().map(crate::domain::Name::as_str),
        solved: event.solved,
        accounts: event.accounts.iter().map(account).collect(),
        files: event.files.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
    };
    serde_json::to_string(&page).unwrap_or_default()
}

fn account(account: &EventAccount) -> Account<'_> {
    Account {
        name: &account.name,
        state: account.state.word(),
        message: account.message.as_deref(),
        help: account.help.as_deref(),
        added: account.added,
        changed: account.changed,
        vanished: account.vanished,
        balance: account.balance.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EventKind, Name, State, civil_day};

    #[test]
    fn every_key_is_always_there() {
        let event = Event {
            kind: EventKind::Change,
            at: civil_day("2026-11-25").unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc(),
            family: Name::parse("smith").ok(),
            solved: false,
            accounts: vec![EventAccount {
                name: "visa".to_owned(),
                state: State::Ok,
                message: None,
                help: Some("say \"yes\"".to_owned()),
                added: 2,
                changed: 1,
                vanished: 0,
                balance: Some("-18.40".to_owned()),
            }],
            files: vec!["/srv/bank/a b.csv".into()],
        };
        assert_eq!(
            event_json(&event),
            "{\"version\":1,\"event\":\"change\",\"at\":\"2026-11-25T12:00:00Z\",\
             \"family\":\"smith\",\"solved\":false,\"accounts\":[{\"name\":\"visa\",\
             \"state\":\"ok\",\"message\":null,\"help\":\"say \\\"yes\\\"\",\"added\":2,\
             \"changed\":1,\"vanished\":0,\"balance\":\"-18.40\"}],\
             \"files\":[\"/srv/bank/a b.csv\"]}"
        );
        let ok =
            Event { kind: EventKind::Ok, family: None, accounts: vec![], files: vec![], ..event };
        assert_eq!(
            event_json(&ok),
            "{\"version\":1,\"event\":\"ok\",\"at\":\"2026-11-25T12:00:00Z\",\
             \"family\":null,\"solved\":false,\"accounts\":[],\"files\":[]}"
        );
    }
}
