// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/reference/lines.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "fuzz/oracle/reference/request.h"

namespace cordon::fuzz {
namespace {

using wasm::ExternKind;
using wasm::ValType;

constexpr std::string_view kLimit = "limit";

std::string_view end_of(Trap trap) {
  switch (trap) {
#define OURS(name, text) \
  case Trap::name: return text;
#define THEIRS(message, text)
#include "fuzz/oracle/reference/traps.def"
  }
  return "?";
}

// V8 does not say where an exception was thrown, nor has it a frame for a function that called the
// host in its own place.
bool has_place(Trap trap) {
  return end_of(trap) != kLimit && trap != Trap::uncaught_exception && trap != Trap::host_failure;
}

std::string digits(uint64_t value) {
  char buffer[16];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, 16).ptr};
}

bool is_nan(const SeenValue& value) {
  if (value.type == ValType::f64) return std::isnan(std::bit_cast<double>(value.bits));
  return value.type == ValType::f32 && value.bits >> 32 == 0 &&
         std::isnan(std::bit_cast<float>(static_cast<uint32_t>(value.bits)));
}

class Writer {
 public:
  Writer(const Observation& seen, const wasm::Module& module) : seen_(seen), module_(module) {}

  std::string write() {
    for (const SeenCall& call : seen_.calls) {
      host_calls(call.host_calls);
      const bool first = &call == seen_.calls.data();
      out_ += first ? "instantiation " : "call " + call.name + " ";
      out_ += end_of(call.trap);
      values(call.results);
      if (!first && has_place(call.trap) && !call.frames.empty()) place(call.frames.front());
      out_ += "\n";
      if (first && call.trap != Trap::none) return std::move(out_);
    }
    for (const wasm::Export& item : module_.exports) state(item);
    if (seen_.memories.size() > module_.memories.size()) memory("peer", seen_.memories.back());
    return std::move(out_);
  }

 private:
  void host_calls(size_t up_to) {
    for (; host_calls_ < up_to; ++host_calls_) {
      out_ += "host " + seen_.host_calls[host_calls_].name;
      values(seen_.host_calls[host_calls_].args);
      out_ += "\n";
    }
  }

  void place(const SeenFrame& frame) {
    out_ += " at " + std::to_string(frame.func) + ":" + digits(frame.offset);
  }

  void state(const wasm::Export& item) {
    const std::string name(item.name);
    switch (item.kind) {
      case ExternKind::Func:
      case ExternKind::Tag: return;
      case ExternKind::Memory: return memory(name, seen_.memories[item.index]);
      case ExternKind::Global:
        out_ += "global " + name;
        values({seen_.globals[item.index]});
        break;
      case ExternKind::Table:
        out_ += "table " + name;
        values(seen_.tables[item.index]);
        break;
    }
    out_ += "\n";
  }

  void memory(const std::string& name, const SeenMemory& memory) {
    out_ += "memory " + name + " " + std::to_string(memory.pages) + " pages, hash ";
    out_ += (memory.pages > kMaxHashedPages ? "none" : digits(memory.hash)) + "\n";
  }

  void values(const std::vector<SeenValue>& values) {
    for (const SeenValue& value : values) {
      out_.append(" ").append(wasm::name_of(value.type)).append(":").append(bits(value));
    }
  }

  std::string bits(const SeenValue& value) const {
    if (is_nan(value)) return "nan";
    if (!wasm::is_ref(value.type)) return digits(value.bits);
    if (value.bits == 0) return "null";
    if (value.type == ValType::externref) return digits(value.bits);
    const auto found =
        std::find_if(module_.exports.begin(), module_.exports.end(), [&](const auto& item) {
          return item.kind == ExternKind::Func && item.index == value.bits - 1;
        });
    if (found == module_.exports.end()) return "foreign";
    return std::to_string(found - module_.exports.begin());
  }

  const Observation& seen_;
  const wasm::Module& module_;
  size_t host_calls_ = 0;  // written so far
  std::string out_;
};

// The next line from `at` on that is not of a host function, preceded by those of host functions:
// all of one call.
std::string_view next_step(std::string_view text) {
  size_t begin = 0, end = 0;
  do {
    begin = end;
    end = std::min(text.find('\n', begin), text.size() - 1) + 1;
  } while (text.substr(begin).starts_with("host ") && end != text.size());
  return text.substr(0, end);
}

std::string_view next_line(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string lines_of_difference(std::string_view ours, std::string_view theirs) {
  while (!ours.empty() && !theirs.empty() && next_line(ours) == next_line(theirs)) {
    ours.remove_prefix(std::min(next_line(ours).size() + 1, ours.size()));
    theirs.remove_prefix(std::min(next_line(theirs).size() + 1, theirs.size()));
  }
  return "here [" + std::string(next_line(ours)) + "], there [" + std::string(next_line(theirs)) +
         "]";
}

bool met_limit(std::string_view step) { return step.ends_with(" " + std::string(kLimit) + "\n"); }

}  // namespace

std::string lines_of(const Observation& seen, const wasm::Module& module) {
  return Writer(seen, module).write();
}

std::string without_places(const std::string& lines) {
  std::string out;
  for (std::string_view rest = lines; !rest.empty();) {
    const std::string_view line = next_line(rest);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    out.append(line.starts_with("call ") ? line.substr(0, line.find(" at ")) : line).append("\n");
  }
  return out;
}

std::optional<std::string> lines_differ(const std::string& ours, const std::string& theirs) {
  std::string_view here = ours, there = theirs;
  while (!here.empty() && !there.empty()) {
    const std::string_view a = next_step(here), b = next_step(there);
    if (met_limit(a) || met_limit(b)) return std::nullopt;
    if (a != b) break;
    here.remove_prefix(a.size());
    there.remove_prefix(b.size());
  }
  if (here.empty() && there.empty()) return std::nullopt;
  return lines_of_difference(here, there);
}

}  // namespace cordon::fuzz
