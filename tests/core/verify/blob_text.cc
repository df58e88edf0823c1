// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/verify/blob_text.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "core/abi/code_blob.h"
#include "core/abi/module_plan.h"
#include "tests/kit/module_builder.h"

namespace cordon::verify {
namespace {

using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::Op;
using wasm::ValType;

// Functions: 0 and 1 imported, then bodies 0 (i32) -> i32, 1 () -> (), 2 (8 x i32) -> (i32, i32).
// Types: 0 () -> (), 1 (i32) -> i32, 2 that of body 2, 3 () -> (i64, i64, i64).
// Globals: 0 imported mutable i32, 1 imported i64, 2 mutable i64, 3 i32, 4 mutable i32, 5 mutable
// f64, 6 mutable funcref, 7 funcref, 8 mutable externref; where references are imported, 2 is a
// mutable funcref and 3 an externref, and the others follow. Tables: 0 and 2 of funcref, 1 and 3 of
// externref. "tail" has body 3 () -> (i32, i32) besides, which is a tail call of body 2; "narrow"
// has the same without one. Element segments: 0 and 1 of funcref, 2 of externref. One data segment,
// or none. One tag, of two numbers.
std::vector<uint8_t> sample_module(const std::string& kind) {
  const bool has_memory = kind != "no_memory";
  const wasm::FuncType none{{}, {}}, unary{{ValType::i32}, {ValType::i32}};
  const wasm::FuncType wide{std::vector<ValType>(8, ValType::i32), {ValType::i32, ValType::i32}};
  const wasm::FuncType results{{}, std::vector<ValType>(3, ValType::i64)};
  ModuleBuilder module;
  for (const auto& type : {none, unary, wide, results}) module.type(type);
  module.import_func("h", "unary", unary);
  module.import_func("h", "results", results);
  module.import_global("h", "counter", {ValType::i32, true});
  module.import_global("h", "constant", {ValType::i64, false});
  if (kind == "imported_references") {
    module.import_global("h", "function", {ValType::funcref, true});
    module.import_global("h", "extern", {ValType::externref, false});
  }
  const bool has_vectors = kind == "vectors";
  if (has_vectors) {
    module.import_func("h", "vectors", {{ValType::v128, ValType::v128}, {}});
    module.import_global("h", "vector", {ValType::v128, true});
  }
  module.func(unary, WasmBytes().local_get(0));
  module.func(none, WasmBytes());
  module.func(wide, WasmBytes().local_get(0).local_get(1));
  if (kind == "tail" || kind == "narrow") {
    WasmBytes code;
    for (int32_t i = 0; i < 8; ++i) code.i32_const(i);
    if (kind == "tail") code.op(Op::return_call).u32(4);
    for (int32_t i = 0; i < 6 && kind == "narrow"; ++i) code.op(Op::drop);
    module.func({{}, {ValType::i32, ValType::i32}}, code);
  }
  module.table({ValType::funcref, {4, 4, true}});
  module.table({ValType::externref, {1, 1, true}});
  module.table({ValType::funcref, {2, 2, true}});
  module.table({ValType::externref, {3, 3, true}});
  module.tag({{ValType::i32, ValType::i64}, {}});
  if (has_memory) module.memory({1, 1, true});
  module.global({ValType::i64, true}, WasmBytes().op(Op::i64_const).s64(0));
  module.global({ValType::i32, false}, WasmBytes().i32_const(0));
  module.global({ValType::i32, true}, WasmBytes().i32_const(0));
  module.global({ValType::f64, true}, WasmBytes().op(Op::f64_const).f64(0));
  constexpr uint8_t kFuncref = 0x70, kExternref = 0x6F;
  const WasmBytes no_function = WasmBytes().op(Op::ref_null).append({kFuncref});
  module.global({ValType::funcref, true}, no_function);
  module.global({ValType::funcref, false}, no_function);
  module.global({ValType::externref, true}, WasmBytes().op(Op::ref_null).append({kExternref}));
  if (has_vectors) module.global({ValType::v128, true}, WasmBytes().v128_const({}));
  module.elem(0, {2});
  for (const uint8_t type : {kFuncref, kExternref}) module.raw_elem(WasmBytes{5, type, 0});
  if (has_memory) module.passive_data("abcd");
  return module.build();
}

constexpr const char* kRegisters[] = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8",
    "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "r16"};  // the last one does not exist

std::optional<uint32_t> number_of(const wasm::Module& module, const std::string& name) {
  const abi::ModulePlan plan(module);
  const size_t dot = name.find('.');
  const std::string kind = name.substr(0, dot);
  const std::string rest = dot == std::string::npos ? "" : name.substr(dot + 1);
  if (name == "limit") return offsetof(abi::VmContext, stack_limit);
  if (name == "fuel") return offsetof(abi::VmContext, fuel);
  if (name == "pages") return offsetof(abi::VmContext, memory_pages);
  if (name == "context_size") return plan.size();
  if (name == "table_size") return offsetof(abi::TableView, size);
  if (name == "func_type") return offsetof(abi::FuncView, type_id);
  if (name == "func_context") return offsetof(abi::FuncView, context);
  if (kind == "global") return plan.global(static_cast<uint32_t>(std::stoul(rest)));
  if (kind == "table") return plan.table(static_cast<uint32_t>(std::stoul(rest)));
  if (kind == "type") return plan.type_id(static_cast<uint32_t>(std::stoul(rest)));
  for (const abi::FieldRow& field : abi::kVmFields) {
    if (kind == "field" && field.name == rest) return field.offset;
  }
  for (size_t i = 0; i < abi::kBuiltins.size(); ++i) {
    if (kind == "builtin" && abi::kBuiltins[i].name == rest) {
      return offset_of(static_cast<abi::Builtin>(i));
    }
  }
  return std::nullopt;
}

std::optional<Trap> trap_of(const std::string& name) {
  for (unsigned i = 0; i <= static_cast<unsigned>(Trap::host_failure); ++i) {
    if (trap_name(static_cast<Trap>(i)) == name) return static_cast<Trap>(i);
  }
  return std::nullopt;
}

class Reader {
 public:
  BlobText read(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    unsigned number = 0;
    while (out_.error.empty() && std::getline(lines, line)) {
      ++number;
      line = line.substr(0, line.find('#'));
      std::istringstream words(line);
      words_.assign(std::istream_iterator<std::string>(words), {});
      if (!words_.empty()) directive();
      if (!out_.error.empty()) out_.error = std::to_string(number) + ": " + out_.error;
    }
    if (out_.error.empty()) finish();
    return std::move(out_);
  }

