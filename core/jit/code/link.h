// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linker: puts the chunks of all threads one after the other into a blob, and fills in references
// between chunks and between pieces (core/abi/code_blob.h). Used by compile.cc, one piece after the
// other.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/abi/code_blob.h"
#include "core/base/result.h"
#include "core/jit/code/chunk.h"
#include "core/jit/code/compile.h"
#include "core/wasm/module.h"

namespace cordon::jit {

// For one module, on one thread. Its buffer is reused from piece to piece.
class Linker {
 public:
  // `options.as_needed` says which kind of series the pieces are (core/abi/code_blob.h).
  // `in_pieces`: there will be more than one, and a table of entries. `lines`: as in
  // CompileOptions.
  Linker(const wasm::Module& module, const abi::BlobOptions& options, bool in_pieces,
         std::vector<Line>* lines);

  // The encoded blob of these functions, which are the next in order, or any as they are needed;
  // good until the next call. Fails if the code space is full; then it is as it was.
  Result<ByteSpan> piece(std::span<const std::unique_ptr<Chunk>> chunks);
  // The table of entries, once all functions have their piece.
  ByteSpan entry_table();

 private:
  void place(std::span<const std::unique_ptr<Chunk>> chunks, abi::BlobBuilder::Counts& counts);
  void note_entries(std::span<const std::unique_ptr<Chunk>> chunks);
  void add(const Chunk& chunk, abi::BlobBuilder& out);
  void resolve(const Chunk& chunk, abi::BlobBuilder& out);
  uint64_t function_at(uint32_t function) const;

  static constexpr uint32_t kNone = UINT32_MAX;

  const wasm::Module& module_;
  const abi::BlobOptions options_;
  std::vector<Line>* const lines_;
  const uint64_t room_;            // of the code space
  std::vector<uint32_t> entries_;  // by body, in the code space; kNone: not yet
  uint32_t placed_ = 0;            // bodies with an entry
  uint64_t base_;                  // of the piece
  uint64_t full_size_ = 0;         // of the piece, read-only data included
  std::vector<uint8_t> bytes_;
};

}  // namespace cordon::jit
