//! The same releases and artists as Discogs' monthly dumps write them, in XML: one element to one of the API's own shapes.
//! Cutting a dump into elements stays out; what the shapes mean is in `mapping.rs`.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use shared::platform::http::Error;
use shared::upstreams::discogs::{Artist, Release};
use shared::upstreams::discogs::{mapping, wire};

/// Reads a `<release>` element. Elements and attributes that are not known may stand anywhere.
///
/// # Errors
/// [`Error::Decode`] where it is not well-formed, or no release with an id.
pub fn release_from_xml(xml: &[u8]) -> Result<Release, Error> {
    let mut element = Element::open(xml)?;
    let id = element.attribute(b"id").and_then(|id| id.parse().ok());
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
            b"artists" => release.artists = reader.credits()?,
            b"extraartists" => release.extraartists = reader.credits()?,
            b"tracklist" => release.tracklist = reader.tracks()?,
            b"identifiers" => release.identifiers = reader.identifiers()?,
            b"labels" => release.labels = reader.labels()?,
            b"formats" => release.formats = reader.formats()?,
            b"genres" => release.genres = reader.texts(b"genre")?,
            b"styles" => release.styles = reader.texts(b"style")?,
            _ => reader.skip(child)?,
        }
        Ok(())
    })?;
    Ok(mapping::release(release))
}

/// Reads an `<artist>` element of a dump of artists.
///
/// # Errors
/// [`Error::Decode`] where it is not well-formed, or no artist with an id.
pub fn artist_from_xml(xml: &[u8]) -> Result<Artist, Error> {
    let mut element = Element::open(xml)?;
    let mut artist = wire::Artist {
        id: 0,
        name: String::new(),
        realname: None,
        urls: Vec::new(),
        namevariations: Vec::new(),
        aliases: Vec::new(),
        members: Vec::new(),
        groups: Vec::new(),
        images: Vec::new(),
    };
    element.reader.children(|reader, child| {
        match child.name().as_ref() {
            b"id" => artist.id = reader.number()?.unwrap_or_default(),
            b"name" => artist.name = reader.text()?,
            b"realname" => artist.realname = Some(reader.text()?),
            b"urls" => artist.urls = reader.texts(b"url")?,
            b"namevariations" => artist.namevariations = reader.texts(b"name")?,
            b"aliases" => artist.aliases = reader.names()?,
            b"members" => artist.members = reader.names()?,
            b"groups" => artist.groups = reader.names()?,
            _ => reader.skip(child)?,
        }
        Ok(())
    })?;
    if artist.id > 0 && !artist.name.trim().is_empty() {
        return Ok(mapping::artist(artist));
    }
    let missing = if artist.id > 0 { "a name" } else { "an id" };
    Err(Error::Decode(format!("an artist without {missing}")))
}

/// An element whose start has been read.
struct Element<'a> {
    start: BytesStart<'a>,
    reader: Xml<'a>,
}

impl<'a> Element<'a> {
    fn open(xml: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::from_reader(xml);
        reader.config_mut().expand_empty_elements = true;
        let mut reader = Xml(reader);
        loop {
            match reader.event()? {
                Event::Start(start) => return Ok(Self { start, reader }),
                Event::Eof => return Err(Error::Decode("no element".to_owned())),
                _ => {}
            }
        }
    }

    fn attribute(&self, name: &[u8]) -> Option<String> {
        attribute(&self.start, name)
    }
}

struct Xml<'a>(Reader<&'a [u8]>);

