//! Field types for wire rows, as lenient as vendors are loose.
//!
//! Each accepts any JSON at all: what is of its kind becomes a value, what is not becomes absent, so that drift costs a field
//! and never a row. `null`, `""`, `{}` and `[]` are absent. Use them with `#[serde(default)]`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use callmux_core::{Decimal, JsonMap, decimal_from_json};
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::rows::without_half_characters;

/// 2^53: beyond it a float no longer names one whole number.
const WHOLE_FLOATS: f64 = 9_007_199_254_740_992.0;

/// Declares the objects of a vendor's rows: every field may be missing, unknown ones are skipped.
///
/// The first word is the vendor's case of names, as serde's `rename_all` knows it.
///
/// ```
/// callmux_http::wire_objects! { "camelCase";
///     /// A row.
///     pub struct Row { id: Text, created_at: Text, customer: Loose<Customer> }
///     /// A part of it.
///     pub struct Customer { number: Text }
/// }
/// let row: Row = serde_json::from_str(r#"{"id": 7, "customer": {"number": "+1"}}"#).unwrap();
/// assert_eq!(row.id.as_deref(), Some("7"));
/// ```
#[macro_export]
macro_rules! wire_objects {
    ($case:literal; $( $(#[$meta:meta])* pub struct $name:ident $(<$lifetime:lifetime>)? {
        $( $(#[$field_meta:meta])* $field:ident: $type:ty ),* $(,)?
    } )*) => {
        #[allow(unused_imports, reason = "not every vendor has every kind of field")]
        use $crate::wire::{Amount, Flag, Items, Loose, Number, Object, Text, TextOrItems, Unread, Whole, Word};
        $(
            $(#[$meta])*
            #[derive(Debug, Default, serde::Deserialize)]
            #[serde(default, rename_all = $case)]
            pub struct $name $(<$lifetime>)? { $( $(#[$field_meta])* pub(crate) $field: $type, )* }
        )*
    };
}

/// A text. Numbers and booleans are taken as their text; blank is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Option<String>);

impl Text {
    /// The text, if there is one.
    #[must_use]
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// A text that is compared with short words and not kept, so that it takes no memory of its own. A longer text is none of them,
/// and absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Word {
    bytes: [u8; Self::LONGEST],
    length: u8,
}

impl Word {
    const LONGEST: usize = 23;

    fn of(text: &str) -> Self {
        let mut word = Self::default();
        if let Some(place) = word.bytes.get_mut(..text.len()) {
            place.copy_from_slice(text.as_bytes());
            word.length = text.len() as u8;
        }
        word
    }

    /// The word, if there is one.
    #[must_use]
    pub fn as_deref(&self) -> Option<&str> {
        let word = self.bytes.get(..self.length.into())?;
        std::str::from_utf8(word).ok().filter(|word| !word.is_empty())
    }
}

/// A whole number. Numeric texts and whole floats are taken too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole(pub Option<i64>);

/// A number that is not money: seconds, a timestamp. Numeric texts are taken too.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Number(pub Option<f64>);

/// Whether. The texts `true` and `false` are taken too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub Option<bool>);

/// An amount, exactly: a number or a numeric text, read from its digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Amount {
    /// None given.
    #[default]
    Absent,
    /// This much.
    Exact(Decimal),
    /// Something was given that is no number, or has more digits than can be held: its own text.
    Unreadable(String),
}

impl Amount {
    /// The amount, if it was given and could be read.
    #[must_use]
    pub fn exact(&self) -> Option<Decimal> {
        match self {
            Self::Exact(amount) => Some(*amount),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }

    /// The text of an amount that was given and could not be read.
    #[must_use]
    pub fn unreadable(&self) -> Option<&str> {
        match self {
            Self::Unreadable(text) => Some(text),
            Self::Absent | Self::Exact(_) => None,
        }
    }
}

/// A JSON object. A list that is not empty is taken as an object keyed by index: PHP writes such maps as lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(pub Option<JsonMap>);

/// An object of a known shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loose<T>(pub Option<T>);

impl<T> Default for Loose<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// A list of objects of a known shape; an item that is no object is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items<T>(pub Vec<T>);

/// A text, or a list of objects of a known shape. Anything else is an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextOrItems<T> {
    /// A text, blank or not.
    Text(String),
    /// The items that are objects.
    Items(Vec<T>),
}

impl<T> Default for TextOrItems<T> {
    fn default() -> Self {
        Self::Items(Vec::new())
    }
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A value that is read only where it is needed, from its own text. The text is borrowed: the field that holds it, and each that
/// holds that, is marked `#[serde(borrow)]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unread<'a>(Option<&'a RawValue>);

impl Unread<'_> {
    /// The value; absent where it was, or where it cannot be read.
    #[must_use]
    pub fn read<T: DeserializeOwned + Default>(&self) -> T {
        let Some(json) = self.0.map(RawValue::get) else { return T::default() };
        serde_json::from_str(json)
            .or_else(|error| match without_half_characters(json) {
                None => Err(error),
                Some(mended) => serde_json::from_str(&mended),
            })
            .unwrap_or_default()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Unread<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw)))
    }
}

/// Implements `Deserialize` by a visitor that ignores every kind of value it has no method for.
macro_rules! lenient {
    ($visitor:ident $(<$t:ident>)? => $value:ty { $($method:item)* }) => {
        struct $visitor $(<$t>(PhantomData<$t>))?;

        impl<'de $(, $t: Deserialize<'de>)?> Visitor<'de> for $visitor $(<$t>)? {
            type Value = $value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Self::Value::default())
            }

            $($method)*
        }
    };
}

