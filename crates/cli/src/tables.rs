//! Tables for people.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

/// A table without frames: a header, a rule, rows. The columns named are flush right.
pub(crate) fn grid(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    flush_right: &[usize],
) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|name| Cell::new(name.replace('_', " "))));
    let right = |index: usize| flush_right.contains(&index);
    for row in rows {
        table.add_row(row.into_iter().enumerate().map(|(index, text)| {
            let alignment = if right(index) { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(alignment)
        }));
    }
    for index in flush_right {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}
