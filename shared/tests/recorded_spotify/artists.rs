//! Artists.

use shared::upstreams::spotify::{Artist, artist_from_json};

use super::bytes;

#[test]
fn artists() {
    let Artist {
        id,
        name,
        followers,
        popularity,
        image_url,
        genres,
    } = artist_from_json(&bytes("artist.json")).expect("readable");
    assert_eq!(
        (id.as_str(), name.as_str()),
        ("0OdUWJ0sBjDrqHygGUXeCF", "Band of Horses")
    );
    assert_eq!((followers, popularity), (Some(306_565), Some(59)));
    assert_eq!(
        image_url.as_deref(),
        Some("https://i.scdn.co/image/eb266625dab075341e8c4378a177a27370f91903")
    );
    assert_eq!(genres, ["indie folk", "indie pop"]);

    let artist = artist_from_json(&bytes("artist_zmb3.json")).expect("readable");
    assert_eq!(
        (artist.id.as_str(), artist.name.as_str()),
        ("0TnOYISbd1XYRBk9myaseg", "Pitbull")
    );
    assert_eq!(
        (artist.followers, artist.popularity, artist.genres),
        (Some(2_265_279), Some(97), vec![])
    );
}
