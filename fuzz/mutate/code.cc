// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/mutate/code.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <cstring>

#include "core/base/check.h"

namespace cordon::fuzz {
namespace {

using Parts = InstructionParts;

constexpr int32_t kSteps[] = {8,  -8,  4,   -4,   1,          -1,        16,     -16,
                              64, 127, 128, -128, 0x7FFFFFF0, INT32_MIN, 0x1000, -0x1000};

uint8_t base_of(const ZydisDecodedInstruction& insn) {
  constexpr uint8_t kSib = 4, kNoBase = 5, kRegister = 3;
  const auto& modrm = insn.raw.modrm;
  if ((insn.attributes & ZYDIS_ATTRIB_HAS_MODRM) == 0 || modrm.mod == kRegister)
    return Parts::kNone;
  if (modrm.rm == kSib) return insn.raw.sib.base;
  return modrm.mod == 0 && modrm.rm == kNoBase ? Parts::kRip : modrm.rm;
}

Parts parts_of(uint32_t at, const ZydisDecodedInstruction& insn) {
  const auto& raw = insn.raw;
  const bool has_modrm = (insn.attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0;
  const bool has_rex = (insn.attributes & ZYDIS_ATTRIB_HAS_REX) != 0;
  const bool has_sib = (insn.attributes & ZYDIS_ATTRIB_HAS_SIB) != 0;
  const uint8_t opcode = has_modrm ? static_cast<uint8_t>(raw.modrm.offset - 1) : uint8_t{0};
  return {at,
          insn.length,
          has_rex ? static_cast<uint8_t>(raw.rex.offset + 1) : uint8_t{0},  // counted from 1
          opcode,
          has_modrm ? raw.modrm.offset : uint8_t{0},
          has_sib ? raw.sib.offset : uint8_t{0},
          raw.disp.offset,
          static_cast<uint8_t>(raw.disp.size / 8),
          raw.imm[0].offset,
          static_cast<uint8_t>(raw.imm[0].size / 8),
          raw.imm[0].is_relative != 0,
          base_of(insn)};
}

}  // namespace

OwnedBlob::OwnedBlob(const abi::CodeBlob& from)
    : blob(from),
      code(from.code.begin(), from.code.end()),
      rodata(from.rodata.begin(), from.rodata.end()) {
  blob.code = code;
  blob.rodata = rodata;
}

CodeToMutate::CodeToMutate(const abi::CodeBlob& blob) : whole_(blob) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  ZydisDecodedInstruction insn;
  for (const abi::BlobFunc& func : blob.funcs) {
    for (uint64_t at = func.offset; at < func.next(); at += insn.length) {
      CHECK(ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, nullptr, blob.code.data() + at,
                                                       func.next() - at, &insn)));
      instructions_.push_back(parts_of(static_cast<uint32_t>(at), insn));
    }
  }
}

class CodeMutator {
 public:
  CodeMutator(const CodeToMutate& from, OwnedBlob& out, Choices& choices)
      : from_(from), out_(out), choices_(choices) {}

#define MUTATION(name, weight) void name();
#include "fuzz/mutate/code.def"

 private:
  uint32_t below(size_t count) { return choices_.below(static_cast<uint32_t>(count)); }
  template <class Rows>
  auto* row(Rows& rows) {
    return rows.empty() ? nullptr : &rows[below(rows.size())];
  }
  // An instruction with a given property, near a chosen one; null if there is none.
  template <class Has>
  const Parts* one_with(Has has) {
    const auto& all = from_.instructions_;
    if (all.empty()) return nullptr;
    const size_t first = below(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      const Parts& parts = all[(first + i) % all.size()];
      if (has(parts)) return &parts;
    }
    return nullptr;
  }
  // The same for memory operands: half of the time the base comes first, so that what is seldom
  // touched (the context, read-only data) is changed as often as frame and linear memory.
  template <class Has>
  const Parts* one_by_base(Has has) {
    constexpr uint8_t kRsp = 4, kR14 = 6, kR15 = 7;
    constexpr uint8_t kBases[] = {kRsp, kR14, kR15, Parts::kRip};
    if (below(2) == 0) return one_with(has);
    const uint8_t base = choices_.of(kBases);
    const Parts* found = one_with([&](const Parts& p) { return p.base == base && has(p); });
    return found != nullptr ? found : one_with(has);
  }
  const Parts* any() {
    return one_with([](const Parts&) { return true; });
  }
  uint8_t& byte(const Parts& parts, unsigned index) { return out_.code[parts.at + index]; }
  void pad(uint64_t from, uint64_t to) {
    std::fill(out_.code.begin() + static_cast<ptrdiff_t>(from),
              out_.code.begin() + static_cast<ptrdiff_t>(to), uint8_t{0x90});
  }
  // Adds to a field of 1 or 4 bytes, or sets it.
  void step(const Parts& parts, unsigned offset, unsigned bytes);
  void to_edge_of_read_only(const Parts& parts);
  // Changes three bits of a byte, and the fourth in a REX prefix.
  void change_register(const Parts& parts, unsigned offset, unsigned shift, unsigned rex_bit);
  void move(uint32_t& wasm_offset);
  uint32_t place(const abi::BlobFunc& func, bool is_call);
  template <class Rows>
  uint32_t place_of(const Rows& rows, const abi::BlobFunc& func);
  const abi::BlobFunc& func_of(const Parts& parts) const;
  bool is_tail_call(const Parts& parts);
  void to_gap(abi::Handler& handler);
  void add_leader(uint32_t offset);

