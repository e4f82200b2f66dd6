//! The rules of what an album becomes, one case each. Every case is written by each writer: COPY into empty
//! tables, COPY into a catalog in use, statements of an online import, and statements of a reload. All leave
//! the same rows.

use integration::{Database, database};
use pretty_assertions::assert_eq;

use crate::dump::{Release, credits, details, dump, file, load, load_file, track};
use crate::online::write_online;
use crate::rebuild::rebuild;

/// A case: its rule, the releases of a dump, and the rows that they leave.
struct Case {
    rule: &'static str,
    releases: Vec<Release>,
    /// A query for rows that show the rule, and its result.
    rows: (&'static str, Vec<&'static str>),
    /// Whether an online import of each release leaves the same. Only dumps have pressings: online, an album
    /// has the credits of one record of each source.
    is_online: bool,
}

const SONGS: &str = "SELECT concat_ws(' | ', t.name, a.name, n.normalized_name, t.version_kind)
    FROM tracks t LEFT JOIN normalized_tracks n ON n.id = t.normalized_track_id
    LEFT JOIN artists a ON a.id = n.artist_id ORDER BY t.album_id, t.disc_number, t.track_number";
const SONG_SIZES: &str = "SELECT concat_ws(' | ', t.name, split_part(n.normalized_name, ' ', 1),
    count(*) OVER (PARTITION BY n.id)) FROM tracks t JOIN normalized_tracks n ON n.id = t.normalized_track_id
    ORDER BY t.album_id, t.disc_number, t.track_number";
const TRACK_ARTISTS: &str = "SELECT concat_ws(' | ', t.name, ta.position, a.name, ta.part, ta.stated_name)
    FROM track_artists ta JOIN tracks t ON t.id = ta.track_id JOIN artists a ON a.id = ta.artist_id
    ORDER BY t.album_id, t.track_number, ta.position";
const CREDITS: &str = "SELECT concat_ws(' | ', t.name, c.track_positions, c.track_range, c.credited_as,
    c.raw_role, c.role, i.source_id) FROM credits c LEFT JOIN tracks t ON t.id = c.track_id
    LEFT JOIN producer_identities i ON i.id = c.producer_identity_id
    ORDER BY c.credited_as COLLATE \"C\", c.raw_role COLLATE \"C\", c.track_range, t.name";
const TRACK_PRODUCERS: &str = "SELECT concat_ws(' | ', t.name, p.name, tp.role,
    round(tp.confidence::numeric, 2)) FROM track_producers tp JOIN tracks t ON t.id = tp.track_id
    JOIN producers p ON p.id = tp.producer_id ORDER BY t.track_number, p.name";
const ALBUMS: &str = "SELECT concat_ws(' | ', al.name, a.name, al.album_type, al.release_date, al.upc,
    al.total_tracks, al.label, al.genres, (SELECT string_agg(l.source_id, ' ' ORDER BY l.source_id)
    FROM album_links l WHERE l.album_id = al.id)) FROM albums al JOIN artists a ON a.id = al.artist_id
    ORDER BY al.name";

const ALBUM_ARTISTS: &str = "SELECT concat_ws(' | ', al.name, a.name, i.source_id) FROM albums al
    JOIN artists a ON a.id = al.artist_id JOIN artist_identities i ON i.artist_id = a.id ORDER BY al.name";

fn by(artists: &[(i64, &str)]) -> String {
    let artists: Vec<_> = artists.iter().map(|(id, name)| (*id, *name, "", "")).collect();
    credits("artists", &artists)
}

