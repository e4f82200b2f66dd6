//! Maps the credits and artists that a release or track states.

use super::entities::{ReleaseArtist, is_special_artist};
use super::names::display_name;
use super::wire;
use crate::domain::credits::StatedCredit;
use crate::domain::ids::DiscogsArtistId;
use crate::domain::names;

/// The credits of a release or track in the words of Discogs, each once. Credits without a name or a role are
/// left out.
pub(super) fn stated_credits(credits: Vec<wire::CreditedArtist>) -> Vec<StatedCredit> {
    let mut stated: Vec<StatedCredit> = Vec::with_capacity(credits.len());
    for credit in credits.into_iter().filter_map(stated_credit) {
        if !stated.contains(&credit) {
            stated.push(credit);
        }
    }
    stated
}

fn stated_credit(mut credit: wire::CreditedArtist) -> Option<StatedCredit> {
    let (role, tracks) = (
        std::mem::take(&mut credit.role),
        std::mem::take(&mut credit.tracks),
    );
    let artist = release_artist(credit)?;
    if artist.id.is_some_and(is_special_artist) {
        return None;
    }
    Some(StatedCredit {
        source_artist_id: artist.id.map(|id| id.to_string()),
        name: artist.name,
        credited_as: artist.credited_as,
        raw_role: non_empty(role)?,
        raw_range: non_empty(tracks),
    })
}

/// The main artists of a release or track.
pub(super) fn release_artists(artists: Vec<wire::CreditedArtist>) -> Vec<ReleaseArtist> {
    artists.into_iter().filter_map(release_artist).collect()
}

/// `None` if the artist has no name.
fn release_artist(artist: wire::CreditedArtist) -> Option<ReleaseArtist> {
    let credited_as = non_empty(artist.anv).filter(|name| names::is_visible(name));
    let name = non_empty(artist.name)
        .map(|name| display_name(&name))
        .or_else(|| credited_as.clone())?;
    Some(ReleaseArtist {
        id: artist_id(artist.id),
        credited_as: credited_as.unwrap_or_else(|| name.clone()),
        name,
        join: trimmed(artist.join),
    })
}

/// The id of an artist; 0 means that the name is not linked to one.
pub(super) fn artist_id(id: Option<i64>) -> Option<DiscogsArtistId> {
    id.filter(|&id| id > 0).map(DiscogsArtistId)
}

/// The text without the white space around it.
pub(super) fn trimmed(text: String) -> String {
    match text.trim() {
        trimmed if trimmed.len() == text.len() => text,
        trimmed => trimmed.to_owned(),
    }
}

/// The trimmed text; `None` if it is empty.
pub(super) fn non_empty(text: String) -> Option<String> {
    Some(trimmed(text)).filter(|text| !text.is_empty())
}
