// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The begin and end of a frame are read off the instructions, by the verifier's decoder: the
// prologue's `sub rsp`, and the `add rsp` of the epilogue and of tail calls, are the only ones that
// move rsp (docs/generated-code.md, section 3).
#include "core/gdb/call_frames.h"

#include <elf.h>

#include <initializer_list>

#include "core/gdb/byte_writer.h"
#include "core/runtime/unwind.h"
#include "core/verify/x64/decode.h"

namespace cordon::gdb {
namespace {

using verify::x64::Insn;
using verify::x64::Op;

constexpr uint32_t kAlign = 8;
using abi::kReturnAddress;

// DWARF 5, §7.24, and the registers' numbers in the ABI for x86-64 (figure 3.36).
enum Cfa : uint8_t {
  kNop = 0x00,
  kAdvance1 = 0x02,
  kAdvance4 = 0x04,
  kUndefined = 0x07,
  kSameValue = 0x08,
  kDefCfa = 0x0c,
  kDefCfaOffset = 0x0e,
  kRipIsAt = 0x80 | 16,  // "offset", with the register in the low bits
};
constexpr uint8_t kRsp = 7, kR14 = 14, kR15 = 15, kRip = 16;

void put(ByteWriter& out, Cfa instruction, std::initializer_list<uint64_t> operands) {
  out.put(instruction);
  for (const uint64_t operand : operands) out.uleb(operand);
}

// Length, content, padding: the form of every entry of the section.
template <class Content>
void put_entry(ByteWriter& out, const Content& content) {
  const size_t start = out.size();
  out.put(uint32_t{0});
  content();
  out.fill_to_multiple_of(kAlign, kNop);
  out.put_at(start, static_cast<uint32_t>(out.size() - start - sizeof(uint32_t)));
}

// The state at the first instruction of every function. A call preserves only the pinned
// registers.
void put_common(ByteWriter& out) {
  put_entry(out, [&] {
    out.put(UINT32_MAX);  // this is a CIE, not an FDE
    out.put(uint8_t{4});  // the section's version
    out.text("");
    out.put(uint8_t{sizeof(uint64_t)});  // an address
    out.put(uint8_t{0});                 // no segments
    out.uleb(1);                         // offsets of code count bytes,
    out.put(uint8_t{0x78});              // those of data -8 (as a signed LEB128)
    out.uleb(kRip);
    put(out, kDefCfa, {kRsp, kReturnAddress});
    put(out, kRipIsAt, {1});  // times the -8 above, from the CFA
    for (uint8_t reg = 0; reg < kRip; ++reg) {
      if (reg != kRsp) put(out, reg == kR14 || reg == kR15 ? kSameValue : kUndefined, {reg});
    }
  });
}

bool is_on_rsp(const Insn& insn, Op wide, Op narrow) {
  return (insn.is(wide) || insn.is(narrow)) && insn.width == 8 && !insn.has_memory &&
         insn.rm == verify::x64::rsp;
}

// Whether the ud2 of the stack check is here: it is last, and reached before the frame is made.
bool is_check_of_stack(const runtime::CodeUnit& unit, uint32_t offset) {
  const abi::TrapSite* site = unit.trap_site(offset);
  return site != nullptr && !runtime::has_frame(*site);
}

// The rows of one function: from each offset on, the bytes between rsp and the return address.
class Rows {
 public:
  explicit Rows(ByteWriter& out) : out_(out) {}
  void frame_is(uint32_t frame, uint32_t at) {
    if (frame == frame_) return;
    const uint32_t distance = at - at_;
    const bool is_short = distance <= UINT8_MAX;
    out_.put(is_short ? kAdvance1 : kAdvance4);
    is_short ? out_.put(static_cast<uint8_t>(distance)) : out_.put(distance);
    put(out_, kDefCfaOffset, {uint64_t{frame} + kReturnAddress});
    frame_ = frame;
    at_ = at;
  }

 private:
  ByteWriter& out_;
  uint32_t frame_ = 0, at_ = 0;
};

void put_rows(ByteWriter& out, const runtime::CodeUnit& unit, const abi::BlobFunc& func) {
  const ByteSpan bytes = unit.code().subspan(func.offset, func.size);
  Rows rows(out);
  uint32_t frame = 0;
  Insn insn;
  for (uint32_t at = 0; at < bytes.size(); at += insn.length) {
    if (!verify::x64::decode(bytes.subspan(at), insn)) return;
    const bool no_frame = insn.is(Op::ud2) && is_check_of_stack(unit, func.offset + at);
    rows.frame_is(no_frame ? 0 : frame, at);
    if (is_on_rsp(insn, Op::sub_imm, Op::sub_imm1)) frame = func.frame_size;
    if (is_on_rsp(insn, Op::add_imm, Op::add_imm1)) frame = 0;
    // The code that follows belongs to the body, out of line or not.
    const bool jumps = insn.is(Op::jmp) || insn.is(Op::jmp1) || insn.is(Op::jmp_through);
    if (insn.is(Op::ret) || jumps) frame = func.frame_size;
  }
}

}  // namespace

uint16_t elf_machine() { return EM_X86_64; }

std::vector<uint8_t> call_frames(const runtime::CodeUnit& unit) {
  ByteWriter out;
  put_common(out);
  const auto put_range = [&](uint64_t offset, uint64_t size, const abi::BlobFunc* func) {
    put_entry(out, [&] {
      out.put(uint32_t{0});  // offset of the CIE
      out.put(reinterpret_cast<uint64_t>(unit.code().data()) + offset);
      out.put(size);
      if (func != nullptr) put_rows(out, unit, *func);
    });
  };
  // A jump to a function is executed before its first instruction: there is no frame yet.
  if (unit.is_entry_table()) put_range(0, unit.code().size(), nullptr);
  for (uint32_t i = 0; i < unit.funcs(); ++i) {
    put_range(unit.func(i).offset, unit.func(i).size, &unit.func(i));
  }
  return out.take();
}

}  // namespace cordon::gdb
