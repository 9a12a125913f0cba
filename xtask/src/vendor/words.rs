//! The wording that an edition takes over: by pointer, and that of a parameter by its name, since an edition may list
//! parameters in another order and write a shared one in place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::document::{escape, operations, resolve};
use crate::wording::{self, Wording};

/// The wording under the pointers that the edition has for its places; without those that have none. What a place says
/// that is a reference now is said of the component too, unless that has a text.
pub fn carried(old: &Value, new: &Value, wording: &Wording, moved: &[(String, String)]) -> Wording {
    let (mut carried, mut referred) = (Wording::new(), Vec::new());
    for (pointer, text) in wording.iter().filter(|(pointer, _)| !is_listed_parameter(pointer)) {
        let pointer = at_path_of(pointer, moved);
        if let Some(end) = wording::followed(new, &pointer).filter(|end| *end != pointer) {
            referred.push((end, text));
        }
        let holder = pointer.rsplit_once('/').and_then(|(holder, _)| new.pointer(holder));
        if holder.is_some_and(Value::is_object) {
            carried.insert(pointer, text.clone());
        }
    }
    referred.extend(of_parameters(old, new, wording, moved));
    for (pointer, text) in referred {
        carried.entry(pointer).or_insert_with(|| text.clone());
    }
    carried
}

/// The pointer below the path that the edition has for the operation.
fn at_path_of(pointer: &str, moved: &[(String, String)]) -> String {
    let prefix = |path: &str| format!("/paths/{}/", escape(path));
    let rest = moved.iter().find_map(|(old, new)| Some((new, pointer.strip_prefix(&prefix(old))?)));
    rest.map_or_else(|| pointer.to_owned(), |(new, rest)| format!("{}{rest}", prefix(new)))
}

fn is_listed_parameter(pointer: &str) -> bool {
    let index = pointer.split_once("/parameters/").and_then(|(_, rest)| rest.split('/').next());
    pointer.starts_with("/paths/") && index.is_some_and(|index| index.parse::<usize>().is_ok())
}

/// A parameter of an operation.
struct Parameter<'a> {
    /// The place of the operation.
    operation: String,
    /// Where it is sent, and its name.
    name: [&'a str; 2],
    /// Its place in the list, and the place that the list refers to.
    places: [String; 2],
}

fn parameters(document: &Value) -> Vec<Parameter<'_>> {
    let mut found = Vec::new();
    for (operation, _) in operations(document) {
        let item = operation.rsplit_once('/').map_or("", |(item, _)| item);
        for list in [format!("{operation}/parameters"), format!("{item}/parameters")] {
            let listed = document.pointer(&list).and_then(Value::as_array).into_iter().flatten();
            for (index, parameter) in listed.enumerate() {
                let place = format!("{list}/{index}");
                let target = parameter.get("$ref").and_then(Value::as_str);
                let Some((defined, parameter)) = target
                    .map_or_else(|| Some((place.clone(), parameter)), |target| resolve(document, target))
                else {
                    continue;
                };
                let name = ["in", "name"].map(|word| parameter[word].as_str().unwrap_or_default());
                found.push(Parameter { operation: operation.clone(), name, places: [place, defined] });
            }
        }
    }
    found
}

/// What the parameters of the edition are: as the operation's own of this name; else as every parameter of this name,
/// if all have one text.
fn of_parameters<'a>(
    old: &Value,
    new: &Value,
    wording: &'a Wording,
    moved: &[(String, String)],
) -> Vec<(String, &'a String)> {
    let mut own = BTreeMap::new();
    let mut by_name: BTreeMap<_, BTreeSet<&String>> = BTreeMap::new();
    for Parameter { operation, name, places } in parameters(old) {
        if let Some(text) = places.iter().find_map(|place| wording.get(&format!("{place}/description"))) {
            own.insert((at_path_of(&operation, moved), name), text);
            by_name.entry(name).or_default().insert(text);
        }
    }
    let mut found = Vec::new();
    for Parameter { operation, name, places: [_, defined] } in parameters(new) {
        let shared = || by_name.get(&name).filter(|texts| texts.len() == 1)?.first();
        if let Some(text) = own.get(&(operation, name)).or_else(shared) {
            found.push((format!("{defined}/description"), *text));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_is_known_by_its_name() {
        let shared = json!({ "in": "path", "name": "id" });
        let old = json!({
            "paths": {
                "/a/{id}": { "get": { "parameters": [
                    { "$ref": "#/components/parameters/Id" }, { "in": "query", "name": "page" },
                ] } },
                "/b": { "get": { "parameters": [{ "in": "query", "name": "page" }] } },
            },
            "components": { "parameters": { "Id": shared } },
        });
        let new = json!({
            "paths": {
                "/pg/a/{id}": { "get": { "parameters": [{ "in": "query", "name": "page" }, shared] } },
                "/b": { "get": { "parameters": [{ "$ref": "#/components/parameters/Page" }] } },
                "/c/{id}": { "parameters": [shared], "get": { "parameters": [
                    { "in": "query", "name": "page" }, { "in": "query", "name": "id" },
                ] } },
            },
            "components": { "parameters": { "Page": { "in": "query", "name": "page" } } },
        });
        let wording: Wording = [
            ("/components/parameters/Id", "The id."),
            ("/paths/~1a~1{id}/get/parameters/1", "Page of A."),
            ("/paths/~1b/get/parameters/0", "Page of B."),
        ]
        .map(|(place, text)| (format!("{place}/description"), text.to_owned()))
        .into();
        let moved = [("/a/{id}".to_owned(), "/pg/a/{id}".to_owned())];
        let carried = carried(&old, &new, &wording, &moved);
        let carried: Vec<_> = carried
            .iter()
            .map(|(pointer, text)| (pointer.trim_end_matches("/description"), text.as_str()))
            .collect();
        assert_eq!(
            carried,
            [
                ("/components/parameters/Page", "Page of B."),
                // The pages of the others differ, and a query is no path.
                ("/paths/~1c~1{id}/parameters/0", "The id."),
                ("/paths/~1pg~1a~1{id}/get/parameters/0", "Page of A."),
                ("/paths/~1pg~1a~1{id}/get/parameters/1", "The id."),
            ]
        );
    }
}
