// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PathGuest: path calls, chosen by bytes, on the path service over a real tree, and on
// tests/sandbox/path_broker/path_model.h ([F1]). Meanwhile another process renames and swaps
// symbolic links in the granted directory and around it: calls that avoid that part must end as the
// model predicts, and all others must reach nothing outside. A second grant is read-only.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fuzz/gen/choices.h"
#include "sandbox/path_broker/path_service.h"
#include "tests/kit/temporary_directory.h"
#include "tests/sandbox/path_broker/path_model.h"

namespace cordon::fuzz {

class PathGuest {
 public:
  PathGuest();
  ~PathGuest();
  PathGuest(const PathGuest&) = delete;
  PathGuest& operator=(const PathGuest&) = delete;

  // Makes a tree of its own, calls in it, and checks everything at the end.
  void run(Choices& choices);

  // So far: calls that went as the model says, how many of them succeeded, and calls in the race
  // that were refused.
  struct Counts {
    uint64_t calm = 0, succeeded = 0, refused = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  [[noreturn]] void swap_for_ever();
  void make_tree();
  void start_anew();
  void calm_call(Choices& choices);
  void calm_change(Choices& choices, const std::string& path);
  void racy_call(Choices& choices);
  void fixed_call(Choices& choices);
  void handles(Choices& choices);
  void check_listing();
  void check_canaries();
  void release(const protocol::OpenReply& reply);
  void expect_same(const std::string& call, int64_t got, int64_t wanted);

  testing::TemporaryDirectory root_;
  std::set<uint64_t> outside_;                                           // inodes
  std::vector<std::pair<std::filesystem::path, std::string>> canaries_;  // and what they are
  std::optional<path_broker::PathService> service_;
  path_broker::PathModel model_;
  pid_t swapper_ = -1;
  Counts counts_;
};

}  // namespace cordon::fuzz
