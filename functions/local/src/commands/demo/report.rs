//! What the demo came to: the top producers, one producer's page, the calls it took, and whether all of it is true.
//! What is true is what the stand-ins' catalog says.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use shared::platform::db::Client;
use shared::store::catalog::totals::{self, ProducerCounts, Totals};

use super::super::producer::{self, Page};
use crate::demo::{Calls, StandIns};
use crate::output::{Table, count};

const TOP: i64 = 15;
/// The tracks of the page that is shown: all of what one producer made in the demo.
const TRACKS: i64 = 50;
/// What MusicBrainz is asked about a track whose album it does not know by barcode.
const LONGER_WAY: [&str; 3] = ["isrc", "recording search", "recording"];

/// What the demo came to.
pub(super) struct Report {
    totals: Totals,
    top: Vec<ProducerCounts>,
    page: Option<Page>,
    produced: Vec<(String, String)>,
    names: Vec<String>,
    calls: Calls,
    took: Duration,
}

/// What the demo came to, in figures. Calls are those that were answered, without those for a token.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    artists: i64,
    albums: i64,
    tracks: i64,
    tracks_with_producers: i64,
    producers: i64,
    spotify_calls: u64,
    musicbrainz_calls: u64,
    seconds: f64,
}

impl Report {
    pub(super) async fn read(
        client: &Client<'_>,
        stand_ins: &StandIns,
        took: Duration,
    ) -> Result<Self, tokio_postgres::Error> {
        let top = totals::list_producers(client, TOP).await?;
        // Who worked with several artists has the more telling page.
        let widest = top
            .iter()
            .max_by_key(|producer| (producer.artist_count, producer.track_count));
        let page = match widest {
            Some(producer) => producer::read(client, producer.id, TRACKS).await?,
            None => None,
        };
        Ok(Self {
            totals: totals::count(client).await?,
            top,
            page,
            produced: totals::list_track_producers(client).await?,
            names: totals::list_producer_names(client).await?,
            calls: stand_ins.calls(),
            took,
        })
    }

    pub(super) fn text(&self, stand_ins: &StandIns, tracks_without: &str) -> String {
        let mut table = Table::new(&["#ID", "Producer", "#Tracks", "#Artists"]);
        for producer in &self.top {
            table.row([
                producer.id.to_string(),
                producer.name.clone(),
                producer.track_count.to_string(),
                producer.artist_count.to_string(),
            ]);
        }
        let mut parts = vec![format!(
            "Top producers (who made a record of their own counts it as tracks, not as an artist)\n{table}"
        )];
        parts.extend(self.page.as_ref().map(|page| {
            page.text(&|track| {
                let id = track.spotify_id.as_deref()?;
                stand_ins
                    .catalog()
                    .credit_source(id, &page.producer.name)
                    .map(str::to_owned)
            })
        }));
        parts.push(tracks_without.to_owned());
        parts.push(self.calls(stand_ins));
        let totals = self.totals;
        parts.push(format!(
            "{}, {} and {} ({} with a producer), {}: in {:.1} seconds.",
            count(totals.artists, "artist"),
            count(totals.albums, "album"),
            count(totals.tracks, "track"),
            totals.tracks_with_producers,
            count(totals.producers, "producer"),
            self.took.as_secs_f64()
        ));
        parts.join("\n\n")
    }

    /// Calls that were answered; those on the longer way, and those turned away and made again, apart.
    fn calls(&self, stand_ins: &StandIns) -> String {
        let calls = &self.calls;
        let unknown = stand_ins.catalog().albums_unknown_by_barcode().count() as u64;
        let of = |kinds: &[&str]| {
            kinds
                .iter()
                .filter_map(|kind| calls.musicbrainz_by_kind.get(kind))
                .sum::<u64>()
        };
        // Each of them was looked for by barcode first.
        let musicbrainz_longer = of(&LONGER_WAY) + unknown;
        let spotify_longer = calls.spotify_by_kind.get("track").copied().unwrap_or(0);
        let mut table = Table::new(&["Calls", "#Spotify", "#MusicBrainz"]);
        let mut row = |name: String, spotify: u64, musicbrainz: u64| {
            table.row([name, spotify.to_string(), musicbrainz.to_string()]);
        };
        row(
            "for all else".to_owned(),
            calls.spotify.saturating_sub(spotify_longer),
            calls.musicbrainz.saturating_sub(musicbrainz_longer),
        );
        row(
            format!("for {unknown} albums unknown by barcode"),
            spotify_longer,
            musicbrainz_longer,
        );
        row(
            "turned away and made again (429, 503)".to_owned(),
            calls.spotify_refused,
            calls.musicbrainz_refused,
        );
        table.to_string()
    }

    /// What is wrong with it: limits that were not kept, and producers that the facts do not have.
    pub(super) fn faults(&self, stand_ins: &StandIns) -> Vec<String> {
        let facts = stand_ins.catalog().producers();
        let names: BTreeSet<&str> = facts.iter().map(|(_, name)| *name).collect();
        let mut faults = stand_ins.breaches();
        let untrue = self
            .produced
            .iter()
            .filter(|(track, name)| !facts.contains(&(track, name)));
        faults.extend(
            untrue
                .map(|(track, name)| format!("the facts do not say that {name} produced the track {track}")),
        );
        let unknown = self.names.iter().filter(|name| !names.contains(name.as_str()));
        faults.extend(unknown.map(|name| format!("the facts know no producer called {name}")));
        faults
    }

    /// The one line for programs.
    pub(super) fn line(&self) -> Line {
        Line {
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

    pub(super) fn invitation(&self, address: SocketAddr) -> String {
        let id = self.top.first().map_or(1, |producer| producer.id.0);
        let name = self.top.first().map_or("a", |producer| producer.name.as_str());
        let query: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        format!(
            "\nThe API answers on http://{address} until Ctrl-C:\n  \
             curl 'http://{address}/v1/producers?q={query}'\n  \
             curl 'http://{address}/v1/producers/{id}/tracks'\n  \
             curl 'http://{address}/v1/producers/{id}/collaborations'\n\
             Ids of records in it are the stand-ins' own: musicbrainz.org has no such pages."
        )
    }
}
