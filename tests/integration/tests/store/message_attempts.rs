//! The failures and starts of messages.

use integration::database;
use shared::domain::messages::QueueName;
use shared::store::work::message_attempts;

#[tokio::test]
async fn the_failures_and_starts_of_a_message_are_counted_until_it_is_done() {
    let database = database().await;
    let client = database.client().await;
    let (queue, key) = (
        QueueName::Catalog,
        "resolve:name:".to_owned() + &"long ".repeat(1000),
    );
    for open in 0..3 {
        assert_eq!(
            message_attempts::record_start(&client, queue, &key)
                .await
                .unwrap(),
            open
        );
    }
    assert_eq!(
        message_attempts::record_failure(&client, queue, &key, "one")
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        message_attempts::record_start(&client, queue, &key)
            .await
            .unwrap(),
        0
    );
    message_attempts::record_ends(&client, queue, &[&key])
        .await
        .unwrap();
    assert_eq!(
        message_attempts::record_start(&client, queue, &key)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        message_attempts::record_failure(&client, queue, &key, "two")
            .await
            .unwrap(),
        2
    );
    let other = QueueName::Enrichment;
    assert_eq!(
        message_attempts::record_failure(&client, other, &key, "three")
            .await
            .unwrap(),
        1
    );
    let rows = "SELECT queue || ' ' || failure_count || ' ' || last_cause FROM message_attempts
        ORDER BY queue";
    assert_eq!(
        database.texts(rows).await,
        ["catalog 2 two", "enrichment 1 three"]
    );
    message_attempts::delete(&client, &[(queue, &key), (queue, "unknown")])
        .await
        .unwrap();
    assert_eq!(database.texts(rows).await, ["enrichment 1 three"]);
    message_attempts::record_start(&client, queue, &key)
        .await
        .unwrap();
    message_attempts::record_ends(&client, queue, &[&key])
        .await
        .unwrap();
    assert_eq!(
        database.texts(rows).await.len(),
        1,
        "a try without a failure leaves no row"
    );
    database
        .execute("ALTER TABLE message_attempts DISABLE TRIGGER set_updated_at")
        .await;
    database
        .execute("UPDATE message_attempts SET updated_at = now() - interval '31 days'")
        .await;
    message_attempts::delete_old(&client).await.unwrap();
    assert_eq!(database.texts(rows).await, [""; 0]);
}
