// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks that catch. Nothing is done where nothing is thrown: entering one emits no code. Whatever
// throws is a call, and after a call nothing is in a register; so where a handler begins, locals
// are in their homes and operands below the block in their slots, whichever call it was. The
// runtime leaves what it has caught at the bottom of the frame.
//
// A legacy `catch` stands where it stands. The clauses of a try_table are ways from a handler to a
// label, out of line after the body; the label gets its state from such a way at once.
#include "core/jit/baseline/blocks.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

using wasm::immediate::Catch;

namespace {

uint32_t slots_of_caught(std::span<const ValType> payload) { return wasm::slots_of(payload) + 1; }

}  // namespace

std::vector<ValType> Blocks::given_by(const Catch& clause) const {
  std::vector<ValType> given;
  if (clause.has_tag()) {
    given = module_.types[module_.tags[clause.tag.value].value].params;
  }
  if (clause.has_ref()) given.push_back(ValType::exnref);
  return given;
}

// Labels are those around the block.
void Blocks::open_try_table(const wasm::immediate::TryTable& operands, uint32_t at) {
  locals_.forget_dead();
  for (uint32_t i = 0; i < operands.catches.size(); ++i) add_way(operands.catches[i], i, at);
  open(Kind::TryTable, operands.type);
}

// The label's state becomes one that the way can bring about, as meet() would make it, though the
// way is emitted later.
void Blocks::add_way(const Catch& clause, uint32_t number, uint32_t at) {
  Block& target = blocks_[clause.label];
  const PinState here{0, locals_.state().alive()};
  if (target.kind != Kind::Loop && target.kind != Kind::Body) {
    const uint32_t loaded = target.state.apart_from(here);
    const PinState brought{target.has_state ? loaded : 0, here.homes};
    target.state = target.has_state ? target.state.common_with(brought) : brought;
    target.has_state = true;
  }
  const bool in_slots = target.label_in_slots();
  if (target.kind != Kind::Loop) {
    uint32_t u32 = target.kind == Kind::Body ? 0 : locals_.u32_of(target.state.regs);
    if (!in_slots && target.label()[0] == ValType::i32) u32 |= bit(masm::kResult);
    target.join.await(u32);
  }
  const uint32_t values = in_slots ? slots_of_label(target) : 0;
  ways_.push_back({at, number, clause, here.homes, target.state, target.join, in_slots, values});
}

// Where the slots of what the label takes begin; the frame has all of them from now on.
uint32_t Blocks::slots_of_label(const Block& block) {
  const uint32_t slots = wasm::slots_of(block.label());
  if (slots == 0) return 0;
  operands_.slot(block.height + slots - 1, ValType::i64);
  return operands_.slot(block.height, block.label()[0]);
}

void Blocks::bind_handlers(Position& position) {
  for (Way& way : ways_) {
    position.move_to(way.at);
    masm_.at(way.at);
    go_way(way);
  }
}

void Blocks::go_way(Way& way) {
  const std::vector<ValType> given = given_by(way.catches);
  masm_.bind_handler(way.at, way.clause, wasm::slots_of(given));
  enter({0, way.alive});
  locals_.establish(way.state);
  if (way.in_slots) {
    uint32_t from = 0;
    for (const ValType type : given) {
      copy_slots(masm_, type, from, way.values + from);
      from += abi::slot_bytes(abi::slots_of(type));
    }
  } else {
    with_class(given[0],
               [&]<class R>() { masm_.load(size_of<R>(given[0]), ClassOf<R>::kResult, 0); });
  }
  masm_.jump(way.join);
}

// Legacy

void Blocks::open_try(const wasm::BlockType& type) {
  locals_.forget_dead();
  const uint32_t alive = locals_.state().alive();
  open(Kind::Try, type).alive = alive;
}

void Blocks::start_catch(Kind kind, std::span<const ValType> payload, uint32_t at) {
  Block& block = end_part();
  if (block.kind == Kind::Try) block.caught = abi::slot_bytes(catches_++);
  block.kind = kind;
  masm_.bind_handler(at, 0, slots_of_caught(payload));
  enter({0, block.alive});
  locals_.forget_dead();
  copy_slots(masm_, ValType::exnref, abi::slot_bytes(wasm::slots_of(payload)),
             caught_at_ + block.caught);
}

}  // namespace cordon::jit::baseline
