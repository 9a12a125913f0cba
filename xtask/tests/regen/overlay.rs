//! Overlays: each correction has a place and a reason.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::bench::{Bench, Run, document, named_thing, with_thing};

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
    let expected = ["overlay", "action 0", "$.components.schemas.Thing", "description"];
    overlaid(&format!("{HEAD}{action}  update: {{ type: object }}\n"))?.refuses(&expected)?;
    overlaid(&format!("{HEAD}{action}  description: '  '\n  update: {{ type: object }}\n"))?
        .refuses(&expected)
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

/// A document whose one operation responds with `Thing`, and shows this example of it.
fn read_thing(example: &Value) -> String {
    let response = json!({
        "description": "a thing",
        "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Thing" },
            "examples": { "one": { "value": example } },
        } },
    });
    let paths =
        json!({ "/things": { "get": { "operationId": "getThing", "responses": { "200": response } } } });
    let fields = json!({
        "order_id": { "type": "string" },
        "state": { "type": "string", "enum": ["NEW"] },
        "note": { "type": "string" },
    });
    document(&paths, &json!({ "Thing": { "type": "object", "properties": fields } })).to_string()
}

#[test]
fn a_field_that_stands_in_each_response_is_no_option() -> Result<()> {
    let action = |field: &str, word: &str| {
        format!(
            "- target: $.components.schemas.Thing.properties.{field}\n  description: Each has one.\n  update: {{ {word}: true }}\n"
        )
    };
    let present = action("order_id", "x-cashfree-present");
    let overlay = format!("{HEAD}actions:\n{present}{}", action("state", "x-cashfree-absent"));
    let bench = Bench::new()?;
    bench.generate_with(&read_thing(&json!({ "order_id": "o" })), &overlay)?.succeeds()?;
    let types = bench.generated("types.rs")?;
    for part in [
        "pub order_id: crate::OrderId",
        "pub state: super::enums::ThingState",
        "pub note: Option<String>",
        "present: { order_id, }",
    ] {
        ensure!(types.contains(part), "{part} is not in\n{types}");
    }
    ensure!(
        bench.generated("enums.rs")?.contains("open_enum_or_absent!"),
        "the enum has no value for absent"
    );

    // An example without the field, or with nothing in it, speaks against the word.
    for example in [json!({ "note": "n" }), json!({ "order_id": null }), json!([{ "order_id": "" }])] {
        let run = Bench::new()?.generate_with(&read_thing(&example), &overlay)?;
        run.refuses(&["GET /things", "no order_id", "x-cashfree-present"])?;
    }
    // Nothing is said of what is sent.
    let sent = with_thing(&json!({ "type": "object", "properties": { "order_id": { "type": "string" } } }));
    let run = Bench::new()?.generate_with(&sent.to_string(), &format!("{HEAD}actions:\n{present}"))?;
    run.refuses(&["Thing", "x-cashfree-present", "not only a response"])
}