impl<'a> Xml<'a> {
    fn event(&mut self) -> Result<Event<'a>, Error> {
        self.0
            .read_event()
            .map_err(|error| Error::Decode(error.to_string()))
    }

    /// Reads the element that is open to its end; `read` takes each child to that child's end.
    fn children(
        &mut self,
        mut read: impl FnMut(&mut Self, &BytesStart<'a>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            match self.event()? {
                Event::Start(child) => read(self, &child)?,
                Event::End(_) => return Ok(()),
                Event::Eof => return Err(Error::Decode("cut off".to_owned())),
                _ => {}
            }
        }
    }

    fn skip(&mut self, start: &BytesStart<'a>) -> Result<(), Error> {
        self.0
            .read_to_end(start.name())
            .map(drop)
            .map_err(|error| Error::Decode(error.to_string()))
    }

    /// The text of the element that is open, without control characters, which no name or title has.
    fn text(&mut self) -> Result<String, Error> {
        Ok(without_controls(self.raw_text()?.into_owned()))
    }

    /// The number in the element that is open; None where none is.
    fn number(&mut self) -> Result<Option<i64>, Error> {
        Ok(self.raw_text()?.parse().ok())
    }

    /// All of the text of the element that is open; as it stands where it is in one piece.
    fn raw_text(&mut self) -> Result<Cow<'a, str>, Error> {
        let mut text: Cow<'a, str> = Cow::Borrowed("");
        loop {
            match self.event()? {
                Event::Text(part) => add(&mut text, part.into_inner()),
                Event::CData(part) => add(&mut text, part.into_inner()),
                Event::GeneralRef(reference) => match &*reference {
                    b"amp" => text.to_mut().push('&'),
                    b"lt" => text.to_mut().push('<'),
                    b"gt" => text.to_mut().push('>'),
                    b"quot" => text.to_mut().push('"'),
                    b"apos" => text.to_mut().push('\''),
                    _ => text.to_mut().extend(reference.resolve_char_ref().ok().flatten()),
                },
                Event::Start(child) => self.skip(&child)?,
                Event::End(_) => return Ok(text),
                Event::Eof => return Err(Error::Decode("cut off".to_owned())),
                _ => {}
            }
        }
    }

    fn texts(&mut self, name: &[u8]) -> Result<Vec<String>, Error> {
        let mut texts = Vec::new();
        self.children(|reader, child| {
            if child.name().as_ref() == name {
                texts.push(reader.text()?);
                return Ok(());
            }
            reader.skip(child)
        })?;
        Ok(texts)
    }

    /// Names with ids: of the element itself, or of one that stands before it.
    fn names(&mut self) -> Result<Vec<wire::ArtistName>, Error> {
        let (mut names, mut before) = (Vec::new(), None);
        self.children(|reader, child| {
            match child.name().as_ref() {
                b"id" => before = reader.number()?,
                b"name" => {
                    let id = attribute(child, b"id").and_then(|id| id.parse().ok());
                    names.push(wire::ArtistName {
                        id: id.or(before.take()),
                        name: reader.text()?,
                    });
                }
                _ => reader.skip(child)?,
            }
            Ok(())
        })?;
        Ok(names)
    }

    fn credits(&mut self) -> Result<Vec<wire::Credit>, Error> {
        let mut credits = Vec::new();
        self.children(|reader, child| {
            if child.name().as_ref() != b"artist" {
                return reader.skip(child);
            }
            let mut credit = wire::Credit {
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
            credits.push(credit);
            Ok(())
        })?;
        Ok(credits)
    }

    fn tracks(&mut self) -> Result<Vec<wire::Track>, Error> {
        let mut tracks = Vec::new();
        self.children(|reader, child| {
            if child.name().as_ref() != b"track" {
                return reader.skip(child);
            }
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
                    b"artists" => track.artists = reader.credits()?,
                    b"extraartists" => track.extraartists = reader.credits()?,
                    b"sub_tracks" => track.sub_tracks = reader.tracks()?,
                    _ => reader.skip(field)?,
                }
                Ok(())
            })?;
            tracks.push(track);
            Ok(())
        })?;
        Ok(tracks)
    }

    fn identifiers(&mut self) -> Result<Vec<wire::Identifier>, Error> {
        let mut identifiers = Vec::new();
        self.children(|reader, child| {
            identifiers.push(wire::Identifier {
                type_name: attribute(child, b"type").unwrap_or_default(),
                value: attribute(child, b"value").unwrap_or_default(),
                description: attribute(child, b"description").unwrap_or_default(),
            });
            reader.skip(child)
        })?;
        Ok(identifiers)
    }

    fn labels(&mut self) -> Result<Vec<wire::Label>, Error> {
        let mut labels = Vec::new();
        self.children(|reader, child| {
            let name = attribute(child, b"name").unwrap_or_default();
            labels.push(wire::Label { name });
            reader.skip(child)
        })?;
        Ok(labels)
    }

    fn formats(&mut self) -> Result<Vec<wire::Format>, Error> {
        let mut formats = Vec::new();
        self.children(|reader, child| {
            if child.name().as_ref() != b"format" {
                return reader.skip(child);
            }
            let mut descriptions = Vec::new();
            reader.children(|reader, field| {
                match field.name().as_ref() {
                    b"descriptions" => descriptions = reader.texts(b"description")?,
                    _ => reader.skip(field)?,
                }
                Ok(())
            })?;
            formats.push(wire::Format { descriptions });
            Ok(())
        })?;
        Ok(formats)
    }
}

