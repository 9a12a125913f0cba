//! The files that a run is about to change, so that a run that fails can put them back.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::files_below;

fn files_of(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let files = folders.iter().map(|folder| files_below(folder)).collect::<Result<Vec<_>>>()?;
    Ok(files.concat())
}

/// The files that are about to change.
pub(super) struct Before {
    files: Vec<(PathBuf, Vec<u8>)>,
    /// Those that do not exist yet.
    absent: Vec<PathBuf>,
    /// The folders of generated files.
    folders: [PathBuf; 2],
}

impl Before {
    pub(super) fn take(files: &[&Path], folders: [PathBuf; 2]) -> Result<Self> {
        let read = |path: PathBuf| -> Result<(PathBuf, Vec<u8>)> {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok((path, bytes))
        };
        let (kept, absent): (Vec<&Path>, Vec<&Path>) = files.iter().partition(|path| path.exists());
        let absent = absent.into_iter().map(Path::to_owned).collect();
        let mut files = kept.into_iter().map(|path| read(path.to_owned())).collect::<Result<Vec<_>>>()?;
        for path in files_of(&folders)? {
            files.push(read(path)?);
        }
        Ok(Self { files, absent, folders })
    }

    pub(super) fn restore(&self) -> Result<()> {
        for path in files_of(&self.folders)? {
            if !self.files.iter().any(|(known, _)| *known == path) {
                fs::remove_file(path)?;
            }
        }
        for path in self.absent.iter().filter(|path| path.exists()) {
            fs::remove_file(path)?;
        }
        for (path, bytes) in &self.files {
            if fs::read(path).ok().as_ref() != Some(bytes) {
                fs::write(path, bytes)?;
            }
        }
        Ok(())
    }
}
