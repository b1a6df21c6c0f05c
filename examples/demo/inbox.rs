use std::collections::{HashMap, HashSet};
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A folder where people drop files.
pub(crate) struct Inbox {
    folder: PathBuf,
    seen: HashMap<PathBuf, State>,
    unlisted: HashSet<PathBuf>,
}

/// A file as it was when the folder was last looked at.
#[derive(Clone, Copy, PartialEq)]
struct State {
    length: u64,
    modified: SystemTime,
    taken: bool,
}

/// What is below a folder.
#[derive(Default)]
pub(crate) struct Listing {
    /// By name.
    pub(crate) files: Vec<PathBuf>,
    /// The folders that cannot be listed, and why.
    pub(crate) unlisted: Vec<(PathBuf, io::Error)>,
}

impl Inbox {
    /// Makes the folder if it is not there.
    pub(crate) fn open(folder: &Path) -> io::Result<Inbox> {
        let named = |error| format!("{}: cannot be the inbox: {error}", folder.display());
        fs::create_dir_all(folder).map_err(|error| io::Error::new(error.kind(), named(error)))?;
        Ok(Inbox { folder: folder.to_owned(), seen: HashMap::new(), unlisted: HashSet::new() })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files that are new or changed, and the folders of which it is new
    /// that they cannot be listed. A file that still grows has to stay the same
    /// from one look to the next.
    pub(crate) fn arrived(&mut self) -> Listing {
        let mut below = Listing::of(&self.folder);
        let unlisted = below.unlisted.iter().map(|(folder, _)| folder.clone()).collect();
        below.unlisted.retain(|(folder, _)| !self.unlisted.contains(folder));
        self.unlisted = unlisted;
        below.files.retain(|file| self.has_arrived(file));
        below
    }

    fn has_arrived(&mut self, file: &Path) -> bool {
        // It may be gone again, or be moved away while it is looked at. Pipes
        // and devices have no end.
        let Some(metadata) = fs::metadata(file).ok().filter(fs::Metadata::is_file) else { return false };
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let now = State { length: metadata.len(), modified, taken: false };
        let before = self.seen.insert(file.to_owned(), now);
        let stays = before.is_some_and(|before| State { taken: false, ..before } == now);
        self.seen.insert(file.to_owned(), State { taken: stays, ..now });
        stays && !before.is_some_and(|before| before.taken)
    }
}

impl Listing {
    /// Hidden files and folders are left out.
    pub(crate) fn of(folder: &Path) -> Listing {
        let mut below = Listing::default();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder).and_then(Iterator::collect);
            let entries: Vec<DirEntry> = match entries {
                Ok(entries) => entries,
                Err(error) => {
                    below.unlisted.push((folder, error));
                    continue;
                }
            };
            for entry in entries {
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder { &mut folders } else { &mut below.files }.push(entry.path());
            }
        }
        below.files.sort();
        below
    }
}
