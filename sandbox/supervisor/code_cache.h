// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeCache: machine code that outlives its run, in a directory of the user's, one file an entry.
// Written by the supervisor alone, from memfds that it sealed itself. Many processes may use one
// directory at a time without a lock: an entry appears whole (O_TMPFILE, then linkat) and is never
// changed; it disappears whole, and a reader that has it open reads on. A process that is killed
// leaves no file. All calls may block as long as the file system does: on a background thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/supervisor/cache_directory.h"
#include "sandbox/supervisor/cache_entry.h"

namespace cordon::supervisor {

// [L1] As many entries are kept at most, whatever their size.
inline constexpr size_t kMostCacheEntries = 4096;

// What code was made from and for: two of them are equal if and only if their code is.
struct CodeOrigin {
  Digest module;       // of all its bytes
  Digest compiler;     // of the compile worker's program
  std::string target;  // the processor's features that code is made for
  bool fuel = false;   // whether code charges fuel
};
Digest key_of(const CodeOrigin& origin);

// The result of a look-up.
struct FoundCode {
  enum class Is : uint8_t { Absent, Good, Bad } is = Is::Absent;
  std::vector<SealedPiece> pieces;  // of a good entry
  std::string why;                  // it is bad, or could not be read
};

// One file of the directory that has the name of an entry.
struct CacheFile {
  Digest key;
  uint64_t bytes = 0;      // that it takes
  struct timespec used{};  // when it was stored or found last
};

// Entries that were removed, or kept.
struct CacheCount {
  size_t entries = 0;
  uint64_t bytes = 0;
};

// Move-only; holds the directory open.
class CodeCache {
 public:
  // Fails as open_cache_directory().
  static Result<CodeCache> open(const std::string& path, IfMissing if_missing);

  // The code of this key, of at most `most_code` bytes. An entry that is found counts as used now.
  FoundCode find(const Digest& key, uint64_t most_code) const;
  // The same for a check: it does not count as used.
  FoundCode peek(const Digest& key) const;
  // Stores code. Before it, and once more after it, the entries that were used least recently are
  // removed, until all take at most `max_bytes`. Not a failure: another process was faster.
  Result<void> store(const EntryFacts& facts, const std::vector<SealedPiece>& pieces,
                     uint64_t max_bytes) const;
  // Removes the entry of that key, if there is one.
  Result<void> remove(const Digest& key) const;

  // All entries, those used last first.
  Result<std::vector<CacheFile>> list() const;
  // The facts that the entry of this key states.
  Result<CachedCode> facts(const Digest& key) const;
  // Removes entries used least recently until all take at most `max_bytes`. What was removed.
  Result<CacheCount> trim(uint64_t max_bytes) const;

  int directory() const { return directory_.get(); }

 private:
  explicit CodeCache(Fd directory) : directory_(std::move(directory)) {}
  Result<CachedCode> look(const Digest& key, uint64_t most_code, bool is_use) const;
  Result<CacheCount> make_room(uint64_t wanted, uint64_t max_bytes) const;
  Fd directory_;
};

}  // namespace cordon::supervisor
