//! What every call must pass before it is answered: path, method, signature, type and body.

use axum::http::request::Parts;
use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::endpoint::Endpoint;
use super::sign::{Presented, Wrong};
use super::world::World;

/// A call that is not answered: the status, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Why, for the log and the answer's `Message`.
    pub why: String,
}

impl Refusal {
    /// Refuses with a status.
    pub fn new(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

/// A call that passed the door.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The family that signed it.
    pub user: String,
    /// Its body; empty for a GET.
    pub body: Asked,
}

/// The properties of a call's body; their names match in any case.
#[derive(Debug, Clone, Default)]
pub struct Asked(Map<String, Value>);

impl Asked {
    /// The text under a name; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The whole body.
    pub fn value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// Whether any property has this text.
    pub fn names(&self, id: &str) -> bool {
        let texts = self.0.values().filter_map(Value::as_str);
        texts.into_iter().any(|text| text.eq_ignore_ascii_case(id))
    }

    /// The value under a name, where there is one that is not null.
    pub fn given(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_null())
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Lets a call in, or says why not.
///
/// # Errors
/// 404 for a path, 405 for a method, 401 for a header, 415 for a content type, 400 for a body.
pub fn admit(world: &World, head: &Parts, body: &[u8]) -> Result<Admitted, Refusal> {
    let no_route = || Refusal::new(404, "no such path");
    let endpoint = Endpoint::of(head.uri.path()).ok_or_else(no_route)?;
    if head.method.as_str() != endpoint.method() {
        return Err(Refusal::new(405, format!("{} is not the method here", head.method)));
    }
    let user = signed_by(world, head)?;
    let body = if endpoint.method() == "GET" { Asked::default() } else { parse(head, body)? };
    check_body(endpoint, &body)?;
    Ok(Admitted { endpoint, user, body })
}

/// The family whose key signed a call.
fn signed_by(world: &World, head: &Parts) -> Result<String, Refusal> {
    let refused = |wrong: Wrong| Refusal::new(401, format!("not authorised: wrong {wrong:?}"));
    let header = head.headers.get("authorization").and_then(|value| value.to_str().ok());
    let presented = Presented::parse(header.unwrap_or_default()).map_err(refused)?;
    let mut users = world.users.iter();
    let user = users.find(|user| user.id.eq_ignore_ascii_case(presented.user_id));
    let user = user.ok_or_else(|| refused(Wrong::User))?;
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    presented
        .check(world.signatures, head.method.as_str(), target, &user.access_key)
        .map_err(refused)?;
    Ok(user.name.clone())
}

fn parse(head: &Parts, body: &[u8]) -> Result<Asked, Refusal> {
    let kind = head.headers.get("content-type").and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new(415, format!("the content type is {kind:?}")));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(keys)) => Ok(Asked(keys)),
        Ok(_) => Err(Refusal::new(400, "the body is not an object")),
        Err(error) => Err(Refusal::new(400, format!("the body is not JSON: {error}"))),
    }
}

fn check_body(endpoint: Endpoint, body: &Asked) -> Result<(), Refusal> {
    for name in endpoint.required() {
        let text = body.text(name);
        if text.trim().is_empty() {
            return Err(Refusal::new(400, format!("the body has no {name}")));
        }
        if name.ends_with("Date") && asked_day(text).is_none() {
            return Err(Refusal::new(400, format!("{name} is no date: {text}")));
        }
    }
    Ok(())
}

/// The day of a request's date: `2018/10/01`, `2018-10-01`, or a timestamp that begins so.
pub fn asked_day(text: &str) -> Option<NaiveDate> {
    let head = text.trim().get(..10)?.replace('/', "-");
    NaiveDate::parse_from_str(&head, "%Y-%m-%d").ok()
}
