//! The public items of `cashfree` as they are read in a review: signatures without bodies, and nothing that is
//! private. What is `pub` in that crate can be reached from outside (`unreachable_pub`), so this is its
//! interface, but for the generated types, which have snapshots of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use insta::assert_snapshot;
use syn::visit::{self, Visit};
use syn::{Attribute, Fields, ImplItem, Item, Visibility};

use crate::workspace;

/// The crates whose types a public signature may name. What sends and encrypts is none of them, so that it
/// can be replaced; `tokio` lends the traits of async readers and writers, `axum_core` its extractor's,
/// `http_body` what request bodies implement, `sqlx` and `redis` the connections of deduplication stores, and `reqwest` its builder under a feature of that name.
const NAMED: [&str; 10] =
    ["std", "http", "bytes", "futures_core", "serde", "serde_json", "cashfree_gen", "crate", "super", "self"];
const LENT: [(&str, &str); 7] = [
    ("client/builder.rs", "reqwest"),
    ("download.rs", "tokio"),
    ("upload.rs", "tokio"),
    ("webhook/axum.rs", "axum_core"),
    ("webhook/postgres.rs", "sqlx"),
    ("webhook/redis.rs", "redis"),
    ("webhook/receive.rs", "http_body"),
];

/// The sources of the crate by their paths, without their tests.
fn sources() -> Result<BTreeMap<String, syn::File>> {
    fn collect(folder: &Path, above: &str, found: &mut BTreeMap<String, syn::File>) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let (path, name) = {
                let entry = entry?;
                (entry.path(), entry.file_name().to_string_lossy().into_owned())
            };
            if path.is_dir() {
                collect(&path, &format!("{above}{name}/"), found)?;
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let text = fs::read_to_string(&path)?;
                found.insert(format!("{above}{name}"), syn::parse_file(&text).with_context(|| name.clone())?);
            }
        }
        Ok(())
    }
    let mut found = BTreeMap::new();
    collect(&workspace("cashfree/src"), "", &mut found)?;
    Ok(found)
}

/// What is left of an item for those outside; `None` where there is nothing.
fn public(item: &Item) -> Option<Item> {
    let mut item = item.clone();
    match &mut item {
        Item::Struct(found) => {
            bare(&mut found.attrs);
            match &mut found.fields {
                Fields::Named(fields) => {
                    fields.named =
                        fields.named.iter().filter(|field| is_public(&field.vis)).cloned().collect();
                    fields.named.iter_mut().for_each(|field| bare(&mut field.attrs));
                }
                Fields::Unnamed(fields) => {
                    fields.unnamed =
                        fields.unnamed.iter().filter(|field| is_public(&field.vis)).cloned().collect();
                }
                Fields::Unit => {}
            }
            is_public(&found.vis)
        }
        Item::Enum(found) => {
            bare(&mut found.attrs);
            for variant in &mut found.variants {
                bare(&mut variant.attrs);
                variant.fields.iter_mut().for_each(|field| bare(&mut field.attrs));
            }
            is_public(&found.vis)
        }
        Item::Trait(found) => {
            bare(&mut found.attrs);
            for item in &mut found.items {
                if let syn::TraitItem::Fn(method) = item {
                    bare(&mut method.attrs);
                    method.default = method.default.as_ref().map(|_| syn::parse_quote!({}));
                }
            }
            is_public(&found.vis)
        }
        Item::Fn(found) => {
            bare(&mut found.attrs);
            found.block = syn::parse_quote!({});
            is_public(&found.vis)
        }
        Item::Type(found) => {
            bare(&mut found.attrs);
            is_public(&found.vis)
        }
        Item::Const(found) => {
            bare(&mut found.attrs);
            is_public(&found.vis)
        }
        Item::Use(found) => {
            bare(&mut found.attrs);
            is_public(&found.vis)
        }
        Item::Impl(found) => {
            bare(&mut found.attrs);
            let of_trait = found.trait_.is_some();
            // The methods of a trait are the trait's own matter.
            found.items = found.items.iter().filter(|_| !of_trait).filter_map(method).collect();
            of_trait || !found.items.is_empty()
        }
        _ => false,
    }
    .then_some(item)
}

fn method(item: &ImplItem) -> Option<ImplItem> {
    let mut item = item.clone();
    match &mut item {
        ImplItem::Fn(method) => {
            bare(&mut method.attrs);
            method.block = syn::parse_quote!({});
            is_public(&method.vis)
        }
        ImplItem::Const(found) => {
            bare(&mut found.attrs);
            is_public(&found.vis)
        }
        _ => false,
    }
    .then_some(item)
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// What concerns the caller: neither documentation nor lints.
fn bare(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| {
        ["derive", "non_exhaustive", "must_use", "cfg"].iter().any(|kept| attribute.path().is_ident(kept))
    });
}

