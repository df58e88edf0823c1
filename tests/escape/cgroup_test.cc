// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The control group around a run, where one may be made: every worker is in it, memory beyond its
// limit ends the run and is reported, and nothing of the group is left ([L1] [V1]).
#include "sandbox/jail/cgroup.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "tests/escape/support.h"
#include "tests/kit/processes.h"

namespace cordon::escape {
namespace {

using namespace std::chrono_literals;
using supervisor::RunEnd;

struct RunsCgroup : ::testing::Test {
  void SetUp() override {
    place = jail::find_cgroup_place();
    if (!place.directory.valid()) GTEST_SKIP() << "no control group: " << place.why_not;
    adopt_orphans();
  }
  // Those of the workers of this process, once there are `count` of them.
  static std::set<std::string> groups_of_workers(size_t count) {
    std::set<std::string> groups;
    for (int tries = 0; tries < 5000; ++tries) {
      size_t found = 0;
      groups.clear();
      for (const testing::Process& child : testing::children_of(getpid())) {
        if (!child.name.starts_with("cordon-")) continue;
        ++found;
        groups.insert(jail::path_of_cgroup(testing::proc_file(child.pid, "cgroup"),
                                           testing::proc_file(getpid(), "mountinfo")));
      }
      if (found == count) return groups;
      std::this_thread::sleep_for(1ms);
    }
    return {};
  }
  size_t left() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(place.path)) {
      count += entry.path().filename().string().starts_with("cordon-");
    }
    return count;
  }
  jail::CgroupPlace place;
};

// The run worker and the path broker.
TEST_F(RunsCgroup, HoldsEachWorkerAndItsMemory) {
  auto report =
      std::async(std::launch::async, [] { return run_hostile({"guest", "spin_forever"}); });
  const auto groups = groups_of_workers(2);
  ASSERT_EQ(groups.size(), 1U);
  const std::string group = *groups.begin();
  ASSERT_TRUE(group.starts_with(place.path + "/cordon-")) << group;
  // 4 GiB for the guest, and more for what Cordon needs; the grant is read-only.
  uint64_t most = 0;
  std::ifstream(group + "/memory.max") >> most;
  EXPECT_GT(most, supervisor::kDefaultMaxMemory);
  EXPECT_LT(most, 2 * supervisor::kDefaultMaxMemory);
  std::ofstream(group + "/memory.max") << "0" << std::flush;
  const auto end = report.get();
  EXPECT_EQ(end.end, RunEnd::Killed) << describe(end);
  EXPECT_EQ(end.exit_status(), 137);
  EXPECT_EQ(end.limit, protocol::LimitHit::Memory);
  EXPECT_NE(end.text.find("memory.max"), std::string::npos) << describe(end);
  EXPECT_EQ(left(), 0U);
}

TEST_F(RunsCgroup, IsGoneAfterEachRun) {
  for (int i = 0; i < 20; ++i) {
    const auto report = run_hostile({"guest", "path_escapes"});
    EXPECT_EQ(report.end, RunEnd::Exited) << describe(report);
    EXPECT_EQ(left(), 0U);
  }
}

}  // namespace
}  // namespace cordon::escape
