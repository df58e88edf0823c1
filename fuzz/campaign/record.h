// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a target under `cordon fuzz` leaves behind whatever ends it: a file that is mapped and
// shared, so that writing to it costs no system call and outlives a SIGKILL.
// fuzz/cordon_fuzz/record.py reads it.
//
// The environment says what: CORDON_FUZZ_RECORD names that file, CORDON_FUZZ_MODULE the one that
// note_module() writes. Without them nothing is written.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"

namespace cordon::fuzz {

// The file, numbers as the machine has them. After it, at kRecordInput, `input_size` bytes of
// input.
struct RecordPage {
  char magic[8];        // "CORDREC1"
  uint64_t runs;        // that were begun
  uint64_t running;     // 1 while one is
  uint64_t input_size;  // of the run that was begun last; what is longer than the file is cut off
  uint64_t reserved[4];
  struct Tally {
    char name[40];  // ends with a zero; free where it is empty
    uint64_t count;
  } tallies[64];
};
inline constexpr uint64_t kRecordInput = 4096;
inline constexpr uint64_t kMostRecorded = 1 << 20;  // bytes of an input
static_assert(sizeof(RecordPage) <= kRecordInput);

// Counts one `name`, of which 39 characters are kept; no more than 64 names are told apart.
void tally(std::string_view name);

// The module that this run is about, for whoever looks at a finding. Called before it is run.
void note_module(ByteSpan module);

// Around each run; campaign/record_main.cc calls them.
void begin_run(ByteSpan input);
void end_run();

}  // namespace cordon::fuzz
