// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --dir HOST[::GUEST[::ro|rw]] as a DirectoryGrant ([F1]).
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// GUEST defaults to HOST; read-only unless rw. The error says what is wrong with the
// text.
tl::expected<supervisor::DirectoryGrant, std::string> parse_grant(const std::string& text);

// The probable intention of a `host_path` that could not be opened and has single colons (docker's
// spelling): its text with double ones. Empty if it has none.
std::string with_two_colons(const std::string& host_path);

}  // namespace cordon::cli
