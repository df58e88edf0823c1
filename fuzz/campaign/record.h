// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a target under `cordon fuzz` records, so that it survives any end: a file that is mapped and
// shared, so that writing to it costs no system call and outlives a SIGKILL.
// fuzz/cordon_fuzz/record.py reads it.
//
// The environment names the files: CORDON_FUZZ_RECORD this one, CORDON_FUZZ_MODULE the one that
// note_module() writes. Without them nothing is written.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"

namespace cordon::fuzz {

// The file, with numbers in the machine's representation. It is followed, at kRecordInput, by
// `input_size` bytes of input.
struct RecordPage {
  char magic[8];        // "CORDREC1"
  uint64_t runs;        // that were started
  uint64_t running;     // 1 while one is
  uint64_t input_size;  // of the latest run; an input longer than the file is cut off
  uint64_t reserved[4];
  struct Tally {
    char name[40];  // ends with a zero; free where it is empty
    uint64_t count;
  } tallies[64];
};
inline constexpr uint64_t kRecordInput = 4096;
inline constexpr uint64_t kMostRecorded = 1 << 20;  // bytes of an input
static_assert(sizeof(RecordPage) <= kRecordInput);

// Counts one `name`, of which 39 characters are kept; at most 64 names are distinguished.
void tally(std::string_view name);

// Records the module that this run is about, for the analysis of a finding. Called before the run.
void note_module(ByteSpan module);

// Called before and after each run, by campaign/record_main.cc.
void begin_run(ByteSpan input);
void end_run();

}  // namespace cordon::fuzz
