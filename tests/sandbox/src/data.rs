//! The file that an account is kept in: see [`Builder::data`](crate::Builder::data).
//!
//! Each object is a row. What an operation changed is written in one transaction, before the response leaves;
//! operations that end while a transaction is written share the next one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result, bail};
use redb::{
    Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTable, StorageError, TableDefinition,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

/// The rows, by `table/key`.
const ROWS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("rows");
/// What the file is, in a table of its own.
const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("about");
/// The version of the sandbox that wrote it: the form of the rows belongs to it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Bytes of the file that the database keeps in memory. Rows are read at start alone: the account is in memory.
const CACHE: usize = 32 << 20;

/// A step of a change.
#[derive(Debug)]
enum Row {
    Put(String, Vec<u8>),
    Remove(String),
    /// All rows are removed.
    Clear,
}

/// Rows of one change.
#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Row>);

impl Rows {
    pub(crate) fn put(&mut self, table: &str, key: &str, value: &impl Serialize) {
        // The state has nothing that JSON can't hold.
        if let Ok(content) = serde_json::to_vec(value) {
            self.0.push(Row::Put(format!("{table}/{key}"), content));
        }
    }

    pub(crate) fn remove(&mut self, table: &str, key: &str) {
        self.0.push(Row::Remove(format!("{table}/{key}")));
    }

    /// Removes all rows that are there.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
        self.0.push(Row::Clear);
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn unreadable_row(name: &str) -> String {
    format!("{name} can't be read: another build of the sandbox wrote it, or it is damaged")
}

/// What a file held when it was opened.
pub(crate) struct Content(ReadOnlyTable<&'static str, &'static [u8]>);

impl Content {
    /// The rows of a table, in the order of their keys.
    pub(crate) fn table<T: DeserializeOwned>(&self, table: &str) -> Result<Vec<(String, T)>> {
        let prefix = format!("{table}/");
        let mut rows = Vec::new();
        for row in self.0.range(prefix.as_str()..)? {
            let (name, content) = row?;
            let name = name.value();
            let Some(key) = name.strip_prefix(&prefix) else { break };
            let value = serde_json::from_slice(content.value()).with_context(|| unreadable_row(name))?;
            rows.push((key.to_owned(), value));
        }
        Ok(rows)
    }

    /// A single row.
    pub(crate) fn row<T: DeserializeOwned>(&self, table: &str, key: &str) -> Result<Option<T>> {
        let name = format!("{table}/{key}");
        let Some(content) = self.0.get(name.as_str())? else { return Ok(None) };
        serde_json::from_slice(content.value()).with_context(|| unreadable_row(&name)).map(Some)
    }
}

/// A file that is written to.
pub(crate) struct Data {
    path: PathBuf,
    changes: Sender<(u64, Rows)>,
    sent: AtomicU64,
    /// The last change that is written; an error once there was one.
    written: watch::Receiver<Result<u64, String>>,
}

impl Data {
    /// Opens a file, or makes it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Content)> {
        let (database, content) =
            load_apart(path).with_context(|| format!("the data file {}", path.display()))?;
        let (changes, waiting) = channel();
        let (progress, written) = watch::channel(Ok(0));
        thread::Builder::new()
            .name("data".to_owned())
            .spawn(move || write_all(&database, &waiting, &progress))?;
        Ok((Self { path: path.to_owned(), changes, sent: AtomicU64::new(0), written }, content))
    }

    /// Hands over what one operation changed. To be called under the lock of the state, for the order.
    pub(crate) fn write(&self, rows: Rows) {
        let number = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        // The thread ends after an error alone, which `written` returns.
        let _ = self.changes.send((number, rows));
    }

    /// Waits until all that was handed over so far is on the disk.
    pub(crate) async fn written(&self) -> Result<()> {
        let number = self.sent.load(Ordering::SeqCst);
        let mut written = self.written.clone();
        let reached = written.wait_for(|last| last.as_ref().map_or(true, |last| *last >= number)).await;
        match reached.as_deref() {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(reason)) => bail!("writing the data file {}: {reason}", self.path.display()),
            Err(_) => bail!("the data file {} is closed", self.path.display()),
        }
    }
}

/// What is said of a file that the database can't read.
const UNREADABLE: &str = "it is damaged, or no data file of a sandbox: use another one, or remove it and begin with an empty account";

/// Loads a file in a thread of its own: the database panics where a damaged file breaks its assumptions.
fn load_apart(path: &Path) -> Result<(Database, Content)> {
    let loaded = thread::scope(|scope| {
        let loading = thread::Builder::new().name("data".to_owned()).spawn_scoped(scope, || load(path))?;
        anyhow::Ok(loading.join())
    });
    loaded?.unwrap_or_else(|_| bail!(UNREADABLE))
}

