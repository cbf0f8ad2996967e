//! The last lines of what a program said.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::task::JoinHandle;

use crate::books::one_line;

/// How many bytes of each stream are kept: its end.
const KEPT: usize = 4096;

/// How many lines are told.
const LINES: usize = 3;

/// How many characters of a line are told.
const LINE: usize = 160;

/// Listens to a stream as long as anybody holds its other end, or until it is dropped: what a
/// program leaves running may hold it for ever.
pub(super) struct Listener {
    heard: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Listens to a stream, where there is one.
    pub(super) fn to(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(listen(stream, Arc::clone(&heard)));
        Self { heard, task }
    }

    /// Waits until all was heard.
    pub(super) async fn end(&mut self) {
        // A listener that panicked has heard what it has heard.
        let _ = (&mut self.task).await;
    }

    /// What was heard last.
    pub(super) fn last(&self) -> Vec<u8> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(stream: Option<impl AsyncRead + Unpin + Send>, heard: Arc<Mutex<Vec<u8>>>) {
    let Some(mut stream) = stream else { return };
    let mut piece = [0; 1024];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend_from_slice(&piece[..count]);
        let old = heard.len().saturating_sub(KEPT);
        heard.drain(..old);
    }
}

/// The last lines of two streams, the second one after the first, as one line of sound text.
pub(super) fn last_lines(first: &[u8], second: &[u8]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for stream in [first, second] {
        let text = String::from_utf8_lossy(stream);
        let told = text.lines().map(one_line).filter(|line| !line.is_empty());
        lines.extend(told.map(|line| line.chars().take(LINE).collect::<String>()));
    }
    let from = lines.len().saturating_sub(LINES);
    lines[from..].join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_told_as_sound_text() {
        assert_eq!(last_lines(b"", b""), "");
        assert_eq!(
            last_lines(b"one\ntwo\n", b"\n\x1b[31mthree\xff\n"),
            "one / two / [31mthree\u{fffd}"
        );
        assert_eq!(last_lines(b"1\n2\n3\n4\n", b""), "2 / 3 / 4");
        assert_eq!(last_lines("x".repeat(5000).as_bytes(), b"").len(), LINE);
    }

    #[tokio::test]
    async fn a_flood_is_heard_to_its_end_and_kept_within_bounds() {
        let flood = "0123456789\n".repeat(100_000) + "the end";
        let mut listener = Listener::to(Some(std::io::Cursor::new(flood)));
        listener.end().await;
        let last = listener.last();
        assert!(last.len() <= KEPT && last.ends_with(b"the end"));
    }
}
