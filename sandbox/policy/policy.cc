// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/policy/policy.h"

#include <seccomp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core/base/check.h"
#include "sandbox/policy/tables.h"

namespace cordon::policy {

std::span<const Row> rows_of(Worker worker) {
  switch (worker) {
    case Worker::Run: return run_worker_rows();
    case Worker::RunNative: return native_run_worker_rows();
    case Worker::RunAuto: return auto_run_worker_rows();
    case Worker::Compile: return compile_worker_rows();
    case Worker::CompileAuto: return auto_compile_worker_rows();
    case Worker::Paths: return path_broker_rows();
    case Worker::Trace: return trace_worker_rows();
  }
  CHECK(false);
}

std::string_view name_of(Worker worker) {
  switch (worker) {
    case Worker::Run: return "run";
    case Worker::RunNative: return "run_native";
    case Worker::RunAuto: return "run_auto";
    case Worker::Compile: return "compile";
    case Worker::CompileAuto: return "compile_auto";
    case Worker::Paths: return "paths";
    case Worker::Trace: return "trace";
  }
  CHECK(false);
}

std::string_view name_of(Phase phase) { return phase == Phase::SetUp ? "set-up" : "guest"; }

std::string conditions_text(const Row& row) {
  std::string text;
  for (const Condition& condition : row.conditions) {
    if (condition.mask == 0) continue;
    if (!text.empty()) text += ", ";
    text += condition.text;
  }
  return text;
}

std::vector<Row> rows_beyond(Worker worker, Worker other) {
  const auto same = [](const Row& a, const Row& b) {
    return a.number == b.number && a.phase == b.phase && a.answer == b.answer &&
           conditions_text(a) == conditions_text(b);
  };
  std::vector<Row> beyond;
  for (const Row& row : rows_of(worker)) {
    const auto has = [&](const Row& each) { return same(each, row); };
    if (std::ranges::none_of(rows_of(other), has)) beyond.push_back(row);
  }
  return beyond;
}

std::string name_of_call(uint32_t number) {
  const std::unique_ptr<char, void (*)(void*)> name(
      seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, static_cast<int>(number)), std::free);
  return name == nullptr ? "call " + std::to_string(number) : std::string(name.get());
}

}  // namespace cordon::policy
