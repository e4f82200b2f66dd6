//! Reads the Discogs dump of artists.

use std::sync::atomic::Ordering;

use shared::domain::credits::Source;
use shared::platform::db::Pool;
use shared::upstreams::discogs::Artist;
use tokio::sync::mpsc::{Receiver, channel};

use super::xml::{artist_from_xml, artist_id};
use crate::artists::{ArtistChunk, ArtistPage, load_pages};
use crate::control::LoadControl;
use crate::counts::{MalformedRecord, problem};
use crate::input::DumpInput;
use crate::progress::{LoadOutcome, RecordChunk, run_load};
use crate::xml_elements::{DumpKind, ElementFault, XmlDumpError, XmlElements};

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
    let chunks = read_pages(input);
    run_load(
        pool,
        control,
        &name,
        dump_date,
        chunks,
        XmlDumpError::CutOff,
        async |load, first, chunks| load_pages(load, Source::Discogs, first, chunks).await,
    )
    .await
}

fn read_pages(input: DumpInput) -> Receiver<Result<ArtistChunk, XmlDumpError>> {
    let (sender, receiver) = channel(1);
    std::thread::spawn(move || {
        let mut elements = XmlElements::new(input.reader, DumpKind::Artists);
        while let Some(chunk) = elements.next().transpose() {
            let is_last = chunk.is_err();
            let pages = chunk.map(|chunk| RecordChunk {
                records: (chunk.first_number..)
                    .zip(chunk.elements())
                    .map(|(number, (xml, fault))| read_page(number, xml, fault))
                    .collect(),
                note: chunk.note,
                position_bytes: input.read.load(Ordering::Relaxed),
                dump_date: None,
            });
            if sender.blocking_send(pages).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

fn read_page(number: u64, xml: &[u8], fault: Option<ElementFault>) -> Result<ArtistPage, MalformedRecord> {
    let artist = match fault {
        None => artist_from_xml(xml).map_err(problem),
        Some(fault) => Err(fault.problem()),
    };
    artist.map(page).map_err(|problem| {
        let id = artist_id(xml).map(|id| id.to_string());
        MalformedRecord::new(number, id, &problem)
    })
}

fn page(artist: Artist) -> ArtistPage {
    let aliases = artist
        .aliases
        .iter()
        .map(|relative| (relative.id.to_string(), "alias"));
    let groups = artist
        .groups
        .iter()
        .map(|relative| (relative.id.to_string(), "member_of"));
    ArtistPage {
        id: artist.id.to_string(),
        relatives: aliases.chain(groups).collect(),
        name: artist.name,
        aliases: artist.name_variations,
        links: artist
            .links
            .into_iter()
            .map(|link| (link.kind.as_str(), link.value))
            .collect(),
    }
}
