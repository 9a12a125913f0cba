//! `cargo xtask vendor` from outside, in a copy of the workspace: what the report says of changes of
//! every kind, what it says of documents with faults, and that nothing is replaced by halves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::document;
use xtask::regen::{DOCUMENT, EVENTS, OUT, OVERLAY, Regen};
use xtask::vendor::change::Class;
use xtask::vendor::{self, diff, overlay};

// ---- running it ----

/// A copy of what the task reads and writes.
struct Workspace {
    folder: TempDir,
}

struct Run {
    success: bool,
    stdout: String,
    stderr: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn vendored() -> Result<Value> {
    document::load(&root().join(DOCUMENT))
}

impl Workspace {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut files = vec![root().join(DOCUMENT), root().join(OVERLAY), root().join(EVENTS)];
        files.extend(vendor::files_below(&root().join(OUT))?);
        for file in files {
            let copy = folder.path().join(file.strip_prefix(root())?);
            fs::create_dir_all(copy.parent().context("a folder")?)?;
            fs::copy(file, copy)?;
        }
        Ok(Self { folder })
    }

    /// Runs the task on an edition with this text.
    fn vendor(&self, text: &str, flags: &[&str]) -> Result<Run> {
        let aside = tempfile::tempdir()?;
        let file = aside.path().join("edition");
        fs::write(&file, text)?;
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args([
                "vendor".as_ref(),
                file.as_os_str(),
                "--workspace".as_ref(),
                self.folder.path().as_os_str(),
            ])
            .args(flags)
            .output()?;
        let run = Run {
            success: status.success(),
            stdout: String::from_utf8(stdout)?,
            stderr: String::from_utf8(stderr)?,
        };
        ensure!(status.code().is_some() && !run.stderr.contains("panicked"), "panicked:\n{}", run.stderr);
        Ok(run)
    }

    fn read(&self, path: &str) -> Result<String> {
        fs::read_to_string(self.folder.path().join(path)).with_context(|| path.to_owned())
    }

    /// Every file with its contents.
    fn files(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let read = |path: PathBuf| Ok((path.clone(), fs::read(path)?));
        vendor::files_below(self.folder.path())?.into_iter().map(read).collect()
    }
}

// ---- editing a document ----

/// The value at a JSON pointer.
fn at<'a>(document: &'a mut Value, pointer: &str) -> Result<&'a mut Value> {
    document.pointer_mut(pointer).with_context(|| format!("nothing at {pointer}"))
}

fn schema<'a>(document: &'a mut Value, path: &str) -> Result<&'a mut Value> {
    at(document, &format!("/components/schemas/{path}"))
}

fn remove(document: &mut Value, pointer: &str) -> Result<Value> {
    let (holder, name) = pointer.rsplit_once('/').context("a pointer")?;
    let name = name.replace("~1", "/");
    let holder = at(document, holder)?.as_object_mut().context("an object")?;
    holder.shift_remove(&name).with_context(|| format!("nothing at {pointer}"))
}

fn push(document: &mut Value, pointer: &str, item: Value) -> Result<()> {
    at(document, pointer)?.as_array_mut().with_context(|| format!("no list at {pointer}"))?.push(item);
    Ok(())
}

/// A schema by another name, wherever it is referred to.
fn rename(document: &Value, old: &str, new: &str) -> Result<Value> {
    let text = document
        .to_string()
        .replace(&format!("\"#/components/schemas/{old}\""), &format!("\"#/components/schemas/{new}\""));
    let mut document: Value = serde_json::from_str(&text)?;
    let moved = remove(&mut document, &format!("/components/schemas/{old}"))?;
    at(&mut document, "/components/schemas")?[new] = moved;
    Ok(document)
}

