//! What Genius knows of a song and an artist, in our words and types.
//! How it is asked for and read stays out, and so does all that is text of its own: lyrics, descriptions, annotations.

use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{GeniusArtistId, GeniusSongId, SpotifyTrackId};
use crate::domain::links::Link;

/// An artist as a song names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SongArtist {
    /// The artist. One human may have several.
    pub id: GeniusArtistId,
    /// The name.
    pub name: String,
}

/// What a page that Genius calls a song is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// A song, as far as one can see.
    Song,
    /// The credits, tracklist or artwork of a record.
    Record,
    /// A translation or transliteration of another page.
    Translation,
}

/// All of a song by which it can be compared with a track; a search gives this much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SongSummary {
    /// The song.
    pub id: GeniusSongId,
    /// Its title, with plain spaces and without invisible characters.
    pub title: String,
    /// The title with featured artists, likewise; equal to `title` where there are none.
    pub title_with_featured: String,
    /// Whose song it is, in order.
    pub primary_artists: Vec<SongArtist>,
    /// Who is featured, in order; search results may leave them out.
    pub featured_artists: Vec<SongArtist>,
    /// When it came out.
    pub date: Option<ReleaseDate>,
    /// The page, where people can check it.
    pub url: Option<String>,
    /// What it is. Covers and remixes are told apart by [`Song::made_from`] only.
    pub kind: PageKind,
}

/// How a song is made from another one, so that it is not that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SongRelation {
    /// Somebody else's song, played anew.
    CoverOf,
    /// A remix.
    RemixOf,
    /// The song in another language.
    TranslationOf,
    /// The song on a stage.
    LiveVersionOf,
}

/// A song that another one is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedSong {
    /// How.
    pub relation: SongRelation,
    /// The song it is made from.
    pub id: GeniusSongId,
    /// That song's title.
    pub title: String,
}

/// The album that a song is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SongAlbum {
    /// Genius' number of it.
    pub id: i64,
    /// Its title.
    pub name: String,
    /// Whose album it is.
    pub artist_name: Option<String>,
}

/// A song with its credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Song {
    /// What it can be recognised by.
    pub summary: SongSummary,
    /// The album it is on.
    pub album: Option<SongAlbum>,
    /// The Spotify tracks that the page says are this song, each once: the strongest proof there is.
    pub spotify_track_ids: Vec<SpotifyTrackId>,
    /// The songs that it is made from; whoever looks for the original does not want it then.
    pub made_from: Vec<RelatedSong>,
    /// Who did what on it. Who wrote it is left out: that is not production.
    pub credits: Vec<StatedCredit>,
}

/// An artist with names and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artist {
    /// The artist.
    pub id: GeniusArtistId,
    /// The name.
    pub name: String,
    /// Other names, each once and none equal to the name.
    pub alternate_names: Vec<String>,
    /// The artist's Genius page and, as far as they can be, the handles at Instagram, Twitter and Facebook that users entered.
    pub links: Vec<Link>,
    /// A picture; None where Genius shows a placeholder.
    pub image_url: Option<String>,
}
