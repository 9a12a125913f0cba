//! `openapi/versions.toml`: the versions of the API that the repository holds, and the one that is generated.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// The file, from the root of the workspace.
pub const FILE: &str = "openapi/versions.toml";

/// The versions of the API in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The version that the crates speak.
    pub current: String,
    /// All versions, the current one among them.
    pub versions: Vec<String>,
    /// The version of the webhooks.
    pub webhooks: String,
    /// All versions that Cashfree has published. The sandbox accepts a request of any of them.
    pub published: Vec<String>,
}

/// The files of one version, from the root of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The document.
    pub document: String,
    /// Its corrections.
    pub overlay: String,
    /// Its descriptions.
    pub wording: String,
}

impl Versions {
    /// Reads the file of the workspace at `root`.
    ///
    /// # Errors
    /// When the file can't be read, or its current version is not in its list.
    pub fn read(root: &Path) -> Result<Self> {
        let path = root.join(FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let versions: Self =
            toml::from_str(&text).with_context(|| format!("{} is malformed", path.display()))?;
        ensure!(
            versions.versions.contains(&versions.current),
            "{FILE}: the current version {} is not in the list of versions",
            versions.current
        );
        Ok(versions)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// When a version can't be written as TOML, which does not happen.
    pub fn to_text(&self) -> Result<String> {
        let head = "# The versions of the API in this repository. The crates speak `current`; a release speaks one.\n";
        Ok(format!("{head}{}", toml::to_string(self)?))
    }

    /// The files of the current version.
    pub fn current(&self) -> Files {
        Files::of(&self.current)
    }

    /// The document of the webhooks.
    pub fn events(&self) -> String {
        format!("openapi/webhooks/v{}.yaml", self.webhooks)
    }
}

impl Files {
    /// The files of a version, named as Cashfree names its own.
    pub fn of(version: &str) -> Self {
        let file = |kind: &str| format!("openapi/payments/v{version}{kind}.yaml");
        Self { document: file(""), overlay: file(".overlay"), wording: file(".wording") }
    }

    /// The same below a folder.
    pub fn below(&self, root: &Path) -> [PathBuf; 3] {
        [&self.document, &self.overlay, &self.wording].map(|file| root.join(file))
    }
}

/// Whether a text is a version: a date such as `2023-08-01`.
pub fn is_version(text: &str) -> bool {
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    matches!(text.split('-').collect::<Vec<_>>()[..], [year, month, day]
        if digits(year, 4) && digits(month, 2) && digits(day, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_date() {
        assert!(is_version("2023-08-01"));
        assert!(!["", "v2023-08-01", "2023-8-1", "../x", "2023-08-01-"].iter().any(|text| is_version(text)));
    }

    #[test]
    fn a_file_is_read_as_it_was_written() -> Result<()> {
        let versions = Versions {
            current: "2024-01-08".to_owned(),
            versions: vec!["2024-01-08".to_owned(), "2024-02-08".to_owned()],
            webhooks: "2024-01-08".to_owned(),
            published: vec!["2021-05-21".to_owned(), "2024-01-08".to_owned()],
        };
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("openapi"))?;
        fs::write(folder.path().join(FILE), versions.to_text()?)?;
        assert_eq!(Versions::read(folder.path())?, versions);
        let other = Versions { current: "2023-08-01".to_owned(), ..versions };
        fs::write(folder.path().join(FILE), other.to_text()?)?;
        assert!(Versions::read(folder.path()).is_err());
        Ok(())
    }
}