macro_rules! ignore {
    (bool) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (i64) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (u64) => {
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (f64) => {
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (str) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

lenient!(TextVisitor => Text {
    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text((!text.trim().is_empty()).then(|| text.to_owned())))
    }
    fn visit_string<E>(self, text: String) -> Result<Text, E> {
        Ok(Text((!text.trim().is_empty()).then_some(text)))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Text, E> { Ok(Text(Some(value.to_string()))) }
    fn visit_i64<E>(self, value: i64) -> Result<Text, E> { Ok(Text(Some(value.to_string()))) }
    fn visit_u64<E>(self, value: u64) -> Result<Text, E> { Ok(Text(Some(value.to_string()))) }
    fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
        // Beyond this several numbers share one float, and two ids would become one.
        Ok(Text((value.abs() < WHOLE_FLOATS).then(|| value.to_string())))
    }
    ignore!(seq);
    ignore!(map);
});

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

lenient!(WordVisitor => Word {
    fn visit_str<E>(self, text: &str) -> Result<Word, E> { Ok(Word::of(text)) }
    ignore!(bool);
    ignore!(i64);
    ignore!(u64);
    ignore!(f64);
    ignore!(seq);
    ignore!(map);
});

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor)
    }
}

lenient!(NumberVisitor => Number {
    fn visit_str<E>(self, text: &str) -> Result<Number, E> {
        Ok(Number(text.trim().parse().ok().filter(|number: &f64| number.is_finite())))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Number, E> { Ok(Number(Some(value as f64))) }
    fn visit_u64<E>(self, value: u64) -> Result<Number, E> { Ok(Number(Some(value as f64))) }
    fn visit_f64<E>(self, value: f64) -> Result<Number, E> { Ok(Number(Some(value))) }
    ignore!(bool);
    ignore!(seq);
    ignore!(map);
});

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

lenient!(WholeVisitor => Whole {
    fn visit_str<E>(self, text: &str) -> Result<Whole, E> { Ok(Whole(text.trim().parse().ok())) }
    fn visit_i64<E>(self, value: i64) -> Result<Whole, E> { Ok(Whole(Some(value))) }
    fn visit_u64<E>(self, value: u64) -> Result<Whole, E> { Ok(Whole(value.try_into().ok())) }
    fn visit_f64<E>(self, value: f64) -> Result<Whole, E> {
        let whole = value.fract().abs() < f64::EPSILON && value.abs() < WHOLE_FLOATS;
        Ok(Whole(whole.then_some(value as i64)))
    }
    ignore!(bool);
    ignore!(seq);
    ignore!(map);
});

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

lenient!(FlagVisitor => Flag {
    fn visit_bool<E>(self, value: bool) -> Result<Flag, E> { Ok(Flag(Some(value))) }
    fn visit_str<E>(self, text: &str) -> Result<Flag, E> { Ok(Flag(text.trim().parse().ok())) }
    ignore!(i64);
    ignore!(u64);
    ignore!(f64);
    ignore!(seq);
    ignore!(map);
});

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FlagVisitor)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The text itself, since a float on the way would change the digits.
        let text = <&RawValue>::deserialize(deserializer)?.get();
        let unquoted = if text.starts_with('"') { unquoted(text) } else { Cow::Borrowed(text) };
        let number = unquoted.trim();
        let is_absent = matches!(number, "" | "null")
            || matches!(number.as_bytes(), [b'{', inner @ .., b'}'] | [b'[', inner @ .., b']']
                if inner.iter().all(u8::is_ascii_whitespace));
        if is_absent {
            return Ok(Self::Absent);
        }
        Ok(decimal_from_json(number)
            .map_or_else(|_| Self::Unreadable(number.chars().take(60).collect()), Self::Exact))
    }
}

/// What a JSON text says; itself, where that cannot be read.
fn unquoted(text: &str) -> Cow<'_, str> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inner.filter(|inner| !inner.contains('\\')) {
        Some(inner) => Cow::Borrowed(inner),
        None => serde_json::from_str(text).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

lenient!(ObjectVisitor => Object {
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Object, A::Error> {
        let map = JsonMap::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(Object((!map.is_empty()).then_some(map)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Object, A::Error> {
        let mut map = JsonMap::new();
        while let Some(item) = items.next_element::<Value>()? {
            map.insert(map.len().to_string(), item);
        }
        Ok(Object((!map.is_empty()).then_some(map)))
    }
    ignore!(bool);
    ignore!(i64);
    ignore!(u64);
    ignore!(f64);
    ignore!(str);
});

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor)
    }
}

lenient!(LooseVisitor<T> => Loose<T> {
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Loose<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(|value| Loose(Some(value)))
    }
    ignore!(bool);
    ignore!(i64);
    ignore!(u64);
    ignore!(f64);
    ignore!(str);
    ignore!(seq);
});

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor(PhantomData))
    }
}

lenient!(ItemsVisitor<T> => Items<T> {
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Items<T>, A::Error> {
        let mut kept = Vec::new();
        while let Some(Loose(item)) = items.next_element::<Loose<T>>()? {
            kept.extend(item);
        }
        Ok(Items(kept))
    }
    ignore!(bool);
    ignore!(i64);
    ignore!(u64);
    ignore!(f64);
    ignore!(str);
    ignore!(map);
});

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor(PhantomData))
    }
}

lenient!(TextOrItemsVisitor<T> => TextOrItems<T> {
    fn visit_str<E>(self, text: &str) -> Result<TextOrItems<T>, E> {
        Ok(TextOrItems::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<TextOrItems<T>, A::Error> {
        ItemsVisitor(PhantomData).visit_seq(items).map(|items| TextOrItems::Items(items.0))
    }
    ignore!(bool);
    ignore!(i64);
    ignore!(u64);
    ignore!(f64);
    ignore!(map);
});

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOrItems<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrItemsVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests;
