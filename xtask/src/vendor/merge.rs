//! Operations that an edition lacks: found, and kept with the components that they reach. Paths and ids that it writes
//! otherwise, and events that it adds.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::document::{self, METHODS, escape, path_shape, references, resolve};
use crate::extensions::KEPT_FROM;

/// The operations of `old` that `new` lacks, as `METHOD /path`.
pub fn lacking(old: &Value, new: &Value) -> Vec<String> {
    missing(old, new).into_iter().map(|(path, method)| format!("{} {path}", method.to_uppercase())).collect()
}

/// Adds the operations that `new` lacks, and the components that they reach, marked with where they come from.
/// Returns the operations as `METHOD /path`.
pub fn merge(old: &Value, new: &mut Value, from: &str) -> Vec<String> {
    let kept = missing(old, new);
    let mut components: BTreeSet<String> = BTreeSet::new();
    for (path, method) in &kept {
        let Some(item) = old.pointer(&format!("/paths/{}", escape(path))) else { continue };
        let Some(operation) = item.get(method) else { continue };
        reach(old, operation, &mut components);
        reach(old, &item["parameters"], &mut components);
        let holder =
            new.as_object_mut().and_then(|root| object(root, "paths")).and_then(|paths| object(paths, path));
        let Some(holder) = holder else { continue };
        if let Some(shared) = item.get("parameters") {
            holder.entry("parameters").or_insert_with(|| shared.clone());
        }
        let mut operation = operation.clone();
        // The edition may call for other credentials by default.
        if operation.get("security").is_none() {
            operation["security"] = old.get("security").cloned().unwrap_or_else(|| json!([]));
        }
        let schemes = operation["security"].as_array().into_iter().flatten().filter_map(Value::as_object);
        let schemes = schemes.flat_map(Map::keys);
        components.extend(schemes.map(|name| format!("/components/securitySchemes/{}", escape(name))));
        mark(&mut operation, from);
        holder.insert(method.clone(), operation);
    }
    for pointer in components {
        if new.pointer(&pointer).is_some() {
            continue;
        }
        let mut steps = pointer.split('/').skip(2);
        let (Some(kind), Some(name)) = (steps.next(), steps.next()) else { continue };
        let Some(component) = old.pointer(&pointer) else { continue };
        let mut component = component.clone();
        mark(&mut component, from);
        let components = new.as_object_mut().and_then(|root| object(root, "components"));
        if let Some(holder) = components.and_then(|components| object(components, kind)) {
            holder.insert(unescape(name), component);
        }
    }
    kept.into_iter().map(|(path, method)| format!("{} {path}", method.to_uppercase())).collect()
}

/// The paths of `old` whose operations stand under another one in `new`, with it.
pub fn moved(old: &Value, new: &Value) -> Vec<(String, String)> {
    let ids = |document: &Value| -> Vec<(String, String)> {
        document::operations(document)
            .filter_map(|(place, operation)| {
                let (path, _) = place.strip_prefix("/paths/")?.rsplit_once('/')?;
                Some((operation.get("operationId")?.as_str()?.to_owned(), path.to_owned()))
            })
            .collect()
    };
    let there = ids(new);
    let mut moved: Vec<(String, String)> = Vec::new();
    for (id, path) in ids(old) {
        let is_gone = new.pointer(&format!("/paths/{path}")).is_none();
        let now = there.iter().find(|(other, _)| *other == id).map(|(_, now)| now);
        if let Some(now) = now.filter(|_| is_gone && !moved.iter().any(|(known, _)| *known == path)) {
            moved.push((path, now.clone()));
        }
    }
    moved.into_iter().map(|(old, new)| (unescape(&old), unescape(&new))).collect()
}

/// The corrections that keep the ids of operations which the edition names otherwise, unless the id is taken.
pub fn kept_ids(old: &Value, new: &Value) -> Vec<String> {
    let operations = |document: &Value| -> Vec<(String, String, String)> {
        let read = document::operations(document).map(|(place, operation)| {
            let (method, path) = document::method_and_path(&place);
            // An operation without an id is known by its method and path.
            let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
            (method.to_owned(), path, id.to_owned())
        });
        read.collect()
    };
    let (before, now) = (operations(old), operations(new));
    let mut lines = Vec::new();
    for (method, path, id) in &now {
        let same = before.iter().find(|(at, other, _)| at == method && path_shape(other) == path_shape(path));
        let Some((.., kept)) = same.filter(|(.., kept)| kept != id && !kept.is_empty()) else { continue };
        if !now.iter().any(|(.., other)| other == kept) {
            lines.push(format!(
                "- {{ target: \"$.paths['{path}'].{method}\", description: \"Keeps the name of earlier editions.\", \
                 update: {{ operationId: {kept} }} }}"
            ));
        }
    }
    lines
}

/// The names of the webhooks and callbacks that a document describes.
pub fn events(document: &Value) -> BTreeSet<String> {
    let callbacks = document::operations(document).filter_map(|(_, operation)| operation.get("callbacks"));
    let webhooks = ["webhooks", "x-webhooks"].into_iter().filter_map(|word| document.get(word));
    let names = callbacks.chain(webhooks).filter_map(Value::as_object).flat_map(Map::keys);
    names.filter(|name| !name.starts_with("x-")).cloned().collect()
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

fn missing(old: &Value, new: &Value) -> Vec<(String, String)> {
    let operations = |document: &Value| -> Vec<(String, String)> {
        let paths = document["paths"].as_object().cloned().unwrap_or_default();
        paths
            .iter()
            .flat_map(|(path, item)| {
                METHODS
                    .iter()
                    .filter(|method| item.get(**method).is_some())
                    .map(|method| (path.clone(), (*method).to_owned()))
            })
            .collect()
    };
    let ids = |document: &Value| -> BTreeSet<String> {
        operations(document)
            .into_iter()
            .filter_map(|(path, method)| {
                Some(document["paths"][&path][&method]["operationId"].as_str()?.to_owned())
            })
            .collect()
    };
    let (there, known) = (operations(new), ids(new));
    operations(old)
        .into_iter()
        .filter(|(path, method)| {
            let id = old["paths"][path][method]["operationId"].as_str().unwrap_or_default();
            !known.contains(id)
                && !there.iter().any(|(other, at)| at == method && path_shape(other) == path_shape(path))
        })
        .collect()
}

/// The components that a part of a document reaches, as pointers to them.
fn reach(document: &Value, part: &Value, found: &mut BTreeSet<String>) {
    let mut targets = Vec::new();
    references(part, &mut |_, target| targets.push(target.to_owned()));
    for target in targets {
        let Some((pointer, _)) = resolve(document, &target) else { continue };
        // A reference into a component keeps the whole of it.
        let whole: Vec<&str> = pointer.splitn(5, '/').take(4).collect();
        let whole = whole.join("/");
        if whole.starts_with("/components/")
            && found.insert(whole.clone())
            && let Some(component) = document.pointer(&whole)
        {
            reach(document, component, found);
        }
    }
}

fn mark(part: &mut Value, from: &str) {
    if let Some(fields) = part.as_object_mut() {
        fields.entry(KEPT_FROM).or_insert_with(|| from.into());
    }
}

/// The object under a name, made if there is none.
fn object<'a>(fields: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    fields.entry(name.to_owned()).or_insert_with(|| json!({})).as_object_mut()
}