  const CodeToMutate& from_;
  OwnedBlob& out_;
  Choices& choices_;
};

void CodeMutator::drop() {
  if (const Parts* parts = any()) pad(parts->at, parts->at + parts->length);
}

void CodeMutator::transplant() {
  const Parts* to = any();
  if (to == nullptr) return;
  const Parts* other = one_with([&](const Parts& p) { return p.length <= to->length; });
  if (other == nullptr) return;
  std::copy_n(from_.whole_.code.begin() + other->at, other->length, out_.code.begin() + to->at);
  pad(to->at + other->length, to->at + to->length);
}

void CodeMutator::scale() {
  if (const Parts* parts = one_with([](const Parts& p) { return p.sib != 0; })) {
    byte(*parts, parts->sib) ^= static_cast<uint8_t>(0x40 * (1 + below(3)));
  }
}

void CodeMutator::change_register(const Parts& parts, unsigned offset, unsigned shift,
                                  unsigned rex_bit) {
  const uint32_t chosen = below(16);
  uint8_t& field = byte(parts, offset);
  field = static_cast<uint8_t>((field & ~(7u << shift)) | (chosen & 7) << shift);
  if (parts.rex == 0) return;
  uint8_t& rex = byte(parts, parts.rex - 1u);
  rex = static_cast<uint8_t>((rex & ~rex_bit) | (chosen >= 8 ? rex_bit : 0));
}

void CodeMutator::index() {
  if (const Parts* parts = one_with([](const Parts& p) { return p.sib != 0; })) {
    change_register(*parts, parts->sib, 3, 2);
  }
}

// [base + disp] gets a SIB byte, for which the instruction grows by one.
void CodeMutator::add_index() {
  const Parts* parts =
      one_by_base([](const Parts& p) { return p.modrm != 0 && p.sib == 0 && p.disp != 0; });
  if (parts == nullptr || parts->at + parts->length + 1u > out_.code.size()) return;
  const auto& all = from_.instructions_;
  const auto next = static_cast<size_t>(parts - all.data()) + 1;
  if (next == all.size()) return;
  const uint32_t end = all[next].at + all[next].length;
  if ((byte(*parts, parts->modrm) & 0xC7) == 5) return;  // rip
  std::vector<uint8_t> bytes(out_.code.begin() + parts->at,
                             out_.code.begin() + parts->at + parts->length);
  const uint8_t base = bytes[parts->modrm] & 7;
  bytes[parts->modrm] = static_cast<uint8_t>((bytes[parts->modrm] & ~7u) | 4);
  bytes.insert(bytes.begin() + parts->modrm + 1, static_cast<uint8_t>(below(32) << 3 | base));
  std::copy(bytes.begin(), bytes.end(), out_.code.begin() + parts->at);
  pad(parts->at + bytes.size(), end);
}

void CodeMutator::rm() {
  const Parts* parts = one_by_base([](const Parts& p) { return p.modrm != 0; });
  if (parts == nullptr) return;
  change_register(*parts, parts->sib != 0 ? parts->sib : parts->modrm, 0, 1);
}

void CodeMutator::reg() {
  const Parts* parts = one_with([](const Parts& p) { return p.modrm != 0; });
  if (parts != nullptr) change_register(*parts, parts->modrm, 3, 4);
}

