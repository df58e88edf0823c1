// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/code/on_demand.h"

#include <algorithm>
#include <span>
#include <string>

#include "core/base/check.h"
#include "core/jit/code/diagnostics.h"
#include "core/wasm/decode_op.h"

namespace cordon::jit {

namespace {

// A visitor that collects the bodies that are called directly.
class CalleeReader {
 public:
  CalleeReader(const wasm::Module& module, std::vector<uint32_t>& callees)
      : module_(module), callees_(callees) {}

#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm& operands) { see(wasm::Op::ident, operands); }
#include "core/wasm/opcodes.def"

 private:
  template <class Operands>
  void see(wasm::Op op, const Operands& operands) {
    if constexpr (std::is_same_v<Operands, wasm::immediate::Func>) {
      const uint32_t func = operands.func.value;
      const bool calls = op == wasm::Op::call || op == wasm::Op::return_call;
      if (calls && func >= module_.imported_funcs)
        callees_.push_back(func - module_.imported_funcs);
    }
  }

  const wasm::Module& module_;
  std::vector<uint32_t>& callees_;
};

}  // namespace

OnDemand::OnDemand(const wasm::ValidatedModule& module, Tier tier, const CompileOptions& options)
    : module_(module),
      has_(module.funcs().size()),
      plan_(module.module()),
      options_{options.target, options.fuel, false, module.tail_window(), &has_, true},
      linker_(
          module.module(),
          {.fuel = options.fuel, .cpu_features = options.target.cpu_features, .as_needed = true},
          true, nullptr),
      compiler_(tier(module.module(), plan_, options_)),
      chunk_(std::make_unique<Chunk>()) {
  CHECK(options.lines == nullptr);
}

Result<ByteSpan> OnDemand::compile(uint32_t body, uint64_t budget) {
  CHECK(body < has_.size());
  gather(body, budget);
  if (gathered_.empty()) return ByteSpan();
  Result<void> compiled = compile_gathered();
  Result<ByteSpan> piece =
      compiled ? linker_.piece({&chunk_, 1}) : Result<ByteSpan>(Failure(compiled.error()));
  if (!piece) {
    for (const uint32_t each : gathered_) has_[each] = false;
  }
  return piece;
}

// Leaves in gathered_ the bodies to be compiled, in the order of the module.
void OnDemand::gather(uint32_t body, uint64_t budget) {
  gathered_.clear();
  uint64_t size = 0;
  const auto add = [&](uint32_t each) {
    if (has_[each]) return;
    has_[each] = true;
    gathered_.push_back(each);
    size += module_.funcs()[each].body().code.size;
  };
  const auto add_callees_of = [&](uint32_t each) {
    if (size >= budget) return;
    read_callees(each);
    for (const uint32_t callee : callees_) {
      if (size < budget) add(callee);
    }
  };
  add(body);
  if (gathered_.empty()) add_callees_of(body);
  for (size_t i = 0; i < gathered_.size(); ++i) add_callees_of(gathered_[i]);
  std::ranges::sort(gathered_);
}

void OnDemand::read_callees(uint32_t body) {
  callees_.clear();
  wasm::ValidatedCursor cursor(module_.module(), module_.funcs()[body]);
  wasm::ValidatedOpReader reader(cursor, module_.module().features);
  CalleeReader callees(module_.module(), callees_);
  while (!cursor.at_end()) reader.next(callees);
}

Result<void> OnDemand::compile_gathered() {
  chunk_->clear();
  compiler_->begin_chunk(*chunk_);
  for (const uint32_t body : gathered_) {
    TRY_VOID(compiler_->compile(module_.funcs()[body]));
    if (chunk_->code.size() + chunk_->rodata.bytes().size() > abi::kMaxCodeSpace) {  // [L1]
      return fail(diag::module_code_too_large, kNoOffset, std::to_string(abi::kMaxCodeSpace));
    }
  }
  return {};
}

}  // namespace cordon::jit
