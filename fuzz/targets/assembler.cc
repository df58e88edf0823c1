// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// assembler: any form of forms.def with any operands, valid or not, and branches over any distance
// ([E1]). Zydis must read what was emitted as intended; what has no encoding must be refused
// without emitting a byte.
#include <Zydis/Zydis.h>

#include <array>
#include <limits>
#include <string>

#include "fuzz/gen/choices.h"
#include "fuzz/oracle/finding.h"
#include "tests/core/asm/x64/rows.h"

namespace {

using namespace cordon;
using namespace cordon::x64;

constexpr int64_t kNumbers[] = {0,
                                1,
                                -1,
                                127,
                                128,
                                -128,
                                -129,
                                255,
                                256,
                                32767,
                                -32768,
                                65535,
                                65536,
                                std::numeric_limits<int32_t>::max(),
                                std::numeric_limits<int32_t>::min(),
                                0xFFFF'FFFF,
                                int64_t{1} << 32,
                                std::numeric_limits<int64_t>::max(),
                                std::numeric_limits<int64_t>::min(),
                                7,
                                8,
                                15,
                                16,
                                31,
                                32,
                                63,
                                64};

// An edge, or near one.
int64_t number(fuzz::Choices& choices) {
  const auto value = static_cast<uint64_t>(choices.of(kNumbers));
  return static_cast<int64_t>(choices.below(2) == 0 ? value : value + choices.below(16) - 8);
}

bool fits_i32(int64_t value) { return value == static_cast<int32_t>(value); }

// `good` becomes whether the operand exists.
MemCase memory(fuzz::Choices& choices, bool& good) {
  const int base = static_cast<int>(choices.below(16));
  const int64_t disp = number(choices);
  const bool any = disp != 0 || (base & 7) == 5;
  const int bits = !any ? 0 : disp >= -128 && disp <= 127 ? 8 : 32;
  good = fits_i32(disp);
  if (choices.below(2) == 0) return {mem(static_cast<Gpr>(base), disp), base, -1, 0, disp, bits};
  const int index = static_cast<int>(choices.below(16)), scale = 1 << choices.below(4);
  good &= index != 4;
  return {mem_scaled(static_cast<Gpr>(base), static_cast<Gpr>(index), static_cast<unsigned>(scale),
                     disp),
          base,
          index,
          scale,
          disp,
          bits};
}

// Whether the row accepts this immediate: a signed or an unsigned number of its width.
bool takes(const Row& row, const Values& v) {
  const int bits = static_cast<int>(row.operation_bits(v));
  switch (row.encoding.imm_) {
    case Imm::None:
    case Imm::All64: return true;
    case Imm::Count: return v.imm >= 0 && v.imm < bits;
    case Imm::Byte: return v.imm >= 0 && v.imm <= 255;
    case Imm::Full:
    case Imm::Short: break;
  }
  if (bits == 64) return fits_i32(v.imm);
  return v.imm >= -(int64_t{1} << (bits - 1)) && v.imm < int64_t{1} << bits;
}

void one_form(fuzz::Choices& choices, Assembler& assembler) {
  const Row& row = all_rows()[choices.below(static_cast<uint32_t>(all_rows().size()))];
  bool good = true;
  Values v;
  const auto widths = row.widths(v);
  v = widths[choices.below(static_cast<uint32_t>(widths.size()))];
  v.cond = static_cast<Cond>(row.has('c') ? choices.below(16) : 0);
  v.reg = choices.below(16);
  v.rm = choices.below(16);
  v.vvvv = choices.below(16);
  v.imm = number(choices);
  v.memory = memory(choices, good);
  good = (good || !row.has('m')) && takes(row, v);
  assembler.reset();
  row.emit(assembler, v);
  const Result<ByteSpan> code = assembler.finish();
  if (code.has_value() != good) {
    fuzz::finding((good ? "refused: " : "not refused: ") + row.describe(v));
  }
  if (!good) return fuzz::expect(assembler.offset() == 0, "bytes of what was refused");
  if (const std::string wrong = mismatch(row, v, *code); !wrong.empty()) fuzz::finding(wrong);
}

// The target of the branch at `at`, as Zydis reads it.
uint64_t target_of(ByteSpan code, uint32_t at) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  ZydisDecodedInstruction insn;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  if (!ZYAN_SUCCESS(
          ZydisDecoderDecodeFull(&decoder, code.data() + at, code.size() - at, &insn, operands))) {
    fuzz::finding("a branch that is no instruction");
  }
  return at + insn.length + operands[0].imm.value.u;
}

// Branches over about the reach of a short one, forward and back; and patches.
void branches(fuzz::Choices& choices, Assembler& assembler) {
  assembler.reset();
  const Label back = assembler.new_label(), ahead = assembler.new_label();
  assembler.bind(back);
  const uint32_t size = 110 + choices.below(32);
  assembler.nop(size);
  const uint32_t first = assembler.offset();
  choices.below(2) == 0 ? assembler.jmp(back) : assembler.jcc(Cond::Equal, back);
  const uint32_t second = assembler.offset();
  assembler.jmp(ahead);
  assembler.nop(choices.below(140));
  assembler.bind(ahead);
  const uint32_t bound = assembler.offset();
  assembler.ret();
  const Result<ByteSpan> code = assembler.finish();
  fuzz::expect(code.has_value(), "branches of any reach are refused");
  fuzz::expect(target_of(*code, first) == 0, "a branch back goes elsewhere");
  fuzz::expect(target_of(*code, second) == bound, "a branch ahead goes elsewhere");
}

// A patch is within the emitted bytes, or is refused.
void patch(fuzz::Choices& choices) {
  std::array<uint8_t, 64> storage{};
  Assembler assembler{CodeBuffer(MutableByteSpan(storage))};
  const uint32_t size = choices.below(24), field = choices.below(32);
  for (uint32_t i = 0; i < size; ++i) assembler.int3();
  assembler.patch32(field, -1);
  const bool fits = field + 4 <= size;
  fuzz::expect(assembler.ok() == fits, "a patch at the end of what was emitted");
  for (uint32_t i = size; i < storage.size(); ++i) {
    fuzz::expect(storage[i] == 0, "a patch behind what was emitted");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Choices choices({data, size});
  std::array<uint8_t, 1024> storage{};
  Assembler assembler{CodeBuffer(MutableByteSpan(storage))};
  while (!choices.spent()) {
    switch (choices.below(8)) {
      case 0: branches(choices, assembler); break;
      case 1: patch(choices); break;
      default: one_form(choices, assembler);
    }
  }
  return 0;
}