fn cases() -> Vec<Case> {
    let of_master = |id, master| Release {
        artists: by(&[(20, "The Band")]),
        master: Some(master),
        ..Release::new(id)
    };
    vec![
        Case {
            rule: "the first main artist of a track owns its song, otherwise the first one of the album",
            releases: vec![Release {
                artists: by(&[(20, "The Band"), (21, "Another")]),
                tracks: vec![
                    track("1", "Ours", ""),
                    track("2", "Theirs", &by(&[(22, "Somebody")])),
                    track("3", "Nobody's", &by(&[(0, "Without A Page")])),
                ],
                ..Release::new(1)
            }],
            rows: (
                SONGS,
                vec![
                    "Ours | The Band | ours",
                    "Theirs | Somebody | theirs",
                    "Nobody's | The Band | nobodys",
                ],
            ),
            is_online: true,
        },
        Case {
            rule: "Various Artists own no song",
            releases: vec![Release {
                artists: by(&[(194, "Various")]),
                tracks: vec![
                    track("1", "Whose", ""),
                    track("2", "Mine", &by(&[(20, "The Band")])),
                ],
                ..Release::new(1)
            }],
            rows: (SONGS, vec!["Whose", "Mine | The Band | mine"]),
            is_online: true,
        },
        Case {
            rule: "versions of a song are one song, on every album of the artist",
            releases: vec![of_master(1, 1), of_master(2, 2)],
            rows: (
                SONGS,
                vec![
                    "First Song | The Band | firstsong",
                    "Second Song (Remix) | The Band | secondsong | remix",
                    "First Song | The Band | firstsong",
                    "Second Song (Remix) | The Band | secondsong | remix",
                ],
            ),
            is_online: true,
        },
        Case {
            rule: "a title that only names a place is a song of its record alone",
            releases: vec![
                Release {
                    artists: by(&[(20, "The Band")]),
                    tracks: vec![
                        track("1", "Intro", ""),
                        track("2", "Named", ""),
                        track("3", "Skit", ""),
                        track("4", "Skit", ""),
                    ],
                    ..Release::new(1)
                },
                Release {
                    artists: by(&[(20, "The Band")]),
                    tracks: vec![track("1", "Intro", ""), track("2", "Named (Live)", "")],
                    ..Release::new(2)
                },
            ],
            rows: (
                SONG_SIZES,
                vec![
                    "Intro | intro | 1",
                    "Named | named | 2",
                    "Skit | skit | 1",
                    "Skit | skit | 1",
                    "Intro | intro | 1",
                    "Named (Live) | named | 2",
                ],
            ),
            is_online: true,
        },
        Case {
            rule: "an artist is named once per track, as printed, and guests are featured",
            releases: vec![Release {
                tracks: vec![track(
                    "1",
                    "Song",
                    &by(&[(20, "The Band"), (21, "A Guest"), (20, "The Band (again)")]).replacen(
                        "<join/>",
                        "<join>Feat.</join>",
                        1,
                    ),
                )],
                ..Release::new(1)
            }],
            rows: (
                TRACK_ARTISTS,
                vec![
                    "Song | 1 | The Band | main | The Band",
                    "Song | 2 | A Guest | featured | A Guest",
                ],
            ),
            is_online: true,
        },
        Case {
            rule: "a credit is stored once, with the tracks that its words name",
            releases: vec![Release {
                credits: credits(
                    "extraartists",
                    &[
                        (5, "A Producer", "Producer", ""),
                        (5, "A Producer", "Producer", ""),
                        (6, "Of One", "Producer", "A2"),
                        (7, "Of What", "Producer", "the encore"),
                        (8, "Mixer", "Mixed By", ""),
                        (0, "No Page", "Co-producer", "A1 to A2"),
                    ],
                ),
                ..Release::new(1)
            }],
            rows: (
                CREDITS,
                vec![
                    "A Producer | Producer | producer | 5",
                    "Mixer | Mixed By | mixer",
                    "{1-1,1-2} | A1 to A2 | No Page | Co-producer | co_producer | unlinked:1001:nopage",
                    "{1-2} | A2 | Of One | Producer | producer | 6",
                    "the encore | Of What | Producer | producer | 7",
                ],
            ),
            is_online: true,
        },
        Case {
            rule: "the supervisor of an early record produced it",
            releases: vec![Release {
                credits: credits(
                    "extraartists",
                    &[
                        (5, "Of All", "Supervised By", ""),
                        (6, "Of One", "Recording Supervisor", "A2"),
                        (7, "Of The Film", "Music Supervisor", ""),
                    ],
                ),
                released: "1969".to_owned(),
                ..Release::new(1)
            }],
            rows: (
                TRACK_PRODUCERS,
                vec![
                    "First Song | Of All | supervisor | 0.53",
                    "Second Song (Remix) | Of All | supervisor | 0.53",
                    "Second Song (Remix) | Of One | supervisor | 0.60",
                ],
            ),
            is_online: true,
        },
        Case {
            rule: "what credits cover becomes the producers of tracks",
            releases: vec![Release {
                credits: credits(
                    "extraartists",
                    &[
                        (5, "Of All", "Producer", ""),
                        (6, "Of One", "Producer", "A2"),
                        (7, "Of What", "Producer", "the encore"),
                        (8, "Executive", "Executive Producer", ""),
                    ],
                ),
                tracks: vec![
                    track(
                        "A1",
                        "One",
                        &credits("extraartists", &[(9, "Of The Track", "Producer", "")]),
                    ),
                    track("A2", "Two", ""),
                ],
                ..Release::new(1)
            }],
            rows: (
                TRACK_PRODUCERS,
                vec![
                    "One | Of All | producer | 0.75",
                    "One | Of The Track | producer | 0.90",
                    "Two | Of All | producer | 0.75",
                    "Two | Of One | producer | 0.85",
                ],
            ),
            is_online: true,
        },
        Case {
            rule: "pressings of a master are one album; the smallest one leads, the others fill gaps",
            releases: vec![
                Release {
                    released: String::new(),
                    ..of_master(1, 7)
                },
                Release {
                    title: "A Reissue".to_owned(),
                    details: details("A Label", "Album", "Dub"),
                    ..of_master(2, 7)
                },
                Release {
                    details: details("Another Label", "Single", "House"),
                    released: "2005".to_owned(),
                    ..of_master(3, 7)
                },
            ],
            rows: (
                ALBUMS,
                vec!["Album 1 | The Band | album | 1999-03-01 | 2 | A Label | {Electronic,Dub} | 1 2 3"],
            ),
            is_online: false,
        },
        Case {
            rule: "the barcode with the same songs is one album, with other songs another one",
            releases: vec![
                Release {
                    barcode: Some("0 12345 67890 5".to_owned()),
                    ..Release::new(1)
                },
                Release {
                    artists: by(&[(1001, "The Band")]),
                    barcode: Some("012345678905".to_owned()),
                    ..Release::new(2)
                },
                Release {
                    barcode: Some("012345678905".to_owned()),
                    tracks: vec![track("1", "First Song", ""), track("2", "Another", "")],
                    ..Release::new(3)
                },
            ],
            rows: (
                ALBUMS,
                vec![
                    "Album 1 | The Band | other | 1999-03-01 | 12345678905 | 2 | {} | 1 2",
                    "Album 3 | The Band | other | 1999-03-01 | 12345678905 | 2 | {} | 3",
                ],
            ),
            is_online: false,
        },
        Case {
            rule: "an act without a page has the printed name and is an artist of its record alone",
            releases: vec![
                Release {
                    artists: by(&[(0, "Without A Page"), (0, "Another")]),
                    ..Release::new(1)
                },
                Release {
                    artists: by(&[(0, "Without A Page")]),
                    ..Release::new(2)
                },
                Release {
                    artists: by(&[(0, "")]),
                    ..Release::new(3)
                },
            ],
            rows: (
                ALBUM_ARTISTS,
                vec![
                    "Album 1 | Without A Page | unlinked:release 1",
                    "Album 2 | Without A Page | unlinked:release 2",
                    "Album 3 | No Artist | 118760",
                ],
            ),
            is_online: true,
        },
    ]
}

