//! The endpoints, one file per resource. Each reads its request, calls the store and builds the response.

pub(crate) mod artists;
pub(crate) mod health;
pub(crate) mod ingestions;
pub(crate) mod producers;
pub(crate) mod tracks;
pub(crate) mod verdicts;

/// Reads one of our own ids from a path: a positive 64-bit number without leading zeros, because a Spotify id
/// of digits only could begin with zeros. Any other text gives `None`.
fn own_id(text: &str) -> Option<i64> {
    let is_plain = text.starts_with(|c: char| c.is_ascii_digit() && c != '0');
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::own_id;

    #[test]
    fn an_own_id_is_a_positive_64_bit_number() {
        assert_eq!(own_id("7"), Some(7));
        assert_eq!(own_id("9223372036854775807"), Some(i64::MAX));
        for text in ["", "0", "07", "-7", "+7", "7.0", "9223372036854775808", "x", "٧"] {
            assert_eq!(own_id(text), None, "{text}");
        }
    }
}
