//! A reply on its way: status, headers, bytes, and what happens to them.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use chrono::NaiveDate;

use super::json::Json;
use super::line::{Act, Place, Stop};

/// What happens to a reply on its way. The call has had its effect.
#[derive(Debug, Clone)]
pub enum Transport {
    /// No byte for a while.
    SlowHead(Duration),
    /// A pause in the middle of the headers.
    PauseInHead(Duration),
    /// A pause before each piece of the body, of so many bytes.
    SlowBody {
        /// Bytes at a time.
        piece: usize,
        /// Before each of them.
        pause: Duration,
    },
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    /// The connection is reset after so many bytes of the body.
    Reset(usize),
    /// The connection is reset before the first byte.
    ResetAtOnce,
    /// The body is filled up with white space to so many bytes.
    Large(usize),
    /// An HTML page with this status.
    Html(u16),
    /// 307 to this address.
    Redirect(String),
    /// Another content type, or none.
    ContentType(Option<String>),
    /// A header more.
    Header(String, String),
    /// A byte order mark before the body.
    Bom,
}

/// A reply before it travels.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers but for the content's length.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What happens on the line.
    pub stops: Vec<Stop>,
}

impl Reply {
    /// A reply of JSON.
    pub fn json(status: u16, json: &Json) -> Self {
        let kind = "application/json; charset=utf-8".to_owned();
        Self {
            status,
            headers: vec![("Content-Type".to_owned(), kind)],
            body: json.to_string().into_bytes(),
            stops: vec![],
        }
    }

    /// A reply that says why there is no better one.
    pub fn message(status: u16, why: &str) -> Self {
        Self::json(status, &Json::object([("Message", Json::text(why))]))
    }

    /// The response for the server.
    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            let name = HeaderName::try_from(name).expect("a header's name");
            let value = HeaderValue::try_from(value).expect("a header's value");
            response.headers_mut().append(name, value);
        }
        response
    }

    /// Dates it at noon of the bank's day, unless something else was told to go wrong with that.
    pub fn date(&mut self, today: NaiveDate) {
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Date")) {
            let date = today.format("%a, %d %b %Y 12:00:00 GMT").to_string();
            self.set_header("Date", Some(&date));
        }
    }

    fn set_header(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        let header = value.map(|value| (name.to_owned(), value.to_owned()));
        self.headers.extend(header);
    }

    fn stop(&mut self, at: Place, act: Act) {
        self.stops.push(Stop { at, act });
    }
}

impl Transport {
    /// Does it to a reply.
    pub fn apply(&self, reply: &mut Reply) {
        match self {
            Self::SlowHead(pause) => reply.stop(Place::Head(0), Act::Wait(*pause)),
            Self::PauseInHead(pause) => reply.stop(Place::Head(12), Act::Wait(*pause)),
            Self::SlowBody { piece, pause } => {
                let pieces = (0..reply.body.len()).step_by((*piece).max(1));
                let stops = pieces.map(|at| Stop { at: Place::Body(at), act: Act::Wait(*pause) });
                reply.stops.extend(stops);
            }
            Self::Cut(at) => reply.stop(Place::Body(*at), Act::Close),
            Self::Reset(at) => reply.stop(Place::Body(*at), Act::Reset),
            Self::ResetAtOnce => reply.stop(Place::Head(0), Act::Reset),
            Self::Large(bytes) => {
                let length = reply.body.len().max(*bytes);
                reply.body.resize(length, b' ');
            }
            Self::Html(status) => {
                reply.status = *status;
                reply.set_header("Content-Type", Some("text/html; charset=utf-8"));
                reply.body =
                    b"<!DOCTYPE html>\n<html><body><h1>We'll be right back</h1></body></html>"
                        .to_vec();
            }
            Self::Redirect(to) => {
                reply.status = 307;
                reply.set_header("Location", Some(to));
                reply.body.clear();
            }
            Self::ContentType(kind) => reply.set_header("Content-Type", kind.as_deref()),
            Self::Header(name, value) => reply.set_header(name, Some(value)),
            Self::Bom => reply.body = [b"\xef\xbb\xbf", reply.body.as_slice()].concat(),
        }
    }
}
