//! `cargo xtask regen` from outside: what it says to bad input, what `--check` says to a stale folder,
//! and what it makes of documents that were not written for it.
//!
//! Whatever the input, the program ends with one readable message that names the place, or with files
//! that parse; it never panics.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::document;

// ---- running it ----

/// A folder with the input, and what the program makes of it.
struct Bench {
    folder: TempDir,
}

/// How a run ended.
struct Run {
    success: bool,
    stdout: String,
    stderr: String,
}

impl Bench {
    fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn out(&self) -> PathBuf {
        self.path("out")
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    /// Generates from this text into the bench's folder.
    fn generate(&self, document: &str) -> Result<Run> {
        let spec = self.write("document", document)?;
        run(["--spec".as_ref(), spec.as_os_str(), "--out".as_ref(), self.out().as_os_str()])
    }

    fn generate_with(&self, document: &str, overlay: &str) -> Result<Run> {
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
    fn generated(&self, name: &str) -> Result<String> {
        let text = fs::read_to_string(self.out().join(name)).with_context(|| name.to_owned())?;
        syn::parse_file(&text).with_context(|| format!("{name} is no Rust:\n{text}"))?;
        Ok(text)
    }
}

fn run<'a>(arguments: impl IntoIterator<Item = &'a std::ffi::OsStr>) -> Result<Run> {
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
    fn succeeds(&self) -> Result<&Self> {
        ensure!(self.success, "failed:\n{}", self.stderr);
        Ok(self)
    }

    /// It succeeded, and its report says all of this.
    fn says(&self, said: &[&str]) -> Result<()> {
        for part in said {
            ensure!(self.succeeds()?.stdout.contains(part), "does not say `{part}`:\n{}", self.stdout);
        }
        Ok(())
    }

    /// It failed, with one message that says all of this.
    fn refuses(&self, said: &[&str]) -> Result<()> {
        ensure!(!self.success, "succeeded:\n{}", self.stdout);
        let messages = self.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        ensure!(messages == 1 && self.stderr.starts_with("error: "), "no single message:\n{}", self.stderr);
        for part in said {
            ensure!(self.stderr.contains(part), "does not say `{part}`:\n{}", self.stderr);
        }
        Ok(())
    }
}

// ---- documents to start from ----

fn document(paths: &Value, schemas: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Things", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// One operation that sends and answers the schema `Thing`.
fn with_thing(thing: &Value) -> Value {
    document(&json!({ "/things": { "post": operation("makeThing") } }), &json!({ "Thing": thing }))
}

/// An operation that sends and answers `Thing`.
fn operation(id: &str) -> Value {
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } });
    json!({
        "operationId": id,
        "requestBody": { "content": content },
        "responses": { "200": { "description": "made", "content": content } },
    })
}

fn named_thing() -> Value {
    json!({ "type": "object", "properties": { "name": { "type": "string" } } })
}

fn refuses(document: &Value, said: &[&str]) -> Result<()> {
    Bench::new()?.generate(&document.to_string())?.refuses(said)
}

// ---- input that can't be used ----

#[test]
fn a_file_that_is_not_there() -> Result<()> {
    let bench = Bench::new()?;
    let missing = bench.path("missing.yaml");
    run(["--spec".as_ref(), missing.as_os_str(), "--out".as_ref(), bench.out().as_os_str()])?
        .refuses(&["cannot read", "missing.yaml"])?;
    ensure!(!bench.out().exists(), "made a folder for nothing");
    Ok(())
}

#[test]
fn neither_yaml_nor_json() -> Result<()> {
    let bench = Bench::new()?;
    bench.generate("openapi: [3.0.0\n  - : }\n")?.refuses(&["neither JSON nor YAML", "line 2"])?;
    bench.generate("{ \"openapi\": \"3.0.0\", }")?.refuses(&["neither JSON nor YAML", "line 1"])?;
    bench.generate("")?.refuses(&["not an object"])?;
    // What stands twice would be half gone; YAML refuses it by itself.
    bench.generate("{ \"paths\": {},\n\"paths\": {} }")?.refuses(&["`paths` stands twice", "line 2"])?;
    bench.generate("openapi: 3.0.0\npaths: {}\npaths: {}\n")?.refuses(&["paths", "line 3"])
}

#[test]
fn another_version_of_openapi() -> Result<()> {
    let bench = Bench::new()?;
    let newer = "openapi: 3.2.0\ninfo: { title: T, version: '1' }\npaths: {}\n";
    bench.generate(newer)?.refuses(&["/openapi", "3.2.0", "3.0.x", "3.1.x"])?;
    let translated = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\n";
    bench.generate(translated)?.says(&["/openapi: 3.1.0 is read as 3.0"])?;
    let older = "swagger: '2.0'\ninfo: { title: T, version: '1' }\npaths: {}\n";
    bench.generate(older)?.refuses(&["Swagger 2.0", "3.0.x"])?;
    let number = "openapi: 3.0\ninfo: { title: T, version: '1' }\npaths: {}\n";
    bench.generate(number)?.says(&["/openapi: 3.0 is read as 3.0.3"])?;
    let near = "openapi: 3.01\ninfo: { title: T, version: '1' }\npaths: {}\n";
    bench.generate(near)?.refuses(&["version 3.01 is not supported"])?;
    bench.generate("info: { title: T, version: '1' }\n")?.refuses(&["no `openapi` member"])?;
    bench.generate("openapi: 3.0.0\ninfo: { title: T, version: '1' }\n")?.refuses(&["/paths"])
}

