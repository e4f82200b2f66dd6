//! From Genius' shapes to ours: pure, whole entities at a time.
//! What its lists of people become is in `credits.rs`.

use super::credits::credits_from_song;
use super::entities::{Artist, RelatedSong, Song, SongAlbum, SongArtist, SongRelation, SongSummary};
use super::titles::{clean, page_kind};
use super::wire;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{GeniusArtistId, GeniusSongId, RequestedItem, SpotifyTrackId};
use crate::domain::links::{self, Link, LinkKind};
use crate::upstreams::{Error, from_json};

/// Reads the answer to a search: every song in it, in order.
///
/// # Errors
/// [`Error::Decode`] where it is no such answer.
pub fn songs_from_search_json(json: &[u8]) -> Result<Vec<SongSummary>, Error> {
    from_json(json).map(songs)
}

/// Reads the answer to a lookup of a song.
///
/// # Errors
/// [`Error::Decode`] where it is no such answer.
pub fn song_from_json(json: &[u8]) -> Result<Song, Error> {
    from_json(json).map(song)
}

/// Reads the answer to a lookup of an artist.
///
/// # Errors
/// [`Error::Decode`] where it is no such answer.
pub fn artist_from_json(json: &[u8]) -> Result<Artist, Error> {
    from_json(json).map(artist)
}

pub(super) fn songs(answer: wire::Envelope<wire::Search>) -> Vec<SongSummary> {
    answer
        .response
        .hits
        .into_iter()
        .filter(|hit| hit.type_name == "song")
        .filter_map(|hit| hit.result)
        .map(|song| summary(&song))
        .collect()
}

pub(super) fn song(answer: wire::Envelope<wire::SongAnswer>) -> Song {
    let song = answer.response.song;
    Song {
        summary: summary(&song),
        album: song.album.as_ref().map(|album| SongAlbum {
            id: album.id,
            name: clean(&album.name),
            artist_name: album.artist.as_ref().map(|artist| clean(&artist.name)),
        }),
        spotify_track_ids: spotify_track_ids(&song),
        made_from: made_from(&song.song_relationships),
        credits: credits_from_song(&song),
    }
}

fn summary(song: &wire::Song) -> SongSummary {
    let primary_artists = if song.primary_artists.is_empty() {
        song.primary_artist.iter().map(artist_ref).collect()
    } else {
        artist_refs(&song.primary_artists)
    };
    let title = clean(&song.title);
    let title_with_featured = clean(&song.title_with_featured);
    SongSummary {
        id: GeniusSongId(song.id),
        kind: page_kind(&title, &primary_artists),
        title_with_featured: if title_with_featured.is_empty() {
            title.clone()
        } else {
            title_with_featured
        },
        title,
        primary_artists,
        featured_artists: artist_refs(&song.featured_artists),
        date: date(song),
        url: song.url.clone(),
    }
}

fn artist_refs(artists: &[wire::Artist]) -> Vec<SongArtist> {
    artists.iter().map(artist_ref).collect()
}

fn artist_ref(artist: &wire::Artist) -> SongArtist {
    SongArtist {
        id: GeniusArtistId(artist.id),
        name: clean(&artist.name),
    }
}

/// The components say how much is known; the text is padded to a day.
fn date(song: &wire::Song) -> Option<ReleaseDate> {
    let components = song.release_date_components.as_ref().and_then(|known| {
        let (year, month, day) = (known.year?, known.month, known.day);
        let month = month.unwrap_or(0);
        let day = day.filter(|_| month > 0).unwrap_or(0);
        ReleaseDate::from_text(&format!("{year:04}-{month:02}-{day:02}"))
    });
    components.or_else(|| ReleaseDate::from_text(song.release_date.as_deref()?))
}

fn spotify_track_ids(song: &wire::Song) -> Vec<SpotifyTrackId> {
    let media = song
        .media
        .iter()
        .filter(|medium| medium.provider.eq_ignore_ascii_case("spotify"))
        .flat_map(|medium| [medium.native_uri.as_deref(), medium.url.as_deref()]);
    let fact_track = song
        .fact_track
        .iter()
        .filter(|track| track.provider.eq_ignore_ascii_case("spotify"))
        .map(|track| track.external_url.as_deref());
    let mut ids = Vec::new();
    for link in media.chain(fact_track).flatten() {
        // Only a link: a bare text could be anything.
        if link.contains(':')
            && let Ok(RequestedItem::Track(id)) = link.parse()
            && !ids.contains(&id)
        {
            ids.push(id);
        }
    }
    ids
}

fn made_from(relationships: &[wire::Relationship]) -> Vec<RelatedSong> {
    let mut songs = Vec::new();
    for relationship in relationships {
        let type_name = relationship.type_name.as_deref();
        let relation = match type_name.or(relationship.relationship_type.as_deref()) {
            Some("cover_of") => SongRelation::CoverOf,
            Some("remix_of") => SongRelation::RemixOf,
            Some("translation_of") => SongRelation::TranslationOf,
            Some("live_version_of") => SongRelation::LiveVersionOf,
            _ => continue,
        };
        songs.extend(relationship.songs.iter().map(|song| RelatedSong {
            relation,
            id: GeniusSongId(song.id),
            title: clean(&song.title),
        }));
    }
    songs
}

pub(super) fn artist(answer: wire::Envelope<wire::ArtistAnswer>) -> Artist {
    let artist = answer.response.artist;
    let name = clean(&artist.name);
    let mut alternate_names: Vec<String> = Vec::new();
    for other in artist.alternate_names.iter().map(|other| clean(other)) {
        if !other.is_empty() && other != name && !alternate_names.contains(&other) {
            alternate_names.push(other);
        }
    }
    let page = artist.url.as_deref().and_then(links::read);
    let social = [
        (LinkKind::Instagram, "instagram.com", &artist.instagram_name),
        (LinkKind::Twitter, "twitter.com", &artist.twitter_name),
        (LinkKind::Facebook, "facebook.com", &artist.facebook_name),
    ];
    Artist {
        id: GeniusArtistId(artist.id),
        links: page
            .into_iter()
            .filter(|link| link.kind == LinkKind::Genius)
            .chain(
                social
                    .into_iter()
                    .filter_map(|(kind, host, stated)| profile(kind, host, stated.as_deref()?)),
            )
            .collect(),
        image_url: artist
            .image_url
            .filter(|url| url.starts_with("https://") && !url.contains("/default_avatar")),
        name,
        alternate_names,
    }
}

/// The profile that users mean by a handle, an `@` and a handle, or a link.
fn profile(kind: LinkKind, host: &str, stated: &str) -> Option<Link> {
    let stated = stated.trim();
    let of_kind = |link: &Link| link.kind == kind;
    links::read(stated).filter(of_kind).or_else(|| {
        let handle = stated.trim_end_matches('/');
        let handle = handle.strip_prefix('@').unwrap_or(handle);
        let is_handle = !handle.is_empty() && !handle.contains(['/', ':', '?', '#']) && handle != host;
        links::read(&format!("https://{host}/{handle}"))
            .filter(|_| is_handle)
            .filter(of_kind)
    })
}
