// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/run_worker/perf_map.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string>

#include "core/wasm/names.h"

namespace cordon::run_worker {
namespace {

constexpr size_t kBuffer = size_t{64} << 10;

void add_hex(std::string& out, uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16);
  out.append(digits, end.ptr);
  out += ' ';
}

void add_name(std::string& out, std::string_view name, uint32_t index) {
  out += "wasm ";
  out += std::to_string(index);
  if (!name.empty()) out += ' ' + wasm::plain_name(name);
  out += '\n';
}

Result<void> write_all(int fd, std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t step = ::write(fd, text.data() + done, text.size() - done);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return fail_os("perf map: write", errno);
    done += static_cast<size_t>(step);
  }
  text.clear();
  return {};
}

}  // namespace

Result<void> write_perf_map(int fd, const wasm::ValidatedModule& module,
                            const runtime::CodeSpace& code) {
  const wasm::Names names(module.module());
  std::string text;
  for (const runtime::CodeUnit* unit : code.units()) {
    for (uint32_t i = 0; i < unit->funcs(); ++i) {
      const wasm::FuncIdx index = module.funcs()[unit->body(i)].index();
      add_hex(text, reinterpret_cast<uintptr_t>(unit->entry(i)));
      add_hex(text, unit->func(i).size);
      add_name(text, names.function_name(index), index.value);
      if (text.size() > kBuffer) TRY_VOID(write_all(fd, text));
    }
  }
  return write_all(fd, text);
}

}  // namespace cordon::run_worker