#[test]
fn references_that_lead_nowhere() -> Result<()> {
    let to =
        |target: &str| with_thing(&json!({ "type": "object", "properties": { "part": { "$ref": target } } }));
    let place = "/components/schemas/Thing/properties/part";
    refuses(&to("#/components/schemas/Part"), &[place, "#/components/schemas/Part", "does not exist"])?;
    refuses(&to("other.yaml#/Part"), &[place, "`other.yaml#/Part`, which is not in this document"])?;
    refuses(&to("#/components/schemas/Thing/properties/part"), &[place, "only whole components"])?;
    refuses(&to("#/info"), &[place, "#/info", "only whole components"])?;
    refuses(&to("#"), &[place, "only whole components"])
}

#[test]
fn several_faults_are_told_at_once() -> Result<()> {
    let part = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    refuses(
        &with_thing(&json!({ "type": "object", "properties": { "a": part("One"), "b": part("Two") } })),
        &["/components/schemas/Thing/properties/a", "/components/schemas/Thing/properties/b"],
    )
}

#[test]
fn the_vendored_document_may_not_repeat_an_operation_id() -> Result<()> {
    let two = |first: &str, second: &str| {
        let paths = json!({ "/a": { "get": operation(first) }, "/b": { "get": operation(second) } });
        match document::check_operation_ids(&with_paths(&paths)) {
            Ok(()) => Ok(String::new()),
            Err(error) => Ok::<_, anyhow::Error>(error.to_string()),
        }
    };
    ensure!(two("getThing", "getOther")?.is_empty(), "refuses what is right");
    for (first, second, said) in [
        (
            "getThing",
            "getThing",
            "/paths/~1b/get: operationId getThing is taken by getThing at /paths/~1a/get",
        ),
        ("getThing", "get_thing", "/paths/~1b/get: operationId get_thing is taken by getThing"),
        ("getThing", "", "/paths/~1b/get: no operationId"),
    ] {
        let told = two(first, second)?;
        ensure!(told.contains(said), "does not say `{said}`: {told}");
    }
    Ok(())
}

fn with_paths(paths: &Value) -> Value {
    document(paths, &json!({ "Thing": named_thing() }))
}

#[test]
fn operation_ids_of_a_foreign_document() -> Result<()> {
    let names = |paths: &Value, said: &[&str]| -> Result<Vec<String>> {
        let bench = Bench::new()?;
        bench.generate(&with_paths(paths).to_string())?.says(said)?;
        let table = bench.generated("operations.rs")?;
        let ids = table.lines().filter_map(|line| line.trim().strip_prefix("id: \"")?.strip_suffix("\","));
        let mut ids: Vec<String> = ids.map(str::to_owned).collect();
        ids.sort_unstable();
        Ok(ids)
    };
    let get = |id: &str| json!({ "get": operation(id) });
    let said = ["GET /a/b: operationId getThing is taken; called getThingGetAB"];
    let here = names(&json!({ "/a": get("getThing"), "/a/b": get("getThing") }), &said)?;
    let there = names(&json!({ "/a/b": get("getThing"), "/a": get("getThing") }), &said)?;
    ensure!(here == ["getThing", "getThingGetAB"] && here == there, "{here:?} {there:?}");

    let spelled = names(&json!({ "/a": get("getThing"), "/b": get("get_thing") }), &["GET /b", "get_thing"])?;
    ensure!(spelled == ["getThing", "get_thingGetB"], "{spelled:?}");
    let odd = json!({ "/a": get(""), "/b/{id}": get("404"), "/c": get("call") });
    let odd = names(&odd, &["GET /a: no operationId", "404 makes no method", "call makes no method"])?;
    ensure!(odd == ["getA", "getBId", "getC"], "{odd:?}");
    Ok(())
}

#[test]
fn a_query_string_in_a_path() -> Result<()> {
    let get = |id: &str, parameters: Value| {
        let mut getting = operation(id);
        getting["parameters"] = parameters;
        json!({ "get": getting })
    };
    let bench = Bench::new()?;
    let paths = json!({
        "/a/{id}?x={y}": get("one", json!([])),
        "/b?action=foo": get("two", json!([])),
        "/b?action=bar": get("three", json!([])),
        "/b?action=foo#again": get("two", json!([])),
        "/c?x={y}": get("four", json!([{ "name": "y", "in": "query", "schema": { "type": "integer" } }])),
    });
    bench.generate(&with_paths(&paths).to_string())?.says(&[
        "/a/{id}?x={y}: x moved from the path to the query",
        "GET /b?action=foo#again: repeats GET /b; the first is kept",
        "4 operations",
    ])?;
    let client = without_space(&bench.generated("client.rs")?);
    for part in [
        "format!(\"/a/{}\",encode_path(id))",
        ".query(\"x\",&x)?",
        "String::from(\"/b\")",
        "action:&'aenums::TwoAction",
        "action:&'aenums::ThreeAction",
        "pubasyncfnfour<'a>(&'aself,x:Option<i64>",
    ] {
        ensure!(client.contains(part), "client.rs lacks `{part}`:\n{client}");
    }
    ensure!(!client.contains("/b?") && !client.contains("/b#"), "{client}");
    let table = bench.generated("operations.rs")?;
    ensure!(table.matches("path: \"/b\",").count() == 2, "{table}");
    Ok(())
}

