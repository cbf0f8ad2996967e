//! One sync.
