// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions are cut into chunks of consecutive ones by their size alone, and chunks are gathered to
// pieces. Threads claim the chunks of a piece; linked in their order they are a blob (link.h).
#include "core/jit/code/compile.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/abi/module_plan.h"
#include "core/jit/code/diagnostics.h"
#include "core/jit/code/link.h"

namespace cordon::jit {
namespace {

constexpr uint64_t kChunkBytes = 64 * 1024;  // of wasm code
constexpr unsigned kMaxThreads = 64;

class ModuleCompiler {
 public:
  ModuleCompiler(const wasm::ValidatedModule& module, Tier tier, const CompileOptions& options,
                 uint64_t piece_bytes)
      : module_(module),
        tier_(tier),
        options_{options.target,       options.fuel, options.lines != nullptr,
                 module.tail_window(), nullptr,      options.loop_entries},
        plan_(module.module()),
        lines_(options.lines),
        threads_(std::clamp(options.threads, 1U, kMaxThreads)) {
    cut(piece_bytes);
  }

  Result<void> run(PieceSink& sink);

 private:
  struct Range {
    uint32_t begin, end;
  };

  void cut(uint64_t piece_bytes);
  Result<void> compile(Range chunks);
  static void* thread_main(void* self);
  void work();
  void work_with(FuncCompiler& compiler);
  void note_error(uint32_t chunk, Diagnostic error);
  std::unique_ptr<Chunk>& chunk_of(uint32_t index) { return chunks_[index - piece_.begin]; }

  const wasm::ValidatedModule& module_;
  const Tier tier_;
  const FuncOptions options_;
  const abi::ModulePlan plan_;
  std::vector<Line>* const lines_;
  const unsigned threads_;
  std::vector<Range> ranges_;  // of bodies, by chunk
  std::vector<Range> pieces_;  // of chunks; at least one

  // The piece that is being compiled. Compilers and chunks are reused for the next piece: fresh
  // memory costs more than the code that is written to it.
  Range piece_{};
  std::vector<std::unique_ptr<FuncCompiler>> compilers_;  // not in use by a thread; under mutex_
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::atomic<uint32_t> next_ = 0;
  std::atomic<uint64_t> size_ = 0;  // of all code and read-only data so far
  std::mutex mutex_;
  std::atomic<uint32_t> first_bad_{0};
  std::optional<Diagnostic> error_;
};

void ModuleCompiler::cut(uint64_t piece_bytes) {
  const auto funcs = module_.funcs();
  uint32_t begin = 0, first_chunk = 0;
  const uint64_t chunk_bytes = std::min(kChunkBytes, piece_bytes);
  uint64_t chunk_size = 0, piece_size = 0;
  for (uint32_t i = 0; i < funcs.size(); ++i) {
    chunk_size += funcs[i].body().code.size;
    if (chunk_size < chunk_bytes && i + 1 != funcs.size()) continue;
    ranges_.push_back({begin, i + 1});
    begin = i + 1;
    piece_size += chunk_size;
    chunk_size = 0;
    if (piece_size < piece_bytes) continue;
    pieces_.push_back({first_chunk, static_cast<uint32_t>(ranges_.size())});
    first_chunk = static_cast<uint32_t>(ranges_.size());
    piece_size = 0;
  }
  if (pieces_.empty() || first_chunk < ranges_.size()) {
    pieces_.push_back({first_chunk, static_cast<uint32_t>(ranges_.size())});
  }
}

Result<void> ModuleCompiler::run(PieceSink& sink) {
  const abi::BlobOptions options{options_.fuel, options_.target.cpu_features};
  Linker linker(module_.module(), options, pieces_.size() > 1, lines_);
  for (const Range& piece : pieces_) {
    TRY_VOID(compile(piece));
    const ByteSpan blob = TRY(linker.piece({chunks_.data(), piece.end - piece.begin}));
    TRY_VOID(sink.take(blob, pieces_.size() == 1));
  }
  return pieces_.size() > 1 ? sink.take(linker.entry_table(), true) : Result<void>{};
}

Result<void> ModuleCompiler::compile(Range chunks) {
  piece_ = chunks;
  next_ = chunks.begin;
  first_bad_ = chunks.end;
  const uint32_t count = chunks.end - chunks.begin;
  if (chunks_.size() < count) chunks_.resize(count);
  std::vector<pthread_t> started;
  while (started.size() + 1 < std::min<size_t>(threads_, count)) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, thread_main, this) != 0) break;
    started.push_back(thread);
  }
  work();
  for (pthread_t thread : started) pthread_join(thread, nullptr);
  if (error_) return Failure(*std::move(error_));
  if (size_ > abi::kMaxCodeSpace) {  // [L1]
    return fail(diag::module_code_too_large, kNoOffset, std::to_string(abi::kMaxCodeSpace));
  }
  return {};
}

void* ModuleCompiler::thread_main(void* self) {
  static_cast<ModuleCompiler*>(self)->work();
  return nullptr;
}

void ModuleCompiler::work() {
  std::unique_ptr<FuncCompiler> compiler;
  {
    const std::lock_guard lock(mutex_);
    if (!compilers_.empty()) {
      compiler = std::move(compilers_.back());
      compilers_.pop_back();
    }
  }
  if (compiler == nullptr) {
    compiler = tier_(module_.module(), plan_, options_);
  }
  work_with(*compiler);
  const std::lock_guard lock(mutex_);
  compilers_.push_back(std::move(compiler));
}

void ModuleCompiler::work_with(FuncCompiler& compiler) {
  for (;;) {
    const uint32_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= first_bad_.load(std::memory_order_relaxed)) return;
    std::unique_ptr<Chunk>& chunk = chunk_of(index);
    if (chunk == nullptr) chunk = std::make_unique<Chunk>();
    chunk->clear();
    compiler.begin_chunk(*chunk);
    uint64_t size = 0;
    for (uint32_t i = ranges_[index].begin; i < ranges_[index].end; ++i) {
      if (Result<void> done = compiler.compile(module_.funcs()[i]); !done) {
        note_error(index, std::move(done).error());
        return;
      }
      size = chunk->code.size() + chunk->rodata.bytes().size();
      if (size_.load(std::memory_order_relaxed) + size > abi::kMaxCodeSpace) break;
    }
    size_.fetch_add(size, std::memory_order_relaxed);
    if (size_.load(std::memory_order_relaxed) > abi::kMaxCodeSpace) return;
  }
}

// The error that comes first in the order of the module is reported, whichever thread finds it.
void ModuleCompiler::note_error(uint32_t chunk, Diagnostic error) {
  const std::lock_guard lock(mutex_);
  if (chunk >= first_bad_.load(std::memory_order_relaxed)) return;
  first_bad_.store(chunk, std::memory_order_relaxed);
  error_ = std::move(error);
}

class Whole final : public PieceSink {
 public:
  Result<void> take(ByteSpan piece, bool) override {
    bytes.assign(piece.begin(), piece.end());
    return {};
  }
  std::vector<uint8_t> bytes;
};

}  // namespace

Result<std::vector<uint8_t>> compile(const wasm::ValidatedModule& module, Tier tier,
                                     const CompileOptions& options) {
  Whole whole;
  TRY_VOID(compile_pieces(module, tier, options, UINT64_MAX, whole));
  return std::move(whole.bytes);
}

Result<void> compile_pieces(const wasm::ValidatedModule& module, Tier tier,
                            const CompileOptions& options, uint64_t piece_bytes, PieceSink& sink) {
  return ModuleCompiler(module, tier, options, piece_bytes).run(sink);
}

}  // namespace cordon::jit
