// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [F1] Random sequences of path calls against PathModel, while another process renames and swaps
// symbolic links in the same granted directory and around it. Part of the calls stay away from what
// that process touches: each must end as the model says, and leave the tree that the model has.
// The others go where it swaps: whatever they see must lie inside. Around the grant is a canary
// tree, every file of which must be the same file, unread-through and unchanged, in the end.
//
// CORDON_PATH_SEQUENCES says how many sequences (default 20 000, which CI runs).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>

#include "sandbox/path_broker/path_service.h"
#include "tests/kit/temporary_directory.h"
#include "tests/sandbox/path_broker/path_model.h"

namespace cordon::path_broker {
namespace {

namespace fs = std::filesystem;

constexpr int kCallsInASequence = 8;
// Then the tree is thrown away: trees only grow, and the service looks at so many levels alone when
// it moves one.
constexpr uint64_t kSequencesInATree = 100;

uint64_t sequences() {
  const char* text = std::getenv("CORDON_PATH_SEQUENCES");
  return text == nullptr ? 20'000 : std::strtoull(text, nullptr, 10);
}

// What a canary is: the same inode, unchanged.
std::string facts_of(const fs::path& path) {
  struct stat s;
  if (lstat(path.c_str(), &s) != 0) return "gone";
  return std::to_string(s.st_ino) + " " + std::to_string(s.st_mode) + " " +
         std::to_string(s.st_nlink) + " " + std::to_string(s.st_size) + " " +
         std::to_string(s.st_mtim.tv_sec) + "." + std::to_string(s.st_mtim.tv_nsec);
}

std::string list_host(const fs::path& directory, const std::string& prefix = {}) {
  std::string out;
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename());
  for (const std::string& name : names) {
    // What calls in the race made, by way of "..", has names of its own.
    if (prefix.empty() && name.size() > 1) continue;
    const fs::path path = directory / name;
    const auto kind = fs::symlink_status(path).type();
    const bool is_link = kind == fs::file_type::symlink;
    out += prefix + name + (is_link ? " l " : kind == fs::file_type::directory ? " d " : " f ");
    out += (is_link ? fs::read_symlink(path).string() : "") + "\n";
    if (kind == fs::file_type::directory) out += list_host(path, prefix + name + "/");
  }
  return out;
}

struct ModelTest : ::testing::Test {
  ModelTest() {
    for (const char* d : {"grant/race/in", "outside/deep", "race"})
      fs::create_directories(root / d);
    for (const char* f :
         {"secret", "outside/secret", "outside/deep/secret", "grant/race/in/secret"}) {
      root.write(f, "canary");
    }
    // The swapper's: two of each, one inside and one not.
    fs::create_symlink("in", root / "grant/race/inward");
    fs::create_symlink("../../outside", root / "grant/race/outward");
    fs::create_symlink((root / "outside").string(), root / "grant/race/absolute");
    fs::create_symlink("in/secret", root / "grant/race/file_inward");
    fs::create_symlink("../../outside/secret", root / "grant/race/file_outward");
    fs::create_directories(root / "grant/race/moving/down");
    for (const auto& entry : fs::recursive_directory_iterator(root / "outside")) {
      outside.insert(inode_of(entry.path()));
    }
    for (const char* path : {"outside", "secret", "."}) outside.insert(inode_of(root / path));
    std::vector<Grant> grants;
    grants.push_back({Fd(::open((root / "grant").c_str(), O_RDONLY | O_DIRECTORY)), true});
    service.emplace(std::move(grants), 64);
    for (const char* path : {"secret", "outside", "outside/secret", "outside/deep/secret"}) {
      canaries.emplace_back(root / path, facts_of(root / path));
    }
    swapper = fork();
    if (swapper == 0) swap_for_ever();
  }
  ~ModelTest() override {
    kill(swapper, SIGKILL);
    waitpid(swapper, nullptr, 0);
    for (const auto& [path, facts] : canaries) EXPECT_EQ(facts_of(path), facts) << path;
  }
  static uint64_t inode_of(const fs::path& path) {
    struct stat s{};
    EXPECT_EQ(lstat(path.c_str(), &s), 0) << path;
    return s.st_ino;
  }

