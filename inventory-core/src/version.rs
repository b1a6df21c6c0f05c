use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// Which of two uploads is newer: the time its stock was counted, then the
/// order in which the bucket took it. Sorts as text. Copies are cheap.
///
/// # Example
///
/// ```
/// use inventory_core::Version;
///
/// let time = "2026-11-02T06:00:00Z".parse().unwrap();
/// let version = Version::new(time, "0055AED6DCD90281E0");
/// assert_eq!(version.as_str(), "2026-11-02T06:00:00.000Z/0055aed6dcd90281e");
/// assert!(version < Version::new(time, "0055AED6DCD90281E6"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Arc<str>);

impl Version {
    /// The version of an upload whose stock was counted at a time, to the
    /// millisecond. The sequencer is the hexadecimal number that S3 gives with
    /// an object's event; of two of different lengths, the shorter has zeros
    /// to its right, as [S3's documentation] says, so that zeros at the end
    /// make no difference and are left out.
    ///
    /// [S3's documentation]: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    pub fn new(counted: Timestamp, sequencer: &str) -> Version {
        let sequencer = sequencer.trim_end_matches('0').to_ascii_lowercase();
        Version(format!("{counted:.3}/{sequencer}").into())
    }

    /// A version as a table keeps it.
    pub fn from_stored(text: &str) -> Version {
        Version(text.into())
    }

    /// The text that a table keeps.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
