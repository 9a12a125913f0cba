//! Every operation of the document is called at the wire: it has a snapshot of its request, and no
//! snapshot is left over from one that is gone.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use cashfree::operations;

#[test]
fn every_operation_is_shown_at_the_wire() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/wire");
    let mut shown = BTreeSet::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_str().context("a name that is no text")?;
        // A second request of an operation adds what it shows: `PGCreateLink-partial.snap`.
        shown.insert(name.split(['-', '.']).next().unwrap_or_default().to_owned());
    }
    let known: BTreeSet<String> = operations::ALL.iter().map(|operation| operation.id.to_owned()).collect();
    assert_eq!(known.difference(&shown).collect::<Vec<_>>(), Vec::<&String>::new(), "not shown");
    assert_eq!(shown.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "left over");
    Ok(())
}
