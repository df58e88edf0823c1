// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// verifier: mutants of the compiler's code for the verifier (mutate/code.h); accepted ones run in
// an emulator, from every leader with hostile values (oracle/verifier/emulator.h). The first bytes
// are the module, the others the changes of mutant after mutant. Accepted code that breaks a rule
// is a finding; so is the compiler's own, if it is refused.
#include "fuzz/gen/hostile_code.h"
#include "fuzz/mutate/code.h"
#include "fuzz/oracle/finding.h"
#include "fuzz/oracle/verifier/emulator.h"

namespace {

using namespace cordon;

fuzz::emulated::Emulator& emulator() {
  static fuzz::emulated::Emulator made;
  return made;
}

// How often each block runs: of an unchanged blob, and of a mutant's changed functions.
constexpr unsigned kTimes = 1, kTimesOfMutant = 12;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Choices choices({data, size});
  const fuzz::CodeSample sample(choices.bits(2));
  const uint32_t which = choices.below(fuzz::CodeSample::kBlobs);
  const std::vector<uint8_t>& bytes = sample.blobs[which];
  const auto whole = abi::decode_blob(bytes);
  fuzz::expect(whole.has_value(), "a blob of the compiler's is malformed");
  const fuzz::emulated::World world(sample.module->module(), sample.module->tail_window());
  if (choices.below(8) == 0) {
    const std::string own = emulator().run(world, *whole, size, kTimes);
    if (!own.empty()) fuzz::finding("the compiler's own: " + own);
  }
  const fuzz::CodeToMutate code(*whole);
  while (!choices.spent()) {
    std::string_view what;
    const fuzz::OwnedBlob mutant = code.mutant(choices, what);
    const std::vector<uint8_t> changed = abi::encode(mutant.blob);
    if (changed == bytes || !fuzz::verify_instead(sample, which, changed)) continue;
    const auto decoded = abi::decode_blob(changed);
    const std::string broken = emulator().run(world, *decoded, size, kTimesOfMutant, &*whole);
    if (!broken.empty()) fuzz::finding("accepted after " + std::string(what) + ": " + broken);
  }
  return 0;
}
