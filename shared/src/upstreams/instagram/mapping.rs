//! Maps the JSON of Instagram to our types. Error responses are interpreted in `errors.rs`.

use super::entities::Profile;
use super::wire;
use crate::domain::links::{self, LinkKind};
use crate::platform::http::Error;
use crate::upstreams::json::from_json;

/// Parses the response of Business Discovery.
///
/// # Errors
/// [`Error::Decode`] if it has another shape.
pub fn profile_from_json(json: &[u8]) -> Result<Profile, Error> {
    from_json(json).map(profile_from_wire)
}

pub(super) fn profile_from_wire(response: wire::DiscoveryResponse) -> Profile {
    let profile = response.business_discovery;
    let website = profile.website.as_deref().and_then(links::read);
    Profile {
        id: profile.id,
        handle: profile.username.to_ascii_lowercase(),
        name: non_empty(profile.name),
        bio: non_empty(profile.biography),
        picture_url: profile
            .profile_picture_url
            .filter(|url| url.starts_with("https://")),
        website: website.map(|mut link| {
            // A link in a profile is the account's own website.
            if link.kind == LinkKind::Other {
                link.kind = LinkKind::Website;
            }
            link
        }),
        follower_count: profile.followers_count.filter(|&count| count >= 0),
    }
}

fn non_empty(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
