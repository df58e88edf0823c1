// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// WasiGuest: makes calls of core/wasi, chosen by bytes, and the same of the model; results, errors
// and every byte of the guest's memory must be the model's. Called by the target `wasi`.
#pragma once

#include "fuzz/gen/choices.h"
#include "fuzz/oracle/wasi/model.h"
#include "tests/core/wasi/caller.h"

namespace cordon::fuzz {

class WasiGuest {
 public:
  explicit WasiGuest(Choices& choices);
  // Makes one call on both; a difference is a finding.
  void call();

 private:
  using Errno = wasi::Errno;

  // Calls (guest.cc, guest_files.cc)
  void open();
  void close();
  void renumber();
  void rights();
  void seek();
  void write();
  void read();
  void list();
  void unlink();
  void prestat();
  void arguments();
  void times();
  void advise();
  void poll();

  // Values
  uint32_t below(uint32_t count) { return choices_.below(count); }
  uint32_t number() { return choices_.once_in(16) ? below(1 << 16) * 65537 : below(12); }
  wasi::Rights some_rights();
  std::string name();
  // The place of a result of this size: mostly in memory.
  uint32_t place(uint32_t size);
  static bool is_in_memory(uint64_t address, uint64_t size) { return address + size <= wasi::kEnd; }
  // A list of buffers and their contents; whether the list and all of them are in memory.
  bool buffers(std::vector<wasi::GuestIovec>& list, uint32_t& count);

  // Makes the call; on success only `writes` may have changed in memory.
  struct Range {
    uint64_t address, size;
  };
  Errno make(std::string_view name, std::vector<uint64_t> args, std::vector<Range> writes);
  void expect_same(std::string_view call, Errno got, Errno wanted);
  void expect(bool holds, std::string_view call, std::string_view what);
  std::string text(uint32_t address, uint32_t size) { return caller_.text(address, size); }

  Choices& choices_;
  wasi::WasiCaller caller_;
  WasiModel model_;
  std::vector<uint8_t> before_;  // memory
  Trap trap_ = Trap::none;
};

}  // namespace cordon::fuzz
