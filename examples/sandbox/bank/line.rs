//! The bytes on the wire: a connection that can be made to wait, to end, or to break at any byte.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// A place in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// After so many bytes of status line and headers.
    Head(usize),
    /// After so many bytes of the body.
    Body(usize),
}

/// What happens at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing is sent for a while.
    Wait(Duration),
    /// The connection ends.
    Close,
    /// The connection is reset.
    Reset,
}

/// A place and what happens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The place.
    pub at: Place,
    /// What happens.
    pub act: Act,
}

/// How far an answer has got, and what is still to happen to it.
#[derive(Debug, Default)]
struct Progress {
    stops: VecDeque<Stop>,
    head: usize,
    body: usize,
    /// How much of the empty line that ends the headers was seen.
    matched: usize,
}

/// The end of the headers.
const BLANK: &[u8] = b"\r\n\r\n";

impl Progress {
    fn in_body(&self) -> bool {
        self.matched == BLANK.len()
    }

    /// Bytes until a place; 0 at it or past it, `None` where it cannot be told yet.
    fn until(&self, place: Place) -> Option<usize> {
        match place {
            Place::Head(at) if !self.in_body() => Some(at.saturating_sub(self.head)),
            Place::Head(_) => Some(0),
            Place::Body(at) if self.in_body() => Some(at.saturating_sub(self.body)),
            Place::Body(_) => None,
        }
    }

    /// What happens here, once.
    fn due(&mut self) -> Option<Act> {
        let due = self.stops.front().is_some_and(|stop| self.until(stop.at) == Some(0));
        if due { self.stops.pop_front().map(|stop| stop.act) } else { None }
    }

    /// How many of these bytes may go before something happens.
    fn room(&self, bytes: &[u8]) -> usize {
        let stop = self.stops.front().and_then(|stop| self.until(stop.at)).unwrap_or(bytes.len());
        let head = if self.in_body() { bytes.len() } else { self.rest_of_head(bytes) };
        stop.min(head).min(bytes.len())
    }

    fn rest_of_head(&self, bytes: &[u8]) -> usize {
        let mut matched = self.matched;
        for (at, byte) in bytes.iter().enumerate() {
            matched = next_match(matched, *byte);
            if matched == BLANK.len() {
                return at + 1;
            }
        }
        bytes.len()
    }

    fn count(&mut self, bytes: &[u8]) {
        if self.in_body() {
            self.body += bytes.len();
            return;
        }
        self.head += bytes.len();
        self.matched = bytes.iter().fold(self.matched, |matched, byte| next_match(matched, *byte));
    }
}

fn next_match(matched: usize, byte: u8) -> usize {
    match byte {
        byte if byte == BLANK[matched % 4] => matched + 1,
        b'\r' => 1,
        _ => 0,
    }
}

/// The hold that the answering side has on a connection.
#[derive(Debug, Clone, Default)]
pub struct Reins(Arc<Mutex<Progress>>);

impl Reins {
    /// Says what happens to the next answer on this connection.
    pub fn next_answer(&self, stops: Vec<Stop>) {
        *self.progress() = Progress { stops: stops.into(), ..Progress::default() };
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection.
pub struct Line {
    stream: TcpStream,
    reins: Reins,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Line {
    fn stop(&mut self, act: Act) -> io::Result<()> {
        match act {
            Act::Wait(pause) => self.pause = Some(Box::pin(sleep(pause))),
            Act::Close => return Err(io::ErrorKind::BrokenPipe.into()),
            Act::Reset => {
                // Closing then sends RST in place of FIN.
                self.stream.set_zero_linger()?;
                return Err(io::ErrorKind::ConnectionReset.into());
            }
        }
        Ok(())
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let due = self.reins.progress().due();
            match due {
                Some(act) => self.stop(act)?,
                None => break,
            }
        }
        let room = self.reins.progress().room(bytes);
        let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..room]))?;
        self.reins.progress().count(&bytes[..sent]);
        Poll::Ready(Ok(sent))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

/// A listener whose connections have reins.
pub struct Gate(pub TcpListener);

impl Listener for Gate {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Head and body go out apart: a body that waited for the head's receipt would come 40 ms
        // late.
        let _ = stream.set_nodelay(true);
        (Line { stream, reins: Reins::default(), pause: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Gate>> for Reins {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        stream.io().reins.clone()
    }
}
