//! Writes the releases of a batch in one transaction by COPY, as the same rows that one asked for online gets: albums of
//! their own, and pressings of albums that are here. What has to be decided one by one is handed back.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::memory::{Memory, hash};
use super::places::{self, Keys as AlbumKeys, Place};
use super::prepared::Prepared;
use super::rows::Tables;
use crate::arriving::Track;
use crate::credits::Source;
use crate::db::Client;
use crate::ids::{NormalizedTrackId, ProducerId, TrackId};
use crate::names;
use crate::store::loading::{self, Keys, Wanted};
use crate::store::producers::{Name, NameKind};
use crate::store::{
    artists, credit_overrides, normalized_tracks, producers, statistics, track_producers,
};

const SOURCE: Source = Source::Discogs;

/// What came of a batch.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The places in the batch of the releases that have to be decided one by one.
    pub(super) aside: Vec<usize>,
    /// How many credits were written.
    pub(super) credits: u64,
    /// How many rows were written in all.
    pub(super) rows: u64,
}

/// Writes a batch in the caller's transaction. Where there is a `memory`, it holds all that the tables do, and what only
/// indexes make quick is left for the end of the load.
pub(super) async fn write(
    client: &Client<'_>,
    mut memory: Option<&mut Memory>,
    batch: &[Prepared],
    load_id: i64,
) -> Result<Outcome, tokio_postgres::Error> {
    loading::prepare(client, memory.is_some()).await?;
    artists::lock_source(client, SOURCE).await?;
    producers::lock_source(client, SOURCE).await?;
    let places = places::find(client, memory.as_deref(), batch).await?;
    let mut writing = Writing {
        client,
        batch,
        places,
        load_id,
        tables: Tables::default(),
        artists: HashMap::new(),
        producers: HashMap::new(),
        songs: HashMap::new(),
        known_names: BTreeSet::new(),
        touched: BTreeSet::new(),
        pressed: Vec::new(),
    };
    writing.find_artists(memory.as_deref_mut()).await?;
    writing.find_producers(memory.as_deref_mut()).await?;
    writing.find_songs(memory.as_deref_mut()).await?;
    writing.albums(memory.as_deref_mut()).await?;
    let (credits, rows) = writing.tables.send(client).await?;
    if memory.is_none() {
        writing.follow_up().await?;
    }
    let places = writing.places.iter().enumerate();
    let aside = places.filter(|(_, place)| **place == Place::Aside);
    Ok(Outcome {
        aside: aside.map(|(at, _)| at).collect(),
        credits,
        rows,
    })
}

/// A song as a batch has it.
struct Song {
    id: i64,
    /// Whether it was here before, or has a second track.
    is_shared: bool,
    is_written: bool,
}

struct Writing<'a> {
    client: &'a Client<'a>,
    batch: &'a [Prepared],
    places: Vec<Place>,
    load_id: i64,
    tables: Tables,
    artists: HashMap<&'a str, i64>,
    producers: HashMap<&'a str, (i64, i64)>,
    songs: HashMap<(i64, &'a str), Song>,
    /// Names of producers who were here before.
    known_names: BTreeSet<Name>,
    /// The songs whose main version may be another now.
    touched: BTreeSet<NormalizedTrackId>,
    /// The tracks that pressings claim something of.
    pressed: Vec<TrackId>,
}

