//! Names in foreign documents: words of Rust, names that collide, and what the overlay says of fields.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::bench::{Bench, document, named_thing, operation, refuses, with_thing, without_space};

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
fn fields_that_rust_would_confuse() -> Result<()> {
    let bench = Bench::new()?;
    let names = ["type", "self", "Self", "a-b", "a_b", "new", "default", "", "1st"];
    let fields: Value = names
        .iter()
        .map(|name| (name.to_string(), json!({ "type": "string" })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let thing = json!({ "type": "object", "required": ["type"], "properties": fields });
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
    ensure!(idents.len() == names.len(), "two fields have one name: {idents:?}");
    for name in names {
        // A field's own name needs no attribute.
        let kept = [format!("rename = \"{name}\""), format!("pub {name}:")];
        ensure!(kept.iter().any(|kept| fields.contains(kept)), "{name} is lost");
    }
    Ok(())
}

#[test]
fn fields_that_the_overlay_names() -> Result<()> {
    let with = |given: [Option<&str>; 2]| {
        let [one, other] = given.map(|name| match name {
            Some(name) => json!({ "type": "string", "x-rust-field": name }),
            None => json!({ "type": "string" }),
        });
        let fields = json!({ "terminalId": one, "terminal_id": other });
        with_thing(&json!({ "type": "object", "properties": fields })).to_string()
    };
    let bench = Bench::new()?;
    bench.generate(&with([Some("second_terminal"), None]))?.succeeds()?;
    let types = without_space(&bench.generated("types.rs")?);
    ensure!(types.contains("pubsecond_terminal:"), "the name is not taken");
    ensure!(types.contains("rename=\"terminalId\"") && types.contains("pubterminal_id:"), "a field is lost");
    for (given, said) in [
        ([Some("Second"), None], "is not a valid field name"),
        ([Some("type"), None], "is not a valid field name"),
        ([Some("terminal_id"), None], "its name is given to another field"),
        ([Some("one"), Some("one")], "are both called one"),
    ] {
        bench.generate(&with(given))?.refuses(&[said])?;
    }
    Ok(())
}

#[test]
fn fields_that_nothing_may_print() -> Result<()> {
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
    let generated = without_space(&bench.generated("mod.rs")?);
    for part in ["\"open\",\"otp\",\"pan\"", "\"payment_session_id\"", "\"voter_id\",\"vpa\",\"word\""] {
        ensure!(generated.contains(part), "mod.rs lacks `{part}`:\n{generated}");
    }
    ensure!(!generated.contains("\"shown\""), "what may be printed is listed:\n{generated}");
    for form in [json!({ "type": "integer" }), json!({ "type": "string", "enum": ["a"] }), named_thing()] {
        let mut form = form;
        form["x-cashfree-sensitive"] = json!(true);
        let thing = json!({ "type": "object", "properties": { "part": form } });
        refuses(&with_thing(&thing), &["art: x-cashfree-sensitive is for text and free JSON"])?;
    }
    Ok(())
}

#[test]
fn a_parameter_without_a_name_for_rust_is_called_parameter() -> Result<()> {
    let bench = Bench::new()?;
    let text = json!({ "type": "string" });
    let query = |name: &str| json!({ "name": name, "in": "query", "schema": text });
    let mut read = operation("getThing");
    read["parameters"] =
        json!([query("m²"), query("n²"), { "name": "p²", "in": "path", "required": true, "schema": text }]);
    let things = json!({ "Thing": named_thing() });
    let text = document(&json!({ "/a/{p²}": { "post": read } }), &things).to_string();
    bench.generate(&text)?.says(&[
        "{p²} is called parameter",
        "the argument for m² is parameter_2",
        "the argument for n² is parameter_3",
    ])?;
    let mut unplaced = operation("getThing");
    unplaced["parameters"] = json!([{ "name": "1", "in": "", "schema": text }]);
    refuses(
        &document(&json!({ "/a": { "post": unplaced } }), &things),
        &["is in none of path, query and header"],
    )
}

#[test]
fn fields_get_their_type_by_whole_words_in_any_spelling() -> Result<()> {
    let bench = Bench::new()?;
    let (text, whole) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let fields = json!({
        "cardNumber": text, "newPassword": text, "upiPin": text, "word": { "type": "string", "format": "password" },
        "total_count": whole, "total_pages": whole, "feedback_score": whole, "total_amount": whole,
    });
    bench
        .generate(&with_thing(&json!({ "type": "object", "properties": fields })).to_string())?
        .succeeds()?;
    let types = without_space(&bench.generated("types.rs")?);
    for (field, kind) in [
        ("card_number", "crate::Sensitive"),
        ("new_password", "crate::Sensitive"),
        ("upi_pin", "crate::Sensitive"),
        ("word", "crate::Sensitive"),
        ("total_count", "i64"),
        ("total_pages", "i64"),
        ("feedback_score", "i64"),
        ("total_amount", "crate::Amount"),
    ] {
        ensure!(types.contains(&format!("pub{field}:Option<{kind}>")), "{field} is no {kind}:\n{types}");
    }
    Ok(())
}