/// Another edition of the API, with a change of every kind.
fn edition() -> Result<Value> {
    let mut new = rename(&vendored()?, "AddressDetails", "PostalAddress")?;
    let document = &mut new;
    document["info"]["version"] = json!("2026-01-01");
    document["info"]["description"] = json!("Another text.");

    // Operations: one gone, one new, one moved, one renamed, one deprecated under another tag.
    remove(document, "/paths/~1utilities~1cardbin")?;
    let copied = at(document, "/paths/~1orders~1{order_id}/get")?.clone();
    document["paths"]["/orders/{order_id}/history"] = json!({ "get": copied });
    document["paths"]["/orders/{order_id}/history"]["get"]["operationId"] = json!("PGOrderHistory");
    let moved = remove(document, "/paths/~1offers~1{offer_id}")?;
    document["paths"]["/v2/offers/{offer_id}"] = moved;
    at(document, "/paths/~1customers/post")?["operationId"] = json!("PGRegisterCustomer");
    let listing = at(document, "/paths/~1orders~1{order_id}~1payments/get")?;
    listing["deprecated"] = json!(true);
    listing["tags"] = json!(["Orders"]);
    listing["security"].as_array_mut().context("alternatives")?.remove(0);

    // Parameters, bodies and answers.
    let getting = at(document, "/paths/~1orders~1{order_id}/get")?;
    getting["parameters"].as_array_mut().context("parameters")?.extend([
        json!({ "name": "expand", "in": "query", "schema": { "type": "string" } }),
        json!({ "name": "x-region", "in": "header", "required": true, "schema": { "type": "string" } }),
    ]);
    getting["responses"]["451"] = json!({ "description": "Not here." });
    getting["responses"]["200"]["content"]["application/json"]["examples"] = json!({ "new": { "value": 1 } });
    for (_, operation) in document["paths"].as_object_mut().context("paths")?.iter_mut().take(5) {
        for method in document::METHODS {
            if let Some(parameters) = operation.pointer_mut(&format!("/{method}/parameters")) {
                let header = json!({ "name": "x-trace", "in": "header", "schema": { "type": "string" } });
                parameters.as_array_mut().context("parameters")?.push(header);
            }
        }
    }
    let creating = at(document, "/paths/~1orders/post")?;
    creating["requestBody"]["content"]["application/xml"] = json!({ "schema": { "type": "object" } });
    at(document, "/components/parameters/xIdempotencyKeyHeader")?["required"] = json!(true);

    // Members: added, removed, of another type, limited, required, with a default.
    let order = schema(document, "CreateOrderRequest")?;
    order["properties"]["channel"] = json!({ "type": "string" });
    order["properties"]["region"] = json!({ "type": "string" });
    order["properties"]["order_note"]["maxLength"] = json!(20);
    order["properties"]["order_id"]["default"] = json!("auto");
    push(document, "/components/schemas/CreateOrderRequest/required", json!("channel"))?;
    push(document, "/components/schemas/CreateOrderRequest/required", json!("order_id"))?;
    remove(document, "/components/schemas/OrderMeta/properties/notify_url")?;
    schema(document, "OrderEntity/properties")?["order_region"] = json!({ "type": "string" });
    schema(document, "OrderEntity/properties/order_note")?["type"] = json!("integer");
    remove(document, "/components/schemas/OrderEntity/properties/order_tags")?;

    // Enums.
    push(document, "/components/schemas/PaymentEntity/properties/payment_status/enum", json!("HELD"))?;
    let values = schema(document, "OrderCreateRefundRequest/properties/refund_speed/enum")?;
    values.as_array_mut().context("values")?.remove(0);

    // Corrections of the overlay: one without a place, one made upstream.
    remove(document, "/components/schemas/TerminateOrderRequest/properties/order_status")?;
    push(document, "/components/schemas/RefundEntity/properties/refund_status/enum", json!("FAILED"))?;
    schema(document, "PaymentEntity/properties/payment_group")?["enum"] = json!(["upi", "blik"]);
    Ok(new)
}

/// A report without the figures that a change of the generator or the overlay moves.
fn assert_report(name: &str, report: &str) {
    insta::with_settings!({
        filters => vec![
            (r"\| (`\w+\.rs`) \| \S+ \| \S+ \|", "| $1 | [lines] | [lines] |"),
            (r"\d+ of \d+ corrections", "[n] of [n] corrections"),
            (r"actions?\[\d+\]", "action [n]"),
            (r"action \d+", "action [n]"),
            (r"\d+ operations, \d+ types", "[n] operations, [n] types"),
        ],
        omit_expression => true,
    }, { insta::assert_snapshot!(name, report) });
}

// ---- the tests ----

#[test]
fn a_change_of_every_kind_is_told() -> Result<()> {
    let workspace = Workspace::new()?;
    let before = workspace.files()?;
    let run = workspace.vendor(&edition()?.to_string(), &[])?;
    assert_report("every_kind", &run.stdout);
    ensure!(!run.success, "a correction without a place passed");
    ensure!(run.stderr.starts_with("error: "), "{}", run.stderr);
    ensure!(workspace.files()? == before, "something was replaced");
    ensure!(
        !run.stdout.contains(&*workspace.folder.path().to_string_lossy()),
        "names a folder of this machine"
    );
    Ok(())
}

