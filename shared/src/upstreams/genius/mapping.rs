//! Maps the JSON of Genius to our types.

use super::credits::credits_from_song;
use super::entities::{Artist, PageArtist, RelatedSong, Song, SongAlbum, SongRelation, SongSummary};
use super::titles::{clean_text, page_kind};
use super::wire;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{GeniusArtistId, GeniusSongId, RequestedItem, SpotifyTrackId};
use crate::domain::links::{self, Link, LinkKind};
use crate::platform::http::Error;
use crate::upstreams::json::from_json;

/// Parses the response to a search: all songs in it, in order.
///
/// # Errors
/// [`Error::Decode`] if it is not a search result.
pub fn songs_from_search_json(json: &[u8]) -> Result<Vec<SongSummary>, Error> {
    from_json(json).map(songs_from_wire)
}

/// Parses the response to a request for a song.
///
/// # Errors
/// [`Error::Decode`] if it is not a song.
pub fn song_from_json(json: &[u8]) -> Result<Song, Error> {
    from_json(json).map(song_from_wire)
}

/// Parses the response to a request for an artist.
///
/// # Errors
/// [`Error::Decode`] if it is not an artist.
pub fn artist_from_json(json: &[u8]) -> Result<Artist, Error> {
    from_json(json).map(artist_from_wire)
}

pub(super) fn songs_from_wire(search: wire::Wrapper<wire::SearchHits>) -> Vec<SongSummary> {
    search
        .response
        .hits
        .into_iter()
        .filter(|hit| hit.type_name == "song")
        .filter_map(|hit| hit.result)
        .map(|song| summary(&song))
        .collect()
}

pub(super) fn song_from_wire(wrapper: wire::Wrapper<wire::SongResponse>) -> Song {
    let song = wrapper.response.song;
    Song {
        summary: summary(&song),
        album: song.album.as_ref().map(|album| SongAlbum {
            id: album.id,
            name: clean_text(&album.name),
            artist_name: album.artist.as_ref().map(|artist| clean_text(&artist.name)),
        }),
        spotify_track_ids: spotify_track_ids(&song),
        made_from: related_songs(&song.song_relationships),
        credits: credits_from_song(&song),
    }
}

fn summary(song: &wire::SongJson) -> SongSummary {
    let primary_artists = if song.primary_artists.is_empty() {
        song.primary_artist.iter().map(song_artist).collect()
    } else {
        song_artists(&song.primary_artists)
    };
    let title = clean_text(&song.title);
    let title_with_featured = clean_text(&song.title_with_featured);
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
        featured_artists: song_artists(&song.featured_artists),
        date: release_date(song),
        url: song.url.clone(),
    }
}

fn song_artists(artists: &[wire::Artist]) -> Vec<PageArtist> {
    artists.iter().map(song_artist).collect()
}

fn song_artist(artist: &wire::Artist) -> PageArtist {
    PageArtist {
        id: GeniusArtistId(artist.id),
        name: clean_text(&artist.name),
    }
}

/// The date from its components, which show the precision. The text is padded to a day and only used without
/// them.
fn release_date(song: &wire::SongJson) -> Option<ReleaseDate> {
    let from_components = song.release_date_components.as_ref().and_then(|components| {
        let (year, month, day) = (components.year?, components.month, components.day);
        let month = month.unwrap_or(0);
        let day = day.filter(|_| month > 0).unwrap_or(0);
        ReleaseDate::from_text(&format!("{year:04}-{month:02}-{day:02}"))
    });
    from_components.or_else(|| ReleaseDate::from_text(song.release_date.as_deref()?))
}

/// The Spotify tracks among the links of a song, each once.
fn spotify_track_ids(song: &wire::SongJson) -> Vec<SpotifyTrackId> {
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
        // Without a colon it is not a link, and the text could be anything.
        if link.contains(':')
            && let Ok(RequestedItem::Track(id)) = link.parse()
            && !ids.contains(&id)
        {
            ids.push(id);
        }
    }
    ids
}

/// The originals that a song is derived from.
fn related_songs(relationships: &[wire::SongRelationship]) -> Vec<RelatedSong> {
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
            title: clean_text(&song.title),
        }));
    }
    songs
}

pub(super) fn artist_from_wire(wrapper: wire::Wrapper<wire::ArtistResponse>) -> Artist {
    let artist = wrapper.response.artist;
    let name = clean_text(&artist.name);
    let mut alternate_names: Vec<String> = Vec::new();
    for alternate in artist.alternate_names.iter().map(|name| clean_text(name)) {
        if !alternate.is_empty() && alternate != name && !alternate_names.contains(&alternate) {
            alternate_names.push(alternate);
        }
    }
    let page = artist.url.as_deref().and_then(links::read);
    let profiles = [
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
                profiles
                    .into_iter()
                    .filter_map(|(kind, host, entered)| profile_link(kind, host, entered.as_deref()?)),
            )
            .collect(),
        image_url: artist
            .image_url
            .filter(|url| url.starts_with("https://") && !url.contains("/default_avatar")),
        name,
        alternate_names,
    }
}

/// The profile that a user entered as a handle, a handle with an `@`, or a link.
fn profile_link(kind: LinkKind, host: &str, entered: &str) -> Option<Link> {
    let entered = entered.trim();
    let of_kind = |link: &Link| link.kind == kind;
    links::read(entered).filter(of_kind).or_else(|| {
        let handle = entered.trim_end_matches('/');
        let handle = handle.strip_prefix('@').unwrap_or(handle);
        let is_handle = !handle.is_empty() && !handle.contains(['/', ':', '?', '#']) && handle != host;
        links::read(&format!("https://{host}/{handle}"))
            .filter(|_| is_handle)
            .filter(of_kind)
    })
}
