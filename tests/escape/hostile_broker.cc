// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A path broker gone bad: in its own jail it makes one system call (hostile_broker.h), and tells
// the supervisor if that returned.
#include "tests/escape/hostile_broker.h"

#include "sandbox/worker/enter.h"
#include "tests/escape/attack.h"

namespace {

cordon::policy::Worker policy_for(cordon::protocol::Engine) {
  return cordon::policy::Worker::Paths;
}

}  // namespace

int main() {
  using namespace cordon;
  worker::Entered entered = worker::enter(policy_for);
  const escape::Order order = escape::order_of(entered.settings.max_files);
  if (order.in_guest_phase) worker::close_the_jail(entered.policy);
  std::string text = escape::attempt_syscall(escape::kForms[order.form], order.number);
  (void)entered.channel.send(protocol::PathsEnded{std::move(text), true});
  // The supervisor takes the filter's listener only now, from a process that is there.
  for (;;) asm volatile("");
}
