// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code blobs as text, for the files in bad/ and good/. One directive a line, "#" begins a comment:
//
//     expect heap_index            the rule that must refuse it, or "accept"
//     module plain                 or no_memory, imported_references, vectors; see sample_module()
//     option fuel                  the blob says that it charges fuel
//     option as_needed             ... that it is code made as it is needed
//     series as_needed             such code is expected; omitted bodies have none then
//     machine 2                    ... and that it is code of another machine
//     features 15                  ... and which CPU features it needs
//     place 0 4096                 the piece's first body, and its place in the code space
//     table plain e9 00 ...        a second piece, the table of entries; or with fuel
//     bodies 2                     a number other than the module's
//     body 0 frame 16              the code of the module's body 0; omitted bodies get plain code
//     number 2                     the body that it says it is
//     prologue | epilogue          those of docs/generated-code.md for this frame
//     leader loop rcx rdx          a leader here, with its claims
//     label name                   a name for this place
//     trap unreachable             a trap site here
//     call_site                    a call site here: after a call
//     handler 2                    a handler here, of two slots
//     loop_entry 3                 an entry at a loop here, with three slots of state
//     ud2 name trap                label, trap site and ud2; a body's end gets one for "exhausted"
//     end                          the body ends here; what follows is after it
//     site name+1 trap             a trap site, a call site, a leader, a handler or a loop's entry
//     call_site_at name+1, leader_at name+1 rcx, handler_at name+1 2, loop_entry_at name+1 3:
//     elsewhere wasm_offset 0                of the following sites and entries, instead of the
//     body's first instruction frame_size 24                the table's value, instead of the frame
//     of `body` rodata 00 01                 bytes of read-only data entry name an entry of a jump
//     table at offset 0 49 3b a6 {limit}             bytes; {x}: 4 bytes, a number of the context
//     or a distance
//
// {rel32:name} and {rel8:name} are distances to a label or to body0, body1, ...; {rod:8} to offset
// 8 of the read-only data, {rod:8:1} if one more byte follows. Names of fields: number_of() in
// blob_text.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/verify/verify.h"
#include "core/wasm/validated.h"

namespace cordon::verify {

struct BlobText {
  std::string expect;
  std::shared_ptr<const wasm::ValidatedModule> module;
  std::vector<uint8_t> module_bytes;  // what `module` views
  std::vector<uint8_t> blob;          // encoded
  std::vector<uint8_t> table;         // the same; empty: there is but one piece
  Series series = Series::Whole;      // that is expected
  std::string error;                  // of the text itself
};

BlobText read_blob_text(const std::string& text);

}  // namespace cordon::verify
