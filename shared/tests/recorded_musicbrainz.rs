//! Recorded answers of MusicBrainz through the real mapping, held against what a person reads in them.
//! The recordings stay outside the project, in `musicbrainz/` of the folder that LINERNOTES_RECORDED names.

mod recorded;

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;
use shared::domain::albums::AlbumType;
use shared::domain::credits::{Credit, Role};
use shared::domain::dates::ReleaseDate;
use shared::domain::roles::role_from_relation;
use shared::upstreams::musicbrainz::{
    Artist, ArtistCredit, Recording, Release, artist_from_json, is_special_artist, recording_from_json,
    recording_matches_from_json, release_from_json, release_matches_from_json,
};

const RECORDINGS: &[&str] = &[
    "picard_recording.json",
    "picard_recording_artist_aliases.json",
    "picard_recording_composer.json",
    "picard_recording_credits.json",
    "picard_recording_generic_instrument.json",
    "recording_butter_sugar_cream.json",
    "recording_crazy_no_producer.json",
    "recording_suiheisen.json",
];
const RELEASES: &[&str] = &["picard_release.json", "release_70130d47_wipeout.json"];
const ARTISTS: &[&str] = &[
    "artist_2280ca0e_url_rels.json",
    "artist_5b687684_url_rels.json",
    "picard_artist.json",
    "picard_artist_arabic.json",
];
const RELEASE_SEARCHES: &[&str] = &["release_search.json"];
const RECORDING_SEARCHES: &[&str] = &["recording_search_empty.json", "recording_search_mixednuts.json"];
/// What the product never asks for, and why.
const NOT_ASKED_FOR: &[(&str, &str)] = &[
    (
        "artist_nakata_recording_rels.json",
        "credits are asked for by recording, never by artist; its relations serve the roles below",
    ),
    (
        "artist_search_kenmochi.json",
        "artists come from links and credits, never from a search for a name",
    ),
    (
        "artist_search_yoasobi.json",
        "artists come from links and credits, never from a search for a name",
    ),
    (
        "recordings_browse_higuchiai.json",
        "an artist's recordings are not browsed: they have no credits in them",
    ),
];

fn bytes(name: &str) -> Vec<u8> {
    recorded::bytes("musicbrainz", name)
}

