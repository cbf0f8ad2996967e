//! Logins made, changed, tried again and deleted.

use rust_decimal::Decimal;

use super::account::Account;
use super::branch::{Branch, Depth};
use super::door::{Admitted, Asked, Refusal};
use super::endpoint::Endpoint;
use super::ids::is_guid;
use super::job::Story;
use super::json::Json;
use super::row::decimal;
use super::row::{Row, Shown};
use super::world::{Login, User, World};

/// Carries a call out.
///
/// # Errors
/// 404 for what is not the caller's; 403 at a bank that may not be connected here, which is a
/// violation.
pub fn connect(world: &mut World, call: &Admitted) -> Result<Json, Refusal> {
    let body = &call.body;
    if let Some(depth) = call.endpoint.depth() {
        return create(world, &call.user, body, depth);
    }
    let login = own_login(world.user(&call.user), body.text("UserInstitutionID"))?;
    let (id, bank) = (login.id.clone(), login.institution.id.clone());
    let branch = branch(world, &bank)?;
    match call.endpoint {
        Endpoint::UpdateLogin => Ok(update(world, &id, &branch, body)),
        Endpoint::RetryLogin => {
            Ok(Json::object([("JobID", Json::Text(add(world, &id, branch.job)))]))
        }
        Endpoint::DeleteLogin => Ok(delete(world, &call.user, &id)),
        _ => Err(Refusal::new(403, "nothing here may change anything")),
    }
}

fn own_login<'a>(user: &'a User, id: &str) -> Result<&'a Login, Refusal> {
    let found = user.logins.iter().find(|login| login.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| Refusal::new(404, "no such UserInstitutionID"))
}

fn branch(world: &World, institution_id: &str) -> Result<Branch, Refusal> {
    let mut open = world.branches.iter();
    let found = open.find(|one| one.institution.id.eq_ignore_ascii_case(institution_id));
    found.cloned().ok_or_else(|| Refusal::new(403, "nothing here may change anything"))
}

fn create(world: &mut World, user: &str, body: &Asked, depth: Depth) -> Result<Json, Refusal> {
    if !world.user(user).id.eq_ignore_ascii_case(body.text("UserID")) {
        return Err(Refusal::new(404, "UserID is not the caller's"));
    }
    if !is_guid(body.text("InstitutionID")) {
        return Err(Refusal::new(400, "InstitutionID is no GUID"));
    }
    let branch = branch(world, body.text("InstitutionID"))?;
    if !is_filled(&branch, body) {
        return Ok(Json::literal("-1"));
    }
    let (fresh, today) = (world.fresh, world.today);
    let user = world.user_mut(user);
    let login = user.add_login_at(branch.institution.clone());
    login.refresh = branch.refresh.clone();
    body.text("UserName").clone_into(&mut login.user_name);
    login.admitted = branch.admits(body.text("UserName"), body.text("Password"));
    (login.unlisted, login.unknown) = (fresh.unlisted, fresh.unknown);
    (branch.opens)(login);
    for account in &mut login.accounts {
        (account.listed, account.fresh, account.copied) = (false, true, today);
        bring(account, &branch, depth);
    }
    let id = login.id.clone();
    user.alone = (fresh.alone > 0).then(|| (id.clone(), fresh.alone));
    let story = if depth == Depth::Shallow { branch.job.without_rows() } else { branch.job };
    let job = add(world, &id, story);
    Ok(Json::object([("JobID", Json::Text(job)), ("UserInstitutionID", Json::Text(id))]))
}

/// Whether a login has all that the bank's form asks for.
fn is_filled(branch: &Branch, body: &Asked) -> bool {
    let form = &branch.institution.form;
    let given = |name: &str| !body.text(name).is_empty();
    let fields = form.fields.iter().all(|(mapped, _, optional)| *optional || given(mapped));
    given("UserName") && fields && given("Password") == (form.password != "None")
}

/// Leaves what a new login brings of an account's rows.
fn bring(account: &mut Account, branch: &Branch, depth: Depth) {
    if depth == Depth::Full {
        return;
    }
    let (old, recent): (Vec<_>, Vec<_>) =
        account.rows.drain(..).partition(|row| row.day < branch.recent);
    let before: Decimal = old.iter().map(Row::value).sum();
    account.opening = (decimal(&account.opening) + before).to_string();
    account.rows = recent;
    if depth == Depth::Shallow {
        account.show(Shown::Now, Shown::AfterRefresh);
    }
}

/// Starts a job that adds accounts; one that still ran before it is over.
fn add(world: &mut World, login: &str, story: Story) -> String {
    for job in world.jobs.iter_mut().filter(|job| job.login == login && job.is_open()) {
        job.give_up();
    }
    let id = world.start_job(login, None);
    let admitted = world.login_mut(login).admitted;
    if let Some(job) = world.jobs.last_mut() {
        job.kind = "AddAccounts";
        if admitted {
            job.story = story;
        }
    }
    id
}

fn update(world: &mut World, id: &str, branch: &Branch, body: &Asked) -> Json {
    if !is_filled(branch, body) {
        return Json::literal("-1");
    }
    let login = world.login_mut(id);
    body.text("UserName").clone_into(&mut login.user_name);
    login.admitted = branch.admits(body.text("UserName"), body.text("Password"));
    Json::literal("0")
}

fn delete(world: &mut World, user: &str, id: &str) -> Json {
    world.user_mut(user).logins.retain(|login| login.id != id);
    world.jobs.retain(|job| job.login != id);
    Json::literal("0")
}

impl User {
    /// The records of its logins, as a list shows them while one is new.
    pub(super) fn list_logins(&mut self) -> Vec<Json> {
        let alone = self.alone.as_ref().map(|(id, _)| id.clone());
        let mut listed = Vec::new();
        for login in &mut self.logins {
            if login.unlisted > 0 {
                login.unlisted -= 1;
            } else if alone.as_ref().is_none_or(|id| *id == login.id) {
                listed.push(login.json());
            }
        }
        if let Some((_, lists)) = self.alone.as_mut().filter(|_| !listed.is_empty()) {
            *lists -= 1;
        }
        self.alone = self.alone.take().filter(|(_, lists)| *lists > 0);
        listed
    }
}
