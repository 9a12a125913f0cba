//! Imports between the files of a crate.
//!
//! A file imports another one if it names an item that the other one declares: by `use`, or by a path that begins with
//! `crate`, `super`, `self` or a module. Not counted are
//!
//! - re-exports, so that a `lib.rs` may list what its crate offers; they are followed to the file that declares the item;
//! - imports of a module from its own submodules, which are its parts; imports in the other direction count;
//! - tests inside a file, and generated files.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

use crate::{File, files};

const CRATES: [&str; 4] = ["cashfree-gen/src", "cashfree/src", "xtask/src", "tests/sandbox/src"];

/// How many re-exports in a row are followed.
const HOPS: usize = 16;

type ModulePath = Vec<String>;

/// A module in a file of its own.
struct Module {
    file: String,
    /// Names of the items that the file declares, submodules not included.
    items: BTreeSet<String>,
    /// Names that `use` adds: name, the path as written, and whether it is a re-export.
    uses: Vec<(String, Vec<String>, bool)>,
    /// Paths of `use …::*`, and whether it is a re-export.
    globs: Vec<(Vec<String>, bool)>,
    /// Paths in signatures and bodies.
    paths: Vec<Vec<String>>,
}

/// The module of a file: `src/call/attempt.rs` is `call::attempt`.
fn module_path(file: &str, folder: &str) -> ModulePath {
    let inside = file.strip_prefix(folder).unwrap_or(file).trim_start_matches('/').trim_end_matches(".rs");
    let mut path: ModulePath = inside.split('/').map(str::to_owned).collect();
    if matches!(path.last().map(String::as_str), Some("lib" | "main" | "mod")) {
        path.pop();
    }
    path
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

fn name(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Union(item) => item.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        _ => return None,
    })
}

fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl Module {
    fn read(file: &File) -> Result<Self> {
        let mut module = Self {
            file: file.path.clone(),
            items: BTreeSet::new(),
            uses: Vec::new(),
            globs: Vec::new(),
            paths: Vec::new(),
        };
        let source = syn::parse_file(&file.text).context(file.path.clone())?;
        for item in source.items.iter().filter(|item| !is_for_tests(attributes(item))) {
            module.items.extend(name(item));
            match item {
                Item::Use(import) => {
                    let is_reexport = !matches!(import.vis, Visibility::Inherited);
                    module.import(&import.tree, &mut Vec::new(), is_reexport);
                }
                item => Paths(&mut module.paths).visit_item(item),
            }
        }
        Ok(module)
    }

    fn import(&mut self, tree: &UseTree, before: &mut Vec<String>, is_reexport: bool) {
        let mut with = |name: String, last: &syn::Ident| {
            let mut path = before.clone();
            if last != "self" {
                path.push(last.to_string());
            }
            self.uses.push((name, path, is_reexport));
        };
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before, is_reexport);
                before.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before, is_reexport);
                }
            }
            UseTree::Name(last) if last.ident == "self" => {
                let name = before.last().cloned().unwrap_or_default();
                with(name, &last.ident);
            }
            UseTree::Name(last) => with(last.ident.to_string(), &last.ident),
            UseTree::Rename(last) => with(last.rename.to_string(), &last.ident),
            UseTree::Glob(_) => self.globs.push((before.clone(), is_reexport)),
        }
    }
}

/// Collects paths of two and more segments, outside of tests.
struct Paths<'a>(&'a mut Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}

struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

impl Crate {
    fn read(folder: &str) -> Result<Self> {
        let is_test = |file: &File| {
            let stem = file.path.trim_end_matches(".rs");
            file.path.contains("/tests/") && !folder.contains("/tests/") && !folder.starts_with("tests/")
                || stem.ends_with("/tests")
                || stem.ends_with("_tests")
                || stem.ends_with("/main")
                || file.path.contains("/bin/")
        };
        let mut modules = BTreeMap::new();
        for file in files(folder, &["rs"])?.iter().filter(|file| !is_test(file)) {
            modules.insert(module_path(&file.path, folder), Module::read(file)?);
        }
        Ok(Self { modules })
    }