void CodeMutator::step(const Parts& parts, unsigned offset, unsigned bytes) {
  const int32_t by = choices_.of(kSteps);
  const bool sets = below(4) == 0;
  if (bytes == 1) {
    uint8_t& field = byte(parts, offset);
    field = static_cast<uint8_t>(static_cast<uint32_t>(by) + (sets ? 0u : field));
  } else if (bytes == 4) {
    uint32_t value;
    std::memcpy(&value, &byte(parts, offset), sizeof value);
    value = sets ? static_cast<uint32_t>(by) : value + static_cast<uint32_t>(by);
    std::memcpy(&byte(parts, offset), &value, sizeof value);
  }
}

void CodeMutator::displacement() {
  const Parts* parts = one_by_base([](const Parts& p) { return p.disp != 0; });
  if (parts == nullptr) return;
  if (parts->base == Parts::kRip && below(2) == 0) return to_edge_of_read_only(*parts);
  step(*parts, parts->disp, parts->disp_bytes);
}

// A read that begins, or ends, near to where the read-only data does.
void CodeMutator::to_edge_of_read_only(const Parts& parts) {
  const abi::CodeBlob& blob = out_.blob;
  const auto edge = static_cast<int64_t>(blob.rodata_at - blob.code_at) +
                    (below(2) == 0 ? 0 : static_cast<int64_t>(blob.rodata.size()));
  const auto disp = static_cast<int32_t>(edge - (parts.at + parts.length) + below(33) - 16);
  std::memcpy(&byte(parts, parts.disp), &disp, sizeof disp);
}

void CodeMutator::immediate() {
  const Parts* parts = one_with([](const Parts& p) { return p.imm != 0 && !p.is_branch; });
  if (parts == nullptr) return;
  if (below(4) != 0) return step(*parts, parts->imm, parts->imm_bytes);
  const bool flips = below(2) == 0;
  // The other way, a small number, as builtins take it.
  const auto small = static_cast<uint8_t>(below(8));
  for (unsigned i = 0; i < parts->imm_bytes; ++i) {
    uint8_t& field = byte(*parts, parts->imm + i);
    field = flips ? static_cast<uint8_t>(~field) : i == 0 ? small : uint8_t{0};
  }
}

void CodeMutator::width() {
  if (const Parts* parts = one_by_base([](const Parts& p) { return p.rex != 0; })) {
    byte(*parts, parts->rex - 1u) ^= 8;
  }
}

void CodeMutator::direction() {
  const auto is_access = [](const Parts& p) { return p.opcode != 0 && p.disp != 0; };
  if (const Parts* parts = one_by_base(is_access)) {
    byte(*parts, parts->opcode) ^= static_cast<uint8_t>(below(2) == 0 ? 2 : 1);
  }
}

// A row of a table, mostly one within the function.
template <class Rows>
uint32_t CodeMutator::place_of(const Rows& rows, const abi::BlobFunc& func) {
  const auto first = std::partition_point(rows.begin(), rows.end(),
                                          [&](auto& row) { return row.place() < func.offset; });
  const auto last =
      std::partition_point(first, rows.end(), [&](auto& row) { return row.place() < func.next(); });
  if (first == last) return func.offset;
  return first[below(static_cast<size_t>(last - first))].place();
}

// Where a branch of the function might go, or a call.
uint32_t CodeMutator::place(const abi::BlobFunc& func, bool is_call) {
  const abi::CodeBlob& blob = out_.blob;
  if (is_call && below(4) != 0) return blob.funcs[below(blob.funcs.size())].offset;
  switch (below(6)) {
    case 0:
    case 1: return place_of(blob.leaders, func);
    case 2: return place_of(blob.trap_sites, func);
    case 3: return blob.funcs[below(blob.funcs.size())].offset;
    case 4: return place_of(from_.instructions_, func);
    default: return any()->at;
  }
}

const abi::BlobFunc& CodeMutator::func_of(const Parts& parts) const {
  const auto& funcs = out_.blob.funcs;
  const auto next = std::partition_point(funcs.begin(), funcs.end(),
                                         [&](auto& func) { return func.offset <= parts.at; });
  return *std::prev(next);
}

// A jump to a function's first byte.
bool CodeMutator::is_tail_call(const Parts& parts) {
  constexpr uint8_t kJump = 0xE9;
  if (!parts.is_branch || byte(parts, 0) != kJump) return false;
  int32_t distance;
  std::memcpy(&distance, &byte(parts, parts.imm), sizeof distance);
  const auto to = static_cast<uint32_t>(int64_t{parts.at} + parts.length + distance);
  return std::ranges::binary_search(out_.blob.funcs, to, {}, &abi::BlobFunc::offset);
}

