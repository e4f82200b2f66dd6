//! Tests with bodies in the shapes of Spotify, each with a second body in which every optional value is null.
//! Recorded bodies have a test target of their own.

mod lists;
mod records;

use crate::upstreams::spotify::SimpleArtist;

fn simple_artist(id: Option<&str>, name: &str) -> SimpleArtist {
    SimpleArtist {
        id: id.map(|id| id.parse().expect("an id")),
        name: name.to_owned(),
    }
}
