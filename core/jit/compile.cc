// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions are cut into chunks of consecutive ones by their size alone; threads claim chunks, and
// the chunks are put together in their order.
#include "core/jit/compile.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/abi/code_blob.h"
#include "core/abi/module_plan.h"
#include "core/jit/baseline/func_compiler.h"

namespace cordon::jit {

namespace diag {
#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/jit/diagnostics.def"
}  // namespace diag

namespace {

constexpr uint32_t kChunkBytes = 64 * 1024;  // of wasm code
constexpr unsigned kMaxThreads = 64;
// [L1] Code and read-only data of a module. References reach 2^31.
constexpr uint64_t kMaxCode = uint64_t{1} << 30;
constexpr uint32_t kChunkAlignment = 16;
constexpr uint8_t kFill = 0xCC;

constexpr uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

class Compiler {
 public:
  Compiler(const wasm::ValidatedModule& module, const CompileOptions& options)
      : module_(module),
        options_{options.target, options.fuel, options.lines != nullptr},
        lines_(options.lines),
        plan_(module.module()),
        threads_(options.threads) {
    cut();
  }

  Result<std::vector<uint8_t>> run();

 private:
  struct Range {
    uint32_t begin, end;
  };

  void cut();
  static void* thread_main(void* self);
  void work();
  void note_error(uint32_t chunk, Diagnostic error);
  void place(abi::BlobBuilder::Counts& counts);
  Result<std::vector<uint8_t>> join();
  void add(const Chunk& chunk, uint32_t first_leader, abi::BlobBuilder& out);
  void resolve(const Chunk& chunk, abi::BlobBuilder& out);

  const wasm::ValidatedModule& module_;
  const FuncOptions options_;
  std::vector<Line>* const lines_;
  const abi::ModulePlan plan_;
  const unsigned threads_;
  std::vector<Range> ranges_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::atomic<uint32_t> next_ = 0;
  std::atomic<uint64_t> size_ = 0;
  std::mutex mutex_;
  std::atomic<uint32_t> first_bad_{0};
  std::optional<Diagnostic> error_;
  std::vector<uint32_t> entries_;  // of all functions with a body
};

void Compiler::cut() {
  const auto funcs = module_.funcs();
  uint32_t begin = 0;
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < funcs.size(); ++i) {
    bytes += funcs[i].body().code.size;
    if (bytes < kChunkBytes && i + 1 != funcs.size()) continue;
    ranges_.push_back({begin, i + 1});
    begin = i + 1;
    bytes = 0;
  }
  chunks_.resize(ranges_.size());
  first_bad_ = static_cast<uint32_t>(ranges_.size());
}

Result<std::vector<uint8_t>> Compiler::run() {
  const size_t useful = std::min<size_t>({threads_, kMaxThreads, ranges_.size()});
  std::vector<pthread_t> started;
  while (started.size() + 1 < useful) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, thread_main, this) != 0) break;
    started.push_back(thread);
  }
  work();
  for (pthread_t thread : started) pthread_join(thread, nullptr);
  if (error_) return Failure(*std::move(error_));
  return join();
}

void* Compiler::thread_main(void* self) {
  static_cast<Compiler*>(self)->work();
  return nullptr;
}

void Compiler::work() {
  FuncCompiler compiler(module_.module(), plan_, options_);
  for (;;) {
    const uint32_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= first_bad_.load(std::memory_order_relaxed)) return;
    auto chunk = std::make_unique<Chunk>();
    compiler.begin_chunk(*chunk);
    uint64_t size = 0;
    for (uint32_t i = ranges_[index].begin; i < ranges_[index].end; ++i) {
      if (Result<void> done = compiler.compile(module_.funcs()[i]); !done) {
        note_error(index, std::move(done).error());
        return;
      }
      size = chunk->code.size() + chunk->rodata.bytes().size();
      if (size_.load(std::memory_order_relaxed) + size > kMaxCode) break;
    }
    size_.fetch_add(size, std::memory_order_relaxed);
    chunks_[index] = std::move(chunk);
    if (size_.load(std::memory_order_relaxed) > kMaxCode) return;
  }
}

// The first in the order of the module is told, whoever meets it.
void Compiler::note_error(uint32_t chunk, Diagnostic error) {
  const std::lock_guard lock(mutex_);
  if (chunk >= first_bad_.load(std::memory_order_relaxed)) return;
  first_bad_.store(chunk, std::memory_order_relaxed);
  error_ = std::move(error);
}

