// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces: a module cut into parts that a mutation can change alone: its sections, and the bodies of
// its code section, without their sizes. Written again, sizes are right unless a mutation made them
// wrong. Used by mutate().
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::fuzz {

using ByteString = std::vector<uint8_t>;

struct Piece {
  ByteString bytes;
  int32_t size_error = 0;  // added to its size when written
};

struct SectionPiece {
  uint8_t id = 0;
  Piece content;                   // of a code section whose bodies could be found: their number
  std::vector<Piece> bodies = {};  // of such a section
};

struct Pieces {
  ByteString header;  // magic and version
  std::vector<SectionPiece> sections;
  ByteString rest;  // bytes that could not be read as sections

  ByteString write() const;
  SectionPiece* find(uint8_t id);  // the first; null if there is none
};

// Cuts any bytes, valid or not.
Pieces cut(ByteSpan module);

// The offsets of a body's instructions, and one past the last: up to its end or to what is no
// instruction.
std::vector<uint32_t> instruction_starts(const ByteString& body);

}  // namespace cordon::fuzz