/// Adds a piece of text.
fn add<'a>(text: &mut Cow<'a, str>, piece: Cow<'a, [u8]>) {
    let piece = match piece {
        Cow::Borrowed(piece) => String::from_utf8_lossy(piece),
        Cow::Owned(piece) => Cow::Owned(String::from_utf8_lossy(&piece).into_owned()),
    };
    if text.is_empty() {
        *text = piece;
    } else {
        text.to_mut().push_str(&piece);
    }
}

fn attribute(start: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok()??;
    let value = match attribute.unescape_value() {
        Ok(value) => value.into_owned(),
        Err(_) => String::from_utf8_lossy(&attribute.value).into_owned(),
    };
    Some(without_controls(value))
}

/// NUL, which Postgres cannot store, is nothing; the others are a space.
fn without_controls(text: String) -> String {
    // Of those beyond ASCII, all begin with this byte.
    let may_be_control = |byte: u8| byte.is_ascii_control() || byte == 0xc2;
    if !text.bytes().any(may_be_control) || !text.contains(char::is_control) {
        return text;
    }
    text.chars()
        .filter(|c| *c != '\0')
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::domain::albums::AlbumType;
    use shared::upstreams::discogs::EntryKind;

    #[test]
    fn what_is_not_known_may_stand_anywhere() {
        let xml = br#"<release status="Accepted" new="1" id="7"><new><title>Not this</title></new><title>One &amp; &#214;</title>
            <master_id is_main_release="true" new="x">9</master_id><identifiers><identifier new="" value="ignored" description="d" type="Matrix"/>
            <identifier description="b" value="0 012345 678905" type="Barcode"/><identifier type="ISRC" value="IT-J04-01-00240" description="Track A1"/>
            <identifier type="ISRC" value="IT-J04" description="Track A1"/></identifiers><labels><label catno="1" name="R&amp;B Records (7)" id="5"/><label name="Other"/></labels>
            <formats><new/><format qty="1" new="" name="Vinyl" text=""><new><description>Single</description></new><descriptions><new/>
            <description>LP</description><description>Compilation</description></descriptions></format><format name="All Media" qty="1" text=""/></formats>
            <genres><genre>Funk / Soul</genre><new/></genres><styles><style>Disco</style><style/></styles><tracklist><track new="1"><title>T</title><new/>
            <position>A1</position><duration>1:00</duration><sub_tracks><track><title>S</title><position>A1a</position></track></sub_tracks></track></tracklist>
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
    fn control_characters_and_odd_references_are_no_text() {
        let xml = "<release id='1'><title>a\u{0}b\u{1}c&#7;d&unknown;e\r\nf</title></release>";
        let release = release_from_xml(xml.as_bytes()).expect("a release");
        assert_eq!(release.title, "ab c de  f");
    }

    #[test]
    fn what_is_no_release_is_said() {
        for (xml, said) in [
            ("<release><title>a</title></release>", "without an id"),
            ("<release id=\"0\"><title>a</title></release>", "without an id"),
            ("<release id=\"1\"><title>a</release>", "title"),
            ("<release id=\"1\"><title>a</title>", "cut off"),
            ("", "no element"),
        ] {
            let error = release_from_xml(xml.as_bytes()).expect_err(xml).to_string();
            assert!(error.contains(said), "{xml}: {error}");
        }
    }

    #[test]
    fn an_artist_has_relatives_in_old_and_in_later_dumps() {
        let xml = r#"<artist><id>2</id><name>Group (3)</name><aliases><name id="5">Alias</name></aliases>
            <members><id>26</id><name id="26">One</name><id>27</id><name>Two</name></members>
            <urls><url>http://instagram.com/group/</url></urls><namevariations><name>Grp</name></namevariations></artist>"#;
        let artist = artist_from_xml(xml.as_bytes()).expect("an artist");
        assert_eq!((artist.id.0, artist.name.as_str()), (2, "Group"));
        let ids = |related: &[shared::upstreams::discogs::RelatedArtist]| -> Vec<i64> {
            related.iter().map(|artist| artist.id.0).collect()
        };
        assert_eq!(ids(&artist.aliases), [5]);
        assert_eq!(ids(&artist.members), [26, 27]);
        assert_eq!(artist.name_variations, ["Grp"]);
        assert_eq!(artist.links.len(), 1);
    }
}
