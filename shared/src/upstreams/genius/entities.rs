//! Songs and artists of Genius in our types. Texts such as lyrics, descriptions and annotations are left out.

use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{GeniusArtistId, GeniusSongId, SpotifyTrackId};
use crate::domain::links::Link;

/// An artist of a song.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageArtist {
    /// The artist. A person may have several ids.
    pub id: GeniusArtistId,
    /// The name.
    pub name: String,
}

/// The kind of a page that Genius calls a song.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// A song, as far as the page shows.
    Song,
    /// The credits, tracklist or artwork of a record.
    Record,
    /// A translation or transliteration of another page.
    Translation,
}

/// The data of a song that can be compared with a track. Search results have this much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SongSummary {
    /// The song.
    pub id: GeniusSongId,
    /// The title, with plain spaces and without invisible characters.
    pub title: String,
    /// The title with featured artists, cleaned in the same way; equal to `title` if there are none.
    pub title_with_featured: String,
    /// The main artists, in order.
    pub primary_artists: Vec<PageArtist>,
    /// The featured artists, in order. Search results may leave them out.
    pub featured_artists: Vec<PageArtist>,
    /// The release date.
    pub date: Option<ReleaseDate>,
    /// The URL of the page.
    pub url: Option<String>,
    /// The kind of page. Only [`Song::made_from`] shows that a song is a cover or a remix.
    pub kind: PageKind,
}

/// How a song is derived from another song.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SongRelation {
    /// A new recording by another artist.
    CoverOf,
    /// A remix.
    RemixOf,
    /// A version in another language.
    TranslationOf,
    /// A live recording.
    LiveVersionOf,
}

/// The original that a song is derived from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedSong {
    /// How the song is derived.
    pub relation: SongRelation,
    /// The original song.
    pub id: GeniusSongId,
    /// The title of the original song.
    pub title: String,
}

/// The album of a song.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SongAlbum {
    /// The id of the album at Genius.
    pub id: i64,
    /// The title.
    pub name: String,
    /// The artist of the album.
    pub artist_name: Option<String>,
}

/// A song with its credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Song {
    /// The data that identifies the song.
    pub summary: SongSummary,
    /// The album.
    pub album: Option<SongAlbum>,
    /// The Spotify tracks that the page links to, each once. They are the strongest evidence for a match.
    pub spotify_track_ids: Vec<SpotifyTrackId>,
    /// The originals that the song is derived from. If there are any, the song itself is not an original.
    pub made_from: Vec<RelatedSong>,
    /// The credits, without writers.
    pub credits: Vec<StatedCredit>,
}

/// An artist with names and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artist {
    /// The artist.
    pub id: GeniusArtistId,
    /// The name.
    pub name: String,
    /// Other names, each once and none equal to `name`.
    pub alternate_names: Vec<String>,
    /// The Genius page of the artist, and the valid Instagram, Twitter and Facebook handles that users
    /// entered.
    pub links: Vec<Link>,
    /// A picture; `None` if Genius shows a placeholder.
    pub image_url: Option<String>,
}
