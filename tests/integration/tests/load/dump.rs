//! Creates and loads dumps in Discogs' format.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use integration::Database;
pub(crate) use integration::dumps::{file, pool};
use load::{LoadControl, LoadOutcome, ReleaseOptions, discogs, input};

/// A credit: the artist's id (0 for none), the name, the role and the tracks it covers.
pub(crate) type Credit<'a> = (i64, &'a str, &'a str, &'a str);

/// Escapes text for XML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

pub(crate) fn credits(element: &str, credits: &[Credit]) -> String {
    let mut xml = format!("<{element}>");
    for (id, name, role, tracks) in credits {
        let (name, role) = (escaped(name), escaped(role));
        write!(
            xml,
            "<artist><id>{id}</id><name>{name}</name><anv/><join/>\
             <role>{role}</role><tracks>{tracks}</tracks></artist>"
        )
        .unwrap();
    }
    format!("{xml}</{element}>")
}

/// A release under construction.
#[derive(Clone)]
pub(crate) struct Release {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) artists: String,
    pub(crate) credits: String,
    pub(crate) tracks: Vec<String>,
    pub(crate) master: Option<i64>,
    pub(crate) barcode: Option<String>,
    pub(crate) released: String,
    /// Labels, formats, genres and styles, as XML.
    pub(crate) details: String,
    /// Pairs of a description, which names the track, and its ISRC.
    pub(crate) isrcs: Vec<(&'static str, &'static str)>,
}

/// The elements for a label, a format with its description, and a style.
pub(crate) fn details(label: &str, description: &str, style: &str) -> String {
    let (label, description) = (escaped(label), escaped(description));
    format!(
        "<labels><label name=\"{label}\" catno=\"1\" id=\"5\"/></labels><formats><format name=\"Vinyl\" \
            qty=\"1\" text=\"\"><descriptions>\
         <description>12\"</description><description>{description}</description></descriptions>\
         </format></formats>\
         <genres><genre>Electronic</genre></genres><styles><style>{style}</style></styles>"
    )
}

impl Release {
    /// A release with one artist, one producer of all tracks, and two tracks.
    pub(crate) fn new(id: i64) -> Self {
        Self {
            id,
            title: format!("Album {id}"),
            artists: credits("artists", &[(1000 + id, "The Band", "", "")]),
            credits: credits("extraartists", &[(5, "A Producer", "Producer", "")]),
            tracks: vec![
                track("A1", "First Song", ""),
                track("A2", "Second Song (Remix)", ""),
            ],
            master: None,
            barcode: None,
            released: "1999-03-00".to_owned(),
            details: String::new(),
            isrcs: Vec::new(),
        }
    }

    pub(crate) fn xml(&self) -> String {
        let mut xml = format!(
            "<release id=\"{}\" status=\"Accepted\"><images><image type=\"primary\" \
                uri=\"\"/></images>{}<title>{}</title>{}<released>{}</released>",
            self.id,
            self.artists,
            escaped(&self.title),
            self.credits,
            self.released
        );
        if let Some(master) = self.master {
            write!(xml, "<master_id is_main_release=\"true\">{master}</master_id>").unwrap();
        }
        xml.push_str(&self.details);
        write!(xml, "<tracklist>{}</tracklist>", self.tracks.join("")).unwrap();
        let barcode = self
            .barcode
            .iter()
            .map(|barcode| format!("<identifier type=\"Barcode\" description=\"\" value=\"{barcode}\"/>"));
        let isrcs = self.isrcs.iter().map(|(description, isrc)| {
            format!("<identifier type=\"ISRC\" description=\"{description}\" value=\"{isrc}\"/>")
        });
        let identifiers: String = barcode.chain(isrcs).collect();
        write!(xml, "<identifiers>{identifiers}</identifiers></release>").unwrap();
        xml
    }
}

/// A track element. `more` is added inside it.
pub(crate) fn track(position: &str, title: &str, more: &str) -> String {
    let title = escaped(title);
    format!(
        "<track><position>{position}</position><title>{title}</title><duration>3:10</duration>{more}</track>"
    )
}

pub(crate) fn dump(releases: &[String]) -> String {
    format!("<releases>\n{}\n</releases>\n", releases.join("\n"))
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

pub(crate) async fn load_file(
    database: &Database,
    path: &Path,
    everything: bool,
) -> anyhow::Result<LoadOutcome> {
    let options = ReleaseOptions {
        everything,
        ..ReleaseOptions::default()
    };
    load_as(database, path, options).await
}

async fn load_as(database: &Database, path: &Path, options: ReleaseOptions) -> anyhow::Result<LoadOutcome> {
    let pool = pool(database);
    let input = input::open(path)?;
    let loaded = discogs::load_releases(&pool, input, options, &LoadControl::default()).await;
    pool.close();
    loaded
}

/// As [`load`], and removes the stored releases that are not among these.
pub(crate) async fn load_and_remove(database: &Database, name: &str, releases: &[String]) -> LoadOutcome {
    let path = file(name, &gzip(&dump(releases)));
    let options = ReleaseOptions {
        everything: false,
        remove: true,
    };
    load_as(database, &path, options).await.unwrap()
}

/// Writes a dump file with this name and loads it.
pub(crate) async fn load(database: &Database, name: &str, releases: &[String]) -> LoadOutcome {
    let path = file(name, &gzip(&dump(releases)));
    load_file(database, &path, false).await.unwrap()
}
