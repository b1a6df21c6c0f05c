use aws_sdk_s3::operation::get_object::GetObjectOutput;
use jiff::Timestamp;

use crate::load::Reason;
use crate::upload::Upload;

/// What the uploader asks for in the object's metadata.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked {
    /// When the stock was counted.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) mode: Mode,
    /// It is right that the upload empties a store.
    pub(crate) is_confirmed: bool,
}

/// What is to be done with a file.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mode {
    /// Say what would change, and change nothing.
    pub(crate) is_dry: bool,
    /// The file is the whole stock of the stores that it names.
    pub(crate) is_snapshot: bool,
}

impl Asked {
    /// Reads it of an upload's file, once that is opened.
    pub(crate) fn of(upload: &Upload, opened: &GetObjectOutput) -> Result<Asked, Reason> {
        if upload.is_misplaced() {
            return Err(Reason::Key);
        }
        let as_of = metadata(opened, "as-of").map(|text| counted_at(text, upload)).transpose()?;
        let is_confirmed = match metadata(opened, "confirm") {
            None | Some("" | "no") => false,
            Some("yes") => true,
            Some(other) => return Err(Reason::Confirm(other.to_owned())),
        };
        Ok(Asked { as_of, mode: Mode::of(opened)?, is_confirmed })
    }
}

impl Mode {
    /// What is said, even where something else of it makes no sense.
    pub(crate) fn said(opened: &GetObjectOutput) -> Mode {
        let is_dry = metadata(opened, "mode").is_some_and(|mode| mode.contains("dry-run"));
        Mode { is_dry, ..Mode::default() }
    }

    /// Reads it of a file that is opened.
    pub(crate) fn of(opened: &GetObjectOutput) -> Result<Mode, Reason> {
        let mut mode = Mode::default();
        let text = metadata(opened, "mode").unwrap_or_default();
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            match word {
                "dry-run" => mode.is_dry = true,
                "snapshot" => mode.is_snapshot = true,
                "adjust" => return Err(Reason::Adjust),
                _ => return Err(Reason::Mode(text.to_owned())),
            }
        }
        Ok(mode)
    }
}

/// What an object's metadata says under a name.
fn metadata<'a>(opened: &'a GetObjectOutput, name: &str) -> Option<&'a str> {
    opened.metadata.as_ref()?.get(name).map(|text| text.trim())
}

/// The time that an upload says its stock was counted at. One that is later
/// than the upload would outdate every upload until then.
fn counted_at(text: &str, upload: &Upload) -> Result<Timestamp, Reason> {
    match text.parse::<Timestamp>() {
        Ok(time) if time <= upload.time => Ok(time),
        _ => Err(Reason::AsOf(text.to_owned())),
    }
}
