// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Module: a decoded module (spec §2.5), made by decode_module alone. Decoding has checked the
// binary format of all but the instructions in bodies and constant expressions, and every limit of
// limits.h; nothing is validated yet. Ranges point into the module's bytes, which must outlive it
// unchanged.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/wasm/cursor.h"
#include "core/wasm/features.h"
#include "core/wasm/types.h"

namespace cordon::wasm {

// A constant expression (spec §3.3.10), its final `end` included.
struct ConstExpr {
  ByteRange range;
};

// An import (spec §2.5.11). Names are UTF-8, point into the module's bytes, and are
// untrusted.
struct Import {
  std::string_view module, name;
  ExternKind kind;
  uint32_t index;  // in the index space of its kind
};

// An export (spec §2.5.10). `index` is in the index space of its kind, and may be out of range
// until validation.
struct Export {
  std::string_view name;
  ExternKind kind;
  uint32_t index;
  uint32_t offset_in_module = 0;  // where it starts, for messages; the same below
};

// A global (spec §2.5.6), imported or defined.
struct Global {
  GlobalType type;
  ConstExpr init;  // empty for an import
};

// When a segment is used (spec §2.5.7): at instantiation, by an instruction, or never, if it only
// declares functions that ref.func may name. Data segments are never Declarative.
enum class SegmentMode : uint8_t { Active, Passive, Declarative };

// An element segment (spec §2.5.7).
struct ElemSegment {
  SegmentMode mode = SegmentMode::Passive;
  ValType type = ValType::funcref;
  TableIdx table;
  ConstExpr offset;               // active only
  std::vector<FuncIdx> funcs;     // where the segment lists function indices,
  std::vector<ConstExpr> exprs;   // or where it lists expressions; one of the two is empty
  uint32_t offset_in_module = 0;  // where the segment starts, for messages
  // Number of elements.
  uint32_t size() const { return static_cast<uint32_t>(funcs.size() + exprs.size()); }
};

// A data segment (spec §2.5.8). `init` is the range of its bytes.
struct DataSegment {
  SegmentMode mode = SegmentMode::Passive;
  MemoryIdx memory;
  ConstExpr offset;  // active only
  ByteRange init;
  uint32_t offset_in_module = 0;
};

// `count` locals of one type, as declared.
struct LocalRun {
  uint32_t count;
  ValType type;
};

// One entry of the code section.
struct FuncBody {
  ByteRange code;      // the instructions, final `end` included
  uint32_t first_run;  // in Module::local_runs
  uint32_t run_count;
  uint32_t declared_locals;  // sum of the runs; parameters come before them
};

// A section other than a custom one, as encoded.
struct SectionInfo {
  uint8_t id;       // see sections.def
  ByteRange range;  // contents
};

// A custom section (spec §5.5.3). Its contents are not interpreted here.
struct CustomSection {
  std::string_view name;
  ByteRange range;  // after the name
};

// Owns its vectors and no bytes of the module. Indices in it are checked by validation, not here.
class Module {
 public:
  ByteSpan bytes() const { return bytes_; }
  // The bytes of a range of this module's own. REQUIRES: decoding of this module made the range; no
  // bounds are checked.
  ByteSpan bytes(ByteRange range) const { return bytes_.subspan(range.offset, range.size); }

  // Index spaces: imports first (spec §2.5.1).
  std::vector<FuncType> types;
  std::vector<TypeIdx> funcs;  // type of each function; may be out of range of `types`
  std::vector<TableType> tables;
  std::vector<MemoryType> memories;
  std::vector<TypeIdx> tags;  // the type of each tag (spec of 3.0 §2.5.5), as of functions
  std::vector<Global> globals;
  uint32_t imported_funcs = 0, imported_tables = 0, imported_memories = 0, imported_globals = 0,
           imported_tags = 0;

  std::vector<Import> imports;
  std::vector<Export> exports;
  std::optional<FuncIdx> start;
  std::vector<ElemSegment> elems;
  std::optional<uint32_t> data_count;
  std::vector<DataSegment> datas;
  std::vector<FuncBody> bodies;  // body i belongs to function imported_funcs + i
  std::vector<LocalRun> local_runs;
  std::vector<SectionInfo> sections;  // in their order
  std::vector<CustomSection> customs;
  ByteRange code_section;  // its contents, empty if there is none
  // Offsets, for messages, of the declaration of each function, table, memory and tag (of an
  // import: its start), and of the start section's index.
  std::vector<uint32_t> func_offsets, table_offsets, memory_offsets, tag_offsets;
  uint32_t start_offset = 0;
  Features features = Features::all();

  // Whether compiled code accesses this global through the runtime: an imported mutable one lives
  // in another instance's cell, and a reference in a cell has the runtime's representation ([R1]).
  bool is_left_to_runtime(GlobalIdx global) const {
    const GlobalType& type = globals[global.value].type;
    return is_ref(type.value) || (type.is_mutable && global.value < imported_globals);
  }
  std::span<const LocalRun> runs_of(const FuncBody& body) const {
    return {local_runs.data() + body.first_run, body.run_count};
  }

 private:
  friend class ModuleDecoder;
  explicit Module(ByteSpan bytes) : bytes_(bytes) {}
  ByteSpan bytes_;
};

// Decodes `bytes` (spec §5.5), or gives the first error in their order, with its offset.
Result<Module> decode_module(ByteSpan bytes, Features features = Features::all());

}  // namespace cordon::wasm
