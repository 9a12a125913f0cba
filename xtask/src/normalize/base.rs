//! Paths are relative to the servers: one that begins with the base path of all of them repeats it.

use anyhow::Result;
use serde_json::{Map, Value};

use super::log::Log;

pub(super) fn run(document: &mut Value, log: &mut Log) -> Result<()> {
    let Some(base) = base(document) else { return Ok(()) };
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return Ok(()) };
    let known: Vec<String> = paths.keys().cloned().collect();
    let mut relative = |path: String| match path.strip_prefix(&base).filter(|rest| rest.starts_with('/')) {
        Some(rest) if !known.iter().any(|other| other == rest) => {
            log.note(format!("{path}: the servers have {base} already; {rest}"));
            rest.to_owned()
        }
        _ => path,
    };
    *paths = Map::from_iter(std::mem::take(paths).into_iter().map(|(path, item)| (relative(path), item)));
    Ok(())
}

/// The path that the URLs of all servers end in, without a slash at its end.
fn base(document: &Value) -> Option<String> {
    let mut bases = document.get("servers")?.as_array()?.iter().map(|server| {
        let url = server_url(server)?;
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let (_, path) = rest.split_once('/')?;
        Some(path.trim_end_matches('/').to_owned()).filter(|path| !path.is_empty())
    });
    let first = bases.next()??;
    bases.all(|base| base.as_ref() == Some(&first)).then(|| format!("/{first}"))
}

/// The URL of a server, its variables replaced by their defaults.
pub(crate) fn server_url(server: &Value) -> Option<String> {
    let mut url = server.get("url")?.as_str()?.to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        if let Some(default) = variable.get("default").and_then(Value::as_str) {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(servers: &[&str], paths: &[&str]) -> Result<Vec<String>> {
        let servers: Vec<Value> = servers.iter().map(|url| json!({ "url": url })).collect();
        let items: Map<String, Value> = paths.iter().map(|path| ((*path).to_owned(), json!({}))).collect();
        let mut document = json!({ "servers": servers, "paths": items });
        run(&mut document, &mut Log::default())?;
        Ok(document["paths"].as_object().into_iter().flat_map(Map::keys).cloned().collect())
    }

    #[test]
    fn a_repeated_base_path_is_left_out() -> Result<()> {
        let two = ["https://a.example/pg", "https://b.example/pg/"];
        assert_eq!(paths(&two, &["/pg/a", "/b", "/pgx", "/pg"])?, ["/a", "/b", "/pgx", "/pg"]);
        assert_eq!(paths(&two, &["/pg/a", "/a"])?, ["/pg/a", "/a"]);
        assert_eq!(paths(&["https://a.example/pg", "https://b.example"], &["/pg/a"])?, ["/pg/a"]);
        assert_eq!(paths(&[], &["/pg/a"])?, ["/pg/a"]);
        assert_eq!(paths(&["/pg"], &["/pg/a"])?, ["/a"]);
        let variables = json!({ "host": { "default": "a" }, "base": { "default": "pg" } });
        let mut document = json!({
            "servers": [{ "url": "https://{host}.example/{base}", "variables": variables }],
            "paths": { "/pg/a": {} },
        });
        run(&mut document, &mut Log::default())?;
        assert_eq!(document["paths"], json!({ "/a": {} }));
        Ok(())
    }
}
