//! How dumps are split, whole and damaged.

use super::*;

/// What is read of a dump.
#[derive(Debug, Default, PartialEq)]
struct Reading {
    whole: Vec<String>,
    /// The number, the text and the fault of each element that has one.
    faulty: Vec<(u64, String, ElementFault)>,
    note: Option<String>,
    error: Option<String>,
}

fn read_from(reader: impl Read) -> Reading {
    let mut elements = XmlElements::new(reader, DumpKind::Releases);
    let mut reading = Reading::default();
    loop {
        match elements.next() {
            Ok(Some(chunk)) => {
                for (number, (bytes, fault)) in (chunk.first_number..).zip(chunk.elements()) {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    match fault {
                        None => reading.whole.push(text),
                        Some(fault) => reading.faulty.push((number, text, fault)),
                    }
                }
                reading.note = chunk.note.or(reading.note);
            }
            Ok(None) => return reading,
            Err(error) => {
                reading.error = Some(error.to_string());
                return reading;
            }
        }
    }
}

fn read(text: &str) -> Reading {
    read_from(text.as_bytes())
}

fn whole(texts: &[&str]) -> Reading {
    Reading {
        whole: texts.iter().copied().map(str::to_owned).collect(),
        ..Reading::default()
    }
}

#[test]
fn elements_are_complete_and_the_root_is_not_one() {
    let text = "<?xml version=\"1.0\"?>\n<!-- a dump -->\n<releases count=\"2\">\
                <release id=\"1\">a</release>\n<release\nid=\"2\"><releases/></release></releases>\n";
    let texts = [
        "<release id=\"1\">a</release>",
        "<release\nid=\"2\"><releases/></release>",
    ];
    assert_eq!(read(text), whole(&texts));
}

#[test]
fn an_element_may_span_two_chunks() {
    let many: Vec<String> = (0..30_000)
        .map(|id| format!("<release id=\"{id}\">{}</release>", "x".repeat(id % 97)))
        .collect();
    let reading = read(&format!("<releases>{}</releases>", many.join("\n")));
    assert_eq!(reading.whole.len(), many.len());
    assert!(reading.whole == many && reading.faulty.is_empty() && reading.error.is_none());
}

#[test]
fn an_element_without_a_tag_is_named_and_does_not_spoil_the_next_one() {
    let reading = read(
        "<releases><release id=\"1\"><title>a<release id=\"2\"></release>\n<relase id=\"3\">b</release>\
         <release id=\"4\"></release><release id=\"5\"/><release id=\"6\"><title>c</title></releases>",
    );
    let expected = [
        (1, "<release id=\"1\"><title>a", ElementFault::NoEndTag),
        (3, "\n<relase id=\"3\">b</release>", ElementFault::NoStartTag),
        (5, "<release id=\"5\"/>", ElementFault::NoEndTag),
        (6, "<release id=\"6\"><title>c</title>", ElementFault::NoEndTag),
    ];
    let expected = Reading {
        faulty: expected
            .map(|(number, text, fault)| (number, text.to_owned(), fault))
            .into(),
        ..whole(&["<release id=\"2\"></release>", "<release id=\"4\"></release>"])
    };
    assert_eq!(reading, expected);
}

#[test]
fn an_element_that_is_too_long_is_named_and_not_held() {
    let text = |bytes: u64| {
        let begin = b"<releases><release id=\"1\"></release><release id=\"2\"><notes>".as_slice();
        let end = b"</notes></release><release id=\"3\"></release></releases>".as_slice();
        read_from(begin.chain(std::io::repeat(b'x').take(bytes)).chain(end))
    };
    assert_eq!(text(15 << 20).whole.len(), 3);
    for megabytes in [18, 100] {
        let reading = text(megabytes << 20);
        let named = reading
            .faulty
            .iter()
            .map(|(number, text, fault)| (*number, text.len(), *fault));
        assert_eq!(Vec::from_iter(named), [(2, 4_096, ElementFault::TooLong)]);
        assert!(reading.faulty[0].1.starts_with("<release id=\"2\">"));
        assert_eq!(
            reading.whole,
            ["<release id=\"1\"></release>", "<release id=\"3\"></release>"]
        );
        assert_eq!((reading.note, reading.error), (None, None));
    }
    let endless = read_from(b"<releases><release id=\"2\">".chain(std::io::repeat(b'<').take(40 << 20)));
    assert_eq!(endless.faulty.len(), 1);
    assert!(endless.error.is_some_and(|error| error.contains("cut off")));
}

#[test]
fn a_root_that_begins_twice_or_never_is_an_error() {
    let release = "<release id=\"1\"></release>";
    let joined =
        format!("<releases>{release}</releases>\n<?xml version=\"1.0\"?>\n<releases>{release}</releases>");
    let unclosed = format!("<releases><release id=\"0\"></releases><releases>{release}</releases>");
    let second = "a second root element <releases>";
    for (text, count, message) in [
        (
            format!("<releases>\n<releases>\n{release}</releases>\n"),
            0,
            second,
        ),
        (
            format!("<releases>{release}<releases>{release}</releases>"),
            1,
            second,
        ),
        (joined, 1, second),
        (unclosed, 0, second),
        (format!("{release}</releases>"), 0, "it begins with <release>"),
    ] {
        let reading = read(&text);
        assert_eq!(reading.whole.len(), count, "{text}");
        let error = reading.error.unwrap_or_default();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn bytes_behind_the_root_are_counted_unless_they_mean_nothing() {
    let release = "<release id=\"1\"></release>";
    for (behind, bytes) in [
        ("", None),
        ("\n\n<!-- made by hand -->\n", None),
        ("\0\0\0", None),
        ("--end of part--", Some(15)),
        ("\n</releases>\n", Some(13)),
    ] {
        let note = bytes.map(|bytes| format!("{bytes} bytes behind its end </releases> were ignored"));
        let expected = Reading {
            note,
            ..whole(&[release])
        };
        assert_eq!(read(&format!("<releases>{release}</releases>{behind}")), expected);
    }
}

#[test]
fn a_truncated_file_or_another_kind_of_file_is_an_error() {
    for (text, count, message) in [
        ("<releases><release id=\"1\"></release>", 1, "cut off"),
        ("<releases><release id=\"1\"></release><release id=", 1, "cut off"),
        (
            "<artists><artist><id>1</id></artist></artists>",
            0,
            "it begins with <artists>",
        ),
        ("{\"id\": 1}\n", 0, "not XML"),
        ("", 0, "empty"),
    ] {
        let reading = read(text);
        assert_eq!(reading.whole.len(), count, "{text}");
        let error = reading.error.unwrap_or_default();
        assert!(error.contains(message), "{text}: {error}");
    }
}
