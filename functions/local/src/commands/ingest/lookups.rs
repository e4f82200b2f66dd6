//! Describes the sources' answers about tracks without a producer.

use shared::domain::credits::Source;
use shared::store::work::ingestion_results::UnproducedTracks;
use shared::store::work::lookups::LookupOutcome;
use shared::upstreams::Clients;

/// The answers of all sources about these tracks, in one line.
pub(super) fn answers_text(missing: &UnproducedTracks, clients: &Clients) -> String {
    if missing.lookups.is_empty() {
        let is_any_enabled =
            clients.musicbrainz.is_some() || clients.discogs.is_some() || clients.genius.is_some();
        return if is_any_enabled {
            "no source was asked yet".to_owned()
        } else {
            "no source was asked: set CONTACT to ask MusicBrainz".to_owned()
        };
    }
    let answers: Vec<String> = missing
        .lookups
        .iter()
        .map(|(source, kind, outcome)| answer_text(*source, kind, *outcome))
        .collect();
    answers.join("; ")
}

/// The answer of one source; `kind` is `album` or `track`.
pub(super) fn answer_text(source: Source, kind: &str, outcome: LookupOutcome) -> String {
    let source: &str = source.name();
    match (outcome, kind) {
        (LookupOutcome::Found, "album") => {
            format!("{source} has the album, but no producer of the track")
        }
        (LookupOutcome::Found, _) => format!("{source} has the track, but no producer"),
        (LookupOutcome::NotFound, "album") => format!("{source} does not have the album"),
        (LookupOutcome::NotFound, _) => format!("{source} does not have the track"),
        (LookupOutcome::Blocked, _) => format!("{source} refused to answer and will be asked again"),
        (LookupOutcome::Failed, _) => {
            format!("{source} sent an unusable answer and will be asked again")
        }
    }
}

/// The credit sources that a missing setting disables, in one line; `None` if all are enabled.
pub(super) fn disabled_sources(clients: &Clients) -> Option<String> {
    let disabled: Vec<&str> = [
        (clients.musicbrainz.is_none(), "MusicBrainz (CONTACT)"),
        (clients.discogs.is_none(), "Discogs (DISCOGS_TOKEN)"),
        (clients.genius.is_none(), "Genius (GENIUS_TOKEN)"),
    ]
    .into_iter()
    .filter_map(|(is_disabled, name)| is_disabled.then_some(name))
    .collect();
    (!disabled.is_empty())
        .then(|| format!("Not asked, because a setting is missing: {}", disabled.join(", ")))
}
