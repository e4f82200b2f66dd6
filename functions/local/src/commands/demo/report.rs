//! The demo's report: the top producers, one producer in full, the number of calls, and a check of every
//! result against the facts in the stand-ins' catalog.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use shared::platform::db::Client;
use shared::store::catalog::totals::{self, ProducerCounts, Totals};

use super::super::producer::{self, ProducerSheet};
use crate::demo::{StandInCalls, StandIns};
use crate::output::{TextTable, count};

const TOP_PRODUCERS: i64 = 15;
/// Enough for all tracks of any producer in the demo.
const MAX_TRACKS: i64 = 50;
/// The calls to MusicBrainz about a track if the barcode of its album is unknown.
const PER_TRACK_CALLS: [&str; 3] = ["isrc", "recording search", "recording"];

/// The results of the demo.
pub(super) struct DemoReport {
    totals: Totals,
    top: Vec<ProducerCounts>,
    sheet: Option<ProducerSheet>,
    produced: Vec<(String, String)>,
    names: Vec<String>,
    calls: StandInCalls,
    took: Duration,
}

/// The results in figures. Calls are the answered ones, without those for a token.
#[derive(Debug, Serialize)]
pub(super) struct DemoFigures {
    artists: i64,
    albums: i64,
    tracks: i64,
    tracks_with_producers: i64,
    producers: i64,
    spotify_calls: u64,
    musicbrainz_calls: u64,
    seconds: f64,
}

impl DemoReport {
    pub(super) async fn read(
        client: &Client<'_>,
        stand_ins: &StandIns,
        took: Duration,
    ) -> Result<Self, tokio_postgres::Error> {
        let top = totals::list_producers(client, TOP_PRODUCERS).await?;
        // A producer who worked with several artists makes the more interesting example.
        let example = top
            .iter()
            .max_by_key(|producer| (producer.artist_count, producer.track_count));
        let sheet = match example {
            Some(producer) => producer::read(client, producer.id, MAX_TRACKS).await?,
            None => None,
        };
        Ok(Self {
            totals: totals::count(client).await?,
            top,
            sheet,
            produced: totals::list_track_producers(client).await?,
            names: totals::list_producer_names(client).await?,
            calls: stand_ins.calls(),
            took,
        })
    }

    pub(super) fn text(&self, stand_ins: &StandIns, missing_text: &str) -> String {
        let mut table = TextTable::new(&["#ID", "Producer", "#Tracks", "#Artists"]);
        for producer in &self.top {
            table.row([
                producer.id.to_string(),
                producer.name.clone(),
                producer.track_count.to_string(),
                producer.artist_count.to_string(),
            ]);
        }
        let mut parts = vec![format!(
            "Top producers (an artist's own records count as tracks, not as an artist)\n{table}"
        )];
        parts.extend(self.sheet.as_ref().map(|sheet| {
            sheet.text(&|track| {
                let id = track.spotify_id.as_deref()?;
                stand_ins
                    .catalog()
                    .credit_source(id, &sheet.producer.name)
                    .map(str::to_owned)
            })
        }));
        parts.push(missing_text.to_owned());
        parts.push(self.calls_text(stand_ins));
        let totals = self.totals;
        parts.push(format!(
            "{}, {} and {} ({} with a producer), {} in {:.1} seconds.",
            count(totals.artists, "artist"),
            count(totals.albums, "album"),
            count(totals.tracks, "track"),
            totals.tracks_with_producers,
            count(totals.producers, "producer"),
            self.took.as_secs_f64()
        ));
        parts.join("\n\n")
    }

    /// The answered calls, with those per track in a row of their own, and the rejected ones.
    fn calls_text(&self, stand_ins: &StandIns) -> String {
        let calls = &self.calls;
        let unknown = stand_ins.catalog().albums_unknown_by_barcode().count() as u64;
        let sum_of = |kinds: &[&str]| {
            kinds
                .iter()
                .filter_map(|kind| calls.musicbrainz_by_kind.get(kind))
                .sum::<u64>()
        };
        // Each of these albums was searched by barcode first.
        let musicbrainz_per_track = sum_of(&PER_TRACK_CALLS) + unknown;
        let spotify_per_track = calls.spotify_by_kind.get("track").copied().unwrap_or(0);
        let mut table = TextTable::new(&["Calls", "#Spotify", "#MusicBrainz"]);
        let mut row = |name: String, spotify: u64, musicbrainz: u64| {
            table.row([name, spotify.to_string(), musicbrainz.to_string()]);
        };
        row(
            "other calls".to_owned(),
            calls.spotify.saturating_sub(spotify_per_track),
            calls.musicbrainz.saturating_sub(musicbrainz_per_track),
        );
        row(
            format!("for {unknown} albums with an unknown barcode"),
            spotify_per_track,
            musicbrainz_per_track,
        );
        row(
            "rate-limited and retried (429, 503)".to_owned(),
            calls.spotify_refused,
            calls.musicbrainz_refused,
        );
        table.to_string()
    }

    /// Everything wrong with the results: exceeded rate limits, and producers that the catalog does not have.
    pub(super) fn faults(&self, stand_ins: &StandIns) -> Vec<String> {
        let facts = stand_ins.catalog().producers();
        let names: BTreeSet<&str> = facts.iter().map(|(_, name)| *name).collect();
        let mut faults = stand_ins.breaches();
        let unfounded = self
            .produced
            .iter()
            .filter(|(track, name)| !facts.contains(&(track, name)));
        faults.extend(
            unfounded.map(|(track, name)| {
                format!("the catalog does not say that {name} produced the track {track}")
            }),
        );
        let unknown = self.names.iter().filter(|name| !names.contains(name.as_str()));
        faults.extend(unknown.map(|name| format!("the catalog has no producer called {name}")));
        faults
    }

    /// The figures for programs.
    pub(super) fn figures(&self) -> DemoFigures {
        DemoFigures {
            artists: self.totals.artists,
            albums: self.totals.albums,
            tracks: self.totals.tracks,
            tracks_with_producers: self.totals.tracks_with_producers,
            producers: self.totals.producers,
            spotify_calls: self.calls.spotify,
            musicbrainz_calls: self.calls.musicbrainz,
            seconds: (self.took.as_secs_f64() * 10.0).round() / 10.0,
        }
    }

    pub(super) fn api_examples(&self, address: SocketAddr, data_dir: &Path) -> String {
        let id = self.top.first().map_or(1, |producer| producer.id.0);
        let name = self.top.first().map_or("a", |producer| producer.name.as_str());
        let query: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        format!(
            "\nThe API is listening on http://{address}; press Ctrl-C to stop. Try:\n  \
             curl 'http://{address}/v1/producers?q={query}'\n  \
             curl 'http://{address}/v1/producers/{id}/tracks'\n  \
             curl 'http://{address}/v1/producers/{id}/collaborations'\n  \
             linernotes --data-dir {} api GET /v1/producers/{id}\n\
             The MusicBrainz ids in its answers are made up: musicbrainz.org has no such pages.",
            data_dir.display()
        )
    }
}
