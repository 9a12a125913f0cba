//! The overlay: the corrections of a document, in OpenAPI Overlay 1.0.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use enumset::EnumSet;
use roas_overlay::apply::{Apply, ApplyOptions};
use roas_overlay::v1_0::Overlay;
use roas_overlay::validation::Validate;
use serde_json::Value;

use crate::document::load;

/// One applied action of an overlay.
#[derive(Debug, Clone)]
pub struct Correction {
    /// Where it applied, as JSONPath.
    pub target: String,
    /// The reason, as the overlay gives it.
    pub reason: String,
    /// How many places it changed.
    pub places: usize,
}

/// Applies an OpenAPI Overlay 1.0 document.
///
/// # Errors
/// When the overlay can't be read or is malformed, and when one of its actions matches nothing: a
/// correction without a place is out of date.
pub fn apply(document: &mut Value, path: &Path) -> Result<Vec<Correction>> {
    let overlay: Overlay = serde_json::from_value(load(path)?)
        .with_context(|| format!("{} is not an OpenAPI Overlay 1.0 document", path.display()))?;
    overlay.validate(EnumSet::empty()).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    for (index, action) in overlay.actions.iter().enumerate() {
        ensure!(
            action.description.as_deref().is_some_and(|reason| !reason.trim().is_empty()),
            "{}: action {index} ({}) has no description; each correction states its reason and evidence",
            path.display(),
            action.target,
        );
    }
    let report = overlay
        .apply(document, ApplyOptions::ErrorOnZeroMatch.into())
        .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    Ok(overlay
        .actions
        .iter()
        .zip(&report.actions)
        .map(|(action, outcome)| Correction {
            target: action.target.clone(),
            reason: action.description.clone().unwrap_or_default(),
            places: outcome.matched,
        })
        .collect())
}
