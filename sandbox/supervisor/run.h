// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// run(): one module, one jailed worker (another if it is compiled, and one if it was granted
// directories), one verdict. Called by the command line and by embedders. It opens what the request
// names, never reads a byte of the module itself ([P1]), and leaves no process. Safe to call from
// several threads at once. The caller must not ignore SIGCHLD: otherwise the end of a worker could
// not be determined (a Lacking report).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "sandbox/supervisor/report.h"

namespace cordon::supervisor {

// Each limit has a default ([L1]).
inline constexpr uint64_t kMaxModuleSize = uint64_t{1} << 30;
inline constexpr uint64_t kDefaultMaxMemory = uint64_t{4} << 30;
inline constexpr uint64_t kDefaultMaxStack = uint64_t{4} << 20;
inline constexpr uint64_t kDefaultMaxOutput = uint64_t{4} << 30;
inline constexpr uint32_t kDefaultMaxFiles = 4096;
inline constexpr uint32_t kLeastMaxFiles = 3 + protocol::kMaxPreopens;
inline constexpr uint32_t kMostMaxFiles = uint32_t{1} << 20;
inline constexpr std::chrono::nanoseconds kDefaultTimeout = std::chrono::hours(24);
inline constexpr uint64_t kDefaultCacheSize = uint64_t{1} << 30;
inline constexpr size_t kMaxOutput = size_t{64} << 20;  // of Output messages; not a guest's

// A path that means standard input.
inline constexpr std::string_view kStandardInput = "-";

// A directory of the host that the guest may use under a name of its own ([F1]).
struct DirectoryGrant {
  std::string host_path;
  std::string guest_path;
  bool writable = false;
};

// Whether to refuse the run if the kernel withholds a layer of the jail, or to go on and name it in
// the report.
enum class JailMode : uint8_t { Full, Degraded };

// A directory in which the code of modules outlives the run (docs/cache.md).
struct CacheOptions {
  std::string directory;
  uint64_t max_bytes = kDefaultCacheSize;
  // The features of the processor that the compile worker makes code for, as text. It detects them
  // itself; this names them in the key of an entry.
  std::string target;
  std::string module_name;  // for people; empty: the last part of RunRequest::module_path
  bool only_store = false;  // do not look for code
};

class Signals;

// All parameters of a run. run() reads it and never changes it.
struct RunRequest {
  protocol::Action action = protocol::Action::Run;
  protocol::Engine engine = protocol::Engine::Interp;
  std::string module_path;            // kStandardInput: read from there
  std::optional<CacheOptions> cache;  // of Engine::Jit without precompiled_path; else not used
  std::string precompiled_path;       // code of the module in a file; no compile worker then
  std::string worker_path;            // empty: find_worker("cordon-run-worker")
  std::string compiler_path;          // the same for "cordon-compile-worker"; for native code
  std::string broker_path;        // the same for "cordon-path-broker"; where there are directories
  std::string tracer_path;        // the same for "cordon-trace-worker"; after a trap
  std::vector<std::string> args;  // args[0] is the guest's program name
  std::vector<std::string> env;   // NAME=VALUE
  std::optional<std::string> invoke;  // the export to call; none: the command's, _start
  std::vector<DirectoryGrant> directories;
  std::optional<uint64_t> fuel;  // none: as much as the deadline allows
  uint64_t max_memory = kDefaultMaxMemory;
  bool growth_fails = false;  // at that limit memory.grow gives -1; else the run ends
  uint64_t max_stack = kDefaultMaxStack;
  uint64_t max_output = kDefaultMaxOutput;  // bytes that the guest may write, to files as well
  uint32_t max_files = kDefaultMaxFiles;    // that the guest may have open, preopens included
  std::chrono::nanoseconds timeout = kDefaultTimeout;
  bool json = false;        // for inspect
  bool hotness = false;     // report which functions and loops of an interpreted guest are hot
  bool allow_ansi = false;  // a terminal gets the guest's control sequences unchanged
  bool perf_map = false;    // write names of native functions for perf; for Engine::Jit alone
  // Of Engine::Auto: the fuel from which on code of a function is requested; none: by the model of
  // core/engine/levels.def.
  std::optional<uint64_t> hot_fuel;
  // How long a compile worker of Engine::Auto stays without a request.
  std::chrono::nanoseconds compiler_patience = std::chrono::seconds(10);
  JailMode jail = JailMode::Full;
  Signals* signals = nullptr;  // of the command line: ends or stops the run from outside
};

// `given`, or else the worker program of that name beside this program's file, or in
// ../libexec/cordon/ from there.
Result<std::string> find_worker(const std::string& name, const std::string& given = {});

// Always returns a report, also for a run that could not begin.
RunReport run(const RunRequest& request);

}  // namespace cordon::supervisor
