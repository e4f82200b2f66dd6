//! What the sources' links and names make of a producer, and what Instagram shows of the account they agree on.
#![expect(clippy::unwrap_used, reason = "a test says by panicking what did not hold")]

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
const SHOWN: &str = "SELECT concat_ws(' | ', COALESCE(instagram_handle, '-'), COALESCE(email, '-'), COALESCE(image_url, '-'), COALESCE(instagram_bio, '-'))
    FROM producers ORDER BY id";
const STATE: &str =
    "SELECT concat_ws(' ', enriched_at IS NOT NULL, enrichment_failed) FROM producers ORDER BY id";
const LOOKUPS: &str = "SELECT concat_ws(' ', source, kind, outcome) FROM lookups ORDER BY source, subject";

/// A producer whom the sources know by these ids.
async fn producer(scene: &Scene, name: &str, identities: &[(Source, &str)]) -> ProducerId {
    let insert = format!("INSERT INTO producers (name, normalized_name) VALUES ('{name}', lower('{name}'))");
    scene.database.execute(&insert).await;
    let id = scene.database.count("SELECT max(id) FROM producers").await;
    for (source, source_id) in identities {
        let insert = format!(
            "INSERT INTO producer_identities (source, source_id, producer_id, name) VALUES ('{source}', '{source_id}', {id}, '{name}')"
        );
        scene.database.execute(&insert).await;
    }
    ProducerId(id)
}

/// Ann, whom MusicBrainz, Discogs and Genius know.
async fn ann(scene: &Scene) -> ProducerId {
    let identities = [
        (Source::MusicBrainz, mbid(2)),
        (Source::Discogs, "5".to_owned()),
        (Source::Genius, "7".to_owned()),
    ];
    let identities = identities.each_ref().map(|(source, id)| (*source, id.as_str()));
    producer(scene, "Ann", &identities).await
}

/// What comes of enriching a producer, whatever is known.
async fn enrich(scene: &Scene, producer_id: ProducerId) -> Outcome {
    let message = Message::EnrichProducer { producer_id };
    scene.machine.outcome(message).await
}

/// What comes of enriching a producer where what is known and holds is taken.
async fn enrich_what_is_due(scene: &Scene, producer_id: ProducerId) -> Outcome {
    let envelope = Envelope::background(Message::EnrichProducer { producer_id });
    scene.machine.handle(envelope).await.unwrap()
}
