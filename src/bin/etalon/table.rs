//! Rows of text in columns as wide as they need to be.

use crate::output::Output;

/// Prints a heading and rows below it; nothing if there are no rows.
pub fn print<const COLUMNS: usize>(
    out: &mut Output,
    heading: [&str; COLUMNS],
    rows: &[[String; COLUMNS]],
) {
    if rows.is_empty() {
        return;
    }
    let mut widths = heading.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut line = |cells: [&str; COLUMNS]| {
        let padded = cells.iter().zip(widths);
        let padded = padded.map(|(cell, width)| format!("{cell:<width$}"));
        out.line(padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(heading);
    for row in rows {
        line(row.each_ref().map(String::as_str));
    }
}
