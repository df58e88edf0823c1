// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The verifier's entry: structure, then the pass, then the proof of both.
#include "core/verify/verify.h"

#include <algorithm>

#include "core/verify/layout.h"
#include "core/verify/x64/pass.h"

namespace cordon::verify {

// The only friend of VerifiedCode [W3].
class ModuleVerifier {
 public:
  static Result<VerifiedCode> run(const wasm::Module& module, ByteSpan bytes) {
    abi::CodeBlob blob = TRY(abi::decode_blob(bytes));
    const Layout layout(module, blob);
    x64::Pass pass(layout);
    if (!pass.run()) return refusal(module, blob, pass);
    return VerifiedCode(std::move(blob), bytes);
  }

 private:
  static Failure refusal(const wasm::Module& module, const abi::CodeBlob& blob,
                         const x64::Pass& pass) {
    constexpr uint64_t kShown = 15;  // bytes: the longest instruction there is
    const uint64_t at = std::min<uint64_t>(pass.offset(), blob.code.size());
    const uint64_t shown = std::min(kShown, blob.code.size() - at);
    std::string where = "function " + std::to_string(module.imported_funcs + pass.function());
    where += ", at";
    constexpr char kDigits[] = "0123456789abcdef";
    for (const uint8_t byte : blob.code.subspan(at, shown)) {
      where += {' ', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return fail(pass.broken(), at, std::move(where));
  }
};

Result<VerifiedCode> verify(const wasm::ValidatedModule& module, ByteSpan bytes) {
  return ModuleVerifier::run(module.module(), bytes);
}

}  // namespace cordon::verify
