// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wasi: WASI preview 1 for one guest, and the table of its 46 functions, expanded from wasi.def.
// The run worker (or an embedder) makes one; the linker registers host_functions() under
// kModuleName with the Wasi as `env`. Invariants:
//  - no argument reaches a function unchecked (kinds.h), and no function accesses guest memory
//    except through Memory::at;
//  - nothing here opens a path: only the broker does ([F1]);
//  - only the system calls listed in the run worker's policy are made;
//  - a guest's requests are bounded by WasiLimits and by the size of its memory ([L1]): no call
//    allocates host memory in proportion to a number that the guest passes.
#pragma once

#include <sys/uio.h>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/host_func.h"
#include "core/wasi/fd_table.h"
#include "core/wasi/path_broker.h"
#include "core/wasm/types.h"

namespace cordon::wasi {

inline constexpr std::string_view kModuleName = "wasi_snapshot_preview1";

// Linux's bound on a path (PATH_MAX without its NUL), and IOV_MAX.
inline constexpr uint32_t kMaxPath = 4095;
inline constexpr uint32_t kMaxIovecs = 1024;

// The limits of one guest, at any moment or in total ([L1]).
struct WasiLimits {
  uint32_t open_fds = 4096;  // one more is mfile
  // Written and allocated, in all descriptors together; exceeding it ends the run.
  uint64_t output_bytes = uint64_t{4} << 30;
};

// The environment of a guest. Strings are passed byte for byte, each with a zero after it; a zero
// within would end the string early.
struct WasiConfig {
  std::vector<std::string> args;         // the first is the program's name
  std::vector<std::string> env;          // "NAME=value"
  std::array<int, 3> stdio = {0, 1, 2};  // descriptors of this process, -1 for none; stay open
  uint32_t terminals = 0;                // bit i: the guest sees the i-th of them as a terminal
  WasiLimits limits = {};
};

// One guest's state. Calls come from one thread and bring the guest's memory with them.
class Wasi {
 public:
  // The broker's preopens become file descriptors 3, 4, ... There are at most limits.open_fds - 3.
  // The broker outlives the Wasi, whose destructor closes its directories.
  Wasi(WasiConfig config, PathBroker& broker);

  // The argument of the guest's proc_exit; 0 before that.
  uint32_t exit_code() const { return exit_code_; }
  void set_exit_code(uint32_t code) { exit_code_ = code; }

  const WasiConfig& config() const { return config_; }
  // The limits given at the start; they do not change.
  const WasiLimits& limits() const { return config_.limits; }
  PathBroker& broker() { return broker_; }
  FdTable& fds() { return fds_; }
  // How many bytes the guest may still write.
  uint64_t output_left() const { return config_.limits.output_bytes - output_; }
  void spend_output(uint64_t bytes) { output_ += bytes; }
  // Room for the buffers of the current call.
  std::span<iovec, kMaxIovecs> iovec_room() { return iovec_room_; }

 private:
  WasiConfig config_;
  PathBroker& broker_;
  FdTable fds_;
  uint32_t exit_code_ = 0;
  uint64_t output_ = 0;  // at most limits.output_bytes
  std::array<iovec, kMaxIovecs> iovec_room_;
};

// One row of wasi.def, in the form that the linker needs. Static storage.
struct HostFunction {
  std::string_view name;
  std::span<const wasm::ValType> params, results;
  runtime::HostFn enter;  // its env is the Wasi
  // The function's type as the import must declare it.
  wasm::FuncType type() const {
    return {{params.begin(), params.end()}, {results.begin(), results.end()}};
  }
};

// All of wasi_snapshot_preview1, in the order of wasi.def.
std::span<const HostFunction> host_functions();

}  // namespace cordon::wasi
