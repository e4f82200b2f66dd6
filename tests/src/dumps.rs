//! Makes dumps in MusicBrainz's format, and loads them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use liblzma::write::XzEncoder;
use serde_json::{Value, json};
use shared::db::Pool;
use shared::dumps::{LoadControl, LoadOutcome, input, musicbrainz};

use crate::{Database, settings};

/// A dump under construction: an archive with a member of lines.
pub struct Dump {
    /// What its lines are.
    pub entity: &'static str,
    /// The form that it says its lines have.
    pub schema: &'static str,
    /// Its lines.
    pub lines: Vec<Vec<u8>>,
}

impl Dump {
    /// Of releases, as a line has them: each medium says how many tracks it has.
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

    /// Of artists.
    pub fn of_artists(artists: &[Value]) -> Self {
        let lines = artists.iter().map(|artist| artist.to_string().into_bytes());
        Self {
            entity: "artist",
            schema: "1",
            lines: lines.collect(),
        }
    }

    /// The archive. The last line has no end.
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

    /// The archive, compressed.
    pub fn xz(&self) -> Vec<u8> {
        xz(&self.tar())
    }
}

/// Bytes as xz has them.
pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A file in a folder of its own, that is gone with the machine's temporary files.
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

/// A pool of a load's own, as the command has.
pub fn pool(database: &Database) -> Pool {
    Pool::new(&settings(&database.url), 6).unwrap()
}

/// Loads a file of releases.
pub async fn load_file(database: &Database, path: &Path, everything: bool) -> anyhow::Result<LoadOutcome> {
    let pool = pool(database);
    let input = input::open(path)?;
    let loaded = musicbrainz::load_releases(&pool, input, everything, &LoadControl::default()).await;
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

/// Loads releases from a file of this name.
pub async fn load(database: &Database, name: &str, releases: &[Value]) -> LoadOutcome {
    let path = file(name, &Dump::of_releases(releases).xz());
    load_file(database, &path, false).await.unwrap()
}