  [[noreturn]] void swap_for_ever() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const fs::path race = root / "grant/race";
    auto exchange = [&](const char* a, const char* b) {
      renameat2(AT_FDCWD, (race / a).c_str(), AT_FDCWD, (race / b).c_str(), RENAME_EXCHANGE);
    };
    for (;;) {
      exchange("inward", "outward");
      exchange("in", "absolute");
      exchange("file_inward", "file_outward");
      exchange("inward", "moving");
      // Out of the grant and back, with whatever walks in it.
      rename((race / "moving").c_str(), (root / "race/moved").c_str());
      rename((root / "race/moved").c_str(), (race / "moving").c_str());
      exchange("in", "absolute");
      exchange("inward", "moving");
    }
  }

  uint64_t pick(uint64_t count) { return random() % count; }
  std::string path_from(std::span<const char* const> parts, bool may_end_in_slash) {
    std::string path;
    for (uint64_t i = 1 + pick(3); i > 0; --i) {
      if (!path.empty()) path += pick(16) == 0 ? "//" : "/";
      path += parts[pick(parts.size())];
    }
    if (may_end_in_slash && pick(10) == 0) path += "/";
    return path;
  }
  std::string calm_path(bool may_end_in_slash = true) {
    static constexpr const char* kParts[] = {"a", "b", "c", "d", "a", "b", ".", ".."};
    return path_from(kParts, may_end_in_slash);
  }
  std::string racy_path() {
    static constexpr const char* kParts[] = {"inward", "outward", "in",          "absolute",
                                             "moving", "down",    "file_inward", "file_outward",
                                             "secret", "deep",    "..",          "race"};
    return "race/" + path_from(kParts, true);
  }

  void start_anew() {
    for (const char* name : {"a", "b", "c", "d", "x"}) fs::remove_all(root / "grant" / name);
    model = PathModel();
  }
  void calm_call();
  void racy_call();
  void expect_same(const std::string& call, int got, int expected);
  void release(const protocol::OpenReply& reply) {
    if (reply.error == 0 && reply.handle != 0) service->release({{reply.handle}});
  }

  cordon::testing::TemporaryDirectory root;
  std::set<uint64_t> outside;
  std::vector<std::pair<fs::path, std::string>> canaries;
  std::optional<PathService> service;
  PathModel model;
  std::mt19937_64 random{20261130};
  pid_t swapper = -1;
  uint64_t calm = 0, racy = 0, succeeded = 0, refused = 0;
};

void ModelTest::expect_same(const std::string& call, int got, int expected) {
  ++calm;
  succeeded += got == 0;
  ASSERT_EQ(got, expected) << call << "\nin\n" << model.listing();
}

