// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plan: all that a generated module declares, drawn before its bodies, which read it. Made by
// module_gen.cc; tables and segments always exist, so that each row has something to name.
#pragma once

#include <cstdint>
#include <vector>

#include "core/wasm/features.h"
#include "core/wasm/types.h"

namespace cordon::fuzz {

// Entries of functions that call or loop, within one call from outside; see BodyGen::prologue.
inline constexpr int32_t kCallBudget = 40;
// The oracle resets the exported global of this name to its first value before each call.
inline constexpr const char* kBudgetName = "budget";

// What a module has more of than its bodies need, so that numbers take two bytes, frames more than
// a page, and displacements more than 31 bits. Few modules have any: they are slow.
enum class Scale : uint8_t {
  Usual,
  ManyFuncs,   // indices beyond 127
  ManyTypes,   // beyond 63, which is where a block type takes two bytes
  ManyLocals,  // beyond 127
  LargeFrame,  // beyond 4 KiB
  HugeMemory,  // to 2 GiB and beyond
};

// Which vector instructions a module may have.
enum class Vectors : uint8_t {
  None,
  Exact,  // those that every engine computes alike; none cross the module's border, as JavaScript
          // has it
  All,    // relaxed ones too, which Cordon's engines compute alike, and everywhere
};

// Which encoding of exceptions a module may have.
enum class Exceptions : uint8_t {
  None,
  Legacy,    // try, catch, delegate, rethrow
  Standard,  // try_table, throw_ref
  Any,       // either, which the generator's bytes say
};

// What a module may have beyond what all have.
struct Families {
  Vectors vectors;
  bool tail_calls;
  Exceptions exceptions;
  // The same bytes give the same program in both encodings of exceptions, which needs what both can
  // say: no exnref as a value, and no delegate to anywhere but the block around.
  bool twins;

  constexpr Families(Vectors which, bool has_tail_calls = false,
                     Exceptions encoding = Exceptions::None, bool are_twins = false)
      : vectors(which), tail_calls(has_tail_calls), exceptions(encoding), twins(are_twins) {}
  constexpr Families(Vectors which, wasm::Features features)
      : Families(which, features.has(wasm::Feature::tail_call), encoding_of(features)) {}

 private:
  static constexpr Exceptions encoding_of(wasm::Features features) {
    const bool legacy = features.has(wasm::Feature::legacy_exceptions);
    if (!features.has(wasm::Feature::exceptions)) {
      return legacy ? Exceptions::Legacy : Exceptions::None;
    }
    return legacy ? Exceptions::Any : Exceptions::Standard;
  }
};
// For comparisons of Cordon's engines: all that each of them has.
inline constexpr Families kCompared{Vectors::All, wasm::Features::compiled()};
// All that Cordon knows.
inline constexpr Families kEverything{Vectors::All, wasm::Features::all()};

struct ElemPlan {
  wasm::ValType type;
  uint32_t size;
};

struct TagPlan {
  uint32_t type;  // without results
  // The types of blocks that its handlers end, without and with a reference, in the standard
  // encoding.
  uint32_t handler[2] = {};
};

struct Plan {
  Scale scale = Scale::Usual;
  Vectors vectors = Vectors::None;
  bool tail_calls = false;
  Exceptions exceptions = Exceptions::None;  // not Any
  bool twins = false;                        // as Families has it
  std::vector<TagPlan> tags;                 // some exactly if there are exceptions
  bool pads = false;                         // some immediates are longer than they need be
  std::vector<wasm::FuncType> types;
  std::vector<uint32_t> funcs;  // each function's type, imports first
  uint32_t imported_funcs = 0;
  // The functions from here on have bodies that do something; the module's own before only take up
  // indices.
  uint32_t first_full = 0, first_full_type = 0;
  std::vector<wasm::GlobalType> globals;
  // Never named by chance in bodies: the calls left, and an i64 into which values are mixed so that
  // they have an effect.
  uint32_t budget_global = 0, digest_global = 0;
  std::vector<wasm::TableType> tables;
  // The initial contents of table 0: the function at each index.
  std::vector<uint32_t> targets;
  std::vector<ElemPlan> elems;
  std::vector<uint32_t> datas;  // sizes
  wasm::Limits memory;

  const wasm::FuncType& type_of(uint32_t func) const { return types[funcs[func]]; }
  // Whether the function may be exported, or a reference to it stored in a table.
  bool may_be_seen(uint32_t func) const {
    return vectors != Vectors::Exact || !has_vectors(type_of(func));
  }
  static bool has_vectors(const wasm::FuncType& type) {
    return wasm::slots_of(type.params) + wasm::slots_of(type.results) !=
           type.params.size() + type.results.size();
  }
};

}  // namespace cordon::fuzz
