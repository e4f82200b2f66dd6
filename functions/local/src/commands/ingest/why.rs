//! Why one track has no producer: what each source that was asked said, and where the missing credit can be added. How many
//! tracks have none is the result's matter.

use shared::catalog::edit_links;
use shared::domain::credits::Source;
use shared::domain::ids::IngestionId;
use shared::platform::db::Client;
use shared::store::credits::track_credits::{self, RecordLink, Track, TrackArtist, TrackLookup};
use shared::store::work::ingestion_results;
use shared::store::work::lookups::LookupOutcome;

use super::result::answer;
use crate::output::{self, one_line_of};

/// A track without a producer, with what is known of why.
pub(super) struct Why {
    track: Track,
    artists: Vec<TrackArtist>,
    asked: Vec<TrackLookup>,
    links: Vec<RecordLink>,
}

impl Why {
    /// None where every track of the ingestion has a producer.
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
            asked: track_credits::list_lookups(client, track_id).await?,
            links: track_credits::list_links(client, track_id).await?,
        }))
    }

    pub(super) fn text(&self, is_stand_in: bool) -> String {
        let artists: Vec<&str> = self.artists.iter().map(|artist| artist.name.as_str()).collect();
        let mut lines = vec![format!(
            "One of them, {} ({} · {}):",
            one_line_of(&self.track.name),
            one_line_of(&artists.join(", ")),
            one_line_of(&self.track.album.name)
        )];
        let said = self.said();
        if said.is_empty() {
            lines.push("  no source has been asked yet".to_owned());
        }
        for (source, kind, asked, outcome) in &said {
            lines.push(format!(
                "  {} (asked {})",
                answer(*source, kind, *outcome),
                output::until(asked.looked_up_at)
            ));
        }
        lines.push("Who knows better adds the credit there:".to_owned());
        lines.extend(
            edit_links::edit_links(&self.links)
                .into_iter()
                .map(|page| format!("  {}", page.url)),
        );
        if is_stand_in {
            lines.push("  (in the demo the record is a stand-in's: that page is not there)".to_owned());
        }
        lines.push(format!(
            "or here: linernotes credits import FILE, with a line for track {}",
            self.track.id
        ));
        lines.join("\n")
    }

    /// Of each source what tells most: an answer before none, of the track before of its album.
    fn said(&self) -> Vec<(Source, &str, &TrackLookup, LookupOutcome)> {
        let mut said: Vec<(Source, &str, &TrackLookup, LookupOutcome)> = self
            .asked
            .iter()
            .filter_map(|asked| {
                let source: Source = asked.source.parse().ok()?;
                let outcome: LookupOutcome = asked.outcome.parse().ok()?;
                (source != Source::Spotify).then_some((source, asked.about.as_str(), asked, outcome))
            })
            .collect();
        let rank = |kind: &str, outcome: LookupOutcome| {
            let is_answer = matches!(outcome, LookupOutcome::Found | LookupOutcome::NotFound);
            (!is_answer, kind != "track")
        };
        said.sort_by_key(|(source, kind, _, outcome)| (*source, rank(kind, *outcome)));
        said.dedup_by_key(|(source, ..)| *source);
        said
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};
    use shared::domain::ids::{AlbumId, ArtistId, TrackId};
    use shared::store::credits::track_credits::Album;

    use super::*;

    #[test]
    fn each_source_says_what_it_knows_and_where_a_credit_is_added() {
        let asked = |source: &str, about: &str, outcome: &str| TrackLookup {
            source: source.to_owned(),
            about: about.to_owned(),
            outcome: outcome.to_owned(),
            looked_up_at: Utc.with_ymd_and_hms(2024, 5, 21, 12, 0, 0).unwrap(),
            look_again_at: Utc.with_ymd_and_hms(2024, 6, 21, 12, 0, 0).unwrap(),
            answer: serde_json::json!({}),
        };
        let why = Why {
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
            asked: vec![
                asked("spotify", "track", "found"),
                asked("musicbrainz", "album", "found"),
                asked("musicbrainz", "track", "blocked"),
                asked("discogs", "track", "not_found"),
                asked("discogs", "album", "not_found"),
            ],
            links: vec![RecordLink {
                source: Source::MusicBrainz,
                about: "album".to_owned(),
                source_id: "b".to_owned(),
            }],
        };
        let text = why.text(false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "One of them, One (A · Album):");
        assert!(
            lines[1].starts_with(
                "  MusicBrainz knows the album and names no producer of the track (asked 2024-05-21 "
            ),
            "{text}"
        );
        assert!(
            lines[2].starts_with("  Discogs does not know the track (asked "),
            "{text}"
        );
        assert_eq!(
            lines[3..],
            [
                "Who knows better adds the credit there:",
                "  https://musicbrainz.org/release/b/edit-relationships",
                "  https://www.discogs.com/release/add",
                "  https://genius.com/new",
                "or here: linernotes credits import FILE, with a line for track 7",
            ]
        );
    }
}
