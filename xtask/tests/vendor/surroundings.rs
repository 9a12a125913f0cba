//! What stands around the types: credentials, parameters, names in Rust, events, and corrections that are added.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use xtask::versions::Versions;

use crate::variations::{Change, objects};
use crate::{SAME, Workspace, at, current, push, remove, schema, vendored};

/// What a report says of the change from one document to another.
fn report_between(before: Change, after: Change) -> Result<String> {
    let workspace = Workspace::new()?;
    let mut document = vendored()?;
    before(&mut document)?;
    std::fs::write(workspace.folder.path().join(current()?.document), document.to_string())?;
    after(&mut document)?;
    let run = workspace.vendor(&document.to_string(), &["--dry-run"])?;
    ensure!(run.success, "{}{}", run.stdout, run.stderr);
    Ok(run.stdout)
}

#[test]
fn alternatives_of_credentials_are_compared_in_full() -> Result<()> {
    const READ: &str = "/paths/~1orders~1{order_id}/get";
    let four: Change = |document| {
        at(document, READ)?["security"] = json!([{ "A": [] }, { "B": [] }, { "C": [] }, { "D": [] }]);
        for (name, header) in
            [("A", "x-client-a"), ("B", "x-client-b"), ("C", "x-client-c"), ("D", "x-client-signature")]
        {
            at(document, "/components/securitySchemes")?[name] =
                json!({ "type": "apiKey", "in": "header", "name": header });
        }
        Ok(())
    };
    let other = report_between(four, |document| {
        at(document, "/components/securitySchemes/D")?["name"] = json!("x-client-token");
        Ok(())
    })?;
    ensure!(
        other.contains("x-client-signature → x-client-a or") && other.contains("x-client-token"),
        "{other}"
    );
    let reordered = report_between(four, |document| {
        at(document, READ)?["security"] = json!([{ "D": [] }, { "C": [] }, { "B": [] }, { "A": [] }]);
        Ok(())
    })?;
    ensure!(reordered.contains(SAME), "{reordered}");
    let two: Change = |document| {
        at(document, READ)?["security"] = json!([{ "XClientID": [] }, { "XClientSecret": [] }]);
        Ok(())
    };
    let reordered = report_between(two, |document| {
        at(document, READ)?["security"] = json!([{ "XClientSecret": [] }, { "XClientID": [] }]);
        Ok(())
    })?;
    ensure!(reordered.contains(SAME), "{reordered}");
    Ok(())
}

#[test]
fn a_query_parameter_that_is_gone_breaks_built_programs_too() -> Result<()> {
    let report = report_between(
        |document| {
            let page = json!({ "name": "page", "in": "query", "schema": { "type": "string" } });
            push(document, "/paths/~1orders~1{order_id}/get/parameters", page)
        },
        |document| {
            let parameters = at(document, "/paths/~1orders~1{order_id}/get/parameters")?.as_array_mut();
            parameters.context("a list")?.pop();
            Ok(())
        },
    )?;
    ensure!(report.contains("query parameter `page` removed (compile, wire)"), "{report}");
    Ok(())
}

