//! Documentation of the methods of the API.

use std::fs;

use anyhow::{Context, Result};
use cashfree_gen::expected::Source;
use cashfree_gen::{Operation, Protection, operations};
use syn::{Expr, ImplItem, Item, Lit, Meta, Visibility};

use crate::{files, root};

/// The text of the doc comments of an item.
fn doc(attributes: &[syn::Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(literal) = &pair.value
            && let Lit::Str(line) = &literal.lit
        {
            text.push_str(line.value().trim());
            text.push('\n');
        }
    }
    text
}

/// A public method of an area of the API that calls one operation.
struct Method {
    name: String,
    doc: String,
    operation: &'static Operation,
}

fn methods() -> Result<Vec<Method>> {
    let mut found = Vec::new();
    for file in files("cashfree/src/api", &["rs"])? {
        for item in syn::parse_file(&file.text)?.items {
            let Item::Impl(block) = item else { continue };
            for item in block.items {
                let ImplItem::Fn(function) = item else { continue };
                let doc = doc(&function.attrs);
                // The operation is named in parentheses: (`PGCreateOrder`).
                let named = |operation: &&Operation| doc.contains(&format!("(`{}`", operation.id));
                if let (Visibility::Public(_), Some(operation)) =
                    (&function.vis, operations::ALL.iter().copied().find(named))
                {
                    let name = format!("{}: {}", file.path, function.sig.ident);
                    found.push(Method { name, doc, operation });
                }
            }
        }
    }
    anyhow::ensure!(found.len() >= operations::ALL.len(), "{} methods", found.len());
    Ok(found)
}

/// The sentence about retries that follows from the operation table.
fn retries(operation: &Operation) -> String {
    if !operation.is_key_documented() && !matches!(operation.protected_by, Protection::Read) {
        return "Not retried once the request may have arrived.".to_owned();
    }
    match operation.protected_by {
        Protection::Read => "Retried: it only reads.".to_owned(),
        Protection::Identity(Source::Body(field) | Source::Path(field)) => {
            format!("Retried: `{field}` and the idempotency key protect it.")
        }
        Protection::Lifecycle => "Retried: the object's state and the idempotency key protect it.".to_owned(),
        _ => "Not retried once the request may have arrived: only the idempotency key protects it".to_owned(),
    }
}

#[test]
fn each_method_has_errors_an_example_and_its_retry_rule() -> Result<()> {
    let mut missing = Vec::new();
    for method in methods()? {
        for needed in ["# Errors", "```no_run"] {
            if !method.doc.contains(needed) {
                missing.push(format!("{}: no {needed}", method.name));
            }
        }
        let sentence = retries(method.operation);
        if !method.doc.contains(&sentence) {
            missing.push(format!("{}: no sentence {sentence:?}", method.name));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    Ok(())
}

#[test]
fn each_operation_has_a_method() -> Result<()> {
    let methods = methods()?;
    let without = operations::ALL.iter().map(|operation| operation.id);
    let without = without.filter(|id| !methods.iter().any(|method| method.operation.id == *id));
    assert_eq!(without.collect::<Vec<_>>(), Vec::<&str>::new());
    Ok(())
}

#[test]
fn the_migration_guide_names_each_operation() -> Result<()> {
    let guide = root().join("cashfree/src/guide/migrating_from_official_sdks.md");
    let guide = fs::read_to_string(guide)?;
    let unnamed = operations::ALL.iter().map(|operation| operation.id);
    let unnamed = unnamed.filter(|id| !guide.contains(&format!("| `{id}` |")));
    assert_eq!(unnamed.collect::<Vec<_>>(), Vec::<&str>::new());
    Ok(())
}

#[test]
fn published_crates_deny_missing_docs() -> Result<()> {
    for path in ["cashfree/src/lib.rs", "cashfree-gen/src/lib.rs"] {
        let file = syn::parse_file(&fs::read_to_string(root().join(path))?).context(path)?;
        let denies = file.attrs.iter().any(|attribute| {
            attribute.path().is_ident("deny")
                && matches!(&attribute.meta, Meta::List(list) if list.tokens.to_string().contains("missing_docs"))
        });
        assert!(denies, "{path} does not deny missing_docs");
    }
    Ok(())
}
