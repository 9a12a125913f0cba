//! `cargo xtask vendor` from outside, in a copy of the workspace: a synthetic edition through the whole flow, a
//! sibling version, refusals, and that nothing is replaced by halves.

mod surroundings;
mod variations;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::document;
use xtask::regen::{self, OUT, Regen};
use xtask::vendor;
use xtask::versions::{self, Files, Versions};

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

/// A workspace with a small document, so that an edition of the API's own document changes nothing here.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workspace")
}

fn vendored() -> Result<Value> {
    document::load(&root().join(current()?.document))
}

fn current() -> Result<Files> {
    Ok(Versions::read(&root())?.current())
}

impl Workspace {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for file in vendor::files_below(&root())? {
            let copy = folder.path().join(file.strip_prefix(root())?);
            fs::create_dir_all(copy.parent().context("a folder")?)?;
            fs::copy(file, copy)?;
        }
        regen::run(&Regen::vendored(folder.path())?, false, false)?;
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

const ADDED: &str = r#"overlay: 1.0.0
info: { title: Corrections, version: 1.0.0 }
actions:
- target: $.components.schemas.CreateOrderRequest.properties.channel
  description: "A channel is a word."
  update: { enum: [WEB, SHOP], x-rust-name: SalesChannel }
"#;

/// What a report says of a document without changes.
const SAME: &str = "0 changes break code that calls the crate, 0 a program built before it, 0 break nobody";

const SENTENCE: &str = "A sentence of somebody else.";

/// An edition with a change of every kind that editions had so far.
fn edition() -> Result<Value> {
    let mut new = rename(&vendored()?, "AddressDetails", "PostalAddress")?;
    let document = &mut new;
    at(document, "/paths/~1orders/post")?["description"] = json!(SENTENCE);
    at(document, "/paths/~1orders/post")?["x-upstream"] = json!(SENTENCE);
    schema(document, "OrderEntity")?["description"] = json!(SENTENCE);

    // Sentences in what the generator drops unread.
    let server = json!({ "url": "https://sandbox.example/pg", "description": SENTENCE });
    at(document, "/paths/~1orders/post")?["servers"] = json!([server]);
    at(document, "/paths/~1orders/post")?["callbacks"] = json!({ "paid": { "{$request.body#/url}": { "post": {
        "summary": SENTENCE, "responses": { "200": { "description": SENTENCE } },
    } } } });
    at(document, "/paths/~1orders/post/responses/200")?["headers"] = json!({ "x-request-id": { "description": SENTENCE, "schema": { "type": "string", "title": SENTENCE } } });
    document["paths"]["x-about"] = json!({ "text": SENTENCE });

    // A schema that corrections change moves into a component, behind a lone `allOf`.
    let status = schema(document, "RefundEntity/properties/refund_status")?.take();
    schema(document, "RefundEntity/properties")?["refund_status"] =
        json!({ "allOf": [{ "$ref": "#/components/schemas/RefundStatusValues" }] });
    at(document, "/components/schemas")?["RefundStatusValues"] = status;

    // A correction made in other words, and an operation under another path.
    schema(document, "UpdateSoundboxVpaRequest")?["required"] = json!(["cf_terminal_id", "vpa"]);
    let moved = remove(document, "/paths/~1utilities~1pars")?;
    document["paths"]["/utilities/account-references"] = moved;

    // A path that repeats that of the servers, a shared example, and an example that a tool made up.
    let moved = remove(document, "/paths/~1terminal~1soundbox~1vpa")?;
    document["paths"]["/pg/terminal/soundbox/vpa"] = moved;
    document["components"]["examples"] = json!({ "Refund": { "value": { "refund_id": "r1" } } });
    let media =
        at(document, "/paths/~1orders~1{order_id}~1refunds/post/responses/200/content/application~1json")?;
    media["examples"] = json!({ "refund": { "$ref": "#/components/examples/Refund" } });
    schema(document, "CustomerEntity")?["example"] = json!({ "customer_score": 0.800_828_190_461_011_5 });

    // Operations: one gone, one new that writes without credentials under a key.
    remove(document, "/paths/~1utilities~1cardbin")?;
    document["paths"]["/orders/{order_id}/hold"] = json!({ "post": {
        "operationId": "PGHoldOrder",
        "security": [],
        "description": SENTENCE,
        "parameters": [
            { "name": "order_id", "in": "path", "required": true, "schema": { "type": "string" } },
            { "$ref": "#/components/parameters/xIdempotencyKeyHeader" },
        ],
        "responses": { "200": { "description": SENTENCE } },
    } });

    // Fields: a secret, a plain text, one gone, one required, one of another type.
    let order = schema(document, "CreateOrderRequest/properties")?;
    order["token_number"] = json!({ "type": "string", "description": SENTENCE });
    order["channel"] = json!({ "type": "string" });
    push(document, "/components/schemas/CreateOrderRequest/required", json!("order_id"))?;
    remove(document, "/components/schemas/OrderEntity/properties/order_tags")?;
    schema(document, "OrderEntity/properties/order_note")?["type"] = json!("integer");

    // Another type in the place of one that others have still, and an operation that is called otherwise.
    at(document, "/components/schemas")?["PageMeta"] = json!({ "type": "object", "properties": {
        "return_url": { "type": "string" },
        "page_title": { "type": "string" },
    } });
    schema(document, "OrderEntity/properties")?["order_meta"] =
        json!({ "$ref": "#/components/schemas/PageMeta" });
    at(document, "/paths/~1customers/post")?["operationId"] = json!("PGAddCustomer");

    // An event, which is not taken in.
    document["webhooks"] = json!({ "orderHeld": { "post": { "responses": {} } } });

    // The same shape in another order.
    let customer = schema(document, "CustomerDetails/properties")?.as_object_mut().context("fields")?;
    let reversed: Vec<(String, Value)> = std::mem::take(customer).into_iter().rev().collect();
    customer.extend(reversed);

    // A value more, and one that is no longer listed.
    push(document, "/components/schemas/PaymentEntity/properties/payment_status/enum", json!("HELD"))?;
    let values = schema(document, "OrderCreateRefundRequest/properties/refund_speed/enum")?;
    values.as_array_mut().context("values")?.remove(0);
    Ok(new)
}

/// What a report says of a subject: the lines that name it.
fn says(report: &str, subject: &str, what: &str) -> Result<()> {
    let found = report.lines().any(|line| line.contains(&format!("`{subject}`")) && line.contains(what));
    ensure!(found, "nothing says of {subject} that {what}:\n{report}");
    Ok(())
}

#[test]
fn a_synthetic_edition_goes_the_whole_way() -> Result<()> {
    let workspace = Workspace::new()?;
    let files = current()?;
    let text = edition()?.to_string();
    let before = workspace.files()?;

    // The report, and nothing else.
    let aside = tempfile::tempdir()?;
    let path = aside.path().join("report.md");
    let run = workspace.vendor(&text, &["--dry-run", "--report", &path.to_string_lossy()])?;
    ensure!(run.success, "{}", run.stderr);
    ensure!(workspace.files()? == before, "a dry run wrote something");
    let report = fs::read_to_string(&path)?;
    ensure!(run.stdout == report && !report.contains(SENTENCE), "{report}");
    ensure!(fs::read_to_string(path.with_extension("diff"))?.contains("+POST"), "no raw differences");
    says(&report, "PGGetCardBin", "removed: POST /utilities/cardbin (compile)")?;
    says(&report, "PGHoldOrder", "added: POST /orders/{order_id}/hold, never, open")?;
    ensure!(report.contains("- PGHoldOrder (POST /orders/{order_id}/hold): repeated never"), "{report}");
    ensure!(report.contains("x-rust-name: AddressDetails } } # PostalAddress"), "{report}");
    says(&report, "CreateOrder.channel", "")?;
    ensure!(!report.contains("CreateOrder.token_number"), "a secret is listed as plain text:\n{report}");
    says(&report, "CreateOrder", "`order_id` required (compile, wire)")?;
    says(&report, "CreateOrder", "`token_number` added: Sensitive")?;
    says(&report, "Order", "`order_tags` removed")?;
    says(&report, "Order", "`order_note`: String → i64")?;
    says(&report, "PaymentStatus", "`HELD` added")?;
    says(&report, "Order", "`order_meta`: OrderMeta → PageMeta")?;
    says(&report, "OrderMeta → PageMeta", "`page_title` added: String")?;
    says(&report, "OrderMeta → PageMeta", "`notify_url` removed")?;
    says(&report, "orderHeld", "")?;
    says(&report, "PGCreateCustomer", "is called PGAddCustomer (compile)")?;
    ensure!(!report.contains("`CustomerDetails`"), "another order counts as a change:\n{report}");
    ensure!(
        !report.contains("CustomerEntity.properties`"),
        "what a correction adds counts as absent:\n{report}"
    );
    ensure!(!report.contains("refund_status`"), "a followed correction counts as lost:\n{report}");
    says(&report, "POST /utilities/cardbin", "")?;
    let (_, obsolete) = report.split_once("Obsolete:").context("no correction is obsolete")?;
    ensure!(obsolete.contains("`$.components.schemas.UpdateSoundboxVpaRequest`"), "{report}");
    says(&report, "/utilities/pars", "apply to `/utilities/account-references`")?;
    ensure!(!report.contains("['/utilities/pars']"), "a correction is lost with its path:\n{report}");
    ensure!(
        !report.contains("`SposUpdateSoundboxVpa`"),
        "the base path of the servers counts as a change:\n{report}"
    );
    ensure!(report.contains("1 examples are made up"), "{report}");
    ensure!(report.lines().count() < 120, "{} lines", report.lines().count());

    // Corrections of the operation that is gone stop it, until it is kept.
    let run = workspace.vendor(&text, &[])?;
    ensure!(!run.success && run.stderr.contains("--drop-corrections"), "{}", run.stderr);
    ensure!(workspace.files()? == before, "something was replaced");
    let added = aside.path().join("added.yaml");
    fs::write(&added, ADDED)?;
    let added = added.to_string_lossy();
    let flags = ["--merge", "--drop-corrections", "--keep-names", "--corrections", &added];
    let run = workspace.vendor(&text, &flags)?;
    ensure!(run.success, "{}", run.stderr);
    let (_, kept) = run.stdout.split_once("## Kept names").context("the names that are kept are not said")?;
    ensure!(kept.contains("x-rust-name: AddressDetails") && kept.contains("PGCreateCustomer"), "{kept}");

    let document = workspace.read(&files.document)?;
    ensure!(document.contains("x-kept-from") && document.contains("PGGetCardBin"), "nothing is kept");
    ensure!(!document.contains("customer_score"), "a made-up example is kept");
    let read: openapiv3::OpenAPI =
        serde_json::from_value(document::load(&workspace.folder.path().join(&files.document))?)?;
    ensure!(read.paths.paths.len() == 9, "{} paths", read.paths.paths.len());
    let sandbox = workspace.read("tests/sandbox/documents/payments.json")?;
    let sandbox: Value = serde_json::from_str(&sandbox)?;
    let refund =
        "/paths/~1orders~1{order_id}~1refunds/post/responses/200/content/application~1json/examples/refund";
    ensure!(
        sandbox.pointer(refund) == Some(&json!({ "value": { "refund_id": "r1" } })),
        "a shared example is lost"
    );
    ensure!(sandbox["paths"].get("/terminal/soundbox/vpa").is_some(), "a path is not relative");
    for (path, bytes) in workspace.files()? {
        ensure!(!String::from_utf8_lossy(&bytes).contains(SENTENCE), "a sentence reached {}", path.display());
    }
    let overlay = workspace.read(&files.overlay)?;
    ensure!(!overlay.contains("$.components.schemas.UpdateSoundboxVpaRequest\n"), "it is carried over");
    ensure!(overlay.contains("A channel is a word."), "the added correction is not kept");
    ensure!(
        workspace.read(&files.wording)?.contains("/paths/~1utilities~1account-references/post/description"),
        "the wording does not follow the path"
    );
    let types = workspace.read(&format!("{OUT}/types.rs"))?;
    ensure!(types.contains("pub channel: Option<super::enums::SalesChannel>"), "nothing is added");
    ensure!(types.contains("pub token_number: Option<crate::Sensitive>"), "the secret prints in plain");
    ensure!(types.contains("pub struct AddressDetails"), "the name of before is not kept");
    ensure!(
        workspace.read(&format!("{OUT}/enums.rs"))?.contains("Failed = \"FAILED\""),
        "a correction is lost"
    );
    let client = workspace.read(&format!("{OUT}/client.rs"))?;
    ensure!(client.contains("pg_get_card_bin"), "an operation vanished");
    ensure!(
        client.contains("pg_create_customer") && !client.contains("pg_add_customer"),
        "a name is not kept"
    );
    let outcome = Regen::vendored(workspace.folder.path())?.outcome()?;
    for file in outcome.files {
        ensure!(workspace.read(&format!("{OUT}/{}", file.name))? == file.text, "{} is stale", file.name);
    }
    ensure!(!outcome.without_wording.is_empty(), "the new field has no wording, and nobody says so");

    // A second time there is nothing to do.
    let run = workspace.vendor(&text, &["--merge", "--dry-run"])?;
    ensure!(run.stdout.contains("0 changes break code"), "{}", run.stdout);
    Ok(())
}

#[test]
fn the_same_document_changes_nothing() -> Result<()> {
    let workspace = Workspace::new()?;
    let text = workspace.read(&current()?.document)?;
    // The first time, the document gets the notation in which the task writes.
    let run = workspace.vendor(&text, &[])?;
    ensure!(run.success, "{}", run.stderr);
    ensure!(run.stdout.contains(SAME), "{}", run.stdout);
    let before = workspace.files()?;
    let run = workspace.vendor(&text, &[])?;
    ensure!(run.success, "{}", run.stderr);
    ensure!(workspace.files()? == before, "something was written");
    Ok(())
}

#[test]
fn another_version_becomes_a_sibling() -> Result<()> {
    let workspace = Workspace::new()?;
    let before = workspace.files()?;
    let mut new = edition()?;
    new["info"]["version"] = json!("2099-01-01");
    let text = new.to_string();
    for (flags, expected) in [
        (&[][..], "describes version 2099-01-01, and the current one is"),
        (&["--version", "2099-02-01"], "describes version 2099-01-01, not 2099-02-01"),
    ] {
        let run = workspace.vendor(&text, flags)?;
        ensure!(!run.success && run.stderr.contains(expected), "{}", run.stderr);
    }
    ensure!(workspace.files()? == before, "something was replaced");

    let run = workspace.vendor(&text, &["--version", "2099-01-01", "--drop-corrections"])?;
    ensure!(run.success, "{}", run.stderr);
    let after = workspace.files()?;
    for (path, bytes) in &before {
        let is_list = path.ends_with(versions::FILE);
        ensure!(is_list || after.get(path) == Some(bytes), "{} changed", path.display());
    }
    let sibling = Files::of("2099-01-01");
    for path in sibling.below(workspace.folder.path()) {
        ensure!(after.contains_key(&path), "no {}", path.display());
    }
    let mut listed = Versions::read(workspace.folder.path())?;
    ensure!(listed.versions.contains(&"2099-01-01".to_owned()), "it is not listed");

    // It generates as soon as it is the current one.
    listed.current = "2099-01-01".to_owned();
    fs::write(workspace.folder.path().join(versions::FILE), listed.to_text()?)?;
    let outcome = Regen::vendored(workspace.folder.path())?.outcome()?;
    ensure!(outcome.model.version == "2099-01-01", "{}", outcome.model.version);
    Ok(())
}

#[test]
fn a_second_edition_of_a_sibling_keeps_its_decisions() -> Result<()> {
    const DECISION: &str = "- target: $.components.schemas.OrderEntity.properties.order_note\n  description: \"It quotes the payer.\"\n  update: { x-cashfree-sensitive: true }\n";
    let workspace = Workspace::new()?;
    let mut document = vendored()?;
    document["info"]["version"] = json!("2099-01-01");
    let flags = ["--version", "2099-01-01"];
    let run = workspace.vendor(&document.to_string(), &flags)?;
    ensure!(run.success, "{}{}", run.stdout, run.stderr);
    let sibling = Files::of("2099-01-01");
    for (file, text) in [
        (&sibling.overlay, DECISION),
        (&sibling.wording, "/components/schemas/OrderMeta/description: \"An order of 2099.\"\n"),
    ] {
        let path = workspace.folder.path().join(file);
        fs::write(&path, format!("{}{text}", fs::read_to_string(&path)?))?;
    }

    schema(&mut document, "OrderEntity/properties")?["order_splits"] = json!({ "type": "string" });
    let run = workspace.vendor(&document.to_string(), &flags)?;
    ensure!(run.success && run.stdout.contains(&sibling.document), "{}{}", run.stdout, run.stderr);
    says(&run.stdout, "Order", "`order_splits` added")?;
    ensure!(workspace.read(&sibling.overlay)?.contains(DECISION), "a correction of the sibling is lost");
    ensure!(
        workspace.read(&sibling.wording)?.contains("An order of 2099."),
        "wording of the sibling is lost"
    );
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
    let text = workspace
        .read(&current()?.document)?
        .replace("operationId: PGCreateCustomer\n", "operationId: PGAddCustomer\n");
    let run = workspace.vendor(&text, &[])?;
    ensure!(!run.success && run.stderr.contains("operations.rs"), "{}", run.stderr);
    says(&run.stdout, "PGCreateCustomer", "is called PGAddCustomer (compile)")?;
    ensure!(workspace.files()? == before, "something stayed replaced");
    Ok(())
}

#[test]
fn what_is_no_document_is_refused() -> Result<()> {
    let workspace = Workspace::new()?;
    let before = workspace.files()?;
    for text in ["", "[]", "7", "openapi: 3.1.0\npaths: {}\n", "{ \"paths\": 1 }", "a: [1\n b: }"] {
        let run = workspace.vendor(text, &[])?;
        ensure!(!run.success && run.stderr.contains("error:"), "took {text:?}:\n{}", run.stdout);
    }
    let mut broken = vendored()?;
    broken["paths"]["/orders"]["post"]["operationId"] = json!("PGFetchOrder");
    let run = workspace.vendor(&broken.to_string(), &[])?;
    ensure!(!run.success && run.stdout.contains("The generator stops"), "{}", run.stdout);
    ensure!(run.stdout.contains("\n- target: $.paths['/orders/{order_id}'].get\n"), "{}", run.stdout);
    let run = workspace.vendor(&broken.to_string(), &["--keep-names", "--dry-run"])?;
    ensure!(run.success && run.stdout.contains("0 changes break code"), "{}", run.stdout);
    ensure!(workspace.files()? == before, "something was replaced");
    Ok(())
}
