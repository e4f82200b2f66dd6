//! What of all that sources state is shown as a producer's handle, picture, address and bio: pure.
//! Everything stated is kept and shown beside it; asking the sources, and keeping, stays out.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use crate::domain::credits::Source;
use crate::domain::links::LinkKind;

/// The kinds of contacts that are no links.
pub const BIO: &str = "bio";
/// See [`BIO`].
pub const EMAIL: &str = "email";
/// See [`BIO`].
pub const IMAGE: &str = "image";

/// The field of `producers.metadata` with how many follow the account at Instagram.
pub const FOLLOWERS: &str = "instagram_followers";

/// One way to reach a producer, as one source states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedContact {
    /// A [`LinkKind`], or one of [`BIO`], [`EMAIL`] and [`IMAGE`].
    pub kind: String,
    /// A handle, an address, a URL or a text.
    pub value: String,
    /// Who says so.
    pub source: Source,
    /// Until when it is of use; for good where nothing is said.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What is shown of a producer before all else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownContacts {
    /// The handle at Instagram.
    pub instagram_handle: Option<String>,
    /// What the account with that handle says of itself.
    pub instagram_bio: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A picture.
    pub image_url: Option<String>,
    /// How many follow the account at Instagram.
    pub follower_count: Option<i64>,
}

/// What is shown where the sources state this, and so many follow the account at Instagram. Only what is stated can be.
#[must_use]
pub fn choose_shown(
    stated: &[StatedContact],
    follower_count: Option<i64>,
    now: DateTime<Utc>,
) -> ShownContacts {
    let chosen = |kind: &str| best_value(stated, kind, now).map(str::to_owned);
    let instagram_handle = chosen(LinkKind::Instagram.as_str());
    ShownContacts {
        follower_count: follower_count.filter(|_| instagram_handle.is_some()),
        instagram_handle,
        instagram_bio: chosen(BIO),
        email: chosen(EMAIL),
        image_url: chosen(IMAGE),
    }
}

/// Of the values of a kind the one that most sources state, then the one of the best source, then the smallest: nothing
/// depends on the order in which they came. What has expired is none.
#[must_use]
pub fn best_value<'a>(stated: &'a [StatedContact], kind: &str, now: DateTime<Utc>) -> Option<&'a str> {
    let of_kind: Vec<&StatedContact> = stated
        .iter()
        .filter(|one| one.kind == kind && one.expires_at.is_none_or(|at| at > now))
        .collect();
    let best = of_kind.iter().min_by_key(|one| {
        let saying = of_kind.iter().filter(|other| other.value == one.value);
        let places: Vec<usize> = saying.map(|other| place(other.source)).collect();
        (Reverse(places.len()), places.into_iter().min(), &one.value)
    });
    best.map(|one| one.value.as_str())
}

/// Where several sources say the same, it is taken to be true.
#[must_use]
pub fn is_verified(source_count: usize) -> bool {
    source_count >= 2
}

/// How far down a source is where they disagree: by how often its links are of somebody else, as far as that is known.
/// Instagram's own pictures come after those that do not expire.
fn place(source: Source) -> usize {
    match source {
        Source::MusicBrainz => 0,
        Source::Genius => 1,
        Source::Discogs => 2,
        Source::Wikidata => 3,
        Source::Manual => 4,
        Source::Instagram => 5,
        Source::Spotify => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn stated(kind: &str, value: &str, source: Source) -> StatedContact {
        StatedContact {
            kind: kind.to_owned(),
            value: value.to_owned(),
            source,
            expires_at: None,
        }
    }

    fn handle_of(all: &[(&str, Source)]) -> Option<String> {
        let mut all: Vec<StatedContact> = all
            .iter()
            .map(|(value, source)| stated("instagram", value, *source))
            .collect();
        let now = Utc::now();
        let chosen = choose_shown(&all, None, now).instagram_handle;
        all.reverse();
        assert_eq!(choose_shown(&all, None, now).instagram_handle, chosen);
        chosen
    }

    #[test]
    fn what_more_sources_state_wins_then_the_best_source_then_the_smallest() {
        use Source::{Discogs, Genius, Manual, MusicBrainz};
        for (all, chosen) in [
            (&[][..], None),
            (&[("one", Manual)], Some("one")),
            (&[("one", Genius), ("two", MusicBrainz)], Some("two")),
            (&[("one", Manual), ("two", Discogs)], Some("two")),
            (&[("one", Discogs), ("two", Genius)], Some("two")),
            (
                &[("one", MusicBrainz), ("two", Genius), ("two", Discogs)],
                Some("two"),
            ),
            (&[("one", MusicBrainz), ("two", MusicBrainz)], Some("one")),
            (
                &[
                    ("one", Genius),
                    ("one", Discogs),
                    ("two", MusicBrainz),
                    ("two", Manual),
                ],
                Some("two"),
            ),
        ] {
            assert_eq!(handle_of(all).as_deref(), chosen, "{all:?}");
        }
    }

    #[test]
    fn a_picture_that_lasts_goes_before_one_that_expires_and_one_that_has_expired_is_none() {
        let now = Utc::now();
        let mut own = stated(IMAGE, "https://own.example", Source::Instagram);
        own.expires_at = Some(now + TimeDelta::days(1));
        let of_genius = stated(IMAGE, "https://genius.example", Source::Genius);
        let picture = |all: &[StatedContact], now| choose_shown(all, None, now).image_url;
        let both = [own.clone(), of_genius];
        assert_eq!(picture(&both, now).as_deref(), Some("https://genius.example"));
        let own = [own];
        assert_eq!(picture(&own, now).as_deref(), Some("https://own.example"));
        assert_eq!(picture(&own, now + TimeDelta::days(1)), None);
    }

    #[test]
    fn a_kind_is_never_taken_for_another_and_followers_are_of_a_handle() {
        let now = Utc::now();
        let all = [
            stated("threads", "someone", Source::MusicBrainz),
            stated("other", "https://instagram.com/p/1", Source::Discogs),
            stated(EMAIL, "me@example.org", Source::Instagram),
            stated(BIO, "I make beats", Source::Instagram),
        ];
        let found = ShownContacts {
            email: Some("me@example.org".to_owned()),
            instagram_bio: Some("I make beats".to_owned()),
            ..ShownContacts::default()
        };
        assert_eq!(choose_shown(&all, Some(7), now), found);
    }
}
