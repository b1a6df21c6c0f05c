use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares a checked text that is one half of a table's key.
macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "Box<str>", into = "Box<str>")]
        pub struct $name(Box<str>);

        impl $name {
            /// The most bytes of UTF-8 it may have.
            pub const MAX_BYTES: usize = $max;

            /// Takes a text as it is written; case, zeros and spaces stay.
            ///
            /// # Errors
            ///
            /// If it is blank, has more than `MAX_BYTES` bytes, or a character
            /// that nobody sees.
            pub fn new(text: impl Into<Box<str>>) -> Result<$name, KeyError> {
                let text = text.into();
                KeyError::check(&text, $what, Self::MAX_BYTES)?;
                Ok($name(text))
            }

            /// Takes a text that was checked already.
            pub(crate) fn checked(text: impl Into<Box<str>>) -> $name {
                let text = text.into();
                debug_assert!(KeyError::check(&text, $what, Self::MAX_BYTES).is_ok());
                $name(text)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<Box<str>> for $name {
            type Error = KeyError;

            fn try_from(text: Box<str>) -> Result<$name, KeyError> {
                $name::new(text)
            }
        }

        impl From<$name> for Box<str> {
            fn from(key: $name) -> Box<str> {
                key.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

key! {
    /// The name of a store, as its files write it: not blank, and at most
    /// 2,048 bytes, which is [DynamoDB's bound] for a partition key.
    ///
    /// [DynamoDB's bound]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    Store, "store", 2048
}

key! {
    /// The code of an item, as its store writes it: not blank, and at most
    /// 1,024 bytes, which is [DynamoDB's bound] for a sort key.
    ///
    /// It is text: leading zeros and case matter.
    ///
    /// [DynamoDB's bound]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    Item, "item", 1024
}

/// Why a text can be no [`Store`] or [`Item`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyError {
    /// It has nothing but white space.
    #[non_exhaustive]
    Blank {
        /// "store" or "item".
        what: &'static str,
    },
    /// It is longer than a table's key may be.
    #[non_exhaustive]
    TooLong {
        /// "store" or "item".
        what: &'static str,
        /// How many bytes it has.
        bytes: usize,
        /// How many bytes it may have.
        max: usize,
    },
    /// It has a character that nobody sees, so that it is another text than
    /// it looks like.
    #[non_exhaustive]
    Invisible {
        /// "store" or "item".
        what: &'static str,
        /// The character.
        character: char,
    },
}

impl KeyError {
    pub(crate) fn check(text: &str, what: &'static str, max: usize) -> Result<(), KeyError> {
        if text.trim().is_empty() {
            return Err(KeyError::Blank { what });
        }
        let bytes = text.len();
        if bytes > max {
            return Err(KeyError::TooLong { what, bytes, max });
        }
        match invisible(text) {
            Some(character) => Err(KeyError::Invisible { what, character }),
            None => Ok(()),
        }
    }
}

/// The first character that is a control one, takes no room, or turns the
/// direction of writing.
fn invisible(text: &str) -> Option<char> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    // Joiners change how letters of some alphabets look; in others nobody
    // sees them.
    let mut before = ' ';
    text.chars().find(|&c| {
        let joins_nothing = matches!(c, '\u{200c}' | '\u{200d}') && before.is_ascii();
        before = c;
        hidden(c) || joins_nothing
    })
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Blank { what } => write!(f, "{what} is blank"),
            KeyError::TooLong { what, bytes, max } => {
                write!(f, "{what} is {bytes} bytes long, more than the {max} of a table's key")
            }
            KeyError::Invisible { what, character } => {
                write!(
                    f,
                    "{what} has the character U+{:04X}, which nobody sees; take it out",
                    u32::from(*character)
                )
            }
        }
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_as_it_was_written() {
        assert_eq!(Item::new("0805 ").unwrap().as_str(), "0805 ");
    }

    #[test]
    fn a_key_has_no_character_that_nobody_sees() {
        let refused = |text: &str| Item::new(text).unwrap_err().to_string();
        assert_eq!(refused("te\u{1b}[31ma"), "item has the character U+001B, which nobody sees; take it out");
        for hidden in
            ["te\na", "tea\u{7f}", "tea\u{9b}", "te\u{200b}a", "tea\u{feff}", "\u{202e}tea", "te\u{200d}a"]
        {
            assert!(refused(hidden).contains("which nobody sees"), "{hidden:?}");
        }
        for plain in ["Café", "京都 四条", "می\u{200c}خواهم", "tea 🍵"] {
            assert!(Item::new(plain).is_ok(), "{plain}");
        }
    }

    #[test]
    fn blank_and_overlong_keys_are_refused() {
        assert_eq!(Store::new(" \t").unwrap_err().to_string(), "store is blank");
        assert!(Item::new("x".repeat(1024)).is_ok());
        assert_eq!(
            Item::new("é".repeat(513)).unwrap_err().to_string(),
            "item is 1026 bytes long, more than the 1024 of a table's key",
        );
        assert!(serde_json::from_str::<Item>("\"\"").is_err());
    }
}
