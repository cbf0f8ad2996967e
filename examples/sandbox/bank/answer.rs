//! What each endpoint answers to a call that passed the door.

use chrono::NaiveDate;
use serde_json::Value;

use super::account::Account;
use super::door::{Admitted, Refusal, asked_day};
use super::endpoint::Endpoint;
use super::institution::Institution;
use super::job::Job;
use super::json::Json;
use super::row::Shown;
use super::world::{Login, SecondRefresh, UnknownIds, User, World};

/// The answer, and the violation that the call was, if it was one.
pub struct Answer {
    /// The JSON, or the refusal.
    pub result: Result<Json, Refusal>,
    /// What the caller should not have done.
    pub violation: Option<String>,
}

/// Answers a call.
pub fn answer(world: &mut World, call: &Admitted) -> Answer {
    if call.endpoint.connects() {
        return connect(world, call);
    }
    if call.endpoint.writes() {
        return refresh(world, call);
    }
    // Nobody answers where no bank of this world asks.
    if call.endpoint.answers() && !world.jobs.iter().any(Job::may_ask) {
        let why = "no bank asks anything";
        let violation = Some(format!("{:?}: {why}", call.endpoint));
        return Answer { result: Err(Refusal::new(403, why)), violation };
    }
    let result = read(world, call);
    // A late row is there once it was asked for in vain.
    if call.endpoint == Endpoint::Transactions && result.is_ok() {
        let id = call.body.text("AccountID");
        let asked = world.accounts_mut().filter(|account| account.id.eq_ignore_ascii_case(id));
        asked.for_each(|account| account.show(Shown::AfterRead, Shown::Now));
    }
    Answer { result, violation: None }
}

fn read(world: &mut World, call: &Admitted) -> Result<Json, Refusal> {
    let body = &call.body;
    let user = world.user(&call.user);
    match call.endpoint {
        Endpoint::HealthCheck => Ok(Json::text("OK")),
        Endpoint::InstitutionByName => Ok(institutions_named(world, body.text("InstitutionName"))),
        Endpoint::InstitutionById => institution(world, body.text("InstitutionID")),
        Endpoint::Institutions => {
            own(user, body.text("UserID"))?;
            Ok(Json::List(user.logins.iter().map(|login| login.institution.json()).collect()))
        }
        Endpoint::Logins => {
            own(user, body.text("UserID"))?;
            Ok(Json::List(world.user_mut(&call.user).list_logins()))
        }
        Endpoint::Login => Ok(login(user, body.text("UserInstitutionID"))?.json()),
        Endpoint::Accounts => match login(user, body.text("UserInstitutionID")) {
            Ok(login) if login.unknown > 0 => {
                let id = login.id.clone();
                world.login_mut(&id).unknown -= 1;
                Err(Refusal::new(404, "no such UserInstitutionID yet"))
            }
            Ok(login) => Ok(accounts(login)),
            Err(refusal) => unknown(world, refusal),
        },
        Endpoint::Account => {
            let (login, account) = account(user, body.text("AccountID"))?;
            Ok(account.json(&login.id))
        }
        Endpoint::Transactions => match account(user, body.text("AccountID")) {
            Ok((_, account)) => Ok(rows(account, body.text("StartDate"), body.text("EndDate"))),
            Err(refusal) => unknown(world, refusal),
        },
        Endpoint::Job => job(world, &call.user, body.text("JobID")),
        Endpoint::SecurityAnswer | Endpoint::TokenInput | Endpoint::CaptchaInput => {
            heard(world, call)
        }
        _ => Err(Refusal::new(403, "this starts or changes something")),
    }
}

/// What a list answers for an id that is not the caller's.
fn unknown(world: &World, refusal: Refusal) -> Result<Json, Refusal> {
    match world.unknown_ids {
        UnknownIds::NotFound => Err(refusal),
        UnknownIds::Empty => Ok(Json::List(vec![])),
    }
}

fn own(user: &User, id: &str) -> Result<(), Refusal> {
    let is_own = user.id.eq_ignore_ascii_case(id);
    if is_own { Ok(()) } else { Err(Refusal::new(404, "UserID is not the caller's")) }
}

fn login<'a>(user: &'a User, id: &str) -> Result<&'a Login, Refusal> {
    let found = user.logins.iter().find(|login| login.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| Refusal::new(404, "no such UserInstitutionID"))
}

fn account<'a>(user: &'a User, id: &str) -> Result<(&'a Login, &'a Account), Refusal> {
    let pairs = user.logins.iter().flat_map(|login| login.accounts.iter().map(move |a| (login, a)));
    let mut listed = pairs.filter(|(_, account)| account.listed);
    let found = listed.find(|(_, account)| account.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| Refusal::new(404, "no such AccountID"))
}

fn accounts(login: &Login) -> Json {
    let listed = login.accounts.iter().filter(|account| account.listed);
    Json::List(listed.map(|account| account.json(&login.id)).collect())
}

fn institutions_named(world: &World, name: &str) -> Json {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split_whitespace().collect();
    let has_all = |known: &str| words.iter().all(|word| known.to_lowercase().contains(word));
    let found = institutions(world).into_iter().filter(|known| has_all(&known.name));
    // Whoever takes the first hit is rarely right.
    Json::List(found.rev().map(|institution| institution.json()).collect())
}

fn institution(world: &World, id: &str) -> Result<Json, Refusal> {
    let found = institutions(world).into_iter().find(|i| i.id.eq_ignore_ascii_case(id));
    let found = found.ok_or_else(|| Refusal::new(404, "no such InstitutionID"))?;
    Ok(found.json())
}

