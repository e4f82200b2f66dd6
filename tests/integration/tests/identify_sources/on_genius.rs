//! Matching a track at Genius among pages that do not match.

use pretty_assertions::assert_eq;

use super::*;

#[tokio::test]
async fn translations_remixes_covers_and_credit_pages_do_not_match() {
    let scene = scene_of(&["One"]).await;
    let page =
        |id, title: &str, artist: &Value| genius_song(id, title, artist, &[genius_artist(99, "Wrong")]);
    let translators = genius_artist(81, "Genius English Translations");
    let mut remix = page(5, "One", &genius_a());
    remix["song_relationships"] = json!([{"type": "remix_of", "songs": [{"id": 9, "title": "One"}]}]);
    let ours = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Right")]);
    scene.upstream.give_songs(
        "One",
        &[
            &page(1, "One [Credits]", &genius_a()),
            &page(2, "A - One (English Translation)", &translators),
            &page(3, "One", &genius_artist(82, "A Karaoke Band")),
            &page(4, "One (Somebody Remix)", &genius_a()),
            &remix,
            &ours,
        ],
    );
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Right producer 0.72"]);
    for wrong in 1..=4 {
        assert_eq!(scene.upstream.calls(&format!("/genius/songs/{wrong}")), 0);
    }
}

#[tokio::test]
async fn a_page_that_names_the_spotify_track_matches_whatever_else_fits() {
    let scene = scene_of(&["One"]).await;
    let plain = genius_song(5, "One", &genius_a(), &[genius_artist(99, "Wrong")]);
    let mut linked = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Right")]);
    linked["media"] =
        json!([{"provider": "spotify", "native_uri": format!("spotify:track:{}", spotify_id("x01"))}]);
    linked["custom_performances"] = json!([
        {"label": "Video Producer", "artists": [genius_artist(91, "Filmer")]},
        {"label": "Additional Production", "artists": [genius_artist(92, "Helper")]},
    ]);
    scene.upstream.give_songs("One", &[&plain, &linked]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: Helper additional_producer 0.81", "One: Right producer 0.85"]
    );
    assert_eq!(
        scene
            .texts("SELECT source_id || ' ' || matched_by FROM track_links WHERE source = 'genius'")
            .await,
        ["9 link"]
    );
    assert_eq!(
        scene
            .texts(
                "SELECT answer ->> 'record' || ' ' || (answer -> 'compared' ->> 'title') FROM lookups
            WHERE source = 'genius'"
            )
            .await,
        [r#"9 ["One", "One"]"#]
    );
}
