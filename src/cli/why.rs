//! `why`: the whole story of one row.

use std::path::Path;

use serde::Serialize;

use super::args::Why;
use super::{World, ground, text};
use crate::books::{Rules, book, book_kept, one_line};
use crate::domain::{Exit, KeptAccount, KeptRow, ReceivedRow, Sent, Standing, Style, plain};
use crate::round::{self, Failure};
use crate::store::{Story, Version};

#[derive(Debug, Serialize)]
struct Answer {
    version: u32,
    rows: Vec<RowStory>,
}

/// One row's story. `amount` is as booked.
#[derive(Debug, Serialize)]
struct RowStory {
    family: String,
    account: String,
    id: Option<String>,
    service_ids: Vec<String>,
    state: &'static str,
    reason: Option<String>,
    date: Option<String>,
    amount: Option<String>,
    currency: Option<String>,
    description: Option<String>,
    ledger: String,
    other_side: Option<String>,
    rule: Option<&'static str>,
    first_seen: Option<String>,
    missed_reads: u32,
    changes: Vec<Change>,
    events: Vec<Event>,
}

#[derive(Debug, Serialize)]
struct Change {
    at: Option<String>,
    taken: bool,
    field: &'static str,
    old: Option<String>,
    new: Option<String>,
}

#[derive(Debug, Serialize)]
struct Event {
    at: String,
    what: String,
}

pub(super) fn run(command: &Why, flag: Option<&Path>, world: &mut World) -> Result<Exit, Failure> {
    let config = ground::configuration(flag, world)?;
    let store = round::look(&config)?;
    let stories = store.stories(&command.id)?;
    let pending = store.pending_named(&command.id)?;
    if stories.is_empty() && pending.is_empty() {
        let message = format!("no row ever had the id {}", command.id);
        let help =
            "ids stand in the files as sophtron-id, id and FITID; the service's own are known too";
        return Err(Failure::new(Exit::Usage, message, help));
    }
    let booked = stories.iter().map(|story| told(story, &config.files.style));
    let rows: Vec<_> =
        booked.chain(pending.iter().map(|(account, row)| told_pending(account, row))).collect();
    if command.json {
        let answer = Answer { version: 1, rows };
        world.say(&serde_json::to_string(&answer).unwrap_or_default());
    } else {
        for row in &rows {
            print(row, world);
        }
    }
    Ok(Exit::Good)
}

fn told(story: &Story, style: &Style) -> RowStory {
    let (account, row) = (&story.account, &story.row);
    let rules = account.settled.as_ref().map(|settled| Rules::of(account, settled));
    let entry = rules.as_ref().map(|rules| book_kept(row, rules));
    let (booked, reason) = match entry {
        Some(Ok(entry)) => (Some(entry), None),
        Some(Err(refusal)) => (None, Some(refusal.to_string())),
        None => (None, None),
    };
    let early = booked.as_ref().is_some_and(|entry| entry.day < account.linked.start);
    let state = state(row, booked.is_some(), early);
    let shown = booked.as_ref();
    let (other_side, rule) = shown.filter(|_| state == "booked").map_or((None, None), |entry| {
        let (side, rule) = other_side(
            row,
            entry.amount.amount.is_sign_positive() && !entry.amount.amount.is_zero(),
            style,
        );
        (Some(side), Some(rule))
    });
    RowStory {
        family: account.family.to_string(),
        account: account.name.to_string(),
        id: row.id.clone(),
        service_ids: row.service_ids.clone(),
        state,
        reason: reason.filter(|_| state == "quarantined"),
        date: shown.map(|entry| entry.day.to_string()),
        amount: shown.map(|entry| entry.amount.plain()),
        currency: shown.map(|entry| entry.amount.currency.to_string()),
        description: row.row.description.clone(),
        ledger: account.linked.account.ledger.clone(),
        other_side,
        rule,
        first_seen: story.first_seen.map(text::instant),
        missed_reads: row.missed,
        changes: changes(story),
        events: story
            .events
            .iter()
            .map(|(at, what)| Event { at: text::instant(*at), what: what.clone() })
            .collect(),
    }
}

/// A row that is pending has no story yet: such rows are replaced as a whole by each read.
fn told_pending(account: &KeptAccount, row: &ReceivedRow) -> RowStory {
    let rules = account.settled.as_ref().map(|settled| Rules::of(account, settled));
    let entry = rules.and_then(|rules| book(row, &rules).ok());
    RowStory {
        family: account.family.to_string(),
        account: account.name.to_string(),
        id: row.id.clone(),
        service_ids: row.id.iter().cloned().collect(),
        state: "pending",
        reason: None,
        date: entry.as_ref().map(|entry| entry.day.to_string()),
        amount: entry.as_ref().map(|entry| entry.amount.plain()),
        currency: entry.as_ref().map(|entry| entry.amount.currency.to_string()),
        description: row.description.clone(),
        ledger: account.linked.account.ledger.clone(),
        other_side: None,
        rule: None,
        first_seen: None,
        missed_reads: 0,
        changes: Vec::new(),
        events: Vec::new(),
    }
}

