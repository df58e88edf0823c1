// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/tiering.h"

#include <utility>

#include "core/abi/module_plan.h"
#include "core/base/check.h"
#include "core/base/monotonic.h"
#include "core/engine/code_options.h"
#include "core/runtime/code/entries.h"
#include "core/runtime/execution.h"

namespace cordon::engine {
namespace {

// The interpreted fuel between two looks for pieces, while some are to come: about 100 us, which
// makes of a look that enters the kernel less than 1 %.
constexpr uint64_t kPollEvery = 100'000;

}  // namespace

Tiering::Tiering(std::shared_ptr<const wasm::ValidatedModule> module, bool fuel,
                 std::unique_ptr<CodeFeed> feed, std::shared_ptr<runtime::CodeSpace> code,
                 const Thresholds& thresholds)
    : module_(std::move(module)),
      fuel_(fuel),
      feed_(std::move(feed)),
      code_(std::move(code)),
      verification_(*module_, verify::Series::AsNeeded),
      hot_(*module_, thresholds),
      is_asked_(module_->funcs().size()),
      poll_every_(thresholds.fuel ? 0 : kPollEvery) {}

Result<std::shared_ptr<Tiering>> Tiering::create(
    std::shared_ptr<const wasm::ValidatedModule> module, bool fuel, std::unique_ptr<CodeFeed> feed,
    const Thresholds& thresholds) {
  auto code = TRY(runtime::CodeSpace::create(module, abi::room_for_needed(module->module())));
  return std::shared_ptr<Tiering>(
      new Tiering(std::move(module), fuel, std::move(feed), std::move(code), thresholds));
}

Result<void> Tiering::attach(const std::shared_ptr<Tiering>& self, runtime::Instance& instance,
                             size_t stack_bytes) {
  CHECK(self->instance_ == nullptr);
  self->instance_ = &instance;
  // A function that an interpreted one hands over to by a tail call is entered below the frame of
  // native code that called that one, which takes a window and a return address more than is
  // counted: less than that frame.
  TRY_VOID(runtime::attach_code(instance, self->code_, 2 * stack_bytes));
  instance.on_slice = self;
  self->ask_for_hot();
  return self->take_pieces();
}

Trap Tiering::slice_ended(runtime::Execution& execution, runtime::Func& func, uint32_t,
                          uint64_t fuel) {
  if (stats_.ended) return Trap::none;
  const size_t imported = module_->module().imported_funcs;
  CHECK(func.instance == instance_ && func.index >= imported);
  hot_.note(static_cast<uint32_t>(func.index - imported), fuel);
  ask_for_hot();
  since_poll_ += fuel;
  if (!is_waiting() || since_poll_ < poll_every_) return Trap::none;
  since_poll_ = 0;
  Result<void> taken = take_pieces();
  if (taken) return Trap::none;
  execution.refused = std::move(taken).error();
  return Trap::host_exit;
}

void Tiering::ask_for_hot() {
  for (const uint32_t body : hot_.take_hot()) {
    is_asked_[body] = true;
    ++waiting_for_;
    ++stats_.asked;
    if (stats_.first_asked_ns == 0) stats_.first_asked_ns = monotonic_ns();
    feed_->ask(body);
  }
}

// All that have arrived.
Result<void> Tiering::take_pieces() {
  while (is_waiting()) {
    Result<std::optional<SealedFile>> piece = feed_->poll();
    if (!piece) {
      end_feed(piece.error());
      break;
    }
    if (!*piece) break;
    const uint64_t start = monotonic_ns();
    Result<void> taken = take(**piece);
    stats_.verify_ns += monotonic_ns() - start;
    if (taken) continue;
    end_feed(taken.error());
    if (taken.error().kind->klass != DiagnosticClass::Os) return taken;  // [V1]
  }
  return {};
}

// [W3] [W1]
Result<void> Tiering::take(const SealedFile& piece) {
  verify::VerifiedCode verified = TRY(verification_.add(piece.bytes()));
  TRY_VOID(check_code_options(verified.blob().options, fuel_));
  std::vector<uint32_t> bodies;
  for (const abi::BlobFunc& func : verified.blob().funcs) {
    bodies.push_back(func.body);
    stats_.code_bytes += func.size;
    stats_.wasm_bytes += module_->funcs()[func.body].body().code.size;
  }
  TRY_VOID(code_->publish(std::move(verified), piece));
  runtime::take_code(*instance_);
  for (const uint32_t body : bodies) {
    if (is_asked_[body]) --waiting_for_;
    hot_.forget(body);
  }
  ++stats_.pieces;
  stats_.functions += static_cast<uint32_t>(bodies.size());
  if (stats_.first_native_ns == 0) stats_.first_native_ns = monotonic_ns();
  return {};
}

void Tiering::end_feed(const Diagnostic& why) {
  stats_.ended = true;
  stats_.why_ended = why.message();
}

}  // namespace cordon::engine
