//! The bodies of answers: at most 32 MB each, at most 48 MB in hand at once.

use std::sync::Arc;

use reqwest::header::CONTENT_TYPE;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::Error;
use super::broken::broken;
use super::clock::Clock;

/// The most bytes that one answer may have.
pub(super) const MOST_BYTES: usize = 32 * MB;

/// Up to this many bytes an answer is small.
const SMALL_BYTES: usize = MB;

const MB: usize = 1024 * 1024;

/// How many answers may be in hand at once: with one of [`MOST_BYTES`] and the others small that
/// makes 48 MB.
const MOST_ANSWERS: usize = 16;

/// Bounds what all answers in hand take, over all families: 16 small ones of up to 1 MB, one of
/// which at a time may grow to 32 MB.
///
/// Whoever holds the one large place waits for nothing but the network, which has its time limits,
/// so nobody waits for ever.
#[derive(Debug)]
pub struct Gate {
    answers: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Gate {
    /// The gate that all clients of the process share.
    #[must_use]
    pub fn new() -> Arc<Self> {
        let places = |count| Arc::new(Semaphore::new(count));
        Arc::new(Self { answers: places(MOST_ANSWERS), large: places(1) })
    }

    /// Waits for a place for one answer. To be held until the answer is read into values.
    pub(super) async fn place(&self) -> Place {
        Place { _answer: permit(&self.answers).await, large: None }
    }
}

/// A place at the gate.
pub(super) struct Place {
    _answer: OwnedSemaphorePermit,
    large: Option<OwnedSemaphorePermit>,
}

async fn permit(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(places).acquire_owned().await.expect("nobody closes the gate")
}

/// A whole body, which holds its place at the gate until it is dropped.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    _place: Place,
}

/// An answer on its way.
pub(super) struct Incoming {
    pub(super) response: reqwest::Response,
    pub(super) place: Place,
    pub(super) clock: Clock,
    pub(super) asked: &'static str,
}

impl Incoming {
    /// Reads the whole body.
    ///
    /// # Errors
    /// [`Error::TooLarge`] past 32 MB, at once where the length is announced;
    /// [`Error::TimedOut`]; [`Error::Unreachable`] where the connection breaks.
    pub(super) async fn read(mut self, gate: &Gate) -> Result<Body, Error> {
        let announced = self.response.content_length();
        let announced = announced.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        self.admit(announced, gate).await?;
        let mut bytes = Vec::with_capacity(announced);
        while let Some(chunk) = self.chunk().await? {
            let length = bytes.len() + chunk.len();
            self.admit(length, gate).await?;
            if length > bytes.capacity() {
                // Doubled, but never past the bound that the gate counts on.
                let capacity = (2 * bytes.capacity()).min(MOST_BYTES).max(length);
                bytes.reserve_exact(capacity - bytes.len());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Body { bytes, _place: self.place })
    }

    /// Makes sure that the place is large enough. The wait for it is not the service's.
    async fn admit(&mut self, length: usize, gate: &Gate) -> Result<(), Error> {
        if length > MOST_BYTES {
            return Err(Error::TooLarge { asked: self.asked, limit_bytes: MOST_BYTES });
        }
        if length > SMALL_BYTES && self.place.large.is_none() {
            let waiting = Instant::now();
            self.place.large = Some(permit(&gate.large).await);
            self.clock.leave_out(waiting.elapsed());
        }
        Ok(())
    }

    /// The answer's `Content-Type`, empty where it has none.
    pub(super) fn content_type(&self) -> String {
        let header = self.response.headers().get(CONTENT_TYPE);
        header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    async fn chunk(
        &mut self,
    ) -> Result<Option<impl std::ops::Deref<Target = [u8]> + use<>>, Error> {
        let (limit, phase) = self.clock.limit();
        match tokio::time::timeout(limit, self.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(broken(self.asked, &self.clock, &error)),
            Err(_) => Err(self.clock.timed_out(self.asked, phase)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_make_48_megabytes() {
        assert_eq!(MOST_BYTES + MOST_ANSWERS * SMALL_BYTES, 48 * MB);
    }

    #[tokio::test(start_paused = true)]
    async fn sixteen_answers_and_one_large_one_have_a_place() {
        let gate = Gate::new();
        let mut places = Vec::new();
        for _ in 0..MOST_ANSWERS {
            places.push(gate.place().await);
        }
        let full = tokio::time::timeout(std::time::Duration::from_secs(1), gate.place()).await;
        assert!(full.is_err(), "a seventeenth waits");
        places.pop();
        let free = tokio::time::timeout(std::time::Duration::from_secs(1), gate.place()).await;
        assert!(free.is_ok(), "a place that is given back is taken");
    }
}