 private:
  struct Patch {
    size_t at;
    unsigned bytes;
    uint64_t next;
    std::string label;  // empty: read-only data at `rodata`
    uint64_t rodata;
  };
  struct Body {
    std::vector<uint8_t> code, behind;
    std::map<std::string, uint32_t> labels;
    std::vector<abi::Leader> leaders;
    std::vector<abi::TrapSite> traps;
    std::vector<abi::CallSite> calls;
    std::vector<abi::Handler> handlers;
    std::vector<abi::LoopEntry> loop_entries;
    std::vector<Patch> patches;
    uint32_t frame = 0, frame_size = 0, number = 0;
    bool ended = false;
  };
  struct Entry {
    uint32_t body;
    std::string label;
  };

  void fail(const std::string& why) {
    if (out_.error.empty()) out_.error = why;
  }
  const std::string& word(size_t index) {
    static const std::string kEmpty;
    if (index < words_.size()) return words_[index];
    fail("a word is missing");
    return kEmpty;
  }
  uint32_t number(size_t index) {
    return static_cast<uint32_t>(std::strtoll(word(index).c_str(), nullptr, 0));
  }
  uint32_t here() const { return static_cast<uint32_t>(body_->code.size()); }
  void byte(uint64_t value) {
    (body_->ended ? body_->behind : body_->code).push_back(static_cast<uint8_t>(value));
  }
  void u32(uint64_t value) {
    for (unsigned i = 0; i < 4; ++i) byte(value >> (8 * i));
  }
  void bytes(std::initializer_list<int> all) {
    for (int each : all) byte(static_cast<uint8_t>(each));
  }

