//! Until when a picture of Instagram's can be shown: the links to its servers are signed for a while.
//! Fetching one anew stays out.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

/// How long a link is taken to hold that does not say. They were seen to hold for some days.
const USUAL: TimeDelta = TimeDelta::days(1);
/// No link was seen to hold for longer.
const LONGEST: TimeDelta = TimeDelta::days(60);

/// Until when a picture's link holds that was given at `now`: its parameter `oe` is that in hexadecimal seconds since 1970.
/// Where it is not there, or is no time that a link just given can end at, a day is taken.
#[must_use]
pub fn picture_expires_at(url: &str, now: DateTime<Utc>) -> DateTime<Utc> {
    let stated = Url::parse(url).ok().and_then(|url| {
        let (_, seconds) = url.query_pairs().find(|(name, _)| name == "oe")?;
        DateTime::from_timestamp(i64::from_str_radix(&seconds, 16).ok()?, 0)
    });
    stated
        .filter(|&at| at > now && at < now + LONGEST)
        .unwrap_or(now + USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_when_it_ends() {
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
        assert_eq!(picture_expires_at("no link", now), now + USUAL);
    }
}
