// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Emulator: runs accepted code in the worst permitted states. The verifier proves an induction: a
// block that is entered with what its leader claims keeps all rules and brings every leader what
// that one claims. So each block is entered here with values that keep exactly the claims and are
// hostile otherwise (garbage in every upper half that is not claimed, indices at every edge, stack
// pointers at the limit), and runs in an emulator (Unicorn) that checks each access, jump, call and
// address. Called by the target `verifier` with each blob that the verifier accepts.
#pragma once

#include <memory>
#include <string>

#include "core/abi/code_blob.h"
#include "fuzz/oracle/verifier/world.h"

namespace cordon::fuzz::emulated {

class Emulator {
 public:
  Emulator();
  ~Emulator();

  // Runs every block of `blob`, a whole module's accepted code, `times` times; with `only`, just
  // the functions that differ from that blob. Returns the broken rule and the place, or an empty
  // text.
  std::string run(const World& world, const abi::CodeBlob& blob, uint64_t seed, unsigned times,
                  const abi::CodeBlob* only = nullptr);
  // The number of instructions executed so far.
  uint64_t instructions() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace cordon::fuzz::emulated