  void load_module(const std::string& kind) {
    out_.module_bytes = sample_module(kind);
    auto module = wasm::decode_module(out_.module_bytes);
    if (!module) return fail(module.error().message());
    auto validated = wasm::validate_module(std::move(*module));
    if (!validated) return fail(validated.error().message());
    out_.module = std::move(*validated);
    const auto bodies = static_cast<uint32_t>(out_.module->module().bodies.size());
    if (bodies_wanted_ == 0) bodies_wanted_ = bodies;
  }
  const wasm::Module& module() { return out_.module->module(); }

  uint32_t registers(size_t from) {
    uint32_t set = 0;
    for (size_t i = from; i < words_.size(); ++i) {
      const auto found = std::find(std::begin(kRegisters), std::end(kRegisters), words_[i]);
      if (found == std::end(kRegisters)) fail("no register: " + words_[i]);
      set |= uint32_t{1} << (found - std::begin(kRegisters));
    }
    return set;
  }
  uint32_t wasm_offset() {
    return wasm_offset_ ? *wasm_offset_ : module().bodies[index_].code.offset;
  }
  void trap_site(uint32_t at, const std::string& name) {
    const auto trap = trap_of(name);
    if (!trap) return fail("no trap: " + name);
    body_->traps.push_back({at, wasm_offset(), *trap});
  }
  void ud2(const std::string& label, const std::string& trap) {
    body_->labels[label] = here();
    trap_site(here(), trap);
    bytes({0x0F, 0x0B});
  }
  // "name+1"
  uint32_t place(const std::string& text) {
    const size_t plus = text.find('+');
    const auto found = body_->labels.find(text.substr(0, plus));
    if (found == body_->labels.end()) fail("no label: " + text);
    if (!out_.error.empty()) return 0;
    return found->second + (plus == std::string::npos
                                ? 0
                                : static_cast<uint32_t>(std::stoul(text.substr(plus + 1))));
  }

  void close_body() {
    if (body_ == nullptr) return;
    if (!body_->ended && !body_->labels.contains("exhausted")) {
      wasm_offset_.reset();
      ud2("exhausted", "call_stack_exhausted");
    }
  }
  void open_body(uint32_t index, uint32_t frame) {
    close_body();
    if (index >= module().bodies.size()) return fail("no such body");
    index_ = index;
    wasm_offset_.reset();
    body_ = &bodies_.emplace(index, Body{}).first->second;
    body_->frame = body_->frame_size = frame;
    body_->number = index;
  }
  void prologue() {
    const uint32_t frame = body_->frame;
    if (frame > 4096) {
      bytes({0x4C, 0x8D, 0x9C, 0x24});
      u32(uint64_t{0} - frame);
    }
    bytes({frame > 4096 ? 0x4D : 0x49, 0x3B, frame > 4096 ? 0x9E : 0xA6});
    u32(*number_of(module(), "limit"));
    bytes({0x0F, 0x82});
    distance("exhausted", 4);
    if (frame == 0) return;
    bytes({0x48, 0x81, 0xEC});
    u32(frame);
    if (frame > 4096) bytes({0x45, 0x31, 0xDB});
  }
  void epilogue() {
    if (body_->frame != 0) {
      bytes({0x48, 0x81, 0xC4});
      u32(body_->frame);
    }
    byte(0xC3);
  }
  void distance(const std::string& label, unsigned size) {
    body_->patches.push_back({here(), size, here() + size, label, 0});
    for (unsigned i = 0; i < size; ++i) byte(0);
  }
  void placeholder(const std::string& text) {
    std::istringstream parts(text);
    std::string kind, first, second;
    std::getline(parts, kind, ':');
    std::getline(parts, first, ':');
    std::getline(parts, second, ':');
    if (kind == "rel32") return distance(first, 4);
    if (kind == "rel8") return distance(first, 1);
    if (kind == "rod") {
      const unsigned behind = second.empty() ? 0 : static_cast<unsigned>(std::stoul(second));
      body_->patches.push_back(
          {here(), 4, here() + 4 + behind, "", static_cast<uint64_t>(std::stoll(first))});
      return u32(0);
    }
    const auto value = number_of(module(), text);
    if (!value) return fail("no number: " + text);
    u32(*value);
  }
  void code() {
    for (const std::string& token : words_) {
      if (token.front() == '{') {
        placeholder(token.substr(1, token.size() - 2));
      } else if (token.size() == 2 && std::isxdigit(token[0]) && std::isxdigit(token[1])) {
        byte(std::stoul(token, nullptr, 16));
      } else {
        fail("neither directive nor byte: " + token);
      }
    }
  }

