//! `cargo run -p contract --bin corpus -- DIR`: writes the seeds for fuzzing, one folder a property.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("usage: corpus DIR")?.into();
    for (name, seeds) in contract::corpus::seeds()? {
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        for (index, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{index:03}")), seed)?;
        }
        println!("{}: {} seeds, {} bytes", name, seeds.len(), seeds.iter().map(Vec::len).sum::<usize>());
    }
    Ok(())
}
