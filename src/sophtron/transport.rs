//! HTTP: one request, one answer.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER};
use reqwest::{Response, Url, redirect};

use super::body::{Gate, Incoming, Place};
use super::broken::broken;
use super::call::Call;
use super::clock::Clock;
use super::error::judge;
use super::sign::Signer;
use super::{Error, Pace, Permit, retry};

const USER_AGENT: &str = concat!("sophtron-sync/", env!("CARGO_PKG_VERSION"));

/// The connections to one family's service.
pub(super) struct Transport {
    http: reqwest::Client,
    base: String,
    host: String,
    pub(super) gate: Arc<Gate>,
    pub(super) pace: Pace,
    calls: AtomicU64,
    /// Whether any question was answered: then these credentials are good.
    answered: AtomicBool,
    /// Whether the credentials were refused: then nothing more is asked with them.
    refused: AtomicBool,
    /// The service's clock, at its last answer. Held for one copy, never over an await.
    time: Mutex<Option<SystemTime>>,
    pub(super) permit: Option<Permit>,
}

impl Transport {
    /// Prepares connections to an `https` address, or to an `http` one on this machine.
    ///
    /// # Errors
    /// [`Error::Address`] for any other address, [`Error::NoRoots`] without root certificates.
    pub(super) fn new(base_url: &str, gate: Arc<Gate>, pace: Pace) -> Result<Self, Error> {
        let base = base_url.trim_end_matches('/').to_owned();
        let url = checked(&base)?;
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let host = format!("{host}:{port}");
        let http = connections(url.scheme() == "https", &pace)?;
        let (calls, answered, refused, time) = Default::default();
        Ok(Self { http, base, host, gate, pace, calls, answered, refused, time, permit: None })
    }

    /// Whether any question was answered with these credentials.
    pub(super) fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// Lets nothing more be asked with these credentials.
    pub(super) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    /// Refused credentials are used no more, whichever login they were refused for: too many of
    /// them may lock the key.
    fn usable(&self, asked: &'static str) -> Result<(), Error> {
        if self.refused.load(Ordering::Relaxed) {
            return Err(Error::Rejected { asked, status: 401 });
        }
        Ok(())
    }

