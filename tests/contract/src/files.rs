//! The files that a program is to check: named one by one, or by their folder.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A file to be checked.
#[derive(Debug)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was named itself. Otherwise its folder was, which may hold other things, too.
    pub is_named: bool,
}

impl File {
    /// Reads it whole.
    ///
    /// # Errors
    /// The reason, for the report.
    pub fn read(&self) -> Result<Vec<u8>, String> {
        let read = match self.path.is_dir() {
            // Its files are listed in its place, unless it can't be opened.
            true => fs::read_dir(&self.path).map(|_| Vec::new()),
            false => fs::read(&self.path),
        };
        read.map_err(|error| format!("cannot be read: {error}"))
    }

    /// Its name without the folder.
    pub fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

/// Lists files, and the files directly in folders, each by name. A path that does not exist is listed, too: reading it
/// fails.
pub fn list(paths: &[impl AsRef<Path>]) -> Vec<File> {
    let mut files = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        let entries = match path.is_dir().then(|| fs::read_dir(path)) {
            Some(Ok(entries)) => entries,
            // Reading it gives the reason.
            Some(Err(_)) | None => {
                files.push(File { path: path.to_owned(), is_named: true });
                continue;
            }
        };
        let entries = entries.filter_map(|entry| Some(entry.ok()?.path()));
        // Neither folders nor devices. What can't be asked for its kind, as a link to nothing, is listed.
        let is_file = |path: &PathBuf| fs::metadata(path).map_or(true, |about| about.is_file());
        let mut inside: Vec<PathBuf> = entries.filter(is_file).collect();
        inside.sort();
        files.extend(inside.into_iter().map(|path| File { path, is_named: false }));
    }
    files
}
