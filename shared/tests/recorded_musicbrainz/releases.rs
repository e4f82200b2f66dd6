//! Releases, with the credits of their recordings and their own.

use pretty_assertions::assert_eq;
use shared::domain::albums::AlbumType;
use shared::domain::dates::ReleaseDate;

use super::{lines, producers, release};

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
    // The recorded barcode, 123, is invalid.
    assert_eq!(release.barcode, None);
}
