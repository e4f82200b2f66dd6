//! The endpoints, a file per noun: each reads its request, asks the store and says what came of it.
//! The SQL is in the store, and who may ask in [`crate::access`].

pub(crate) mod artists;
pub(crate) mod health;
pub(crate) mod ingestions;
pub(crate) mod producers;
pub(crate) mod tracks;
pub(crate) mod verdicts;

/// Our own key in a path: a positive number that fits, without leading zeros, which a Spotify id of digits alone could
/// have. Any other text is the key of nothing.
fn key(text: &str) -> Option<i64> {
    let is_plain = text.starts_with(|c: char| c.is_ascii_digit() && c != '0');
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn a_key_is_a_positive_number_that_fits() {
        assert_eq!(key("7"), Some(7));
        assert_eq!(key("9223372036854775807"), Some(i64::MAX));
        for text in ["", "0", "07", "-7", "+7", "7.0", "9223372036854775808", "x", "٧"] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