void ModelTest::calm_call() {
  const std::string path = calm_path(), other = calm_path();
  const bool follow = pick(2) == 0;
  std::string text = path + " ";
  switch (pick(9)) {
    case 0: {
      const bool create = pick(2) == 0;
      const bool exclusive = create && pick(3) == 0, directory = !create && pick(3) == 0;
      const std::string name = create && path.ends_with('/') ? path + "x" : path;
      Fd file;
      const auto reply = service->open({.path = name,
                                        .follow = follow,
                                        .create = create,
                                        .directory = directory,
                                        .exclusive = exclusive,
                                        .read = true},
                                       file);
      release(reply);
      return expect_same("open " + name + (follow ? " follow" : "") + (create ? " create" : "") +
                             (exclusive ? " exclusive" : "") + (directory ? " directory" : ""),
                         static_cast<int>(reply.error),
                         model.open(name, follow, create, exclusive, directory));
    }
    case 1: {
      char kind = '?';
      const auto reply = service->stat({0, path, follow});
      const int expected = model.stat(path, follow, kind);
      expect_same("stat " + path, static_cast<int>(reply.error), expected);
      if (expected != 0) return;
      const uint32_t mode = reply.stat.mode_type;
      ASSERT_EQ(mode == S_IFDIR ? 'd' : mode == S_IFLNK ? 'l' : 'f', kind) << path;
      return;
    }
    case 2: {
      std::string target;
      const auto reply = service->readlink({0, path});
      expect_same("readlink " + path, static_cast<int>(reply.error), model.readlink(path, target));
      ASSERT_EQ(reply.target, target) << path;
      return;
    }
    case 3:
      return expect_same("mkdir " + path, service->create_directory({0, path}),
                         model.create_directory(path));
    case 4:
      return expect_same("rmdir " + path, service->remove_directory({0, path}),
                         model.remove_directory(path));
    case 5:
      return expect_same("unlink " + path, service->unlink_file({0, path}),
                         model.unlink_file(path));
    case 6:
      return expect_same("rename " + text + other, service->rename({0, path, 0, other}),
                         model.rename(path, other));
    case 7:
      return expect_same("link " + text + other, service->link({0, path, false, 0, other}),
                         model.link(path, other));
    default: {
      const std::string target = calm_path(false);
      return expect_same("symlink " + target + " at " + path, service->symlink({target, 0, path}),
                         model.symlink(target, path));
    }
  }
}

// Any answer will do, as long as it is about something inside.
void ModelTest::racy_call() {
  const std::string path = racy_path();
  ++racy;
  Fd file;
  switch (pick(8)) {
    case 0:
    case 1: {
      const bool write = pick(2) == 0;
      const auto reply = service->open({.path = path,
                                        .follow = pick(4) != 0,
                                        .create = pick(4) == 0,
                                        .truncate = write && pick(2) == 0,
                                        .read = true,
                                        .write = write},
                                       file);
      release(reply);
      if (reply.error != 0) return void(++refused);
      ASSERT_FALSE(outside.contains(reply.stat.ino)) << path;
      struct stat s{};
      if (file.valid()) ASSERT_EQ(fstat(file.get(), &s), 0);
      ASSERT_FALSE(outside.contains(s.st_ino)) << path;
      return;
    }
    case 2: {
      const auto reply = service->stat({0, path, pick(2) == 0});
      if (reply.error != 0) return void(++refused);
      ASSERT_FALSE(outside.contains(reply.stat.ino)) << path;
      return;
    }
    case 3: service->set_times({0, path, true, 1, 1}); return;
    case 4: service->create_directory({0, path + "/made"}); return;
    case 5: service->remove_directory({0, path + "/made"}); return;
    case 6: service->link({0, path, false, 0, "race/in/linked"}); return;
    default: service->unlink_file({0, "race/in/linked"}); return;
  }
}

TEST_F(ModelTest, RandomSequencesEndAsTheModelSaysAndNeverOutside) {  // [F1]
  const uint64_t count = sequences();
  for (uint64_t i = 0; i < count; ++i) {
    for (int call = 0; call < kCallsInASequence; ++call) {
      pick(4) == 0 ? racy_call() : calm_call();
      if (HasFatalFailure()) return;
    }
    if (i % kSequencesInATree == 0) {
      ASSERT_EQ(list_host(root / "grant"), model.listing()) << "sequence " << i;
      start_anew();
    }
  }
  ASSERT_EQ(list_host(root / "grant"), model.listing());
  std::printf(
      "%lu sequences: %lu calls as the model says (%lu of them succeeded), %lu in the race "
      "(%lu refused)\n",
      count, calm, succeeded, racy, refused);
  EXPECT_GT(succeeded, count / 2);
  EXPECT_GT(refused, count / 10);
}

}  // namespace
}  // namespace cordon::path_broker
