//! Names that must not be mixed up: a vendor, an account of it, a call in that account.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! text_newtype {
    ($(#[$meta:meta])* $name:ident($inner:ty)) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name($inner);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<$inner>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }
    };
}

text_newtype! {
    /// A vendor's identifier: `vapi`, `autocalls`, `burki`. Lower case, stable.
    VendorId(Arc<str>)
}
text_newtype! {
    /// The label of one credential at a vendor, chosen by the user; the vendor's name where none was chosen.
    AccountId(Arc<str>)
}
text_newtype! {
    /// A call's identifier at its vendor, as text; unique within one account.
    CallId(Arc<str>)
}