// Tail calls, which are few, come first in some of the cases.
void CodeMutator::target() {
  const Parts* parts =
      below(4) != 0 ? nullptr : one_with([this](const Parts& p) { return is_tail_call(p); });
  const bool is_tail = parts != nullptr;
  if (!is_tail) parts = one_with([](const Parts& p) { return p.is_branch; });
  if (parts == nullptr) return;
  constexpr uint8_t kCall = 0xE8;
  const uint32_t to = place(func_of(*parts), is_tail || byte(*parts, 0) == kCall);
  const auto distance = int64_t{to} - (parts->at + parts->length);
  if (parts->imm_bytes == 1) {
    byte(*parts, parts->imm) = static_cast<uint8_t>(distance);
  } else {
    const auto wide = static_cast<int32_t>(distance);
    std::memcpy(&byte(*parts, parts->imm), &wide, sizeof wide);
  }
}

// Into the gap after the function, as far as that has room.
void CodeMutator::append() {
  auto& funcs = out_.blob.funcs;
  if (funcs.empty()) return;
  const size_t index = below(funcs.size());
  abi::BlobFunc& func = funcs[index];
  const auto end = static_cast<uint32_t>(func.next());
  const size_t next = index + 1 < funcs.size() ? funcs[index + 1].offset : out_.code.size();
  const Parts* other = one_with([&](const Parts& p) { return end + p.length <= next; });
  if (other == nullptr) return;
  std::copy_n(from_.whole_.code.begin() + other->at, other->length, out_.code.begin() + end);
  func.size += other->length;
  add_leader(end);
}

void CodeMutator::bit() {
  if (const Parts* parts = any()) {
    byte(*parts, below(parts->length)) ^= static_cast<uint8_t>(1u << below(8));
  }
}

// [prefixes REX opcode] of one that has them in the same places; its own REX prefix stays.
void CodeMutator::form() {
  const Parts* to = any();
  if (to == nullptr || to->opcode == 0) return;
  const Parts* from = one_with([&](const Parts& p) {
    return p.opcode == to->opcode && p.rex == to->rex && p.modrm == to->modrm;
  });
  for (unsigned i = 0; i <= to->opcode; ++i) {
    if (to->rex == 0 || i != to->rex - 1u) byte(*to, i) = from_.whole_.code[from->at + i];
  }
}

void CodeMutator::gap() {
  const auto& funcs = out_.blob.funcs;
  if (funcs.size() < 2) return;
  const size_t after = below(funcs.size() - 1);
  const uint64_t first = funcs[after].next(), next = funcs[after + 1].offset;
  if (first == next) return;
  out_.code[first + below(next - first)] ^= static_cast<uint8_t>(1u << below(8));
}

void CodeMutator::function() {
  auto& funcs = out_.blob.funcs;
  if (!funcs.empty()) funcs.erase(funcs.begin() + below(funcs.size()));
}

void CodeMutator::handler() {
  auto* const row_of = row(out_.blob.handlers);
  if (row_of == nullptr) return;
  switch (below(4)) {
    case 0: row_of->slots += below(9) - 4; break;
    case 1: row_of->offset += below(9) - 4; break;
    case 2: row_of->offset = any()->at; break;
    default: to_gap(*row_of);
  }
}

void CodeMutator::loop_entry() {
  auto& rows = out_.blob.loop_entries;
  auto* const row_of = row(rows);
  if (row_of == nullptr) return;
  switch (below(4)) {
    case 0: row_of->slots += below(9) - 4; break;
    case 1: row_of->offset += below(9) - 4; break;
    case 2: row_of->offset = any()->at; break;
    default: row_of->wasm_offset += below(2) == 0 ? 1 << 20 : 1;
  }
  std::ranges::sort(rows, {}, &abi::LoopEntry::offset);
}

// Between two functions, if there is room; the rows stay in order.
void CodeMutator::to_gap(abi::Handler& handler) {
  const auto& funcs = out_.blob.funcs;
  const size_t index = below(funcs.size());
  const uint64_t end = funcs[index].next();
  const uint64_t next = index + 1 < funcs.size() ? funcs[index + 1].offset : out_.code.size();
  if (end == next) return;
  handler.offset = static_cast<uint32_t>(end + below(next - end));
  std::ranges::sort(out_.blob.handlers, {}, &abi::Handler::offset);
}

void CodeMutator::claim() {
  if (auto* leader = row(out_.blob.leaders)) leader->u32_registers ^= 1u << below(16);
}

