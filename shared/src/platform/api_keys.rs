//! Generates and hashes the keys of the HTTP API. [`crate::store::work::api_keys`] stores the hashes.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::domain::text_enums::text_enum;

text_enum! {
    /// A permission of a key.
    Scope {
        /// Read everything but contact details.
        Read = "read",
        /// Request ingestions, and decide who produced what.
        Write = "write",
        /// Read the contact details of producers, and with `write` erase them.
        Contacts = "contacts",
        /// Read and cancel the ingestions of others, and read what is internal: the texts of errors, who
        /// decided what, and notes.
        Operate = "operate",
    }
}

text_enum! {
    /// Whether a key is valid.
    KeyState {
        /// It is.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// Its operator revoked it.
        Revoked = "revoked",
    }
}

/// The prefix of every key, which makes a leaked key recognisable.
const PREFIX: &str = "ln_";
/// The number of hexadecimal digits after the prefix.
const DIGITS: usize = 64;

/// Generates a key: `ln_` and 32 random bytes in hexadecimal. Its owner sees it once, and it is never stored.
#[must_use]
pub fn generate() -> String {
    let mut key = PREFIX.to_owned();
    for byte in rand::random::<[u8; 32]>() {
        write!(key, "{byte:02x}").expect("writing to a String does not fail");
    }
    key
}

/// Whether a text has the form of a key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a text has a key in it.
#[must_use]
pub fn contains_key(text: &str) -> bool {
    text.match_indices(PREFIX).any(|(start, _)| {
        let key = text.get(start..start + PREFIX.len() + DIGITS);
        key.is_some_and(is_key)
    })
}

/// The SHA-256 hash of a key, which is what the database stores. A key has as many random bits as its hash,
/// so neither salt nor a slow hash would make it harder to guess.
#[must_use]
pub fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_generated_keys_differ() {
        let (first, second) = (generate(), generate());
        assert!(first.starts_with("ln_") && first.len() == 67, "{first}");
        assert_ne!(first, second);
        assert_ne!(hash(&first), hash(&second));
    }

    #[test]
    fn a_key_is_recognized_alone_and_in_a_text() {
        let key = generate();
        assert!(is_key(&key) && contains_key(&key) && contains_key(&format!("ln_ä?q={key}&x=1")));
        for text in ["", "ln_", "ln_0123", &key[..66], &key[1..]] {
            assert!(!is_key(text) && !contains_key(text), "{text}");
        }
        assert!(!is_key(&format!("{key}0")) && !is_key(&key.replace("ln_", "ln-")));
    }

    #[test]
    fn the_hash_of_a_key_is_its_sha_256() {
        let hex: String = hash("abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
