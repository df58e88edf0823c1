// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/precompiled.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "core/abi/diagnostics.h"

namespace cordon::abi {
namespace {

static_assert(std::endian::native == std::endian::little, "the stamp is copied as it is");

constexpr uint64_t kMagic = 0x31706d74'736e6463;  // "cdnstmp1"
// To be raised when the meaning of code changes and none of the tables below does.
constexpr uint64_t kMeaning = 2;

// All tables that code relies on, as text.
constexpr std::string_view kTables =
#define FIELD(name, type, access) #name ":" #type ":" #access ";"
#include "core/abi/vmctx.def"
#define BUILTIN(name, signature) #name ":" signature ";"
#include "core/abi/builtins.def"
#define TRAP(name, text) #name ";"
#include "core/abi/traps.def"
#define TABLE(name, Wire, Record, text, stray) #name ":" #Wire ";"
#include "core/abi/blob_tables.def"
    ;

struct Stamp {
  uint64_t magic;
  uint64_t tables, meaning;
  uint64_t module_size, module_hash;
  uint64_t fuel;
};
static_assert(sizeof(Stamp) == kStampSize && std::has_unique_object_representations_v<Stamp>);

// A hash that differs for different modules by chance, eight bytes a step. It is no protection
// against collisions made on purpose, which gain nothing: the code is verified anyway.
uint64_t hash(const uint8_t* data, size_t size) {
  uint64_t state = 0x9e3779b97f4a7c15 ^ size;
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, data + at, std::min(sizeof word, size - at));
    state = std::rotl((state ^ word) * 0xff51afd7ed558ccd, 29);
    state ^= state >> 32;
  }
  return state * 0xc4ceb9fe1a85ec53;
}

Stamp stamp_of(ByteSpan module, bool fuel) {
  return {kMagic,
          hash(reinterpret_cast<const uint8_t*>(kTables.data()), kTables.size()),
          kMeaning,
          module.size(),
          hash(module.data(), module.size()),
          fuel ? uint64_t{1} : uint64_t{0}};
}

}  // namespace

std::array<uint8_t, kStampSize> make_stamp(ByteSpan module, bool fuel) {
  return std::bit_cast<std::array<uint8_t, kStampSize>>(stamp_of(module, fuel));
}

Result<void> check_stamp(ByteSpan file, ByteSpan module, std::optional<bool> fuel) {
  Stamp found = {};
  if (file.size() >= sizeof found) {
    std::memcpy(&found, file.data() + file.size() - sizeof found, sizeof found);
  }
  const Stamp wanted = stamp_of(module, fuel.value_or(found.fuel == 1));
  if (found.magic != wanted.magic || found.fuel > 1) {
    return fail(diag::no_stamp, kNoOffset, "cut short, or something else");
  }
  if (found.tables != wanted.tables || found.meaning != wanted.meaning) {
    return fail(diag::stamp_of_another, kNoOffset, "by another version of Cordon: compile it anew");
  }
  if (found.module_size != wanted.module_size || found.module_hash != wanted.module_hash) {
    return fail(diag::stamp_of_another, kNoOffset, "from another module");
  }
  if (found.fuel != wanted.fuel) {
    return fail(diag::stamp_of_another, kNoOffset,
                found.fuel == 1
                    ? "to charge fuel, which runs with --fuel alone"
                    : "without charging fuel: compile it with --fuel for a run with it");
  }
  return {};
}

}  // namespace cordon::abi
