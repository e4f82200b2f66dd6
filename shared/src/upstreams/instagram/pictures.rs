//! Reads the expiry time from the signed URLs of Instagram pictures.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

/// The assumed lifetime of a URL without an expiry time. Observed lifetimes are a few days.
const DEFAULT_LIFETIME: TimeDelta = TimeDelta::days(1);
/// No URL was observed to be valid for longer.
const LONGEST_LIFETIME: TimeDelta = TimeDelta::days(60);

/// When a picture URL that was received at `now` expires. Its parameter `oe` has the time in hexadecimal
/// seconds since 1970. If that is missing or not plausible, the result is a day after `now`.
#[must_use]
pub fn picture_expires_at(url: &str, now: DateTime<Utc>) -> DateTime<Utc> {
    let stated = Url::parse(url).ok().and_then(|url| {
        let (_, seconds) = url.query_pairs().find(|(name, _)| name == "oe")?;
        DateTime::from_timestamp(i64::from_str_radix(&seconds, 16).ok()?, 0)
    });
    stated
        .filter(|&at| at > now && at < now + LONGEST_LIFETIME)
        .unwrap_or(now + DEFAULT_LIFETIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_states_when_it_expires() {
        let now = DateTime::from_timestamp(0x6745_0000, 0).unwrap();
        for (query, seconds) in [
            ("?stp=x&oe=67450E10&_nc_sid=1", 3600),
            ("?oe=67450e10", 3600),
            ("", 86_400),
            ("?oe=", 86_400),
            ("?oe=zzz", 86_400),
            ("?oe=65A", 86_400),
            ("?oe=67450000", 86_400),
            ("?oe=FFFFFFFF", 86_400),
            ("?oe=FFFFFFFFFFFFFFFFFFFF", 86_400),
            ("?oes=67450E10", 86_400),
        ] {
            let url = format!("https://scontent.example/v/t51/1.jpg{query}");
            let expires_at = picture_expires_at(&url, now);
            assert_eq!((expires_at - now).num_seconds(), seconds, "{query}");
        }
        assert_eq!(picture_expires_at("no link", now), now + DEFAULT_LIFETIME);
    }
}
