// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Result<T>: bad input or a failed OS call, as a value (DESIGN §6). TRY passes a failure up:
//
//     Module module = TRY(decode_module(bytes));     // an expression
//     TRY_VOID(jail.enter());                        // a statement, for Result<void>
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "core/base/diagnostic.h"

namespace cordon {

template <class T>
using Result = tl::expected<T, Diagnostic>;
using Failure = tl::unexpected<Diagnostic>;

namespace diag {
#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/base/diagnostics.def"
}  // namespace diag

// A failure of the row `kind`. `offset` counts bytes from the start of the input; `detail` replaces
// the "{}" in the row's text. Not for failed system calls: fail_os() keeps their errno.
inline Failure fail(const DiagnosticKind& kind, uint64_t offset = kNoOffset,
                    std::string detail = {}) {
  return Failure(Diagnostic{&kind, offset, 0, std::move(detail)});
}

// `what` names the call and its object: "openat2 /data/x". `error` is errno at the failure.
Failure fail_os(std::string what, int error);

}  // namespace cordon

#define TRY(expression)                                                         \
  __extension__({                                                               \
    auto try_result_ = (expression);                                            \
    if (!try_result_) return ::cordon::Failure(std::move(try_result_).error()); \
    std::move(*try_result_);                                                    \
  })
#define TRY_VOID(expression)                                                    \
  do {                                                                          \
    auto try_result_ = (expression);                                            \
    if (!try_result_) return ::cordon::Failure(std::move(try_result_).error()); \
  } while (false)
