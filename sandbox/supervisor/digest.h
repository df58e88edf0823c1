// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Digest: a BLAKE3 hash of bytes, by LLVM's library. Nobody can find two inputs with the same one,
// so it may serve as the name of its input (docs/decisions/cache.md). The bytes are hashed and not
// looked at ([P1]).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace cordon::supervisor {

using Digest = std::array<uint8_t, 32>;

// 64 lower-case digits; and back, nothing for any other text.
std::string digest_text(const Digest& digest);
std::optional<Digest> parse_digest(std::string_view text);

// Hashes what it is given, one part after the other.
class Hasher {
 public:
  Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  // The bytes as they are: where parts vary in size, their sizes are to be added too.
  Hasher& add(ByteSpan bytes);
  Hasher& add(uint64_t number);
  Digest digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest digest_of(ByteSpan bytes);

}  // namespace cordon::supervisor
