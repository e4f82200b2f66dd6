//! Resolves the name of an artist: among the stored artists and at Spotify, or at MusicBrainz if that alone
//! is switched on. If several artists have the name, the person must choose: the first search result is never
//! taken.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::domain::buckets::Bucket;
use shared::domain::ids::{RequestedItem, SpotifyArtistId};
use shared::domain::names;
use shared::store::catalog::artists;
use shared::store::work::ingestions::TaskOutcome;
use shared::upstreams::musicbrainz::{ArtistMatch, is_special_artist};
use shared::work::ingestion_requests::messages_for;
use shared::work::outbox::FinishedStep;

use crate::context::Job;

pub(crate) async fn resolve_name(
    job: &Job<'_>,
    name: &str,
    appears_on: bool,
) -> anyhow::Result<FinishedStep> {
    if job.context.spotify.is_none() && job.context.musicbrainz.is_some() {
        at_musicbrainz(job, name, appears_on).await
    } else {
        at_spotify(job, name, appears_on).await
    }
}

/// An artist that the name may mean.
struct NameCandidate {
    artist: RequestedItem,
    /// What a person chooses by.
    shown: Value,
}

impl NameCandidate {
    fn at_spotify(id: &SpotifyArtistId, name: &str, genres: &[String]) -> Self {
        let url = format!("https://open.spotify.com/artist/{id}");
        Self {
            artist: RequestedItem::Artist(id.clone()),
            shown: json!({ "spotify_artist_id": id, "name": name, "genres": genres, "url": url }),
        }
    }

    fn at_musicbrainz(artist: &ArtistMatch) -> Self {
        let ArtistMatch { id, name, .. } = artist;
        let url = format!("https://musicbrainz.org/artist/{id}");
        Self {
            artist: RequestedItem::MusicBrainzArtist(id.clone()),
            shown: json!({
                "artist_mbid": id, "name": name, "disambiguation": artist.disambiguation, "area": artist.area,
                "url": url,
            }),
        }
    }
}

async fn at_spotify(job: &Job<'_>, name: &str, appears_on: bool) -> anyhow::Result<FinishedStep> {
    let (spotify, now) = (job.spotify()?, job.budgets.now());
    let stored = {
        let client = job.context.pool.client().await?;
        artists::list_named(&client, name).await?
    };
    if !stored.is_empty() {
        let candidates = stored
            .iter()
            .map(|artist| NameCandidate::at_spotify(&artist.spotify_artist_id, &artist.name, &[]));
        return Ok(one_artist(now, name, candidates.collect(), appears_on));
    }
    let hits = job
        .budgets
        .spend(Bucket::SpotifySearch, || spotify.search_artists(name))
        .await?;
    let same = hits
        .iter()
        .filter(|hit| names::is_same_name(&hit.name, name))
        .map(|hit| NameCandidate::at_spotify(&hit.id, &hit.name, &hit.genres));
    let same: Vec<_> = same.collect();
    if same.is_empty() {
        let nearest = hits.iter().map(|hit| hit.name.as_str());
        return Ok(nobody(now, "Spotify", name, nearest));
    }
    Ok(one_artist(now, name, same, appears_on))
}

/// An alias counts if no artist has the name as its main one.
async fn at_musicbrainz(job: &Job<'_>, name: &str, appears_on: bool) -> anyhow::Result<FinishedStep> {
    let (musicbrainz, now) = (job.musicbrainz()?, job.budgets.now());
    let mut hits = job
        .budgets
        .spend(Bucket::MusicBrainz, || musicbrainz.search_artists(name))
        .await?;
    hits.retain(|hit| !is_special_artist(hit.id.as_str()));
    let is_named = |hit: &&ArtistMatch| names::is_same_name(&hit.name, name);
    let has_alias = |hit: &&ArtistMatch| hit.aliases.iter().any(|alias| names::is_same_name(alias, name));
    let mut same: Vec<&ArtistMatch> = hits.iter().filter(is_named).collect();
    if same.is_empty() {
        same = hits.iter().filter(has_alias).collect();
    }
    if same.is_empty() {
        let nearest = hits.iter().map(|hit| hit.name.as_str());
        return Ok(nobody(now, "MusicBrainz", name, nearest));
    }
    let candidates = same.into_iter().map(NameCandidate::at_musicbrainz).collect();
    Ok(one_artist(now, name, candidates, appears_on))
}

fn nobody<'a>(
    now: DateTime<Utc>,
    source: &str,
    name: &str,
    nearest: impl Iterator<Item = &'a str>,
) -> FinishedStep {
    let nearest: Vec<&str> = nearest.take(3).collect();
    let nearest = if nearest.is_empty() {
        String::new()
    } else {
        format!(" (nearest: {})", nearest.join(", "))
    };
    let reason = format!("{source} has no artist named {name}{nearest}: give the link of the artist's page");
    FinishedStep::failed(now, &reason)
}

/// Continues with the only candidate, or ends as ambiguous with the list of candidates.
fn one_artist(
    now: DateTime<Utc>,
    name: &str,
    candidates: Vec<NameCandidate>,
    appears_on: bool,
) -> FinishedStep {
    if let [only] = &candidates[..] {
        return FinishedStep::done(now, messages_for(&only.artist, appears_on));
    }
    let reason = format!(
        "{} artists are named {name}: give the id or link of the one you mean",
        candidates.len()
    );
    let shown: Vec<Value> = candidates.into_iter().map(|candidate| candidate.shown).collect();
    FinishedStep {
        outcome: TaskOutcome::Ambiguous,
        detail: json!({ "reason": reason, "candidates": shown }),
        looked_up_at: now,
        follow_ups: Vec::new(),
    }
}