/// Makes every loaded record look changed, so that a reload writes it by itself.
const FORGET: &str = "UPDATE loaded_records SET content_hash = 0";

#[tokio::test(flavor = "multi_thread")]
async fn every_writer_leaves_the_same_rows() {
    for case in cases() {
        let rule = case.rule;
        let xml: Vec<String> = case.releases.iter().map(Release::xml).collect();
        let path = file("case.xml", dump(&xml).as_bytes());
        let (empty, in_use, online) = (database().await, database().await, database().await);
        load_file(&empty, &path, true).await.unwrap();
        assert_eq!(empty.texts(case.rows.0).await, case.rows.1, "{rule}");
        let expected = empty.fingerprint().await.parts;
        empty.execute(FORGET).await;
        let reloaded = load_file(&empty, &path, true).await.unwrap();
        assert_eq!(reloaded.counts.changed, xml.len() as u64);
        assert_eq!(empty.fingerprint().await.parts, expected, "a reload: {rule}");
        for (number, one) in xml.iter().enumerate() {
            let name = format!("case_{number}.xml");
            let path = file(&name, dump(std::slice::from_ref(one)).as_bytes());
            load_file(&in_use, &path, true).await.unwrap();
            write_online(&online, one).await;
        }
        assert_eq!(
            in_use.fingerprint().await.parts,
            expected,
            "a catalog in use: {rule}"
        );
        for database in [&empty, &in_use, &online] {
            let rebuilt = rebuild(database).await;
            assert_eq!(
                (rebuilt.producers_changed, rebuilt.songs_changed),
                (0, 0),
                "{rule}"
            );
        }
        if case.is_online {
            assert_eq!(online.fingerprint().await.parts, expected, "online: {rule}");
        }
    }
}

