//! A client of our own, down to the bytes, so that cuts and resets can be seen.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;

use crate::bank::Bank;

/// Someone who calls the bank with a key pair.
pub(crate) struct Caller<'a> {
    bank: &'a Bank,
    user_id: String,
    key: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) error: Option<io::ErrorKind>,
    /// Until the first byte.
    pub(crate) waited: Duration,
    /// Until the last.
    pub(crate) took: Duration,
}

impl Got {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body's length as the headers promise it.
    pub(crate) fn promised(&self) -> usize {
        self.header("content-length").and_then(|text| text.parse().ok()).expect("a length")
    }

    /// The values of a key in a list of objects.
    pub(crate) fn column(&self, key: &str) -> Vec<String> {
        let list = self.json();
        let items = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
        items.iter().map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl<'a> Caller<'a> {
    /// Someone with a family's own pair.
    pub(crate) fn family(bank: &'a Bank, name: &str) -> Self {
        bank.edit(|world| {
            let user = world.user(name);
            Self::with(bank, &user.id, &user.access_key)
        })
    }

    /// Someone with any pair.
    pub(crate) fn with(bank: &'a Bank, user_id: &str, key: &str) -> Self {
        Self { bank, user_id: user_id.to_owned(), key: key.to_owned() }
    }

    pub(crate) fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The header for a method and a signed path.
    pub(crate) fn authorization(&self, method: &str, path: &str) -> String {
        let key = BASE64_STANDARD.decode(&self.key).expect("base64");
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).expect("any length");
        mac.update(format!("{method}\n{path}").as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        format!("FIApiAUTH:{}:{signature}:{path}", self.user_id)
    }

    /// A well-formed call of a path below `/api`.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Got {
        let authorization = self.authorization("POST", &last_segment(path));
        let headers =
            [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        self.send("POST", &format!("/api{path}"), &headers, &body.to_string())
    }

    /// A well-formed call of a path below `/api`.
    pub(crate) fn get(&self, path: &str) -> Got {
        let authorization = self.authorization("GET", &last_segment(path));
        let headers = [("Authorization", authorization.as_str())];
        self.send("GET", &format!("/api{path}"), &headers, "")
    }

    /// Any call.
    pub(crate) fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Got {
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (name, value) in headers {
            request.extend([name, ": ", value, "\r\n"]);
        }
        let length = body.len().to_string();
        request.extend(["Content-Length: ", &length, "\r\n\r\n", body]);
        let mut stream = TcpStream::connect(self.bank.address()).expect("the bank is open");
        stream.write_all(request.as_bytes()).expect("it listens");
        read(stream)
    }
}

fn read(mut stream: TcpStream) -> Got {
    let begun = Instant::now();
    let (mut waited, mut bytes, mut error) = (None, Vec::new(), None);
    let mut piece = vec![0; 65_536];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => {
                waited.get_or_insert_with(|| begun.elapsed());
                bytes.extend_from_slice(&piece[..length]);
            }
            Err(failed) => {
                error = Some(failed.kind());
                break;
            }
        }
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    Got {
        status: head.get(9..12).and_then(|code| code.parse().ok()).unwrap_or_default(),
        head,
        body: bytes.get(end + 4..).unwrap_or_default().to_vec(),
        error,
        waited: waited.unwrap_or_else(|| begun.elapsed()),
        took: begun.elapsed(),
    }
}

fn last_segment(path: &str) -> String {
    path[path.rfind('/').unwrap_or_default()..].to_lowercase()
}
