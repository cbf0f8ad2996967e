//! What goes wrong, for which calls, how often.

use super::door::Admitted;
use super::endpoint::Endpoint;
use super::json::Json;
use super::shape::Shape;
use super::transport::{Reply, Transport};

/// One thing that goes wrong. Several at once are applied in the order in which they were told.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The call is refused with this status, and nothing happens.
    Status(u16),
    /// 429, with this `Retry-After` (seconds, or a date of HTTP), or without one.
    Limited(Option<String>),
    /// The call is answered with 200 and this body instead of its own.
    Body(Vec<u8>),
    /// The call is answered with this status and body instead of its own.
    Answer(u16, Vec<u8>),
    /// The JSON of the answer has another shape or other content.
    Shape(Shape),
    /// The answer travels badly.
    Transport(Transport),
}

impl Fault {
    /// 200 with `-1`.
    pub fn minus_one() -> Self {
        Self::body("-1")
    }

    /// 200 with the zero GUID.
    pub fn zero_guid() -> Self {
        Self::body("\"00000000-0000-0000-0000-000000000000\"")
    }

    /// 200 with `null`.
    pub fn null() -> Self {
        Self::body("null")
    }

    /// 200 with `{}`.
    pub fn empty_object() -> Self {
        Self::body("{}")
    }

    /// 200 without a body.
    pub fn nothing() -> Self {
        Self::body("")
    }

    /// 200 with an object that has an error in it.
    pub fn error_object() -> Self {
        Self::body(r#"{"error":"the bank is closed","ErrorCode":17}"#)
    }

    /// 200 with this body.
    pub fn body(text: &str) -> Self {
        Self::Body(text.as_bytes().to_vec())
    }

    /// The reply of a call that is refused, where this fault refuses it.
    pub fn refuses(&self) -> Option<Reply> {
        match self {
            Self::Status(status) => Some(Reply::message(*status, "told to fail")),
            Self::Limited(after) => {
                let mut reply = Reply::message(429, "too many calls");
                let after = after.iter().map(|text| ("Retry-After".to_owned(), text.clone()));
                reply.headers.extend(after);
                Some(reply)
            }
            _ => None,
        }
    }

    /// Changes the JSON of an answer.
    pub fn shape(&self, json: &mut Json, endpoint: Endpoint) {
        if let Self::Shape(shape) = self {
            shape.apply(json, endpoint);
        }
    }

    /// Changes a reply.
    pub fn spoil(&self, reply: &mut Reply) {
        match self {
            Self::Body(body) => {
                reply.status = 200;
                reply.body.clone_from(body);
            }
            Self::Answer(status, body) => {
                reply.status = *status;
                reply.body.clone_from(body);
            }
            Self::Transport(transport) => transport.apply(reply),
            Self::Status(_) | Self::Limited(_) | Self::Shape(_) => {}
        }
    }
}

/// A fault, and the calls that it meets: every one until it is lifted, unless told otherwise.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    endpoints: Vec<Endpoint>,
    controller: Option<String>,
    user: Option<String>,
    about: Option<String>,
    skipped: u32,
    left: Option<u32>,
}

impl Rule {
    /// A fault that meets every call.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            endpoints: vec![],
            controller: None,
            user: None,
            about: None,
            skipped: 0,
            left: None,
        }
    }

    /// Meets calls of this endpoint; told twice, of either.
    pub fn on(&mut self, endpoint: Endpoint) -> &mut Self {
        self.endpoints.push(endpoint);
        self
    }

    /// Meets calls of a controller, such as `Transaction`.
    pub fn on_controller(&mut self, name: &str) -> &mut Self {
        self.controller = Some(name.to_lowercase());
        self
    }

    /// Meets calls of this family.
    pub fn of(&mut self, user: &str) -> &mut Self {
        self.user = Some(user.to_owned());
        self
    }

    /// Meets calls that name this id, of an account, a login or a job.
    pub fn about(&mut self, id: &str) -> &mut Self {
        self.about = Some(id.to_owned());
        self
    }

    /// Lets this many calls pass first.
    pub fn after(&mut self, calls: u32) -> &mut Self {
        self.skipped = calls;
        self
    }

    /// Meets this many calls and no more.
    pub fn times(&mut self, calls: u32) -> &mut Self {
        self.left = Some(calls);
        self
    }

    /// Whether it meets a call; counts it.
    pub fn meets(&mut self, call: &Admitted) -> bool {
        if !self.fits(call) || self.left == Some(0) {
            return false;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return false;
        }
        self.left = self.left.map(|left| left - 1);
        true
    }

    fn fits(&self, call: &Admitted) -> bool {
        (self.endpoints.is_empty() || self.endpoints.contains(&call.endpoint))
            && self.controller.as_ref().is_none_or(|name| *name == call.endpoint.controller())
            && self.user.as_ref().is_none_or(|name| *name == call.user)
            && self.about.as_ref().is_none_or(|id| call.body.names(id))
    }
}
