// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [L1] Modules that are cut off or changed, at every byte: each is refused with an offset within it
// or is a module that everything else can take; never a crash, never much memory. Everything that
// reads module bytes is run over what decodes.
#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>

#include "core/wasm/limits.h"
#include "core/wasm/names.h"
#include "core/wasm/print.h"
#include "core/wasm/summary.h"
#include "core/wasm/validated.h"
#include "tests/core/wasm/sample_module.h"
#include "tests/kit/allocation_meter.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;

using Bytes = std::vector<uint8_t>;

void expect_good_refusal(const Diagnostic& refused, size_t size) {
  EXPECT_LE(refused.offset, size) << refused.message();
  EXPECT_NE(refused.message().find("at offset 0x"), std::string::npos);
}

// All readers over one module. True if it is valid.
bool read_everything(ByteSpan bytes) {
  auto decoded = decode_module(bytes);
  if (!decoded) {
    expect_good_refusal(decoded.error(), bytes.size());
    return false;
  }
  const Names names(*decoded);
  for (uint32_t i = 0; i < decoded->funcs.size(); ++i) {
    (void)names.function_name({i});
    (void)names.local_name({i}, {0});
  }
  for (const FuncBody& body : decoded->bodies) {
    InstructionPrinter printer(*decoded, body.code);
    while (printer.next()) {
    }
  }
  const ModuleSummary summary = summarize(*decoded);
  EXPECT_FALSE(to_text(summary).empty());
  EXPECT_FALSE(to_json(summary).empty());
  const auto validated = validate_module(std::move(*decoded));
  if (!validated) expect_good_refusal(validated.error(), bytes.size());
  return validated.has_value();
}

TEST(HostileModule, SamplesAreValid) {
  EXPECT_TRUE(read_everything(module_with_every_section()));
  const Bytes large = large_module();
  EXPECT_GT(large.size(), 90U << 10);
  EXPECT_LT(large.size(), 200U << 10);
  EXPECT_TRUE(read_everything(large));
}

// From the whole down, what was cut off poisoned, so that ASan sees a read beyond the end.
TEST(HostileModule, EveryTruncationOfALargeModuleIsRefusedOrStillAModule) {
  const Bytes large = large_module();
  const AllocationMeter meter;
  size_t valid = 0;
  for (size_t size = large.size(); size-- > 0;) {
    ASAN_POISON_MEMORY_REGION(large.data() + size, 1);
    valid += read_everything(ByteSpan(large).first(size));
  }
  ASAN_UNPOISON_MEMORY_REGION(large.data(), large.size());
  // Cut between sections: after the header, the types, the code, the data.
  EXPECT_EQ(valid, 4U);
  EXPECT_LT(meter.peak(), 100 * large.size());
}

// The byte ranges of the sections, ids in front.
std::vector<ByteRange> sections_of(const Bytes& bytes) {
  std::vector<ByteRange> sections;
  Cursor in(bytes);
  in.skip(8);
  while (in.ok() && !in.at_end()) {
    const uint32_t start = in.offset();
    in.u8();
    in.skip(in.u32());
    sections.push_back(in.range_from(start));
  }
  EXPECT_TRUE(in.ok());
  return sections;
}

// A section that ends early, with the matching size: the cut reaches what is inside.
TEST(HostileModule, EverySectionCutAtEveryByteIsRefusedInside) {
  const Bytes bytes = module_with_every_section();
  for (const ByteRange range : sections_of(bytes)) {
    Cursor in(bytes, range);
    const uint8_t id = in.u8();
    in.u32();
    const ByteSpan content = in.take(in.remaining());
    for (size_t size = 0; size < content.size(); ++size) {
      WasmBytes cut;
      cut.raw(ByteSpan(bytes).first(range.offset));
      cut.append(section(id, WasmBytes().raw(content.first(size))));
      cut.raw(ByteSpan(bytes).subspan(range.end()));
      const bool valid = read_everything(cut.span());
      // A custom section may be cut after its name.
      if (id != kCustomSection) EXPECT_FALSE(valid) << int{id} << " at " << size;
    }
  }
}