#[test]
fn the_same_document_changes_nothing() -> Result<()> {
    let workspace = Workspace::new()?;
    let before = workspace.files()?;
    let run = workspace.vendor(&workspace.read(DOCUMENT)?, &[])?;
    ensure!(run.success, "{}", run.stderr);
    let (report, _) = run.stdout.split_once("\noverlay: ").context("the generator's lines")?;
    assert_report("the_same", report);
    ensure!(workspace.files()? == before, "something was replaced");
    Ok(())
}

#[test]
fn yaml_is_taken_byte_for_byte_and_generated() -> Result<()> {
    let workspace = Workspace::new()?;
    // A comment would not survive being read and written.
    let text = workspace
        .read(DOCUMENT)?
        .replace("operationId: PGCreateCustomer\n", "operationId: PGAddCustomer # new\n");
    let run = workspace.vendor(&text, &[])?;
    ensure!(run.success, "{}", run.stderr);
    ensure!(run.stdout.contains("operation id `PGCreateCustomer` → `PGAddCustomer`"), "{}", run.stdout);
    ensure!(workspace.read(DOCUMENT)? == text, "the text is another");
    ensure!(workspace.read(&format!("{OUT}/client.rs"))?.contains("pg_add_customer"), "not generated");
    let outcome = Regen::vendored(workspace.folder.path(), None, None).outcome()?;
    for file in outcome.files {
        ensure!(workspace.read(&format!("{OUT}/{}", file.name))? == file.text, "{} is stale", file.name);
    }
    Ok(())
}

#[test]
fn json_becomes_yaml_that_holds_the_same() -> Result<()> {
    let workspace = Workspace::new()?;
    let mut new = vendored()?;
    at(&mut new, "/components/schemas/OrderEntity/properties")?["order_region"] = json!({ "type": "string" });
    let aside = tempfile::tempdir()?;
    let report = aside.path().join("report.md");
    let run = workspace.vendor(&new.to_string(), &["--report", &report.to_string_lossy()])?;
    ensure!(run.success, "{}", run.stderr);
    ensure!(workspace.read(DOCUMENT)?.starts_with("openapi:"), "not YAML");
    ensure!(document::load(&workspace.folder.path().join(DOCUMENT))? == new, "another document");
    let report = fs::read_to_string(report)?;
    ensure!(report.contains("| `OrderEntity.order_region` | member added: string |"), "{report}");
    ensure!(run.stdout.starts_with(&report), "the file holds another report");
    Ok(())
}

#[test]
fn a_dry_run_writes_nothing() -> Result<()> {
    let workspace = Workspace::new()?;
    let before = workspace.files()?;
    let text =
        workspace.read(DOCUMENT)?.replace("operationId: PGCreateCustomer\n", "operationId: PGAddCustomer\n");
    let run = workspace.vendor(&text, &["--dry-run"])?;
    ensure!(run.success, "{}", run.stderr);
    ensure!(run.stdout.contains("| `client.rs` |"), "does not tell what would be generated:\n{}", run.stdout);
    ensure!(workspace.files()? == before, "something was written");
    Ok(())
}

#[test]
fn a_failure_halfway_puts_everything_back() -> Result<()> {
    let workspace = Workspace::new()?;
    // A folder stands where a file has to be written.
    let blocked = workspace.folder.path().join(OUT).join("operations.rs");
    fs::remove_file(&blocked)?;
    fs::create_dir(&blocked)?;
    let before = workspace.files()?;
    let text =
        workspace.read(DOCUMENT)?.replace("operationId: PGCreateCustomer\n", "operationId: PGAddCustomer\n");
    let run = workspace.vendor(&text, &[])?;
    ensure!(!run.success && run.stderr.contains("operations.rs"), "{}", run.stderr);
    ensure!(run.stdout.contains("operation id `PGCreateCustomer`"), "no report:\n{}", run.stdout);
    ensure!(workspace.files()? == before, "something stayed replaced");
    Ok(())
}

#[test]
fn what_is_no_document_is_refused() -> Result<()> {
    let workspace = Workspace::new()?;
    let before = workspace.files()?;
    for text in ["", "[]", "7", "openapi: 3.1.0\npaths: {}\n", "{ \"paths\": 1 }"] {
        let run = workspace.vendor(text, &[])?;
        ensure!(!run.success && run.stdout.contains("The generator stops"), "took {text:?}:\n{}", run.stdout);
    }
    let run = workspace.vendor("a: [1\n b: }", &[])?;
    ensure!(!run.success && run.stderr.contains("neither JSON nor YAML"), "{}", run.stderr);
    ensure!(workspace.files()? == before, "something was replaced");
    Ok(())
}