fn is_test(item: &Item) -> bool {
    let Item::Mod(module) = item else { return false };
    module.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"))
}

/// The public items of a file.
fn items(file: &syn::File) -> Vec<Item> {
    let found: Vec<Item> = file.items.iter().filter(|item| !is_test(item)).filter_map(public).collect();
    let types: Vec<String> = found.iter().filter_map(name).collect();
    found.into_iter().filter(|item| is_of_public_type(item, &types)).collect()
}

#[test]
fn is_as_reviewed() -> Result<()> {
    let sources = sources()?;
    let mut text = String::new();
    for (path, file) in &sources {
        let items = items(file);
        if items.is_empty() {
            continue;
        }
        let file = syn::File { shebang: None, attrs: Vec::new(), items };
        text.push_str(&format!("// {path}\n{}\n", without_bodies(&prettyplease::unparse(&file))));
    }
    ensure!(text.lines().count() > 500, "the crate has lost most of its interface");
    assert_snapshot!("public-api", text);
    Ok(())
}

/// An empty body as the end that a declaration has.
fn without_bodies(code: &str) -> String {
    let after_where = code.replace(",\n    {}\n", ";\n").replace(",\n{}\n", ";\n");
    after_where
        .replace(" {}\n", ";\n")
        .replace("(mut self", "(self")
        .replace("        mut self,", "        self,")
}

/// What an item declares.
fn name(item: &Item) -> Option<String> {
    match item {
        Item::Struct(found) => Some(found.ident.to_string()),
        Item::Enum(found) => Some(found.ident.to_string()),
        Item::Trait(found) => Some(found.ident.to_string()),
        Item::Type(found) => Some(found.ident.to_string()),
        _ => None,
    }
}

/// An implementation of a trait for a private type is private.
fn is_of_public_type(item: &Item, types: &[String]) -> bool {
    let Item::Impl(found) = item else { return true };
    let Some((_, of, _)) = &found.trait_ else { return true };
    let mut names = Names::default();
    names.visit_type(&found.self_ty);
    names.visit_path(of);
    names.0.iter().any(|path| path.last().is_some_and(|last| types.contains(last)))
}

/// The paths that a piece of code names.
#[derive(Default)]
struct Names(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Names {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

/// The crates that the names of a file come from, its own modules among them.
fn imports(file: &syn::File) -> BTreeMap<String, String> {
    /// `above` are the crate, and the module that `self` would name.
    fn collect(tree: &syn::UseTree, above: Option<(&str, &str)>, found: &mut BTreeMap<String, String>) {
        let mut keep = |name: &syn::Ident, ident: &syn::Ident| {
            let (name, ident) = (name.to_string(), ident.to_string());
            let (root, module) = above.unwrap_or((&ident, &ident));
            let name = if name == "self" { module } else { &name };
            found.insert(name.to_owned(), root.to_owned());
        };
        match tree {
            syn::UseTree::Path(path) => {
                let module = path.ident.to_string();
                let root = above.map_or(module.as_str(), |(root, _)| root);
                collect(&path.tree, Some((root, &module)), found);
            }
            syn::UseTree::Name(name) => keep(&name.ident, &name.ident),
            syn::UseTree::Rename(name) => keep(&name.rename, &name.ident),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, above, found)),
            syn::UseTree::Glob(_) => {}
        }
    }
    let mut found = BTreeMap::new();
    for item in &file.items {
        if let Item::Use(import) = item {
            collect(&import.tree, None, &mut found);
        }
    }
    for item in &file.items {
        let Item::Mod(module) = item else { continue };
        let own = module.ident.to_string();
        found.values_mut().filter(|root| **root == own).for_each(|root| "self".clone_into(root));
        found.insert(own, "self".to_owned());
    }
    found
}

#[test]
fn names_no_type_of_the_stack_below() -> Result<()> {
    let mut seen = 0;
    for (path, file) in &sources()? {
        let imports = imports(file);
        for item in items(file) {
            let mut names = Names::default();
            names.visit_item(&item);
            for name in names.0 {
                let Some(first) = name.first() else { continue };
                let root = match imports.get(first) {
                    Some(root) => root.as_str(),
                    // Neither imported nor a path: of this file, of the language, or a parameter.
                    None if name.len() == 1 => continue,
                    None => first.as_str(),
                };
                let is_lent = LENT.contains(&(path.as_str(), root));
                let is_crate = root.starts_with(|c: char| c.is_ascii_lowercase());
                ensure!(
                    !is_crate || is_lent || NAMED.contains(&root),
                    "{path} names {} of {root} in a public signature",
                    name.join("::")
                );
                seen += usize::from(is_crate);
            }
        }
    }
    ensure!(seen > 500, "only {seen} names were looked at");
    Ok(())
}