#[test]
fn parameters_that_no_method_can_take() -> Result<()> {
    let at = |path: &str, parameters: &Value| {
        let mut getting = operation("getThing");
        getting["parameters"] = parameters.clone();
        document(&json!({ path: { "post": getting } }), &json!({ "Thing": named_thing() }))
    };
    let text = |name: &str, place: &str| json!({ "name": name, "in": place, "required": place == "path", "schema": { "type": "string" } });

    refuses(&at("/a/{id", &json!([text("id", "path")])), &["/paths/~1a~1{id/post", "not closed"])?;
    refuses(&at("/a/x{id}", &json!([text("id", "path")])), &["/paths/~1a~1x{id}/post", "x{id}"])?;
    refuses(&at("/a", &json!([text("id", "cookie")])), &["/paths/~1a/post", "id", "cookies"])?;

    let decided = |path: &str, parameters: Value, said: &[&str], written: &[&str]| -> Result<()> {
        let bench = Bench::new()?;
        bench.generate(&at(path, &parameters).to_string())?.says(said)?;
        let client = without_space(&bench.generated("client.rs")?);
        for part in written {
            ensure!(client.contains(part), "{parameters}: client.rs lacks `{part}`:\n{client}");
        }
        Ok(())
    };
    decided("/a/{id}", json!([]), &["POST /a/{id}: path parameter id is not declared"], &["id:&'astr"])?;
    decided("/a", json!([text("id", "path")]), &["POST /a: path parameter id does not occur"], &[])?;
    decided(
        "/a/{orderId}",
        json!([text("order_id", "path")]),
        &["order_id is orderId"],
        &["order_id:&'astr"],
    )?;
    decided(
        "/a",
        json!([text("body", "query")]),
        &["the argument for body is query_body"],
        &[".query(\"body\",&query_body)?"],
    )?;
    decided(
        "/a",
        json!([text("a-b", "query"), text("a_b", "query"), text("a.b", "header")]),
        &["the argument for a_b is query_a_b", "the argument for a.b is header_a_b"],
        &[".query(\"a-b\",&a_b)?", ".query(\"a_b\",&query_a_b)?", ".header(\"a.b\",header_a_b)?"],
    )?;
    decided("/a", json!([text("self", "query"), text("Self", "query")]), &["Self"], &[".query(\"Self\","])?;
    decided(
        "/a",
        json!([{ "name": "q", "in": "query" }]),
        &["q has no schema; a text"],
        &["q:Option<&'astr>"],
    )?;
    decided(
        "/a",
        json!([{ "name": "h", "in": "header", "schema": { "$ref": "#/components/schemas/Thing" } }]),
        &["\"h\" is a text"],
        &["h:Option<&'astr>"],
    )?;
    decided(
        "/a",
        json!([text("X-Trace", "header"), text("x-trace", "header"), text("q", "query"), text("q", "query")]),
        &["header parameter x-trace is declared again", "query parameter q is declared again"],
        &[".header(\"x-trace\",x_trace)?"],
    )
}

#[test]
fn schemas_without_an_end() -> Result<()> {
    let itself = json!({ "$ref": "#/components/schemas/Thing" });
    refuses(&with_thing(&json!({ "allOf": [itself, named_thing()] })), &["Thing", "allOf"])?;
    let in_a_member = json!({ "allOf": [itself, named_thing()] });
    let thing = json!({ "type": "object", "properties": { "parent": in_a_member } });
    refuses(&with_thing(&thing), &["Thing.parent", "allOf"])?;

    let mut circle = with_thing(&named_thing());
    circle["paths"]["/things"]["post"]["parameters"] = json!([{ "$ref": "#/components/parameters/Round" }]);
    circle["components"]["parameters"] = json!({ "Round": { "$ref": "#/components/parameters/Round" } });
    refuses(&circle, &["POST /things", "#/components/parameters/Round", "itself"])
}

#[test]
fn schemas_of_another_kind() -> Result<()> {
    let of = |part: Value| with_thing(&json!({ "type": "object", "properties": { "part": part } }));
    for (part, said, written) in [
        (json!({ "type": "file" }), "Thing.part: type \"file\" says nothing", "serde_json::Value"),
        (json!({ "type": ["string", "null"] }), "read as string", "String"),
        (json!({ "type": ["string", "integer"] }), "read as string", "String"),
        (json!({ "type": ["integer", "number", "null"] }), "read as number", "crate::Decimal"),
        (json!({ "type": ["object", "string"] }), "says nothing", "serde_json::Value"),
        (json!({ "const": "a" }), "Thing.part", "super::enums::ThingPart"),
        (json!({ "type": "string", "properties": { "a": {} } }), "string read as object", "ThingPart"),
        (json!({ "type": "string", "required": true }), "required says true, which it can't", "String"),
        (json!(true), "Thing.part: true is no schema", "serde_json::Value"),
        (json!(null), "Thing.part: null is no schema", "serde_json::Value"),
    ] {
        let bench = Bench::new()?;
        let run = bench.generate(&of(part.clone()).to_string())?;
        if part.get("const").is_none() {
            run.says(&[said])?;
        }
        let types = without_space(&bench.generated("types.rs")?);
        let member = format!("pubpart:Option<{written}>,");
        ensure!(run.succeeds().is_ok() && types.contains(&member), "{part}: no `{member}`:\n{types}");
    }
    refuses(
        &of(json!({ "type": "string", "enum": ["a"], "x-rust-name": "Option" })),
        &["Thing.part", "taken"],
    )
}

