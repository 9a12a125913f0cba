//! Programs whose other crates use rustls work as before when `cashfree` is added, used or not; and what the
//! features of `cashfree` turn on in the crates that a program may share with it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace()).env("CARGO_TERM_COLOR", "never");
    command
}

/// Runs a program of `tests/hosts`, without `cashfree` in use and with it.
fn works(host: &str) -> Result<()> {
    for mode in ["unused", "used"] {
        let mut command = cargo();
        command.args(["run", "--quiet", "--manifest-path", "tests/hosts/Cargo.toml", "--package", host]);
        // Most of the dependencies have been built there already.
        command.arg("--target-dir").arg(workspace().join("target")).args(["--", mode]);
        let output = command.output().context("cannot start cargo")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{host} with cashfree {mode}: {stderr}");
        ensure!(!stderr.contains("panicked"), "{host} with cashfree {mode}: {stderr}");
    }
    Ok(())
}

#[test]
fn rustls_chooses_its_provider() -> Result<()> {
    works("host-rustls")
}

#[test]
fn axum_server_starts() -> Result<()> {
    works("host-axum-server")
}

#[test]
fn redis_connects_over_tls() -> Result<()> {
    works("host-redis")
}

/// The crates and features that `cashfree` adds, one a line.
fn tree(features: &[&str]) -> Result<String> {
    let output = cargo()
        .args(["tree", "--locked", "--package", "cashfree", "--edges", "normal,features", "--prefix", "none"])
        .args(features)
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// With one provider compiled in, rustls chooses it. With two it panics until the program installs one.
#[test]
fn no_feature_adds_a_second_crypto_provider() -> Result<()> {
    let lines = |features: &[&str]| -> Result<(bool, bool)> {
        let tree = tree(features)?;
        let has = |name: &str| tree.lines().any(|line| line.starts_with(name));
        Ok((has("aws-lc-rs v"), has("ring v")))
    };
    ensure!(lines(&[])? == (true, false), "by default: aws-lc-rs, which is rustls's own default");
    ensure!(lines(&["--no-default-features", "--features", "rustls-no-provider"])? == (false, false));
    ensure!(lines(&["--no-default-features", "--features", "native-tls"])? == (false, false));
    ensure!(lines(&["--no-default-features", "--features", "webhook,blocking"])? == (false, false));
    let all =
        "axum,blocking,chrono,jiff,redis,reqwest,rust_decimal,schemars,sqlx-postgres,testing,time,tracing";
    ensure!(lines(&["--features", all])? == (true, false));
    Ok(())
}

/// The client is built on reqwest and leaves TLS and HTTP to it.
#[test]
fn no_crate_of_the_stack_below_reqwest_is_a_direct_dependency() -> Result<()> {
    let manifest = std::fs::read_to_string(workspace().join("cashfree/Cargo.toml"))?;
    let own = manifest.split("[dependencies]").nth(1).context("dependencies")?;
    let own = own.split("[dev-dependencies]").next().context("dependencies")?;
    for name in [
        "rustls",
        "ring",
        "aws-lc-rs",
        "hyper",
        "hyper-rustls",
        "hyper-tls",
        "hyper-util",
        "native-tls",
        "tower-service",
    ] {
        ensure!(
            !own.lines().any(|line| line.starts_with(&format!("{name} "))),
            "{name} is a direct dependency"
        );
    }
    Ok(())
}

/// Features that only add items to the interface of a crate.
const ADDITIVE: [&str; 3] = ["alloc", "default", "std"];

/// What is turned on beside those in crates that a program may share, and why no program notices.
const SHARED_FEATURES: &[(&str, &[&str], &str)] = &[
    ("arcstr", &["substr"], "a type"),
    ("aws-lc-rs", &["aws-lc-sys", "prebuilt-nasm"], "rustls's defaults; how the library is built"),
    ("aws-lc-sys", &["prebuilt-nasm"], "how the library is built on Windows"),
    ("base64", &["simd-unsafe"], "a default: speed only"),
    ("block-buffer", &["zeroize"], "wipes on drop"),
    ("chacha20", &["rng"], "a type"),
    (
        "combine",
        &["bytes", "futures-core-03", "pin-project-lite", "tokio", "tokio-dep", "tokio-util"],
        "the parser of redis",
    ),
    ("digest", &["block-api", "block-buffer", "core-api", "mac", "zeroize"], "traits of hmac; wipes on drop"),
    ("event-listener", &["parking"], "waiting without async code"),
    ("futures-channel", &["futures-sink", "sink"], "impls"),
    ("futures-intrusive", &["parking_lot"], "types"),
    ("futures-util", &["futures-io", "futures-sink", "io", "memchr", "sink", "slab"], "more futures"),
    ("generic-array", &["more_lengths"], "impls"),
    ("getrandom", &["sys_rng"], "a type"),
    (
        "hashbrown",
        &["allocator-api2", "default-hasher", "equivalent", "inline-more", "raw-entry"],
        "its defaults, and methods",
    ),
    ("hmac", &["zeroize"], "wipes on drop"),
    ("hyper", &["client", "http1"], "the client half"),
    ("hyper-rustls", &["aws-lc-rs", "http1", "tls12"], "reqwest's connector alone uses it"),
    ("hyper-tls", &["alpn"], "reqwest's connector alone uses it"),
    (
        "hyper-util",
        &["client", "client-legacy", "client-proxy", "http1", "tokio"],
        "the client half; proxies are set by who builds a connector",
    ),
    ("icu_locale_core", &["zerovec"], "data of `url`"),
    ("icu_normalizer", &["compiled_data"], "data of `url`"),
    ("icu_properties", &["compiled_data"], "data of `url`"),
    ("icu_provider", &["baked"], "data of `url`"),
    ("idna", &["compiled_data"], "data of `url`"),
    ("idna_adapter", &["compiled_data"], "data of `url`"),
    ("lock_api", &["atomic_usize"], "a default"),
    ("mio", &["net", "os-ext", "os-poll"], "what tokio's `net` is made of"),
    ("native-tls", &["alpn"], "a method; nothing is negotiated unless it is called"),
    ("num-traits", &["i128"], "impls"),
    ("once_cell", &["race"], "a module"),
    ("potential_utf", &["zerovec"], "data of `url`"),
    ("rand", &["std_rng", "sys_rng", "thread_rng"], "types"),
    (
        "redis",
        &["aio", "bytes", "connection-manager", "script", "tokio-comp"],
        "modules; the program chooses TLS and its runtime",
    ),
    (
        "reqwest",
        &[
            "__native-tls",
            "__native-tls-alpn",
            "__rustls",
            "__rustls-aws-lc-rs",
            "__tls",
            "native-tls",
            "rustls",
            "rustls-no-provider",
        ],
        "the backend that the feature of the same name asks for",
    ),
    (
        "rustls",
        &["aws-lc-rs", "aws_lc_rs", "tls12"],
        "its default provider; `rustls-no-provider` leaves the choice to the program",
    ),
    ("rustls-webpki", &["aws-lc-rs"], "its default provider"),
    ("schemars", &["derive", "schemars_derive"], "a macro"),
    ("serde", &["derive", "serde_derive"], "a macro"),
    ("serde_core", &["result"], "impls"),
    ("sha2", &["zeroize"], "wipes on drop"),
    ("smallvec", &["const_generics", "const_new"], "impls"),
    ("socket2", &["all"], "more methods"),
    (
        "sqlx",
        &["_rt-tokio", "postgres", "runtime-tokio", "sqlx-postgres"],
        "a driver, on the runtime of this crate; TLS is the program's choice",
    ),
    (
        "sqlx-core",
        &["_rt-tokio", "crc", "migrate", "sha2", "tokio", "tokio-stream"],
        "what the features of sqlx are made of",
    ),
    ("sync_wrapper", &["futures", "futures-core"], "impls"),
    ("tinystr", &["zerovec"], "data of `url`"),
    (
        "tokio",
        &["bytes", "fs", "io-util", "libc", "mio", "net", "rt", "socket2", "sync", "time"],
        "modules; a runtime drives I/O and time only if its builder enables them",
    ),
    ("tokio-rustls", &["aws-lc-rs", "aws_lc_rs", "tls12"], "passed on to rustls"),
    ("tokio-stream", &["fs", "time"], "modules"),
    ("tokio-util", &["codec", "io", "libc"], "modules"),
    (
        "tower",
        &[
            "futures-core",
            "futures-util",
            "pin-project-lite",
            "retry",
            "sync_wrapper",
            "timeout",
            "tokio",
            "util",
        ],
        "modules",
    ),
    ("tower-http", &["follow-redirect", "futures-util", "tower"], "modules"),
    (
        "tracing",
        &["attributes", "log", "tracing-attributes"],
        "sqlx's own: events reach `log` in a program without a subscriber",
    ),
    ("tracing-core", &["once_cell"], "part of `std`"),
    ("typenum", &["const-generics"], "impls"),
    ("unicode-bidi", &["hardcoded-data"], "a default"),
    ("unicode-properties", &["emoji", "general-category"], "its defaults"),
    ("uuid", &["rng", "sha1", "v4", "v5"], "constructors"),
    ("xxhash-rust", &["xxh3"], "a module"),
    ("yoke", &["derive", "zerofrom"], "data of `url`"),
    ("zerofrom", &["derive"], "data of `url`"),
    ("zerotrie", &["yoke", "zerofrom"], "data of `url`"),
    ("zerovec", &["derive", "yoke"], "data of `url`"),
];

/// A feature of cashfree that changes what another crate of the program does would be a fault of cashfree. That of
/// `serde_json` which keeps numbers as text, for instance, changes the `Value` of every crate.
#[test]
fn no_feature_changes_what_a_shared_crate_does() -> Result<()> {
    let manifest = std::fs::read_to_string(workspace().join("cashfree/Cargo.toml"))?;
    let own = manifest.split("[features]\n").nth(1).and_then(|rest| rest.split("\n[").next());
    let own = own.context("features")?.lines().filter(|line| !line.starts_with('#'));
    let own: Vec<&str> = own.filter_map(|line| Some(line.split_once('=')?.0.trim())).collect();
    ensure!(own.len() > 10 && own.contains(&"schemars"), "{own:?}");
    let mut met = std::collections::BTreeSet::new();
    for feature in own.into_iter().chain([""]) {
        let args = ["--package", "cashfree", "--no-default-features", "--features", feature];
        let output = cargo()
            .args([
                "tree",
                "--locked",
                "--edges",
                "normal,no-proc-macro",
                "--prefix",
                "none",
                "--format",
                "{p}|{f}",
            ])
            .args(args)
            .output()
            .context("cannot start cargo")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for line in String::from_utf8(output.stdout)?.lines() {
            let line = line.trim_end_matches(" (*)");
            let (package, enabled) = line.split_once('|').with_context(|| line.to_owned())?;
            let name = package.split(' ').next().unwrap_or_default();
            if ["cashfree", "cashfree-gen"].contains(&name) {
                continue;
            }
            for turned_on in enabled.split(',').filter(|name| !name.is_empty() && !ADDITIVE.contains(name)) {
                let row = SHARED_FEATURES
                    .iter()
                    .position(|(known, features, _)| *known == name && features.contains(&turned_on));
                let row = row.with_context(|| {
                    format!("`{feature}` turns on {name}/{turned_on}: does it change what others see?")
                })?;
                met.insert((row, turned_on.to_owned()));
            }
        }
    }
    for (row, (name, features, _)) in SHARED_FEATURES.iter().enumerate() {
        for listed in *features {
            // Only on the platforms where a crate of theirs is used.
            let met = met.contains(&(row, (*listed).to_owned()));
            ensure!(met || cfg!(not(target_os = "linux")), "{name}/{listed} is turned on no longer");
        }
    }
    Ok(())
}
