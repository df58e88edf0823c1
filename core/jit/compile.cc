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

constexpr uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

class Compiler {
 public:
  Compiler(const wasm::ValidatedModule& module, const CompileOptions& options)
      : module_(module),
        options_{options.target, options.fuel},
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
  Result<std::vector<uint8_t>> join();
  void add(const Chunk& chunk, uint64_t code_at, uint64_t rodata_at);
  void resolve(const Chunk& chunk, uint64_t code_at, uint64_t rodata_at, uint64_t rodata_start);

  const wasm::ValidatedModule& module_;
  const FuncOptions options_;
  const abi::ModulePlan plan_;
  const unsigned threads_;
  std::vector<Range> ranges_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::atomic<uint32_t> next_ = 0;
  std::atomic<uint64_t> size_ = 0;
  std::mutex mutex_;
  std::atomic<uint32_t> first_bad_{0};
  std::optional<Diagnostic> error_;

  abi::CodeBlob blob_;
  std::vector<uint8_t> code_, rodata_;
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
  std::unique_ptr<FuncCompiler> compiler;
  Chunk scratch;
  compiler = std::make_unique<FuncCompiler>(module_.module(), plan_, options_, scratch);
  for (;;) {
    const uint32_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= first_bad_.load(std::memory_order_relaxed)) return;
    scratch.clear();
    for (uint32_t i = ranges_[index].begin; i < ranges_[index].end; ++i) {
      if (Result<void> done = compiler->compile(module_.funcs()[i]); !done) {
        note_error(index, std::move(done).error());
        return;
      }
      if (size_.load(std::memory_order_relaxed) + scratch.code.size() > kMaxCode) break;
    }
    size_.fetch_add(scratch.code.size() + scratch.rodata.bytes().size(), std::memory_order_relaxed);
    chunks_[index] = std::make_unique<Chunk>(scratch);
  }
}

// The first in the order of the module is told, whoever meets it.
void Compiler::note_error(uint32_t chunk, Diagnostic error) {
  const std::lock_guard lock(mutex_);
  if (chunk >= first_bad_.load(std::memory_order_relaxed)) return;
  first_bad_.store(chunk, std::memory_order_relaxed);
  error_ = std::move(error);
}

Result<std::vector<uint8_t>> Compiler::join() {
  if (size_ > kMaxCode) {
    return fail(diag::module_code_too_large, kNoOffset, std::to_string(kMaxCode));
  }
  const ByteSpan common = masm::common_constants();
  rodata_.assign(common.begin(), common.end());
  uint64_t code_at = 0, rodata_at = rodata_.size();
  for (const auto& chunk : chunks_) {
    add(*chunk, code_at, rodata_at);
    code_at = round_up(code_.size(), kChunkAlignment);
    code_.resize(code_at, 0xCC);
    rodata_at = round_up(rodata_.size(), kChunkAlignment);
    rodata_.resize(rodata_at);
  }
  const uint64_t rodata_start = round_up(code_.size(), abi::kCodePage);
  code_at = 0;
  rodata_at = common.size();
  for (const auto& chunk : chunks_) {
    resolve(*chunk, code_at, rodata_at, rodata_start);
    code_at = round_up(code_at + chunk->code.size(), kChunkAlignment);
    rodata_at = round_up(rodata_at + chunk->rodata.bytes().size(), kChunkAlignment);
  }
  blob_.options.fuel = options_.fuel;
  blob_.options.cpu_features = options_.target.cpu_features;
  blob_.code = code_;
  blob_.rodata = rodata_;
  return abi::encode(blob_);
}

void Compiler::add(const Chunk& chunk, uint64_t code_at, uint64_t rodata_at) {
  const auto base = static_cast<uint32_t>(code_at);
  const auto first_leader = static_cast<uint32_t>(blob_.leaders.size());
  code_.insert(code_.end(), chunk.code.begin(), chunk.code.end());
  rodata_.insert(rodata_.begin() + static_cast<ptrdiff_t>(rodata_at), chunk.rodata.bytes().begin(),
                 chunk.rodata.bytes().end());
  for (abi::BlobFunc func : chunk.funcs) {
    func.offset += base;
    func.first_leader += first_leader;
    blob_.funcs.push_back(func);
  }
  for (abi::Leader leader : chunk.leaders) {
    leader.offset += base;
    blob_.leaders.push_back(leader);
  }
  for (abi::TrapSite site : chunk.trap_sites) {
    site.offset += base;
    blob_.trap_sites.push_back(site);
  }
  for (abi::CallSite site : chunk.call_sites) {
    site.return_offset += base;
    blob_.call_sites.push_back(site);
  }
}

// Distances into other functions and into the read-only data, which begins `rodata_start` behind
// the code's first byte.
void Compiler::resolve(const Chunk& chunk, uint64_t code_at, uint64_t rodata_at,
                       uint64_t rodata_start) {
  const auto store32 = [](uint8_t* at, uint64_t value) {
    const auto low = static_cast<uint32_t>(value);
    std::memcpy(at, &low, sizeof low);
  };
  for (const Chunk::Reference& reference : chunk.references) {
    const uint64_t offset = reference.target & ~masm::kRefersToCommon;
    uint64_t target = 0;
    switch (reference.target & masm::kRefersToCommon) {
      case masm::kRefersToCommon: target = rodata_start + offset; break;
      case masm::kRefersToRodata: target = rodata_start + rodata_at + offset; break;
      case masm::kRefersToBody: target = code_at + offset; break;
      default: target = blob_.funcs[offset - module_.module().imported_funcs].offset;
    }
    store32(code_.data() + code_at + reference.field, target - (code_at + reference.next));
  }
  for (const auto& entry : chunk.table_entries) {
    const uint64_t table = rodata_start + rodata_at + entry.table;
    store32(rodata_.data() + rodata_at + entry.rodata, code_at + entry.target - table);
  }
}

}  // namespace

Result<std::vector<uint8_t>> compile(const wasm::ValidatedModule& module,
                                     const CompileOptions& options) {
  return Compiler(module, options).run();
}

}  // namespace cordon::jit
