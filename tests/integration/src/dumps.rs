//! Creates and loads dumps in MusicBrainz's format.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use liblzma::write::XzEncoder;
use load::{LoadControl, LoadOutcome, ReleaseOptions, input, musicbrainz};
use serde_json::{Value, json};
use shared::platform::db::Pool;

use crate::{Database, settings};

/// A MusicBrainz dump: an archive with one member that has a record per line.
pub struct MusicBrainzDump {
    /// The kind of its records.
    pub entity: &'static str,
    /// The schema number that it states; empty if it states none.
    pub schema: &'static str,
    /// Its records.
    pub lines: Vec<Vec<u8>>,
}

impl MusicBrainzDump {
    /// A dump of releases. Each medium states its number of tracks.
    pub fn of_releases(releases: &[Value]) -> Self {
        let line = |release: &Value| {
            let mut release = release.clone();
            for medium in release["media"].as_array_mut().into_iter().flatten() {
                let count = medium["tracks"].as_array().map_or(0, Vec::len);
                medium["track-count"] = json!(count);
            }
            release.to_string().into_bytes()
        };
        Self {
            entity: "release",
            schema: "1",
            lines: releases.iter().map(line).collect(),
        }
    }

    /// A dump of artists.
    pub fn of_artists(artists: &[Value]) -> Self {
        let lines = artists.iter().map(|artist| artist.to_string().into_bytes());
        Self {
            entity: "artist",
            schema: "1",
            lines: lines.collect(),
        }
    }

    /// The archive. Its last line has no line feed.
    pub fn tar(&self) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        let mut add = |name: &str, bytes: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, bytes).unwrap();
        };
        add("TIMESTAMP", b"2026-08-01 00:10:01.123456+00\n");
        add("COPYING", b"CC0\n");
        add("README", b"A dump.\n");
        add("REPLICATION_SEQUENCE", b"170000\n");
        add("SCHEMA_SEQUENCE", b"30\n");
        if !self.schema.is_empty() {
            add(
                "JSON_DUMPS_SCHEMA_NUMBER",
                format!("{}\n", self.schema).as_bytes(),
            );
        }
        let member = format!("mbdump/{}", self.entity);
        add(&member, &self.lines.join(&b'\n'));
        archive.into_inner().unwrap()
    }

    /// The compressed archive.
    pub fn xz(&self) -> Vec<u8> {
        xz(&self.tar())
    }
}

/// Compresses bytes with xz.
pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Creates a file in a new temporary folder.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let folder = format!("linernotes-dumps-{}/{number}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A pool for one load, as the command has it.
pub fn pool(database: &Database) -> Pool {
    Pool::new(&settings(&database.url), 6).unwrap()
}

/// Loads a file of releases.
pub async fn load_file(database: &Database, path: &Path, everything: bool) -> anyhow::Result<LoadOutcome> {
    let options = ReleaseOptions {
        everything,
        ..ReleaseOptions::default()
    };
    load_as(database, path, options).await
}

async fn load_as(database: &Database, path: &Path, options: ReleaseOptions) -> anyhow::Result<LoadOutcome> {
    let pool = pool(database);
    let input = input::open(path)?;
    let loaded = musicbrainz::load_releases(&pool, input, options, &LoadControl::default()).await;
    pool.close();
    loaded
}

/// Loads a file of artists.
pub async fn load_artists(database: &Database, path: &Path) -> anyhow::Result<LoadOutcome> {
    let pool = pool(database);
    let input = input::open(path)?;
    let loaded = musicbrainz::load_artists(&pool, input, &LoadControl::default()).await;
    pool.close();
    loaded
}

/// Loads releases from a new file with this name.
pub async fn load(database: &Database, name: &str, releases: &[Value]) -> LoadOutcome {
    let path = file(name, &MusicBrainzDump::of_releases(releases).xz());
    load_file(database, &path, false).await.unwrap()
}

/// As [`load()`], and removes the stored releases that are not among these.
pub async fn load_and_remove(database: &Database, name: &str, releases: &[Value]) -> LoadOutcome {
    let path = file(name, &MusicBrainzDump::of_releases(releases).xz());
    let options = ReleaseOptions {
        everything: false,
        remove: true,
    };
    load_as(database, &path, options).await.unwrap()
}
