//! Our word and the vendor's, side by side.

/// A normalised value with the vendor's own word for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Labeled<T> {
    /// Ours.
    pub value: T,
    /// The vendor's, as it was sent; `None` where the value was not read from a word.
    pub word: Option<String>,
}

impl<T> Labeled<T> {
    /// A value read from a vendor's word.
    pub fn new(value: T, word: impl Into<String>) -> Self {
        Self { value, word: Some(word.into()) }
    }
}

impl<T> From<T> for Labeled<T> {
    fn from(value: T) -> Self {
        Self { value, word: None }
    }
}