#[test]
fn credentials_that_are_not_understood_do_not_pass_for_none() -> Result<()> {
    let mut thing = with_thing(&named_thing());
    thing["security"] = json!([{ "key": [] }]);
    refuses(&thing, &["/paths/~1things/post", "key is not declared"])?;
    thing["components"]["securitySchemes"] =
        json!({ "key": { "type": "apiKey", "in": "query", "name": "k" } });
    refuses(&thing, &["/paths/~1things/post", "no header"])
}

#[test]
fn paths_that_are_none() -> Result<()> {
    refuses(&document(&json!({ "/a": null }), &json!({})), &["/paths/~1a", "not an object"])?;
    let elsewhere = json!({ "/a": { "get": operation("getThing") }, "/b": { "$ref": "#/paths/~1a" } });
    refuses(&document(&elsewhere, &json!({ "Thing": named_thing() })), &["/paths/~1b"])
}

// ---- overlays ----

const HEAD: &str = "overlay: 1.0.0\ninfo: { title: T, version: '1' }\n";

fn overlaid(overlay: &str) -> Result<Run> {
    Bench::new()?.generate_with(&with_thing(&named_thing()).to_string(), overlay)
}

#[test]
fn an_overlay_that_is_none() -> Result<()> {
    overlaid("openapi: 3.0.0\n")?.refuses(&["overlay", "Overlay 1.0"])?;
    overlaid("- one\n- two\n")?.refuses(&["overlay"])?;
    overlaid(": }")?.refuses(&["overlay", "neither JSON nor YAML"])
}

#[test]
fn a_correction_without_a_place() -> Result<()> {
    let text = format!(
        "{HEAD}actions:\n- target: $.components.schemas.Gone\n  description: It was wrong.\n  update: {{ type: object }}\n"
    );
    overlaid(&text)?.refuses(&["overlay", "$.components.schemas.Gone"])
}

#[test]
fn a_correction_without_a_reason() -> Result<()> {
    let action = "actions:\n- target: $.components.schemas.Thing\n";
    let told = ["overlay", "action 0", "$.components.schemas.Thing", "description"];
    overlaid(&format!("{HEAD}{action}  update: {{ type: object }}\n"))?.refuses(&told)?;
    overlaid(&format!("{HEAD}{action}  description: '  '\n  update: {{ type: object }}\n"))?.refuses(&told)
}

#[test]
fn a_correction_that_breaks_the_document() -> Result<()> {
    let text = format!(
        "{HEAD}actions:\n- target: $.components.schemas.Thing\n  description: Nobody needs it.\n  remove: true\n"
    );
    overlaid(&text)?.refuses(&["after the overlay", "#/components/schemas/Thing", "/paths/~1things/post"])
}

#[test]
fn a_correction_that_applies() -> Result<()> {
    let bench = Bench::new()?;
    let text = format!(
        "{HEAD}actions:\n- target: $.components.schemas.Thing\n  description: A better name.\n  update: {{ x-rust-name: Widget }}\n"
    );
    let run = bench.generate_with(&with_thing(&named_thing()).to_string(), &text)?;
    ensure!(run.succeeds()?.stdout.contains("1 corrections"), "{}", run.stdout);
    ensure!(bench.generated("types.rs")?.contains("pub struct Widget"), "the name is not used");
    Ok(())
}

// ---- --check ----

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cashfree-gen/src/generated")
}

/// A copy of the committed folder.
fn copied(bench: &Bench) -> Result<()> {
    for file in files(&committed())? {
        let copy = bench.out().join(file.strip_prefix(committed())?);
        fs::create_dir_all(copy.parent().context("a folder")?)?;
        fs::copy(file, copy)?;
    }
    Ok(())
}

/// The files of a folder and of those in it.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn check(bench: &Bench) -> Result<Run> {
    run(["--check".as_ref(), "--out".as_ref(), bench.out().as_os_str()])
}

/// Every file with its text and its time.
fn state(folder: &Path) -> Result<Vec<(PathBuf, String, std::time::SystemTime)>> {
    let state = files(folder)?.into_iter().map(|path| {
        let time = fs::metadata(&path)?.modified()?;
        Ok((path.clone(), fs::read_to_string(path)?, time))
    });
    state.collect()
}

#[test]
fn check_of_a_fresh_folder_is_content_and_writes_nothing() -> Result<()> {
    let bench = Bench::new()?;
    copied(&bench)?;
    let before = state(&bench.out())?;
    check(&bench)?.succeeds()?;
    ensure!(before == state(&bench.out())?, "--check wrote something");
    Ok(())
}

