// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mutator: the rows of mutations.def as methods on a module in pieces. A mutation that finds
// nothing to change has no effect. Used by mutate().
#pragma once

#include <span>
#include <vector>

#include "fuzz/gen/choices.h"
#include "fuzz/gen/rows.h"
#include "fuzz/mutate/pieces.h"

namespace cordon::fuzz {

class Mutator {
 public:
  Mutator(Choices& choices, Pieces module, Pieces donor)
      : choices_(choices), module_(std::move(module)), donor_(std::move(donor)) {}

#define MUTATION(name, weight) void name();
#include "fuzz/mutate/mutations.def"

  ByteString write() const { return module_.write(); }

 private:
  // An instruction of a body: [begin, end) of its bytes.
  struct Place {
    ByteString* body;
    uint32_t begin, end;
  };

  // Null if there are none.
  SectionPiece* any_section();
  Piece* any_body();
  Piece* any_piece();
  // A byte of a piece; false if there is none.
  bool any_byte(ByteString*& bytes, uint32_t& at);
  bool any_op(Place& place);
  // The instruction that begins at starts[which].
  static Place place_at(ByteString& body, const std::vector<uint32_t>& starts, size_t which);
  size_t any_of(size_t count) { return choices_.below(static_cast<uint32_t>(count)); }

  ByteString instruction(const Row& row);
  ByteString any_instruction(bool structure);
  static void insert(ByteString& into, uint32_t at, std::span<const uint8_t> bytes);
  static void replace(const Place& place, std::span<const uint8_t> bytes);
  void edit(uint8_t& byte);

  Choices& choices_;
  Pieces module_, donor_;
};

}  // namespace cordon::fuzz
