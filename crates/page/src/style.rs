//! How the page looks.

/// The style sheet. It names nothing outside the page.
pub(crate) const STYLE: &str = include_str!("style.css");
