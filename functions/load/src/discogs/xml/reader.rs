//! A reader for single XML elements that skips what the caller does not know.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use shared::platform::http::Error;

use super::limits::{MAX_DEPTH, MAX_ITEMS, check_text};

/// An element whose start tag has been read.
pub(super) struct OpenElement<'a> {
    pub(super) start: BytesStart<'a>,
    pub(super) reader: XmlReader<'a>,
}

impl<'a> OpenElement<'a> {
    /// Reads up to the first start tag.
    pub(super) fn new(xml: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::from_reader(xml);
        reader.config_mut().expand_empty_elements = true;
        let mut reader = XmlReader {
            reader,
            depth: 0,
            items: 0,
        };
        loop {
            match reader.event()? {
                Event::Start(start) => return Ok(Self { start, reader }),
                Event::Eof => return Err(Error::Decode("no element".to_owned())),
                _ => {}
            }
        }
    }
}

/// Reads the content of the element whose start tag was read last.
pub(super) struct XmlReader<'a> {
    reader: Reader<&'a [u8]>,
    /// Number of elements whose children are being read.
    depth: usize,
    /// Number of items of all lists.
    items: usize,
}

impl<'a> XmlReader<'a> {
    fn event(&mut self) -> Result<Event<'a>, Error> {
        self.reader
            .read_event()
            .map_err(|error| Error::Decode(error.to_string()))
    }

    /// Calls `read` for each child of the open element; `read` must consume the child up to its end tag.
    pub(super) fn children(
        &mut self,
        mut read: impl FnMut(&mut Self, &BytesStart<'a>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let problem = format!("its elements are nested more than {MAX_DEPTH} deep");
            return Err(Error::Decode(problem));
        }
        loop {
            match self.event()? {
                Event::Start(child) => read(self, &child)?,
                Event::End(_) => {
                    self.depth -= 1;
                    return Ok(());
                }
                Event::Eof => return Err(Error::Decode("cut off".to_owned())),
                _ => {}
            }
        }
    }

    /// Reads the children with this name, and skips the others. `read` gets the start tag of each.
    pub(super) fn list<T>(
        &mut self,
        name: &[u8],
        mut read: impl FnMut(&mut Self, &BytesStart<'a>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        self.children(|reader, child| {
            if child.name().as_ref() != name {
                return reader.skip(child);
            }
            reader.items += 1;
            if reader.items > MAX_ITEMS {
                let problem = format!("it has more than {MAX_ITEMS} tracks, credits and other items");
                return Err(Error::Decode(problem));
            }
            items.push(read(reader, child)?);
            Ok(())
        })?;
        Ok(items)
    }

    /// The texts of the children with this name.
    pub(super) fn texts(&mut self, name: &[u8]) -> Result<Vec<String>, Error> {
        self.list(name, |reader, _| reader.text())
    }

    /// Skips an element up to its end tag.
    pub(super) fn skip(&mut self, start: &BytesStart<'a>) -> Result<(), Error> {
        self.reader
            .read_to_end(start.name())
            .map(drop)
            .map_err(|error| Error::Decode(error.to_string()))
    }

    /// The text of the open element without control characters, which no name or title has.
    pub(super) fn text(&mut self) -> Result<String, Error> {
        Ok(without_controls(self.raw_text()?.into_owned()))
    }

    /// The number in the open element; `None` if its text is not a number.
    pub(super) fn number(&mut self) -> Result<Option<i64>, Error> {
        Ok(self.raw_text()?.parse().ok())
    }

    /// The whole text of the open element, borrowed if it is in one piece.
    fn raw_text(&mut self) -> Result<Cow<'a, str>, Error> {
        let mut text: Cow<'a, str> = Cow::Borrowed("");
        loop {
            check_text(text.len())?;
            match self.event()? {
                Event::Text(part) => append(&mut text, part.into_inner()),
                Event::CData(part) => append(&mut text, part.into_inner()),
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
}

/// Appends a piece of text.
fn append<'a>(text: &mut Cow<'a, str>, piece: Cow<'a, [u8]>) {
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

/// The value of an attribute without control characters.
pub(super) fn attribute(start: &BytesStart<'_>, name: &[u8]) -> Result<Option<String>, Error> {
    let Ok(Some(attribute)) = start.try_get_attribute(name) else {
        return Ok(None);
    };
    check_text(attribute.value.len())?;
    let value = match attribute.unescape_value() {
        Ok(value) => value.into_owned(),
        Err(_) => String::from_utf8_lossy(&attribute.value).into_owned(),
    };
    Ok(Some(without_controls(value)))
}

/// Removes NUL, which Postgres cannot store, and replaces other control characters by spaces.
pub(super) fn without_controls(text: String) -> String {
    // In UTF-8, all control characters beyond ASCII begin with this byte.
    let may_be_control = |byte: u8| byte.is_ascii_control() || byte == 0xc2;
    if !text.bytes().any(may_be_control) || !text.contains(char::is_control) {
        return text;
    }
    text.chars()
        .filter(|c| *c != '\0')
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
