// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether bytes are UTF-8 as the specification means it (spec §5.2.4, RFC 3629): the shortest form,
// no surrogates, nothing above U+10FFFF.
#pragma once

#include <string_view>

namespace cordon::wasm {

// The empty text is UTF-8. Costs one pass over `text` at most.
bool is_utf8(std::string_view text);

}  // namespace cordon::wasm
