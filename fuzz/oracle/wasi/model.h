// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// WasiModel: the effects of WASI's functions on one guest, written independently from the witx and
// from core/wasi's contracts, over files in memory: descriptors with their rights and positions,
// the remaining output, which cookies were given out. The target `wasi` makes the same calls on it
// and on core/wasi (guest.h).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/wasi/fd_table.h"

namespace cordon::fuzz {

struct ModelFile {
  std::string content;
};

struct ModelEntry {
  wasi::Rights base = 0, inheriting = 0;
  bool is_directory = false, writable = true, is_pipe = false, appends = false;
  std::shared_ptr<ModelFile> file;
  uint64_t position = 0;
  std::optional<std::string> preopened_as;
  std::set<uint64_t> cookies;  // of a directory, since it was last read from the start
  bool was_cut = false;        // and the last buffer was too small for all

  bool has(wasi::Rights needed) const;
};

using ModelTree = std::map<std::string, std::shared_ptr<ModelFile>>;  // of one directory

class WasiModel {
 public:
  WasiModel(uint32_t most_fds, uint64_t output) : most_fds_(most_fds), output_left(output) {}

  // The error of an argument that is a descriptor and needs these rights.
  wasi::Errno check(uint32_t number, wasi::Rights needed) const;
  ModelEntry* find(uint32_t number);

  struct Opening {
    std::string name;  // "." is the directory itself
    uint32_t oflags, fdflags;
    wasi::Rights base, inheriting;
  };
  // `number` is the new descriptor's.
  wasi::Errno open(uint32_t directory, const Opening& how, uint32_t& number);
  wasi::Errno close(uint32_t number);
  wasi::Errno renumber(uint32_t from, uint32_t to);
  wasi::Errno set_rights(uint32_t number, wasi::Rights base, wasi::Rights inheriting);
  wasi::Errno seek(uint32_t number, int64_t offset, uint32_t whence, uint64_t& position);
  wasi::Errno unlink(uint32_t directory, const std::string& name);
  // What is written or read; `at`: where, and then the position stays.
  std::string write(ModelEntry& entry, std::string bytes, std::optional<uint64_t> at);
  std::string read(ModelEntry& entry, uint64_t size, std::optional<uint64_t> at);

  std::map<uint32_t, ModelEntry> entries;
  ModelTree writable, read_only;  // the two preopens

 private:
  ModelTree& tree(const ModelEntry& directory) { return directory.writable ? writable : read_only; }
  const uint32_t most_fds_;

 public:
  uint64_t output_left;
};

}  // namespace cordon::fuzz
