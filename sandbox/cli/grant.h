// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --dir HOST[::GUEST[::ro|rw]] as a DirectoryGrant ([F1]).
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// GUEST is HOST where it is missing; read-only unless rw. The error says what is wrong with the
// text.
tl::expected<supervisor::DirectoryGrant, std::string> parse_grant(const std::string& text);

// If `text` names no directory that is there but would with its single colons doubled (docker's
// spelling): what to write instead. Else empty.
std::string single_colon_hint(const std::string& text);

}  // namespace cordon::cli
