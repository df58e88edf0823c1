// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/paths/path_guest.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "fuzz/oracle/finding.h"

namespace cordon::fuzz {

namespace fs = std::filesystem;
using path_broker::Grant;
using path_broker::PathModel;
using path_broker::PathService;

namespace {

constexpr uint32_t kOpen = 0, kFixed = 1;  // the grants

// The state of a canary: the same inode, unchanged.
std::string facts_of(const fs::path& path) {
  struct stat s;
  if (lstat(path.c_str(), &s) != 0) return "gone";
  return std::to_string(s.st_ino) + " " + std::to_string(s.st_mode) + " " +
         std::to_string(s.st_nlink) + " " + std::to_string(s.st_size) + " " +
         std::to_string(s.st_mtim.tv_sec) + "." + std::to_string(s.st_mtim.tv_nsec);
}

uint64_t inode_of(const fs::path& path) {
  struct stat s{};
  return lstat(path.c_str(), &s) == 0 ? s.st_ino : 0;
}

std::string list_host(const fs::path& directory, const std::string& prefix = {}) {
  std::string out;
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename());
  for (const std::string& name : names) {
    // Names made by calls in the race, through "..", differ from these.
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

template <class Parts>
std::string path_from(Choices& choices, const Parts& parts, bool may_end_in_slash) {
  std::string path;
  for (uint32_t i = 1 + choices.below(3); i > 0; --i) {
    if (!path.empty()) path += choices.once_in(16) ? "//" : "/";
    path += choices.of(parts);
  }
  if (may_end_in_slash && choices.once_in(10)) path += "/";
  return path;
}

std::string calm_path(Choices& choices, bool may_end_in_slash = true) {
  static constexpr const char* kParts[] = {"a", "b", "c", "d", "a", "b", ".", ".."};
  return path_from(choices, kParts, may_end_in_slash);
}

std::string racy_path(Choices& choices) {
  static constexpr const char* kParts[] = {"inward", "outward", "in",          "absolute",
                                           "moving", "down",    "file_inward", "file_outward",
                                           "secret", "deep",    "..",          "race"};
  return "race/" + path_from(choices, kParts, true);
}

}  // namespace

PathGuest::PathGuest() {
  make_tree();
  std::vector<Grant> grants;
  for (const char* name : {"grant", "fixed"}) {
    Fd fd(::open((root_ / name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    grants.push_back({std::move(fd), grants.empty()});
  }
  service_.emplace(std::move(grants), 64);
  swapper_ = fork();
  if (swapper_ == 0) swap_for_ever();
}

PathGuest::~PathGuest() {
  kill(swapper_, SIGKILL);
  waitpid(swapper_, nullptr, 0);
}

void PathGuest::make_tree() {
  for (const char* d : {"grant/race/in", "outside/deep", "race", "fixed/d"}) {
    fs::create_directories(root_ / d);
  }
  for (const char* f : {"secret", "outside/secret", "outside/deep/secret", "grant/race/in/secret",
                        "fixed/f", "fixed/d/f"}) {
    root_.write(f, "canary");
  }
  // For the swapper: two of each, one that points inside and one that does not.
  fs::create_symlink("in", root_ / "grant/race/inward");
  fs::create_symlink("../../outside", root_ / "grant/race/outward");
  fs::create_symlink((root_ / "outside").string(), root_ / "grant/race/absolute");
  fs::create_symlink("in/secret", root_ / "grant/race/file_inward");
  fs::create_symlink("../../outside/secret", root_ / "grant/race/file_outward");
  fs::create_directories(root_ / "grant/race/moving/down");
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "outside")) {
    outside_.insert(inode_of(entry.path()));
  }
  for (const char* path : {"outside", "secret", "."}) outside_.insert(inode_of(root_ / path));
  for (const char* path : {"secret", "outside", "outside/secret", "outside/deep/secret", "fixed",
                           "fixed/f", "fixed/d", "fixed/d/f"}) {
    canaries_.emplace_back(root_ / path, facts_of(root_ / path));
  }
}

void PathGuest::swap_for_ever() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const fs::path race = root_ / "grant/race";
  const auto exchange = [&](const char* a, const char* b) {
    renameat2(AT_FDCWD, (race / a).c_str(), AT_FDCWD, (race / b).c_str(), RENAME_EXCHANGE);
  };
  for (;;) {
    exchange("inward", "outward");
    exchange("in", "absolute");
    exchange("file_inward", "file_outward");
    exchange("inward", "moving");
    // Moves it out of the grant and back, with whatever walks in it.
    rename((race / "moving").c_str(), (root_ / "race/moved").c_str());
    rename((root_ / "race/moved").c_str(), (race / "moving").c_str());
    exchange("in", "absolute");
    exchange("inward", "moving");
  }
}

void PathGuest::start_anew() {
  for (const char* name : {"a", "b", "c", "d", "x"}) fs::remove_all(root_ / "grant" / name);
  model_ = PathModel();
}

void PathGuest::run(Choices& choices) {
  start_anew();
  while (!choices.spent()) {
    switch (choices.below(8)) {
      case 0:
      case 1: racy_call(choices); break;
      case 2: fixed_call(choices); break;
      case 3: handles(choices); break;
      default: calm_call(choices);
    }
  }
  expect(list_host(root_ / "grant") == model_.listing(), "another tree than the model's");
  check_canaries();
}

void PathGuest::check_canaries() {
  for (const auto& [path, facts] : canaries_) {
    if (facts_of(path) != facts) finding("changed: " + path.filename().string());
  }
}

void PathGuest::release(const protocol::OpenReply& reply) {
  if (reply.error == 0 && reply.handle > kFixed) service_->release({{reply.handle}});
}

void PathGuest::expect_same(const std::string& call, int64_t got, int64_t wanted) {
  ++counts_.calm;
  counts_.succeeded += got == 0 ? 1 : 0;
  if (got == wanted) return;
  finding(call + ": errno " + std::to_string(got) + ", not " + std::to_string(wanted) + ", in\n" +
          model_.listing());
}

void PathGuest::calm_call(Choices& choices) {
  const std::string path = calm_path(choices);
  const bool follow = choices.below(2) == 0;
  switch (choices.below(9)) {
    case 0: {
      const bool create = choices.below(2) == 0;
      const bool exclusive = create && choices.below(3) == 0,
                 directory = !create && choices.below(3) == 0;
      const std::string name = create && path.ends_with('/') ? path + "x" : path;
      Fd file;
      const auto reply = service_->open({.path = name,
                                         .follow = follow,
                                         .create = create,
                                         .directory = directory,
                                         .exclusive = exclusive,
                                         .read = true},
                                        file);
      release(reply);
      return expect_same("open " + name, reply.error,
                         model_.open(name, follow, create, exclusive, directory));
    }
    case 1: {
      char kind = '?';
      const auto reply = service_->stat({kOpen, path, follow});
      const int wanted = model_.stat(path, follow, kind);
      expect_same("stat " + path, reply.error, wanted);
      if (wanted != 0) return;
      const uint32_t mode = reply.stat.mode_type;
      return expect(kind == (mode == S_IFDIR ? 'd' : mode == S_IFLNK ? 'l' : 'f'), "another kind");
    }
    case 2: {
      std::string target;
      const auto reply = service_->readlink({kOpen, path});
      expect_same("readlink " + path, reply.error, model_.readlink(path, target));
      return expect(reply.target == target, "another target");
    }
    default: return calm_change(choices, path);
  }
}

void PathGuest::calm_change(Choices& choices, const std::string& path) {
  const std::string other = calm_path(choices);
  switch (choices.below(6)) {
    case 0:
      return expect_same("mkdir " + path, service_->create_directory({kOpen, path}),
                         model_.create_directory(path));
    case 1:
      return expect_same("rmdir " + path, service_->remove_directory({kOpen, path}),
                         model_.remove_directory(path));
    case 2:
      return expect_same("unlink " + path, service_->unlink_file({kOpen, path}),
                         model_.unlink_file(path));
    case 3:
      return expect_same("rename " + path + " " + other,
                         service_->rename({kOpen, path, kOpen, other}), model_.rename(path, other));
    case 4:
      return expect_same("link " + path + " " + other,
                         service_->link({kOpen, path, false, kOpen, other}),
                         model_.link(path, other));
    default: {
      if (choices.once_in(8)) {
        return expect(service_->symlink({"/" + other, kOpen, path}) != 0, "an absolute link");
      }
      const std::string target = calm_path(choices, false);
      return expect_same("symlink " + target + " at " + path,
                         service_->symlink({target, kOpen, path}), model_.symlink(target, path));
    }
  }
}

// Any result is accepted if it concerns something inside.
void PathGuest::racy_call(Choices& choices) {
  const std::string path = racy_path(choices);
  Fd file;
  switch (choices.below(8)) {
    case 0:
    case 1: {
      const bool write = choices.below(2) == 0;
      const auto reply = service_->open({.path = path,
                                         .follow = choices.below(4) != 0,
                                         .create = choices.below(4) == 0,
                                         .truncate = write && choices.below(2) == 0,
                                         .read = true,
                                         .write = write},
                                        file);
      release(reply);
      counts_.refused += reply.error != 0 ? 1 : 0;
      struct stat s{};
      const bool opened = reply.error == 0 && file.valid() && fstat(file.get(), &s) == 0;
      expect(!opened || !outside_.contains(s.st_ino), "a file outside is opened: " + path);
      return expect(reply.error != 0 || !outside_.contains(reply.stat.ino), "outside: " + path);
    }
    case 2: {
      const auto reply = service_->stat({kOpen, path, choices.below(2) == 0});
      counts_.refused += reply.error != 0 ? 1 : 0;
      return expect(reply.error != 0 || !outside_.contains(reply.stat.ino), "outside: " + path);
    }
    case 3: service_->set_times({kOpen, path, true, 1, 1}); return;
    case 4: service_->create_directory({kOpen, path + "/made"}); return;
    case 5: service_->remove_directory({kOpen, path + "/made"}); return;
    case 6: service_->link({kOpen, path, false, kOpen, "race/in/linked"}); return;
    default: service_->unlink_file({kOpen, "race/in/linked"}); return;
  }
}

// No request may change anything in the read-only grant.
void PathGuest::fixed_call(Choices& choices) {
  constexpr const char* kNames[] = {"f", "d", "d/f", "new", "d/new", "."};
  const std::string name = choices.of(kNames), own = calm_path(choices);
  int error = 0;
  switch (choices.below(10)) {
    case 0: {
      Fd file;
      const uint32_t how = 1 + choices.below(15);
      const auto reply = service_->open({.dir = kFixed,
                                         .path = name,
                                         .follow = true,
                                         .create = (how & 1) != 0,
                                         .truncate = (how & 2) != 0,
                                         .read = choices.below(2) == 0,
                                         .write = (how & 4) != 0,
                                         .append = (how & 8) != 0},
                                        file);
      release(reply);
      // An existing file may be opened for reading, if nothing else was requested.
      expect(reply.error != 0 || (how & 14) == 0, "a file for reading was opened otherwise");
      expect(!file.valid() || (fcntl(file.get(), F_GETFL) & O_ACCMODE) == O_RDONLY,
             "a file for reading may be written");
      return check_canaries();
    }
    case 1: error = service_->create_directory({kFixed, name}); break;
    case 2: error = service_->remove_directory({kFixed, name}); break;
    case 3: error = service_->unlink_file({kFixed, name}); break;
    case 4: error = service_->rename({kFixed, name, kOpen, own}); break;
    case 5: error = service_->rename({kOpen, own, kFixed, name}); break;
    case 6: error = service_->link({kOpen, own, false, kFixed, name}); break;
    case 7: error = service_->link({kFixed, name, false, kOpen, own}); break;
    case 8: error = service_->symlink({"a", kFixed, name}); break;
    default: error = service_->set_times({kFixed, name, true, 1, 1}); break;
  }
  expect(error != 0, "a change of what is for reading: " + name);
  check_canaries();
}

// Grants stay, handles are distinct, and no listing shows what is above.
void PathGuest::handles(Choices& choices) {
  service_->release({{choices.below(2)}});
  const auto grant = service_->stat_directory({kOpen});
  expect(grant.error == 0 && grant.stat.ino == inode_of(root_ / "grant"), "a grant was given back");
  const auto listed = service_->read_directory({kOpen, 0});
  for (const protocol::DirEntry& entry : listed.entries) {
    expect(!outside_.contains(entry.ino), "an inode of a directory outside");
  }
  std::vector<uint32_t> open;
  for (uint32_t i = 1 + choices.below(4); i > 0; --i) {
    Fd file;
    const auto reply =
        service_->open({.dir = kFixed, .path = "d", .directory = true, .read = true}, file);
    expect(reply.error == 0 && reply.handle > kFixed, "a directory has a grant's handle");
    expect(std::ranges::find(open, reply.handle) == open.end(), "two directories have one handle");
    open.push_back(reply.handle);
  }
  // Sometimes twice.
  for (const uint32_t handle : open) {
    for (uint32_t i = 1 + choices.below(2); i > 0; --i) service_->release({{handle}});
  }
}

}  // namespace cordon::fuzz