fn load(path: &Path) -> Result<(Database, Content)> {
    let is_invalid = |error: &io::Error| error.kind() == io::ErrorKind::InvalidData;
    let database = match Database::builder().set_cache_size(CACHE).create(path) {
        Err(DatabaseError::DatabaseAlreadyOpen) => bail!("another sandbox is using it"),
        Err(DatabaseError::Storage(StorageError::Io(error))) if is_invalid(&error) => bail!(UNREADABLE),
        Err(DatabaseError::Storage(StorageError::Corrupted(_))) => bail!(UNREADABLE),
        other => other?,
    };
    let transaction = database.begin_write()?;
    {
        let mut about = transaction.open_table(ABOUT)?;
        let version = about.get("version")?.map(|version| version.value().to_owned());
        match version {
            None => drop(about.insert("version", VERSION)?),
            Some(version) if version == VERSION => {}
            Some(version) => bail!(
                "version {version} of the sandbox wrote it, and this is {VERSION}: use that version, or another file"
            ),
        }
        transaction.open_table(ROWS)?;
    }
    transaction.commit()?;
    let rows = database.begin_read()?.open_table(ROWS)?;
    // Damage is found here, before the account is filled.
    for row in rows.iter()? {
        row?;
    }
    Ok((database, Content(rows)))
}

/// Writes changes as they come, all that wait in one transaction, until the sender has gone.
fn write_all(
    database: &Database,
    waiting: &Receiver<(u64, Rows)>,
    progress: &watch::Sender<Result<u64, String>>,
) {
    while let Ok(first) = waiting.recv() {
        let changes = std::iter::once(first).chain(std::iter::from_fn(|| waiting.try_recv().ok()));
        match write(database, changes) {
            Ok(last) => drop(progress.send_replace(Ok(last))),
            Err(error) => {
                drop(progress.send_replace(Err(format!("{error:#}"))));
                return;
            }
        }
    }
}

fn write(database: &Database, changes: impl Iterator<Item = (u64, Rows)>) -> Result<u64> {
    let transaction = database.begin_write()?;
    let mut last = 0;
    {
        let mut table = transaction.open_table(ROWS)?;
        for (number, Rows(rows)) in changes {
            last = number;
            for row in rows {
                match row {
                    Row::Put(name, content) => drop(table.insert(name.as_str(), content.as_slice())?),
                    Row::Remove(name) => drop(table.remove(name.as_str())?),
                    Row::Clear => table.retain(|_, _| false)?,
                }
            }
        }
    }
    transaction.commit()?;
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("cashfree-sandbox-{}-{name}.redb", std::process::id()))
    }

    #[tokio::test]
    async fn rows_come_back_and_a_file_has_one_user() -> Result<()> {
        let path = place("rows");
        let (data, content) = Data::open(&path)?;
        assert!(content.table::<u32>("a")?.is_empty());
        let mut rows = Rows::default();
        rows.put("a", "2", &2);
        rows.put("a", "1", &1);
        rows.put("ab", "1", &3);
        data.write(rows);
        let mut rows = Rows::default();
        rows.remove("a", "2");
        data.write(rows);
        data.written().await?;
        let second = Data::open(&path).map(|_| ()).map_err(|error| format!("{error:#}"));
        assert!(second.is_err_and(|error| error.contains("another sandbox is using it")));
        drop(data);
        // The thread closes the file.
        let mut opened = Data::open(&path);
        while opened.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            opened = Data::open(&path);
        }
        let (data, content) = opened?;
        assert_eq!(content.table::<u32>("a")?, [("1".to_owned(), 1)]);
        assert_eq!(content.row::<u32>("ab", "1")?, Some(3));
        drop(data);
        Ok(std::fs::remove_file(path)?)
    }

    #[tokio::test]
    async fn cleared_rows_do_not_come_back() -> Result<()> {
        let path = place("clear");
        let (data, _) = Data::open(&path)?;
        let mut rows = Rows::default();
        rows.put("a", "1", &1);
        data.write(rows);
        let mut rows = Rows::default();
        rows.clear();
        rows.put("a", "2", &2);
        data.write(rows);
        data.written().await?;
        drop(data);
        let mut opened = Data::open(&path);
        while opened.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            opened = Data::open(&path);
        }
        assert_eq!(opened?.1.table::<u32>("a")?, [("2".to_owned(), 2)]);
        Ok(std::fs::remove_file(path)?)
    }

    #[test]
    fn a_damaged_file_is_refused() -> Result<()> {
        let path = place("damaged");
        let is_refused = || {
            let opened = Data::open(&path).map(|_| ()).map_err(|error| format!("{error:#}"));
            opened.is_err_and(|error| error.contains("it is damaged"))
        };
        std::fs::write(&path, "no database")?;
        assert!(is_refused());
        std::fs::remove_file(&path)?;
        let (database, _) = load(&path)?;
        let mut rows = Rows::default();
        rows.put("a", "1", &"x".repeat(1 << 20));
        write(&database, [(1, rows)].into_iter())?;
        drop(database);
        std::fs::File::options().write(true).open(&path)?.set_len(20_000)?;
        assert!(is_refused());
        Ok(std::fs::remove_file(path)?)
    }

    #[test]
    fn the_file_of_another_version_is_refused() -> Result<()> {
        let path = place("version");
        let database = Database::create(&path)?;
        let transaction = database.begin_write()?;
        transaction.open_table(ABOUT)?.insert("version", "0.0.1")?;
        transaction.commit()?;
        drop(database);
        let refused = Data::open(&path).map(|_| ()).map_err(|error| format!("{error:#}"));
        assert!(refused.is_err_and(|error| error.contains("version 0.0.1 of the sandbox wrote it")));
        Ok(std::fs::remove_file(path)?)
    }
}
