// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Validates the bodies of a module on several threads. They are cut into chunks of consecutive
// functions; threads claim chunks in order, so every chunk before the first that fails is validated
// whatever the number of threads is, and the error reported is that chunk's.
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/wasm/limits.h"
#include "core/wasm/validate_func.h"
#include "core/wasm/validate_module.h"

namespace cordon::wasm {

namespace {

constexpr uint32_t kChunkBytes = 64 * 1024;  // of code
constexpr unsigned kMaxThreads = 64;

// Functions [begin, end) of the functions with a body.
struct Chunk {
  uint32_t begin, end;
};

std::vector<Chunk> cut(const Module& module) {
  std::vector<Chunk> chunks;
  uint32_t begin = 0;
  uint64_t bytes = 0;
  const auto count = static_cast<uint32_t>(module.bodies.size());
  for (uint32_t i = 0; i < count; ++i) {
    bytes += module.bodies[i].code.size;
    if (bytes < kChunkBytes && i + 1 != count) continue;
    chunks.push_back({begin, i + 1});
    begin = i + 1;
    bytes = 0;
  }
  return chunks;
}

// The capacity that a thread keeps between two chunks.
constexpr size_t kKeptEntries = size_t{1} << 18;

}  // namespace

class BodiesValidator {
 public:
  BodiesValidator(const Module& module, const std::vector<bool>& declared,
                  FuncValidator::Maker make)
      : module_(module),
        slot_types_(module),
        declared_(declared),
        make_(make),
        chunks_(cut(module)),
        results_(chunks_.size()),
        first_bad_(static_cast<uint32_t>(chunks_.size())) {}

  Result<void> run(unsigned threads);
  // What ValidatedModule::tail_window() is; each function that calls leaves that much room.
  static uint32_t make_window(std::span<ValidatedFunc> funcs);
  // REQUIRES: run() succeeded.
  void take(std::vector<ValidatedFunc>& funcs, std::vector<std::vector<SideEntry>>& side_tables,
            std::vector<std::vector<uint32_t>>& vector_moves, std::vector<UsePool>& uses);

 private:
  struct ChunkResult {
    std::vector<ValidatedFunc> funcs;
    std::vector<SideEntry> side_table;
    std::vector<uint32_t> vector_moves;
    UsePool uses;
  };
  // The ends of a function's part in the pools of its chunk.
  struct Ends {
    size_t entries = 0, moves = 0;
  };

  static void* thread_main(void* self);
  void work();
  Result<void> validate(FuncValidator& validator, std::vector<SideEntry>& scratch, uint32_t chunk);
  static void share_out(ChunkResult& result, std::span<const Ends> ends);
  void note_error(uint32_t chunk, Diagnostic error);
  Result<void> first_error() const;

  const Module& module_;
  const SlotTypes slot_types_;
  const std::vector<bool>& declared_;
  const FuncValidator::Maker make_;
  const std::vector<Chunk> chunks_;
  std::vector<ChunkResult> results_;  // each written by the thread that claimed the chunk
  std::atomic<uint32_t> next_chunk_ = 0;
  std::atomic<uint64_t> side_entries_ = 0;
  std::mutex mutex_;
  std::atomic<uint32_t> first_bad_;  // chunk, or how many there are; written under mutex_
  Diagnostic error_{};               // of first_bad_; under mutex_
};

// It is no error if fewer threads start than `threads`.
Result<void> BodiesValidator::run(unsigned threads) {
  const size_t useful = std::min<size_t>({threads, kMaxThreads, chunks_.size()});
  std::vector<pthread_t> started;
  while (started.size() + 1 < useful) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, thread_main, this) != 0) break;
    started.push_back(thread);
  }
  work();
  for (pthread_t thread : started) pthread_join(thread, nullptr);
  return first_error();
}

void* BodiesValidator::thread_main(void* self) {
  static_cast<BodiesValidator*>(self)->work();
  return nullptr;
}

void BodiesValidator::work() {
  const std::unique_ptr<FuncValidator> validator = make_(module_, slot_types_, declared_);
  std::vector<SideEntry> scratch;
  for (;;) {
    if (side_entries_.load(std::memory_order_relaxed) > kMaxSideEntries) return;
    const uint32_t chunk = next_chunk_.fetch_add(1, std::memory_order_relaxed);
    if (chunk >= first_bad_.load(std::memory_order_relaxed)) return;
    if (Result<void> done = validate(*validator, scratch, chunk); !done) {
      note_error(chunk, std::move(done).error());
    }
  }
}

