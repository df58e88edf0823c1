// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/code/link.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/abi/module_plan.h"
#include "core/base/check.h"
#include "core/jit/code/diagnostics.h"
#include "core/jit/masm/linking.h"
#include "core/jit/masm/references.h"

namespace cordon::jit {
namespace {

constexpr uint32_t kChunkAlignment = 16;

constexpr uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

// Low half: distances wrap like addresses.
void store32(MutableByteSpan bytes, uint64_t at, uint64_t value) {
  const auto low = static_cast<uint32_t>(value);
  std::memcpy(bytes.subspan(at, sizeof low).data(), &low, sizeof low);
}

}  // namespace

Linker::Linker(const wasm::Module& module, const abi::BlobOptions& options, bool in_pieces,
               std::vector<Line>* lines)
    : module_(module),
      options_(options),
      lines_(lines),
      room_(options.as_needed ? abi::room_for_needed(module) : abi::kMaxCodeSpace),
      entries_(module.bodies.size(), kNone),
      base_(in_pieces && !options.as_needed ? abi::entry_table_size(module.bodies.size()) : 0) {}

Result<ByteSpan> Linker::piece(std::span<const std::unique_ptr<Chunk>> chunks) {
  const abi::BlobPlace place_of_blob{options_.as_needed ? 0 : placed_,
                                     static_cast<uint32_t>(base_)};
  abi::BlobBuilder::Counts counts;
  place(chunks, counts);
  if (base_ + full_size_ > room_) {  // [L1] [E1]
    return fail(diag::module_code_too_large, kNoOffset, std::to_string(room_));
  }
  note_entries(chunks);
  abi::BlobBuilder out(options_, place_of_blob, counts, bytes_);
  std::ranges::copy(masm::common_constants(), out.rodata().begin());
  uint32_t code_end = 0;
  for (const auto& chunk : chunks) {
    std::ranges::fill(out.code().subspan(code_end, chunk->code_at - code_end), abi::kPadding);
    code_end = chunk->code_at + static_cast<uint32_t>(chunk->code.size());
    add(*chunk, out);
    resolve(*chunk, out);
  }
  out.finish();
  base_ += full_size_;
  return ByteSpan(bytes_);
}

// Where each chunk's code and read-only data begin, and how much there is of all.
void Linker::place(std::span<const std::unique_ptr<Chunk>> chunks,
                   abi::BlobBuilder::Counts& counts) {
  uint64_t code = 0, rodata = masm::common_constants().size();
  for (const auto& chunk : chunks) {
    code = round_up(code, kChunkAlignment);
    rodata = round_up(rodata, kChunkAlignment);
    chunk->code_at = static_cast<uint32_t>(code);
    chunk->rodata_at = static_cast<uint32_t>(rodata);
    code += chunk->code.size();
    rodata += chunk->rodata.bytes().size();
#define TABLE(name, Wire, Record, text, stray) \
  counts.name += static_cast<uint32_t>(chunk->name.size());
#include "core/abi/blob_tables.def"
  }
  counts.code_size = static_cast<uint32_t>(code);
  counts.rodata_size = static_cast<uint32_t>(rodata);
  full_size_ = abi::round_to_code_page(code) + abi::round_to_code_page(rodata);
}

void Linker::note_entries(std::span<const std::unique_ptr<Chunk>> chunks) {
  for (const auto& chunk : chunks) {
    for (const abi::BlobFunc& func : chunk->funcs) {
      CHECK(entries_[func.body] == kNone);
      entries_[func.body] = static_cast<uint32_t>(base_ + chunk->code_at + func.offset);
      ++placed_;
    }
  }
}

void Linker::add(const Chunk& chunk, abi::BlobBuilder& out) {
  const uint32_t base = chunk.code_at;
  std::ranges::copy(chunk.code, out.code().subspan(base).begin());
  std::ranges::copy(chunk.rodata.bytes(), out.rodata().subspan(chunk.rodata_at).begin());
#define TABLE(name, Wire, Record, text, stray) out.add<abi::BlobTable::name>(chunk.name, base);
#include "core/abi/blob_tables.def"
  for (const auto& line : chunk.lines) {
    lines_->push_back({line.offset + base, line.wasm_offset});
  }
}

// Distances into other functions and into the read-only data.
void Linker::resolve(const Chunk& chunk, abi::BlobBuilder& out) {
  const uint64_t rodata = out.rodata_distance();
  const MutableByteSpan code = out.code();
  for (const Chunk::Reference& reference : chunk.references) {
    const uint64_t offset = reference.target & ~masm::kRefersToCommon;
    uint64_t target = 0;
    switch (reference.target & masm::kRefersToCommon) {
      case masm::kRefersToCommon: target = rodata + offset; break;
      case masm::kRefersToRodata: target = rodata + chunk.rodata_at + offset; break;
      case masm::kRefersToBody: target = chunk.code_at + offset; break;
      default: target = function_at(static_cast<uint32_t>(offset)) - base_;
    }
    masm::write_distance(code, uint64_t{chunk.code_at} + reference.field,
                         target - (uint64_t{chunk.code_at} + reference.next));
  }
  for (const auto& entry : chunk.table_entries) {
    store32(out.rodata(), uint64_t{chunk.rodata_at} + entry.rodata,
            uint64_t{chunk.code_at} + entry.target - (rodata + chunk.rodata_at + entry.table));
  }
}

// The target in the code space of a call of `function`, an index of the module.
uint64_t Linker::function_at(uint32_t function) const {
  const uint32_t body = function - module_.imported_funcs;
  if (body < entries_.size() && entries_[body] != kNone) return entries_[body];
  CHECK(!options_.as_needed);
  return uint64_t{body} * abi::kEntrySlot;
}

ByteSpan Linker::entry_table() {
  CHECK(placed_ == entries_.size());
  abi::BlobBuilder::Counts counts;
  counts.code_size = static_cast<uint32_t>(entries_.size() * abi::kEntrySlot);
  abi::BlobBuilder out({options_.fuel, 0}, {counts.code_size / abi::kEntrySlot, 0}, counts, bytes_);
  masm::write_entry_table(out.code(), entries_);
  out.finish();
  return bytes_;
}

}  // namespace cordon::jit
