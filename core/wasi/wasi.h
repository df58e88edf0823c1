// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wasi: WASI preview 1 for one guest, and the table of its 46 functions, expanded from wasi.def.
// The run worker (or an embedder) makes one, the linker registers host_functions() under
// kModuleName with the Wasi as `env`. What always holds:
//   - no argument reaches a function unchecked (kinds.h), and no function touches guest memory but
//     through Memory::at;
//   - nothing here opens a path: that is the broker's ([F1]);
//   - the system calls made are those that the run worker's policy lists, and no others;
//   - what a guest can ask for is bounded by WasiLimits and by the size of its memory ([L1]): no
//     call takes memory of ours in proportion to a number of the guest's.
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

// The name that Linux bounds (PATH_MAX without its NUL), and IOV_MAX.
inline constexpr uint32_t kMaxPath = 4095;
inline constexpr uint32_t kMaxIovecs = 1024;

// What one guest may have at once or in all ([L1]).
struct WasiLimits {
  uint32_t open_fds = 4096;  // mfile beyond
  // Written and allocated, to and in all descriptors together; ends the run beyond.
  uint64_t output_bytes = uint64_t{4} << 30;
};

// What a guest gets to see. Strings are handed out byte for byte, each with a zero after it; one
// within would end it early.
struct WasiConfig {
  std::vector<std::string> args;         // the first is the program's name
  std::vector<std::string> env;          // "NAME=value"
  std::array<int, 3> stdio = {0, 1, 2};  // descriptors of this process, -1 for none; stay open
  uint32_t terminals = 0;                // bit i: the i-th of them is to be taken for a terminal
  WasiLimits limits = {};
};

// One guest's state. Calls come from one thread; the guest's memory is reached through each call.
class Wasi {
 public:
  // The broker's preopens become file descriptors 3, 4, ... There are at most limits.open_fds - 3.
  // The broker lives longer than the Wasi, which closes its directories in the end.
  Wasi(WasiConfig config, PathBroker& broker);

  // What the guest gave to proc_exit; 0 before that.
  uint32_t exit_code() const { return exit_code_; }
  void set_exit_code(uint32_t code) { exit_code_ = code; }

  const WasiConfig& config() const { return config_; }
  // The limits given at the start; they do not change.
  const WasiLimits& limits() const { return config_.limits; }
  PathBroker& broker() { return broker_; }
  FdTable& fds() { return fds_; }
  // How much the guest may still write.
  uint64_t output_left() const { return config_.limits.output_bytes - output_; }
  void spend_output(uint64_t bytes) { output_ += bytes; }
  // Room for the buffers of the call that is being made.
  std::span<iovec, kMaxIovecs> iovec_room() { return iovec_room_; }

 private:
  WasiConfig config_;
  PathBroker& broker_;
  FdTable fds_;
  uint32_t exit_code_ = 0;
  uint64_t output_ = 0;  // at most limits.output_bytes
  std::array<iovec, kMaxIovecs> iovec_room_;
};

// One row of wasi.def, as the linker takes it. Static storage.
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
