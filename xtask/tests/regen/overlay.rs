//! Overlays: each correction has a place and a reason.

use anyhow::{Result, ensure};

use crate::bench::{Bench, Run, named_thing, with_thing};

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