#[test]
fn a_field_that_each_response_must_have_breaks_built_programs_when_it_goes() -> Result<()> {
    let workspace = Workspace::new()?;
    let path = workspace.folder.path().join(current()?.overlay);
    let present = "- target: $.components.schemas.RefundEntity.properties.refund_id\n  description: \"Each has one.\"\n  update: { x-cashfree-present: true }\n";
    std::fs::write(&path, format!("{}{present}", std::fs::read_to_string(&path)?))?;
    let mut document = vendored()?;
    remove(&mut document, "/components/schemas/RefundEntity/properties/refund_id")?;
    let run = workspace.vendor(&document.to_string(), &["--dry-run"])?;
    ensure!(
        run.stdout.contains("`Refund`: `refund_id` removed (compile, wire)"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    Ok(())
}

#[test]
fn names_of_before_win() -> Result<()> {
    let workspace = Workspace::new()?;
    let mut document = vendored()?;
    *schema(&mut document, "OrderCreateRefundRequest/properties/refund_speed/enum")? =
        json!(["standard", "STANDARD", "INSTANT", "SLOW"]);
    let fields = schema(&mut document, "OrderEntity/properties")?.as_object_mut().context("fields")?;
    let known = std::mem::take(fields);
    fields.insert("orderNote".to_owned(), json!({ "type": "string" }));
    fields.extend(known);
    let run = workspace.vendor(&document.to_string(), &[])?;
    ensure!(run.success && !run.stdout.contains("is called"), "{}{}", run.stdout, run.stderr);
    let enums = workspace.read(&format!("{}/enums.rs", xtask::regen::OUT))?;
    ensure!(
        enums.contains("Standard = \"STANDARD\"") && enums.contains("Standard2 = \"standard\""),
        "{enums}"
    );
    let types = workspace.read(&format!("{}/types.rs", xtask::regen::OUT))?;
    ensure!(types.contains("pub order_note: ") && types.contains("pub order_note_2: "), "no two fields");
    let (before, _) = types.split_once("pub order_note_2").context("a second field")?;
    ensure!(
        before.trim_end().ends_with("\"orderNote\", skip_serializing_if = \"Option::is_none\")]"),
        "{before}"
    );

    // Where the values stand elsewhere, the report says which name another value takes.
    let workspace = Workspace::new()?;
    let speed = schema(&mut document, "OrderCreateRefundRequest/properties/refund_speed")?.take();
    schema(&mut document, "OrderCreateRefundRequest/properties")?["refund_speed"] =
        json!({ "$ref": "#/components/schemas/RefundSpeed" });
    at(&mut document, "/components/schemas")?["RefundSpeed"] = speed;
    let run = workspace.vendor(&document.to_string(), &["--dry-run"])?;
    let said = "`STANDARD` is called Standard2, not Standard (compile, wire)";
    ensure!(run.stdout.contains(said), "{}{}", run.stdout, run.stderr);
    Ok(())
}

#[test]
fn corrections_are_taken_in_any_notation() -> Result<()> {
    const ACTION: &str = "\"A channel is a word.\"";
    const HEAD: &str = "overlay: 1.0.0\ninfo: { title: C, version: 1.0.0 }\nactions:\n";
    let target = "$.components.schemas.OrderEntity.properties.order_status";
    let update = "{ enum: [ACTIVE, PAID], x-rust-name: OrderStatus }";
    let indented = format!("{HEAD}  - description: {ACTION}\n    target: {target}\n    update: {update}\n");
    let json = json!({ "overlay": "1.0.0", "info": { "title": "C", "version": "1.0.0" }, "actions": [{
        "description": "A channel is a word.", "target": target,
        "update": { "enum": ["ACTIVE", "PAID"], "x-rust-name": "OrderStatus" },
    }] });
    let text = vendored()?.to_string();
    for corrections in [indented.replace('\n', "\r\n"), indented, json.to_string(), format!("{json:#}")] {
        let workspace = Workspace::new()?;
        let aside = tempfile::tempdir()?;
        let path = aside.path().join("corrections");
        std::fs::write(&path, &corrections)?;
        let run = workspace.vendor(&text, &["--corrections", &path.to_string_lossy()])?;
        ensure!(run.success, "{corrections}: {}{}", run.stdout, run.stderr);
        // The next edition takes them over.
        let overlay = workspace.read(&current()?.overlay)?;
        let run = workspace.vendor(&text, &[])?;
        ensure!(run.success && run.stdout.contains(SAME), "{corrections}: {}{}", run.stdout, run.stderr);
        ensure!(workspace.read(&current()?.overlay)? == overlay, "{corrections}: {overlay}");
    }
    Ok(())
}

#[test]
fn a_correction_may_begin_with_its_reason() -> Result<()> {
    let workspace = Workspace::new()?;
    let path = workspace.folder.path().join(current()?.overlay);
    let gone = "- description: \"A link is private.\"\n  target: $.components.schemas.OrderMeta.properties.notify_url\n  update: { x-cashfree-sensitive: true }\n";
    let kept = "- description: \"A note is private.\"\n  target: $.components.schemas.OrderEntity.properties.order_note\n  update: { x-cashfree-sensitive: true }\n";
    let overlay = std::fs::read_to_string(&path)?;
    std::fs::write(&path, format!("{overlay}{gone}{kept}"))?;
    let mut document = vendored()?;
    remove(&mut document, "/components/schemas/OrderMeta/properties/notify_url")?;
    let run = workspace.vendor(&document.to_string(), &["--drop-corrections"])?;
    ensure!(run.success, "{}{}", run.stdout, run.stderr);
    ensure!(
        std::fs::read_to_string(&path)? == format!("{overlay}{kept}"),
        "{}",
        std::fs::read_to_string(&path)?
    );
    Ok(())
}

#[test]
fn alternatives_that_only_require_leave_the_object() -> Result<()> {
    let workspace = Workspace::new()?;
    let mut document = vendored()?;
    schema(&mut document, "CreateOrderRequest")?["anyOf"] =
        json!([{ "required": ["order_note"] }, { "required": ["order_meta"] }]);
    let run = workspace.vendor(&document.to_string(), &["--dry-run"])?;
    ensure!(run.success && run.stdout.contains(SAME), "{}{}", run.stdout, run.stderr);
    let decision = "CreateOrderRequest: alternatives that only require fields dropped";
    ensure!(
        run.stdout.contains("## Decisions of the passes") && run.stdout.contains(decision),
        "{}",
        run.stdout
    );
    Ok(())
}

#[test]
fn a_dry_run_refuses_what_a_run_refuses() -> Result<()> {
    let workspace = Workspace::new()?;
    let aside = tempfile::tempdir()?;
    let corrections = aside.path().join("corrections.yaml");
    std::fs::write(
        &corrections,
        "overlay: 1.0.0\ninfo: { title: C, version: 1.0.0 }\nactions:\n- target: $.components.schemas.OrderEntity.properties.order_note\n  description: \"A text is no type.\"\n  update: { x-rust-name: NoSuchType }\n",
    )?;
    let corrections = corrections.to_string_lossy();
    let text = vendored()?.to_string();
    for flags in [&["--corrections", &corrections][..], &["--dry-run", "--corrections", &corrections]] {
        let run = workspace.vendor(&text, flags)?;
        ensure!(!run.success && run.stdout.contains("NoSuchType"), "{flags:?}: {}{}", run.stdout, run.stderr);
    }
    Ok(())
}

#[test]
fn operations_without_an_id_are_known_by_their_path() -> Result<()> {
    let workspace = Workspace::new()?;
    let mut document = vendored()?;
    objects(&mut document, &mut |fields| {
        fields.shift_remove("operationId");
    });
    let run = workspace.vendor(&document.to_string(), &["--dry-run"])?;
    let correction =
        "no operationId; a correction gives it one:\n- target: $.paths['/orders/{order_id}'].get\n";
    ensure!(!run.success && run.stdout.contains(correction), "{}{}", run.stdout, run.stderr);
    ensure!(run.stdout.contains("operationId: GetOrdersOrderId }"), "{}", run.stdout);
    let run = workspace.vendor(&document.to_string(), &["--dry-run", "--keep-names"])?;
    ensure!(run.success && run.stdout.contains(SAME), "{}{}", run.stdout, run.stderr);
    Ok(())
}

#[test]
fn an_event_that_the_repository_describes_is_not_added() -> Result<()> {
    let workspace = Workspace::new()?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let own = repository.join(Versions::read(&repository)?.events());
    let copy = workspace.folder.path().join(Versions::read(workspace.folder.path())?.events());
    std::fs::create_dir_all(copy.parent().context("a folder")?)?;
    std::fs::copy(own, copy)?;
    let mut document = vendored()?;
    let event = json!({ "post": { "responses": {} } });
    document["webhooks"] = json!({ "PAYMENT_SUCCESS_WEBHOOK": event, "ORDER_HELD_WEBHOOK": event });
    let run = workspace.vendor(&document.to_string(), &["--dry-run"])?;
    ensure!(run.success && run.stdout.contains("`ORDER_HELD_WEBHOOK`"), "{}{}", run.stdout, run.stderr);
    ensure!(!run.stdout.contains("PAYMENT_SUCCESS_WEBHOOK"), "{}", run.stdout);
    Ok(())
}
