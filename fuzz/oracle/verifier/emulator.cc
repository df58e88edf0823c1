// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/verifier/emulator.h"

#include <algorithm>
#include <optional>
#include <span>

#include "core/abi/convention.h"
#include "core/abi/frame.h"
#include "fuzz/oracle/verifier/block.h"

namespace cordon::fuzz::emulated {
namespace {

// The rows of a table that belong to a function.
template <class Row>
std::span<const Row> rows_of(const std::vector<Row>& rows, const abi::BlobFunc& func) {
  const auto begin = std::partition_point(
      rows.begin(), rows.end(), [&](const Row& row) { return row.place() < func.offset; });
  const auto end = std::partition_point(begin, rows.end(),
                                        [&](const Row& row) { return row.place() <= func.next(); });
  return {begin, end};
}

bool same(const abi::Leader& a, const abi::Leader& b) {
  return a.offset == b.offset && a.u32_registers == b.u32_registers;
}
bool same(const abi::CallSite& a, const abi::CallSite& b) {
  return a.return_offset == b.return_offset;
}
bool same(const abi::Handler& a, const abi::Handler& b) {
  return a.offset == b.offset && a.slots == b.slots;
}
bool same(const abi::LoopEntry& a, const abi::LoopEntry& b) {
  return a.offset == b.offset && a.slots == b.slots;
}
bool same(const abi::TrapSite& a, const abi::TrapSite& b) {
  return a.offset == b.offset && a.trap == b.trap;
}

template <class Row>
bool same_rows(const std::vector<Row>& rows, const std::vector<Row>& others,
               const abi::BlobFunc& func) {
  const auto mine = rows_of(rows, func), theirs = rows_of(others, func);
  return std::ranges::equal(mine, theirs, [](auto& a, auto& b) { return same(a, b); });
}

bool same_function(const abi::CodeBlob& blob, const abi::CodeBlob& other, uint32_t index) {
  const abi::BlobFunc& func = blob.funcs[index];
  return blob.funcs.size() == other.funcs.size() && blob.options == other.options &&
         func.frame_size == other.funcs[index].frame_size &&
         std::ranges::equal(blob.rodata, other.rodata) &&
         std::ranges::equal(blob.code.subspan(func.offset, func.size),
                            other.code.subspan(func.offset, func.size)) &&
         same_rows(blob.leaders, other.leaders, func) &&
         same_rows(blob.call_sites, other.call_sites, func) &&
         same_rows(blob.handlers, other.handlers, func) &&
         same_rows(blob.loop_entries, other.loop_entries, func) &&
         same_rows(blob.trap_sites, other.trap_sites, func);
}

// [T1] A trap is reported by the offset of its site, which is one of the function's own body, and
// an exception is caught by the handlers of the instructions around such an offset.
bool has_stray_offset(const wasm::Module& module, const abi::CodeBlob& blob) {
  for (size_t i = 0; i < blob.funcs.size(); ++i) {
    const abi::BlobFunc& func = blob.funcs[i];
    const wasm::ByteRange body = module.bodies[func.body].code;
    const auto is_stray = [&](uint32_t offset) { return offset - body.offset >= body.size; };
    for (const abi::TrapSite& site : rows_of(blob.trap_sites, func)) {
      if (site.offset < func.next() && is_stray(site.wasm_offset)) return true;
    }
    for (const abi::CallSite& site : rows_of(blob.call_sites, func)) {
      if (site.return_offset > func.offset && is_stray(site.wasm_offset)) return true;
    }
    for (const abi::Handler& handler : rows_of(blob.handlers, func)) {
      if (handler.offset < func.next() && is_stray(handler.wasm_offset)) return true;
    }
    for (const abi::LoopEntry& entry : rows_of(blob.loop_entries, func)) {
      if (entry.offset < func.next() && is_stray(entry.wasm_offset)) return true;
    }
  }
  return false;
}

}  // namespace

// The state that is kept from one blob to the next.
class Emulator::Machine {
 public:
  Processor processor;
  uint64_t instructions = 0;
};

Emulator::Emulator() : machine_(std::make_unique<Machine>()) {}
Emulator::~Emulator() = default;

uint64_t Emulator::instructions() const { return machine_->instructions; }

std::string Emulator::run(const World& world, const abi::CodeBlob& blob, uint64_t seed,
                          unsigned times, const abi::CodeBlob* only) {
  const CodeMap map(blob);
  if (std::string stray = map.stray_site(); !stray.empty()) return stray;
  if (!world.fits()) return {};
  const uint64_t bodies = world.module().funcs.size() - world.module().imported_funcs;
  const auto is_there = [bodies](const abi::BlobFunc& func) { return func.body < bodies; };
  if (!std::ranges::all_of(blob.funcs, is_there)) return "a function that is not there";
  if (has_stray_offset(world.module(), blob)) return "a site with an offset outside of the body";
  Random random(seed);
  machine_->processor.write_code(0, blob.code);
  if (!blob.rodata.empty()) {
    machine_->processor.write_code(blob.rodata_at - blob.code_at, blob.rodata);
  }
  machine_->processor.write(kTablesAt, world.tables());
  Block block(machine_->processor, world, map, blob, random);
  std::string broken;
  for (uint32_t i = 0; i < blob.funcs.size() && broken.empty(); ++i) {
    const abi::BlobFunc& func = blob.funcs[i];
    if (func.frame_size > kStackBytes / 4) continue;
    if (only != nullptr && same_function(blob, *only, i)) continue;
    for (unsigned t = 0; t < times && broken.empty(); ++t) broken = block.enter_function(i);
    for (const abi::LoopEntry& entry : rows_of(blob.loop_entries, func)) {
      if (entry.offset >= func.next()) continue;
      for (unsigned t = 0; t < times && broken.empty(); ++t) broken = block.enter_at_loop(i, entry);
    }
    for (const abi::Leader& leader : rows_of(blob.leaders, func)) {
      if (leader.offset >= func.next()) continue;
      for (unsigned t = 0; t < times && broken.empty(); ++t) broken = block.enter(i, leader);
    }
    if (!broken.empty()) broken += " (function " + std::to_string(i) + ")";
  }
  machine_->instructions += block.instructions();
  return broken;
}

}  // namespace cordon::fuzz::emulated
