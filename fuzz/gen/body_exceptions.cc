// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exceptions, drawn by BodyGen::step: one statement, attempt(), that is written in the encoding
// which the plan has. In the standard's it is
//
//     block $try block $1 block $0 try_table (catch tag $0) (catch_all $1) ... end br $try
//     end ... br $try  end ...  end
//
// where the first handler follows the end of $0. The legacy one says the same by try and
// catch. Both are made of the same decisions.
#include "fuzz/gen/body_gen.h"

namespace cordon::fuzz {

using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

// The rows of both encodings; what is part of another statement means nothing if it is drawn alone.
void BodyGen::try_() { attempt(); }
void BodyGen::try_table() { attempt(); }
void BodyGen::rethrow() { throw_again(); }
void BodyGen::throw_ref() { throw_again(); }
void BodyGen::catch_() {}
void BodyGen::catch_all() {}
void BodyGen::delegate() {}

void BodyGen::attempt() {
  if (plan_.tags.empty() || labels_.size() == kMaxLabels || tries_ == kMaxTries) return;
  Bytes encoded;
  FuncType type = block_type(false, encoded);
  if (!type.params.empty()) {
    // The blocks around would need types with these parameters.
    constexpr uint8_t kEmpty = 0x40;
    type = {};
    encoded = Bytes{kEmpty};
  }
  if (choices_.once_in(8)) return attempt_and_delegate(type, encoded);
  const auto floor = static_cast<uint32_t>(floor_);
  const bool dead = dead_;
  const std::vector<Clause> all = clauses();
  begin_attempt(type, encoded, all);
  ++tries_;
  statements();
  settle(type.results);
  for (size_t i = 0; i < all.size(); ++i) {
    begin_handler(all, i);
    statements();
    settle(type.results);
  }
  if (all.empty() && !is_legacy()) code_.end();
  --tries_;
  close(type, floor);
  dead_ = dead;
}

// One that hands what is thrown to a block around it. Without that word it is a block as any other.
void BodyGen::attempt_and_delegate(const FuncType& type, const Bytes& encoded) {
  const size_t floor = floor_;
  const bool dead = dead_;
  open(is_legacy() ? Op::try_ : Op::block, type, encoded, {type.results});
  statements();
  settle(type.results);
  stack_.resize(floor_);
  floor_ = floor;
  labels_.pop_back();
  dead_ = dead;
  if (is_legacy()) {
    const auto count = static_cast<uint32_t>(labels_.size());
    const uint32_t depth = plan_.twins ? 0 : choices_.below(count);
    branch(Op::delegate, depth);
  } else {
    code_.end();
  }
  for (ValType result : type.results) push(result);
}

std::vector<BodyGen::Clause> BodyGen::clauses() {
  std::vector<Clause> all(choices_.below(3));
  for (Clause& clause : all) {
    clause.tag = choices_.below(static_cast<uint32_t>(plan_.tags.size()));
  }
  if (choices_.below(3) != 0) all.push_back({.all = true});
  for (Clause& clause : all) clause.keeps = choices_.below(2) == 1;
  return all;
}

void BodyGen::begin_attempt(const FuncType& type, const Bytes& encoded,
                            const std::vector<Clause>& clauses) {
  const auto count = static_cast<uint32_t>(clauses.size());
  if (is_legacy()) return open(Op::try_, type, encoded, {type.results});
  open(Op::block, type, encoded, {.types = type.results, .inner = count + 1});
  for (uint32_t i = count; i-- > 0;) handler_block(clauses[i]);
  code_.op(Op::try_table).append(encoded).u32(count);
  for (uint32_t i = 0; i < count; ++i) {
    constexpr uint8_t kKeeps = 1, kAll = 2;
    const Clause& clause = clauses[i];
    code_.u8(static_cast<uint8_t>((clause.keeps ? kKeeps : 0) | (clause.all ? kAll : 0)));
    if (!clause.all) index(clause.tag);
    index(i);
  }
}

// The block at whose end the handler of `clause` begins, with what that gets.
void BodyGen::handler_block(const Clause& clause) {
  code_.op(Op::block);
  if (!clause.all) {
    code_.s64(plan_.tags[clause.tag].handler[clause.keeps ? 1 : 0]);
  } else if (clause.keeps) {
    code_.type(ValType::exnref);
  } else {
    constexpr uint8_t kEmpty = 0x40;
    code_.u8(kEmpty);
  }
}

// Ends what came before, which is settled, and begins clauses[place].
void BodyGen::begin_handler(const std::vector<Clause>& clauses, size_t place) {
  const Clause& clause = clauses[place];
  Label& own = labels_.back();
  own.caught = clause.keeps;
  own.exception = hidden_exception(tries_ - 1);
  stack_.resize(floor_);
  dead_ = false;
  if (is_legacy()) {
    clause.all ? code_.op(Op::catch_all) : code_.op(Op::catch_).u32(clause.tag);
  } else {
    // Out of the try_table, or of the handler before, to the end of the whole.
    if (place == 0) code_.end();
    own.inner = static_cast<uint32_t>(clauses.size() - place);
    code_.br(own.inner).end();
    --own.inner;
  }
  if (!clause.all) {
    for (ValType param : plan_.types[plan_.tags[clause.tag].type].params) push(param);
  }
  if (is_legacy() || !clause.keeps) return;
  code_.op(plan_.twins ? Op::local_set : Op::local_tee).u32(own.exception);
  if (!plan_.twins) push(ValType::exnref);
}

void BodyGen::throw_now(uint32_t tag) {
  arguments(plan_.types[plan_.tags[tag].type].params);
  indexed(Op::throw_, tag);
}

// Under a condition more often than not: the rest of the block is not reached otherwise.
void BodyGen::throw_() {
  if (plan_.tags.empty()) return;
  const uint32_t tag = choices_.below(static_cast<uint32_t>(plan_.tags.size()));
  if (choices_.once_in(tries_ == 0 ? 8 : 3)) {
    throw_now(tag);
    return die();
  }
  produce(ValType::i32);
  code_.i32_const(tries_ == 0 ? 7 : 1).op(Op::i32_and).op(Op::i32_eqz).block(Op::if_);
  pop(1);
  const size_t floor = floor_;
  const bool dead = dead_;
  floor_ = stack_.size();
  dead_ = false;
  throw_now(tag);
  code_.end();
  stack_.resize(floor_);
  floor_ = floor;
  dead_ = dead;
}

// What one of the handlers around has caught or, where there are references, any.
void BodyGen::throw_again() {
  std::vector<uint32_t> depths;
  for (uint32_t depth = 0; depth < labels_.size(); ++depth) {
    if (label(depth).caught) depths.push_back(depth);
  }
  if (has_exnref() && (depths.empty() ? choices_.once_in(16) : choices_.once_in(2))) {
    constexpr ValType kReference[] = {ValType::exnref};
    need(kReference);
    code_.op(Op::throw_ref);
    return die();
  }
  if (depths.empty()) return;
  const uint32_t depth = choices_.of(depths);
  if (is_legacy()) {
    branch(Op::rethrow, depth);
  } else {
    code_.local_get(label(depth).exception).op(Op::throw_ref);
  }
  die();
}

}  // namespace cordon::fuzz
