// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// HandCode: machine code written in a test, as a blob for a module, so that trampolines, trap
// handler and builtins are tested without a compiler, with code that a compiler would never make
// too.
#pragma once

#include <functional>
#include <utility>

#include "core/abi/frame.h"
#include "core/abi/vmctx.h"
#include "core/asm/x64/assembler.h"
#include "core/base/check.h"
#include "core/engine/code_source.h"
#include "core/runtime/code/space.h"
#include "tests/kit/unchecked_code.h"

namespace cordon::testing {

class HandCode : public engine::CodeSource {
 public:
  HandCode() : a(emit::CodeBuffer(1U << 20)) {}

  x64::Assembler a;
  std::vector<abi::TrapSite> trap_sites;
  std::vector<abi::CallSite> call_sites;
  std::vector<abi::Handler> handlers;
  std::vector<abi::LoopEntry> loop_entries;
  std::vector<uint8_t> rodata;
  // Distances to bytes of the read-only data, written by hand: a 32-bit field at the end of an
  // instruction, and the byte.
  std::vector<std::pair<uint32_t, uint32_t>> rodata_reads;
  bool fuel = false;
  uint32_t cpu_features = 0;
  abi::BlobPlace place;
  // The numbers of the functions' bodies, of code that is made as it is needed; otherwise empty,
  // and they are those from the place's first one on.
  std::vector<uint32_t> bodies;

  // The next function, with its prologue except the check of the stack.
  void begin(uint32_t frame = 0) {
    a.align(16, x64::Assembler::Fill::Int3);
    self_ = a.new_label();
    a.bind(self_);
    funcs_.push_back({a.offset(), 0, frame, 0});
    if (frame != 0) a.sub(x64::W64, x64::rsp, frame);
  }
  // The same, with the check that the verifier requires. end_checked() gives it its trap.
  void begin_checked(uint32_t frame = 0) {
    begin();
    funcs_.back().frame_size = frame;
    exhausted_ = a.new_label();
    check(frame);
  }
  // An entry at the loop at `wasm_offset`, with the same check.
  void loop_entry(uint32_t wasm_offset, uint32_t slots) {
    loop_entries.push_back({a.offset(), wasm_offset, slots});
    check(funcs_.back().frame_size);
  }
  void check(uint32_t frame) {
    const x64::Mem limit = x64::mem(x64::r14, offsetof(abi::VmContext, stack_limit));
    const bool is_small = frame <= abi::kSmallFrame;
    if (!is_small) a.lea(x64::W64, x64::r11, x64::mem(x64::rsp, -int64_t{frame}));
    a.cmp(x64::W64, is_small ? x64::rsp : x64::r11, limit);
    a.jcc(x64::Cond::Below, exhausted_);
    if (frame != 0) a.sub(x64::W64, x64::rsp, frame);
    if (!is_small) a.xor_(x64::W32, x64::r11, x64::r11);
  }
  void end_checked(uint32_t wasm_offset) {
    if (funcs_.back().frame_size != 0) a.add(x64::W64, x64::rsp, funcs_.back().frame_size);
    a.ret();
    if (later) std::exchange(later, nullptr)();
    a.bind(exhausted_);
    trap(Trap::call_stack_exhausted, wasm_offset);
    end();
  }
  // The next instruction is a leader of the current function, with nothing known.
  void leader() { leaders_.push_back({a.offset(), 0}); }
  // The same, and where the clause of the instruction at `wasm_offset` goes on.
  void handler(uint32_t wasm_offset, uint32_t clause, uint32_t slots) {
    leader();
    handlers.push_back({a.offset(), wasm_offset, clause, slots});
  }
  // Writes the out-of-line part after the return of the current function.
  std::function<void()> later;
  // A call of the function that is being written.
  void call_self(uint32_t wasm_offset) {
    a.call(self_);
    call_sites.push_back({a.offset(), wasm_offset});
  }
  // A call of the code at `target` in the code space.
  void call_place(uint32_t target, uint32_t wasm_offset) {
    call_self(wasm_offset);
    a.patch32(a.offset() - 4, static_cast<int32_t>(target - (place.code_base + a.offset())));
  }
  // Without epilogue: for code that does not return.
  void end() { funcs_.back().size = a.offset() - funcs_.back().offset; }
  void end_with_return() {
    if (funcs_.back().frame_size != 0) a.add(x64::W64, x64::rsp, funcs_.back().frame_size);
    a.ret();
    end();
  }
  // The next instruction is a trap site.
  void site(Trap trap, uint32_t wasm_offset) {
    trap_sites.push_back({a.offset(), wasm_offset, trap});
  }
  void trap(Trap trap, uint32_t wasm_offset) {
    site(trap, wasm_offset);
    a.ud2();
  }
  void call_builtin(abi::Builtin builtin, uint32_t wasm_offset = 0) {
    a.call(x64::mem(x64::r14, abi::offset_of(builtin)));
    call_sites.push_back({a.offset(), wasm_offset});
  }

  std::vector<uint8_t> bytes() {
    abi::CodeBlob blob;
    blob.options = {fuel, cpu_features};
    blob.place = place;
    blob.funcs = funcs_;
    blob.options.as_needed = !bodies.empty();
    for (uint32_t i = 0; i < funcs_.size(); ++i) {
      blob.funcs[i].body = bodies.empty() ? place.first_body + i : bodies.at(i);
    }
    blob.leaders = leaders_;
    blob.trap_sites = trap_sites;
    blob.call_sites = call_sites;
    blob.handlers = handlers;
    blob.loop_entries = loop_entries;
    auto code = a.finish();
    if (code) blob.code = *code;
    blob.rodata = rodata;
    return encode(blob);
  }
  // Published without having been verified, as a piece in this place.
  Result<void> publish(runtime::CodeSpace& space, const verify::Standing& standing) {
    auto file = SealedFile::of_bytes(bytes(), "code");
    CHECK(file);
    auto blob = abi::decode_blob(file->bytes());
    CHECK(blob);
    auto code = verify::UncheckedCode::make(std::move(*blob), file->bytes(), standing);
    return space.publish(std::move(code), *file);
  }
  // The same as the only piece of the module's code.
  std::shared_ptr<const runtime::CodeSpace> publish(
      std::shared_ptr<const wasm::ValidatedModule> module) {
    const uint64_t size =
        abi::round_to_code_page(a.offset()) + abi::round_to_code_page(rodata.size());
    auto space = *runtime::CodeSpace::create(std::move(module), size);
    CHECK(publish(*space, {&space->module(), 0, 0, false, true}));
    return space;
  }
  Result<void> code_of(const wasm::ValidatedModule&, bool, engine::CodeSink& sink) override {
    return sink.take(TRY(SealedFile::of_bytes(bytes(), "code")));
  }

 private:
  std::vector<abi::BlobFunc> funcs_;
  std::vector<abi::Leader> leaders_;
  x64::Label self_, exhausted_;
};

}  // namespace cordon::testing