    /// How many requests were sent.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// What the service's clock said at its last answer, where it told.
    pub(super) fn time(&self) -> Option<SystemTime> {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one request and judges the status of its answer. The body is still to be read; that
    /// of a bad status never is.
    ///
    /// # Errors
    /// Every variant of [`Error`] but those about what an answer holds.
    pub(super) async fn send(
        &self,
        call: Call,
        signer: &Signer,
        body: &str,
    ) -> Result<Incoming, Error> {
        // Taken before the request, so that no answer waits for it with its time limits running.
        let place = self.gate.place().await;
        self.usable(call.words())?;
        let url = format!("{}{}", self.base, call.path());
        let request = self
            .http
            .request(call.method(), &url)
            .header(AUTHORIZATION, signer.header(call.method().as_str(), &url)?)
            .header(ACCEPT, "application/json");
        let request = match call {
            Call::HealthCheck => request,
            // A copy that the library drops once it is sent; what is dropped is wiped (`main`).
            _ => request.header(CONTENT_TYPE, "application/json").body(body.to_owned()),
        };
        if let Some(permit) = &self.permit
            && !permit().await
        {
            return Err(Error::Budget { asked: call.words() });
        }
        self.usable(call.words())?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.answer(call, request, place).await
    }

    async fn answer(
        &self,
        call: Call,
        request: reqwest::RequestBuilder,
        place: Place,
    ) -> Result<Incoming, Error> {
        let asked = call.words();
        let clock = Clock::start(&self.pace, &self.host);
        let (limit, phase) = clock.limit();
        let answer = match tokio::time::timeout(limit, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(broken(asked, &clock, &error)),
            Err(_) => Err(clock.timed_out(asked, phase)),
        };
        log(call, &clock, &answer);
        let response = answer?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        if let Some(time) = date.and_then(|date| httpdate::parse_http_date(date).ok()) {
            *self.time.lock().unwrap_or_else(PoisonError::into_inner) = Some(time);
        }
        match judge(asked, response.status().as_u16(), retry_after(&response)) {
            Ok(()) => self.answered.store(true, Ordering::Relaxed),
            Err(error) => {
                self.refused.fetch_or(matches!(error, Error::Rejected { .. }), Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(Incoming { response, place, clock, asked })
    }
}

/// One line a request: no header, no body, no query.
fn log(call: Call, clock: &Clock, answer: &Result<Response, Error>) {
    let (method, endpoint) = (call.method(), call.path());
    let ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
    match answer {
        Ok(response) => {
            let status = response.status().as_u16();
            tracing::info!(target: "requests", %method, endpoint, status, ms, "request");
        }
        Err(error) => {
            tracing::info!(target: "requests", %method, endpoint, %error, ms, "request");
        }
    }
}

fn retry_after(response: &Response) -> Option<std::time::Duration> {
    let header = |name: HeaderName| response.headers().get(name)?.to_str().ok();
    retry::retry_after(header(RETRY_AFTER)?, header(DATE))
}

/// Takes an `https` address, or an `http` one on this machine: the signed header never travels in
/// the clear.
fn checked(base: &str) -> Result<Url, Error> {
    let url = Url::parse(base).map_err(|_| Error::Address("cannot be read"))?;
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let wrong = match url.scheme() {
        "https" | "http" if !url.username().is_empty() || url.password().is_some() => {
            "holds a user name or password"
        }
        "https" | "http" if url.query().is_some() || url.fragment().is_some() => {
            "has a part after `?` or `#`"
        }
        "https" => return Ok(url),
        "http" if here => return Ok(url),
        "http" => "is http:// and not on this machine: the key would travel in the clear",
        _ => "does not begin with https://",
    };
    Err(Error::Address(wrong))
}

/// HTTP/1.1 over TLS 1.2 or later with the system's roots, nothing compressed, nothing followed,
/// nothing repeated.
fn connections(secure: bool, pace: &Pace) -> Result<reqwest::Client, Error> {
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .http1_only()
        .https_only(secure)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // A proxy out of the environment would be a surprise: on the way to a service on this
        // machine it would see the signed header in the clear, and the environment is read in one
        // place only, which is not here.
        .no_proxy()
        .connect_timeout(pace.connect)
        // A connection that the service may have closed meanwhile is not used again: a request on
        // it could be lost, and what starts something is never sent twice.
        .pool_idle_timeout(std::time::Duration::from_secs(4));
    // Without TLS no roots are needed, and none are read.
    let builder = if secure { builder } else { builder.tls_certs_only([]) };
    builder.build().map_err(|_| Error::NoRoots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine_is_taken() {
        for (address, good) in [
            ("https://api.sophtron.com/api", true),
            ("http://127.0.0.1:8080/api", true),
            ("http://localhost/api", true),
            ("http://[::1]:9/api", true),
            ("http://127.8.9.1/api", true),
            ("http://api.sophtron.com/api", false),
            ("http://localhost.example.org/api", false),
            ("http://127.0.0.1.example.org/api", false),
            ("http://192.168.1.2/api", false),
            ("https://me:hush@api.sophtron.com/api", false),
            ("https://me@api.sophtron.com/api", false),
            ("https://api.sophtron.com/api?x=1", false),
            ("https://api.sophtron.com/api#x", false),
            ("ftp://127.0.0.1/api", false),
            ("api.sophtron.com/api", false),
            ("", false),
        ] {
            let read = checked(address);
            assert_eq!(read.is_ok(), good, "{address}");
            if let Err(error) = read {
                assert!(!error.to_string().contains("hush"), "{error}");
            }
        }
    }
}
