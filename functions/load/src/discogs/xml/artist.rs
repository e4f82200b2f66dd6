//! Parses artists of the monthly Discogs dumps with serde, whose structs state the shape of the XML.
//!
//! An artist of the dump of 2026 takes 12.8 µs, instead of 7.0 µs with a reader like that of releases: six
//! seconds more for a million artists. One that repeats a field or refers to no character (`&#0;`) is
//! malformed.

use std::convert::Infallible;

use quick_xml::de::{Deserializer, EntityResolver};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::BytesText;
use serde::Deserialize;
use shared::platform::http::Error;
use shared::upstreams::discogs::{Artist, mapping, wire};

use super::limits::{MAX_NAMES, check_text};
use super::reader::{OpenElement, without_controls};

#[derive(Default, Deserialize)]
#[serde(default)]
struct ArtistElement {
    id: String,
    name: String,
    realname: Option<String>,
    urls: ListElement,
    namevariations: ListElement,
    aliases: ListElement,
    members: ListElement,
    groups: ListElement,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListElement {
    #[serde(rename = "$value")]
    children: Vec<ListChild>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ListChild {
    Url(String),
    Name(NameElement),
    /// In older dumps, the id of the name that follows.
    Id(String),
    #[serde(other)]
    Other,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NameElement {
    #[serde(rename = "@id")]
    id: String,
    #[serde(rename = "$text")]
    name: String,
}

impl ListElement {
    /// The names with their ids, or the URLs as names without ids.
    fn into_names(self) -> Vec<wire::ArtistName> {
        let (mut names, mut preceding_id) = (Vec::new(), None);
        for child in self.children {
            let (id, name) = match child {
                ListChild::Name(NameElement { id, name }) => (id.parse().ok().or(preceding_id.take()), name),
                ListChild::Url(url) => (None, url),
                ListChild::Id(id) => {
                    preceding_id = id.parse().ok();
                    continue;
                }
                ListChild::Other => continue,
            };
            let name = without_controls(name);
            names.push(wire::ArtistName { id, name });
        }
        names
    }

    fn into_texts(self) -> Vec<String> {
        self.into_names().into_iter().map(|name| name.name).collect()
    }
}

/// Removes references to entities that XML does not define.
struct KnownEntities;

impl EntityResolver for KnownEntities {
    type Error = Infallible;

    fn capture(&mut self, _doctype: BytesText<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn resolve(&self, entity: &str) -> Option<&str> {
        Some(resolve_predefined_entity(entity).unwrap_or_default())
    }
}

/// The id of an `<artist>` element, if it comes before the place where the element ends or is malformed.
pub(crate) fn artist_id(xml: &[u8]) -> Option<i64> {
    let mut element = OpenElement::new(xml).ok()?;
    let mut id = None;
    // An error behind the id does not matter.
    let _ = element.reader.children(|reader, child| {
        if child.name().as_ref() == b"id" && id.is_none() {
            id = reader.number()?;
            return Ok(());
        }
        reader.skip(child)
    });
    id.filter(|id| *id > 0)
}

/// Parses an `<artist>` element of the dump of artists. Unknown elements and attributes are ignored.
///
/// # Errors
/// [`Error::Decode`] if the element is not well-formed, has no id or no name, or is larger than the limits
/// allow.
pub(crate) fn artist_from_xml(xml: &[u8]) -> Result<Artist, Error> {
    let xml = String::from_utf8_lossy(xml);
    let mut deserializer = Deserializer::from_str_with_resolver(&xml, KnownEntities);
    let artist = ArtistElement::deserialize(&mut deserializer);
    let artist = artist.map_err(|error| Error::Decode(error.to_string()))?;
    let artist = wire::Artist {
        id: artist.id.parse().unwrap_or_default(),
        name: without_controls(artist.name),
        realname: artist.realname.map(without_controls),
        urls: artist.urls.into_texts(),
        namevariations: artist.namevariations.into_texts(),
        aliases: artist.aliases.into_names(),
        members: artist.members.into_names(),
        groups: artist.groups.into_names(),
        images: Vec::new(),
    };
    check_names(&artist)?;
    if artist.id > 0 && !artist.name.trim().is_empty() {
        return Ok(mapping::artist_from_wire(artist));
    }
    let missing = if artist.id > 0 { "a name" } else { "an id" };
    Err(Error::Decode(format!("an artist without {missing}")))
}

/// Fails for an artist that has too many names, or too long ones.
fn check_names(artist: &wire::Artist) -> Result<(), Error> {
    let related = [&artist.aliases, &artist.members, &artist.groups];
    let related = related.into_iter().flatten().map(|related| &related.name);
    let names = artist.urls.iter().chain(&artist.namevariations).chain(related);
    if names.clone().count() > MAX_NAMES {
        return Err(Error::Decode(format!(
            "it has more than {MAX_NAMES} names and links"
        )));
    }
    let mut texts = names.chain([&artist.name]).chain(&artist.realname);
    texts.try_for_each(|text| check_text(text.len()))
}

#[cfg(test)]
mod tests {
    use shared::upstreams::discogs::RelatedArtist;

    use super::*;

    fn related(artists: &[RelatedArtist]) -> Vec<(i64, &str)> {
        let artists = artists.iter();
        artists
            .map(|artist| (artist.id.0, artist.name.as_str()))
            .collect()
    }

    #[test]
    fn related_artists_are_read_from_old_and_new_dumps() {
        let xml = r#"<artist><id>2</id><name>Group (3)</name><aliases><name id="5">Alias</name></aliases>
            <members><id>26</id><name id="26">One</name><id>27</id><name>Two</name></members>
            <urls><url>http://instagram.com/group/</url></urls>
            <namevariations><name>Grp</name></namevariations></artist>"#;
        let artist = artist_from_xml(xml.as_bytes()).expect("an artist");
        assert_eq!((artist.id.0, artist.name.as_str()), (2, "Group"));
        assert_eq!(related(&artist.aliases), [(5, "Alias")]);
        assert_eq!(related(&artist.members), [(26, "One"), (27, "Two")]);
        assert_eq!(artist.name_variations, ["Grp"]);
        assert_eq!(artist.links.len(), 1);
    }

    #[test]
    fn unknown_elements_and_attributes_are_ignored() {
        let xml = r#"<artist new="1"><images><image uri="x"/><name>Not this</name></images><new/>
            <profile>A <b>bold</b> one</profile><id new="1">2</id><name>One &amp; &#214; &lt;3</name>
            <urls><new><url>http://facebook.com/no</url></new><url>http://instagram.com/a/</url><new/><url/>
            <url>http://instagram.com/b/</url></urls><namevariations/><realname/>
            <groups><name id="5" new="">A &quot;G&quot;</name><new><name id="6">Nor this</name></new>
            <name id="0">No page</name><name id="x">Nor a page</name><name id="7"/>
            <name id="8"> <![CDATA[C & D]]> </name></groups></artist>"#;
        let artist = artist_from_xml(xml.as_bytes()).expect("an artist");
        assert_eq!(artist.name, "One & Ö <3");
        assert_eq!((artist.real_name, artist.image_url), (None, None));
        assert_eq!(artist.links.len(), 2);
        assert_eq!(related(&artist.groups), [(5, "A \"G\""), (7, ""), (8, "C & D")]);
    }

    #[test]
    fn control_characters_and_unknown_references_are_removed() {
        let xml = "<artist><id>1</id><name>a\u{0}b\u{1}c&#7;d&unknown;e\u{85}f</name></artist>";
        let artist = artist_from_xml(xml.as_bytes()).expect("an artist");
        assert_eq!(artist.name, "ab c de f");
        let latin_1 = b"<artist><id>1</id><name>Bj\xf6rk</name></artist>";
        let artist = artist_from_xml(latin_1).expect("an artist");
        assert_eq!(artist.name, "Bj\u{fffd}rk");
    }

    #[test]
    fn the_id_of_a_malformed_artist_is_its_own() {
        for (xml, id) in [
            (
                "<artist><images><image/></images><id>7</id><name>a</nam></artist>",
                Some(7),
            ),
            ("<artist><id>7</id><name>a", Some(7)),
            (
                "<artist><members><id>5</id></members><id>7</id></artist>",
                Some(7),
            ),
            ("<artist><members><id>5</id></members></artist>", None),
            ("<artist><id/><name>a</name></artist>", None),
            ("<artist><id>x</id></artist>", None),
            ("</artist>", None),
        ] {
            assert_eq!(artist_id(xml.as_bytes()), id, "{xml}");
        }
    }

    #[test]
    fn an_artist_beyond_the_limits_is_an_error() {
        let artist = |inside: &str| format!("<artist><id>7</id><name>a</name>{inside}</artist>");
        let names = |count| artist(&format!("<aliases>{}</aliases>", "<name>b</name>".repeat(count)));
        let url = |bytes| artist(&format!("<urls><url>{}</url></urls>", "x".repeat(bytes)));
        let depth = 200_000;
        let profile = format!(
            "<profile>{}{}</profile>",
            "<b>".repeat(depth),
            "</b>".repeat(depth)
        );
        for (name, xml, problem) in [
            ("profile", artist(&profile), None),
            ("names", names(20_000), None),
            ("too many names", names(20_001), Some("more than 20000 names")),
            ("link", url(65_536), None),
            ("long link", url(65_537), Some("longer than 64 kB")),
        ] {
            let error = artist_from_xml(xml.as_bytes())
                .err()
                .map(|error| error.to_string());
            assert_eq!(error.is_some(), problem.is_some(), "{name}: {error:?}");
            let error = error.unwrap_or_default();
            assert!(error.contains(problem.unwrap_or_default()), "{name}: {error}");
        }
    }

    #[test]
    fn a_malformed_artist_is_an_error() {
        for (xml, message) in [
            ("<artist><name>a</name></artist>", "without an id"),
            ("<artist><id>0</id><name>a</name></artist>", "without an id"),
            ("<artist><id>one</id><name>a</name></artist>", "without an id"),
            ("<artist><id>1</id></artist>", "without a name"),
            ("<artist><id>1</id><name> </name></artist>", "without a name"),
            ("<artist><id>1</id><name>a</nam></artist>", "name"),
            ("<artist><id>1</id><name>a</name>", "not closed"),
            ("<artist><id>1</id><name>a</name><name>b</name></artist>", "name"),
            ("<artist><id>1</id><name>a&#0;</name></artist>", "0"),
            ("", "Eof"),
        ] {
            let error = artist_from_xml(xml.as_bytes()).expect_err(xml).to_string();
            assert!(error.contains(message), "{xml}: {error}");
        }
    }
}
