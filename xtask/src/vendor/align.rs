//! What an edition says in other words than the current document, so that corrections and wording find their places: the
//! base path, names of path parameters, media types of JSON, parameters that a path shares, and the order of values and
//! fields.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::document::{METHODS, escape, path_shape, resolve};
use crate::normalize::server_url;

const JSON: &str = "application/json";

/// Writes an edition as the current document is written, where both say the same.
pub fn align(old: &Value, new: &mut Value) {
    rebase(old, new);
    rename_parameters(old, new);
    json_bodies(new);
    keep_order(old, new);
    let components = json!({ "components": { "parameters": new.pointer("/components/parameters") } });
    let key = |parameter: &Value| -> Option<(String, String)> {
        let named = parameter.get("$ref").and_then(Value::as_str);
        let parameter =
            named.and_then(|name| resolve(&components, name)).map_or(parameter, |(_, named)| named);
        Some((parameter.get("name")?.as_str()?.to_owned(), parameter.get("in")?.as_str()?.to_owned()))
    };
    let Some(paths) = new.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        let Some(item) = item.as_object_mut() else { continue };
        if old.pointer(&format!("/paths/{}/parameters", escape(path))).is_some() {
            continue;
        }
        let Some(shared) = item.get("parameters").and_then(Value::as_array).cloned() else { continue };
        item.shift_remove("parameters");
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
            let own = operation.entry("parameters").or_insert_with(|| json!([]));
            let Some(own) = own.as_array_mut() else { continue };
            // A parameter of the operation stands for the shared one of its name.
            let keys: Vec<_> = own.iter().map(key).collect();
            let lacks = |parameter: &&Value| !keys.contains(&key(parameter));
            let mut all: Vec<Value> = shared.iter().filter(lacks).cloned().collect();
            all.append(own);
            *own = all;
        }
    }
}

/// Puts the values and the fields of before first, in their order: of two that Rust spells alike, the first has the name
/// and the other a number.
fn keep_order(old: &Value, new: &mut Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            if let (Some(Value::Array(old)), Some(Value::Array(new))) = (old.get("enum"), new.get_mut("enum"))
            {
                new.sort_by_key(|value| old.iter().position(|known| known == value).unwrap_or(usize::MAX));
            }
            for (word, old) in old {
                let Some(new) = new.get_mut(word) else { continue };
                if let ("properties", Value::Object(old), Value::Object(new)) =
                    (word.as_str(), old, &mut *new)
                {
                    let place = |name: &String| old.keys().position(|known| known == name);
                    let mut fields: Vec<(String, Value)> = std::mem::take(new).into_iter().collect();
                    fields.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
                    new.extend(fields);
                }
                keep_order(old, new);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            old.iter().zip(new).for_each(|(old, new)| keep_order(old, new));
        }
        _ => {}
    }
}

/// Gives parameters of paths their names of before, which are not sent.
fn rename_parameters(old: &Value, new: &mut Value) {
    let Some(before) = old.get("paths").and_then(Value::as_object) else { return };
    let components = new.get("components").cloned().unwrap_or_default();
    let document = json!({ "components": components });
    let Some(paths) = new.get_mut("paths").and_then(Value::as_object_mut) else { return };
    let known: BTreeSet<String> = paths.keys().cloned().collect();
    let all = std::mem::take(paths);
    for (path, mut item) in all {
        let same =
            before.keys().find(|other| path_shape(other) == path_shape(&path) && !known.contains(*other));
        let Some(same) = same.filter(|same| !before.contains_key(&path) && !paths.contains_key(*same)) else {
            paths.insert(path, item);
            continue;
        };
        let renamed: Vec<(&str, &str)> = names_in(&path).zip(names_in(same)).collect();
        let operations = METHODS.iter().map(|method| format!("/{method}/parameters"));
        for place in operations.chain(["/parameters".to_owned()]) {
            let Some(parameters) = item.pointer_mut(&place).and_then(Value::as_array_mut) else { continue };
            for parameter in parameters {
                let target = parameter.get("$ref").and_then(Value::as_str);
                let named =
                    target.and_then(|target| resolve(&document, target)).map(|(_, named)| named.clone());
                let mut own = named.unwrap_or_else(|| parameter.clone());
                let new = renamed.iter().find(|(name, _)| own["in"] == "path" && own["name"] == *name);
                if let Some((_, name)) = new.filter(|(name, new)| name != new) {
                    own["name"] = (*name).into();
                    *parameter = own;
                }
            }
        }
        paths.insert(same.clone(), item);
    }
}

/// The names of the parameters of a path.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// Calls JSON by its plain media type, where a body has no other JSON.
fn json_bodies(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_json = |name: &&String| {
                let essence = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                essence == JSON || essence.starts_with("application/") && essence.ends_with("+json")
            };
            if let Some(content) = fields.get_mut("content").and_then(Value::as_object_mut)
                && let [name] = content.keys().filter(is_json).cloned().collect::<Vec<_>>().as_slice()
                && name != JSON
                && let Some(body) = content.shift_remove(name)
            {
                content.insert(JSON.to_owned(), body);
            }
            fields.values_mut().for_each(json_bodies);
        }
        Value::Array(items) => items.iter_mut().for_each(json_bodies),
        _ => {}
    }
}

/// Makes the paths relative to the base of the current document, if all have one step more.
fn rebase(old: &Value, new: &mut Value) {
    let Some(paths) = new.get("paths").and_then(Value::as_object) else { return };
    let first = paths.keys().next().and_then(|path| path.split('/').nth(1)).unwrap_or_default();
    let base = format!("/{first}/");
    let relative: Option<Vec<String>> =
        paths.keys().map(|path| Some(format!("/{}", path.strip_prefix(&base)?))).collect();
    let Some(relative) = relative else { return };
    let is_known = |path: &str| old.pointer(&format!("/paths/{}", escape(path))).is_some();
    let (kept, moved) =
        (paths.keys().filter(|path| is_known(path)), relative.iter().filter(|path| is_known(path)));
    if moved.count() <= kept.count() {
        return;
    }
    let Some(paths) = new.get_mut("paths").and_then(Value::as_object_mut) else { return };
    *paths = relative.into_iter().zip(std::mem::take(paths)).map(|(path, (_, item))| (path, item)).collect();
    // The step is one of the servers now.
    let base = base.trim_end_matches('/');
    for server in new.get_mut("servers").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(url) = server_url(server).filter(|url| !url.trim_end_matches('/').ends_with(base)) {
            *server = json!({ "url": format!("{}{base}", url.trim_end_matches('/')) });
        }
    }
}
