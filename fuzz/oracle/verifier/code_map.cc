// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/verifier/code_map.h"

#include <Zydis/Zydis.h>

#include <algorithm>

#include "core/abi/target.h"
#include "core/abi/vmctx.h"

namespace cordon::fuzz::emulated {
namespace {

uint32_t features_of(ZydisISASet set) {
  const auto bit = [](abi::CpuFeature feature) { return static_cast<uint32_t>(feature); };
  switch (set) {
    case ZYDIS_ISA_SET_BMI1: return bit(abi::CpuFeature::Bmi1);
    case ZYDIS_ISA_SET_BMI2: return bit(abi::CpuFeature::Bmi2);
    case ZYDIS_ISA_SET_LZCNT: return bit(abi::CpuFeature::Lzcnt);
    case ZYDIS_ISA_SET_AVX: return bit(abi::CpuFeature::Avx);
    case ZYDIS_ISA_SET_AVX2:
    case ZYDIS_ISA_SET_FMA: return bit(abi::CpuFeature::Avx2);
    default: return 0;
  }
}

Instruction::Kind kind_of(const ZydisDecodedInstruction& insn) {
  using enum Instruction::Kind;
  if (insn.mnemonic == ZYDIS_MNEMONIC_UD2) return Trap;
  switch (insn.meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
    case ZYDIS_CATEGORY_UNCOND_BR: return Jump;
    case ZYDIS_CATEGORY_CALL: return Call;
    case ZYDIS_CATEGORY_RET: return Return;
    default: return Plain;
  }
}

// [C1] Instructions that reach the kernel, other address spaces or state that is not a guest's.
bool is_forbidden(const ZydisDecodedInstruction& insn) {
  constexpr ZydisInstructionAttributes kAttributes =
      ZYDIS_ATTRIB_IS_PRIVILEGED | ZYDIS_ATTRIB_HAS_LOCK | ZYDIS_ATTRIB_HAS_SEGMENT_FS |
      ZYDIS_ATTRIB_HAS_SEGMENT_GS | ZYDIS_ATTRIB_HAS_ADDRESSSIZE | ZYDIS_ATTRIB_HAS_EVEX;
  if ((insn.attributes & kAttributes) != 0 || insn.avx.vector_length > 128) return true;
  if (insn.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR) return true;
  switch (insn.meta.category) {
    case ZYDIS_CATEGORY_INTERRUPT:
    case ZYDIS_CATEGORY_SYSCALL:
    case ZYDIS_CATEGORY_SYSRET:
    case ZYDIS_CATEGORY_SYSTEM:
    case ZYDIS_CATEGORY_IO:
    case ZYDIS_CATEGORY_IOSTRINGOP:
    case ZYDIS_CATEGORY_STRINGOP:
    case ZYDIS_CATEGORY_SEGOP:
    case ZYDIS_CATEGORY_RDWRFSGS:
    case ZYDIS_CATEGORY_XSAVE:
    case ZYDIS_CATEGORY_XSAVEOPT:
    case ZYDIS_CATEGORY_X87_ALU:
    case ZYDIS_CATEGORY_PKU:
    case ZYDIS_CATEGORY_CET:
    case ZYDIS_CATEGORY_PUSH:
    case ZYDIS_CATEGORY_POP:
    case ZYDIS_CATEGORY_FLAGOP:
    case ZYDIS_CATEGORY_SEMAPHORE: return true;
    default: return false;
  }
}

template <class Rows>
auto* row_at(const Rows& rows, uint64_t offset) {
  const auto found =
      std::lower_bound(rows.begin(), rows.end(), offset,
                       [](const auto& row, uint64_t at) { return row.place() < at; });
  return found != rows.end() && found->place() == offset ? &*found : nullptr;
}

}  // namespace

CodeMap::CodeMap(const abi::CodeBlob& blob) : blob_(blob), instructions_(blob.code.size()) {
  for (const abi::CallSite& site : blob.call_sites) call_sites_.insert(site.return_offset);
  for (const abi::BlobFunc& func : blob.funcs) read_function(func);
}

// Reads up to its end, or to what is no instruction: nothing after that can be executed.
void CodeMap::read_function(const abi::BlobFunc& func) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  ZydisDecodedInstruction insn;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  uint64_t before = func.offset;
  for (uint64_t at = func.offset; at < func.next(); before = at, at += insn.length) {
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, blob_.code.data() + at, func.next() - at,
                                             &insn, operands))) {
      return;
    }
    Instruction& out = instructions_[at];
    out.kind = kind_of(insn);
    out.length = insn.length;
    out.features = features_of(insn.meta.isa_set);
    constexpr auto kVector =
        static_cast<uint32_t>(abi::CpuFeature::Avx) | static_cast<uint32_t>(abi::CpuFeature::Avx2);
    out.is_vector = (out.features & kVector) != 0;
    if (insn.mnemonic == ZYDIS_MNEMONIC_POPCNT && operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER) {
      out.popcnt_bytes = static_cast<uint8_t>(operands[0].size / 8);
      out.popcnt_destination = static_cast<uint8_t>(ZydisRegisterGetId(operands[0].reg.value));
      out.popcnt_source = static_cast<uint8_t>(ZydisRegisterGetId(operands[1].reg.value));
    }
    out.is_forbidden = is_forbidden(insn);
    out.is_conditional = insn.meta.category == ZYDIS_CATEGORY_COND_BR;
    if (out.kind == Instruction::Kind::Jump && operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
      out.target = at + insn.length + operands[0].imm.value.u;
    }
    for (const ZydisDecodedOperand& operand : std::span(operands, insn.operand_count)) {
      if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) continue;
      if (operand.mem.type != ZYDIS_MEMOP_TYPE_MEM || operand.actions == 0) continue;
      if (operand.visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN) continue;
      out.memory_bytes = static_cast<uint8_t>(operand.size / 8);
      if (operand.mem.base == ZYDIS_REGISTER_R15) {
        out.is_heap = true;
        const ZyanI64 disp = operand.mem.disp.value;
        out.is_heap_shape = operand.mem.scale <= 1 && disp >= 0 && disp <= INT32_MAX;
        if (operand.mem.index != ZYDIS_REGISTER_NONE) {
          out.heap_index = static_cast<uint8_t>(ZydisRegisterGetId(operand.mem.index));
        }
      }
      if (operand.mem.base != ZYDIS_REGISTER_R14) continue;
      const bool is_tail = out.kind == Instruction::Kind::Jump;
      const auto foreign = is_tail ? abi::Builtin::return_call_foreign : abi::Builtin::call_foreign;
      if (!is_tail && out.kind != Instruction::Kind::Call) continue;
      if (operand.mem.disp.value != offset_of(foreign)) continue;
      const bool has_frame = is_tail && func.frame_size != 0;
      instructions_[has_frame ? before : at].calls_foreign = true;
    }
  }
}

