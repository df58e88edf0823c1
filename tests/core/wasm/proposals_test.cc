// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module that uses a proposal that Cordon lacks is refused by the proposal's name, where it uses
// it, with what its author can do; a file that is no module by what it is.
#include "core/wasm/proposals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/wasm/validate_module.h"
#include "tests/kit/module_builder.h"

namespace cordon::wasm {
namespace {

using namespace testing;
using ::testing::StartsWith;

Diagnostic refusal(ByteSpan bytes) {
  auto decoded = decode_module(bytes);
  if (!decoded) return decoded.error();
  auto validated = validate_module(std::move(*decoded));
  if (!validated) return validated.error();
  ADD_FAILURE() << "accepted";
  return {};
}

std::string message(const WasmBytes& bytes) { return refusal(bytes.span()).message(); }

// A module with this one section.
std::string of_section(uint8_t id, const WasmBytes& content) {
  return message(raw_module({section(id, content)}));
}

// A function of this code, from offset 0x17 on.
std::string of_code(const WasmBytes& code) {
  ModuleBuilder module;
  module.func({}, code);
  return refusal(module.build()).message();
}

TEST(Proposals, AreNamedInTypes) {
  EXPECT_EQ(of_section(kTypeSection, {1, 0x5f, 1, 0x7f, 0}),
            "uses garbage collection (a struct type) at offset 0xb, which Cordon does not support; "
            "rebuild with a toolchain that keeps its objects in linear memory");
  EXPECT_THAT(of_section(kTypeSection, {1, 0x4e, 0}), StartsWith("uses garbage collection (rec"));
  EXPECT_THAT(of_section(kTypeSection, {1, 0x5d, 0}), StartsWith("uses stack switching (a cont"));
  EXPECT_THAT(of_section(kTypeSection, {1, 0x60, 1, 0x64, 0x70, 0}),
              StartsWith("uses typed function references (ref types) at offset 0xd, which "
                         "Cordon does not support; rebuild with"));
  EXPECT_THAT(of_section(kTypeSection, {1, 0x60, 1, 0x6e, 0}), StartsWith("uses garbage coll"));
  EXPECT_THAT(of_section(kTypeSection, {1, 0x60, 1, 0x74, 0}),
              StartsWith("uses typed function references (nullexnref)"));
}

TEST(Proposals, AreNamedInDeclarations) {
  EXPECT_EQ(of_section(kMemorySection, {1, 3, 1, 1}),
            "uses threads (shared memory) at offset 0xb, which Cordon does not support; rebuild "
            "without -pthread (Rust: for wasm32-wasip1)");
  EXPECT_THAT(of_section(kMemorySection, {1, 4, 1}), StartsWith("uses memory64 (a memory with"));
  EXPECT_THAT(of_section(kMemorySection, {1, 8, 1, 0}), StartsWith("uses custom page sizes"));
  EXPECT_THAT(of_section(kTableSection, {1, 0x70, 4, 1}), StartsWith("uses memory64 (a table"));
  EXPECT_THAT(of_section(kTableSection, {1, 0x40, 0, 0x70, 0, 1}),
              StartsWith("uses typed function references (a table with an initial value)"));
  for (const auto& [type, start] : {std::pair{0x63, "uses typed function references (ref types)"},
                                    std::pair{0x6e, "uses garbage collection"}}) {
    EXPECT_THAT(of_section(kTableSection, {1, static_cast<uint8_t>(type), 0x70, 0, 1}),
                StartsWith(start));
  }
  EXPECT_THAT(of_section(kImportSection, {1, 1, 'm', 0, 0x7f, 1, 1, 'f', 0, 0}),
              StartsWith("uses compact imports (several imports under one name of a module) at "
                         "offset 0xe, which Cordon does not support; rebuild without them"));
  EXPECT_THAT(of_section(kTableSection, {2, 0x70, 0, 1}), StartsWith("unexpected end"));
  EXPECT_THAT(of_section(kMemorySection, {2, 0, 1, 0, 1}),
              StartsWith("uses multiple memories (a second one) at offset 0xd, which Cordon does "
                         "not support; `wasm-opt "));
}

TEST(Proposals, AreNamedInCode) {
  struct Row {
    WasmBytes code;
    const char* start;
  };
  const Row rows[] = {
      {{0x14, 0}, "uses typed function references (call_ref) at offset 0x17, "},
      {{0xd3}, "uses garbage collection (ref.eq) at offset 0x17, "},
      {{0xe0, 0}, "uses stack switching (instructions on continuations) at offset 0x17, "},
      {{0xfb, 0}, "uses garbage collection (instructions on objects) at offset 0x17, "},
      {{0xfc, 0x13}, "uses wide arithmetic (instructions on 128 bits) at offset 0x17, "},
      {{0xfe, 0x10}, "uses threads (atomic instructions) at offset 0x17, "},
      {{0xd0, 0x00},
       "uses typed function references (a type of the module as a heap type) at offset 0x18, "},
      {{0xd0, 0x80, 0x01},
       "uses typed function references (a type of the module as a heap type) at offset 0x18, "},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(of_code(row.code), StartsWith(row.start));
  }
  EXPECT_NE(of_code({0x41, 0, 0x1a, 0x14, 0}).find(" at offset 0x1a, "), std::string::npos);
}

// Codes beside those of a proposal belong to no proposal.
TEST(Proposals, WhatIsMalformedIsNotExcused) {
  EXPECT_EQ(of_section(kMemorySection, {1, 2, 1}), "malformed limits flags 0x2 at offset 0xb");
  EXPECT_EQ(of_section(kTableSection, {1, 0x70, 8, 1}), "malformed limits flags 0x8 at offset 0xc");
  EXPECT_EQ(of_section(kTableSection, {1, 0x41, 0, 1}),
            "malformed reference type 0x41 at offset 0xb");
  EXPECT_EQ(of_code({0xfd, 0x94, 0x02}), "illegal opcode 0xfd 0x114 at offset 0x17");
  EXPECT_EQ(of_code({0xfc, 0x17}), "illegal opcode 0xfc 0x17 at offset 0x17");
  EXPECT_EQ(of_code({0xfe, 0x80, 0x80, 0x80, 0x80, 0x70}), "integer too large at offset 0x18");
  EXPECT_EQ(of_code({0xff}), "illegal opcode 0xff at offset 0x17");
}

// Branch hints are a custom section, which changes nothing.
TEST(Proposals, BranchHintsAreHarmless) {
  ModuleBuilder module;
  module.func({}, {});
  module.custom("metadata.code.branch_hint", {1, 0, 1, 5, 1, 1});
  const std::vector<uint8_t> bytes = module.build();
  auto decoded = decode_module(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(validate_module(std::move(*decoded)));
}

TEST(Proposals, AComponentIsCalledOne) {
  const WasmBytes component{0, 'a', 's', 'm', 0x0d, 0, 1, 0};
  EXPECT_EQ(message(component),
            "this is a component (version 0x1000d at offset 0x4), which Cordon does not support; "
            "build for wasm32-wasip1, or take its modules out by `wasm-tools component unbundle`");
  EXPECT_EQ(message({0, 'a', 's', 'm', 0x0d, 0, 0, 0}), "unknown binary version 0xd at offset 0x4");
}

std::string of_text(std::string_view text) { return refusal(as_bytes(text)).message(); }

TEST(ForeignFiles, AreCalledWhatTheyAre) {
  EXPECT_EQ(of_text(""), "unexpected end: the module is empty at offset 0x0");
  EXPECT_EQ(of_text("(module)"),
            "magic header not detected at offset 0x0: this is the text format; `wat2wasm` makes a "
            "binary of it");
  EXPECT_NE(of_text("\n  (module $m").find("wat2wasm"), std::string::npos);
  EXPECT_NE(of_text(";; a comment").find("wat2wasm"), std::string::npos);
  EXPECT_NE(of_text("(component)").find("a component"), std::string::npos);
  EXPECT_NE(of_text("\x7f"
                    "ELF\x02")
                .find("a native program"),
            std::string::npos);
  EXPECT_NE(of_text("<!DOCTYPE html>").find("download"), std::string::npos);
  EXPECT_EQ(of_text("asm\0"), "unexpected end at offset 0x3");
  EXPECT_EQ(of_text("   "), "unexpected end at offset 0x3");
  for (const char* text :
       {"what is this", "#include <stdio.h>", "\n\nfn main() {}", "{\"a\": 1}"}) {
    EXPECT_EQ(of_text(text),
              "magic header not detected at offset 0x0: this is no WebAssembly module; a compiler "
              "for wasm32-wasip1 makes one");
  }
  EXPECT_EQ(of_text("\x01\x02\x03\x04"), "magic header not detected at offset 0x0");
  EXPECT_NE(of_text("cdonblb3").find("--precompiled"), std::string::npos);
  EXPECT_NE(of_text("version https://git-lfs.github.com/spec/v1").find("git lfs"),
            std::string::npos);
}

}  // namespace
}  // namespace cordon::wasm
