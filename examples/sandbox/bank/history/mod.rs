//! Three years of two families.
