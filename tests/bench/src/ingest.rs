//! Measures how fast the ingest function writes albums, each in its own transaction. The baselines write the
//! same finished rows into the same tables and indexes: by COPY, and with a commit per row.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures::{SinkExt as _, StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use shared::domain::albums::AlbumType;
use shared::domain::dates::ReleaseDate;
use shared::domain::messages::{Envelope, Message};
use shared::platform::db::{DatabaseSettings, Pool};
use shared::upstreams::spotify::{Album, AlbumTrack, SimpleArtist};

use crate::clusters::{create_database, on_own_postgres};

const ALBUMS: usize = 200;
const TRACKS: usize = 50;
/// Albums written at the same time, as by the one-machine worker.
const CONCURRENCY: usize = 4;
/// Albums written with a commit per row. It is a small number because each takes about a tenth of a second.
const ALBUMS_BY_ROW: usize = 4;

/// The tables of an album, in an order that their foreign keys allow.
const TABLES: &[&str] = &[
    "artists",
    "artist_identities",
    "albums",
    "album_links",
    "normalized_tracks",
    "tracks",
    "track_artists",
    "track_links",
];

/// Tracks written per second.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct IngestFigures {
    /// By the ingest function.
    pub(crate) tracks_per_second: u64,
    /// The same rows, one transaction each.
    pub(crate) commit_per_row_per_second: u64,
    /// The same rows by COPY.
    pub(crate) copy_per_second: u64,
}

/// Measures on a Postgres of its own, which is stopped and removed at the end.
///
/// # Errors
/// If Postgres cannot be started or a statement fails.
pub(crate) async fn measure_ingest() -> anyhow::Result<IngestFigures> {
    on_own_postgres(measure).await
}

async fn measure(url: &str) -> anyhow::Result<IngestFigures> {
    let written = IngestDatabase::create(url, "written").await?;
    let albums: Vec<Album> = (0..ALBUMS).map(album).collect();
    let by_album = write(&written, &albums).await?;
    let copied = IngestDatabase::create(url, "copied").await?;
    let by_copy = copy(&written, &copied).await?;
    let by_row = by_row(&written, &IngestDatabase::create(url, "by_row").await?).await?;
    Ok(IngestFigures {
        tracks_per_second: per_second(ALBUMS * TRACKS, by_album),
        commit_per_row_per_second: per_second(ALBUMS_BY_ROW * TRACKS, by_row),
        copy_per_second: per_second(ALBUMS * TRACKS, by_copy),
    })
}

fn per_second(tracks: usize, time: Duration) -> u64 {
    (tracks as f64 / time.as_secs_f64()) as u64
}

struct IngestDatabase {
    settings: DatabaseSettings,
    client: tokio_postgres::Client,
}

impl IngestDatabase {
    /// Creates and migrates a database in the cluster.
    async fn create(url: &str, name: &str) -> anyhow::Result<Self> {
        let settings = create_database(url, name).await?;
        let client = settings.connect().await?;
        // Songs and tracks refer to each other, so finished rows can only be copied without one of the
        // foreign keys.
        const DROP: &str = "
            ALTER TABLE normalized_tracks DROP CONSTRAINT normalized_tracks_representative_track_id_fkey";
        client.batch_execute(DROP).await?;
        Ok(Self { settings, client })
    }
}

/// Writes all albums, [`CONCURRENCY`] at a time.
async fn write(database: &IngestDatabase, albums: &[Album]) -> anyhow::Result<Duration> {
    let pool = Pool::new(&database.settings, CONCURRENCY)?;
    let start = Instant::now();
    futures::stream::iter(albums)
        .map(Ok)
        .try_for_each_concurrent(CONCURRENCY, |album| write_one(&pool, album))
        .await?;
    Ok(start.elapsed())
}

async fn write_one(pool: &Pool, album: &Album) -> anyhow::Result<()> {
    let envelope = Envelope::requested(
        Message::IngestAlbum {
            spotify_album_id: album.id.clone(),
        },
        None,
    );
    let mut client = pool.client().await?;
    let transaction = client.transaction().await?;
    let isrcs = BTreeMap::new();
    ingest::album::write(&transaction, &envelope, &album.id, album, &isrcs, Utc::now()).await?;
    Ok(transaction.commit().await?)
}

