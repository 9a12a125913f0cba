//! The constructors of the generated requests: an argument is never taken for another.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use quote::ToTokens;
use syn::{FnArg, ImplItem, Item};

/// A constructor: its type, and the names and types of its arguments.
struct Constructor {
    name: String,
    arguments: Vec<(String, String)>,
}

/// The public `new` of each generated type.
fn constructors() -> Result<Vec<Constructor>> {
    let generated = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cashfree-gen/src/generated/types.rs");
    let file = syn::parse_file(&std::fs::read_to_string(generated)?)?;
    let mut found = Vec::new();
    for item in file.items {
        let Item::Impl(block) = item else { continue };
        let news = block.items.iter().filter_map(|item| match item {
            ImplItem::Fn(method) if method.sig.ident == "new" => Some(method),
            _ => None,
        });
        for method in news {
            let arguments = method.sig.inputs.iter().filter_map(|input| match input {
                FnArg::Typed(typed) => Some((
                    typed.pat.to_token_stream().to_string(),
                    typed.ty.to_token_stream().to_string().replace(' ', ""),
                )),
                FnArg::Receiver(_) => None,
            });
            let name = block.self_ty.to_token_stream().to_string();
            found.push(Constructor { name, arguments: arguments.collect() });
        }
    }
    Ok(found)
}

/// Whether text is taken for an argument of this type.
fn takes_text(ty: &str) -> bool {
    ty.starts_with("implInto<") && !ty.starts_with("implInto<Vec<")
}

#[test]
fn no_constructor_takes_two_texts_or_two_arguments_of_one_type() -> Result<()> {
    let constructors = constructors()?;
    let mut faults = Vec::new();
    for Constructor { name, arguments } in &constructors {
        let texts = arguments.iter().filter(|(_, ty)| takes_text(ty)).count();
        let types: BTreeSet<_> = arguments.iter().map(|(_, ty)| ty).collect();
        if texts > 1 || types.len() < arguments.len() {
            faults.push(format!("{name}::new{arguments:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // The rule has something to hold: constructors by position, and by name.
    assert!(constructors.iter().any(|found| found.arguments.len() > 1));
    for name in ["CreateVendor", "CustomerDetails", "PlainCard", "DateRange", "DiscountDetails"] {
        let found = constructors.iter().find(|found| found.name == name).context(name)?;
        assert_eq!(found.arguments, [("parts".to_owned(), format!("{name}Parts"))]);
    }
    Ok(())
}
