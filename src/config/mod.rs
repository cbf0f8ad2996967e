//! Configuration, identity and credentials.
