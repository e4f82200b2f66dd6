//! Reads the MusicBrainz dump of artists.

use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::platform::http::Error;
use shared::upstreams::musicbrainz::{artist_from_json, is_special_artist};

use crate::artists::{ArtistPage, load_pages};
use crate::control::LoadControl;
use crate::input::DumpInput;
use crate::musicbrainz::archive::JsonDumpError;
use crate::musicbrainz::lines;
use crate::progress::{LoadOutcome, run_load};

/// Loads a dump of artists. Load the dump of releases first, as only artists of stored releases are loaded.
///
/// # Errors
/// As [`super::load_releases`].
pub async fn load_artists(
    pool: &Pool,
    input: DumpInput,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let (name, dump_date) = (input.name.clone(), input.dump_date);
    let chunks = lines::read_lines(input.reader, input.read, "artist", page);
    run_load(
        pool,
        control,
        &name,
        dump_date,
        chunks,
        JsonDumpError::CutOff,
        async |load, first, chunks| load_pages(load, Source::MusicBrainz, first, chunks).await,
    )
    .await
}

/// The page on a line. A placeholder such as Various Artists has no name of its own.
fn page(line: &[u8]) -> Result<ArtistPage, Error> {
    let artist = artist_from_json(line)?;
    let id = artist.id.to_string();
    Ok(ArtistPage {
        name: if is_special_artist(&id) {
            String::new()
        } else {
            artist.name
        },
        id,
        aliases: artist.aliases,
        relatives: Vec::new(),
        links: artist
            .links
            .into_iter()
            .map(|link| (link.kind.as_str(), link.value))
            .collect(),
    })
}
