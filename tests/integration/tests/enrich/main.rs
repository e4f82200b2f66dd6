//! Enrichment: the contacts and names of a producer from the links at the sources, and the Instagram account
//! that they agree on.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

mod instagram;
mod meanwhile;
mod musicbrainz;
mod odd_pages;
mod refused;
mod sources;

use integration::records::mbid;
use integration::scene::Scene;
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::domain::messages::{Envelope, Message, Outcome};

const CONTACTS: &str = "SELECT concat_ws(' ', kind, value, source) FROM producer_contacts ORDER BY 1";
const LINKS: &str =
    "SELECT concat_ws(' ', producer_id, linked_producer_id, kind) FROM producer_links ORDER BY 1";
const SHOWN: &str = "SELECT concat_ws(' | ', COALESCE(instagram_handle, '-'), COALESCE(email, '-'),
    COALESCE(image_url, '-'), COALESCE(instagram_bio, '-'))
    FROM producers ORDER BY id";
const STATE: &str =
    "SELECT concat_ws(' ', enriched_at IS NOT NULL, enrichment_failed) FROM producers ORDER BY id";
const LOOKUPS: &str = "SELECT concat_ws(' ', source, kind, outcome) FROM lookups ORDER BY source, subject";

/// Inserts a producer with these identities.
async fn producer(scene: &Scene, name: &str, identities: &[(Source, &str)]) -> ProducerId {
    let insert = format!("INSERT INTO producers (name, normalized_name) VALUES ('{name}', lower('{name}'))");
    scene.database.execute(&insert).await;
    let id = scene.database.count("SELECT max(id) FROM producers").await;
    for (source, source_id) in identities {
        let insert = format!(
            "INSERT INTO producer_identities (source, source_id, producer_id, name)
                VALUES ('{source}', '{source_id}', {id}, '{name}')"
        );
        scene.database.execute(&insert).await;
    }
    ProducerId(id)
}

/// A producer with identities at MusicBrainz, Discogs and Genius.
async fn ann(scene: &Scene) -> ProducerId {
    let identities = [
        (Source::MusicBrainz, mbid(2)),
        (Source::Discogs, "5".to_owned()),
        (Source::Genius, "7".to_owned()),
    ];
    let identities = identities.each_ref().map(|(source, id)| (*source, id.as_str()));
    producer(scene, "Ann", &identities).await
}

/// Enriches a producer and repeats every lookup.
async fn enrich(scene: &Scene, producer_id: ProducerId) -> Outcome {
    let message = Message::EnrichProducer { producer_id };
    scene.machine.outcome(message).await
}

/// Enriches a producer and makes only the lookups that are due.
async fn enrich_due_lookups(scene: &Scene, producer_id: ProducerId) -> Outcome {
    let envelope = Envelope::background(Message::EnrichProducer { producer_id });
    scene.machine.handle(envelope).await.unwrap()
}
