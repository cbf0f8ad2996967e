//! `changed.json` and `attention.json` in the service's runtime folder, rewritten whole: path
//! units look at them and run the owner's command as the owner.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{EventKind, Name};
use crate::files::{self, Access, PathError};

/// The most bytes of an older file that are looked at.
const LARGEST: usize = 1 << 24;

/// One event as such a file holds it.
#[derive(Debug, Clone)]
pub struct Latest<'e> {
    /// What kind of event it is.
    pub kind: EventKind,
    /// Whose it is.
    pub family: Option<&'e Name>,
    /// The event's JSON.
    pub json: &'e str,
}

/// The last event of each family.
#[derive(Serialize, Deserialize)]
struct Page {
    version: u32,
    events: Vec<Box<RawValue>>,
}

/// What tells whose an event is.
#[derive(Deserialize)]
struct Whose {
    family: Option<String>,
}

/// Puts an event in place of the last one of its family; it holds balances, hence the access. There
/// is no file for [`EventKind::Ok`].
///
/// # Errors
/// [`PathError`] if the file cannot be written. One that cannot be read is begun anew.
pub fn keep_latest(folder: &Path, event: &Latest, access: &Access) -> Result<(), PathError> {
    let path = match event.kind {
        EventKind::Change => folder.join("changed.json"),
        EventKind::Attention => folder.join("attention.json"),
        EventKind::Ok => return Ok(()),
    };
    let mut events = kept(&path);
    events.retain(|kept| {
        let whose = serde_json::from_str::<Whose>(kept.get());
        whose.is_ok_and(|whose| whose.family.as_deref() != event.family.map(Name::as_str))
    });
    events.extend(RawValue::from_string(event.json.to_owned()).ok());
    let page = serde_json::to_string(&Page { version: 1, events }).unwrap_or_default() + "\n";
    files::write_whole(&path, page.as_bytes(), access)
}

/// The events of an older file; none where it is none of ours.
fn kept(path: &Path) -> Vec<Box<RawValue>> {
    if files::stamp(path).is_none_or(|stamp| stamp.len > LARGEST as u64) {
        return Vec::new();
    }
    let read = files::read(path).ok().and_then(|bytes| serde_json::from_slice::<Page>(&bytes).ok());
    read.map(|page| page.events).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path) -> serde_json::Value {
        let bytes = files::read(&folder.join("changed.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn the_last_event_of_each_family_stands_there() {
        let folder = tempfile::tempdir().unwrap();
        let smith = Name::parse("smith").unwrap();
        let told = |family: Option<&Name>, nth: u32| {
            let whose = family.map_or("null".to_owned(), |name| format!("\"{name}\""));
            let json = format!("{{\"family\":{whose},\"nth\":{nth}}}");
            let event = Latest { kind: EventKind::Change, family, json: &json };
            keep_latest(folder.path(), &event, &Access::PRIVATE).unwrap();
        };
        told(Some(&smith), 1);
        told(None, 2);
        told(Some(&smith), 3);
        let page = read(folder.path());
        assert_eq!(page["version"], 1);
        let nth: Vec<_> =
            page["events"].as_array().unwrap().iter().map(|event| event["nth"].clone()).collect();
        assert_eq!(nth, [2, 3]);
        let text = "what is no page is begun anew";
        files::write_whole(&folder.path().join("changed.json"), text.as_bytes(), &Access::PRIVATE)
            .unwrap();
        told(None, 4);
        assert_eq!(read(folder.path())["events"].as_array().unwrap().len(), 1);
    }
}
