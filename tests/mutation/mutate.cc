// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/mutation/mutate.h"

#include <algorithm>
#include <array>

#include "core/verify/x64/decode.h"

namespace cordon::mutation {
namespace {

uint64_t below(Random& random, uint64_t limit) { return limit == 0 ? 0 : random() % limit; }

template <class T>
T* one_of(std::vector<T>& all, Random& random) {
  return all.empty() ? nullptr : &all[below(random, all.size())];
}

uint32_t length_of(const OwnedBlob& blob, uint32_t at) {
  verify::x64::Insn insn;
  return verify::x64::decode(ByteSpan(blob.code).subspan(at), insn) ? insn.length : 1;
}

// ModRM's reg and rm, or the two registers of a REX prefix: whatever the byte is.
void swap_operands(OwnedBlob& blob, uint32_t at, Random& random) {
  const uint32_t length = length_of(blob, at);
  uint8_t& byte = blob.code[at + below(random, length)];
  byte = static_cast<uint8_t>((byte & 0xC0) | (byte & 7) << 3 | (byte >> 3 & 7));
}

void change_displacement(OwnedBlob& blob, uint32_t at, Random& random) {
  constexpr std::array kSteps = {1, -1, 4, -4, 8, -8, 16, 64, 127, -128};
  const uint32_t length = length_of(blob, at);
  if (length < 2) return;
  uint8_t& byte = blob.code[at + 1 + below(random, length - 1)];
  byte = static_cast<uint8_t>(byte + kSteps[below(random, kSteps.size())]);
}

void drop(OwnedBlob& blob, uint32_t at) {
  std::fill_n(blob.code.begin() + at, length_of(blob, at), uint8_t{0x90});
}

void exchange(OwnedBlob& blob, size_t index) {
  if (index + 1 >= blob.starts.size()) return;
  const auto first = blob.code.begin() + blob.starts[index];
  const auto second = blob.code.begin() + blob.starts[index + 1];
  const auto end = second + length_of(blob, blob.starts[index + 1]);
  std::rotate(first, second, end);
}

void change_sites(OwnedBlob& blob, Random& random) {
  abi::TrapSite* site = one_of(blob.blob.trap_sites, random);
  if (site == nullptr) return;
  switch (below(random, 3)) {
    case 0: site->trap = static_cast<Trap>(below(random, 15)); break;
    case 1: site->offset += static_cast<uint32_t>(below(random, 9)) - 4; break;
    default:
      blob.blob.trap_sites.erase(blob.blob.trap_sites.begin() +
                                 (site - blob.blob.trap_sites.data()));
  }
}

}  // namespace

OwnedBlob::OwnedBlob(const abi::CodeBlob& from)
    : blob(from),
      code(from.code.begin(), from.code.end()),
      rodata(from.rodata.begin(), from.rodata.end()) {
  blob.code = code;
  blob.rodata = rodata;
  for (const abi::BlobFunc& func : blob.funcs) {
    for (uint32_t at = func.offset; at < func.offset + func.size; at += length_of(*this, at)) {
      starts.push_back(at);
    }
  }
}

Mutation mutate(OwnedBlob& blob, Random& random) {
  constexpr unsigned kCode = 6;  // the first six change code, and are tried more often
  const unsigned kinds = std::size(kMutationNames);
  const auto kind =
      static_cast<Mutation>(below(random, 3) != 0 ? below(random, kCode) : below(random, kinds));
  const size_t index = below(random, blob.starts.size());
  const uint32_t at = blob.starts.empty() ? 0 : blob.starts[index];
  uint8_t& byte = blob.code[at + below(random, length_of(blob, at))];
  switch (kind) {
    case Mutation::BitFlip: byte = static_cast<uint8_t>(byte ^ 1u << below(random, 8)); break;
    case Mutation::ByteChange: byte = static_cast<uint8_t>(random()); break;
    case Mutation::OperandSwap: swap_operands(blob, at, random); break;
    case Mutation::InstructionDropped: drop(blob, at); break;
    case Mutation::InstructionsExchanged: exchange(blob, index); break;
    case Mutation::Displacement: change_displacement(blob, at, random); break;
    case Mutation::LeaderFacts:
      if (auto* leader = one_of(blob.blob.leaders, random)) {
        leader->u32_registers ^= 1u << below(random, 16);
      }
      break;
    case Mutation::LeaderPlace:
      if (auto* leader = one_of(blob.blob.leaders, random)) {
        leader->offset += static_cast<uint32_t>(below(random, 9)) - 4;
      }
      break;
    case Mutation::TrapSite: change_sites(blob, random); break;
    case Mutation::CallSite:
      if (auto* site = one_of(blob.blob.call_sites, random)) {
        site->return_offset += static_cast<uint32_t>(below(random, 5)) - 2;
      }
      break;
    case Mutation::FrameSize:
      if (auto* func = one_of(blob.blob.funcs, random)) func->frame_size ^= 8u << below(random, 6);
      break;
    case Mutation::Body:
      if (auto* func = one_of(blob.blob.funcs, random)) {
        func->body += static_cast<uint32_t>(below(random, 5)) - 2;
      }
      break;
    case Mutation::Rodata:
      if (auto* data = one_of(blob.rodata, random)) *data = static_cast<uint8_t>(random());
      break;
  }
  return kind;
}

}  // namespace cordon::mutation
