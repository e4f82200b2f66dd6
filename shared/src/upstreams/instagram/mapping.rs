//! From Instagram's shapes to ours: pure.
//! What a refusal means is in `errors.rs`.

use super::entities::Profile;
use super::wire;
use crate::domain::links::{self, LinkKind};
use crate::upstreams::{Error, from_json};

/// Reads the answer to Business Discovery.
///
/// # Errors
/// [`Error::Decode`] where it is no such answer.
pub fn profile_from_json(json: &[u8]) -> Result<Profile, Error> {
    from_json(json).map(profile)
}

pub(super) fn profile(answer: wire::Discovery) -> Profile {
    let profile = answer.business_discovery;
    let website = profile.website.as_deref().and_then(links::read);
    Profile {
        id: profile.id,
        handle: profile.username.to_ascii_lowercase(),
        name: stated(profile.name),
        bio: stated(profile.biography),
        picture_url: profile
            .profile_picture_url
            .filter(|url| url.starts_with("https://")),
        website: website.map(|mut link| {
            // It stands in the profile, so it is the account's own.
            if link.kind == LinkKind::Other {
                link.kind = LinkKind::Website;
            }
            link
        }),
        follower_count: profile.followers_count.filter(|&count| count >= 0),
    }
}

fn stated(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
