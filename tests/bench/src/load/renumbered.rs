//! A second dump without anything in common with the first, for loads into a catalog in use.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use load::input;

/// Writes the same dump with other numbers and barcodes, so that the two have nothing in common.
pub(super) fn write_renumbered_dump(file: &Path) -> anyhow::Result<PathBuf> {
    const OFFSET: i64 = 500_000_000_000;
    let mut text = String::new();
    input::open(file)?.reader.read_to_string(&mut text)?;
    let other = std::env::temp_dir().join(format!("linernotes-bench-{}.xml", std::process::id()));
    let mut written = std::io::BufWriter::new(std::fs::File::create(&other)?);
    for (number, part) in text.split("<release id=\"").enumerate() {
        if number == 0 {
            written.write_all(part.as_bytes())?;
            continue;
        }
        written.write_all(b"<release id=\"")?;
        let part = renumbered(part, OFFSET, true);
        for (number, piece) in part.split("<artist><id>").enumerate() {
            match number {
                0 => written.write_all(with_other_master_and_barcode(piece, OFFSET).as_bytes())?,
                _ => {
                    let piece = with_other_master_and_barcode(&renumbered(piece, OFFSET, false), OFFSET);
                    written.write_all(format!("<artist><id>{piece}").as_bytes())?;
                }
            }
        }
    }
    written.flush()?;
    Ok(other)
}

/// Adds `offset` to the number at the beginning of a text. Unless `always`, the ids of special artists stay.
fn renumbered(text: &str, offset: i64, always: bool) -> String {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    match text[..end].parse::<i64>() {
        Ok(id) if always || ![0, 194, 355, 118_760].contains(&id) => {
            format!("{}{}", id + offset, &text[end..])
        }
        _ => text.to_owned(),
    }
}

fn with_other_master_and_barcode(text: &str, offset: i64) -> String {
    let text = match text.split_once("<master_id") {
        Some((before, rest)) => match rest.split_once('>') {
            Some((tag, rest)) => {
                format!("{before}<master_id{tag}>{}", renumbered(rest, offset, true))
            }
            None => text.to_owned(),
        },
        None => text.to_owned(),
    };
    let mut parts = text.split("type=\"Barcode\"");
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (tag, rest) = part.split_once("/>").unwrap_or((part, ""));
        let digit = |c: char| match c.to_digit(10) {
            Some(digit) => char::from_digit((digit + 3) % 10, 10).unwrap_or(c),
            None => c,
        };
        let tag: String = tag.chars().map(digit).collect();
        changed.push_str(&format!("type=\"Barcode\"{tag}/>{rest}"));
    }
    changed
}
