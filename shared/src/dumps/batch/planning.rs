//! From the releases of a batch to rows: who is on them, which songs they sing, and what they claim.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use super::known::Known;
use super::memory::hash;
use super::prepared::Prepared;
use super::rows::Tables;
use super::{Album, Place, Planned};
use crate::arriving::{Track, has_stated_names, stated_name};
use crate::credits::{Credit, MatchMethod, Source};
use crate::ids::{AlbumId, NormalizedTrackId, ProducerId, TrackId};
use crate::store::loading::{KeyCounts, TableKeys};
use crate::store::producers::{NameKind, ProducerName};

/// Decides what is to be written of a batch, beside the rows in `tables`.
///
/// # Errors
/// The database's, where it is the tables that know.
pub(in crate::dumps) async fn plan(
    known: Known<'_>,
    batch: &[&Prepared],
    places: &[Place],
    tables: Tables,
) -> Result<Planned, tokio_postgres::Error> {
    let mut planning = Planning {
        source: tables.source(),
        known,
        batch,
        places,
        tables,
        artists: HashMap::new(),
        producers: HashMap::new(),
        songs: HashMap::new(),
        known_names: BTreeSet::new(),
        touched: BTreeSet::new(),
        pressed: Vec::new(),
        pressed_albums: Vec::new(),
        renamed: Vec::new(),
    };
    planning.find_renamed().await?;
    planning.find_artists().await?;
    planning.find_producers().await?;
    planning.find_songs().await?;
    let albums = planning.albums().await?;
    Ok(Planned {
        source: planning.source,
        albums,
        tables: planning.tables,
        known_names: planning.known_names.into_iter().collect(),
        touched: planning.touched.into_iter().collect(),
        pressed: planning.pressed,
        pressed_albums: planning.pressed_albums,
        renamed: planning.renamed,
    })
}

/// A song as a batch has it.
struct Song {
    id: i64,
    /// Whether it was here before, or has a second track.
    is_shared: bool,
    is_written: bool,
}

struct Planning<'a> {
    source: Source,
    known: Known<'a>,
    batch: &'a [&'a Prepared],
    places: &'a [Place],
    tables: Tables,
    artists: HashMap<&'a str, i64>,
    producers: HashMap<&'a str, (i64, i64)>,
    songs: HashMap<(i64, &'a str), Song>,
    known_names: BTreeSet<ProducerName>,
    touched: BTreeSet<NormalizedTrackId>,
    pressed: Vec<TrackId>,
    pressed_albums: Vec<AlbumId>,
    renamed: Vec<String>,
}

