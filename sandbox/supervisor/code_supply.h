// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeSupply: the code of one run, from its compile worker to its run worker, unread ([P1]).
//
// With Engine::Jit the compile worker makes the code of the whole module before the guest starts,
// and without it there is no run. With Engine::Auto it starts with the guest's first request, so
// that a run without one costs no process, and makes code of the requested functions, one after the
// other. While nothing is requested for long, none is there: the next one makes the
// same pieces once more, since they belong to one series, and only new ones are passed on.
// If it fails, the guest is interpreted where it has no code: only a violation or
// a crash of it ends the run ([V1]). With Engine::Interp, and with code from a file, there is
// nothing to do here.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/supervisor/cache_use.h"
#include "sandbox/supervisor/compilation.h"
#include "sandbox/supervisor/course.h"

namespace cordon::supervisor {

// One for each run; for its thread. The course outlives it.
class CodeSupply {
 public:
  // The cache gets the pieces that are passed on.
  CodeSupply(const RunRequest& request, Course& course, CacheUse& cache)
      : request_(request), course_(course), cache_(cache) {}

  // Launches the compile worker, if all code is needed before the guest starts, and is not looked
  // for in the cache. Then the run launches it once that has none.
  Result<void> start();
  Result<void> launch();
  // A request of the run worker; a failure is a violation by it ([P1]). `guest_runs`: it is in its
  // guest phase.
  Result<void> ask(const protocol::Received& message, bool guest_runs);
  // Does what has become possible. `run_worker`: null until it has its job. Fails if a system call
  // does, and the run needs the code.
  Result<void> advance(Worker* run_worker);
  // The guest has ended: nothing is compiled any more.
  void stop();

  // Whether the run is over for what the compile worker did, or could not do.
  bool over() const;
  // Why no more code comes for a guest of Engine::Auto; empty otherwise.
  std::string missing() const;
  // Whether all code of the module was made, and passed on, by a compile worker that ended well.
  bool is_whole() const;
  // Layers of the jail that the compile worker was denied.
  jail::LayerSet withheld() const { return withheld_; }

  // Ends the compile worker. What is known of it, for judge(): with Engine::Auto an end that merely
  // means that code is missing is none.
  WorkerFacts end();
  // The parts of `end` that are known here.
  void conclude(SessionEnd& end) const;

 private:
  // One compile worker and what it has done. It keeps its place in memory.
  struct Maker {
    std::optional<Worker> worker;
    std::optional<WorkerFacts> facts;  // once it has ended
    std::optional<Compilation> compilation;
    bool begun = false, done = false;  // it has its job; it has sent its last message
    bool rests = false;                // it was ended since nothing was requested for long
    size_t next = 0;                   // the first request that was not passed on to it
  };

  bool native() const { return engine_of(request_) == protocol::Engine::Jit; }
  bool as_needed() const { return engine_of(request_) == protocol::Engine::Auto; }
  bool is_idle() const;
  Maker* maker() { return makers_.empty() ? nullptr : &makers_.back(); }
  const Maker* maker() const { return makers_.empty() ? nullptr : &makers_.back(); }
  void start_late(const Worker& run_worker);
  Result<void> begin(Maker& maker);
  void make_next(Maker& maker);
  void pass_on(Worker& run_worker);
  void watch_for_last_words(Maker& maker);
  void watch_for_the_end(Maker& maker);
  void watch_for_idleness(Maker& maker);
  void give_up(std::string why);

  const RunRequest& request_;
  Course& course_;
  CacheUse& cache_;
  std::list<Maker> makers_;         // the last one serves, those before it rest
  std::vector<uint32_t> requests_;  // all of them, in their order
  std::optional<std::string> why_;  // no code follows; the run worker is notified once
  bool told_ = false, is_stopped_ = false;
  std::optional<Deadline> rest_at_;  // since the compile worker is idle
  bool has_alarm_ = false;           // for that moment, or an earlier one
  jail::LayerSet withheld_;
};

}  // namespace cordon::supervisor