/// A rule that every writer but the one into empty tables reads from the database.
const BROKEN_RULE: &str = "
    CREATE OR REPLACE FUNCTION known_albums(
        of_source source, ids text[], barcodes text[], track_counts integer[], masters bigint[],
        link_places bigint[], linked_spotify_ids text[], isrc_places bigint[], track_isrcs text[]
    ) RETURNS TABLE (place bigint, album_id bigint, reason integer) LANGUAGE sql STABLE AS
    'SELECT 1::bigint, 1::bigint, 1 WHERE false'";

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_changes_what_every_writer_writes() {
    async fn album_count(database: &Database) -> i64 {
        database.count("SELECT count(*) FROM albums").await
    }
    let barcode = |id| Release {
        artists: by(&[(20, "The Band")]),
        barcode: Some("012345678905".to_owned()),
        ..Release::new(id)
    };
    let xml: Vec<String> = [1, 2].map(barcode).iter().map(Release::xml).collect();
    for (is_broken, expected) in [(false, 1), (true, 2)] {
        let (in_use, online, reloaded) = (database().await, database().await, database().await);
        load(&reloaded, "both.xml", &xml).await;
        assert_eq!(album_count(&reloaded).await, 1);
        if is_broken {
            for database in [&in_use, &online, &reloaded] {
                database.execute(BROKEN_RULE).await;
            }
        }
        for (number, one) in xml.iter().enumerate() {
            load(
                &in_use,
                &format!("broken_{number}.xml"),
                std::slice::from_ref(one),
            )
            .await;
            write_online(&online, one).await;
        }
        reloaded.execute(FORGET).await;
        let last = &xml[1..];
        load(&reloaded, "last.xml", last).await;
        for (writer, database) in [
            ("a catalog in use", &in_use),
            ("online", &online),
            ("a reload", &reloaded),
        ] {
            assert_eq!(
                album_count(database).await,
                expected,
                "{writer}, broken: {is_broken}"
            );
        }
    }
}
