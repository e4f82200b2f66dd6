//! An example of a track without a producer: each source's answer, and where to add the missing credit.

use shared::catalog::edit_links;
use shared::domain::credits::Source;
use shared::domain::ids::IngestionId;
use shared::platform::db::Client;
use shared::store::credits::track_credits::{self, Track, TrackArtist};
use shared::store::credits::track_lookups::{self, RecordLink, TrackLookup};
use shared::store::work::ingestion_results;
use shared::store::work::lookups::LookupOutcome;

use super::lookups::answer_text;
use crate::output::{self, single_line};

/// A track without a producer, with the lookups made for it.
pub(super) struct UncreditedTrack {
    track: Track,
    artists: Vec<TrackArtist>,
    lookups: Vec<TrackLookup>,
    links: Vec<RecordLink>,
}

impl UncreditedTrack {
    /// Reads one such track of the ingestion; `None` if every track has a producer.
    pub(super) async fn read(
        client: &Client<'_>,
        id: IngestionId,
    ) -> Result<Option<Self>, tokio_postgres::Error> {
        let Some(track_id) = ingestion_results::find_unproduced_track(client, id).await? else {
            return Ok(None);
        };
        let Some(track) = track_credits::find(client, track_id).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            track,
            artists: track_credits::list_artists(client, track_id).await?,
            lookups: track_lookups::list_lookups(client, track_id).await?,
            links: track_lookups::list_links(client, track_id).await?,
        }))
    }

    pub(super) fn text(&self, is_stand_in: bool) -> String {
        let artists: Vec<&str> = self.artists.iter().map(|artist| artist.name.as_str()).collect();
        let mut lines = vec![format!(
            "For example {} ({} · {}):",
            single_line(&self.track.name),
            single_line(&artists.join(", ")),
            single_line(&self.track.album.name)
        )];
        let answers = self.best_answers();
        if answers.is_empty() {
            lines.push("  no source was asked yet".to_owned());
        }
        for (source, kind, lookup, outcome) in &answers {
            lines.push(format!(
                "  {} (asked {})",
                answer_text(*source, kind, *outcome),
                output::format_time(lookup.looked_up_at)
            ));
        }
        lines.push("Know who produced it? Add the credit at:".to_owned());
        lines.extend(
            edit_links::edit_links(&self.links)
                .into_iter()
                .map(|page| format!("  {}", page.url)),
        );
        if is_stand_in {
            lines.push("  (the demo's MusicBrainz records are made up: that page does not exist)".to_owned());
        }
        lines.push(format!(
            "Or import it: linernotes credits import FILE, with a line for track {}",
            self.track.id
        ));
        lines.join("\n")
    }

    /// The most informative answer of each source: found or not found before no answer, and about the track
    /// before about its album.
    fn best_answers(&self) -> Vec<(Source, &str, &TrackLookup, LookupOutcome)> {
        let mut answers: Vec<(Source, &str, &TrackLookup, LookupOutcome)> = self
            .lookups
            .iter()
            .filter_map(|lookup| {
                let source: Source = lookup.source.parse().ok()?;
                let outcome: LookupOutcome = lookup.outcome.parse().ok()?;
                (source != Source::Spotify).then_some((source, lookup.about.as_str(), lookup, outcome))
            })
            .collect();
        let rank = |kind: &str, outcome: LookupOutcome| {
            let is_answer = matches!(outcome, LookupOutcome::Found | LookupOutcome::NotFound);
            (!is_answer, kind != "track")
        };
        answers.sort_by_key(|(source, kind, _, outcome)| (*source, rank(kind, *outcome)));
        answers.dedup_by_key(|(source, ..)| *source);
        answers
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};
    use shared::domain::ids::{AlbumId, ArtistId, TrackId};
    use shared::store::credits::track_credits::Album;

    use super::*;

    #[test]
    fn each_answer_is_listed_and_where_to_add_a_credit() {
        let lookup = |source: &str, about: &str, outcome: &str| TrackLookup {
            source: source.to_owned(),
            about: about.to_owned(),
            outcome: outcome.to_owned(),
            looked_up_at: Utc.with_ymd_and_hms(2024, 5, 21, 12, 0, 0).unwrap(),
            look_again_at: Utc.with_ymd_and_hms(2024, 6, 21, 12, 0, 0).unwrap(),
            answer: serde_json::json!({}),
        };
        let example = UncreditedTrack {
            track: Track {
                id: TrackId(7),
                name: "One".to_owned(),
                spotify_id: None,
                isrc: None,
                disc_number: 1,
                track_number: 1,
                duration_ms: None,
                popularity: None,
                normalized_track_id: None,
                representative_track_id: None,
                version_kind: None,
                version_label: None,
                removed_at: None,
                album: Album {
                    id: AlbumId(1),
                    name: "Album".to_owned(),
                    album_type: "album".to_owned(),
                    spotify_id: None,
                    upc: None,
                    release_date: None,
                },
            },
            artists: vec![TrackArtist {
                id: ArtistId(1),
                name: "A".to_owned(),
                part: "main".to_owned(),
            }],
            lookups: vec![
                lookup("spotify", "track", "found"),
                lookup("musicbrainz", "album", "found"),
                lookup("musicbrainz", "track", "blocked"),
                lookup("discogs", "track", "not_found"),
                lookup("discogs", "album", "not_found"),
            ],
            links: vec![RecordLink {
                source: Source::MusicBrainz,
                about: "album".to_owned(),
                source_id: "b".to_owned(),
            }],
        };
        let text = example.text(false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "For example One (A · Album):");
        assert!(
            lines[1]
                .starts_with("  MusicBrainz has the album, but no producer of the track (asked 2024-05-21 "),
            "{text}"
        );
        assert!(
            lines[2].starts_with("  Discogs does not have the track (asked "),
            "{text}"
        );
        assert_eq!(
            lines[3..],
            [
                "Know who produced it? Add the credit at:",
                "  https://musicbrainz.org/release/b/edit-relationships",
                "  https://www.discogs.com/release/add",
                "  https://genius.com/new",
                "Or import it: linernotes credits import FILE, with a line for track 7",
            ]
        );
    }
}
