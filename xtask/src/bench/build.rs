//! Cost of depending on the crate: build seconds and crates of a program with `cashfree` next to one without,
//! each built from nothing in a folder of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::goals::Goals;
use super::table::{Table, best, ratio};
use super::{cargo, output};

const TOKIO: &str = r#"tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }"#;

struct Program {
    name: &'static str,
    folder: PathBuf,
}

/// Dependencies of an ordinary backend, before `cashfree` is added.
const BACKEND: &str = r#"axum = "0.8"
reqwest = "0.13"
sqlx = { version = "0.9", features = ["runtime-tokio", "postgres"] }
serde_json = "1"
"#;

const BACKEND_MAIN: &str = r#"use axum::{Router, routing::get};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = sqlx::postgres::PgPoolOptions::new().connect_lazy("postgres://localhost/app")?;
    let http = reqwest::Client::new();
    let app = Router::new().route("/", get(move || {
        let (pool, http) = (pool.clone(), http.clone());
        async move {
            let row: Result<(i64,), _> = sqlx::query_as("select 1").fetch_one(&pool).await;
            let page = http.get("http://localhost/").send().await;
            format!("{} {}", row.is_ok(), page.is_ok())
        }
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
"#;

const REQWEST_MAIN: &str = r#"#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("no address")?;
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build()?;
    let body = client.get(url).header("x-client-id", "id").send().await?.error_for_status()?.bytes().await?;
    let payment: serde_json::Value = serde_json::from_slice(&body)?;
    println!("{:?}", payment["payment_status"]);
    Ok(())
}
"#;

const CASHFREE_MAIN: &str = r#"#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = cashfree::Client::from_env()?;
    let payment = client.payments().get("order_1", "1").await?;
    println!("{:?}", payment.payment_status);
    Ok(())
}
"#;

const CASHFREE: &str = "cashfree = { path = \"../crates/cashfree\" }\n";

/// An ordinary backend with `cashfree` next to the same backend without it.
pub(super) fn backend(root: &Path, quick: bool, goals: &mut Goals) -> Result<String> {
    in_folder("backend", |folder| {
        copy_crates(root, folder)?;
        let ours = BACKEND_MAIN.replacen(
            "    let http =",
            "    let payments = cashfree::Client::from_env().ok();\n    println!(\"{}\", payments.is_some());\n    let http =",
            1,
        );
        let pair = Pair {
            baseline: program(root, folder, "baseline", BACKEND, BACKEND_MAIN)?,
            ours: program(root, folder, "with-cashfree", &format!("{BACKEND}{CASHFREE}"), &ours)?,
        };
        let crates = pair.crates()?;
        let story = format!(
            "A backend of axum, reqwest (its default features) and sqlx (tokio, Postgres) with `cashfree`, and the same \
             without it. {}",
            crates.story()
        );
        let mut table = Table::new("Build of an ordinary backend", &story, &HEAD);
        let by_cpu = pair.clean("dev", if quick { 1 } else { 3 }, &mut table)?;
        goals.add(
            "clean dev build of axum + reqwest + sqlx with `cashfree` ÷ without, CPU",
            by_cpu,
            1.15,
            1.1,
        );
        goals.add("crates that `cashfree` adds to that backend", crates.added.len() as f64, 10.0, 6.0);
        Ok(table.finish())
    })
}

/// A program of one call with `cashfree` next to one with reqwest.
pub(super) fn alone(root: &Path, quick: bool, goals: &mut Goals) -> Result<String> {
    in_folder("build", |folder| {
        copy_crates(root, folder)?;
        let pair = Pair {
            baseline: program(
                root,
                folder,
                "baseline",
                "reqwest = \"0.13\"\nserde_json = \"1\"\n",
                REQWEST_MAIN,
            )?,
            ours: program(root, folder, "with-cashfree", CASHFREE, CASHFREE_MAIN)?,
        };
        let crates = pair.crates()?;
        let story = format!(
            "A program of one call with `cashfree`, and one with reqwest (its default features), serde_json and tokio. {}",
            crates.story()
        );
        let mut table = Table::new("Build of one call", &story, &HEAD);
        for profile in if quick { &["dev"][..] } else { &["dev", "release"] } {
            let by_cpu = pair.clean(profile, if quick { 1 } else { 3 }, &mut table)?;
            if *profile == "dev" {
                goals.add(
                    "`cashfree` alone ÷ reqwest + serde_json + tokio, clean dev build, CPU",
                    by_cpu,
                    1.35,
                    1.2,
                );
            }
            let touched = folder.join("crates/cashfree/src/client.rs");
            let text = fs::read_to_string(&touched).context("no client.rs")?;
            fs::write(&touched, text + "\n").context("cannot touch client.rs")?;
            let rebuilt = build(&pair.ours, profile)?;
            table.row(&row(
                &format!("one file of cashfree touched, {profile}"),
                [Some(rebuilt.seconds), None, None, Some(rebuilt.cpu), None, None],
            ));
        }
        if !quick {
            let (first, second) = (size(&pair.ours)?, size(&pair.baseline)?);
            table.row(&row(
                "stripped release program, MB",
                [Some(first), Some(second), Some(first / second), None, None, None],
            ));
        }
        Ok(table.finish())
    })
}

const HEAD: [&str; 7] =
    ["build", "cashfree s", "baseline s", "ratio", "cashfree CPU s", "baseline CPU s", "ratio"];

fn row(name: &str, figures: [Option<f64>; 6]) -> Vec<String> {
    let shown = figures.map(|figure| figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.2}")));
    std::iter::once(name.to_owned()).chain(shown).collect()
}

/// The same program with `cashfree` and without it.
struct Pair {
    baseline: Program,
    ours: Program,
}

impl Pair {
    fn crates(&self) -> Result<Crates> {
        let (baseline, ours) = (crates(&self.baseline)?, crates(&self.ours)?);
        Ok(Crates {
            baseline: baseline.len(),
            ours: ours.len(),
            added: ours.difference(&baseline).cloned().collect(),
        })
    }

    /// Builds both in turns from nothing; the ratio of CPU seconds.
    fn clean(&self, profile: &str, rounds: usize, table: &mut Table) -> Result<f64> {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            second.push(clean_build(&self.baseline, profile)?);
            first.push(clean_build(&self.ours, profile)?);
        }
        let seconds = |spent: &[Spent]| spent.iter().map(|spent| spent.seconds).collect::<Vec<_>>();
        let cpu = |spent: &[Spent]| spent.iter().map(|spent| spent.cpu).collect::<Vec<_>>();
        let by_cpu = ratio(&cpu(&first), &cpu(&second));
        table.row(&row(
            &format!("clean, {profile}"),
            [
                Some(best(&seconds(&first))),
                Some(best(&seconds(&second))),
                Some(ratio(&seconds(&first), &seconds(&second))),
                Some(best(&cpu(&first))),
                Some(best(&cpu(&second))),
                Some(by_cpu),
            ],
        ));
        Ok(by_cpu)
    }
}

