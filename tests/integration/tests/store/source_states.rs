//! Which sources are switched on or off.

use integration::database;
use shared::domain::credits::Source;
use shared::platform::config::DisabledSource;
use shared::store::work::source_states::{list_disabled, replace};

fn off(source: Source, reason: &str) -> DisabledSource {
    DisabledSource {
        source,
        reason: reason.to_owned(),
    }
}

#[tokio::test]
async fn the_sources_are_those_of_the_last_report() {
    let database = database().await;
    let client = database.client().await;
    assert_eq!(list_disabled(&client).await.unwrap(), [], "nothing is known");
    let (spotify, genius) = (off(Source::Spotify, "set it"), off(Source::Genius, "no token"));
    let enabled = [Source::MusicBrainz, Source::Instagram];
    let disabled = [genius.clone(), spotify.clone()];
    replace(&client, &enabled, &disabled).await.unwrap();
    assert_eq!(list_disabled(&client).await.unwrap(), [spotify, genius]);

    let rows = "SELECT concat_ws(' ', source, off_because, xmin) FROM source_states ORDER BY source";
    let before = database.texts(rows).await;
    replace(&client, &enabled, &disabled).await.unwrap();
    assert_eq!(
        database.texts(rows).await,
        before,
        "an unchanged report writes nothing"
    );

    let changed = off(Source::MusicBrainz, "set CONTACT");
    replace(&client, &[Source::Genius], std::slice::from_ref(&changed))
        .await
        .unwrap();
    assert_eq!(list_disabled(&client).await.unwrap(), [changed]);
    assert_eq!(
        database
            .texts("SELECT s.source::text FROM source_states s ORDER BY s.source")
            .await,
        ["musicbrainz", "genius"]
    );
}
