// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/plans.h"

#include <algorithm>

#include "core/base/check.h"
#include "sandbox/jail/steps.h"

namespace cordon::supervisor {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kGiB = uint64_t{1} << 30;

// The memory that a worker may need besides the guest's linear memories and stacks, whatever the
// module: its own, and tables, twice while one grows. Memory for a module's decoded form, and in a
// compile worker for the code and its making, is charged by the module's size.
constexpr uint64_t kWorkerMemory = 512 * kMiB;
constexpr uint64_t kMemoryPerModuleByte = 16;
constexpr uint64_t kCompileMemoryPerModuleByte = 48;

// Address space that is not memory: a linear memory's reservation (8 GiB and its guard,
// core/runtime/memory.h), the room for code, the program itself.
constexpr uint64_t kReserved = 12 * kGiB;
constexpr uint64_t kProgram = 256 * kMiB;
// A path broker holds messages, and a handle for each open file and directory of the guest.
constexpr uint64_t kBrokerMemory = 64 * kMiB;

// Memory of a trace worker: the decoded module, and what its reader keeps of DWARF.
constexpr uint64_t kTraceMemory = 256 * kMiB;

// Page tables (a 512th of the address space), stacks, sockets, the kernel's records of open files.
constexpr uint64_t kKernelMemory = 256 * kMiB;

constexpr uint64_t kLeastCode = 4 * kMiB;
constexpr uint64_t kCodePerModuleByte = 64;
// The run's own limit on output bounds what a guest writes to files.
constexpr uint64_t kMostFile = 1024 * kGiB;

uint64_t sum(std::initializer_list<uint64_t> parts) {
  uint64_t total = 0;
  for (uint64_t part : parts) total = part > ~uint64_t{0} - total ? ~uint64_t{0} : total + part;
  return total;
}

uint64_t data_limit(WorkerKind kind, const RunRequest& request, const Inputs& inputs) {
  const uint64_t module_size = inputs.module_size;
  if (kind == WorkerKind::Paths) return kBrokerMemory;
  if (kind == WorkerKind::Trace) return kTraceMemory + kMemoryPerModuleByte * module_size;
  if (kind == WorkerKind::Compile) return kWorkerMemory + kCompileMemoryPerModuleByte * module_size;
  // Besides the decoded form of the inspected module there is one more, made by
  // features_needed().
  const uint64_t forms = request.action == protocol::Action::Inspect ? 2 : 1;
  // The stack counts four times: the interpreter's has values and frames (runtime/execution.h),
  // native code has one of its own, of twice the size if it comes while the guest runs. The tables
  // of code in a file may be all of it, and there is a second copy while the first is checked.
  return sum({kWorkerMemory, forms * kMemoryPerModuleByte * module_size, request.max_memory,
              request.max_stack, request.max_stack, request.max_stack, request.max_stack,
              inputs.precompiled_size, inputs.precompiled_size});
}

// The address space: all data, reservations, and the mapped files. Code is mapped twice, to be read
// and to be run.
uint64_t address_limit(WorkerKind kind, uint64_t data, const Inputs& inputs) {
  if (kind == WorkerKind::Paths) return sum({data, kProgram});
  const uint64_t files = sum({inputs.module_size, protocol::kMaxConfig});
  if (kind == WorkerKind::Compile || kind == WorkerKind::Trace) return sum({data, files, kProgram});
  const uint64_t code = std::max(most_code(inputs.module_size), inputs.precompiled_size);
  return sum({data, files, code, code, jail::kRunStack, kReserved, kProgram});
}

// One second more than the whole run may last.
uint64_t cpu_seconds(const RunRequest& request) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(request.timeout).count();
  return static_cast<uint64_t>(std::max<int64_t>(whole, 0)) + 2;
}

policy::Worker policy_of(WorkerKind kind, const RunRequest& request) {
  const protocol::Engine engine = engine_of(request);
  if (kind == WorkerKind::Compile) {
    return engine == protocol::Engine::Auto ? policy::Worker::CompileAuto : policy::Worker::Compile;
  }
  if (kind == WorkerKind::Paths) return policy::Worker::Paths;
  if (kind == WorkerKind::Trace) return policy::Worker::Trace;
  switch (engine) {
    case protocol::Engine::Interp: return policy::Worker::Run;
    case protocol::Engine::Jit: return policy::Worker::RunNative;
    case protocol::Engine::Auto: return policy::Worker::RunAuto;
  }
  CHECK(false);
}

Result<std::string> program_of(WorkerKind kind, const RunRequest& request) {
  switch (kind) {
    case WorkerKind::Run: return find_worker("cordon-run-worker", request.worker_path);
    case WorkerKind::Compile: return find_worker("cordon-compile-worker", request.compiler_path);
    case WorkerKind::Paths: return find_worker("cordon-path-broker", request.broker_path);
    case WorkerKind::Trace: return find_worker("cordon-trace-worker", request.tracer_path);
  }
  CHECK(false);
}

// [F1] The only descriptors beneath which the path broker resolves anything.
void add_grants(const Inputs& inputs, WorkerPlan& plan) {
  plan.identity = jail::Identity::User;
  plan.inherited.push_back(inputs.guest_channel.get());
  for (const Grant& grant : inputs.grants) plan.inherited.push_back(grant.directory.get());
}

uint64_t writable_grants(const Inputs& inputs) {
  uint64_t bits = 0;
  for (size_t i = 0; i < inputs.grants.size(); ++i) {
    if (inputs.grants[i].writable) bits |= uint64_t{1} << i;
  }
  return bits;
}

}  // namespace

uint64_t most_code(uint64_t module_size) {
  if (module_size > protocol::kMaxCode / kCodePerModuleByte) return protocol::kMaxCode;
  return std::min(protocol::kMaxCode, kLeastCode + kCodePerModuleByte * module_size);
}

Result<WorkerPlan> plan_of(WorkerKind kind, const RunRequest& request, jail::LayerSet missing,
                           const std::optional<Inputs>& inputs) {
  WorkerPlan plan{TRY(program_of(kind, request)), policy_of(kind, request), missing};
  if (kind == WorkerKind::Paths) add_grants(*inputs, plan);
  return plan;
}

uint64_t memory_of_all(const RunRequest& request, const Inputs& inputs) {
  uint64_t most =
      sum({kKernelMemory, jail::kRunStack, most_code(inputs.module_size), inputs.precompiled_size});
  for (const WorkerKind kind :
       {WorkerKind::Run, WorkerKind::Compile, WorkerKind::Paths, WorkerKind::Trace}) {
    most = sum({most, data_limit(kind, request, inputs)});
  }
  // What a guest writes to a granted tmpfs counts as its memory.
  const bool writes = std::any_of(inputs.grants.begin(), inputs.grants.end(),
                                  [](const Grant& grant) { return grant.writable; });
  return writes ? sum({most, request.max_output}) : most;
}

protocol::EnterJail limits_of(WorkerKind kind, const RunRequest& request, const Inputs& inputs) {
  const uint64_t data = data_limit(kind, request, inputs);
  const bool compiles = kind == WorkerKind::Compile;
  const bool opens_files = kind == WorkerKind::Paths;
  return {.engine = engine_of(request),
          .data_limit = data,
          .address_limit = address_limit(kind, data, inputs),
          .file_limit = compiles ? most_code(inputs.module_size) : kMostFile,
          .cpu_limit = cpu_seconds(request),
          .max_files = request.max_files,
          .inherited = opens_files ? static_cast<uint32_t>(inputs.grants.size()) + 1 : 0,
          .writable_grants = opens_files ? writable_grants(inputs) : 0};
}

}  // namespace cordon::supervisor
