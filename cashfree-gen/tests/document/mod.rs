//! The API document as plain JSON, for the tests that hold the generated types against it.

#![allow(dead_code, reason = "each test takes what it needs")]

use serde_json::Value;

/// A success response that the document declares.
pub(crate) struct MediaType<'a> {
    pub(crate) operation: &'a str,
    pub(crate) tag: &'a str,
    /// The schema, its references unresolved.
    pub(crate) schema: &'a Value,
    /// The media type object around it.
    pub(crate) media: &'a Value,
}

pub(crate) struct Document(Value);

impl Document {
    pub(crate) fn open() -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/payments");
        let path = format!("{folder}/v{}.yaml", cashfree_gen::API_VERSION);
        let text = std::fs::read_to_string(path).unwrap();
        let options = serde_saphyr::options! { budget: None };
        Self(serde_saphyr::from_str_with_options(&text, options).unwrap())
    }

    /// Follows references to what they name.
    pub(crate) fn resolve<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(reference) = value["$ref"].as_str() {
            value = self.0.pointer(reference.trim_start_matches('#')).unwrap();
        }
        value
    }

    /// An example, or the value of the shared one that stands for it.
    fn shown<'a>(&'a self, example: &'a Value) -> &'a Value {
        let named = self.resolve(example);
        named.get("value").filter(|_| example.get("$ref").is_some()).unwrap_or(named)
    }

    pub(crate) fn responses(&self) -> Vec<MediaType<'_>> {
        let mut found = Vec::new();
        for operation in self.0["paths"].as_object().unwrap().values().filter_map(Value::as_object).flatten()
        {
            let Some(responses) = operation.1["responses"].as_object() else { continue };
            for (_, response) in responses.iter().filter(|(status, _)| status.starts_with('2')) {
                let content = self.resolve(response)["content"].as_object();
                for media in content.into_iter().flat_map(|content| content.values()) {
                    found.push(MediaType {
                        operation: operation.1["operationId"].as_str().unwrap(),
                        tag: operation.1["tags"][0].as_str().unwrap(),
                        schema: &media["schema"],
                        media,
                    });
                }
            }
        }
        found
    }

    /// The examples of the JSON body of each operation, by its id.
    pub(crate) fn requests(&self) -> Vec<(&str, Value)> {
        let mut requests = Vec::new();
        for (_, operation) in
            self.0["paths"].as_object().unwrap().values().filter_map(Value::as_object).flatten()
        {
            let media = &self.resolve(&operation["requestBody"])["content"]["application/json"];
            let Some(id) = operation["operationId"].as_str().filter(|_| media.is_object()) else { continue };
            let described = MediaType { operation: id, tag: "", schema: &media["schema"], media };
            requests.extend(self.examples(&described).into_iter().map(|example| (id, example)));
        }
        requests
    }

    /// The examples of the response itself, and that of the schema behind it.
    pub(crate) fn examples(&self, described: &MediaType<'_>) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        let named = described.media["examples"].as_object();
        for example in named.into_iter().flat_map(|examples| examples.values()) {
            found.push(self.resolve(&self.resolve(example)["value"]).clone());
        }
        found.extend(described.media.get("example").map(|example| self.shown(example).clone()));
        let schema = self.resolve(described.schema);
        found.extend(schema.get("example").map(|example| self.shown(example).clone()));
        let items = schema.get("items").map(|items| self.resolve(items));
        if let Some(example) = items.and_then(|items| items.get("example")) {
            found.push(Value::Array(vec![self.shown(example).clone()]));
        }
        found
    }
}
