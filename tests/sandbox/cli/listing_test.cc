// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Listings against the blob itself: its trap sites and call sites know on their own which
// instruction they belong to.
#include "sandbox/cli/listing.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/jit/baseline/baseline.h"
#include "core/wasm/print.h"
#include "tests/kit/module_builder.h"

namespace cordon::cli {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using enum wasm::Op;
using wasm::ExternKind;
using wasm::ValType;

constexpr ValType kI = ValType::i32;

// Function 0 is imported, 1 sums memory in a loop and calls, 2 is dead code, traps and a table.
std::vector<uint8_t> sample() {
  ModuleBuilder module;
  const uint32_t type = module.type({{kI}, {kI}});
  module.import_func("env", "log", {{kI}, {}});
  module.memory({1, 1});
  module.table({ValType::funcref, {2, 2}});
  module.func({{kI}, {kI}},
              WasmBytes()
                  .block(loop)
                  .local_get(1)
                  .local_get(0)
                  .op(i32_load)
                  .u32(2)
                  .u32(0)
                  .op(i32_add)
                  .local_set(1)
                  .local_get(0)
                  .i32_const(64)
                  .op(i32_lt_u)
                  .br_if(0)
                  .end()
                  .local_get(1)
                  .call(0)
                  .local_get(1)
                  .call(2),
              {{1, kI}});
  module.func({{kI}, {kI}}, WasmBytes()
                                .local_get(0)
                                .local_get(0)
                                .local_get(0)
                                .op(i32_div_s)
                                .op(call_indirect)
                                .u32(type)
                                .u32(0)
                                .op(return_)
                                .f64_const(3.25)
                                .op(drop)
                                .i32_const(4));
  module.elem(0, {1, 2});
  module.func_name(1, "sum\nfunc 7");
  module.export_("turn", ExternKind::Func, 2);
  return module.build();
}

std::unique_ptr<const wasm::ValidatedModule> validated(const std::vector<uint8_t>& bytes) {
  wasm::Module module = wasm::decode_module(bytes).value();
  return wasm::validate_module_with_uses(std::move(module)).value();
}

class ListingTest : public ::testing::TestWithParam<bool> {
 protected:
  const std::vector<uint8_t> bytes_ = sample();
  const std::unique_ptr<const wasm::ValidatedModule> module_ = validated(bytes_);
  const Lister lister_ = Lister::create(*module_, GetParam()).value();
};

TEST_P(ListingTest, HasEachByteOfTheCodeOnceAndInOrder) {
  for (size_t i = 0; i < module_->funcs().size(); ++i) {
    const FuncListing func = lister_.list(i);
    uint32_t at = func.offset;
    for (const ListingRow& row : func.rows) {
      for (const CodeLine& line : row.code) {
        EXPECT_EQ(line.offset, at);
        EXPECT_NE(line.text, "(no instruction)");
        at += static_cast<uint32_t>(line.bytes.size() / 2);
      }
    }
    EXPECT_EQ(at, func.offset + func.size);
  }
}

TEST_P(ListingTest, HasEachInstructionOfTheBodyOnceAndInOrder) {
  for (size_t i = 0; i < module_->funcs().size(); ++i) {
    const FuncListing func = lister_.list(i);
    wasm::InstructionPrinter printer(module_->module(), module_->funcs()[i].body().code);
    for (const ListingRow& row : func.rows) {
      if (row.text.empty()) continue;  // the prologue, or code that belongs further up
      ASSERT_TRUE(printer.next());
      EXPECT_EQ(row.wasm_offset, printer.offset());
      EXPECT_EQ(row.text, printer.text());
    }
    EXPECT_FALSE(printer.next());
  }
}

TEST_P(ListingTest, PutsSitesBesideTheInstructionThatTheBlobSays) {
  const jit::CompileOptions options{.target = abi::detect_target(), .fuel = GetParam()};
  const std::vector<uint8_t> encoded = jit::compile(*module_, jit::baseline_tier, options).value();
  const abi::CodeBlob blob = abi::decode_blob(encoded).value();
  const auto owner_of = [&](uint32_t offset) -> uint32_t {
    for (size_t i = 0; i < blob.funcs.size(); ++i) {
      for (const ListingRow& row : lister_.list(i).rows) {
        for (const CodeLine& line : row.code) {
          if (offset >= line.offset && offset < line.offset + line.bytes.size() / 2) {
            return row.wasm_offset.value_or(0);
          }
        }
      }
    }
    return 0;
  };
  ASSERT_GE(blob.trap_sites.size(), 7u);
  for (const abi::TrapSite& site : blob.trap_sites) {
    EXPECT_EQ(owner_of(site.offset), site.wasm_offset) << trap_name(site.trap);
  }
  ASSERT_GE(blob.call_sites.size(), 3u);
  for (const abi::CallSite& site : blob.call_sites) {
    EXPECT_EQ(owner_of(site.return_offset - 1), site.wasm_offset);
  }
}

TEST_P(ListingTest, LinesAddNothingToTheCode) {
  const std::vector<uint8_t> bytes = sample();
  std::vector<jit::Line> lines;
  jit::CompileOptions options{.target = abi::detect_target(), .fuel = GetParam()};
  const std::vector<uint8_t> without = jit::compile(*module_, jit::baseline_tier, options).value();
  options.lines = &lines;
  EXPECT_EQ(jit::compile(*module_, jit::baseline_tier, options).value(), without);
  EXPECT_TRUE(std::ranges::is_sorted(lines, {}, &jit::Line::offset));
  EXPECT_FALSE(lines.empty());
}

TEST_P(ListingTest, SaysWhatCodeReadsAndCalls) {
  std::vector<std::string> notes;
  for (size_t i = 0; i < module_->funcs().size(); ++i) {
    for (const ListingRow& row : lister_.list(i).rows) {
      for (const CodeLine& line : row.code) notes.push_back(line.note);
    }
  }
  for (const char* note : {"stack_limit", "call_import", "call_foreign", "func 2 turn", "table 0",
                           "out_of_bounds_memory_access", "integer_divide_by_zero"}) {
    EXPECT_NE(std::ranges::find(notes, note), notes.end()) << note;
  }
  EXPECT_EQ(std::ranges::find(notes, "fuel") != notes.end(), GetParam());
  EXPECT_EQ(std::ranges::find(notes, "no function"), notes.end());
  EXPECT_EQ(std::ranges::find(notes, "outside of the context"), notes.end());
}

// A name must not look like the head of another function.
TEST_P(ListingTest, NamesStayOnOneLine) {
  EXPECT_EQ(lister_.list(0).name, "sum\\x0afunc 7");
  EXPECT_EQ(lister_.list(1).name, "turn");
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutFuel, ListingTest, ::testing::Bool());

}  // namespace
}  // namespace cordon::cli