TEST(HostileModule, EverySingleByteChangeOfASmallModuleIsHandled) {
  const Bytes original = module_with_every_section();
  ASSERT_LT(original.size(), 700U);
  const AllocationMeter meter;
  size_t valid = 0;
  for (size_t at = 0; at < original.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      if (value == original[at]) continue;
      Bytes changed = original;
      changed[at] = static_cast<uint8_t>(value);
      valid += read_everything(changed);
    }
  }
  EXPECT_GT(valid, 0U);
  EXPECT_LT(meter.peak(), 16U << 20);
}

TEST(HostileModule, EveryByteTakenOutOrDoubledIsHandled) {
  const Bytes original = module_with_every_section();
  for (size_t at = 0; at < original.size(); ++at) {
    Bytes shorter = original;
    shorter.erase(shorter.begin() + static_cast<ptrdiff_t>(at));
    read_everything(shorter);
    Bytes longer = original;
    longer.insert(longer.begin() + static_cast<ptrdiff_t>(at), original[at]);
    read_everything(longer);
  }
}

Result<std::unique_ptr<const ValidatedModule>> validate(const Bytes& bytes) {
  return validate_module(TRY(decode_module(bytes)));
}

Bytes nested_blocks(uint32_t depth, Op op) {
  WasmBytes code;
  code.repeat(depth, WasmBytes().block(op)).repeat(depth, WasmBytes().end());
  ModuleBuilder module;
  module.func({}, code);
  return module.build();
}

TEST(HostileModule, NestedBlocksEndAtTheirLimit) {
  for (const Op op : {Op::block, Op::loop}) {
    EXPECT_TRUE(validate(nested_blocks(kMaxNesting - 1, op)));
    const Bytes bytes = nested_blocks(50'000, op);
    const AllocationMeter meter;
    const auto refused = validate(bytes);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind->klass, DiagnosticClass::Limit);
    EXPECT_NE(refused.error().message().find(std::to_string(kMaxNesting)), std::string::npos)
        << refused.error().message();
    expect_good_refusal(refused.error(), bytes.size());
    EXPECT_LT(meter.peak(), 64U << 20);
  }
}

TEST(HostileModule, NestedBlocksOfAConstantExpressionAreOnlyCounted) {
  const uint32_t depth = kMaxConstExprSize / 3 - 10;
  WasmBytes init;
  init.repeat(depth, WasmBytes().block(Op::block)).repeat(depth, WasmBytes().end()).i32_const(0);
  ModuleBuilder module;
  module.global({ValType::i32, false}, init);
  const Bytes bytes = module.build();
  EXPECT_TRUE(decode_module(bytes));
  const auto refused = validate(bytes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind->klass, DiagnosticClass::Invalid);
}

TEST(HostileModule, MemoriesEndAtFourGigabytes) {
  const auto with_memory = [](Limits limits) {
    ModuleBuilder module;
    module.memory(limits);
    return module.build();
  };
  EXPECT_TRUE(validate(with_memory({.min = kMaxMemoryPages})));
  EXPECT_TRUE(validate(with_memory({.min = 0, .max = kMaxMemoryPages, .has_max = true})));
  for (const Limits limits :
       {Limits{.min = kMaxMemoryPages + 1},
        Limits{.min = 0, .max = kMaxMemoryPages + 1, .has_max = true}, Limits{.min = UINT32_MAX}}) {
    const Bytes bytes = with_memory(limits);
    const auto refused = validate(bytes);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind->klass, DiagnosticClass::Invalid);
    expect_good_refusal(refused.error(), bytes.size());
  }
}

TEST(HostileModule, FiftyThousandLocalsAreFine) {
  ModuleBuilder module;
  module.func({}, WasmBytes(), {{kMaxLocals, ValType::i64}});
  EXPECT_TRUE(validate(module.build()));
}

}  // namespace
}  // namespace cordon::wasm
