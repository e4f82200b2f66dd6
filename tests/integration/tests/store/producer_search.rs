//! Searching producers by name.

use crate::producers::name;
use integration::{Database, database, rows};
use shared::domain::credits::Source;
use shared::store::producers::{self, NameKind};

async fn search(database: &Database, query: &str, most: i32) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', producer_id, matched_name, match_kind, round(score::numeric, 1))
        FROM search_producers($1, $2)";
    let rows = database
        .client()
        .await
        .query(sql, &[&query, &most])
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_search_lists_equal_names_then_beginnings_then_similar_names() {
    let database = database().await;
    let client = database.client().await;
    let mut ids = Vec::new();
    for (source_id, names) in [
        ("m1", vec!["Björk Guðmundsdóttir", "Björk"]),
        ("m2", vec!["Bjorkman"]),
        ("m3", vec!["Bjark"]),
        ("m4", vec!["Somebody else"]),
    ] {
        let id = rows::producer(&client, source_id).await.producer_id;
        let names: Vec<_> = names.iter().map(|text| name(id, text, NameKind::Alias)).collect();
        producers::insert_names(&client, Source::MusicBrainz, &names)
            .await
            .unwrap();
        ids.push(id);
    }
    let found = search(&database, "bjork", 20).await;
    assert_eq!(found[0], format!("{} Björk exact 1.0", ids[0]));
    assert!(
        found[1].starts_with(&format!("{} Bjorkman prefix", ids[1])),
        "{found:?}"
    );
    assert_eq!(
        found.len(),
        2 + usize::from(found.len() > 2 && found[2].contains("Bjark similar")),
        "{found:?}"
    );
    assert_eq!(search(&database, "bjork", 1).await, found[..1]);
    for nothing in ["", "   ", "zzzzzz"] {
        assert_eq!(search(&database, nothing, 20).await, [""; 0], "{nothing:?}");
    }
    assert_eq!(search(&database, "bjork", -1).await, [""; 0]);
    let default = "SELECT count(*) FROM search_producers('bjork')";
    assert_eq!(database.count(default).await, found.len() as i64);
}