/// Every value of a document in turn is replaced by each of these; nothing may panic or take forever.
#[test]
fn faults_in_a_document_are_no_obstacle() -> Result<()> {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let thing = json!({
        "allOf": [reference("Base"), { "properties": { "a": reference("Thing"), "b": reference("Other") } }],
        "required": ["a"],
    });
    let small = json!({
        "openapi": "3.0.0",
        "info": { "title": "T", "version": "1" },
        "paths": { "/a/{id}": { "parameters": [{ "$ref": "#/components/parameters/Id" }], "post": {
            "operationId": "make",
            "requestBody": { "content": { "application/json": { "schema": reference("Thing"), "example": 1 } } },
            "responses": { "200": { "description": "", "content": { "application/json": { "schema": { "oneOf": [reference("Other"), { "title": "x" }] } } } } },
        } } },
        "components": {
            "parameters": { "Id": { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } } },
            "schemas": {
                "Thing": thing,
                "Base": { "properties": { "thing": reference("Thing"), "other": reference("Base") } },
                "Other": { "type": "object", "properties": { "a": reference("Other"), "b": reference("Base"), "c": { "enum": ["x"] } } },
            },
        },
    });
    let mut pointers = Vec::new();
    collect(&small, String::new(), &mut pointers);
    let mut told = 0_usize;
    for pointer in &pointers {
        for fault in [
            json!(null),
            json!([1]),
            json!("text"),
            json!({}),
            reference("Nowhere"),
            reference("Thing"),
            reference("Base"),
        ] {
            let mut faulty = small.clone();
            *at(&mut faulty, pointer)? = fault;
            let there = diff::compare(&small, &faulty);
            let back = diff::compare(&faulty, &small);
            ensure!(diff::compare(&faulty, &faulty).changes.is_empty(), "{pointer}: differs from itself");
            told += usize::from(!there.changes.is_empty()) + usize::from(!back.changes.is_empty());
        }
    }
    ensure!(pointers.len() > 60 && told > pointers.len() * 8, "{told} told of {} places", pointers.len());
    Ok(())
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (document::escape(name), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    for (name, child) in children {
        collect(child, format!("{pointer}/{name}"), pointers);
    }
    pointers.push(pointer);
}

/// The same change is judged by the way that it goes.
#[test]
fn sending_and_reading_are_told_apart() -> Result<()> {
    let document = |sent: &Value, read: &Value| {
        let content = |schema: &Value| json!({ "content": { "application/json": { "schema": schema } } });
        json!({ "paths": { "/a": { "post": {
            "operationId": "make", "requestBody": content(sent), "responses": { "200": content(read) },
        } } } })
    };
    let classes = |old: Value, new: Value| -> (Class, Class) {
        let worst = |difference: xtask::vendor::change::Difference| difference.effect().class();
        let none = json!({});
        let sent = diff::compare(&document(&old, &none), &document(&new, &none));
        (worst(sent), worst(diff::compare(&document(&none, &old), &document(&none, &new))))
    };
    use Class::{Additive, Compile, CompileAndWire, None, Wire};
    let object = |required: Value, members: Value| json!({ "type": "object", "required": required, "properties": members });
    let (a, ab) = (json!({ "a": {} }), json!({ "a": {}, "b": {} }));
    let text = |more: Value| {
        let mut schema = json!({ "type": "string" });
        schema
            .as_object_mut()
            .into_iter()
            .for_each(|schema| schema.extend(more.as_object().cloned().unwrap_or_default()));
        schema
    };
    for (old, new, expected) in [
        (object(json!([]), a.clone()), object(json!([]), ab.clone()), (Additive, Additive)),
        (object(json!([]), a.clone()), object(json!(["b"]), ab.clone()), (CompileAndWire, Additive)),
        (object(json!([]), ab), object(json!([]), a.clone()), (CompileAndWire, Compile)),
        (object(json!([]), a.clone()), object(json!(["a"]), a.clone()), (CompileAndWire, None)),
        (object(json!(["a"]), a.clone()), object(json!([]), a.clone()), (Compile, None)),
        // The generator reads either in the same way.
        (object(json!(["a"]), a.clone()), object(json!(["a."]), a.clone()), (None, None)),
        (object(json!([]), a.clone()), object(json!(["a."]), a), (CompileAndWire, None)),
        (text(json!({})), json!({ "type": "integer" }), (CompileAndWire, CompileAndWire)),
        (text(json!({})), text(json!({ "format": "date-time" })), (Compile, Compile)),
        (text(json!({ "enum": ["x"] })), text(json!({ "enum": ["x", "y"] })), (Additive, Additive)),
        (text(json!({ "enum": ["x", "y"] })), text(json!({ "enum": ["y"] })), (CompileAndWire, Compile)),
        (text(json!({ "maxLength": 9 })), text(json!({ "maxLength": 8 })), (Wire, None)),
        (text(json!({ "maxLength": 8 })), text(json!({ "maxLength": 9 })), (Additive, None)),
        (text(json!({ "minLength": 8 })), text(json!({ "minLength": 9 })), (Wire, None)),
        (text(json!({ "nullable": true })), text(json!({})), (Wire, None)),
        (text(json!({})), text(json!({ "nullable": true })), (Additive, None)),
        (text(json!({})), text(json!({ "readOnly": true })), (Wire, None)),
        (text(json!({})), text(json!({ "writeOnly": true })), (None, Wire)),
        (text(json!({})), text(json!({ "default": "x" })), (Wire, None)),
    ] {
        let found = classes(old.clone(), new.clone());
        ensure!(found == expected, "{old} → {new}: {found:?}, not {expected:?}");
    }
    Ok(())
}

