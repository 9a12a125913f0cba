//! Times calls and decodes; see the library.

fn main() -> anyhow::Result<()> {
    bench::run(|work| {
        work();
        None
    })
}
