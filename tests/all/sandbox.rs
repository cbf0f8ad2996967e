//! The sandbox bank is a strict judge, does wrong what it is told to, and knows the truth.

pub(crate) mod caller;
mod challenges;
mod connecting;
mod door;
mod faults;
mod history;
mod jobs;
mod oddities;
mod signing;
mod strangers;