#[test]
fn a_correction_in_two_steps_is_found_upstream() -> Result<()> {
    let overlay: roas_overlay::v1_0::Overlay = serde_json::from_value(json!({
        "overlay": "1.0.0", "info": { "title": "T", "version": "1" },
        "actions": [
            { "target": "$.a.enum", "description": "First half.", "remove": true },
            { "target": "$.a", "description": "Second half.", "update": { "enum": ["x"] } },
            { "target": "$.b", "description": "Its own.", "update": { "type": "string" } },
        ],
    }))?;
    let standings = |document: Value| -> Vec<overlay::Standing> {
        overlay::judge(&overlay, &document).into_iter().map(|action| action.standing).collect()
    };
    use overlay::Standing::{Applies, Stale, Upstream};
    ensure!(standings(json!({ "a": { "enum": ["y"] }, "b": {} })) == [Applies, Applies, Applies]);
    ensure!(standings(json!({ "a": { "enum": ["x"] }, "b": {} })) == [Upstream, Upstream, Applies]);
    ensure!(standings(json!({ "a": {}, "b": { "type": "string" } })) == [Stale, Applies, Upstream]);
    Ok(())
}

/// Some editions write out what holds anyway.
#[test]
fn what_is_written_out_and_held_before_is_no_change() -> Result<()> {
    let document = |parameters: Value, body: Value| {
        json!({ "paths": { "/a/{id}": { "post": {
            "operationId": "make",
            "deprecated": false,
            "parameters": parameters,
            "requestBody": { "content": { "application/json": { "schema": body } } },
        } } } })
    };
    let parameter = |place: &str, more: Value| {
        let mut parameter = json!({ "name": "p", "in": place, "required": place == "path", "schema": {} });
        let members = parameter.as_object_mut().into_iter();
        members.for_each(|members| members.extend(more.as_object().cloned().unwrap_or_default()));
        parameter
    };
    let schema = json!({ "type": "array", "items": {} });
    let told =
        json!({ "type": "array", "items": {}, "uniqueItems": false, "nullable": false, "readOnly": false });
    for (place, style, explode) in [
        ("query", "form", true),
        ("cookie", "form", true),
        ("path", "simple", false),
        ("header", "simple", false),
    ] {
        let said = |style: &str, explode: bool| {
            let more = json!({ "style": style, "explode": explode, "allowReserved": false });
            document(json!([parameter(place, more)]), told.clone())
        };
        let silent = document(json!([parameter(place, json!({}))]), schema.clone());
        let changes = diff::compare(&silent, &said(style, explode)).changes;
        ensure!(changes.is_empty(), "{place}: {changes:?}");
        for other in [said("spaceDelimited", explode), said(style, !explode)] {
            let class = diff::compare(&silent, &other).effect().class();
            ensure!(class == Class::CompileAndWire, "{place}: {class:?}");
        }
    }
    Ok(())
}
