//! A bank to play with by hand.

mod bank;

fn main() {}
