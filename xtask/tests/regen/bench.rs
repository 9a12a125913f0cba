//! Running it, and documents to start from.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with the input, and what the program makes of it.
pub(crate) struct Bench {
    folder: TempDir,
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("out")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    /// Generates from this text into the bench's folder.
    pub(crate) fn generate(&self, document: &str) -> Result<Run> {
        let spec = self.write("document", document)?;
        run(["--spec".as_ref(), spec.as_os_str(), "--out".as_ref(), self.out().as_os_str()])
    }

    pub(crate) fn generate_with(&self, document: &str, overlay: &str) -> Result<Run> {
        let (spec, overlay) = (self.write("document", document)?, self.write("overlay", overlay)?);
        run([
            "--spec".as_ref(),
            spec.as_os_str(),
            "--overlay".as_ref(),
            overlay.as_os_str(),
            "--out".as_ref(),
            self.out().as_os_str(),
        ])
    }

    /// The generated file, which has to be Rust.
    pub(crate) fn generated(&self, name: &str) -> Result<String> {
        let text = fs::read_to_string(self.out().join(name)).with_context(|| name.to_owned())?;
        syn::parse_file(&text).with_context(|| format!("{name} is no Rust:\n{text}"))?;
        Ok(text)
    }
}

pub(crate) fn run<'a>(arguments: impl IntoIterator<Item = &'a std::ffi::OsStr>) -> Result<Run> {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_xtask")).arg("regen").args(arguments).output()?;
    let run = Run {
        success: status.success(),
        stdout: String::from_utf8(stdout)?,
        stderr: String::from_utf8(stderr)?,
    };
    ensure!(status.code().is_some(), "ended by a signal:\n{}", run.stderr);
    ensure!(!run.stderr.contains("panicked"), "panicked:\n{}", run.stderr);
    Ok(run)
}

impl Run {
    pub(crate) fn succeeds(&self) -> Result<&Self> {
        ensure!(self.success, "failed:\n{}", self.stderr);
        Ok(self)
    }

    /// It succeeded, and its report says all of this.
    pub(crate) fn says(&self, said: &[&str]) -> Result<()> {
        for part in said {
            ensure!(self.succeeds()?.stdout.contains(part), "does not say `{part}`:\n{}", self.stdout);
        }
        Ok(())
    }

    /// It failed, with one message that says all of this.
    pub(crate) fn refuses(&self, said: &[&str]) -> Result<()> {
        ensure!(!self.success, "succeeded:\n{}", self.stdout);
        let messages = self.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        ensure!(messages == 1 && self.stderr.starts_with("error: "), "no single message:\n{}", self.stderr);
        for part in said {
            ensure!(self.stderr.contains(part), "does not say `{part}`:\n{}", self.stderr);
        }
        Ok(())
    }
}

pub(crate) fn document(paths: &Value, schemas: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Things", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// One operation that sends and returns the schema `Thing`.
pub(crate) fn with_thing(thing: &Value) -> Value {
    document(&json!({ "/things": { "post": operation("makeThing") } }), &json!({ "Thing": thing }))
}

/// An operation that sends and returns `Thing`.
pub(crate) fn operation(id: &str) -> Value {
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } });
    json!({
        "operationId": id,
        "requestBody": { "content": content },
        "responses": { "200": { "description": "made", "content": content } },
    })
}

pub(crate) fn named_thing() -> Value {
    json!({ "type": "object", "properties": { "name": { "type": "string" } } })
}

pub(crate) fn refuses(document: &Value, said: &[&str]) -> Result<()> {
    Bench::new()?.generate(&document.to_string())?.refuses(said)
}

/// The formatter breaks lines where they get long; what is asked here is what they say.
pub(crate) fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}