fn recording(name: &str) -> Recording {
    recording_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn release(name: &str) -> Release {
    release_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn artist(name: &str) -> Artist {
    artist_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// One line a credit: role, who, and, where they say more than that, as printed and in whose words.
fn lines(credits: &[Credit]) -> Vec<String> {
    let line = |credit: &Credit| {
        let (role, name, raw) = (credit.role, &credit.name, &credit.raw_role);
        match credit.credited_as == *name {
            true => format!("{role}: {name} ({raw})"),
            false => format!("{role}: {name} as {} ({raw})", credit.credited_as),
        }
    };
    credits.iter().map(line).collect()
}

/// The names and ids of those whose credits make producers.
fn producers(credits: &[Credit]) -> Vec<(&str, &str)> {
    credits
        .iter()
        .filter(|credit| credit.role.is_music_production())
        .map(|credit| {
            let id = credit.source_artist_id.as_deref().expect("an artist's id");
            (credit.name.as_str(), id)
        })
        .collect()
}

fn printed(artists: &[ArtistCredit]) -> String {
    artists
        .iter()
        .map(|artist| format!("{}{}", artist.credited_as, artist.join))
        .collect()
}

#[test]
fn every_recorded_answer_is_read_or_listed() {
    for name in RECORDINGS {
        assert!(!recording(name).title.is_empty(), "{name}");
    }
    for name in RELEASES {
        assert!(!release(name).tracks.is_empty(), "{name}");
    }
    for name in ARTISTS {
        assert!(!artist(name).name.is_empty(), "{name}");
    }
    for name in RELEASE_SEARCHES {
        release_matches_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for name in RECORDING_SEARCHES {
        recording_matches_from_json(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    let known = [
        RECORDINGS,
        RELEASES,
        ARTISTS,
        RELEASE_SEARCHES,
        RECORDING_SEARCHES,
    ]
    .into_iter()
    .flatten()
    .chain(NOT_ASKED_FOR.iter().map(|(name, _)| name))
    .copied();
    recorded::assert_known("musicbrainz", known);
}

#[test]
fn two_of_abba_produced_knowing_me_knowing_you() {
    let recording = recording("picard_recording_credits.json");
    assert_eq!(
        lines(&recording.credits),
        [
            "arranger: Benny Andersson (arranger)",
            "arranger: Björn Ulvaeus (arranger)",
            "engineer: Michael B. Tretow (engineer)",
            "performer: Lasse Wellander (instrument [electric guitar])",
            "performer: Rutger Gunnarsson (instrument [bass])",
            "performer: Ola Brunkert (instrument [membranophone])",
            "producer: Benny Andersson (producer)",
            "producer: Björn Ulvaeus (producer)",
            "performer: Anni-Frid Lyngstad as Frida (vocal [solo])",
            "performer: Michael Brecker (instrument [EWI])",
        ]
    );
    assert_eq!(
        producers(&recording.credits),
        [
            ("Benny Andersson", "2f031686-3f01-4f33-a4fc-fb3944532efa"),
            ("Björn Ulvaeus", "ffb77292-9712-4d03-94aa-bdb1d4771d38"),
        ]
    );
    assert_eq!(recording.duration_ms, Some(242_640));
}

#[test]
fn a_composer_is_no_producer() {
    let recording = recording("picard_recording_composer.json");
    assert_eq!(
        lines(&recording.credits),
        [
            "performer: Charles Dutoit (conductor)",
            "engineer: Colin Moorfoot (engineer)",
            "performer: Orchestre symphonique de Montréal (performing orchestra)",
            "producer: Ray Minshull (producer)",
        ]
    );
    assert_eq!(printed(&recording.artists), "Pyotr Ilyich Tchaikovsky");
    assert_eq!(recording.artists[0].name, "Пётр Ильич Чайковский");
}

#[test]
fn one_name_printed_otherwise_is_one_producer() {
    let recording = recording("recording_suiheisen.json");
    assert_eq!(
        producers(&recording.credits),
        [("島田昌典", "38463ce8-bc1f-4eb3-a855-d8b5e648ab50")]
    );
    assert_eq!(recording.credits.len(), 29);
    let of_shimada: Vec<String> = recording
        .credits
        .iter()
        .filter(|credit| credit.name == "島田昌典")
        .flat_map(|credit| lines(std::slice::from_ref(credit)))
        .collect();
    assert_eq!(
        of_shimada,
        [
            "arranger: 島田昌典 as 島田 昌典 (arranger)",
            "performer: 島田昌典 as 島田 昌典 (instrument [piano])",
            "arranger: 島田昌典 as 島田 昌典 (instrument arranger [strings])",
            "producer: 島田昌典 as 島田 昌典 (producer)",
        ]
    );
    let mut counts = BTreeMap::new();
    for credit in &recording.credits {
        *counts.entry(credit.role).or_insert(0) += 1;
    }
    let expected = [
        (Role::Producer, 1),
        (Role::Mixer, 1),
        (Role::Engineer, 3),
        (Role::Arranger, 3),
        (Role::Performer, 18),
        (Role::Other, 3),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert!(
        lines(&recording.credits)
            .contains(&"other: 久富美紗代 as 久富 美紗代 (misc [task: musician coordination])".to_owned())
    );
    assert_eq!(recording.isrcs, ["JPPO02100907".parse().expect("an ISRC")]);
}

#[test]
fn who_produces_himself_is_a_producer_too() {
    let recording = recording("recording_butter_sugar_cream.json");
    assert_eq!(
        lines(&recording.credits),
        ["mixer: Tomggg (mix)", "producer: Tomggg (producer)"]
    );
    assert_eq!(printed(&recording.artists), "Tomggg feat. tsvaci");
    assert_eq!(
        producers(&recording.credits)[0].1,
        recording.artists[0].mbid.as_str()
    );
    assert_eq!(recording.isrcs, []);
}

#[test]
fn recordings_without_a_producer_get_none() {
    let crazy = recording("recording_crazy_no_producer.json");
    assert_eq!(
        lines(&crazy.credits),
        ["arranger: 小室哲哉 (arranger)", "performer: TRF (performer)"]
    );
    let sheeran = recording("picard_recording.json");
    assert_eq!(
        lines(&sheeran.credits),
        [
            "performer: Ed Sheeran (performer)",
            "performer: Ed Sheeran (vocal [lead vocals])",
            "performer: Ed Sheeran (instrument [guitar family])",
        ]
    );
    let video = recording("picard_recording_generic_instrument.json");
    assert_eq!(
        lines(&video.credits),
        [
            "other: ilhamdz (animation)",
            "other: Xeapher (illustration)",
            "performer: SixteenInMono (instrument)",
            "mixer: QueenPb (mix)",
            "engineer: Todd Barriage (sound)",
            "performer: Camila (vocal)",
            "performer: Michi Mochievee (vocal)",
        ]
    );
    assert!(video.video && !crazy.video);
    assert_eq!(recording("picard_recording_artist_aliases.json").credits, []);
}

#[test]
fn wipeout_has_nine_produced_tracks() {
    let release = release("release_70130d47_wipeout.json");
    let produced: Vec<_> = release
        .tracks
        .iter()
        .flat_map(|track| {
            producers(&track.recording.credits)
                .into_iter()
                .map(|(name, _)| (track.disc_number, track.position, name))
        })
        .collect();
    let cold_storage = (2..=9).map(|position| (1, position, "CoLD SToRAGE"));
    let expected: Vec<_> = cold_storage.chain([(1, 11, "The Chemical Brothers")]).collect();
    assert_eq!(produced, expected);
    assert_eq!(
        lines(&release.tracks[10].recording.credits),
        [
            "engineer: Steve Dub as Steve 'Dub' Jones (engineer)",
            "producer: The Chemical Brothers (producer)",
        ]
    );
    assert_eq!(release.credits, []);
    assert_eq!(release.tracks.len(), 12);
    assert_eq!(release.barcode, Some("711719610427".parse().expect("a barcode")));
    assert_eq!(release.date.as_deref(), Some("1995-09-11"));
    assert_eq!(
        release.release_group_id.as_ref().map(|id| id.as_str()),
        Some("f98c9943-c6f2-321e-ab35-a75ac12e0496")
    );
    let isrcs: Vec<_> = release
        .tracks
        .iter()
        .flat_map(|track| {
            let position = track.position;
            track
                .recording
                .isrcs
                .iter()
                .map(move |isrc| (position, isrc.as_str()))
        })
        .collect();
    assert_eq!(isrcs, [(3, "DEG932303016"), (11, "GBAAA9500062")]);
}

#[test]
fn a_release_level_producer_stays_with_the_release() {
    let release = release("picard_release.json");
    assert_eq!(
        (
            release.album_type,
            release.first_release_date,
            release.label.as_deref()
        ),
        (
            Some(AlbumType::Album),
            ReleaseDate::from_text("1973-03-24"),
            Some("Harvest")
        )
    );
    assert_eq!(
        lines(&release.credits),
        [
            "other: George Hardie as George Hardie N.T.A. (design/illustration)",
            "other: Hipgnosis (design/illustration)",
            "other: Hipgnosis (photography)",
            "producer: Hipgnosis (producer)",
        ]
    );
    assert!(
        release
            .tracks
            .iter()
            .all(|track| track.recording.credits.is_empty())
    );
    let positions: Vec<_> = release.tracks.iter().map(|track| track.position).collect();
    assert_eq!(positions, (1..=10).collect::<Vec<_>>());
    assert_eq!(release.tracks[0].duration_ms, Some(68_346));
    // Its recorded barcode, 123, is none.
    assert_eq!(release.barcode, None);
}

#[test]
fn searches_give_candidates() {
    let releases = release_matches_from_json(&bytes("release_search.json")).expect("a search");
    assert_eq!(releases.len(), 1);
    assert_eq!(releases[0].id.as_str(), "e47d04a4-7460-427d-a731-cc82386d85f1");
    assert_eq!(printed(&releases[0].artists), "Jeff Mills");
    assert_eq!((releases[0].score, releases[0].track_count), (100, Some(3)));
    assert_eq!((&releases[0].date, &releases[0].barcode), (&None, &None));

    let recordings =
        recording_matches_from_json(&bytes("recording_search_mixednuts.json")).expect("a search");
    let found: Vec<_> = recordings
        .iter()
        .map(|found| (found.score, printed(&found.artists), found.duration_ms))
        .collect();
    assert_eq!(
        found,
        [
            (100, "Official髭男dism".to_owned(), Some(213_000)),
            (75, "乙三.".to_owned(), None),
            (55, "Piano Echoes".to_owned(), Some(211_000)),
        ]
    );
    let nothing = recording_matches_from_json(&bytes("recording_search_empty.json")).expect("a search");
    assert_eq!(nothing, []);
}

#[test]
fn an_artists_links_bridge_to_other_sources() {
    let known = |artist: &Artist| -> Vec<String> {
        let known = artist.links.iter().filter(|link| link.kind.as_str() != "other");
        known
            .map(|link| format!("{} {}", link.kind, link.value))
            .collect()
    };
    let amon_amarth = artist("artist_5b687684_url_rels.json");
    assert_eq!(
        known(&amon_amarth),
        [
            "bandcamp amonamarth",
            "discogs 256076",
            "spotify 3pulcT2wt7FEG10lQlqDJL",
            "imdb nm4572137",
            "genius Amon-amarth",
            "website https://www.amonamarth.com/",
            "twitter amonamarthband",
            "facebook OfficialAmonAmarth",
            "instagram amonamarth",
            "threads amonamarth",
            "tiktok amonamarthband",
            "soundcloud amon-amarth",
            "wikidata Q192863",
            "youtube user/AmonAmarthOfficial",
            "youtube channel/UCOtqJNbDV4s4HI1h1YStWIw",
        ]
    );
    let ended = ["plus.google.com", "play.google.com", "http://www.amonamarth.de/"];
    for link in &amon_amarth.links {
        assert!(!ended.iter().any(|url| link.url.contains(url)), "{link:?}");
    }

    let biafra = artist("artist_2280ca0e_url_rels.json");
    assert_eq!(
        known(&biafra),
        [
            "bandcamp jellobiafra",
            "discogs 37752",
            "spotify 1ddbFlSqbqp2vuJd5CuRcE",
            "imdb nm0080470",
            "genius Jello-biafra",
            "twitter jello_biafra",
            "facebook jbiafra",
            "instagram jello_biafra_gsm",
            "wikidata Q334288",
            "youtube channel/UCGUn4rXMmMSuqfNFi80Ty1Q",
        ]
    );
}

#[test]
fn an_artist_has_the_aliases_stated() {
    assert_eq!(
        artist("picard_artist.json").aliases,
        ["Shearan", "Ed Sheeran (en)", "Ed Sheeran (en_CA)"]
    );
    let mounir = artist("picard_artist_arabic.json");
    assert_eq!(mounir.aliases, ["Mohamed Moneer", "Mohamed Mounir"]);
    assert_eq!(mounir.sort_name, "Mounir, Mohamed");
    assert!(!is_special_artist(mounir.id.as_str()));
}

#[test]
fn the_roles_of_a_long_career_are_told_apart() {
    let body = bytes("artist_nakata_recording_rels.json");
    let artist: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    let relations = artist["relations"].as_array().expect("relations");
    let mut counts = BTreeMap::new();
    for relation in relations
        .iter()
        .filter(|relation| relation["target-type"] == "recording")
    {
        let attributes: Vec<&str> = relation["attributes"]
            .as_array()
            .expect("attributes")
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect();
        let type_name = relation["type"].as_str().expect("a type");
        let by_id = role_from_relation(relation["type-id"].as_str(), type_name, &attributes, None);
        assert_eq!(
            by_id,
            role_from_relation(None, type_name, &attributes, None),
            "{type_name}"
        );
        *counts.entry(by_id).or_insert(0) += 1;
    }
    let expected = [
        (Role::Producer, 169),
        (Role::AdditionalProducer, 3),
        (Role::Remixer, 17),
        (Role::Mixer, 88),
        (Role::Engineer, 76),
        (Role::Arranger, 366),
        (Role::Programmer, 1),
        (Role::Performer, 12),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}