/// The crates that both programs are built of.
struct Crates {
    baseline: usize,
    ours: usize,
    added: Vec<String>,
}

impl Crates {
    fn story(&self) -> String {
        format!(
            "cargo's `-j2`, nothing built before. Crates: {} with, {} without; {} added ({}).",
            self.ours,
            self.baseline,
            self.added.len(),
            self.added.join(", ")
        )
    }
}

/// Runs in a temporary folder, which is removed afterwards: builds take gigabytes.
fn in_folder(name: &str, measured: impl FnOnce(&Path) -> Result<String>) -> Result<String> {
    let folder = std::env::temp_dir().join(format!("cashfree-bench-{name}-{}", std::process::id()));
    let result = measured(&folder);
    let _ = fs::remove_dir_all(&folder);
    result
}

/// Copies both crates, so that a file of them can be touched.
fn copy_crates(root: &Path, folder: &Path) -> Result<()> {
    let source = folder.join("crates");
    for name in ["cashfree", "cashfree-gen"] {
        copy(&root.join(name), &source.join(name))?;
    }
    for file in ["Cargo.toml", "README.md"] {
        fs::copy(root.join(file), source.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    let manifest = fs::read_to_string(source.join("Cargo.toml")).context("no manifest")?;
    let manifest: String =
        manifest
            .lines()
            .filter(|line| !line.starts_with("default-members"))
            .map(|line| {
                if line.starts_with("members") { "members = [\"cashfree\", \"cashfree-gen\"]" } else { line }
            })
            .flat_map(|line| [line, "\n"])
            .collect();
    fs::write(source.join("Cargo.toml"), without_dev_dependencies(&manifest)).context("cannot write")?;
    for name in ["cashfree", "cashfree-gen"] {
        let path = source.join(name).join("Cargo.toml");
        let text = fs::read_to_string(&path).context("no manifest")?;
        fs::write(&path, without_dev_dependencies(&text)).context("cannot write")?;
    }
    Ok(())
}

fn program(
    root: &Path,
    folder: &Path,
    name: &'static str,
    dependencies: &str,
    main: &str,
) -> Result<Program> {
    let folder = &folder.join(name);
    fs::create_dir_all(folder.join("src")).with_context(|| format!("cannot make {}", folder.display()))?;
    let manifest = format!(
        "[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n{dependencies}{TOKIO}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).context("cannot write the manifest")?;
    fs::write(folder.join("src/main.rs"), main).context("cannot write the program")?;
    // The versions of the workspace; cargo drops what is not needed.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).context("cannot copy the lock file")?;
    Ok(Program { name, folder: folder.clone() })
}

/// Up to the next table: dependencies of tests are not built, and some are folders that are not copied.
fn without_dev_dependencies(manifest: &str) -> String {
    let mut kept = true;
    manifest
        .lines()
        .filter(|line| {
            if line.starts_with('[') {
                kept = *line != "[dev-dependencies]";
            }
            kept && !line.starts_with("cashfree-sandbox")
        })
        .flat_map(|line| [line, "\n"])
        .collect()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("cannot copy to {}", target.display()))?;
        }
    }
    Ok(())
}