fn state(row: &KeptRow, booked: bool, early: bool) -> &'static str {
    match row.standing {
        Standing::Vanished => "vanished",
        Standing::Outside => "outside",
        Standing::Present | Standing::Entry if early => "before the start date",
        Standing::Present | Standing::Entry if booked => "booked",
        Standing::Present | Standing::Entry => "quarantined",
    }
}

fn other_side(row: &KeptRow, into: bool, style: &Style) -> (String, &'static str) {
    match (row.standing, into) {
        (Standing::Entry, _) => (style.reconciliation.clone(), "reconciliation"),
        (_, true) => (style.unknown_income.clone(), "unknown_income"),
        (_, false) => (style.unknown_expense.clone(), "unknown_expense"),
    }
}

/// What changed from version to version, field by field; a form that was not taken is held
/// against the one that stayed.
fn changes(story: &Story) -> Vec<Change> {
    let taken: Vec<&Version> = story.versions.iter().filter(|version| !version.held).collect();
    let mut changes = Vec::new();
    for (nth, version) in taken.iter().enumerate() {
        let next = taken.get(nth + 1).map_or(&story.row.row, |next| &next.row);
        changes.extend(differences(version, &version.row, next));
    }
    for version in story.versions.iter().filter(|version| version.held) {
        changes.extend(differences(version, &story.row.row, &version.row));
    }
    changes
}

fn differences(version: &Version, old: &ReceivedRow, new: &ReceivedRow) -> Vec<Change> {
    let mut changes = Vec::new();
    for ((field, old), (_, new)) in fields(old).into_iter().zip(fields(new)) {
        if old != new {
            let at = version.until.map(text::instant);
            changes.push(Change { at, taken: !version.held, field, old, new });
        }
    }
    changes
}

fn fields(row: &ReceivedRow) -> Vec<(&'static str, Option<String>)> {
    vec![
        ("amount", sent(&row.amount)),
        ("currency", row.currency.clone()),
        ("transaction date", sent(&row.transaction_date)),
        ("date", sent(&row.date)),
        ("post date", sent(&row.post_date)),
        ("description", row.description.clone()),
        ("merchant", row.merchant.clone()),
        ("category", row.category.clone()),
        ("type", row.kind.clone()),
        ("status", row.status.clone()),
        ("check number", row.check_number.clone()),
        ("memo", row.memo.clone()),
    ]
}

fn sent<T: ToString>(value: &Sent<T>) -> Option<String> {
    match value {
        Sent::Nothing => None,
        Sent::Unusable(text) => Some(text.clone()),
        Sent::Value(value) => Some(value.to_string()),
    }
}

fn print(row: &RowStory, world: &mut World) {
    let date = row.date.as_deref().unwrap_or("no usable day");
    let amount = match (&row.amount, &row.currency) {
        (Some(amount), Some(currency)) => format!("{amount} {currency}"),
        _ => "no usable amount".to_owned(),
    };
    let said = one_line(row.description.as_deref().unwrap_or("no text"));
    let title = format!("{}/{}, {date}, {amount}, {said}", row.family, row.account);
    for line in text::wrap(&title, 80) {
        world.say(&line);
    }
    let mut lines = vec![format!("id {}", row.id.as_deref().unwrap_or("none yet"))];
    let others: Vec<_> =
        row.service_ids.iter().filter(|id| Some(*id) != row.id.as_ref()).cloned().collect();
    if !others.is_empty() {
        lines.push(format!("the service also called it {}", others.join(", ")));
    }
    lines.extend(row.first_seen.iter().map(|at| format!("first seen {at}")));
    lines.extend(row.changes.iter().map(change_words));
    lines.extend(row.events.iter().map(|event| format!("{}: {}", event.at, event.what)));
    if row.missed_reads > 0 && row.state == "booked" {
        let reads = usize::try_from(row.missed_reads).unwrap_or(usize::MAX);
        let reads = text::count(reads, "good read", "good reads in a row");
        lines.push(format!("{reads} lacked it; inside the overlap it vanishes after three"));
    }
    lines.push(match (&row.other_side, row.rule) {
        (Some(side), Some(rule)) => format!("booked on {} against {side} ({rule})", row.ledger),
        _ => format!("booked nowhere: {}", row.reason.as_deref().unwrap_or(row.state)),
    });
    for line in lines {
        for line in text::wrap(&line, 76) {
            world.say(&format!("  {line}"));
        }
    }
}

fn change_words(change: &Change) -> String {
    let shown = |value: &Option<String>| value.as_deref().map_or("nothing".to_owned(), one_line);
    let at = change.at.as_deref().unwrap_or("at some time");
    let taken = if change.taken { "changed" } else { "a form that was not taken" };
    format!("{at}: {taken}: {} {} -> {}", change.field, shown(&change.old), shown(&change.new))
}

/// An amount for people.
pub(super) fn money(amount: rust_decimal::Decimal, currency: &crate::domain::Currency) -> String {
    format!("{} {currency}", plain(amount, currency))
}