  void option(const std::string& name) {
    if (name == "fuel") {
      blob_.options.fuel = true;
    } else if (name == "as_needed") {
      blob_.options.as_needed = true;
    } else {
      fail("no option: " + name);
    }
  }
  void directive() {
    const std::string& what = words_[0];
    if (what == "expect") {
      out_.expect = word(1);
    } else if (what == "module") {
      load_module(word(1));
    } else if (what == "option") {
      option(word(1));
    } else if (what == "series") {
      out_.series = Series::AsNeeded;
    } else if (what == "place") {
      blob_.place = {number(1), number(2)};
    } else if (what == "table") {
      if (out_.module == nullptr) load_module("plain");
      then_table();
    } else if (what == "machine") {
      blob_.options.machine = static_cast<abi::Machine>(number(1));
    } else if (what == "features") {
      blob_.options.cpu_features = number(1);
    } else if (what == "bodies") {
      bodies_wanted_ = number(1);
    } else if (what == "rodata") {
      for (size_t i = 1; i < words_.size(); ++i) {
        rodata_.push_back(static_cast<uint8_t>(std::stoul(words_[i], nullptr, 16)));
      }
    } else if (what == "body") {
      if (out_.module == nullptr) load_module("plain");
      open_body(number(1), words_.size() > 3 ? number(3) : 0);
    } else if (body_ == nullptr) {
      fail("outside of a body");
    } else {
      directive_of_body(what);
    }
  }
  void directive_of_body(const std::string& what) {
    if (what == "prologue") {
      prologue();
    } else if (what == "epilogue") {
      epilogue();
    } else if (what == "leader") {
      body_->labels[word(1)] = here();
      body_->leaders.push_back({here(), registers(2)});
    } else if (what == "leader_at") {
      body_->leaders.push_back({place(word(1)), registers(2)});
    } else if (what == "label") {
      body_->labels[word(1)] = here();
    } else if (what == "trap") {
      trap_site(here(), word(1));
    } else if (what == "site") {
      trap_site(place(word(1)), word(2));
    } else if (what == "call_site") {
      body_->calls.push_back({here(), wasm_offset()});
    } else if (what == "call_site_at") {
      body_->calls.push_back({place(word(1)), wasm_offset()});
    } else if (what == "handler") {
      body_->handlers.push_back({here(), wasm_offset(), 0, number(1)});
    } else if (what == "handler_at") {
      body_->handlers.push_back({place(word(1)), wasm_offset(), 0, number(2)});
    } else if (what == "loop_entry") {
      body_->loop_entries.push_back({here(), wasm_offset(), number(1)});
    } else if (what == "loop_entry_at") {
      body_->loop_entries.push_back({place(word(1)), wasm_offset(), number(2)});
    } else if (what == "ud2") {
      ud2(word(1), word(2));
    } else if (what == "wasm_offset") {
      wasm_offset_ = number(1);
    } else if (what == "frame_size") {
      body_->frame_size = number(1);
    } else if (what == "number") {
      body_->number = number(1);
    } else if (what == "entry") {
      entries_.push_back({index_, word(1)});
    } else if (what == "end") {
      close_body();
      body_->ended = true;
    } else {
      code();
    }
  }

