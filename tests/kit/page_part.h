// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parts of pages that are made from tables: a test computes the text between a line "<!-- NAME:
// made from TABLE -->" and a line "<!-- end of NAME -->". With BLESS=1 the test writes it there.
#pragma once

#include <string>
#include <string_view>

namespace cordon::testing {

// Fails the test that calls it unless the part `name` of the page (a path from the root of the
// sources) is `text`, which ends with a newline.
void expect_page_part(std::string_view page, const std::string& name, const std::string& text);

}  // namespace cordon::testing