#[test]
fn check_of_a_stale_folder_shows_the_difference_and_writes_nothing() -> Result<()> {
    let bench = Bench::new()?;
    copied(&bench)?;
    let path = bench.out().join("operations.rs");
    let text = fs::read_to_string(&path)?;
    let stale = text.replacen("idempotency_key: true", "idempotency_key: false", 1);
    ensure!(stale != text, "there is nothing to make stale");
    fs::write(&path, stale)?;

    let before = state(&bench.out())?;
    let run = check(&bench)?;
    ensure!(!run.success, "a stale folder passed");
    for part in [
        "--- operations.rs (committed)",
        "+++ operations.rs (generated)",
        "@@ ",
        "\n-    idempotency_key: false,",
        "\n+    idempotency_key: true,",
        "1 of 16 files are stale",
        "cargo xtask regen",
    ] {
        ensure!(run.stderr.contains(part), "does not say `{part}`:\n{}", run.stderr);
    }
    ensure!(before == state(&bench.out())?, "--check wrote something");
    Ok(())
}

#[test]
fn check_of_an_empty_folder_names_every_file() -> Result<()> {
    let bench = Bench::new()?;
    let run = check(&bench)?;
    ensure!(!run.success && run.stderr.contains("16 of 16 files are stale"), "{}", run.stderr);
    ensure!(!bench.out().exists(), "--check made a folder");
    Ok(())
}

#[test]
fn a_second_run_leaves_the_files_alone() -> Result<()> {
    let bench = Bench::new()?;
    let text = with_thing(&named_thing()).to_string();
    bench.generate(&text)?.succeeds()?;
    let before = state(&bench.out())?;
    let again = bench.generate(&text)?;
    ensure!(again.succeeds()?.stdout.contains("0 of 16 files changed"), "{}", again.stdout);
    ensure!(before == state(&bench.out())?, "unchanged files were written again");
    Ok(())
}

// ---- documents of others ----

const LIBRARY: &str = r##"
openapi: 3.0.2
info: { title: Library, version: 2.1.0 }
security: [{ token: [] }]
paths:
  /books:
    parameters:
      - { $ref: '#/components/parameters/Trace' }
    get:
      operationId: listBooks
      description: Books, newest first.
      parameters:
        - { name: genre, in: query, schema: { type: array, items: { $ref: '#/components/schemas/Genre' } } }
        - { name: page, in: query, schema: { type: integer, enum: [1, 2, 3] } }
      responses:
        '200':
          description: found
          content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Book' } } } }
        default: { $ref: '#/components/responses/Failed' }
    post:
      operationId: addBook
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: '#/components/schemas/NewBook' }
            examples: { one: { value: { title: Emma, $ref: '#/nowhere' } } }
      responses:
        '201': { description: added, content: { application/json: { schema: { $ref: '#/components/schemas/Book' } } } }
      callbacks:
        added: { $ref: '#/components/callbacks/Added' }
  /books/{isbn}:
    delete:
      operationId: removeBook
      security: []
      parameters:
        - { name: isbn, in: path, required: true, schema: { type: string } }
        - { name: If-Match, in: header, required: true, schema: { type: string } }
      responses: { '204': { description: gone } }
  /books/{isbn}/cover:
    put:
      operationId: putCover
      parameters: [{ name: isbn, in: path, required: true, schema: { type: string } }]
      requestBody:
        content:
          multipart/form-data:
            schema: { type: object, properties: { image: { type: string, format: binary } } }
      responses: { '200': { description: stored } }
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
  parameters:
    Trace: { name: X-Trace, in: header, schema: { type: string } }
  responses:
    Failed: { description: failed, content: { application/json: { schema: { type: object } } } }
  callbacks:
    Added:
      '{$request.body#/url}':
        post: { operationId: onAdded, responses: { '200': { description: seen } } }
  schemas:
    Genre: { type: string, enum: [novel, verse, non-fiction] }
    NewBook:
      type: object
      required: [title]
      properties:
        title: { type: string, example: Emma }
        genre: { $ref: '#/components/schemas/Genre' }
        shelf: { anyOf: [{ type: string }, { type: integer }] }
        notes: { type: object, additionalProperties: { type: string } }
        copies: { type: array, items: { type: array, items: { type: string, enum: [lent, here] } } }
    Book:
      allOf:
        - { $ref: '#/components/schemas/NewBook' }
        - type: object
          properties:
            rating: { type: integer, enum: [1, 2, 3] }
            sequel: { allOf: [{ $ref: '#/components/schemas/Book' }, { description: What comes next. }] }
            series: { type: array, items: { $ref: '#/components/schemas/Book' } }
"##;

