// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RunReport: how a run ended, as the supervisor judged it, and what it cost. All text in it that
// came from the worker is raw: printable() it before it reaches a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sandbox/protocol/messages.h"

namespace cordon::supervisor {

// The verdict on a run, by what the kernel and the worker reported ([V1]).
enum class RunEnd : uint8_t {
  Exited,       // the guest ended by itself; for validate, inspect and verify: all is well
  Trapped,      // a trap, fuel and the memory limit included (see `limit`)
  Refused,      // the module was refused: decode, validate, link; or its code (`of_code`)
  Timeout,      // the deadline passed
  Violation,    // a worker broke its jail's rules or the protocol, or crashed
  Killed,       // another process killed a worker (SIGKILL)
  JailFailed,   // a step of the jail failed; the guest's bytes were never read
  Interrupted,  // the user or the system ended the run by a signal (`signal`)
  BadInput,     // a file that the request names cannot be opened or read
  Lacking       // Cordon itself lacked something: descriptors, memory, processes
};

// What the code cache was good for in a run.
enum class CacheOutcome : uint8_t {
  None,  // it was not asked for, or the run ended before it was looked into
  Hit,   // the code came from there
  Miss,  // there was none
  Bad    // there was an entry that could not be used; it was removed
};
struct CacheReport {
  CacheOutcome outcome = CacheOutcome::None;
  std::string key;  // of the entry, 64 hexadecimal digits
  std::string why;  // the entry is bad, could not be looked for, or was not stored
  bool stored = false;
  uint64_t look_up_ns = 0, store_ns = 0;
};

// Owns all its text. Sizes are bytes, times nanoseconds.
struct RunReport {
  RunEnd end = RunEnd::Violation;
  uint32_t exit_code = 0;
  protocol::LimitHit limit = protocol::LimitHit::None;
  std::string name;  // the trap's or the refusal's identifier
  std::string text;  // one line for people
  std::vector<protocol::Frame> frames;
  // After a trap: each frame's names and lines by the module's names and DWARF; empty if it has
  // neither, or if `unexplained` has the reason why they could not be read.
  std::vector<protocol::FrameNames> explained;
  std::string unexplained;
  std::vector<protocol::HotPlace> hottest;  // if the request had it and the run had an end
  std::string output;                       // of inspect, and the results of an invoked function
  std::string perf_map;                     // the file with names for perf, if there is one
  // With Engine::Auto: why no more code came.
  std::string interpreted_for;
  bool of_code = false;  // the precompiled code was refused
  int signal = 0;       // that ended a worker, if it was not the supervisor's; of Interrupted, ours
  std::string syscall;  // of a violation: the system call that the worker tried, if it was one

  uint64_t fuel_used = 0;
  uint64_t peak_memory = 0;  // bytes of linear memory, as the worker reports
  uint64_t max_rss = 0;      // bytes, as the kernel reports
  uint64_t wall_ns = 0, cpu_ns = 0;
  uint64_t decode_ns = 0, validate_ns = 0, instantiate_ns = 0, run_ns = 0;
  uint64_t compile_ns = 0, verify_ns = 0;   // of native code
  uint64_t verify_tail_ns = 0;              // from the last piece of the code until it could run
  uint64_t code_funcs = 0, code_bytes = 0;  // verified ones, as the worker reports
  protocol::Switched switched;              // of Engine::Auto, as the worker reports
  uint32_t late_pieces = 0;                 // of code, that were made and never taken
  CacheReport cache;
  std::vector<std::string>
      missing_layers;    // of the jail, by name; only if JailMode::Degraded permitted the run
  int landlock_abi = 0;  // 0: this kernel has none

  // The exit status of `cordon run`: the guest's own (modulo 256, as for any process); 1 refused, 2
  // an input cannot be read or the jail cannot be built, 3 Cordon lacked something, 124 timeout,
  // 134 trap or fuel, 137 memory limit or killed, 159 violation, 128 + signal if interrupted.
  int exit_status() const;
};

}  // namespace cordon::supervisor
