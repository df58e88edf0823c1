// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// accepted: the fuzzer's bytes as the choices of a program of cordon-accepted. The runtime ends a
// process whose guest cheats, so each program has a child; the edges that the fuzzer sees here are
// the generator's choices and the verifier's work. A breach is a crash.
#include <cstdlib>
#include <iostream>

#include "core/verify/verify.h"
#include "core/wasm/validated.h"
#include "fuzz/gen/accepted/native.h"
#include "fuzz/oracle/accepted/campaign.h"

namespace {

using namespace cordon::fuzz::accepted;

// The code that the program's native modules will have.
void look_at(cordon::ByteSpan input) {
  cordon::fuzz::Choices choices(input);
  const ProgramShape program = draw_program_shape(choices);
  auto parts = static_cast<uint32_t>(program.modules.size()) + 1;
  for (const ModuleShape& shape : program.modules) {
    cordon::fuzz::Choices part = choices.share(parts--);
    const std::vector<uint8_t> bytes = module_bytes(shape);
    auto module = cordon::wasm::decode_module(bytes);
    if (!shape.native || !module) continue;
    const auto validated = cordon::wasm::validate_module(std::move(*module));
    if (!validated) std::abort();
    const NativeCode code = native_code(program, shape, (*validated)->module(), part);
    (void)cordon::verify::verify(**validated, code.blob);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  look_at({data, size});
  const Report report = run_one({data, size});
  if (!report.clean() || report.tally.dares_accepted != 0) {
    for (const std::string& fault : report.faults) std::cerr << fault << "\n";
    std::abort();
  }
  return 0;
}
