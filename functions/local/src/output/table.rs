//! Text tables with aligned columns, also for characters that are two columns wide or none. A table is at
//! most 80 columns wide: the last column is wrapped, and others are cut off if that is not enough.
//! Line breaks and terminal control characters are removed from cells.

use std::fmt;

use unicode_width::UnicodeWidthStr as _;

use crate::output::format::{PAGE_WIDTH, shortened, single_line, wrapped_lines};

const GAP: &str = "  ";
/// The last column is not wrapped more narrowly than this. Other columns are cut off instead.
const LEAST_WRAPPED_WIDTH: usize = 16;
/// No column is cut off more than this.
const LEAST_WIDTH: usize = 8;

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
            .push(cells.iter().map(|cell| single_line(cell)).collect());
    }

    /// The width of each column, so that a row fits the page.
    fn widths(&self) -> Vec<usize> {
        let natural = |(index, column): (usize, &Column)| {
            let cells = self.rows.iter().map(|row| row[index].width());
            cells.chain([column.name.width()]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = self.columns.iter().enumerate().map(natural).collect();
        let gaps = GAP.width() * widths.len().saturating_sub(1);
        let excess = |widths: &[usize]| (widths.iter().sum::<usize>() + gaps).saturating_sub(PAGE_WIDTH);
        let Some(last) = widths.len().checked_sub(1) else {
            return widths;
        };
        if !self.columns[last].is_number {
            let least = widths[last].min(LEAST_WRAPPED_WIDTH.max(self.columns[last].name.width()));
            widths[last] = widths[last].saturating_sub(excess(&widths)).max(least);
        }
        while excess(&widths) > 0 {
            let texts = (0..last).filter(|index| !self.columns[*index].is_number);
            match texts.max_by_key(|index| widths[*index]) {
                Some(widest) if widths[widest] > LEAST_WIDTH => widths[widest] -= 1,
                _ => break,
            }
        }
        widths
    }

    /// The lines of a row: its cells, and the rest of the last one.
    fn lines(&self, cells: &[String], widths: &[usize]) -> Vec<String> {
        let Some((last, others)) = cells.split_last() else {
            return Vec::new();
        };
        let (Some(last_width), Some(last_column)) = (widths.last(), self.columns.last()) else {
            return Vec::new();
        };
        let mut beginning = String::new();
        for ((cell, column), width) in others.iter().zip(&self.columns).zip(widths) {
            let cell = shortened(cell, *width);
            beginning.push_str(&padded(&cell, *width, column.is_number));
            beginning.push_str(GAP);
        }
        let indent = " ".repeat(beginning.width());
        let parts = if last_column.is_number {
            vec![padded(last, *last_width, true)]
        } else {
            wrapped_lines(last, *last_width)
        };
        let starts = std::iter::once(beginning.as_str()).chain(std::iter::repeat(indent.as_str()));
        starts
            .zip(parts)
            .map(|(start, part)| format!("{start}{part}").trim_end().to_owned())
            .collect()
    }
}

fn padded(cell: &str, width: usize, is_number: bool) -> String {
    let padding = " ".repeat(width.saturating_sub(cell.width()));
    if is_number {
        format!("{padding}{cell}")
    } else {
        format!("{cell}{padding}")
    }
}

impl fmt::Display for TextTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.columns.iter().map(|column| column.name.to_owned()).collect();
        let widths = self.widths();
        let rows = std::iter::once(&names).chain(&self.rows);
        let lines: Vec<String> = rows.flat_map(|cells| self.lines(cells, &widths)).collect();
        f.write_str(&lines.join("\n"))
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
    fn the_last_column_is_wrapped_where_the_page_ends() {
        let mut table = TextTable::new(&["#ID", "Cause"]);
        table.row(["7".to_owned(), "word ".repeat(30)]);
        let text = table.to_string();
        let expected = format!(
            "ID  Cause\n 7  {}\n    {}",
            "word ".repeat(15).trim_end(),
            "word ".repeat(15).trim_end()
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_row_of_long_cells_fits_the_page() {
        let mut table = TextTable::new(&["Title", "Artist", "#Year"]);
        table.row([
            "two\nlines and \u{1b}[31mred".to_owned(),
            "x".repeat(5_000),
            "1999".to_owned(),
        ]);
        let text = table.to_string();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.lines().all(|line| line.width() <= PAGE_WIDTH), "{text}");
        assert!(text.ends_with("…  1999"), "{text}");
    }
}
