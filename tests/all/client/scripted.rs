//! A loopback server that answers as each test scripts it, well or badly, below HTTP if need be.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the scripted server does with one connection.
#[derive(Clone)]
pub(super) enum Reply {
    /// Reads the request, sends these bytes, closes.
    Bytes(Vec<u8>),
    /// Closes without reading, which resets the connection.
    Reset,
    /// Reads the request, sends these bytes, then nothing for a minute.
    Silence(Vec<u8>),
    /// Reads the request, sends a head, then a byte every so often for a minute.
    Drip(Duration),
}

/// A good answer with a JSON body.
pub(super) fn json(body: &str) -> Reply {
    answer("200 OK", "Content-Type: application/json\r\n", body.as_bytes())
}

/// An answer without a body.
pub(super) fn status(line: &str, headers: &str) -> Reply {
    answer(line, headers, b"")
}

pub(super) fn answer(line: &str, headers: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {line}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    Reply::Bytes([head.as_bytes(), body].concat())
}

/// A server on loopback; the last reply of its script holds on.
pub(super) struct Server {
    pub(super) base_url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) async fn start(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(serve(listener, script, Arc::clone(&seen)));
        Self { base_url: format!("http://{address}/api"), seen }
    }

    /// The requests so far, head and body.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no panic").clone()
    }
}

async fn serve(listener: TcpListener, script: Vec<Reply>, seen: Arc<Mutex<Vec<String>>>) {
    let mut script = script.into_iter();
    let mut reply = script.next().expect("a reply");
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(talk(stream, reply.clone(), Arc::clone(&seen)));
        reply = script.next().unwrap_or(reply);
    }
}

async fn talk(
    mut stream: TcpStream,
    reply: Reply,
    seen: Arc<Mutex<Vec<String>>>,
) -> io::Result<()> {
    if matches!(reply, Reply::Reset) {
        // Something must be there unread when the connection is dropped.
        return stream.readable().await;
    }
    let request = request(&mut stream).await?;
    seen.lock().expect("no panic").push(request);
    match reply {
        Reply::Bytes(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await?;
            // Whatever still comes is read, so that the close is a clean one.
            stream.read_to_end(&mut Vec::new()).await?;
        }
        Reply::Reset => unreachable!("dropped above"),
        Reply::Silence(bytes) => {
            stream.write_all(&bytes).await?;
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        Reply::Drip(pause) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n[").await?;
            for _ in 0..60_000 / pause.as_millis() {
                stream.write_all(b" ").await?;
                tokio::time::sleep(pause).await;
            }
        }
    }
    Ok(())
}

async fn request(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            header(head, "content-length").map_or(0, |value| value.parse().expect("digits"));
        if body.len() >= length {
            return Ok(text);
        }
    }
}

pub(super) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines().take_while(|line| !line.is_empty());
    let line = lines.find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
    Some(line[name.len() + 1..].trim())
}
