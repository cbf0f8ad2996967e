//! GUIDs and keys that follow from what they belong to: the same world, the same ids.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest as _, Sha256};

/// The GUID of a thing, named by the path of names that leads to it.
pub fn guid(path: &[&str]) -> String {
    let hash = Sha256::digest(path.join("\n"));
    let number = hash[..16].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let hex = format!("{number:032x}");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// The access key of a user: 32 bytes in base64.
pub fn access_key(user_id: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(format!("access key\n{user_id}")))
}

/// Whether a text is a GUID.
pub fn is_guid(text: &str) -> bool {
    let dash = |at| [8, 13, 18, 23].contains(&at);
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if dash(at) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}
