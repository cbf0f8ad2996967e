//! Books in, bytes of files out.