Result<void> BodiesValidator::validate(FuncValidator& validator, std::vector<SideEntry>& scratch,
                                       uint32_t chunk) {
  ChunkResult& result = results_[chunk];
  const Chunk bounds = chunks_[chunk];
  std::vector<Ends> ends;
  result.funcs.reserve(bounds.end - bounds.begin);
  ends.reserve(bounds.end - bounds.begin);
  scratch.clear();
  validator.vector_moves().clear();
  for (uint32_t i = bounds.begin; i < bounds.end; ++i) {
    result.funcs.push_back(TRY(validator.validate(i, scratch)));
    ends.push_back({scratch.size(), validator.vector_moves().size()});
  }
  result.side_table.assign(scratch.begin(), scratch.end());
  result.vector_moves = validator.vector_moves();
  result.uses = validator.take_uses();
  share_out(result, ends);
  side_entries_.fetch_add(scratch.size(), std::memory_order_relaxed);
  if (scratch.capacity() > kKeptEntries) scratch = {};
  return {};
}

// Gives each function its spans of the pools.
void BodiesValidator::share_out(ChunkResult& result, std::span<const Ends> ends) {
  Ends begin;
  for (size_t i = 0; i < ends.size(); ++i) {
    const Ends& end = ends[i];
    ValidatedFunc& func = result.funcs[i];
    func.side_table_ =
        std::span(result.side_table).subspan(begin.entries, end.entries - begin.entries);
    func.vector_moves_ =
        std::span(result.vector_moves).subspan(begin.moves, end.moves - begin.moves);
    if (!result.uses.funcs.empty()) func.uses_ = &result.uses.funcs[i];
    begin = end;
  }
}

void BodiesValidator::note_error(uint32_t chunk, Diagnostic error) {
  const std::lock_guard lock(mutex_);
  if (chunk >= first_bad_.load(std::memory_order_relaxed)) return;
  error_ = std::move(error);
  first_bad_.store(chunk, std::memory_order_relaxed);
}

// [L1] The entries of all functions together. Chunks are claimed in order and a claimed one is
// finished, so the number counted here does not depend on the threads.
Result<void> BodiesValidator::first_error() const {
  uint64_t entries = 0;
  for (uint32_t chunk = 0; chunk < first_bad_; ++chunk) {
    for (const ValidatedFunc& func : results_[chunk].funcs) {
      entries += func.side_table().size();
      if (entries <= kMaxSideEntries) continue;
      return fail(diag::limit_exceeded, func.body().code.offset,
                  "branches, their targets up to function " + std::to_string(func.index().value) +
                      " take " + std::to_string(entries) + " entries, the limit is " +
                      std::to_string(kMaxSideEntries));
    }
  }
  if (first_bad_ != chunks_.size()) return Failure(error_);
  return {};
}

void BodiesValidator::take(std::vector<ValidatedFunc>& funcs,
                           std::vector<std::vector<SideEntry>>& side_tables,
                           std::vector<std::vector<uint32_t>>& vector_moves,
                           std::vector<UsePool>& uses) {
  funcs.reserve(module_.bodies.size());
  side_tables.reserve(chunks_.size());
  vector_moves.reserve(chunks_.size());
  uses.reserve(chunks_.size());
  for (ChunkResult& result : results_) {
    funcs.insert(funcs.end(), result.funcs.begin(), result.funcs.end());
    side_tables.push_back(std::move(result.side_table));
    vector_moves.push_back(std::move(result.vector_moves));
    uses.push_back(std::move(result.uses));
  }
}

uint32_t BodiesValidator::make_window(std::span<ValidatedFunc> funcs) {
  uint32_t window = 0;
  for (const ValidatedFunc& func : funcs) window = std::max(window, func.tail_slots_);
  for (ValidatedFunc& func : funcs) {
    if (func.calls_) func.call_slots_ = std::max(func.call_slots_, window);
  }
  return window;
}

Result<void> ModuleValidator::bodies(unsigned threads) {
  BodiesValidator validator(module_, declared_, make_);
  TRY_VOID(validator.run(threads));
  validator.take(validated_->funcs_, validated_->side_tables_, validated_->vector_moves_,
                 validated_->uses_);
  validated_->tail_window_ = BodiesValidator::make_window(validated_->funcs_);
  return {};
}

}  // namespace cordon::wasm
