//! Ingest, identify and enrich as one, against the stand-ins: what goes in comes out, however often and in whatever order.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;

use integration::{FAST, Machine, database};
use linernotes::demo::{Catalog, Options, StandIns};
use shared::messages::Message;

fn artists(stand_ins: &StandIns) -> Vec<Message> {
    stand_ins
        .artists()
        .iter()
        .map(|artist| Message::IngestArtist {
            spotify_artist_id: artist.id.parse().unwrap(),
            offset: 0,
            appears_on: false,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_catalog_comes_out_as_its_facts_say() {
    let database = database().await;
    let stand_ins = StandIns::start(Catalog::real().unwrap(), Options::default())
        .await
        .unwrap();
    let machine = Machine::new(&database, &stand_ins, FAST);
    machine.ask(&artists(&stand_ins)).await;
    machine.drain(&database).await;
    let rows = database
        .client()
        .await
        .query(
            "SELECT DISTINCT t.spotify_id, p.name FROM track_producers tp JOIN tracks t ON t.id = tp.track_id JOIN producers p ON p.id = tp.producer_id",
            &[],
        )
        .await
        .unwrap();
    let found: BTreeSet<(String, String)> =
        rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let facts: BTreeSet<(String, String)> = stand_ins
        .catalog()
        .producers()
        .iter()
        .map(|(track, name)| (track.to_string(), name.to_string()))
        .collect();
    assert_eq!(found, facts);
}
