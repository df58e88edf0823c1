// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CacheUse: what one run does with the code cache. As soon as the module has been copied it looks
// for its code, on a background thread; if that is there, no compile worker is started. If not, it
// stores the code that the run worker accepted, while the guest runs. The cache never decides how a
// run ends: what it could not do is in the report.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/supervisor/background.h"
#include "sandbox/supervisor/code_cache.h"
#include "sandbox/supervisor/compilation.h"
#include "sandbox/supervisor/course.h"

namespace cordon::supervisor {

// One for each run; for its thread. Does nothing in a run without RunRequest::cache.
class CacheUse {
 public:
  // Both outlive it.
  CacheUse(const RunRequest& request, Course& course) : request_(request), course_(course) {}

  // Called after each event of the course. Whether it has turned out by it that there is no code;
  // true once.
  bool has_missed();
  // Whether the run's code is that of an entry, and passes on what the run worker can take of it.
  bool is_hit() const { return hit_; }
  void pass_on(Worker& run_worker);

  // Code that was compiled, on its way to the run worker.
  void keep(const CompiledCode& piece);
  // The run worker has accepted all of it: stores it in the background, once.
  void store();
  // Code that was found, or stored, is not to be used again: removes the entry, if there is one.
  // Waits for that, but not long. `why` is for people.
  void discard(const std::string& why);
  // Called once the run is judged: waits for what is still to be stored, but not long.
  void finish();
  const CacheReport& report() const { return report_; }

 private:
  // The result of a look-up: the code, and what names it.
  struct Search {
    FoundCode found;
    CodeOrigin origin;
    bool stores = true;  // there is room for an entry of that name
  };
  Result<void> begin();
  std::optional<CompiledCode> take_code();
  void take_search();
  Result<void> begin_to_store();
  void give_up(const Diagnostic& error);

  const RunRequest& request_;
  Course& course_;
  std::shared_ptr<const CodeCache> cache_;
  std::string compiler_;  // the path of its program
  std::optional<Pending<Search>> searching_;
  std::optional<Pending<uint64_t>> storing_;  // how long it took
  bool looked_ = false, hit_ = false, is_late_ = false;
  bool stores_ = false;  // there is something to store, and nothing against it so far
  CodeOrigin origin_;
  std::vector<SealedPiece> pieces_;  // of an entry; or to be stored
  size_t taken_ = 0;
  uint64_t began_ns_ = 0;
  CacheReport report_;
};

}  // namespace cordon::supervisor
