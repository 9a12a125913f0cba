//! What depending on the crate costs a program: seconds and crates next to the same program with `reqwest`,
//! `serde_json` and `tokio`, each built from nothing in a folder of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::goals::Goals;
use super::table::{Table, best, ratio};
use super::{cargo, output};

const TOKIO: &str = r#"tokio = { version = "1", features = ["macros", "rt-multi-thread"] }"#;

struct Program {
    name: &'static str,
    folder: PathBuf,
}

pub(super) fn run(root: &Path, quick: bool, goals: &mut Goals) -> Result<String> {
    let folder = std::env::temp_dir().join(format!("cashfree-bench-build-{}", std::process::id()));
    let result = compare(root, &folder, quick, goals);
    // Gigabytes, whatever came of it.
    let _ = fs::remove_dir_all(&folder);
    result
}

fn compare(root: &Path, folder: &Path, quick: bool, goals: &mut Goals) -> Result<String> {
    let baseline = Program {
        name: "baseline",
        folder: program(
            root,
            &folder.join("baseline"),
            "reqwest = \"0.13\"\nserde_json = \"1\"\n",
            r#"#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("no address")?;
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build()?;
    let body = client.get(url).header("x-client-id", "id").send().await?.error_for_status()?.bytes().await?;
    let payment: serde_json::Value = serde_json::from_slice(&body)?;
    println!("{:?}", payment["payment_status"]);
    Ok(())
}
"#,
        )?,
    };
    // The crate as a copy, so that a file of it can be touched.
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
    let ours = Program {
        name: "cashfree",
        folder: program(
            root,
            &folder.join("program"),
            "cashfree = { path = \"../crates/cashfree\" }\n",
            r#"#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = cashfree::Client::from_env()?;
    let payment = client.payments().get("order_1", "1").await?;
    println!("{:?}", payment.payment_status);
    Ok(())
}
"#,
        )?,
    };

    let (base_crates, our_crates) = (crates(&baseline)?, crates(&ours)?);
    let added: Vec<&str> = our_crates.difference(&base_crates).map(String::as_str).collect();
    let spared: Vec<&str> = base_crates.difference(&our_crates).map(String::as_str).collect();
    let mut table = Table::new(
        "Build",
        &format!(
            "A program of one call with `cashfree`, and one with reqwest (its default features), serde_json and \
             tokio; cargo's `-j2`, nothing built before. Crates in all: {} and {}; beyond the baseline's: {} ({}); \
             not needed of the baseline's: {} ({}).",
            our_crates.len(),
            base_crates.len(),
            added.len(),
            added.join(", "),
            spared.len(),
            spared.join(", "),
        ),
        &["build", "cashfree s", "baseline s", "ratio", "cashfree CPU s", "baseline CPU s", "ratio"],
    );
    goals.add("crates beyond those of reqwest + serde_json + tokio", added.len() as f64, 12.0, 6.0);
    for profile in if quick { &["dev"][..] } else { &["dev", "release"] } {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for _ in 0..if quick { 1 } else { 3 } {
            second.push(clean_build(&baseline, profile)?);
            first.push(clean_build(&ours, profile)?);
        }
        let seconds = |spent: &[Spent]| spent.iter().map(|spent| spent.seconds).collect::<Vec<_>>();
        let cpu = |spent: &[Spent]| spent.iter().map(|spent| spent.cpu).collect::<Vec<_>>();
        let by_clock = ratio(&seconds(&first), &seconds(&second));
        let by_cpu = ratio(&cpu(&first), &cpu(&second));
        table.row(&[
            format!("clean, {profile}"),
            format!("{:.1}", best(&seconds(&first))),
            format!("{:.1}", best(&seconds(&second))),
            format!("{by_clock:.2}"),
            format!("{:.1}", best(&cpu(&first))),
            format!("{:.1}", best(&cpu(&second))),
            format!("{by_cpu:.2}"),
        ]);
        let goal = format!("clean {profile} build ÷ reqwest + serde_json + tokio");
        goals.add(format!("{goal}, by the clock"), by_clock, 1.3, 1.1);
        goals.add(format!("{goal}, CPU"), by_cpu, 1.3, 1.1);
        let touched = source.join("cashfree/src/client.rs");
        let text = fs::read_to_string(&touched).context("no client.rs")?;
        fs::write(&touched, text + "\n").context("cannot touch")?;
        let again = build(&ours, profile)?;
        table.row(&[
            format!("one file of cashfree touched, {profile}"),
            format!("{:.1}", again.seconds),
            "–".to_owned(),
            "–".to_owned(),
            format!("{:.1}", again.cpu),
            "–".to_owned(),
            "–".to_owned(),
        ]);
    }
    if !quick {
        let (first, second) = (size(&ours)?, size(&baseline)?);
        table.row(&[
            "stripped release program, MB".to_owned(),
            format!("{first:.2}"),
            format!("{second:.2}"),
            format!("{:.2}", first / second),
            "–".to_owned(),
            "–".to_owned(),
            "–".to_owned(),
        ]);
    }
    Ok(table.finish() + &format!("\ncashfree-gen has {} lines.\n", lines(&root.join("cashfree-gen/src"))?))
}

fn program(root: &Path, folder: &Path, dependencies: &str, main: &str) -> Result<PathBuf> {
    fs::create_dir_all(folder.join("src")).with_context(|| format!("cannot make {}", folder.display()))?;
    let manifest = format!(
        "[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n{dependencies}{TOKIO}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).context("cannot write the manifest")?;
    fs::write(folder.join("src/main.rs"), main).context("cannot write the program")?;
    // The versions of the workspace; cargo drops what is not needed.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).context("cannot copy the lock file")?;
    Ok(folder.to_owned())
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
/// not tell.
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

fn lines(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        count += if path.is_dir() { lines(&path)? } else { fs::read_to_string(&path)?.lines().count() };
    }
    Ok(count)
}
