//! The service's address as it is meant, or a refusal; never a silent default.

use url::{Host, Position, Url};

use super::findings::Wrong;

/// The service's own address, which stands where none is configured.
pub(super) const SERVICE: &str = "https://api.sophtron.com/api";

/// The address up to and with `/api`, without a slash at the end. The typed text is not shown in
/// errors: it may hold a password.
pub(super) fn base_url(text: &str) -> Result<String, Wrong> {
    let wrong = |problem: &str| Err(Wrong::new(problem, format!("write it like \"{SERVICE}\"")));
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return wrong("an address has no spaces and no \\ in it");
    }
    let Ok(url) = Url::parse(text) else { return wrong("this is no address") };
    if !matches!(url.scheme(), "https" | "http") || !text.contains("://") {
        return wrong("an address begins with https://");
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return wrong("a user or password cannot stand in the address");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("nothing with ? or # can stand in the address");
    }
    if url.scheme() == "http" && !on_loopback(&url) {
        return wrong("without https everybody on the way could read along");
    }
    Ok(with_api(&url))
}

/// Whether an address that was read is of a service on this machine.
pub(super) fn is_loopback(base_url: &str) -> bool {
    Url::parse(base_url).is_ok_and(|url| on_loopback(&url))
}

fn on_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn with_api(url: &Url) -> String {
    let host = &url[..Position::BeforePath];
    let path = url.path().trim_end_matches('/');
    let path = without_end(path, "/v2").unwrap_or(path).trim_end_matches('/');
    let path = without_end(path, "/api").unwrap_or(path);
    format!("{host}{path}/api")
}

/// The path without an ending that it has in any case: the service's paths have none.
fn without_end<'p>(path: &'p str, end: &str) -> Option<&'p str> {
    let (start, last) = path.split_at_checked(path.len().checked_sub(end.len())?)?;
    last.eq_ignore_ascii_case(end).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_becomes_one() {
        for (typed, meant) in [
            ("https://api.sophtron.com/api", SERVICE),
            ("https://api.sophtron.com", SERVICE),
            ("https://api.sophtron.com/", SERVICE),
            ("https://api.sophtron.com/api/", SERVICE),
            ("https://api.sophtron.com/api/v2", SERVICE),
            ("https://api.sophtron.com/v2/", SERVICE),
            ("HTTPS://API.sophtron.com:443/api//", SERVICE),
            ("https://api.sophtron.com/API/V2", SERVICE),
            ("https://proxy.example/bank", "https://proxy.example/bank/api"),
            ("https://v2/", "https://v2/api"),
            ("https://api", "https://api/api"),
            ("http://localhost:8080", "http://localhost:8080/api"),
            ("http://127.9.9.9:1/api", "http://127.9.9.9:1/api"),
            ("http://[::1]:8080/api", "http://[::1]:8080/api"),
        ] {
            assert_eq!(base_url(typed).as_deref(), Ok(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_no_safe_address_is_refused_without_being_shown() {
        for typed in [
            "",
            "api.sophtron.com",
            "ftp://api.sophtron.com",
            "https:api.sophtron.com",
            "http://api.sophtron.com/api",
            "http://localhost.example/api",
            "http://127.0.0.1.example/api",
            "http://0.0.0.0/api",
            "https://hunter2:hunter2@api.sophtron.com/api",
            "https://hunter2@api.sophtron.com",
            "https://@api.sophtron.com",
            "https://api.sophtron.com/api?key=hunter2",
            "https://api.sophtron.com/api#hunter2",
            "https://api.sophtron.com\\@evil.example",
            "https://api.sophtron .com",
            " https://api.sophtron.com",
            "https://api.sophtron.com:99999",
            "https://",
        ] {
            let wrong = base_url(typed).expect_err(typed);
            assert!(!wrong.problem.contains("hunter2") && !wrong.cure.contains("hunter2"));
        }
    }
}
