// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// blob: hostile code to the blob's codec and the verifier. The first byte chooses a module and
// whether its code charges fuel; by bit 3 the rest is a blob as it stands, else edits of the
// compiler's own. Whatever comes must be judged without harm.
#include "core/verify/verify.h"
#include "fuzz/gen/hostile_code.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon::fuzz;
  static const CodeSample kSamples[] = {CodeSample(1), CodeSample(2), CodeSample(3), CodeSample(4)};
  if (size == 0) return 0;
  const CodeSample& sample = kSamples[*data & 3];
  std::vector<uint8_t> blob = sample.blobs[*data >> 2 & 1];
  if ((*data & 8) != 0) {
    blob.assign(data + 1, data + size);
  } else {
    edit_blob(blob, {data + 1, size - 1});
  }
  (void)cordon::verify::verify(*sample.module, blob);
  return 0;
}
