// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every limit on what a module may declare ([L1]). Most are those of the JavaScript embedding
// (WebAssembly JS API, "Limits"), so that Cordon takes what browsers take; the others have reasons.
#pragma once

#include <cstdint>

namespace cordon::wasm {

inline constexpr uint64_t kMaxModuleSize = uint64_t{1} << 30;
inline constexpr uint32_t kAnyCount = ~uint32_t{0};  // bounded by the file's size

inline constexpr uint32_t kMaxTypes = 1'000'000;
inline constexpr uint32_t kMaxFuncs = 1'000'000;
inline constexpr uint32_t kMaxImports = 1'000'000;
inline constexpr uint32_t kMaxExports = 1'000'000;
inline constexpr uint32_t kMaxGlobals = 1'000'000;
inline constexpr uint32_t kMaxTags = 1'000'000;
inline constexpr uint32_t kMaxTables = 100'000;
inline constexpr uint32_t kMaxMemories = 1;  // WebAssembly 2.0
inline constexpr uint32_t kMaxDataSegments = 100'000;
inline constexpr uint32_t kMaxElemSegments = 100'000;
inline constexpr uint32_t kMaxElemsPerSegment = 10'000'000;
inline constexpr uint32_t kMaxCustomSections = 1'000'000;  // browsers have no limit of their own
inline constexpr uint32_t kMaxNameSize = 100'000;  // bytes of UTF-8, each import and export name

inline constexpr uint32_t kMaxFuncSize = 7'654'321;  // bytes of one body
inline constexpr uint32_t kMaxParams = 1000;
inline constexpr uint32_t kMaxResults = 1000;
inline constexpr uint32_t kMaxLocals = 50'000;  // parameters included
inline constexpr uint32_t kMaxBrTableSize = 65'520;
inline constexpr uint32_t kMaxCatches = 65'520;        // of one try_table
inline constexpr uint32_t kMaxConstExprSize = 65'536;  // bytes; browsers have none of their own
// Nested blocks and operands on the stack of one function. Browsers have no such limits; compilers'
// output stays far below (a switch of 5 000 cases nests 5 000 blocks), and they bound the memory of
// validation.
inline constexpr uint32_t kMaxNesting = 20'000;
inline constexpr uint32_t kMaxOperands = 100'000;
// Entries of the side table (16 bytes each) of all functions together. A byte of code makes at most
// one; compilers' output one in thirty.
inline constexpr uint32_t kMaxSideEntries = uint32_t{1} << 24;

inline constexpr uint32_t kMaxMemoryPages = 65'536;  // 4 GiB (spec §3.2.1)
inline constexpr uint32_t kMaxTableElements =
    10'000'000;  // at run time, unless the embedder sets a lower one

}  // namespace cordon::wasm
