// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/digest.h"

#include <llvm-c/blake3.h>

namespace cordon::supervisor {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

int value_of(char digit) {
  const size_t at = std::string_view(kDigits, 16).find(digit);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string digest_text(const Digest& digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<Digest> parse_digest(std::string_view text) {
  Digest digest;
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (size_t i = 0; i < digest.size(); ++i) {
    const int high = value_of(text[2 * i]), low = value_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return digest;
}

struct Hasher::State {
  llvm_blake3_hasher blake3;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  static_assert(sizeof(Digest) == LLVM_BLAKE3_OUT_LEN);
  llvm_blake3_hasher_init(&state_->blake3);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

Hasher& Hasher::add(ByteSpan bytes) {
  llvm_blake3_hasher_update(&state_->blake3, bytes.data(), bytes.size());
  return *this;
}

Hasher& Hasher::add(uint64_t number) {
  uint8_t bytes[sizeof number];
  for (size_t i = 0; i < sizeof bytes; ++i) bytes[i] = static_cast<uint8_t>(number >> (8 * i));
  return add(ByteSpan(bytes));
}

Digest Hasher::digest() const {
  Digest digest;
  llvm_blake3_hasher_finalize(&state_->blake3, digest.data(), digest.size());
  return digest;
}

Digest digest_of(ByteSpan bytes) { return Hasher().add(bytes).digest(); }

}  // namespace cordon::supervisor