    /// The module and the rest of a path that is written in a module.
    fn absolute(&self, from: &ModulePath, written: &[String]) -> Option<Vec<String>> {
        let mut base = from.clone();
        let mut rest = written;
        match rest.first()?.as_str() {
            "crate" => (base.clear(), rest = &rest[1..]).1,
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let mut child = from.clone();
                child.push(first.to_owned());
                if !self.modules.contains_key(&child) {
                    return None;
                }
            }
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// The module that declares what an absolute path names, through re-exports.
    fn declaring(&self, path: &[String], hops: usize) -> Option<&ModulePath> {
        let length = (0..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
        let (module, found) = self.modules.get_key_value(&path[..length])?;
        let Some(name) = path.get(length) else { return Some(module) };
        if found.items.contains(name) || hops == 0 {
            return Some(module);
        }
        let next = found.uses.iter().find(|(used, ..)| used == name);
        if let Some((_, written, _)) = next {
            let mut target = self.absolute(module, written)?;
            target.extend(path[length + 1..].iter().cloned());
            return self.declaring(&target, hops - 1);
        }
        let globs = found.globs.iter().filter_map(|(written, _)| self.absolute(module, written));
        for mut target in globs {
            target.push(name.clone());
            let found = self.declaring(&target, hops - 1);
            if found.is_some_and(|found| self.modules[found].items.contains(name)) {
                return found;
            }
        }
        Some(module)
    }

    /// The files that each file imports.
    fn imports(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut imports = BTreeMap::new();
        for (path, module) in &self.modules {
            let private = module.uses.iter().filter(|(.., is_reexport)| !is_reexport);
            let mut written: Vec<Vec<String>> = private.map(|(_, written, _)| written.clone()).collect();
            let globs = module.globs.iter().filter(|(_, is_reexport)| !is_reexport);
            written.extend(globs.map(|(written, _)| written.clone()));
            for used in &module.paths {
                // `Client::new` and `trace::refused` begin with a name that `use` explains.
                let explained = module.uses.iter().find(|(name, ..)| *name == used[0]);
                written.push(match explained {
                    Some((_, start, _)) => start.iter().chain(&used[1..]).cloned().collect(),
                    None => used.clone(),
                });
            }
            let targets = written.iter().filter_map(|written| {
                let target = self.declaring(&self.absolute(path, written)?, HOPS)?;
                (!target.starts_with(path)).then(|| self.modules[target].file.as_str())
            });
            imports.insert(module.file.as_str(), targets.collect());
        }
        imports
    }
}

/// The files that can be reached from a file through its imports.
fn reachable<'a>(imports: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(imports.get(file).into_iter().flatten().copied().filter(|target| found.insert(*target)));
    }
    found
}

/// The imports that are part of a circle.
fn circles<'a>(imports: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (*file, reachable(imports, file))).collect();
    let comes_back = |file: &str, target: &str| reached.get(target).is_some_and(|from| from.contains(file));
    let within = imports.iter().map(|(file, targets)| {
        (*file, targets.iter().copied().filter(|target| comes_back(file, target)).collect::<BTreeSet<_>>())
    });
    within.filter(|(_, targets)| !targets.is_empty()).collect()
}

#[test]
fn no_files_of_a_crate_import_each_other_in_a_circle() -> Result<()> {
    let mut found = Vec::new();
    for folder in CRATES {
        let source = Crate::read(folder)?;
        let imports = source.imports();
        let count: usize = imports.values().map(BTreeSet::len).sum();
        anyhow::ensure!(count >= imports.len(), "{folder}: {count} imports of {} files", imports.len());
        for (file, targets) in circles(&imports) {
            found.push(format!("{file} imports {}", Vec::from_iter(targets).join(", ")));
        }
    }
    assert!(found.is_empty(), "{} files in circles:\n{}", found.len(), found.join("\n"));
    Ok(())
}

#[test]
fn a_circle_of_two_files_is_found() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let sources = [
        file("src/lib.rs", "mod a; mod b; mod c; pub use b::B; use c::C;"),
        file("src/a.rs", "use crate::B; pub struct A(B);"),
        file("src/b.rs", "pub struct B; fn f() { super::a::g(); }"),
        file("src/c.rs", "use crate::B; pub struct C;"),
        file("src/c/d.rs", "use super::C; #[cfg(test)] mod tests { use crate::a::A; }"),
    ];
    let modules =
        sources.iter().filter_map(|file| Some((module_path(&file.path, "src"), Module::read(file).ok()?)));
    let source = Crate { modules: modules.collect() };
    let imports = source.imports();
    let circles = circles(&imports);
    assert_eq!(circles.keys().copied().collect::<Vec<_>>(), ["src/a.rs", "src/b.rs"]);
}
