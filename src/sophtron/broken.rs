//! What broke a connection, in words of our own.

use std::error::Error as StdError;
use std::io::ErrorKind;

use super::clock::Clock;
use super::error::Broken;
use super::{Error, Phase};

/// Words what the HTTP library met. Its own text is never shown: it speaks to programmers.
pub(super) fn broken(asked: &'static str, clock: &Clock, error: &reqwest::Error) -> Error {
    if error.is_connect() && error.is_timeout() {
        return clock.timed_out(asked, Phase::Connect);
    }
    let host = clock.host();
    let said = causes(error).map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let said = said.to_lowercase();
    let why = match io_kind(error) {
        _ if error.is_dns() => Broken::Name { host },
        _ if !error.is_connect() && said.contains("invalid http") => Broken::NotHttp { host },
        _ if !error.is_connect() => Broken::Cut { host },
        Some(kind) if said.contains("tcp connect error") => {
            Broken::Connect { host, reason: connect_reason(kind) }
        }
        _ if error.url().is_some_and(|url| url.scheme() == "https") => {
            Broken::Tls { host, reason: tls_reason(&said) }
        }
        _ => Broken::Connect { host, reason: "no connection came about" },
    };
    Error::Unreachable { asked, why }
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause| (*cause).source())
}

fn io_kind(error: &reqwest::Error) -> Option<ErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind)
}

fn connect_reason(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ConnectionRefused => "nobody listens there (connection refused)",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => "the connection was reset",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "no way leads there",
        ErrorKind::PermissionDenied => "this machine does not allow it",
        _ => "no connection came about",
    }
}

fn tls_reason(said: &str) -> &'static str {
    for (word, reason) in [
        ("expired", "its certificate has expired"),
        ("not valid for name", "its certificate is for another name"),
        ("notvalidforname", "its certificate is for another name"),
        ("certificate", "its certificate is not trusted"),
    ] {
        if said.contains(word) {
            return reason;
        }
    }
    "the handshake failed"
}
