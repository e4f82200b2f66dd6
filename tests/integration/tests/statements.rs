//! An album is written in one transaction whose number of statements does not grow with the number of its
//! tracks.

use std::collections::BTreeMap;

use integration::database;
use integration::records::{album, artist, spotify_id, track};
use integration::tap::Tap;
use integration::upstream::Upstream;
use pretty_assertions::assert_eq;
use serde_json::Value;
use shared::domain::messages::{Message, Outcome};

/// The table that a statement writes, or reads first.
fn table(statement: &str) -> String {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let after = |marks: &[&str]| {
        let names = words.windows(2).filter(|pair| marks.contains(&pair[0]));
        names
            .map(|pair| pair[1])
            .find(|name| !["SET", "OF", "("].contains(name))
    };
    let name = match words[0] {
        "SELECT" => after(&["FROM"]),
        _ => after(&["INTO", "UPDATE", "DELETE"])
            .filter(|name| *name != "FROM")
            .or_else(|| after(&["FROM"])),
    };
    name.unwrap_or("no table").to_owned()
}

fn of_size(key: &str, tracks: u32) -> Value {
    let who = artist("a", "A");
    let songs = (1..=tracks).map(|number| {
        let guest = artist(&format!("{key}g{number}x"), &format!("Guest {number}"));
        track(
            &format!("{key}t{number}x"),
            number,
            &format!("Song {number} (feat. Guest {number})"),
            &[&who, &guest],
        )
    });
    album(key, "Album", &[&who], songs.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_statements_does_not_depend_on_the_number_of_tracks() {
    let upstream = Upstream::start().await;
    let database = database().await;
    let (tapped, tap) = Tap::on(&database).await;
    let machine = upstream.machine(&tapped);
    let mut counts = BTreeMap::<&str, Vec<usize>>::new();
    for (key, tracks) in [("x", 5), ("y", 50), ("z", 300)] {
        upstream.give_album(&of_size(key, tracks));
        let mut changed = of_size(key, tracks + 1);
        changed["tracks"]["items"].as_array_mut().unwrap().remove(0);
        changed["tracks"]["total"] = tracks.into();
        for when in ["new", "again", "changed"] {
            if when == "changed" {
                upstream.give_album(&changed);
            }
            tap.take_transactions();
            let spotify_album_id = spotify_id(key).parse().unwrap();
            let outcome = machine.outcome(Message::IngestAlbum { spotify_album_id }).await;
            assert_eq!(outcome, Outcome::Done);
            let mut transactions = tap.take_transactions();
            assert_eq!(transactions.len(), 1);
            let statements = transactions.remove(0);
            let mut by_table = BTreeMap::<String, usize>::new();
            for statement in &statements {
                *by_table.entry(table(statement)).or_default() += 1;
            }
            assert!(
                by_table.contains_key("tracks") && by_table.contains_key("track_artists"),
                "{by_table:?}"
            );
            assert!(
                by_table.values().all(|count| *count <= 3),
                "{when}: {by_table:?} {statements:#?}"
            );
            counts.entry(when).or_default().push(statements.len());
        }
        let album_id = format!(
            "SELECT count(*) FROM tracks t JOIN albums a ON a.id = t.album_id WHERE a.spotify_id = '{}'",
            spotify_id(key)
        );
        assert_eq!(database.count(&album_id).await, i64::from(tracks) + 1);
    }
    for (when, counts) in counts {
        assert!(
            counts.iter().all(|count| *count == counts[0] && *count > 10),
            "{when}: {counts:?}"
        );
    }
}