  // Bodies that the text leaves out.
  void plain_body(uint32_t index) {
    open_body(index, 0);
    prologue();
    bytes({0x31, 0xC0});  // xor eax, eax
    epilogue();
  }
  void finish() {
    close_body();
    body_ = nullptr;
    if (out_.module == nullptr) load_module("plain");
    for (uint32_t i = 0; i < bodies_wanted_ && out_.series == Series::Whole; ++i) {
      if (!bodies_.contains(i)) plain_body(i);
    }
    close_body();
    std::vector<uint8_t> code;
    std::map<std::string, uint32_t> starts;
    std::map<uint32_t, uint32_t> start_of;
    for (auto& [index, body] : bodies_) {
      const auto start = static_cast<uint32_t>(code.size());
      starts["body" + std::to_string(index)] = start;
      start_of[index] = start;
      code.insert(code.end(), body.code.begin(), body.code.end());
      if (body.behind.empty()) body.behind = {0xCC};
      code.insert(code.end(), body.behind.begin(), body.behind.end());
      add_tables(body, start);
      add_entries(body, start);
    }
    const uint64_t rodata_at = (code.size() + 4095) / 4096 * 4096;
    for (auto& [index, body] : bodies_) {
      for (const Patch& patch : body.patches)
        apply(patch, body, start_of[index], starts, rodata_at, code);
    }
    add_jump_tables(start_of, rodata_at);
    blob_.code = code;
    blob_.rodata = rodata_;
    out_.blob = abi::encode(blob_);
  }
  void add_tables(Body& body, uint32_t start) {
    const auto by_offset = [](const auto& a, const auto& b) { return a.offset < b.offset; };
    std::sort(body.leaders.begin(), body.leaders.end(), by_offset);
    std::sort(body.traps.begin(), body.traps.end(), by_offset);
    blob_.funcs.push_back(
        {start, static_cast<uint32_t>(body.code.size()), body.frame_size, body.number});
    for (abi::Leader each : body.leaders) {
      blob_.leaders.push_back({start + each.offset, each.u32_registers});
    }
    for (abi::TrapSite each : body.traps) {
      each.offset += start;
      blob_.trap_sites.push_back(each);
    }
    for (abi::CallSite each : body.calls) {
      each.return_offset += start;
      blob_.call_sites.push_back(each);
    }
  }
  void add_entries(const Body& body, uint32_t start) {
    for (const abi::Handler& each : body.handlers) blob_.handlers.push_back(each.moved(start));
    for (const abi::LoopEntry& each : body.loop_entries) {
      blob_.loop_entries.push_back(each.moved(start));
    }
  }
  // A second piece, all of whose code is said in bytes.
  void then_table() {
    abi::CodeBlob table;
    table.options.fuel = word(1) == "fuel";
    table.place.first_body = bodies_wanted_;
    std::vector<uint8_t> code;
    for (size_t i = 2; i < words_.size(); ++i) {
      code.push_back(static_cast<uint8_t>(std::stoul(words_[i], nullptr, 16)));
    }
    table.code = code;
    out_.table = abi::encode(table);
  }
  void apply(const Patch& patch, const Body& body, uint32_t start,
             const std::map<std::string, uint32_t>& starts, uint64_t rodata_at,
             std::vector<uint8_t>& code) {
    uint64_t target;
    if (patch.label.empty()) {
      target = rodata_at + patch.rodata;
    } else if (starts.contains(patch.label)) {
      target = starts.at(patch.label);
    } else if (body.labels.contains(patch.label)) {
      target = start + body.labels.at(patch.label);
    } else {
      return fail("no label: " + patch.label);
    }
    const uint64_t value = target - (start + patch.next);
    for (unsigned i = 0; i < patch.bytes; ++i) {
      code[start + patch.at + i] = static_cast<uint8_t>(value >> (8 * i));
    }
  }
  void add_jump_tables(const std::map<uint32_t, uint32_t>& start_of, uint64_t rodata_at) {
    for (const Entry& entry : entries_) {
      const auto& labels = bodies_.at(entry.body).labels;
      if (!labels.contains(entry.label)) return fail("no label: " + entry.label);
      const uint64_t value = start_of.at(entry.body) + labels.at(entry.label) - rodata_at;
      for (unsigned i = 0; i < 4; ++i) rodata_.push_back(static_cast<uint8_t>(value >> (8 * i)));
    }
  }

  BlobText out_;
  abi::CodeBlob blob_;
  std::vector<std::string> words_;
  std::vector<uint8_t> rodata_;
  std::map<uint32_t, Body> bodies_;
  std::vector<Entry> entries_;
  Body* body_ = nullptr;
  uint32_t index_ = 0, bodies_wanted_ = 0;
  std::optional<uint32_t> wasm_offset_;
};

}  // namespace

BlobText read_blob_text(const std::string& text) { return Reader().read(text); }

}  // namespace cordon::verify
