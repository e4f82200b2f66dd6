//! The items that a person asks for: on the command line, on standard input or in files.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap::error::ErrorKind;
use serde_json::{Value, json};
use shared::domain::ids::RequestedItem;

use crate::cli::{Cli, IngestArguments, TypedItem};
use crate::output::{TextTable, single_line};

/// The argument that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// An item and the place where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestedLine {
    /// `None` for an item on the command line.
    place: Option<(String, usize)>,
    typed: TypedItem,
}

/// Reads all items, in the order of the arguments and then of the files.
pub(super) fn read(arguments: &IngestArguments) -> anyhow::Result<Vec<RequestedLine>> {
    let mut lines = Vec::new();
    for typed in &arguments.what {
        if typed.text == STANDARD_INPUT {
            lines.extend(read_list("standard input", &standard_input()?)?);
        } else {
            lines.push(RequestedLine {
                place: None,
                typed: typed.clone(),
            });
        }
    }
    for file in &arguments.file {
        let name = single_line(&file.display().to_string());
        let bytes = if file == Path::new(STANDARD_INPUT) {
            standard_input()?
        } else {
            std::fs::read(file).with_context(|| format!("read {name}"))?
        };
        lines.extend(read_list(&name, &bytes)?);
    }
    Ok(lines)
}

fn standard_input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.context("read standard input")?;
    Ok(bytes)
}

/// The items of a list, one per line. Empty lines and comments are skipped.
fn read_list(name: &str, bytes: &[u8]) -> anyhow::Result<Vec<RequestedLine>> {
    let text = std::str::from_utf8(bytes)
        .with_context(|| format!("{name} is not UTF-8 text: save it with this encoding"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_comment = |line: &str| line == "#" || line.starts_with("# ");
    let lines = text.lines().map(str::trim).enumerate();
    Ok(lines
        .filter(|(_, line)| !line.is_empty() && !is_comment(line))
        .map(|(index, line)| RequestedLine {
            place: Some((name.to_owned(), index + 1)),
            typed: TypedItem {
                text: line.to_owned(),
                item: line.parse(),
            },
        })
        .collect())
}

/// The requested items, or the error for all lines that cannot be read.
pub(super) fn items(lines: Vec<RequestedLine>) -> Result<Vec<RequestedItem>, clap::Error> {
    let mut refused: Vec<String> = lines.iter().filter_map(RequestedLine::refusal).collect();
    if lines.is_empty() {
        refused.push("the list has no items".to_owned());
    }
    if refused.is_empty() {
        return Ok(lines
            .into_iter()
            .filter_map(|line| line.typed.item.ok())
            .collect());
    }
    let message = refused.join("\n");
    Err(Cli::command().error(ErrorKind::ValueValidation, message))
}

/// What each line was read as, as a table.
pub(super) fn table(lines: &[RequestedLine]) -> TextTable {
    let mut table = TextTable::new(&["Item", "Read as"]);
    for line in lines {
        let read_as = match &line.typed.item {
            Ok(item) => item.to_string(),
            Err(cause) => format!("refused: {cause}"),
        };
        table.row([single_line(&line.typed.text), single_line(&read_as)]);
    }
    table
}

/// What each line was read as, as JSON.
pub(super) fn document(lines: &[RequestedLine]) -> Value {
    let items: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({
                "list": line.place.as_ref().map(|(name, _)| name),
                "line": line.place.as_ref().map(|(_, number)| number),
                "text": line.typed.text,
                "read_as": line.typed.item.as_ref().ok(),
                "error": line.typed.item.as_ref().err().map(ToString::to_string),
            })
        })
        .collect();
    json!({ "items": items })
}

impl RequestedLine {
    /// Whether the line could be read.
    pub(super) fn is_read(&self) -> bool {
        self.typed.item.is_ok()
    }

    fn refusal(&self) -> Option<String> {
        let cause = single_line(&self.typed.item.as_ref().err()?.to_string());
        Some(match &self.place {
            Some((name, number)) => format!("{name}, line {number}: {cause}"),
            None => cause,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_an_item_on_each_line() {
        let text = "\u{feff}# wanted\r\nAC/DC\r\n\r\n  upc: 602475093060\n#1 Dads\n#\nname:# Bar\n";
        let lines = read_list("wanted.txt", text.as_bytes()).unwrap();
        let read: Vec<_> = lines
            .iter()
            .map(|line| {
                (
                    line.place.as_ref().unwrap().1,
                    line.typed.item.clone().unwrap().to_string(),
                )
            })
            .collect();
        let expected = [
            (2, "name:AC/DC"),
            (4, "upc:602475093060"),
            (5, "name:#1 Dads"),
            (7, "name:# Bar"),
        ];
        assert_eq!(read, expected.map(|(number, item)| (number, item.to_owned())));
        let error = read_list("latin.txt", b"Bj\xf6rk").unwrap_err().to_string();
        assert_eq!(error, "latin.txt is not UTF-8 text: save it with this encoding");
    }

    #[test]
    fn every_line_that_cannot_be_read_is_reported() {
        let lines = read_list("wanted.txt", b"Queen\nhttps://example.org/x\nisrc:1\n").unwrap();
        assert_eq!(
            document(&lines)["items"][0],
            json!({"list": "wanted.txt", "line": 1, "text": "Queen", "read_as": "name:Queen", "error": null})
        );
        assert!(table(&lines).to_string().contains("refused: '1' is not an ISRC"));
        let error = items(lines).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let error = error.to_string();
        assert!(
            error.contains("wanted.txt, line 2: 'https://example.org/x' is not")
                && error.contains("wanted.txt, line 3: '1' is not an ISRC"),
            "{error}"
        );
        assert!(
            items(Vec::new())
                .unwrap_err()
                .to_string()
                .contains("the list has no items")
        );
    }
}
