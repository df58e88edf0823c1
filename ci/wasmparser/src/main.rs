// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Says of WebAssembly modules whether they are valid with exactly the features that Cordon has. The
//! validator is wasmparser's. fuzz/oracle/reference/judges.cc asks it: each message on standard
//! input is a length of 32 bits (little-endian) and that many bytes, and so is each answer. The
//! first message is no module; its answer says what this is.
use std::io::{self, Read, Write};

use wasmparser::{Validator, WasmFeatures};

const NAME: &str = "wasmparser 0.263";

/// core/wasm/features.def.
const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS);

/// The next message; none at the end of the input.
fn receive() -> io::Result<Option<Vec<u8>>> {
    let mut size = [0; 4];
    match io::stdin().read_exact(&mut size) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut message = vec![0; u32::from_le_bytes(size) as usize];
    io::stdin().read_exact(&mut message)?;
    Ok(Some(message))
}

fn send(answer: &str) -> io::Result<()> {
    let mut message = (answer.len() as u32).to_le_bytes().to_vec();
    message.extend(answer.as_bytes());
    io::stdout().write_all(&message)?;
    io::stdout().flush()
}

fn judge(module: &[u8]) -> String {
    match Validator::new_with_features(FEATURES).validate_all(module) {
        Ok(_) => "accepted".to_string(),
        Err(error) => format!("refused: {error}"),
    }
}

fn main() -> io::Result<()> {
    if receive()?.is_some() {
        send(NAME)?;
    }
    while let Some(module) = receive()? {
        send(&judge(&module))?;
    }
    Ok(())
}
