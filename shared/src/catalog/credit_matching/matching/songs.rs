//! Decides whether a Genius song is a track, by what the song's page states.

use serde_json::json;

use super::comparisons::{artist_score, is_artist, title_score, version};
use crate::domain::titles::{self, VersionKind};
use crate::store::catalog::tracks::Track;
use crate::upstreams::genius;

/// The score of a Genius song for a track. Title, version and artist must agree. A song that came out long
/// after the album scores lower.
#[must_use]
pub fn score_genius_song(track: &Track, year: Option<i32>, song: &genius::SongSummary) -> f32 {
    if song.kind != genius::PageKind::Song {
        return 0.0;
    }
    let artists: Vec<&str> = song
        .primary_artists
        .iter()
        .map(|artist| artist.name.as_str())
        .collect();
    let artist = artist_score(track, |name| is_artist(&artists, name));
    let theirs = song.date.map(|known| chrono::Datelike::year(&known.date));
    let year = match (year, theirs) {
        (Some(ours), Some(theirs)) if theirs > ours + 1 => 0.8,
        _ => 1.0,
    };
    title_score(&titles::read(&track.name), &titles::read(&song.title)) * artist * year
}

/// Whether a song derived from another one is a different version than the track. A remix, live version or
/// translation is the track only if the track's title says so. A cover by the track's artist is that artist's
/// recording.
#[must_use]
pub fn is_other_version(track: &Track, song: &genius::Song) -> bool {
    let ours = version(&titles::read(&track.name));
    song.made_from.iter().any(|from| match from.relation {
        genius::SongRelation::RemixOf => ours != Some(VersionKind::Remix),
        genius::SongRelation::LiveVersionOf => ours != Some(VersionKind::Live),
        genius::SongRelation::TranslationOf => ours != Some(VersionKind::Language),
        genius::SongRelation::CoverOf => false,
    })
}

/// The compared values of a track and a Genius song, in the shape that a lookup stores.
#[must_use]
pub fn comparison(track: &Track, year: Option<i32>, song: &genius::SongSummary) -> serde_json::Value {
    let artists: Vec<&String> = song.primary_artists.iter().map(|artist| &artist.name).collect();
    json!({
        "title": [track.name, song.title],
        "artists": [track.artist_names, artists],
        "year": [year, song.date.map(|known| chrono::Datelike::year(&known.date))],
    })
}
