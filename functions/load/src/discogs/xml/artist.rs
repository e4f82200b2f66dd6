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

use super::reader::without_controls;

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

/// Parses an `<artist>` element of the dump of artists. Unknown elements and attributes are ignored.
///
/// # Errors
/// [`Error::Decode`] if the element is not well-formed or has no id or no name.
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
    if artist.id > 0 && !artist.name.trim().is_empty() {
        return Ok(mapping::artist_from_wire(artist));
    }
    let missing = if artist.id > 0 { "a name" } else { "an id" };
    Err(Error::Decode(format!("an artist without {missing}")))
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
