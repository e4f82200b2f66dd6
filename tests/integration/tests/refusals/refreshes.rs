//! Refreshes of subjects whose sources fail, or that a source has moved.

use integration::records::{UPC, listed, mbid, person, produced_by, recording, release};
use integration::scene::{Scene, list_releases, scene_of};
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use shared::domain::ids::AlbumId;
use shared::domain::messages::{Message, QueueName};

/// Sweeps once while no source is busy. Returns the number of refreshes.
async fn refresh(scene: &Scene) -> usize {
    let idle = "UPDATE upstream_budgets SET next_free_at = '-infinity', blocked_until = '-infinity'";
    scene.database.execute(idle).await;
    let minute = std::time::Duration::from_secs(60);
    sweep::handle(&scene.machine.sweep, minute)
        .await
        .unwrap()
        .refreshed
}

/// Handles the message of the identification queue until it is a dead letter.
async fn fail_for_good(scene: &Scene) {
    for _ in 0..5 {
        scene.database.execute(crate::RELEASE_ALL).await;
        assert_eq!(scene.machine.work_once(QueueName::Identification).await, 1);
        assert_eq!(refresh(scene).await, 0, "its message is under way");
    }
}

#[tokio::test]
async fn an_album_whose_release_always_fails_is_refreshed_after_an_hour_a_day_and_a_week() {
    let scene = scene_of(&["One"]).await;
    let whole = release(21, "Album", &person(1, "A"), &[]);
    scene.upstream.give_releases(UPC, &[&whole]);
    let path = format!("/ws/2/release/{}", mbid(21));
    scene
        .upstream
        .give(&path, Answer::new(504, "<html>Gateway Time-out</html>"));
    let quiet = "DELETE FROM queue_messages WHERE queue <> 'identification'";
    scene.database.execute(quiet).await;
    scene
        .database
        .execute("UPDATE artists SET requested_at = now()")
        .await;
    let dead = "SELECT count(*) FROM dead_messages";
    scene.database.execute("DELETE FROM queue_messages").await;
    let identify = Message::IdentifyAlbum { album_id: AlbumId(1) };
    scene.machine.request(&[identify]).await;
    for (round, hours) in [(1, 1), (2, 24), (3, 168)] {
        fail_for_good(&scene).await;
        assert_eq!(scene.database.count(dead).await, round);
        assert_eq!(scene.upstream.calls("/ws/2/release/"), 5 * round as usize);
        assert_eq!(refresh(&scene).await, 0);
        let wait = "SELECT round(EXTRACT(epoch FROM look_again_at - now()) / 3600)::bigint FROM lookups
            WHERE source = 'musicbrainz' AND kind = 'album'";
        assert_eq!(scene.database.count(wait).await, hours);
        let due = "UPDATE lookups SET look_again_at = now() WHERE source = 'musicbrainz' AND kind = 'album'";
        scene.database.execute(due).await;
        assert_eq!(refresh(&scene).await, 1);
        assert_eq!(refresh(&scene).await, 0, "its message is on the queue");
    }
}

#[tokio::test]
async fn an_artist_that_was_merged_is_remembered_under_the_old_id_and_is_one_artist() {
    let scene = Scene::new().await;
    let (old, new) = (person(1, "Band"), person(2, "Band"));
    let song = recording(11, "Song", &old, vec![produced_by(&person(3, "P"))]);
    let album = release(21, "Album", &old, &[&song]);
    scene.upstream.give_release(&album);
    scene.upstream.give(&format!("/ws/2/artist/{}", mbid(1)), &old);
    scene
        .upstream
        .give_release_list("artist", &mbid(1), &[listed(&album, 31)]);
    scene.machine.request(&[list_releases(&mbid(1))]).await;
    scene.machine.drain(&scene.database).await;

    for id in [1, 2] {
        scene.upstream.give(&format!("/ws/2/artist/{}", mbid(id)), &new);
        scene
            .upstream
            .give_release_list("artist", &mbid(id), &[listed(&album, 31)]);
    }
    let due = format!(
        "UPDATE lookups SET look_again_at = now() WHERE subject = '{}:0'",
        mbid(1)
    );
    assert_eq!(scene.database.execute(&due).await, 1);
    assert_eq!(refresh(&scene).await, 1);
    scene.machine.drain(&scene.database).await;
    scene.upstream.forget_calls();
    for _ in 0..3 {
        assert_eq!(refresh(&scene).await, 0);
    }
    assert_eq!(
        scene.database.count("SELECT count(*) FROM queue_messages").await,
        0
    );
    let moved = format!(
        "SELECT answer #>> '{{next,moved_to}}' FROM lookups WHERE subject = '{}:0'",
        mbid(1)
    );
    assert_eq!(scene.texts(&moved).await, [mbid(2)]);
    let of_band = "SELECT i.source_id FROM artist_identities i JOIN artists a ON a.id = i.artist_id
        WHERE a.name = 'Band' ORDER BY 1";
    assert_eq!(scene.texts(of_band).await, [mbid(1), mbid(2)]);
    assert_eq!(
        scene
            .texts("SELECT name FROM artists WHERE name = 'Band'")
            .await
            .len(),
        1
    );
}
