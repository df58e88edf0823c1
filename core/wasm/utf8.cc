// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/utf8.h"

#include <cstdint>
#include <cstring>

namespace cordon::wasm {
namespace {

// By first byte: how many bytes follow, and the second byte's range (Unicode, table 3-7).
struct Form {
  uint8_t first_min, first_max, trailing, second_min, second_max;
};
constexpr Form kForms[] = {
    {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

const Form* form_of(uint8_t first) {
  for (const Form& form : kForms) {
    if (first >= form.first_min && first <= form.first_max) return &form;
  }
  return nullptr;
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = at + text.size();
  while (at != end) {
    uint64_t eight = 0;
    if (end - at >= 8) {
      std::memcpy(&eight, at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
    }
    const Form* form = form_of(*at++);
    if (form == nullptr || end - at < form->trailing) return false;
    for (unsigned i = 0; i < form->trailing; ++i, ++at) {
      const uint8_t min = i == 0 ? form->second_min : 0x80;
      const uint8_t max = i == 0 ? form->second_max : 0xbf;
      if (*at < min || *at > max) return false;
    }
  }
  return true;
}

}  // namespace cordon::wasm
