//! Reads the id of a line of a MusicBrainz dump that cannot be read to its end.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

/// The `id` of the JSON object on a line, if it comes before the place where the JSON ends or is malformed.
pub(crate) fn line_id(line: &[u8]) -> Option<String> {
    let mut id = None;
    // An error behind the id does not matter.
    let _ = serde_json::Deserializer::from_slice(line).deserialize_map(IdVisitor(&mut id));
    id
}

struct IdVisitor<'a>(&'a mut Option<String>);

impl<'de> Visitor<'de> for IdVisitor<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "id" {
                *self.0 = Some(map.next_value()?);
                return Ok(());
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_that_of_the_object_itself() {
        for (line, id) in [
            (r#"{"id": "a", "title": "x"}"#, Some("a")),
            (
                r#"{"media": [{"id": "b"}], "id": "a", "title": "cut o"#,
                Some("a"),
            ),
            (r#"{"media": [{"id": "b"}], "tit"#, None),
            (r#"{"media": {"id": "b"}}"#, None),
            (r#"{"id": 7}"#, None),
            (r#"["id", "a"]"#, None),
            ("no JSON", None),
        ] {
            assert_eq!(line_id(line.as_bytes()).as_deref(), id, "{line}");
        }
    }
}
