//! `sophtron-sync`: parses arguments, runs, prints a failure, exits.

fn main() {}
