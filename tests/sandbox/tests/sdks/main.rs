//! The official SDKs for other languages against the sandbox: each runs through one flow over all operations that it
//! has, and a table says of each operation whether it works, is refused, or has a response that the SDK cannot decode.
//!
//! Needs Python with `venv`, Node with npm, and the package registries. An SDK that cannot be installed is listed as
//! ignored and a line says why; with `SANDBOX_SDKS=required` that is a failure. The tables are snapshots
//! (`cargo insta review`, or `INSTA_UPDATE=always`).

mod sdk;
mod table;

use std::process::ExitCode;
use std::thread;

use libtest_mimic::{Arguments, Failed, Trial};

use sdk::{SDKS, Sdk};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let is_required = std::env::var_os("SANDBOX_SDKS").is_some_and(|value| value == "required");
    let installs = SDKS.map(|sdk| thread::spawn(move || sdk.install()));
    let mut trials = Vec::new();
    for (sdk, install) in SDKS.into_iter().zip(installs) {
        let installed = install.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the installation panicked")));
        if let Err(error) = &installed {
            eprintln!("the tests with {} are skipped: {error:#}", sdk.package);
            if is_required {
                return ExitCode::FAILURE;
            }
        }
        trials.push(Trial::test(sdk.name, move || run(sdk)).with_ignored_flag(installed.is_err()));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(sdk: Sdk) -> Result<(), Failed> {
    let lines = sdk.run()?;
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(sdk.name, table::render(&lines));
    });
    Ok(())
}
