//! Descriptors of the kernel that tokio waits for.

use std::io;

use rustix::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Has the runtime wait until the descriptor, which does not block, can be read.
#[allow(
    deprecated,
    reason = "the successor is unsafe, for types that may change their descriptor: this one cannot"
)]
pub(super) fn readable(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE)
}
