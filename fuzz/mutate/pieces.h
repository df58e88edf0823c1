// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces: a module cut into what a mutation can change by itself: its sections, and the bodies of
// its code section, without the sizes in front. Written again, sizes are right unless they were
// told to lie. Used by mutate().
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace cordon::fuzz {

using ByteString = std::vector<uint8_t>;

struct Piece {
  ByteString bytes;
  int32_t size_error = 0;  // what its size says more than there is
};

struct SectionPiece {
  uint8_t id = 0;
  Piece content;  // of a code section whose bodies could be told apart: their number
  std::vector<Piece> bodies = {};  // of such a section
};

struct Pieces {
  ByteString header;  // magic and version
  std::vector<SectionPiece> sections;
  ByteString rest;  // what no section could be read from

  ByteString write() const;
  SectionPiece* find(uint8_t id);  // the first; null if there is none
};

// Cuts any bytes.
Pieces cut(ByteSpan module);

// Where the instructions of a body begin, and one past the last: up to its end or to what is
// no instruction.
std::vector<uint32_t> instruction_starts(const ByteString& body);

}  // namespace cordon::fuzz
