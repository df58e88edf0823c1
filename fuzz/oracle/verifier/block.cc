// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/verifier/block.h"

#include <bit>
#include <cstdio>
#include <cstring>

#include "core/abi/convention.h"
#include "core/abi/frame.h"

namespace cordon::fuzz::emulated {
namespace {

using Kind = Instruction::Kind;

constexpr uint64_t kMostSteps = 400;
constexpr uint32_t kRax = abi::kIntResult;

template <class Hook>
void* hook(Hook* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

Block::Block(Processor& processor, const World& world, const CodeMap& map,
             const abi::CodeBlob& blob, Random& random)
    : processor_(processor), world_(world), map_(map), blob_(blob), random_(random) {
  const auto add = [&](int kind, void* function) {
    uc_hook added = 0;
    uc_hook_add(processor_.engine(), &added, kind, function, this, 1, 0);
    hooks_.push_back(added);
  };
  add(UC_HOOK_CODE, hook(on_code));
  add(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, hook(on_access));
  add(UC_HOOK_MEM_UNMAPPED | UC_HOOK_MEM_PROT, hook(on_no_memory));
  add(UC_HOOK_INTR, hook(on_interrupt));
  add(UC_HOOK_INSN_INVALID, hook(on_no_instruction));
}

Block::~Block() {
  for (const uc_hook added : hooks_) uc_hook_del(processor_.engine(), added);
}

// Below the limit, at it, and with the frame just above it and just below.
void Block::choose_limit() {
  const uint64_t frame = func_->frame_size;
  const uint64_t above[] = {0, 8, frame, frame + 8, frame - 8, uint64_t{0} - 8, 1 << 21};
  limit_ = return_at_ - above[random_() % std::size(above)];
}

std::string Block::enter_at_loop(uint32_t func, const abi::LoopEntry& entry) {
  choose(func);
  choose_limit();
  state_slots_ = entry.slots;
  set_registers(0, return_at_);
  return go(entry.offset);
}

std::string Block::enter_function(uint32_t func) {
  choose(func);
  choose_limit();
  uint32_t u32 = 0;
  abi::ParamPlaces places(*type_);
  for (const wasm::ValType param : type_->params) {
    const abi::ParamPlace place = places.next(param);
    if (param == wasm::ValType::i32 && place.kind == abi::ParamPlace::Kind::Int) {
      u32 |= 1u << place.index;
    }
  }
  set_registers(u32, return_at_);
  return go(func_->offset);
}

std::string Block::enter(uint32_t func, const abi::Leader& leader) {
  // Only call_indirect's sequence enters its out-of-line part, with a function in a register.
  if (map_.at(leader.offset).calls_foreign) return {};
  choose(func);
  limit_ = return_at_ - (1 << 21);
  set_registers(leader.u32_registers, return_at_ - func_->frame_size);
  return go(leader.offset);
}

void Block::choose(uint32_t func) {
  func_ = &blob_.funcs[func];
  type_ = &world_.type_of_body(func_->body);
  return_at_ = kStackAt + kStackBytes / 2;
  state_slots_ = 0;
  fill_frame();
}

void Block::fill_frame() {
  std::vector<uint64_t> words(std::min<uint64_t>(func_->frame_size / 8 + 64, 1024));
  for (uint64_t& word : words) word = garbage(random_);
  const ByteSpan bytes(reinterpret_cast<const uint8_t*>(words.data()), 8 * words.size());
  const uint64_t top = return_at_ + 256;
  processor_.write(top - bytes.size(), bytes);
  if (func_->frame_size > 8192) processor_.write(return_at_ - func_->frame_size - 256, bytes);
  constexpr uint64_t kBack = World::kReturn;
  processor_.write(return_at_, ByteSpan(reinterpret_cast<const uint8_t*>(&kBack), 8));
}

void Block::set_registers(uint32_t u32, uint64_t rsp) {
  Registers values;
  for (uint32_t i = 0; i < values.size(); ++i) {
    values[i] = (u32 >> i & 1) != 0 ? edge(random_) : garbage(random_);
  }
  values[abi::kContext] = kContextAt;
  values[abi::kMemoryBase] = kHeapAt;
  values[abi::kStackPointer] = rsp;
  processor_.set(values);
  std::array<uint64_t, 32> vectors;
  for (uint64_t& half : vectors) half = garbage(random_);
  processor_.set_vectors(vectors);
}

std::string Block::go(uint64_t offset) {
  processor_.write(kContextAt, world_.context(random_, limit_));
  for (uint32_t i = 0; i < world_.module().tables.size(); ++i) {
    const std::vector<uint64_t> elements = world_.elements(random_);
    processor_.write(
        World::elements_at(i),
        ByteSpan(reinterpret_cast<const uint8_t*>(elements.data()), 8 * elements.size()));
  }
  broken_.clear();
  insn_ = nullptr;
  came_back_ = false;
  const uint64_t steps = instructions_;
  for (end_ = End::Call; end_ == End::Call;) {
    resume_ = offset;
    end_ = End::None;
    const bool ended = processor_.start(kCodeAt + resume_);
    if (!ended && end_ == End::None) {
      must(insn_ != nullptr && insn_->kind == Kind::Plain, "goes where there is no code");
      finish(End::Done);
    }
    if (end_ == End::Call) {
      offset = resume_;
      insn_ = nullptr;
    }
    if (instructions_ - steps > kMostSteps) break;
  }
  return broken_;
}

void Block::must(bool holds, const char* otherwise) {
  if (holds || end_ == End::Broken) return;
  char text[8];
  std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(now_));
  broken_ = otherwise + std::string(", at ") + text + " of the code:";
  for (unsigned i = 0; insn_ != nullptr && i < insn_->length; ++i) {
    std::snprintf(text, sizeof text, " %02x", blob_.code[now_ + i]);
    broken_ += text;
  }
  finish(End::Broken);
}

void Block::finish(End end) {
  if (end_ == End::Broken) return;
  end_ = end;
  processor_.stop();
}

// [C1] Checks where control is, and how it got there.
void Block::step(uint64_t pc) {
  const Registers registers = processor_.registers();
  ++instructions_;
  if (insn_ != nullptr && insn_->kind == Kind::Call) return call(pc, registers);
  if (insn_ != nullptr && insn_->kind == Kind::Return) return returns(pc, registers);
  const uint64_t offset = pc - kCodeAt;
  if (insn_ != nullptr && insn_->kind == Kind::Jump && is_elsewhere(offset)) {
    return tail_call(pc, registers);
  }
  if (pc < kCodeAt || !is_in_function(offset)) return must(false, "leaves its function");
  if (!map_.has(offset)) return must(false, "jumps into an instruction");
  arrive(offset, registers);
  if (end_ != End::None) return;
  now_ = offset;
  insn_ = &map_.at(offset);
  must(registers[abi::kContext] == kContextAt, "r14 was written");
  must(registers[abi::kMemoryBase] == kHeapAt, "r15 was written");
  const uint64_t rsp = registers[abi::kStackPointer];
  must(rsp == return_at_ || rsp == return_at_ - func_->frame_size, "rsp is neither here nor there");
  must((insn_->features & ~blob_.options.cpu_features) == 0, "a feature that was not asked for");
  must(!insn_->is_forbidden, "no instruction that generated code may contain");
  // r11 holds addresses within the fixed sequences.
  check_secrets(registers, 1u << abi::kForeignFunc);
  look_ahead(registers);
  if (insn_->kind == Kind::Trap) trap();
  if (insn_->popcnt_bytes != 0) count_bits(registers);
  if (insn_->is_vector) vector(registers);
}

// An instruction that Unicorn lacks.
void Block::count_bits(Registers registers) {
  const uint64_t source = registers[insn_->popcnt_source];
  const int bits = insn_->popcnt_bytes == 8 ? std::popcount(source)
                                            : std::popcount(static_cast<uint32_t>(source));
  registers[insn_->popcnt_destination] = static_cast<uint64_t>(bits);
  processor_.set(registers);
  go_on();
}

void Block::go_on() {
  resume_ = now_ + insn_->length;
  came_back_ = true;
  finish(End::Call);
}

void Block::arrive(uint64_t offset, const Registers& registers) {
  const bool is_first = insn_ == nullptr;
  const bool starts_here = is_first && !came_back_;
  const bool jumped = !is_first && offset != now_ + insn_->length;
  const abi::Leader* leader = map_.leader(offset);
  if (jumped && leader == nullptr) {
    must(insn_->kind == Kind::Jump, "goes elsewhere");
    return must(map_.at(offset).kind == Kind::Trap, "jumps to what is no leader");
  }
  if (leader == nullptr || map_.at(offset).calls_foreign) return;
  if (starts_here) return;
  check_claims(*leader, registers);
  must(registers[abi::kStackPointer] == return_at_ - func_->frame_size,
       "a leader without the function's frame");
  must(stack_is_checked(), "the frame was not checked against the limit");
  check_secrets(registers);
  finish(End::Done);
}

void Block::check_claims(const abi::Leader& leader, const Registers& registers) {
  for (uint32_t i = 0; i < registers.size(); ++i) {
    if ((leader.u32_registers >> i & 1) == 0) continue;
    must(registers[i] >> 32 == 0, "a leader claims what an edge does not bring");
  }
}

// Checks an instruction before it is executed: both ways of a branch, whatever the flags are, and
// the form of an access to linear memory.
void Block::look_ahead(const Registers& registers) {
  if (insn_->is_heap) {
    must(insn_->is_heap_shape, "linear memory by a scale or a displacement that it does not have");
    const bool has_index = insn_->heap_index != CodeMap::kNoRegister;
    must(!has_index || registers[insn_->heap_index] >> 32 == 0, "an index beyond 32 bits");
  }
  if (insn_->kind != Kind::Jump || insn_->target == Instruction::kNowhere) return;
  must(!insn_->is_conditional || is_in_function(now_ + insn_->length), "runs on past its function");
  const uint64_t target = insn_->target;
  if (!insn_->is_conditional && is_elsewhere(target)) return;
  if (!is_in_function(target) || !map_.has(target)) return must(false, "a branch elsewhere");
  if (map_.at(target).calls_foreign) {
    return must(world_.type_of_view(registers[abi::kForeignFunc]).has_value(),
                "a call of another instance without a function of it");
  }
  if (const abi::Leader* leader = map_.leader(target)) return check_claims(*leader, registers);
  must(map_.at(target).kind == Kind::Trap, "a branch to what is no leader");
}

void Block::returns(uint64_t pc, const Registers& registers) {
  must(pc == World::kReturn && registers[abi::kStackPointer] == return_at_ + 8,
       "returns elsewhere");
  must(stack_is_checked(), "the frame was not checked against the limit");
  const bool is_i32 = !type_->results.empty() && type_->results[0] == wasm::ValType::i32;
  must(!is_i32 || registers[kRax] >> 32 == 0, "a result of 32 bits has an upper half");
  check_secrets(registers);
  finish(End::Done);
}

// [T1]
void Block::trap() {
  const abi::TrapSite* site = map_.trap_site(now_);
  must(site != nullptr, "ud2 at no trap site");
  finish(End::Done);
}

bool Block::stack_is_checked() const {
  const uint64_t frame = func_->frame_size;
  return return_at_ - (frame > abi::kSmallFrame ? frame : 0) >= limit_;
}

// [R2]
void Block::check_secrets(const Registers& registers, uint32_t but) {
  constexpr uint32_t kPinned =
      1u << abi::kContext | 1u << abi::kMemoryBase | 1u << abi::kStackPointer;
  for (uint32_t i = 0; i < registers.size(); ++i) {
    if (((kPinned | but) >> i & 1) != 0) continue;
    must(!is_secret(registers[i]), "an address of the host's is in a register");
  }
}

void Block::on_code(uc_engine*, uint64_t pc, uint32_t, void* self) {
  auto& block = *static_cast<Block*>(self);
  if (block.end_ == End::None) block.step(pc);
}

void Block::on_access(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t value,
                      void* self) {
  auto& block = *static_cast<Block*>(self);
  if (block.end_ != End::None) return;
  block.access(type == UC_MEM_WRITE, address, static_cast<uint64_t>(size),
               static_cast<uint64_t>(value));
}

// An access to unmapped memory: the guard of linear memory, or anywhere.
bool Block::on_no_memory(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t value,
                         void* self) {
  auto& block = *static_cast<Block*>(self);
  if (block.end_ != End::None) return false;
  const bool writes = type == UC_MEM_WRITE_UNMAPPED || type == UC_MEM_WRITE_PROT;
  if (type == UC_MEM_FETCH_UNMAPPED || type == UC_MEM_FETCH_PROT) {
    block.must(false, "goes where there is no code");
  }
  block.access(writes, address, static_cast<uint64_t>(size), static_cast<uint64_t>(value));
  block.finish(End::Done);
  return false;
}

// A division's fault, which ends the process, and that is safe; to Unicorn the next one is a double
// fault, since the first was not handled.
void Block::on_interrupt(uc_engine*, uint32_t number, void* self) {
  auto& block = *static_cast<Block*>(self);
  if (block.end_ != End::None) return;
  block.must(number == 0 || number == 8, ("interrupt " + std::to_string(number)).c_str());
  block.finish(End::Done);
}

bool Block::on_no_instruction(uc_engine*, void* self) {
  auto& block = *static_cast<Block*>(self);
  if (block.end_ == End::None) block.must(false, "no instruction");
  return false;
}

}  // namespace cordon::fuzz::emulated
