//! Tables that line up, also where a character takes two columns or none.
//! A cell is one line: what would break it, or steer a terminal, is taken out.

use std::fmt;

use unicode_width::UnicodeWidthStr as _;

use super::words::shortened;

/// The widest a cell gets.
const WIDEST: usize = 60;
const GAP: &str = "  ";

/// A table under construction.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, Clone)]
struct Column {
    name: &'static str,
    is_number: bool,
}

impl Table {
    /// A table with these columns; the name of one with numbers, which stand right, begins with `#`.
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

    /// Adds a row, a cell for each column.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.columns.len());
        self.rows
            .push(cells.iter().map(|cell| shortened(cell, WIDEST)).collect());
    }

    fn width(&self, place: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[place].width());
        cells.chain([self.columns[place].name.width()]).max().unwrap_or(0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.columns.iter().map(|column| column.name.to_owned()).collect();
        let widths: Vec<usize> = (0..self.columns.len()).map(|place| self.width(place)).collect();
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
    fn columns_line_up_in_every_script() {
        let mut table = Table::new(&["Producer", "#Tracks"]);
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
    fn a_cell_stays_in_its_place() {
        let mut table = Table::new(&["Title", "#Year"]);
        table.row(["two\nlines and \u{1b}[31mred".to_owned(), String::new()]);
        table.row(["x".repeat(5_000), "1999".to_owned()]);
        let text = table.to_string();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert_eq!(text.lines().last().map(str::len), Some(59 + "…".len() + 2 + 4));
    }
}
