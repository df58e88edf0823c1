// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reference/partner.h"

#include <cstdlib>

#include "fuzz/oracle/reference/request.h"

namespace cordon::fuzz {
namespace {

std::string named(const char* variable, const char* usual) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? usual : value;
}

}  // namespace

Partner::Partner(std::vector<std::string> command, std::string first, std::string kind)
    : child_(std::move(command)), first_(std::move(first)), kind_(std::move(kind)) {
  start();
}

bool Partner::start() {
  messages_ = 0;
  name_.clear();
  if (!child_.start()) return false;
  const std::optional<std::string> greeting = child_.ask(first_);
  if (!greeting || !greeting->starts_with(kind_)) {
    child_.stop();
    return false;
  }
  name_ = *greeting;
  return true;
}

std::optional<std::string> Partner::ask(std::string_view message) {
  if ((!child_.running() || messages_ == kMessagesOfOne) && !start()) return std::nullopt;
  ++messages_;
  return child_.ask(message);
}

Partner start_v8() {
  // A thread for each processor would only slow others down.
  return {{named("CORDON_NODE", "node"), "--v8-pool-size=1", CORDON_REFERENCE_CHILD},
          reference_settings(),
          "V8 "};
}

Partner start_wasmparser() {
  return {{named("CORDON_WASMPARSER", CORDON_WASMPARSER)}, "", "wasmparser "};
}

}  // namespace cordon::fuzz
