//! Parses releases and artists of the monthly Discogs dumps (XML) into the same types as the JSON of the API.
//!
//! serde reads artists, but not releases, which are most of what a load parses: with it, a release of the
//! dump of 2020 takes 41.9 µs instead of 21.4 µs, and one of 2026 takes 34.0 µs instead of 17.4 µs.

mod artist;
mod reader;

use shared::platform::http::Error;
use shared::upstreams::discogs::{Release, mapping, wire};

pub(crate) use self::artist::artist_from_xml;
use self::reader::{OpenElement, XmlReader, attribute};

/// Parses a `<release>` element. Unknown elements and attributes are ignored.
///
/// # Errors
/// [`Error::Decode`] if the element is not well-formed or has no id.
pub fn release_from_xml(xml: &[u8]) -> Result<Release, Error> {
    let mut element = OpenElement::new(xml)?;
    let id = attribute(&element.start, b"id").and_then(|id| id.parse().ok());
    let mut release = wire::Release {
        id: id
            .filter(|id| *id > 0)
            .ok_or_else(|| Error::Decode("a release without an id".to_owned()))?,
        title: String::new(),
        master_id: None,
        year: None,
        released: None,
        artists: Vec::new(),
        extraartists: Vec::new(),
        tracklist: Vec::new(),
        identifiers: Vec::new(),
        labels: Vec::new(),
        formats: Vec::new(),
        genres: Vec::new(),
        styles: Vec::new(),
    };
    element.reader.children(|reader, child| {
        match child.name().as_ref() {
            b"title" => release.title = reader.text()?,
            b"master_id" => release.master_id = reader.number()?,
            b"released" => release.released = Some(reader.text()?),
            b"artists" => release.artists = credits(reader)?,
            b"extraartists" => release.extraartists = credits(reader)?,
            b"tracklist" => release.tracklist = tracks(reader)?,
            b"identifiers" => release.identifiers = identifiers(reader)?,
            b"labels" => release.labels = labels(reader)?,
            b"formats" => release.formats = formats(reader)?,
            b"genres" => release.genres = reader.list(b"genre", XmlReader::text)?,
            b"styles" => release.styles = reader.list(b"style", XmlReader::text)?,
            _ => reader.skip(child)?,
        }
        Ok(())
    })?;
    Ok(mapping::release_from_wire(release))
}

fn credits(reader: &mut XmlReader<'_>) -> Result<Vec<wire::CreditedArtist>, Error> {
    reader.list(b"artist", |reader| {
        let mut credit = wire::CreditedArtist {
            id: None,
            name: String::new(),
            anv: String::new(),
            join: String::new(),
            role: String::new(),
            tracks: String::new(),
        };
        reader.children(|reader, field| {
            match field.name().as_ref() {
                b"id" => credit.id = reader.number()?,
                b"name" => credit.name = reader.text()?,
                b"anv" => credit.anv = reader.text()?,
                b"join" => credit.join = reader.text()?,
                b"role" => credit.role = reader.text()?,
                b"tracks" => credit.tracks = reader.text()?,
                _ => reader.skip(field)?,
            }
            Ok(())
        })?;
        Ok(credit)
    })
}

fn tracks(reader: &mut XmlReader<'_>) -> Result<Vec<wire::Track>, Error> {
    reader.list(b"track", |reader| {
        let mut track = wire::Track {
            position: String::new(),
            type_name: String::new(),
            title: String::new(),
            duration: String::new(),
            artists: Vec::new(),
            extraartists: Vec::new(),
            sub_tracks: Vec::new(),
        };
        reader.children(|reader, field| {
            match field.name().as_ref() {
                b"position" => track.position = reader.text()?,
                b"title" => track.title = reader.text()?,
                b"duration" => track.duration = reader.text()?,
                b"artists" => track.artists = credits(reader)?,
                b"extraartists" => track.extraartists = credits(reader)?,
                b"sub_tracks" => track.sub_tracks = tracks(reader)?,
                _ => reader.skip(field)?,
            }
            Ok(())
        })?;
        Ok(track)
    })
}

fn identifiers(reader: &mut XmlReader<'_>) -> Result<Vec<wire::Identifier>, Error> {
    let mut identifiers = Vec::new();
    reader.children(|reader, child| {
        identifiers.push(wire::Identifier {
            type_name: attribute(child, b"type").unwrap_or_default(),
            value: attribute(child, b"value").unwrap_or_default(),
            description: attribute(child, b"description").unwrap_or_default(),
        });
        reader.skip(child)
    })?;
    Ok(identifiers)
}

