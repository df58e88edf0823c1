// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The build tool that writes filters.cc: every worker's filters as constants. Usage: OUTPUT.cc
#include <cstdio>
#include <memory>

#include "sandbox/policy/compile_bpf.h"

namespace cordon::policy {
namespace {

bool write_filter(FILE* out, Worker worker, Phase phase) {
  auto program = compile_bpf(worker, phase);
  if (!program) {
    std::fprintf(stderr, "%s\n", program.error().message().c_str());
    return false;
  }
  std::fprintf(out, "constexpr sock_filter kFilter%d%d[] = {\n", static_cast<int>(worker),
               static_cast<int>(phase));
  for (const sock_filter& i : *program) {
    std::fprintf(out, "    {0x%02x, %u, %u, 0x%08x},\n", i.code, i.jt, i.jf, i.k);
  }
  std::fprintf(out, "};\n");
  return true;
}

bool write_file(FILE* out) {
  std::fprintf(out,
               "// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
               "//\n// Generated from the policies of sandbox/policy.\n"
               "#include \"sandbox/policy/filters.h\"\n\n#include \"core/base/check.h\"\n\n"
               "namespace cordon::policy {\nnamespace {\n\n");
  for (Worker worker : kWorkers) {
    for (Phase phase : kPhases) {
      if (!write_filter(out, worker, phase)) return false;
    }
  }
  std::fprintf(out,
               "\n}  // namespace\n\n"
               "std::span<const sock_filter> filter_of(Worker worker, Phase phase) {\n");
  for (Worker worker : kWorkers) {
    for (Phase phase : kPhases) {
      int w = static_cast<int>(worker), p = static_cast<int>(phase);
      std::fprintf(out, "  if (worker == Worker{%d} && phase == Phase{%d}) return kFilter%d%d;\n",
                   w, p, w, p);
    }
  }
  std::fprintf(out, "  CHECK(false);\n}\n\n}  // namespace cordon::policy\n");
  return true;
}

}  // namespace
}  // namespace cordon::policy

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(argv[1], "w"), std::fclose);
  if (out == nullptr) {
    std::perror(argv[1]);
    return 1;
  }
  bool written = cordon::policy::write_file(out.get()) && std::fflush(out.get()) == 0;
  if (!written) std::remove(argv[1]);
  return written ? 0 : 1;
}
