//! Documents that were not written for it.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::bench::{Bench, document, named_thing, with_thing, without_space};

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
    for name in ["mod.rs", "unions.rs", "schema.rs"] {
        bench.generated(name)?;
    }
    Ok(())
}

#[test]
fn a_foreign_document_in_json_without_components() -> Result<()> {
    let bench = Bench::new()?;
    let schema = json!({
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
                    "responses": { "default": { "description": "", "content": { "application/json": { "schema": schema } } } },
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
    for name in ["mod.rs", "types.rs", "enums.rs", "operations.rs", "schema.rs"] {
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

    // Come upon from outside.
    let above = json!({ "type": "object", "properties": { "part": itself, "below": { "$ref": "#/components/schemas/Below" } } });
    let below = json!({ "type": "object", "properties": { "part": itself, "below": { "$ref": "#/components/schemas/Below" } } });
    let schemas = json!({ "Above": above, "Below": below, "Thing": { "type": "object", "properties": { "parent": itself } } });
    let held = json!({ "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Above" } } } });
    let paths = json!({ "/above": { "get": { "operationId": "getAbove", "responses": { "200": held } } } });
    let bench = Bench::new()?;
    bench.generate(&document(&paths, &schemas).to_string())?.succeeds()?;
    let types = without_space(&bench.generated("types.rs")?);
    ensure!(
        types.contains("pubparent:Option<Box<Thing>>,") && types.contains("pubbelow:Option<Box<Below>>,"),
        "{types}"
    );

    // And what it adds to itself is added once.
    let more =
        json!({ "allOf": [itself, { "type": "object", "properties": { "age": { "type": "integer" } } }] });
    let thing = json!({ "type": "object", "properties": { "parent": more } });
    let bench = Bench::new()?;
    bench.generate(&with_thing(&thing).to_string())?.says(&[
        "Thing.parent: allOf merged into 2 properties\n",
        "Thing.parent.parent: allOf leads back to Thing; read as that alone\n",
    ])?;
    let types = without_space(&bench.generated("types.rs")?);
    for part in ["pubstructThingParent{", "pubparent:Option<Box<Thing>>,", "pubage:Option<i64>,"] {
        ensure!(types.contains(part), "no `{part}` in {types}");
    }

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
fn limits_reach_the_schemas_of_requests_if_they_are_limits() -> Result<()> {
    let bench = Bench::new()?;
    let code = json!({ "type": "string", "minLength": "3", "maxLength": 5, "pattern": "^[a-z\"#]+$" });
    let thing = json!({ "type": "object", "required": ["code"], "properties": { "code": code } });
    bench.generate(&with_thing(&thing).to_string())?.succeeds()?;
    let types = without_space(&bench.generated("types.rs")?);
    // The request alone has them; a minimum that is text is no limit.
    let limits = r##"schemars(extend("maxLength"=5,"pattern"="^[a-z\"#]+$"))"##;
    ensure!(types.matches(limits).count() == 1, "not once: {limits}");
    ensure!(!types.contains("\"minLength\""), "a minimum that is no number became a limit");
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

/// What a page of documentation holds is no Rust: neither is it tested as such, nor does it swallow the rest.
#[test]
fn descriptions_with_code() -> Result<()> {
    let description = "Sent as\r\n```json\r\n{ \"a\": [1] }\r\n```\nand read.\n~~~\nlet x = ;\n~~~\n\n\u{202e}Odd\u{0}.\n```\nnot closed <b>";
    let bench = Bench::new()?;
    let mut thing = named_thing();
    thing["description"] = json!(description);
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

/// As a document of many files is left by what bundles it.
#[test]
fn schemas_within_others_that_are_referred_to() -> Result<()> {
    let to = |target: &str| json!({ "$ref": target });
    let holds =
        |schema: Value| json!({ "description": "", "content": { "application/json": { "schema": schema } } });
    let sent = "#/paths/~1trees~1%7Bid%7D/post/requestBody/content/application~1json/schema";
    let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
    let tree = json!({ "type": "object", "properties": {
        "name": { "type": "string" },
        "rings": { "type": "array", "items": { "type": "object", "properties": { "year": { "type": "integer" } } } },
    } });
    let paths = json!({
        "/trees/{id}": {
            "post": {
                "operationId": "plantTree",
                "parameters": [id],
                "requestBody": holds(tree),
                "responses": { "200": holds(to(sent)) },
            },
            "get": {
                "operationId": "getTree",
                "parameters": [to("#/paths/~1trees~1{id}/post/parameters/0")],
                "responses": { "200": to("#/paths/~1trees~1%7Bid%7D/post/responses/200") },
            },
        },
        "/rings": { "get": {
            "operationId": "getRing",
            "responses": { "200": holds(to(&format!("{sent}/properties/rings/items"))) },
        } },
        "/shoots": { "get": { "operationId": "getShoot", "responses": { "200": holds(to("#/components/schemas/Shoot")) } } },
    });
    let branch = json!({ "type": "object", "properties": {
        "branch": to("#/components/schemas/Shoot/properties/branch"),
        "length": { "type": "number" },
    } });
    let shoot = json!({ "Shoot": { "type": "object", "properties": { "branch": branch } } });
    let bench = Bench::new()?;
    bench.generate(&document(&paths, &shoot).to_string())?.says(&[
        "post/requestBody/content/application~1json/schema: referred to; called PlantTreeRequest\n",
        "schema/properties/rings/items: referred to; called PlantTreeRequestRingsItem\n",
        "/components/schemas/Shoot/properties/branch: referred to; called ShootBranch\n",
    ])?;
    let types = without_space(&bench.generated("types.rs")?);
    for part in [
        "pubrings:Vec<PlantTreeRequestRingsItem>",
        "pubstructShootBranch{",
        "pubbranch:Option<Box<ShootBranch>>",
    ] {
        ensure!(types.contains(part), "no `{part}` in {types}");
    }
    let client = without_space(&bench.generated("client.rs")?);
    ensure!(client.matches("ResponseValue<types::PlantTree>").count() == 2, "{client}");
    Ok(())
}