impl<'a> Writing<'a> {
    /// The releases that are albums of their own.
    fn own(&self) -> impl Iterator<Item = &'a Prepared> + use<'a, '_> {
        let own = self.batch.iter().zip(&self.places);
        own.filter(|(_, place)| **place == Place::Own)
            .map(|(release, _)| release)
    }

    async fn find_artists(
        &mut self,
        memory: Option<&mut Memory>,
    ) -> Result<(), tokio_postgres::Error> {
        let named: BTreeMap<&str, &str> = self
            .own()
            .flat_map(Prepared::named)
            .map(|(id, artist)| (id, artist.name.as_str()))
            .collect();
        let ids: Vec<&str> = named.keys().copied().collect();
        match &memory {
            Some(memory) => {
                let known = ids.iter().filter_map(|id| {
                    let ours = memory.artists.get(&hash(b'a', 0, id))?;
                    Some((*id, *ours))
                });
                self.artists.extend(known);
            }
            None => {
                let known = artists::list_by_identity(self.client, SOURCE, &ids).await?;
                let known = ids.iter().filter_map(|id| Some((*id, known.get(*id)?.0)));
                self.artists.extend(known);
            }
        }
        let new: Vec<(&str, &str)> = named
            .into_iter()
            .filter(|(id, _)| !self.artists.contains_key(id))
            .collect();
        let wanted = Wanted {
            artists: new.len(),
            ..Wanted::default()
        };
        let keys = loading::take_keys(self.client, wanted).await?;
        let mut remembered = Vec::new();
        for ((source_id, name), key) in new.into_iter().zip(keys.artists) {
            self.tables.artist(key, source_id, name);
            self.artists.insert(source_id, key);
            remembered.push((hash(b'a', 0, source_id), key));
        }
        if let Some(memory) = memory {
            memory.artists.extend(remembered);
        }
        Ok(())
    }

    async fn find_producers(
        &mut self,
        mut memory: Option<&mut Memory>,
    ) -> Result<(), tokio_postgres::Error> {
        let claims = self.batch.iter().zip(&self.places);
        let claims = claims
            .filter(|(_, place)| **place != Place::Aside)
            .flat_map(|(release, _)| &release.claims)
            .filter_map(|claim| Some((claim.producer.as_deref()?, &claim.credit)));
        let mut named: BTreeMap<&str, &str> = BTreeMap::new();
        let mut names: BTreeSet<(&str, &str, NameKind)> = BTreeSet::new();
        for (source_id, credit) in claims {
            named.insert(source_id, &credit.name);
            names.insert((source_id, &credit.name, NameKind::Primary));
            if credit.credited_as != credit.name {
                names.insert((source_id, &credit.credited_as, NameKind::CreditedAs));
            }
        }
        let ids: Vec<&str> = named.keys().copied().collect();
        match &memory {
            Some(memory) => {
                let known = ids.iter().filter_map(|id| {
                    let ours = memory.producers.get(&hash(b'p', 0, id))?;
                    Some((*id, *ours))
                });
                self.producers.extend(known);
            }
            None => {
                let known = producers::list_identities(self.client, SOURCE, &ids).await?;
                let known = ids.iter().filter_map(|id| {
                    let identity = known.get(*id)?;
                    Some((*id, (identity.producer_id.0, identity.id)))
                });
                self.producers.extend(known);
            }
        }
        let new: BTreeMap<&str, &str> = named
            .into_iter()
            .filter(|(id, _)| !self.producers.contains_key(id))
            .collect();
        let wanted = Wanted {
            producers: new.len(),
            ..Wanted::default()
        };
        let keys = loading::take_keys(self.client, wanted).await?;
        let keys = keys.producers.into_iter().zip(keys.identities);
        for ((source_id, name), (producer, identity)) in new.iter().zip(keys) {
            self.tables.producer(producer, identity, source_id, name);
            self.producers.insert(source_id, (producer, identity));
            if let Some(memory) = memory.as_deref_mut() {
                let key = hash(b'p', 0, source_id);
                memory.producers.insert(key, (producer, identity));
            }
        }
        for (source_id, name, kind) in names {
            let Some(&(producer, _)) = self.producers.get(source_id) else {
                continue;
            };
            let is_new = match memory.as_deref_mut() {
                Some(memory) => memory.names.insert(hash(kind as u8, producer, name)),
                None => new.contains_key(source_id),
            };
            if is_new {
                self.tables.producer_name(producer, name, kind);
            } else if memory.is_none() {
                self.known_names.insert(Name {
                    producer_id: ProducerId(producer),
                    name: name.to_owned(),
                    kind,
                });
            }
        }
        Ok(())
    }

    /// Whose song a track is: its first main artist's, else its album's; nobody has none.
    fn main_artist(&self, release: &'a Prepared, track: &'a Track) -> Option<i64> {
        let mut main = track.artists.iter().filter(|artist| !artist.is_featured);
        let artist = main
            .find(|artist| artist.id.is_some())
            .or_else(|| release.first_artist())
            .filter(|artist| !artist.is_nobody)?;
        self.artists.get(artist.id.as_deref()?).copied()
    }

    async fn find_songs(
        &mut self,
        memory: Option<&mut Memory>,
    ) -> Result<(), tokio_postgres::Error> {
        let mut wanted: Vec<(i64, &'a str)> = Vec::new();
        for release in self.own() {
            for (track, title) in &release.tracks {
                let artist = self.main_artist(release, track);
                wanted.extend(artist.map(|artist| (artist, title.key.as_str())));
            }
        }
        let is_shared: HashSet<(i64, &str)> = {
            let mut seen = HashSet::new();
            let again = wanted.iter().filter(|song| !seen.insert(**song));
            again.copied().collect()
        };
        wanted.sort_unstable();
        wanted.dedup();
        let known: HashMap<(i64, String), i64> = match &memory {
            Some(_) => HashMap::new(),
            None => loading::list_songs(self.client, &wanted).await?,
        };
        let find = |song: &(i64, &str)| match &memory {
            Some(memory) => memory.songs.get(&hash(b's', song.0, song.1)).copied(),
            None => known.get(&(song.0, song.1.to_owned())).copied(),
        };
        let mut new = Vec::new();
        for song in wanted {
            match find(&song) {
                Some(id) => {
                    let known = Song {
                        id,
                        is_shared: true,
                        is_written: true,
                    };
                    self.songs.insert(song, known);
                }
                None => new.push(song),
            }
        }
        let wanted = Wanted {
            songs: new.len(),
            ..Wanted::default()
        };
        let keys = loading::take_keys(self.client, wanted).await?;
        let new: Vec<_> = new.into_iter().zip(keys.songs).collect();
        if let Some(memory) = memory {
            let hashes = new
                .iter()
                .map(|(song, id)| (hash(b's', song.0, song.1), *id));
            memory.songs.extend(hashes);
        }
        self.songs.extend(new.into_iter().map(|(song, id)| {
            let new = Song {
                id,
                is_shared: is_shared.contains(&song),
                is_written: false,
            };
            (song, new)
        }));
        Ok(())
    }

    /// The albums with their tracks, and what all the releases claim.
    async fn albums(
        &mut self,
        mut memory: Option<&mut Memory>,
    ) -> Result<(), tokio_postgres::Error> {
        let wanted = Wanted {
            albums: self.own().count(),
            tracks: self.own().map(|release| release.tracks.len()).sum(),
            ..Wanted::default()
        };
        let Keys { albums, tracks, .. } = loading::take_keys(self.client, wanted).await?;
        let (mut albums, mut keys) = (albums.into_iter(), tracks.into_iter());
        let batch = self.batch;
        let mut written: HashMap<usize, (i64, Vec<i64>)> = HashMap::new();
        for (at, release) in batch.iter().enumerate() {
            let place = self.places[at].clone();
            let (album, tracks) = match place {
                Place::Own => {
                    let Some(album) = albums.next() else { continue };
                    let tracks: Vec<i64> = keys.by_ref().take(release.tracks.len()).collect();
                    self.album(release, album, &tracks);
                    written.insert(at, (album, tracks.clone()));
                    (album, tracks)
                }
                Place::Pressing { album, tracks } => (album, tracks),
                Place::PressingOf(first) => match written.get(&first) {
                    Some(album) => album.clone(),
                    None => continue,
                },
                Place::Aside => continue,
            };
            if let (Some(memory), Some(first)) = (memory.as_deref_mut(), tracks.first()) {
                for key in AlbumKeys::of(release).told_by(&self.places[at]) {
                    memory.albums.entry(key).or_insert((album, *first));
                }
            }
            let is_pressing = self.places[at] != Place::Own;
            if is_pressing {
                self.pressed.extend(tracks.iter().copied().map(TrackId));
            }
            self.tables.record(release, album, self.load_id);
            self.tables
                .claims(release, album, &tracks, &self.producers, !is_pressing);
        }
        Ok(())
    }

    fn album(&mut self, release: &'a Prepared, album: i64, tracks: &[i64]) {
        let first = release.first_artist();
        let artist = first.and_then(|artist| self.artists.get(artist.id.as_deref()?));
        let Some(artist) = artist.copied() else {
            return;
        };
        self.tables.album(release, album, artist);
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
                    self.tables
                        .track_artist(*key, position, *id, artist.is_featured);
                }
            }
        }
    }

    /// What follows from the rows for rows that were here before.
    async fn follow_up(&self) -> Result<(), tokio_postgres::Error> {
        let client = self.client;
        let names: Vec<Name> = self.known_names.iter().cloned().collect();
        if !names.is_empty() {
            producers::insert_names(client, SOURCE, &names).await?;
        }
        let touched: Vec<NormalizedTrackId> = self.touched.iter().copied().collect();
        if !touched.is_empty() {
            normalized_tracks::refresh(client, &touched).await?;
            if credit_overrides::is_any_decided(client, &touched).await? {
                track_producers::refresh(client, &self.tables.track_ids()).await?;
            }
        }
        if !self.pressed.is_empty() {
            track_producers::refresh(client, &self.pressed).await?;
        }
        statistics::mark_stale(client, &self.tables.producer_ids()).await
    }
}

/// The form of a name that is searched.
pub(super) fn folded(name: &str) -> String {
    names::fold(name)
}
