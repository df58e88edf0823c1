// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/cache_use.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/base/monotonic.h"
#include "core/base/os/mapping.h"
#include "core/base/os/memfd.h"
#include "sandbox/supervisor/plans.h"

namespace cordon::supervisor {
namespace {

// How long the end of a run waits for a file system ([L1]).
constexpr std::chrono::seconds kStorePatience{5};
// How long a run waits for its code before it is compiled.
constexpr std::chrono::seconds kLookPatience{5};
constexpr std::chrono::seconds kRemovePatience{1};

Result<Digest> digest_of_file(const Fd& file, const std::string& name) {
  struct stat status;
  if (!file.valid() || fstat(file.get(), &status) != 0) return fail_os("open " + name, errno);
  const auto size = static_cast<size_t>(status.st_size);
  return digest_of(TRY(Mapping::read_only_file(file.get(), size)).bytes());
}

Result<Digest> digest_of_program(const std::string& path) {
  return digest_of_file(Fd(open(path.c_str(), O_RDONLY | O_CLOEXEC)), path);
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

bool CacheUse::has_missed() {
  if (!uses_cache(request_) || looked_ || !course_.module().valid()) return false;
  if (!searching_) {
    Result<void> begun = begin();
    if (!begun) give_up(begun.error());
  } else if (searching_->finished()) {
    take_search();
  } else if (is_late_) {
    give_up(fail_os("the file system is too slow to look for the code", ETIMEDOUT).value());
  }
  return looked_ && !hit_;
}

Result<void> CacheUse::begin() {
  began_ns_ = monotonic_ns();
  Inputs& inputs = *course_.inputs();
  cache_ = std::make_shared<const CodeCache>(std::move(*inputs.cache));
  compiler_ = TRY(find_worker("cordon-compile-worker", request_.compiler_path));
  searching_ = TRY(Pending<Search>::create());
  course_.loop().watch(searching_->fd(),
                       [this](short) { course_.loop().forget(searching_->fd()); });
  course_.loop().at(Deadline(Deadline::Clock::now(), kLookPatience), [this] { is_late_ = true; });
  const auto module = std::make_shared<const Fd>(TRY(duplicate(course_.module())));
  const auto look = [cache = cache_, module, compiler = compiler_, options = *request_.cache,
                     fuel = request_.fuel.has_value(),
                     most = most_code(inputs.module_size)]() -> Result<Search> {
    Search search;
    search.origin = {.module = TRY(digest_of_file(*module, "the module")),
                     .compiler = TRY(digest_of_program(compiler)),
                     .target = options.target,
                     .fuel = fuel};
    if (options.only_store) return search;
    const Digest key = key_of(search.origin);
    search.found = cache->find(key, most);
    if (search.found.is != FoundCode::Is::Bad) return search;
    Result<void> removed = cache->remove(key);
    if (!removed) search.found.why += "; " + removed.error().message();
    search.stores = removed.has_value();
    return search;
  };
  return start_thread([look, given = *searching_]() mutable { given.give(look()); });
}

void CacheUse::take_search() {
  looked_ = true;
  report_.look_up_ns = monotonic_ns() - began_ns_;
  Result<Search>& search = searching_->result();
  if (!search) return give_up(search.error());
  origin_ = search->origin;
  report_.key = digest_text(key_of(origin_));
  report_.why = search->found.why;
  hit_ = search->found.is == FoundCode::Is::Good;
  report_.outcome = hit_                                     ? CacheOutcome::Hit
                    : search->found.is == FoundCode::Is::Bad ? CacheOutcome::Bad
                                                             : CacheOutcome::Miss;
  stores_ = !hit_ && search->stores;
  pieces_ = std::move(search->found.pieces);
}

void CacheUse::give_up(const Diagnostic& error) {
  looked_ = true;
  stores_ = false;
  pieces_.clear();
  if (report_.outcome == CacheOutcome::None) report_.outcome = CacheOutcome::Miss;
  report_.why = error.message();
}

std::optional<CompiledCode> CacheUse::take_code() {
  if (!hit_ || taken_ == pieces_.size()) return std::nullopt;
  SealedPiece& piece = pieces_[taken_++];
  return CompiledCode{std::move(piece.file), piece.size, taken_ == pieces_.size()};
}

// As compiled code is: one piece after the other, as the worker takes them ([P1] unread).
void CacheUse::pass_on(Worker& run_worker) {
  while (run_worker.gate().is_free(protocol::Descriptor::Code)) {
    std::optional<CompiledCode> piece = take_code();
    if (!piece) return;
    run_worker.gate().offer(protocol::Descriptor::Code, std::move(piece->file));
    run_worker.send(protocol::Code{piece->size, piece->last, monotonic_ns()});
  }
}

void CacheUse::keep(const CompiledCode& piece) {
  if (!stores_) return;
  Result<Fd> file = duplicate(piece.file);
  if (!file) return give_up(file.error());
  pieces_.push_back({std::move(*file), piece.size});
}

void CacheUse::store() {
  if (!stores_ || storing_) return;
  Result<void> begun = begin_to_store();
  if (!begun) give_up(begun.error());
}

Result<void> CacheUse::begin_to_store() {
  storing_ = TRY(Pending<uint64_t>::create());
  course_.loop().watch(storing_->fd(), [this](short) { course_.loop().forget(storing_->fd()); });
  const auto pieces = std::make_shared<const std::vector<SealedPiece>>(std::move(pieces_));
  const std::string& named = request_.cache->module_name;
  const EntryFacts facts{.key = key_of(origin_),
                         .module_size = course_.inputs()->module_size,
                         .fuel = origin_.fuel,
                         .name = base_name(named.empty() ? request_.module_path : named)};
  const auto store = [cache = cache_, pieces, facts, compiler = compiler_,
                      digest = origin_.compiler,
                      max_bytes = request_.cache->max_bytes]() -> Result<uint64_t> {
    const uint64_t start = monotonic_ns();
    // The program may have been replaced between the look-up and its start.
    if (TRY(digest_of_program(compiler)) != digest) {
      return fail_os(compiler + " was replaced meanwhile", ESTALE);
    }
    TRY_VOID(cache->store(facts, *pieces, max_bytes));
    return monotonic_ns() - start;
  };
  return start_thread([store, given = *storing_]() mutable { given.give(store()); });
}

void CacheUse::discard(const std::string& why) {
  if (!hit_ && !report_.stored) return;
  if (hit_) report_.outcome = CacheOutcome::Bad;
  report_.stored = false;
  report_.why = "code that is kept no longer: " + why;
  const auto remove = [cache = cache_, key = key_of(origin_)]() -> Result<bool> {
    TRY_VOID(cache->remove(key));
    return true;
  };
  auto removed = within<bool>(Deadline(Deadline::Clock::now(), kRemovePatience), remove);
  if (removed && *removed) return;
  report_.why += removed ? "; " + removed->error().message() : "; it could not be removed";
}

void CacheUse::finish() {
  if (!storing_) return;
  if (!storing_->finished()) {
    const auto late = std::make_shared<bool>(false);
    course_.loop().at(Deadline(Deadline::Clock::now(), kStorePatience), [late] { *late = true; });
    (void)course_.loop().run_until(
        [&] { return *late || storing_->finished() || course_.broken_off(); });
  }
  if (!storing_->finished()) {
    give_up(fail_os("the file system is too slow to store the code", ETIMEDOUT).value());
  } else if (!storing_->result()) {
    give_up(storing_->result().error());
  } else {
    report_.stored = true;
    report_.store_ns = *storing_->result();
  }
}

}  // namespace cordon::supervisor