void CodeMutator::add_leader(uint32_t offset) {
  auto& leaders = out_.blob.leaders;
  const auto at = std::lower_bound(leaders.begin(), leaders.end(), offset,
                                   [](auto& leader, uint32_t to) { return leader.offset < to; });
  if (at != leaders.end() && at->offset == offset) return;
  leaders.insert(at, {offset, below(2) == 0 ? 0 : 1u << below(16)});
}

void CodeMutator::new_leader() {
  if (const Parts* parts = any()) add_leader(parts->at);
}

void CodeMutator::move_leader() {
  auto* leader = row(out_.blob.leaders);
  if (const Parts* parts = any(); leader != nullptr && parts != nullptr) leader->offset = parts->at;
}

void CodeMutator::trap_site() {
  auto* site = row(out_.blob.trap_sites);
  if (site == nullptr) return;
  switch (below(4)) {
    case 0: site->trap = static_cast<Trap>(below(kTrapCount)); break;
    case 1: site->offset += below(17) - 8; break;
    case 2: move(site->wasm_offset); break;
    default:
      out_.blob.trap_sites.erase(out_.blob.trap_sites.begin() +
                                 (site - out_.blob.trap_sites.data()));
  }
}

void CodeMutator::call_site() {
  auto* site = row(out_.blob.call_sites);
  if (site == nullptr) return;
  below(2) == 0 ? void(site->return_offset += below(9) - 4) : move(site->wasm_offset);
}

// An offset in the module, mostly out of the function's body.
void CodeMutator::move(uint32_t& wasm_offset) {
  constexpr uint32_t kMost = (1u << 30) - 1;  // what a trap site has room for
  wasm_offset = (wasm_offset + static_cast<uint32_t>(choices_.of(kSteps))) & kMost;
}

void CodeMutator::body() {
  if (auto* func = row(out_.blob.funcs)) func->body += below(5) - 2;
}

void CodeMutator::frame() {
  if (auto* func = row(out_.blob.funcs)) func->frame_size += 8 * (below(9) - 4);
}

// Consistently, as far as constants equal to the frame's size mean the frame.
void CodeMutator::whole_frame() {
  abi::BlobFunc* const func = row(out_.blob.funcs);
  if (func == nullptr || func->frame_size == 0) return;
  const uint32_t old = func->frame_size, size = below(4) == 0 ? 8 : old + 8 * (below(9) - 4);
  func->frame_size = size;
  for (const Parts& parts : from_.instructions_) {
    if (parts.at < func->offset || parts.at >= func->next() || parts.imm == 0) continue;
    if (parts.is_branch || (byte(parts, parts.modrm) & 0xC7) != 0xC4) continue;  // rsp
    if (parts.imm_bytes == 1 && byte(parts, parts.imm) == old && size < 128) {
      byte(parts, parts.imm) = static_cast<uint8_t>(size);
    } else if (parts.imm_bytes == 4 && std::memcmp(&byte(parts, parts.imm), &old, 4) == 0) {
      std::memcpy(&byte(parts, parts.imm), &size, 4);
    }
  }
}

void CodeMutator::features() {
  uint32_t& bits = out_.blob.options.cpu_features;
  below(4) == 0 ? bits |= 1u << below(32) : bits &= ~(1u << below(4));
}

void CodeMutator::read_only() {
  if (out_.rodata.size() < 4) return;
  uint8_t* const word = &out_.rodata[below(out_.rodata.size() / 4) * 4];
  uint32_t value;
  std::memcpy(&value, word, sizeof value);
  value += static_cast<uint32_t>(choices_.of(kSteps));
  std::memcpy(word, &value, sizeof value);
}

OwnedBlob CodeToMutate::mutant(Choices& choices, std::string_view& what) const {
  static constexpr struct {
    std::string_view name;
    uint32_t weight;
    void (CodeMutator::*make)();
  } kRows[] = {
#define MUTATION(name, weight) {#name, weight, &CodeMutator::name},
#include "fuzz/mutate/code.def"
  };
  uint32_t all = 0;
  for (const auto& row : kRows) all += row.weight;
  OwnedBlob out(whole_);
  CodeMutator mutator(*this, out, choices);
  uint32_t chosen = choices.below(all);
  for (const auto& row : kRows) {
    if (chosen < row.weight) {
      what = row.name;
      (mutator.*row.make)();
      break;
    }
    chosen -= row.weight;
  }
  return out;
}

}  // namespace cordon::fuzz