async fn copy(from: &IngestDatabase, to: &IngestDatabase) -> anyhow::Result<Duration> {
    let mut time = Duration::ZERO;
    for table in TABLES {
        let rows = from
            .client
            .copy_out(&format!("COPY {table} TO STDOUT (FORMAT binary)"))
            .await?;
        let rows: Vec<_> = rows.try_collect().await?;
        let start = Instant::now();
        let sink = to
            .client
            .copy_in(&format!("COPY {table} FROM STDIN (FORMAT binary)"))
            .await?;
        futures::pin_mut!(sink);
        let mut rows = futures::stream::iter(rows.into_iter().map(Ok::<_, tokio_postgres::Error>));
        sink.send_all(&mut rows).await?;
        sink.finish().await?;
        time += start.elapsed();
    }
    Ok(time)
}

/// Writes the rows of the first albums with a commit each.
async fn by_row(from: &IngestDatabase, to: &IngestDatabase) -> anyhow::Result<Duration> {
    let mut inserts = Vec::new();
    for table in TABLES {
        let is_of_first_albums = match *table {
            "albums" => "id <= $1",
            "album_links" | "tracks" => "album_id <= $1",
            "normalized_tracks" => "id IN (SELECT normalized_track_id FROM tracks WHERE album_id <= $1)",
            "track_artists" | "track_links" => "track_id IN (SELECT id FROM tracks WHERE album_id <= $1)",
            _ => "$1::bigint > 0",
        };
        let rows = from
            .client
            .query(
                &format!("SELECT to_jsonb(t) AS row FROM {table} t WHERE {is_of_first_albums}"),
                &[&(ALBUMS_BY_ROW as i64)],
            )
            .await?;
        let insert = format!(
            "INSERT INTO {table} OVERRIDING SYSTEM VALUE
             SELECT * FROM jsonb_populate_record(NULL::{table}, $1)"
        );
        let insert = to.client.prepare(&insert).await?;
        inserts.extend(
            rows.iter()
                .map(|row| (insert.clone(), row.get::<_, serde_json::Value>("row"))),
        );
    }
    let start = Instant::now();
    futures::stream::iter(inserts)
        .map(Ok)
        .try_for_each(|(insert, row)| async move { to.client.execute(&insert, &[&row]).await.map(drop) })
        .await?;
    Ok(start.elapsed())
}

/// A made-up album in the shape of real ones: a second artist on every fifth track, and a live version on
/// every tenth.
fn album(number: usize) -> Album {
    let id = |kind: char, number: usize| {
        format!("{kind}{number:021}")
            .parse()
            .expect("22 letters and digits")
    };
    let artist = |number: usize| SimpleArtist {
        id: format!("a{number:021}").parse().ok(),
        name: format!("Artist {number}"),
    };
    let words = [
        "Golden", "River", "Midnight", "Paper", "Silver", "Morning", "Hollow", "Electric", "Winter",
        "Burning",
    ];
    let tracks = (0..TRACKS)
        .map(|place| {
            let song = number * TRACKS + place;
            let name = format!("{} {} {song}", words[song % 10], words[(song / 10) % 10]);
            AlbumTrack {
                id: format!("t{song:021}").parse().expect("22 letters and digits"),
                name: if place % 10 == 9 {
                    format!("{name} - Live")
                } else {
                    name
                },
                artists: if place % 5 == 4 {
                    vec![artist(number / 10), artist(1_000 + number)]
                } else {
                    vec![artist(number / 10)]
                },
                disc_number: 1,
                track_number: i32::try_from(place + 1).expect("few tracks"),
                duration_ms: Some(200_000),
                preview_url: None,
                explicit: Some(false),
            }
        })
        .collect();
    Album {
        id: id('l', number),
        name: format!("{} {number}", words[number % 10]),
        album_type: Some(AlbumType::Album),
        release_date: ReleaseDate::from_text(&format!("{}-01-01", 1960 + number % 60)),
        total_tracks: i32::try_from(TRACKS).ok(),
        artists: vec![artist(number / 10)],
        upc: format!("{}", 100_000_000_000_usize + number).parse().ok(),
        label: None,
        genres: Vec::new(),
        cover_url: Some(format!("https://covers.invalid/{number}")),
        tracks,
        next_track_offset: None,
    }
}
