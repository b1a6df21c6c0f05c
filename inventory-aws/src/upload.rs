use std::fmt;

use aws_lambda_events::event::s3::S3EventRecord;
use inventory_core::{Store, Version};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use crate::error::{Error, ErrorKind};

/// One file that a store put in the bucket, as the bucket's event tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upload {
    /// The bucket.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// The object's version, in a bucket that keeps versions.
    pub object_version: Option<String>,
    /// How many bytes it has, if an event told.
    pub size: Option<u64>,
    /// When it was put there.
    pub time: Timestamp,
    /// What orders the events of one key; hexadecimal digits.
    pub sequencer: String,
}

impl Upload {
    /// An upload that no event tells of, such as one of those that were there
    /// before. The sequencer orders the uploads of one time.
    pub fn new(
        bucket: impl Into<String>,
        key: impl Into<String>,
        time: Timestamp,
        sequencer: impl Into<String>,
    ) -> Upload {
        let (bucket, key, sequencer) = (bucket.into(), key.into(), sequencer.into());
        Upload { bucket, key, object_version: None, size: None, time, sequencer }
    }

    /// Reads a record of an S3 event; `None` if it tells of no new object.
    ///
    /// # Errors
    ///
    /// If the record lacks what every such event has.
    pub fn from_event(record: &S3EventRecord) -> Result<Option<Upload>, Error> {
        let name = record.event_name.as_deref().unwrap_or_default();
        if !name.trim_start_matches("s3:").starts_with("ObjectCreated:") {
            return Ok(None);
        }
        let needed = |field: &Option<String>, what: &str| {
            let missing = || Error::new(ErrorKind::Invalid, format!("read an S3 event without {what}"));
            field.clone().filter(|text| !text.is_empty()).ok_or_else(missing)
        };
        let object = &record.s3.object;
        let time = Timestamp::from_millisecond(record.event_time.timestamp_millis());
        Ok(Some(Upload {
            bucket: needed(&record.s3.bucket.name, "a bucket")?,
            key: decoded(&needed(&object.key, "a key")?),
            size: object.size.and_then(|size| size.try_into().ok()),
            object_version: object.version_id.clone().filter(|id| !id.is_empty()),
            time: time.map_err(|error| {
                Error::new(ErrorKind::Invalid, "read an S3 event's time").caused_by(error)
            })?,
            sequencer: needed(&object.sequencer, "a sequencer")?,
        }))
    }

    /// The only store that the upload may speak of: a key
    /// `stores/<store>/<file>` says so.
    pub fn scope(&self) -> Option<Store> {
        scope(&self.key)
    }

    /// Where its file is.
    pub(crate) fn object(&self) -> Object {
        let Upload { bucket, key, object_version, .. } = self.clone();
        Object { bucket, key, version: object_version }
    }

    /// Whether the key is under `stores/` without naming a store there, so
    /// that nobody can tell whose rows it may have.
    pub(crate) fn is_misplaced(&self) -> bool {
        self.key.starts_with("stores/") && self.scope().is_none()
    }

    /// Which of two uploads is newer: by the time its stock was counted, if
    /// its metadata says so, or else by the time it was put there.
    pub(crate) fn version(&self, as_of: Option<Timestamp>) -> Version {
        Version::new(as_of.unwrap_or(self.time), &self.sequencer)
    }
}

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Object {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

impl Object {
    pub(crate) fn scope(&self) -> Option<Store> {
        scope(&self.key)
    }
}

/// The same as in messages.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

fn scope(key: &str) -> Option<Store> {
    let (store, file) = key.strip_prefix("stores/")?.split_once('/')?;
    if file.is_empty() {
        return None;
    }
    Store::new(store).ok()
}

/// An event's key is encoded as in a form: a plus is a space.
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}
