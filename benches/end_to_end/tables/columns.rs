//! How a table is printed.

/// Rows under a head, each printed as soon as it is known. A column is as wide as its head says.
pub(super) struct Columns<const N: usize>([&'static str; N]);

impl<const N: usize> Columns<N> {
    /// Begins a table: what it shows, and its columns. A head that ends in a space is of words, which stand to the left.
    pub(super) fn begin(heading: &str, heads: [&'static str; N]) -> Self {
        println!("\n## {heading}\n");
        println!("{}", heads.join("  ").trim_end());
        Self(heads)
    }

    pub(super) fn row(&self, cells: &[String; N]) {
        let padded: Vec<String> = self
            .0
            .iter()
            .zip(cells)
            .map(|(head, cell)| match (head.ends_with(' '), head.len()) {
                (true, width) => format!("{cell:<width$}"),
                (false, width) => format!("{cell:>width$}"),
            })
            .collect();
        println!("{}", padded.join("  ").trim_end());
    }
}
