// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An entry of the code cache: one file with the code of one module, as the compile worker made it,
// after a header of fixed size that the supervisor wrote. It is read once, into sealed memfds:
// whatever happens to the file afterwards, they stay what was checked.
//
// A file is taken only if it could be written by nobody but the user and not by a guest either: a
// regular file with one name, the user's own, of mode 0400. (A guest with a granted directory can
// make files of the user's, but not with this mode, and cannot open such a file for writing.)
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/supervisor/digest.h"

namespace cordon::supervisor {

namespace diag {
// A file of the cache that is no entry, or not the one that it should be.
inline constexpr DiagnosticKind bad_entry{DiagnosticClass::Malformed, "bad_entry", "{}"};
}  // namespace diag

// A piece of the code: a memfd that carries every seal, open for reading only; its size in bytes.
struct SealedPiece {
  Fd file;
  uint64_t size;
};

// What an entry says of itself.
struct EntryFacts {
  Digest key;
  uint64_t module_size = 0;  // bytes
  bool fuel = false;         // the code charges fuel
  std::string name;          // of the module's file, for people; cut to 96 bytes
};

// An entry as it was read.
struct CachedCode {
  EntryFacts facts;
  std::vector<SealedPiece> pieces;  // none if only the facts were asked for
  uint32_t piece_count = 0;
};

// Opens the file of that name beneath `directory`: never through a symbolic link, and without
// waiting for another end of a fifo. `status` is what the kernel says of the file. Fails with
// diag::bad_entry if the file may not be taken, and as openat(2).
Result<Fd> open_entry(int directory, const std::string& name, struct stat& status);

// Reads the header: the facts as they are written. They are for people, until the digest of the
// whole was checked.
Result<CachedCode> read_facts(int file, const struct stat& status);
// Reads the whole: pieces of `most_code` bytes together. Fails with diag::bad_entry if it is not
// the entry of this key, whole and unchanged.
Result<CachedCode> read_entry(int file, const struct stat& status, const Digest& key,
                              uint64_t most_code);

// Writes an entry into an empty file that is open for reading and writing. The pieces are sealed.
Result<void> write_entry(int file, const EntryFacts& facts, const std::vector<SealedPiece>& pieces);

// The size of the file with such pieces.
uint64_t entry_size(const std::vector<SealedPiece>& pieces);

}  // namespace cordon::supervisor