fn labels(reader: &mut XmlReader<'_>) -> Result<Vec<wire::ReleaseLabel>, Error> {
    let mut labels = Vec::new();
    reader.children(|reader, child| {
        let name = attribute(child, b"name").unwrap_or_default();
        labels.push(wire::ReleaseLabel { name });
        reader.skip(child)
    })?;
    Ok(labels)
}

fn formats(reader: &mut XmlReader<'_>) -> Result<Vec<wire::Format>, Error> {
    reader.list(b"format", |reader| {
        let mut descriptions = Vec::new();
        reader.children(|reader, field| {
            match field.name().as_ref() {
                b"descriptions" => descriptions = reader.list(b"description", XmlReader::text)?,
                _ => reader.skip(field)?,
            }
            Ok(())
        })?;
        Ok(wire::Format { descriptions })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::domain::albums::AlbumType;
    use shared::upstreams::discogs::EntryKind;

    #[test]
    fn unknown_elements_and_attributes_are_ignored() {
        let xml = br#"<release status="Accepted" new="1" id="7"><new><title>Not this</title></new>
            <title>One &amp; &#214;</title>
            <master_id is_main_release="true" new="x">9</master_id>
            <identifiers><identifier new="" value="ignored" description="d" type="Matrix"/>
            <identifier description="b" value="0 012345 678905" type="Barcode"/>
            <identifier type="ISRC" value="IT-J04-01-00240" description="Track A1"/>
            <identifier type="ISRC" value="IT-J04" description="Track A1"/></identifiers>
            <labels><label catno="1" name="R&amp;B Records (7)" id="5"/><label name="Other"/></labels>
            <formats><new/><format qty="1" new="" name="Vinyl" text="">
            <new><description>Single</description></new>
            <descriptions><new/><description>LP</description>
            <description>Compilation</description></descriptions>
            </format><format name="All Media" qty="1" text=""/></formats>
            <genres><genre>Funk / Soul</genre><new/></genres><styles><style>Disco</style><style/></styles>
            <tracklist><track new="1"><title>T</title><new/><position>A1</position><duration>1:00</duration>
            <sub_tracks><track><title>S</title><position>A1a</position></track></sub_tracks>
            </track></tracklist>
            <videos><video src="x"><title>Nor this</title></video></videos></release>"#;
        let release = release_from_xml(xml).expect("a release");
        assert_eq!((release.id.0, release.title.as_str()), (7, "One & Ö"));
        assert_eq!(release.master_id, Some(9));
        assert_eq!(release.barcodes[0].as_str(), "12345678905");
        assert_eq!(release.label.as_deref(), Some("R&B Records"));
        assert_eq!(release.album_type, Some(AlbumType::Compilation));
        assert_eq!(release.genres, ["Funk / Soul", "Disco"]);
        let isrc = &release.isrcs[0];
        let isrc = (isrc.isrc.as_str(), isrc.description.as_str());
        assert_eq!(isrc, ("ITJ040100240", "Track A1"));
        let entries = release.tracklist.iter();
        let kinds: Vec<(EntryKind, &str)> = entries.map(|entry| (entry.kind, entry.title.as_str())).collect();
        assert_eq!(kinds, [(EntryKind::Index, "T"), (EntryKind::Part, "S")]);
    }

    #[test]
    fn control_characters_and_unknown_references_are_removed() {
        let xml = "<release id='1'><title>a\u{0}b\u{1}c&#7;d&unknown;e\r\nf</title></release>";
        let release = release_from_xml(xml.as_bytes()).expect("a release");
        assert_eq!(release.title, "ab c de  f");
    }

    #[test]
    fn a_malformed_release_is_an_error() {
        for (xml, message) in [
            ("<release><title>a</title></release>", "without an id"),
            ("<release id=\"0\"><title>a</title></release>", "without an id"),
            ("<release id=\"1\"><title>a</release>", "title"),
            ("<release id=\"1\"><title>a</title>", "cut off"),
            ("", "no element"),
        ] {
            let error = release_from_xml(xml.as_bytes()).expect_err(xml).to_string();
            assert!(error.contains(message), "{xml}: {error}");
        }
    }
}
