//! Chooses which of the stated contacts are shown as a producer's handle, picture, address and bio.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use crate::domain::credits::Source;
use crate::domain::links::LinkKind;

/// The kind of a contact that is a biography.
pub const BIO: &str = "bio";
/// The kind of a contact that is an e-mail address.
pub const EMAIL: &str = "email";
/// The kind of a contact that is a picture.
pub const IMAGE: &str = "image";

/// The field of `producers.metadata` that holds the number of Instagram followers.
pub const FOLLOWERS: &str = "instagram_followers";

/// A contact of a producer, as one source states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedContact {
    /// A [`LinkKind`], or one of [`BIO`], [`EMAIL`] and [`IMAGE`].
    pub kind: String,
    /// A handle, an address, a URL or a text.
    pub value: String,
    /// The source that states it.
    pub source: Source,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The contacts that are shown first on a producer's page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownContacts {
    /// The Instagram handle.
    pub instagram_handle: Option<String>,
    /// The bio of the Instagram account with that handle.
    pub instagram_bio: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A picture.
    pub image_url: Option<String>,
    /// The number of followers of the Instagram account.
    pub follower_count: Option<i64>,
}

/// Chooses the contacts to show. `follower_count` is used only if a handle is stated.
#[must_use]
pub fn choose_shown(
    stated: &[StatedContact],
    follower_count: Option<i64>,
    now: DateTime<Utc>,
) -> ShownContacts {
    let choose = |kind: &str| best_value(stated, kind, now).map(str::to_owned);
    let instagram_handle = choose(LinkKind::Instagram.as_str());
    ShownContacts {
        follower_count: follower_count.filter(|_| instagram_handle.is_some()),
        instagram_handle,
        instagram_bio: choose(BIO),
        email: choose(EMAIL),
        image_url: choose(IMAGE),
    }
}

/// The value of a kind that most sources state; then the value of the best source; then the smallest value,
/// so that the order of `stated` does not matter. Expired values do not count.
#[must_use]
pub fn best_value<'a>(stated: &'a [StatedContact], kind: &str, now: DateTime<Utc>) -> Option<&'a str> {
    let of_kind: Vec<&StatedContact> = stated
        .iter()
        .filter(|contact| contact.kind == kind && contact.expires_at.is_none_or(|at| at > now))
        .collect();
    let best = of_kind.iter().min_by_key(|contact| {
        let supporters = of_kind.iter().filter(|other| other.value == contact.value);
        let ranks: Vec<usize> = supporters.map(|other| rank(other.source)).collect();
        (Reverse(ranks.len()), ranks.into_iter().min(), &contact.value)
    });
    best.map(|contact| contact.value.as_str())
}

/// Whether enough sources state a contact for it to count as verified.
#[must_use]
pub fn is_verified(source_count: usize) -> bool {
    source_count >= 2
}

/// The rank of a source if sources disagree, the most reliable first: by how often its links belong to
/// another person, as far as that is known. Instagram ranks low because its picture URLs expire.
fn rank(source: Source) -> usize {
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
    fn the_most_stated_value_wins_then_the_best_source_then_the_smallest() {
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
    fn a_permanent_picture_precedes_one_that_expires_and_an_expired_one_is_ignored() {
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
    fn kinds_are_separate_and_followers_need_a_handle() {
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
