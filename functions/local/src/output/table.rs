//! Text tables with aligned columns, also for characters that are two columns wide or none.
//! Line breaks and terminal control characters are removed from cells.

use std::fmt;

use unicode_width::UnicodeWidthStr as _;

use crate::output::format::shortened;

/// Maximum width of a cell in columns. Longer text is cut off.
const MAX_WIDTH: usize = 60;
const GAP: &str = "  ";

/// A table that rows are added to and that is then displayed.
#[derive(Debug, Clone)]
pub struct TextTable {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, Clone)]
struct Column {
    name: &'static str,
    is_number: bool,
}

impl TextTable {
    /// Creates a table with these columns. A leading `#`, which is not shown, marks a column of numbers: it
    /// is right-aligned.
    pub fn new(columns: &[&'static str]) -> Self {
        let column = |name: &&'static str| Column {
            name: name.trim_start_matches('#'),
            is_number: name.starts_with('#'),
        };
        Self {
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row with one cell per column.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.columns.len());
        self.rows
            .push(cells.iter().map(|cell| shortened(cell, MAX_WIDTH)).collect());
    }

    fn width(&self, index: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[index].width());
        cells.chain([self.columns[index].name.width()]).max().unwrap_or(0)
    }
}

impl fmt::Display for TextTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.columns.iter().map(|column| column.name.to_owned()).collect();
        let widths: Vec<usize> = (0..self.columns.len()).map(|index| self.width(index)).collect();
        for (number, cells) in std::iter::once(&names).chain(&self.rows).enumerate() {
            let mut line = String::new();
            for ((cell, column), width) in cells.iter().zip(&self.columns).zip(&widths) {
                let padding = " ".repeat(width - cell.width());
                let (before, after) = if column.is_number {
                    (padding, String::new())
                } else {
                    (String::new(), padding)
                };
                line.extend([&before, cell, &after, GAP]);
            }
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_in_every_script() {
        let mut table = TextTable::new(&["Producer", "#Tracks"]);
        for (name, tracks) in [("Björk", 7), ("中田ヤスタカ", 169), ("e\u{301}clair", 12)] {
            table.row([name.to_owned(), tracks.to_string()]);
        }
        let expected = "\
Producer      Tracks
Björk              7
中田ヤスタカ     169
e\u{301}clair            12";
        assert_eq!(table.to_string(), expected);
        let widths: Vec<usize> = expected.lines().map(|line| line.width()).collect();
        assert_eq!(widths, [20; 4]);
    }

    #[test]
    fn a_cell_is_one_line_of_limited_width() {
        let mut table = TextTable::new(&["Title", "#Year"]);
        table.row(["two\nlines and \u{1b}[31mred".to_owned(), String::new()]);
        table.row(["x".repeat(5_000), "1999".to_owned()]);
        let text = table.to_string();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert_eq!(text.lines().last().map(str::len), Some(59 + "…".len() + 2 + 4));
    }
}