CodeMap::Vector CodeMap::vector(uint64_t offset, const std::array<uint64_t, 16>& registers,
                                uint64_t code) const {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  ZydisDecodedInstruction insn;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  Vector out;
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, blob_.code.data() + offset,
                                           blob_.code.size() - offset, &insn, operands))) {
    return out;
  }
  const auto value = [&](ZydisRegister reg) {
    if (reg == ZYDIS_REGISTER_NONE) return uint64_t{0};
    if (reg == ZYDIS_REGISTER_RIP) return code + offset + insn.length;
    return registers[static_cast<size_t>(ZydisRegisterGetId(reg))];
  };
  for (const ZydisDecodedOperand& operand : std::span(operands, insn.operand_count)) {
    const bool writes = (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    if (operand.type == ZYDIS_OPERAND_TYPE_MEMORY) {
      const auto& mem = operand.mem;
      out.memory.push_back(
          {value(mem.base) + value(mem.index) * mem.scale + static_cast<uint64_t>(mem.disp.value),
           operand.size / 8u, writes});
    } else if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER && writes) {
      const ZydisRegisterClass kind = ZydisRegisterGetClass(operand.reg.value);
      if (kind != ZYDIS_REGCLASS_GPR32 && kind != ZYDIS_REGCLASS_GPR64) continue;
      out.writes = static_cast<uint8_t>(ZydisRegisterGetId(operand.reg.value));
      out.writes_u32 = kind == ZYDIS_REGCLASS_GPR32;
    }
  }
  return out;
}

const abi::Leader* CodeMap::leader(uint64_t offset) const { return row_at(blob_.leaders, offset); }

const abi::TrapSite* CodeMap::trap_site(uint64_t offset) const {
  return row_at(blob_.trap_sites, offset);
}

// [T1] A fault counts as a trap wherever a site is, so it may be at these alone.
std::string CodeMap::stray_site() const {
  for (const abi::TrapSite& site : blob_.trap_sites) {
    if (!has(site.offset)) return "a trap site inside of an instruction";
    const Instruction& insn = at(site.offset);
    if (insn.is_heap && site.trap == Trap::out_of_bounds_memory_access) continue;
    if (insn.kind != Instruction::Kind::Trap) return "a trap site where nothing can trap";
    if (site.trap == Trap::none || site.trap > Trap::fuel_exhausted) {
      return "a trap that code cannot raise";
    }
  }
  return has_foreign_call_without_site() ? "a call of another instance at no call site"
                                         : stray_entry();
}

// Few runs get there: it takes an element of one type that is another instance's.
bool CodeMap::has_foreign_call_without_site() const {
  for (size_t at = 0; at < instructions_.size(); ++at) {
    const Instruction& insn = instructions_[at];
    if (insn.kind != Instruction::Kind::Call || !insn.calls_foreign) continue;
    if (!has_call_site(at + insn.length)) return true;
  }
  return false;
}

// The function that has the code at `offset`, or null.
const abi::BlobFunc* CodeMap::function_at(uint64_t offset) const {
  const auto after = std::ranges::upper_bound(blob_.funcs, offset, {}, &abi::BlobFunc::offset);
  if (after == blob_.funcs.begin() || offset >= (after - 1)->next()) return nullptr;
  return &*(after - 1);
}

// What an entry at a loop does shows when it is entered.
std::string CodeMap::stray_entry() const {
  for (const abi::LoopEntry& entry : blob_.loop_entries) {
    if (function_at(entry.offset) == nullptr) return "an entry at a loop of no function";
    if (!has(entry.offset)) return "an entry at a loop inside of an instruction";
    if (leader(entry.offset) != nullptr) return "an entry at a loop that branches may go to";
  }
  return stray_handler();
}

// The runtime enters at a handler with empty registers, and writes to the frame. That the code
// there does nothing wrong shows when its leader is entered, as each is.
std::string CodeMap::stray_handler() const {
  for (const abi::Handler& handler : blob_.handlers) {
    const abi::BlobFunc* const func = function_at(handler.offset);
    if (func == nullptr) return "a handler of no function";
    const abi::Leader* const place = leader(handler.offset);
    if (!has(handler.offset) || place == nullptr) return "a handler that is no leader";
    if (place->u32_registers != 0) return "a handler that expects something in registers";
    if (uint64_t{8} * handler.slots > func->frame_size) {
      return "what a handler takes leaves its frame";
    }
  }
  return {};
}

}  // namespace cordon::fuzz::emulated