impl<'a> Planning<'a> {
    /// The releases that are albums of their own.
    fn own(&self) -> impl Iterator<Item = &'a Prepared> + use<'a, '_> {
        let own = self.batch.iter().copied().zip(self.places);
        own.filter(|(_, place)| **place == Place::Own)
            .map(|(release, _)| release)
    }

    /// The claims of all releases but those that are decided one by one.
    fn claims(&self) -> impl Iterator<Item = (&'a str, &'a Credit)> + use<'a, '_> {
        let claims = self.batch.iter().copied().zip(self.places);
        let claims = claims.filter(|(_, place)| **place != Place::Aside);
        claims
            .flat_map(|(release, _)| &release.claims)
            .filter_map(|claim| Some((claim.producer.as_deref()?, &claim.credit)))
    }

    /// Those who are called otherwise than before, or by several names at once, where records differ in that.
    async fn find_renamed(&mut self) -> Result<(), tokio_postgres::Error> {
        if !has_stated_names(self.source) {
            return Ok(());
        }
        let artists = self.own().flat_map(Prepared::named);
        let artists = artists.map(|(id, artist)| (id, artist.name.as_str()));
        let producers = self.claims().map(|(id, credit)| (id, credit.name.as_str()));
        let mut first: HashMap<&str, &str> = HashMap::new();
        let mut seen = HashSet::new();
        let mut renamed = BTreeSet::new();
        let names: Vec<(&str, &str)> = artists
            .chain(producers)
            .filter(|name| seen.insert(*name))
            .collect();
        for (id, name) in &names {
            if first.entry(id).or_insert(name) != name {
                renamed.insert(*id);
            }
        }
        let others = self.known.other_names(&names).await?;
        renamed.extend(others);
        for id in renamed {
            if self.known.is_memory() {
                self.tables.unsettled_name(id);
            } else {
                self.renamed.push(id.to_owned());
            }
        }
        Ok(())
    }

    async fn find_artists(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut named: HashMap<&str, &str> = HashMap::new();
        for (id, artist) in self.own().flat_map(Prepared::named) {
            named.entry(id).or_insert(&artist.name);
        }
        let mut ids: Vec<&str> = named.keys().copied().collect();
        ids.sort_unstable();
        self.artists = self.known.artists(&ids).await?;
        ids.retain(|id| !self.artists.contains_key(id));
        let wanted = KeyCounts {
            artists: ids.len(),
            ..KeyCounts::default()
        };
        let keys = self.known.take_keys(wanted).await?;
        for (id, key) in ids.into_iter().zip(keys.artists) {
            self.tables.artist(key, id, named[id]);
            self.artists.insert(id, key);
            if let Known::Memory(memory) = &mut self.known {
                memory.artists.insert(hash(b'a', 0, id), key);
            }
        }
        Ok(())
    }

    async fn find_producers(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut named: HashMap<&str, &str> = HashMap::new();
        let mut names: HashSet<(&str, &str, NameKind)> = HashSet::new();
        for (source_id, credit) in self.claims() {
            named.entry(source_id).or_insert(&credit.name);
            names.insert((source_id, &credit.name, NameKind::Primary));
            if credit.credited_as != credit.name {
                names.insert((source_id, &credit.credited_as, NameKind::CreditedAs));
            }
        }
        let mut ids: Vec<&str> = named.keys().copied().collect();
        ids.sort_unstable();
        self.producers = self.known.producers(&ids).await?;
        ids.retain(|id| !self.producers.contains_key(id));
        let wanted = KeyCounts {
            producers: ids.len(),
            ..KeyCounts::default()
        };
        let keys = self.known.take_keys(wanted).await?;
        let keys = keys.producers.into_iter().zip(keys.identities);
        for (id, (producer, identity)) in ids.iter().zip(keys) {
            self.tables.producer(producer, identity, id, named[id]);
            self.producers.insert(id, (producer, identity));
            if let Known::Memory(memory) = &mut self.known {
                memory.producers.insert(hash(b'p', 0, id), (producer, identity));
            }
        }
        let new: HashSet<&str> = ids.into_iter().collect();
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_unstable();
        for (source_id, name, kind) in names {
            let Some(&(producer, _)) = self.producers.get(source_id) else {
                continue;
            };
            let is_new = match &mut self.known {
                Known::Memory(memory) => memory.names.insert(hash(kind as u8, producer, name)),
                Known::Tables(..) => new.contains(source_id),
            };
            if is_new {
                self.tables.producer_name(producer, name, kind);
            } else if !self.known.is_memory() {
                self.known_names.insert(ProducerName {
                    producer_id: ProducerId(producer),
                    name: name.to_owned(),
                    kind,
                });
            }
        }
        Ok(())
    }

    /// Whose song a track is: its first main artist's, else its album's; nobody has none.
    fn main_artist(&self, release: &Prepared, track: &Track) -> Option<i64> {
        let mut main = track.artists.iter().filter(|artist| !artist.is_featured);
        let artist = main
            .find(|artist| artist.id.is_some())
            .or_else(|| release.first_artist())
            .filter(|artist| !artist.is_special)?;
        self.artists.get(artist.id.as_deref()?).copied()
    }

    async fn find_songs(&mut self) -> Result<(), tokio_postgres::Error> {
        let mut wanted: Vec<(i64, &'a str)> = Vec::new();
        let mut is_shared: HashSet<(i64, &str)> = HashSet::new();
        let mut seen = HashSet::new();
        for release in self.own() {
            for (track, title) in &release.tracks {
                let Some(artist) = self.main_artist(release, track) else {
                    continue;
                };
                let song = (artist, title.key.as_str());
                if seen.insert(song) {
                    wanted.push(song);
                } else {
                    is_shared.insert(song);
                }
            }
        }
        let known = self.known.songs(&wanted).await?;
        let old = known.iter().map(|(song, id)| {
            let song_here = Song {
                id: *id,
                is_shared: true,
                is_written: true,
            };
            (*song, song_here)
        });
        self.songs.extend(old);
        wanted.retain(|song| !known.contains_key(song));
        let count = KeyCounts {
            songs: wanted.len(),
            ..KeyCounts::default()
        };
        let keys = self.known.take_keys(count).await?;
        for (song, id) in wanted.into_iter().zip(keys.songs) {
            if let Known::Memory(memory) = &mut self.known {
                memory.songs.insert(hash(b's', song.0, song.1), id);
            }
            let new = Song {
                id,
                is_shared: is_shared.contains(&song),
                is_written: false,
            };
            self.songs.insert(song, new);
        }
        Ok(())
    }

    /// The albums with their tracks, and what all the releases claim.
    async fn albums(&mut self) -> Result<Vec<Option<Album>>, tokio_postgres::Error> {
        let wanted = KeyCounts {
            albums: self.own().count(),
            tracks: self.own().map(|release| release.tracks.len()).sum(),
            ..KeyCounts::default()
        };
        let TableKeys { albums, tracks, .. } = self.known.take_keys(wanted).await?;
        let (mut albums, mut keys) = (albums.into_iter(), tracks.into_iter());
        let batch = self.batch.iter().copied().zip(self.places);
        let mut written: Vec<Option<Album>> = Vec::with_capacity(self.batch.len());
        for (release, place) in batch {
            let album = match place {
                Place::Own => albums.next().map(|id| Album {
                    id,
                    tracks: keys.by_ref().take(release.tracks.len()).collect(),
                }),
                Place::Pressing { album, tracks } => Some(Album {
                    id: *album,
                    tracks: tracks.clone(),
                }),
                Place::PressingOf(first) => written[*first].clone(),
                Place::Aside => None,
            };
            if let Some(album) = &album {
                self.release(release, album, *place == Place::Own);
            }
            written.push(album);
        }
        Ok(written)
    }

    fn release(&mut self, release: &'a Prepared, album: &Album, is_own: bool) {
        if is_own {
            self.album(release, album.id, &album.tracks);
        } else {
            self.pressed.extend(album.tracks.iter().copied().map(TrackId));
            self.pressed_albums.push(AlbumId(album.id));
            self.tables.pressing(&release.pressing());
        }
        let own = MatchMethod::Own;
        self.tables.album_link(album.id, release.source, &release.id, own);
        for id in &release.spotify_ids {
            let stated = MatchMethod::Link;
            self.tables
                .album_link(album.id, Source::Spotify, id.as_str(), stated);
        }
        self.tables
            .claims(release, album.id, &album.tracks, &self.producers, is_own);
    }

    fn album(&mut self, release: &'a Prepared, album: i64, tracks: &[i64]) {
        let first = release.first_artist();
        let artist = first.and_then(|artist| self.artists.get(artist.id.as_deref()?));
        let Some(artist) = artist.copied() else {
            return;
        };
        let name = first.and_then(|artist| stated_name(artist, release.source));
        self.tables.album(album, artist, release, name);
        for ((track, title), key) in release.tracks.iter().zip(tracks) {
            let main = self.main_artist(release, track);
            let song = main.and_then(|artist| {
                let song = self.songs.get_mut(&(artist, title.key.as_str()))?;
                if song.is_shared {
                    self.touched.insert(NormalizedTrackId(song.id));
                }
                if !std::mem::replace(&mut song.is_written, true) {
                    self.tables.song(song.id, artist, &title.key, *key);
                }
                Some(song.id)
            });
            self.tables.track(*key, album, track, title, song);
            let mut seen = HashSet::new();
            for (artist, position) in track.artists.iter().zip(1_i16..) {
                let id = artist.id.as_deref().and_then(|id| self.artists.get(id));
                if let Some(id) = id.filter(|id| seen.insert(**id)) {
                    let name = stated_name(artist, release.source);
                    self.tables.track_artist(*key, position, *id, artist, name);
                }
            }
        }
        for (recording, key) in release.recordings.iter().zip(tracks) {
            if let Some(recording) = recording {
                self.tables.track_link(*key, recording);
            }
        }
    }
}
