// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A policy lists the system calls that a worker may make, as data ([J2]). Each row allows one
// system call under conditions on its arguments, or lets the supervisor answer it, and gives the
// reason. compile_bpf.h makes the filters from it, `cordon policy` prints it, and the tests
// interpret it independently.
//
// A call that no row allows is never executed: the kernel holds the process in the call and
// notifies the supervisor (seccomp_unotify(2)), which ends the process and can report the call. If
// the supervisor is gone the call is ENOSYS. The kernel kills a process that uses x32 numbers or
// any architecture but x86-64.
//
// A worker's filters are stacked: the kernel runs both and the stricter result counts. The set-up
// filter, the last step of entering the jail, allows all rows. The guest filter comes before the
// first guest instruction and kills for the rows of Phase::SetUp and of Answer::Never, so that
// together they allow the other rows of Phase::Guest. It notifies nobody: a process has only one
// filter with a listener.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cordon::policy {

// The program, and its role. Each program has its table in a file of its own: <name>.policy.cc.
enum class Worker : uint8_t {
  Run,          // the run worker, interpreting the guest: no executable memory at all
  RunNative,    // the same with native code, and the rows that this needs
  RunAuto,      // the same with native code that comes while the guest runs
  Compile,      // the compile worker, which makes all code of a module
  CompileAuto,  // the same, which makes code as it is needed
  Paths,        // the path broker
  Trace,        // the trace worker
};
inline constexpr std::array kWorkers = {Worker::Run,     Worker::RunNative,   Worker::RunAuto,
                                        Worker::Compile, Worker::CompileAuto, Worker::Paths,
                                        Worker::Trace};

// How long the call of a row stays allowed.
enum class Phase : uint8_t {
  SetUp,  // from the end of the jail to the guest filter only
  Guest,  // also while the guest runs
};
inline constexpr std::array kPhases = {Phase::SetUp, Phase::Guest};

// The effect of a call that meets a row's conditions.
enum class Answer : uint8_t {
  Allow,
  Ask,    // the supervisor is notified, as of any other call, and may answer (gate.h)
  Never,  // the guest filter kills, even if other rows allow it: exceptions from a row
};

// Holds if (argument & mask) == value. With mask 0 it always holds.
struct Condition {
  uint8_t argument = 0;  // 0 to 5
  uint64_t mask = 0;
  uint64_t value = 0;
  std::string_view text;  // "fd == 3"
};

// Applies if all conditions hold. Several rows may name the same call: any of them allows it.
struct Row {
  uint32_t number;
  std::string_view name;
  Phase phase;
  Answer answer;
  std::array<Condition, 4> conditions;
  std::string_view reason;
};

// The policy of a worker, in the order of its table. Static storage.
std::span<const Row> rows_of(Worker worker);

// "run", "run_native", "run_auto", "compile", "compile_auto", "paths", "trace"
std::string_view name_of(Worker worker);
std::string_view name_of(Phase phase);  // "set-up", "guest"

// "fd == 3, flags == MSG_NOSIGNAL"; empty if the arguments are free.
std::string conditions_text(const Row& row);

// The rows of `worker` that `other` lacks, a row of another phase or answer included.
std::vector<Row> rows_beyond(Worker worker, Worker other);

// The name of an x86-64 system call; "call 999" if it has none here.
std::string name_of_call(uint32_t number);

// Whether this row applies while the guest runs, or before.
constexpr bool in_phase(const Row& row, Phase phase) {
  return phase == Phase::SetUp || row.phase == Phase::Guest;
}

}  // namespace cordon::policy