/// The banks that may be connected, the test banks, and those at which anybody has a login.
fn institutions(world: &World) -> Vec<Institution> {
    let mut all: Vec<Institution> = Vec::new();
    let open = world.branches.iter().map(|branch| branch.institution.clone());
    let used = world.logins().map(|login| login.institution.clone());
    for institution in open.chain(Institution::test_banks()).chain(used) {
        if all.iter().all(|known| known.id != institution.id) {
            all.push(institution);
        }
    }
    all
}

/// The rows of a span, both of its days included.
fn rows(account: &Account, start: &str, end: &str) -> Json {
    let span = (asked_day(start), asked_day(end));
    let inside = |day: Option<NaiveDate>| day.is_none() || (span.0 <= day && day <= span.1);
    let sent = account.shown_rows().filter_map(|row| {
        // A row whose dates are as they stand need not be written out to be left out.
        if row.patch.is_empty() && !row.in_every_span && !inside(Some(row.day)) {
            return None;
        }
        let json = row.json(&account.id, &account.currency, account.amounts);
        (row.in_every_span || inside(filtered_day(&json))).then_some(json)
    });
    Json::List(sent.collect())
}

/// The day that a span filters on: the first date that is there. A row without any is in every
/// span.
fn filtered_day(row: &Json) -> Option<NaiveDate> {
    let dates = ["TransactionDate", "Date", "PostDate"];
    dates.iter().find_map(|key| asked_day(row.get(key)?.as_text()?))
}

fn job(world: &mut World, user: &str, id: &str) -> Result<Json, Refusal> {
    let logins: Vec<String> = world.user(user).logins.iter().map(|one| one.id.clone()).collect();
    let is_own =
        world.jobs.iter().any(|job| job.id.eq_ignore_ascii_case(id) && logins.contains(&job.login));
    let json = if is_own { world.poll_job(id) } else { None };
    json.ok_or_else(|| Refusal::new(404, "no such JobID"))
}

/// An answer to a question: `0` where it is taken, `-1` where it is not.
fn heard(world: &mut World, call: &Admitted) -> Result<Json, Refusal> {
    const ANSWERS: [&str; 5] =
        ["SecurityAnswer", "TokenChoice", "TokenInput", "VerifyPhoneFlag", "CaptchaInput"];
    let id = call.body.text("JobID");
    let no_job = || Refusal::new(404, "no such JobID");
    let own: Vec<&str> = world.user(&call.user).logins.iter().map(|one| one.id.as_str()).collect();
    let is_own = |job: &&Job| job.id.eq_ignore_ascii_case(id) && own.contains(&job.login.as_str());
    let job = world.jobs.iter().find(is_own).ok_or_else(no_job)?.id.clone();
    let given = ANSWERS.iter().filter_map(|name| Some((*name, call.body.given(name)?)));
    let [(name, value)] = given.collect::<Vec<_>>()[..] else {
        return Err(Refusal::new(400, "one answer at a time"));
    };
    // Only the flag is no text.
    let value = match value {
        Value::String(text) => text.clone(),
        flag => flag.to_string(),
    };
    let jobs = &mut world.jobs;
    let job = jobs.iter_mut().find(|one| one.id == job).ok_or_else(no_job)?;
    Ok(Json::literal(if job.hear(name, &value) { "0" } else { "-1" }))
}

/// A connection made, changed or ended, where the world allows it at that bank.
fn connect(world: &mut World, call: &Admitted) -> Answer {
    match super::connect::connect(world, call) {
        Ok(json) => Answer { result: Ok(json), violation: None },
        Err(refusal) => {
            let is_wrong = refusal.status == 403;
            let violation = is_wrong.then(|| format!("{:?}: {}", call.endpoint, refusal.why));
            Answer { result: Err(refusal), violation }
        }
    }
}

fn refresh(world: &mut World, call: &Admitted) -> Answer {
    let refused = |status, why: &str| Answer {
        result: Err(Refusal::new(status, why)),
        violation: Some(format!("{:?}: {why}", call.endpoint)),
    };
    let target = match refreshed(world, call) {
        Ok(target) => target,
        Err(refusal) => return Answer { result: Err(refusal), violation: None },
    };
    let Some((login, account)) = target else {
        return refused(403, "nothing here may change anything");
    };
    if !world.allow_refresh {
        return refused(403, "no refresh is allowed");
    }
    let open = world.open_job(&login).map(|job| job.id.clone());
    let id = match (open, world.second_refresh) {
        (Some(_), SecondRefresh::Violation) => {
            return refused(409, "a refresh of this login is running");
        }
        (Some(open), SecondRefresh::SameJob) => open,
        _ => world.start_job(&login, account.as_deref()),
    };
    let tells_id = world.login_mut(&login).refresh.tells_id;
    let keys = if tells_id { vec![("JobID".to_owned(), Json::Text(id))] } else { vec![] };
    Answer { result: Ok(Json::Object(keys)), violation: None }
}

/// The login, and the only account of it if not all, that a call refreshes.
type Refreshed = Option<(String, Option<String>)>;

fn refreshed(world: &World, call: &Admitted) -> Result<Refreshed, Refusal> {
    let user = world.user(&call.user);
    match call.endpoint {
        Endpoint::RefreshLogin => {
            let login = login(user, call.body.text("UserInstitutionID"))?;
            Ok(Some((login.id.clone(), None)))
        }
        Endpoint::RefreshAccount => {
            let (login, account) = account(user, call.body.text("AccountID"))?;
            Ok(Some((login.id.clone(), Some(account.id.clone()))))
        }
        _ => Ok(None),
    }
}
