//! Input that can't be used: what is said of it, and where.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use xtask::document;

use crate::bench::{Bench, document, named_thing, operation, refuses, run, with_thing, without_space};

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
    bench.generate("info: { title: T, version: '1' }\n")?.refuses(&["no `openapi` field"])?;
    bench.generate("openapi: 3.0.0\ninfo: { title: T, version: '1' }\n")?.refuses(&["/paths"])
}

#[test]
fn references_that_lead_nowhere() -> Result<()> {
    let to =
        |target: &str| with_thing(&json!({ "type": "object", "properties": { "part": { "$ref": target } } }));
    let place = "/components/schemas/Thing/properties/part";
    refuses(&to("#/components/schemas/Part"), &[place, "#/components/schemas/Part", "does not exist"])?;
    refuses(&to("other.yaml#/Part"), &[place, "`other.yaml#/Part`, which is not in this document"])?;
    refuses(&to("#/components/schemas/Thing/properties/part"), &[place, "only components"])?;
    refuses(&to("#/info"), &[place, "#/info", "only components"])?;
    refuses(&to("#"), &[place, "only components"])
}

#[test]
fn several_faults_are_reported_at_once() -> Result<()> {
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
        (
            "getThing",
            "getThing",
            "\n- target: $.paths['/b'].get\n  description: \"The id is that of another operation.\"\n  update: { \
             operationId: getThingB }",
        ),
        ("getThing", "", "/paths/~1b/get: no operationId"),
    ] {
        let message = two(first, second)?;
        ensure!(message.contains(said), "does not say `{said}`: {message}");
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
        let field = format!("pubpart:Option<{written}>,");
        ensure!(run.succeeds().is_ok() && types.contains(&field), "{part}: no `{field}`:\n{types}");
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
