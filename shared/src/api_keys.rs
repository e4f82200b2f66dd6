//! Keys to the HTTP API: how one is made, what may be done with it, and the hash that is all we keep of it.
//! Where they are kept is [`crate::store::api_keys`].

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::text_enums::text_enum;

text_enum! {
    /// What a key may be used for; reading all else needs none.
    Scope {
        /// Ask for ingestions, and decide who made what.
        Write = "write",
        /// Read how to reach producers.
        Contacts = "contacts",
    }
}

/// What every key begins with, so that one that leaks is recognised.
const PREFIX: &str = "ln_";

/// A new key: `ln_` and 32 random bytes in hexadecimal. It is shown to its owner once and never kept.
#[must_use]
pub fn generate() -> String {
    let mut key = PREFIX.to_owned();
    for byte in rand::random::<[u8; 32]>() {
        write!(key, "{byte:02x}").expect("a String takes every text");
    }
    key
}

/// What is kept of a key: its SHA-256. A key is as random as its hash is long, so that neither salt nor a slow hash
/// would make guessing it any harder.
#[must_use]
pub fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_keys_are_alike() {
        let (one, other) = (generate(), generate());
        assert!(one.starts_with("ln_") && one.len() == 67, "{one}");
        assert_ne!(one, other);
        assert_ne!(hash(&one), hash(&other));
    }

    #[test]
    fn a_key_is_kept_as_its_sha_256() {
        let hex: String = hash("abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
