// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NeededCode: the code of one module as it is needed, made, verified and published in the order
// that a test chooses. A program that includes this links cordon_core_embed.
//
//     NeededCode code(module.build());
//     Instance& instance = world.instantiate(code.loaded());  // all is interpreted
//     code.add(3);
//     take_code(instance);  // body 3 is native
#pragma once

#include <optional>

#include "core/abi/module_plan.h"
#include "core/abi/target.h"
#include "core/base/os/sealed_file.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/code/on_demand.h"
#include "core/runtime/code/entries.h"
#include "core/verify/verify.h"
#include "tests/kit/world.h"

namespace cordon::testing {

// Fails the program where the compiler, the verifier or the code space refuses.
class NeededCode {
 public:
  explicit NeededCode(std::vector<uint8_t> bytes, bool fuel = false)
      : bytes_(std::move(bytes)),
        module_(must(wasm::validate_module_with_uses(must(wasm::decode_module(bytes_))))),
        compiler_(*module_, jit::baseline_tier, {.target = abi::detect_target(), .fuel = fuel}),
        verification_(*module_, verify::Series::AsNeeded),
        space_(must(runtime::CodeSpace::create(module_, abi::room_for_needed(module_->module())))) {
  }

  // The next piece: `body`, and what it calls as far as the budget goes. False if there is nothing
  // to do.
  bool add(uint32_t body, uint64_t budget = 1) {
    const ByteSpan piece = must(compiler_.compile(body, budget));
    if (piece.empty()) return false;
    publish(must(SealedFile::of_bytes(piece, "code")));
    return true;
  }
  void publish(const SealedFile& piece) {
    auto published = space_->publish(must(verification_.add(piece.bytes())), piece);
    if (!published) die(published.error().message());
  }

  engine::LoadedModule loaded() const { return {module_, space_, {}, {}}; }
  const wasm::ValidatedModule& module() const { return *module_; }
  const jit::OnDemand& compiler() const { return compiler_; }
  const runtime::CodeSpace& space() const { return *space_; }

 private:
  std::vector<uint8_t> bytes_;
  std::shared_ptr<const wasm::ValidatedModule> module_;
  jit::OnDemand compiler_;
  verify::Verification verification_;
  std::shared_ptr<runtime::CodeSpace> space_;
};

}  // namespace cordon::testing
