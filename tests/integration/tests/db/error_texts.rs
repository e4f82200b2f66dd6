//! What a log gets of an error that Postgres reports with the values of a row.

use shared::platform::error_text::error_text;

#[tokio::test]
async fn an_error_names_the_rule_but_no_value_of_the_row() {
    let database = integration::database().await;
    let client = database.pool.client().await.unwrap();
    client
        .run("CREATE TABLE people (email text PRIMARY KEY, age int CHECK (age > 0))")
        .await
        .unwrap();
    let insert = "INSERT INTO people VALUES ('ann@example.com', 1)";
    client.run(insert).await.unwrap();
    for (statement, named) in [
        (insert, "people_pkey"),
        (
            "INSERT INTO people VALUES ('ann@example.com', -1)",
            "people_age_check",
        ),
        (
            "INSERT INTO people VALUES (NULL, 1), ('ann@example.com', 2)",
            "email",
        ),
        ("SELECT 'ann@example.com'::int", "SQLSTATE 22P02"),
        (
            "SELECT ('{\"email\": \"ann@example.com'::text)::jsonb",
            "SQLSTATE 22P02",
        ),
    ] {
        let error = client.run(statement).await.unwrap_err();
        let error = anyhow::Error::new(error).context("store people");
        let text = error_text(&*error);
        assert!(text.starts_with("store people: db error: "), "{text}");
        assert!(text.contains(named), "{text}");
        assert!(!text.contains("ann@"), "{text}");
        assert!(!text.contains("DETAIL"), "{text}");
    }
    // The driver's own text would have given it away.
    let error = anyhow::Error::new(client.run(insert).await.unwrap_err());
    assert!(format!("{error:#}").contains("ann@example.com"));
}
