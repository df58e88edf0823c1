// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One mutation of a code blob that a compiler made: the mistakes that a compiler, or an attacker
// with a compiled file in his hands, could make. Deterministic in the random numbers it is given.
#pragma once

#include <random>
#include <string_view>
#include <vector>

#include "core/abi/code_blob.h"

namespace cordon::mutation {

using Random = std::mt19937_64;

#define CORDON_MUTATIONS(X) \
  X(BitFlip)                \
  X(ByteChange)             \
  X(OperandSwap)            \
  X(InstructionDropped)     \
  X(InstructionsExchanged)  \
  X(Displacement)           \
  X(LeaderFacts) X(LeaderPlace) X(TrapSite) X(CallSite) X(FrameSize) X(Rodata) X(Body)

enum class Mutation : uint8_t {
#define X(name) name,
  CORDON_MUTATIONS(X)
#undef X
};
inline constexpr std::string_view kMutationNames[] = {
#define X(name) #name,
    CORDON_MUTATIONS(X)
#undef X
};

// A blob that owns its bytes, so that it can be changed.
struct OwnedBlob {
  abi::CodeBlob blob;  // code and rodata view the two below
  std::vector<uint8_t> code, rodata;
  std::vector<uint32_t> starts;  // of the instructions

  explicit OwnedBlob(const abi::CodeBlob& from);
  OwnedBlob(const OwnedBlob& other) : OwnedBlob(other.blob) {}
  OwnedBlob& operator=(const OwnedBlob&) = delete;
};

// Changes `blob`; what it tried. It may come out as it was.
Mutation mutate(OwnedBlob& blob, Random& random);

}  // namespace cordon::mutation