// Where each chunk's code and read-only data begin, and how much there is of all.
void Compiler::place(abi::BlobBuilder::Counts& counts) {
  uint64_t code = 0, rodata = masm::common_constants().size();
  for (const auto& chunk : chunks_) {
    code = round_up(code, kChunkAlignment);
    rodata = round_up(rodata, kChunkAlignment);
    chunk->code_at = static_cast<uint32_t>(code);
    chunk->rodata_at = static_cast<uint32_t>(rodata);
    code += chunk->code.size();
    rodata += chunk->rodata.bytes().size();
    counts.funcs += static_cast<uint32_t>(chunk->funcs.size());
    counts.leaders += static_cast<uint32_t>(chunk->leaders.size());
    counts.trap_sites += static_cast<uint32_t>(chunk->trap_sites.size());
    counts.call_sites += static_cast<uint32_t>(chunk->call_sites.size());
    for (const abi::BlobFunc& func : chunk->funcs) {
      entries_.push_back(func.offset + chunk->code_at);
    }
  }
  counts.code_size = static_cast<uint32_t>(code);
  counts.rodata_size = static_cast<uint32_t>(rodata);
}

Result<std::vector<uint8_t>> Compiler::join() {
  if (size_ > kMaxCode) {
    return fail(diag::module_code_too_large, kNoOffset, std::to_string(kMaxCode));
  }
  abi::BlobBuilder::Counts counts;
  entries_.reserve(module_.funcs().size());
  place(counts);
  abi::BlobBuilder out({options_.fuel, options_.target.cpu_features}, counts);
  std::ranges::copy(masm::common_constants(), out.rodata().begin());
  uint32_t first_leader = 0;
  uint32_t code_end = 0;
  for (auto& chunk : chunks_) {
    std::ranges::fill(out.code().subspan(code_end, chunk->code_at - code_end), kFill);
    code_end = chunk->code_at + static_cast<uint32_t>(chunk->code.size());
    add(*chunk, first_leader, out);
    resolve(*chunk, out);
    first_leader += static_cast<uint32_t>(chunk->leaders.size());
    chunk.reset();
  }
  return out.take();
}

void Compiler::add(const Chunk& chunk, uint32_t first_leader, abi::BlobBuilder& out) {
  const uint32_t base = chunk.code_at;
  std::ranges::copy(chunk.code, out.code().subspan(base).begin());
  std::ranges::copy(chunk.rodata.bytes(), out.rodata().subspan(chunk.rodata_at).begin());
  for (abi::BlobFunc func : chunk.funcs) {
    func.offset += base;
    func.first_leader += first_leader;
    out.add(func);
  }
  for (const abi::Leader& leader : chunk.leaders) {
    out.add(abi::Leader{leader.offset + base, leader.u32_registers});
  }
  for (const abi::TrapSite& site : chunk.trap_sites) {
    out.add(abi::TrapSite{site.offset + base, site.wasm_offset, site.trap});
  }
  for (const abi::CallSite& site : chunk.call_sites) {
    out.add(abi::CallSite{site.return_offset + base, site.wasm_offset});
  }
  for (const auto& line : chunk.lines) {
    lines_->push_back({line.offset + base, line.wasm_offset});
  }
}

// Distances into other functions and into the read-only data.
void Compiler::resolve(const Chunk& chunk, abi::BlobBuilder& out) {
  const auto store32 = [](MutableByteSpan bytes, uint64_t at, uint64_t value) {
    const auto low = static_cast<uint32_t>(value);
    std::memcpy(bytes.subspan(at, sizeof low).data(), &low, sizeof low);
  };
  const uint64_t rodata = out.rodata_distance();
  for (const Chunk::Reference& reference : chunk.references) {
    const uint64_t offset = reference.target & ~masm::kRefersToCommon;
    uint64_t target = 0;
    switch (reference.target & masm::kRefersToCommon) {
      case masm::kRefersToCommon: target = rodata + offset; break;
      case masm::kRefersToRodata: target = rodata + chunk.rodata_at + offset; break;
      case masm::kRefersToBody: target = chunk.code_at + offset; break;
      default: target = entries_[offset - module_.module().imported_funcs];
    }
    store32(out.code(), uint64_t{chunk.code_at} + reference.field,
            target - (uint64_t{chunk.code_at} + reference.next));
  }
  for (const auto& entry : chunk.table_entries) {
    store32(out.rodata(), uint64_t{chunk.rodata_at} + entry.rodata,
            uint64_t{chunk.code_at} + entry.target - (rodata + chunk.rodata_at + entry.table));
  }
}

}  // namespace

Result<std::vector<uint8_t>> compile(const wasm::ValidatedModule& module,
                                     const CompileOptions& options) {
  return Compiler(module, options).run();
}

}  // namespace cordon::jit