#[test]
fn a_foreign_document_in_yaml() -> Result<()> {
    let bench = Bench::new()?;
    let run = bench.generate(LIBRARY)?;
    ensure!(run.succeeds()?.stdout.contains("4 operations"), "{}", run.stdout);

    let client = without_space(&bench.generated("client.rs")?);
    for part in [
        "pubasyncfnlist_books<'a>",
        "genre:Option<&'aVec<enums::Genre>>",
        "Result<ResponseValue<Vec<types::Book>>,Error>",
        "body:&'atypes::NewBook",
        ".header(\"if-match\",Some(if_match))?",
        ".header(\"x-trace\",x_trace)?",
        "pubasyncfnput_cover<'a,B:Into<Body>>",
        "Result<ResponseValue<()>,Error>",
    ] {
        ensure!(client.contains(part), "client.rs lacks `{part}`");
    }
    let types = without_space(&bench.generated("types.rs")?);
    for part in [
        "pubtitle:String,",
        "pubsequel:Option<Box<Book>>,",
        "pubseries:Vec<Book>,",
        "pubshelf:Option<serde_json::Value>,",
        "pubnotes:std::collections::BTreeMap<String,String>,",
        "pubrating:Option<i64>,",
        "pubcopies:Vec<Vec<",
    ] {
        ensure!(types.contains(part), "types.rs lacks `{part}`");
    }
    let enums = bench.generated("enums.rs")?;
    ensure!(enums.contains("NonFiction = \"non-fiction\""), "{enums}");
    let operations = without_space(&bench.generated("operations.rs")?);
    ensure!(operations.contains("auth:&[&[\"authorization\"]]"), "the bearer token is lost");
    ensure!(operations.contains("auth:&[]"), "the open operation is not open");
    for name in ["mod.rs", "unions.rs", "recode.rs", "schema.rs"] {
        bench.generated(name)?;
    }
    Ok(())
}

#[test]
fn a_foreign_document_in_json_without_components() -> Result<()> {
    let bench = Bench::new()?;
    let answer = json!({
        "oneOf": [
            { "type": "object", "properties": { "ok": { "type": "object", "properties": { "at": { "type": "integer" } } } } },
            { "type": "object", "properties": { "failed": { "type": "string" } } },
        ],
    });
    let text = json!({
        "openapi": "3.0.0",
        "info": { "title": "Jobs\nand more", "version": "1\\\"" },
        "paths": {
            "/jobs/{type}/{self}": {
                "get": {
                    "operationId": "ask for a job's state",
                    "parameters": [
                        { "name": "type", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "self", "in": "path", "required": true, "schema": { "type": "integer" } },
                        { "name": "path", "in": "query", "schema": { "type": "string" } },
                    ],
                    "responses": { "default": { "description": "", "content": { "application/json": { "schema": answer } } } },
                },
                "post": { "operationId": "type", "responses": { "202": { "description": "taken" } } , "parameters": [
                    { "name": "type", "in": "path", "required": true, "schema": { "type": "string" } },
                    { "name": "self", "in": "path", "required": true, "schema": { "type": "integer" } },
                ] },
            },
        },
    });
    bench.generate(&text.to_string())?.succeeds()?;
    let client = without_space(&bench.generated("client.rs")?);
    for part in ["fnask_for_a_jobs_state<'a>", "fntype_<'a>", "letpath_=format!", ".query(\"path\",&path)?"] {
        ensure!(client.contains(part), "client.rs lacks `{part}`:\n{client}");
    }
    let unions = without_space(&bench.generated("unions.rs")?);
    ensure!(unions.contains("Failed(String)=\"failed\""), "{unions}");
    for name in ["mod.rs", "types.rs", "enums.rs", "operations.rs", "recode.rs", "schema.rs"] {
        bench.generated(name)?;
    }
    Ok(())
}

#[test]
fn schemas_that_contain_themselves() -> Result<()> {
    let bench = Bench::new()?;
    let itself = json!({ "$ref": "#/components/schemas/Thing" });
    let thing = json!({
        "type": "object",
        "required": ["parts"],
        "properties": {
            "parent": itself,
            "parts": { "type": "array", "items": itself },
            "by_name": { "type": "object", "additionalProperties": itself },
        },
    });
    bench.generate(&with_thing(&thing).to_string())?.succeeds()?;
    let types = without_space(&bench.generated("types.rs")?);
    ensure!(types.contains("pubparent:Option<Box<Thing>>,"), "{types}");
    ensure!(types.contains("pubparent:Option<Box<ThingEntity>>,"), "{types}");

    for endless in [
        json!({ "type": "array", "items": itself }),
        json!({ "type": "object", "additionalProperties": itself }),
        json!({ "allOf": [itself] }),
        json!({ "oneOf": [itself] }),
    ] {
        let bench = Bench::new()?;
        bench.generate(&with_thing(&endless).to_string())?.succeeds()?;
        let client = without_space(&bench.generated("client.rs")?);
        ensure!(client.contains("body:&'aserde_json::Value"), "{endless}: {client}");
    }
    Ok(())
}

#[test]
fn a_union_within_itself_is_boxed() -> Result<()> {
    let bench = Bench::new()?;
    let union = json!({ "oneOf": [
        { "type": "object", "properties": { "not": { "$ref": "#/components/schemas/Thing" } } },
        { "type": "object", "properties": { "key": { "type": "integer" } } },
    ] });
    bench.generate(&with_thing(&union).to_string())?.succeeds()?;
    let unions = without_space(&bench.generated("unions.rs")?);
    for part in ["Not(Box<Thing>)=\"not\"", "Key(serde_json::Value)=\"key\"", "pubfnkey_("] {
        ensure!(unions.contains(part), "unions.rs lacks `{part}`:\n{unions}");
    }
    Ok(())
}

