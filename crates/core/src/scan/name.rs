//! The name of a row, kept after the row itself has gone.

use std::hash::{Hash, Hasher};

use crate::ids::CallId;

/// How long an id may be to be kept in its place: a UUID has 36 bytes.
const SHORT: usize = 38;

/// The id of a row that was met.
///
/// It shares nothing with the row: small pieces that stay where all around them is freed would tear the allocator's memory up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// The bytes, and how many they are; zeros follow them.
    Short {
        text: [u8; SHORT],
        length: u8,
    },
    Long(CallId),
}

impl Name {
    pub(super) fn of(id: &CallId) -> Self {
        let bytes = id.as_str().as_bytes();
        let mut text = [0; SHORT];
        match (text.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(bytes);
                Self::Short { text, length }
            }
            _ => Self::Long(id.clone()),
        }
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Short { text, length } => {
                state.write(text.get(..usize::from(*length)).unwrap_or_default());
            }
            Self::Long(id) => id.hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_of_every_length_are_told_apart() {
        let texts: Vec<String> = (0..80)
            .flat_map(|length| ["a", "b", "\0"].map(|letter| letter.repeat(length)))
            .chain((0..2_000).map(|number| number.to_string()))
            .collect();
        let different: HashSet<&String> = texts.iter().collect();
        let names: HashSet<Name> =
            texts.iter().map(|text| Name::of(&text.as_str().into())).collect();
        assert_eq!(names.len(), different.len());
        assert_eq!(size_of::<Name>(), 40);
    }
}