fn cargo_in(program: &Program) -> Command {
    let mut command = Command::new(cargo());
    command.current_dir(&program.folder).env("CARGO_TARGET_DIR", program.folder.join("target"));
    command.env_remove("RUSTFLAGS").env("CARGO_INCREMENTAL", "0");
    command
}

/// What a build took.
struct Spent {
    seconds: f64,
    /// Of all processes; what else the machine does costs it less than it costs seconds.
    cpu: f64,
}

fn clean_build(program: &Program, profile: &str) -> Result<Spent> {
    let target = program.folder.join("target");
    if target.exists() {
        fs::remove_dir_all(&target).with_context(|| format!("cannot remove {}", target.display()))?;
    }
    build(program, profile)
}

fn build(program: &Program, profile: &str) -> Result<Spent> {
    eprintln!("building {}, {profile}", program.name);
    let (began, before) = (Instant::now(), children());
    let done = cargo_in(program)
        .args(["build", "--offline", "-j2", "--quiet", "--profile", profile])
        .stderr(Stdio::inherit())
        .status()
        .context("cannot start cargo")?;
    if !done.success() {
        bail!("{} can't be built; `cargo fetch` in {} may help", program.name, program.folder.display());
    }
    Ok(Spent { seconds: began.elapsed().as_secs_f64(), cpu: children() - before })
}

/// Processor seconds of all processes that this one has waited for, and of theirs; no number where `/proc` does
/// not say.
fn children() -> f64 {
    // The second field is a name in parentheses; the 16th and 17th count hundredths, in user and kernel mode.
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks: Vec<f64> = fields.split(' ').skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    if ticks.len() == 2 { ticks.iter().sum::<f64>() / 100.0 } else { f64::NAN }
}

/// The crates that are built for this machine, by name and version.
fn crates(program: &Program) -> Result<BTreeSet<String>> {
    let fetched = cargo_in(program).args(["fetch", "--quiet"]).status().context("cannot start cargo")?;
    if !fetched.success() {
        bail!("the dependencies of {} can't be fetched", program.name);
    }
    let tree =
        output(cargo_in(program).args(["tree", "--offline", "--prefix", "none", "--edges", "normal,build"]))?;
    Ok(tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "program")
        .map(str::to_owned)
        .collect())
}

fn size(program: &Program) -> Result<f64> {
    let built = program.folder.join("target/release/program");
    let stripped = program.folder.join("stripped");
    fs::copy(&built, &stripped).with_context(|| format!("cannot copy {}", built.display()))?;
    output(Command::new("strip").arg(&stripped))?;
    Ok(fs::metadata(&stripped).context("no program")?.len() as f64 / 1e6)
}
