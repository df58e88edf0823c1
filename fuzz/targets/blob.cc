// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// blob: the codec of code blobs. Blobs of any rows, which must be decoded to what was encoded or be
// refused, as oracle/blob/blob_model.h predicts; hostile bytes; and code whose tables reach the
// very end of the bytes, for the verifier, followed by unmapped memory.
#include "fuzz/gen/hostile_code.h"
#include "fuzz/oracle/blob/blob_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon::fuzz;
  static const CodeSample kSamples[] = {CodeSample(1), CodeSample(2), CodeSample(3), CodeSample(4)};
  static Fence fence;
  Choices choices({data, size});
  const CodeSample& sample = kSamples[choices.below(4)];
  const uint32_t which = choices.below(CodeSample::kBlobs);
  const std::vector<uint8_t>& own = sample.blobs[which];
  switch (choices.below(4)) {
    case 0: {
      std::vector<uint8_t> blob = own;
      edit_blob(blob, choices.rest());
      (void)verify_instead(sample, which, fence.copy(blob));
      break;
    }
    case 1: (void)verify_instead(sample, which, fence.copy(table_at_the_end(own, choices))); break;
    case 2: (void)verify_instead(sample, which, fence.copy(choices.rest())); break;
    default:
      while (!choices.spent()) check_blob(choices, fence);
  }
  return 0;
}
