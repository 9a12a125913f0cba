//! Installing an SDK, and running it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cashfree_sandbox::Sandbox;

use crate::table::Line;

const PYTHON_6: Sdk = Sdk {
    name: "python_6_0_1",
    package: "cashfree_pg==6.0.1",
    language: Language::Python,
    edition: "6",
    strict: false,
};

/// The official SDKs that are tried.
pub(crate) const SDKS: [Sdk; 4] = [
    Sdk {
        name: "python_5_0_6",
        package: "cashfree_pg==5.0.6",
        language: Language::Python,
        edition: "5",
        strict: false,
    },
    PYTHON_6,
    Sdk { name: "python_6_0_1_strict", strict: true, ..PYTHON_6 },
    Sdk {
        name: "node_6_0_6",
        package: "cashfree-pg@6.0.6",
        language: Language::Node,
        edition: "6",
        strict: false,
    },
];

/// What decides which values the Python SDKs decode.
const PYDANTIC: &str = "pydantic==2.14.4";

/// More calls than the flow makes.
const UNLIMITED: u32 = 100_000;

#[derive(Clone, Copy)]
enum Language {
    Python,
    Node,
}

/// One SDK in one version.
#[derive(Clone, Copy)]
pub(crate) struct Sdk {
    pub(crate) name: &'static str,
    /// Name and version in the registry of the language.
    pub(crate) package: &'static str,
    language: Language,
    /// The major version: which form of a request the flow sends where they differ.
    edition: &'static str,
    /// With [`Builder::strict_document`](cashfree_sandbox::Builder::strict_document).
    strict: bool,
}

impl Sdk {
    /// Installs the SDK in a folder of its own, once.
    pub(crate) fn install(self) -> Result<()> {
        let folder = self.folder();
        let done = folder.join("installed");
        if done.is_file() {
            return Ok(());
        }
        std::fs::create_dir_all(&folder)?;
        match self.language {
            Language::Python => {
                finish(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")))
                    .context("python3 -m venv (Debian: python3-venv)")?;
                let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
                finish(Command::new(self.python()).args(pip).args([self.package, PYDANTIC]))?;
            }
            Language::Node => {
                let npm = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix"];
                finish(Command::new("npm").args(npm).arg(&folder).arg(self.package))?;
            }
        }
        std::fs::write(folder.join("scan.pdf"), "%PDF-1.4\n")?;
        Ok(std::fs::write(done, "")?)
    }

    /// Runs the flow against a sandbox of its own.
    pub(crate) fn run(self) -> Result<Vec<Line>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let settings = Sandbox::builder()
            .strict_document(self.strict)
            .rate_limits(UNLIMITED)
            .refund_delay(Duration::from_secs(600));
        let sandbox = runtime.block_on(settings.start())?;
        let host = sandbox.base_url().trim_end_matches("/pg");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdks");
        let mut command = match self.language {
            Language::Python => {
                let mut command = Command::new(self.python());
                command.args(["-W", "ignore"]).arg(source.join("flow.py"));
                command
            }
            Language::Node => {
                let mut command = Command::new("node");
                command.arg(source.join("flow.mjs"));
                command
            }
        };
        command.args([host, sandbox.client_id(), sandbox.client_secret(), self.edition]);
        command.arg(source.join("flow.json")).arg(self.folder());
        let output = finish(&mut command)?;
        output.lines().map(|line| serde_json::from_str(line).context(line.to_owned())).collect()
    }

    fn folder(self) -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdks").join(self.name)
    }

    fn python(self) -> PathBuf {
        self.folder().join("venv/bin/python")
    }
}

/// Runs a command to its end and returns what it printed.
fn finish(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("there is no {program}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {}", errors.trim());
    Ok(String::from_utf8(output.stdout)?)
}
