// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-compile-figures MODULE [THREADS [ROUNDS]]: how fast a module is validated, compiled to
// sealed pieces as by the compile worker, and verified, in this process, in processor time; and how
// large its code is. One line a round; the first one pays for fresh memory as a worker does.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/base/os/sealed_file.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/code/compile.h"
#include "core/verify/verify.h"
#include "core/wasm/validate_module.h"

namespace cordon {
namespace {

double milliseconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

class Sealed final : public jit::PieceSink {
 public:
  Result<void> take(ByteSpan piece, bool) override {
    files.push_back(TRY(SealedFile::of_bytes(piece, "code")));
    return {};
  }
  std::vector<SealedFile> files;
};

Result<void> round(ByteSpan bytes, unsigned threads) {
  const double start = milliseconds();
  wasm::Module decoded = TRY(wasm::decode_module(bytes));
  const double code_size = decoded.code_section.size;
  const auto module = TRY(wasm::validate_module_with_uses(std::move(decoded), threads));
  const double validated = milliseconds();
  constexpr uint64_t kPiece = 256 * 1024;
  Sealed sealed;
  TRY_VOID(jit::compile_pieces(*module, jit::baseline_tier, {abi::detect_target(), false, threads},
                               kPiece, sealed));
  const double compiled = milliseconds();
  verify::Verification verification(*module);
  std::vector<verify::VerifiedCode> pieces;
  for (const SealedFile& file : sealed.files) {
    pieces.push_back(TRY(verification.add(file.bytes())));
  }
  const double verified = milliseconds();
  size_t code_bytes = 0, leaders = 0, trap_sites = 0, encoded = 0;
  for (const verify::VerifiedCode& piece : pieces) {
    code_bytes += piece.blob().code.size();
    leaders += piece.blob().leaders.size();
    trap_sites += piece.blob().trap_sites.size();
    encoded += piece.bytes().size();
  }
  std::printf(
      "validate %.1f ms, compile %.1f ms, verify %.1f ms: %.1f MB/s validated and compiled; "
      "code %zu bytes, %.2f a byte of wasm; %zu leaders, %zu trap sites, %zu pieces of %zu bytes\n",
      validated - start, compiled - validated, verified - compiled,
      code_size / 1e3 / (compiled - start), code_bytes, static_cast<double>(code_bytes) / code_size,
      leaders, trap_sites, sealed.files.size(), encoded);
  return {};
}

}  // namespace
}  // namespace cordon

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s MODULE [THREADS [ROUNDS]]\n", argv[0]);
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 3;
  for (int i = 0; i < rounds; ++i) {
    auto done = cordon::round(bytes, static_cast<unsigned>(threads));
    if (!done) {
      std::fprintf(stderr, "%s\n", done.error().message().c_str());
      return 1;
    }
  }
  return 0;
}
