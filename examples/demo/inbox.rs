use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A folder where people drop files.
pub(crate) struct Inbox {
    folder: PathBuf,
    seen: HashMap<PathBuf, State>,
}

/// A file as it was when the folder was last looked at.
#[derive(Clone, Copy, PartialEq)]
struct State {
    length: u64,
    modified: SystemTime,
    taken: bool,
}

impl Inbox {
    /// Makes the folder if it is not there.
    pub(crate) fn open(folder: &Path) -> io::Result<Inbox> {
        std::fs::create_dir_all(folder)?;
        Ok(Inbox { folder: folder.to_owned(), seen: HashMap::new() })
    }

    /// The files that are new or changed, below the folder and by name. One
    /// that still grows has to stay the same from one look to the next.
    pub(crate) fn arrived(&mut self) -> io::Result<Vec<PathBuf>> {
        let mut arrived = Vec::new();
        for file in files_below(&self.folder)? {
            // It may be gone again, or be moved away while it is looked at.
            let Ok(metadata) = std::fs::metadata(self.folder.join(&file)) else {
                continue;
            };
            let now = State { length: metadata.len(), modified: metadata.modified()?, taken: false };
            let before = self.seen.insert(file.clone(), now);
            match before {
                Some(State { taken: true, .. }) if before == Some(State { taken: true, ..now }) => {
                    self.seen.insert(file, State { taken: true, ..now });
                }
                Some(before) if before == now => {
                    self.seen.insert(file.clone(), State { taken: true, ..now });
                    arrived.push(file);
                }
                _ => {}
            }
        }
        Ok(arrived)
    }
}

/// The files below a folder, by their paths from there, hidden ones left out.
pub(crate) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            let path = inner.join(entry.file_name());
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