#[test]
fn names_that_rust_has_taken() -> Result<()> {
    let bench = Bench::new()?;
    let names = ["Type", "Option", "Error", "String", "Self", "From", "Serialize", "Client", "a_b_c", "1st"];
    let paths: Value = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
            let content = json!({ "application/json": { "schema": schema } });
            let responses = json!({ "200": { "description": "", "content": content } });
            (
                format!("/{index}"),
                json!({ "get": { "operationId": format!("get{index}"), "responses": responses } }),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    let schemas: Value =
        names.iter().map(|name| (name.to_string(), named_thing())).collect::<serde_json::Map<_, _>>().into();
    bench.generate(&document(&paths, &schemas).to_string())?.succeeds()?;
    let types = bench.generated("types.rs")?;
    for name in
        ["Type", "Option2", "Error2", "String2", "Self2", "From2", "Serialize2", "Client2", "Abc", "N1st"]
    {
        ensure!(types.contains(&format!("pub struct {name} {{")), "types.rs lacks {name}");
    }
    Ok(())
}

#[test]
fn limits_reach_the_schemas_of_requests_if_they_are_limits() -> Result<()> {
    let bench = Bench::new()?;
    let code = json!({ "type": "string", "minLength": "3", "maxLength": 5, "pattern": "^[a-z\"#]+$" });
    let thing = json!({ "type": "object", "required": ["code"], "properties": { "code": code } });
    bench.generate(&with_thing(&thing).to_string())?.succeeds()?;
    let schema = bench.generated("schema.rs")?;
    let limited: Vec<&str> = schema.lines().filter(|line| line.contains(".limited(")).collect();
    ensure!(limited.len() == 1, "the entity that is read has none: {limited:?}");
    ensure!(limited[0].trim_start().starts_with("must(\"code\", own::<String>,"), "{limited:?}");
    let told = r##".limited("{\"maxLength\":5,\"pattern\":\"^[a-z\\\"#]+$\"}"),"##;
    ensure!(limited[0].ends_with(told), "{limited:?}");
    Ok(())
}

#[test]
fn members_that_rust_would_confuse() -> Result<()> {
    let bench = Bench::new()?;
    let names = ["type", "self", "Self", "a-b", "a_b", "new", "default", "", "1st"];
    let members: Value = names
        .iter()
        .map(|name| (name.to_string(), json!({ "type": "string" })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let thing = json!({ "type": "object", "required": ["type"], "properties": members });
    bench.generate(&with_thing(&thing).to_string())?.succeeds()?;
    let types = bench.generated("types.rs")?;
    let sent = types.split("pub struct Thing {").nth(1).context("no Thing")?;
    let fields = sent.split("\n}").next().context("no end")?;
    let mut idents: Vec<&str> = fields
        .lines()
        .filter_map(|line| Some(line.trim().strip_prefix("pub ")?.split_once(':')?.0))
        .collect();
    ensure!(idents.len() == names.len(), "{idents:?}");
    ensure!(!idents.contains(&"new") && !idents.contains(&"default"), "{idents:?}");
    idents.sort_unstable();
    idents.dedup();
    ensure!(idents.len() == names.len(), "two members have one name: {idents:?}");
    for name in names {
        ensure!(fields.contains(&format!("(\"{name}\")]")), "{name} is lost");
    }
    Ok(())
}

#[test]
fn members_that_the_overlay_names() -> Result<()> {
    let with = |given: [Option<&str>; 2]| {
        let [one, other] = given.map(|name| match name {
            Some(name) => json!({ "type": "string", "x-rust-member": name }),
            None => json!({ "type": "string" }),
        });
        let members = json!({ "terminalId": one, "terminal_id": other });
        with_thing(&json!({ "type": "object", "properties": members })).to_string()
    };
    let bench = Bench::new()?;
    bench.generate(&with([Some("second_terminal"), None]))?.succeeds()?;
    let types = without_space(&bench.generated("types.rs")?);
    ensure!(types.contains("pubsecond_terminal:"), "the name is not taken");
    ensure!(types.contains("(\"terminalId\")") && types.contains("pubterminal_id:"), "a member is lost");
    for (given, said) in [
        ([Some("Second"), None], "is not written like a member"),
        ([Some("type"), None], "is not written like a member"),
        ([Some("terminal_id"), None], "its name is given to another member"),
        ([Some("one"), Some("one")], "are both called one"),
    ] {
        bench.generate(&with(given))?.refuses(&[said])?;
    }
    Ok(())
}

#[test]
fn members_that_nothing_may_print() -> Result<()> {
    let bench = Bench::new()?;
    let thing = json!({
        "type": "object",
        "properties": {
            "otp": { "type": "string" },
            "card_token_details": { "type": "object" },
            "word": { "type": "string", "x-cashfree-sensitive": true },
            "open": { "type": "object", "x-cashfree-sensitive": true },
            "shown": { "type": "string", "x-cashfree-sensitive": false },
            "payment_session_id": { "type": "string" },
        },
    });
    bench.generate(&with_thing(&thing).to_string())?.succeeds()?;
    let types = without_space(&bench.generated("types.rs")?);
    for part in [
        "pubotp:Option<crate::Sensitive>,",
        "pubcard_token_details:Option<crate::SensitiveJson>,",
        "pubword:Option<crate::Sensitive>,",
        "pubopen:Option<crate::SensitiveJson>,",
        "pubshown:Option<String>,",
    ] {
        ensure!(types.contains(part), "types.rs lacks `{part}`:\n{types}");
    }
    // Those that are sent, and those of the rule; sorted.
    let told = without_space(&bench.generated("mod.rs")?);
    for part in ["\"open\",\"otp\",\"pan\"", "\"payment_session_id\"", "\"voter_id\",\"vpa\",\"word\""] {
        ensure!(told.contains(part), "mod.rs lacks `{part}`:\n{told}");
    }
    ensure!(!told.contains("\"shown\""), "what may be printed is listed:\n{told}");
    for form in [json!({ "type": "integer" }), json!({ "type": "string", "enum": ["a"] }), named_thing()] {
        let mut form = form;
        form["x-cashfree-sensitive"] = json!(true);
        let thing = json!({ "type": "object", "properties": { "part": form } });
        refuses(&with_thing(&thing), &["art: x-cashfree-sensitive is for text and free JSON"])?;
    }
    Ok(())
}

#[test]
fn enums_of_nothing() -> Result<()> {
    let bench = Bench::new()?;
    let thing = json!({
        "type": "object",
        "properties": {
            "empty": { "type": "string", "enum": [] },
            "blank": { "type": "string", "enum": [""] },
            "absent": { "type": "string", "nullable": true, "enum": [null] },
            "nothing": { "oneOf": [] },
        },
    });
    bench.generate(&with_thing(&thing).to_string())?.succeeds()?;
    let types = without_space(&bench.generated("types.rs")?);
    for part in [
        "pubempty:Option<String>,",
        "pubblank:Option<super::enums::ThingBlank>,",
        "pubabsent:Option<String>,",
        "pubnothing:Option<serde_json::Value>,",
    ] {
        ensure!(types.contains(part), "types.rs lacks `{part}`:\n{types}");
    }
    ensure!(bench.generated("enums.rs")?.contains("Empty = \"\""), "the blank value has no variant");
    Ok(())
}

/// The formatter breaks lines where they get long; what is asked here is what they say.
fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

/// What a page of documentation holds is no Rust: neither is it tested as such, nor does it swallow the rest.
#[test]
fn descriptions_with_code() -> Result<()> {
    let told = "Sent as\r\n```json\r\n{ \"a\": [1] }\r\n```\nand read.\n~~~\nlet x = ;\n~~~\n\n\u{202e}Odd\u{0}.\n```\nnot closed <b>";
    let bench = Bench::new()?;
    let mut thing = named_thing();
    thing["description"] = json!(told);
    bench.generate(&with_thing(&thing).to_string())?.succeeds()?;
    let types = bench.generated("types.rs")?;
    let expected = [
        "Sent as",
        "```text",
        "{ \"a\": [1] }",
        "```",
        "and read.",
        "~~~text",
        "let x = ;",
        "~~~",
        "",
        "Odd.",
        "```text",
        "not closed <b>",
        "```",
    ];
    let comment: Vec<&str> = types
        .lines()
        .map(str::trim_start)
        .skip_while(|line| *line != "/// Sent as")
        .map_while(|line| line.strip_prefix("///"))
        .map(str::trim)
        .take(expected.len())
        .collect();
    ensure!(comment == expected, "{comment:#?}");
    Ok(())
}

#[test]
fn what_is_decided_is_said() -> Result<()> {
    let bench = Bench::new()?;
    let thing = json!({ "allOf": [
        { "type": "object", "properties": { "a": { "type": "string" }, "same": {} } },
        { "type": "object", "properties": { "a": { "type": "integer" }, "same": {}, "b-c": {}, "bC": {} } },
        { "type": "string" },
    ] });
    let mut document = with_thing(&thing);
    let making = &mut document["paths"]["/things"]["post"];
    making["responses"]["200"]["content"]["text/csv"] = json!({ "schema": { "type": "string" } });
    making["parameters"] = json!([
        { "name": "f", "in": "query", "style": "deepObject", "schema": { "type": "object" } },
        { "name": "l", "in": "query", "explode": false, "schema": { "type": "array", "items": {} } },
        { "name": "plain", "in": "query", "explode": false, "style": "form", "schema": { "type": "string" } },
    ]);
    let run = bench.generate(&document.to_string())?;
    let style = "style and explode are not read; a list repeats the name, an object is JSON";
    run.says(&[
        "Thing.a: described by several parts of the allOf; the last counts",
        "Thing: a part of the allOf that is string is not kept beside an object",
        "Thing: b-c and bC are spelled alike; numbers tell them apart",
        "POST /things: reads application/json of 2 media types",
        &format!("POST /things: parameter f: {style}"),
        &format!("POST /things: parameter l: {style}"),
    ])?;
    for quiet in ["Thing.same", "parameter plain"] {
        ensure!(!run.stdout.contains(quiet), "{quiet}:\n{}", run.stdout);
    }
    let types = bench.generated("types.rs")?;
    ensure!(types.contains("pub a: Option<i64>"), "the last did not count:\n{types}");
    Ok(())
}

/// A heading of YAML with nothing below it.
#[test]
fn components_that_are_empty() -> Result<()> {
    let head = "openapi: 3.0.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n";
    let bench = Bench::new()?;
    bench.generate(head)?.says(&["/components: null"])?;
    bench.generate(&format!("{head}  schemas:\n  responses:\n"))?.says(&["/components/schemas: null"])
}
