// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The path service against everything that tries to leave its grants or to write where
// it may only read ([F1]), each with its exact errno. The grants are `ro` and `rw` in a
// fresh directory; beside them there is the directory `outside`, which nothing may
// reach.
#include "sandbox/path_broker/path_service.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "sandbox/path_broker/resolve.h"

namespace cordon::path_broker {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxHandles = 254;
constexpr uint32_t kRo = 0;
constexpr uint32_t kRw = 1;

struct PathServiceTest : testing::Test {
  PathServiceTest() {
    char name[] = "/tmp/cordon-paths-XXXXXX";
    root = mkdtemp(name);
    for (const char* d : {"ro/sub", "rw/sub", "outside"}) fs::create_directories(root / d);
    for (const char* f : {"ro/file", "rw/file", "outside/secret"}) write(root / f, "content");
    for (const char* d : {"ro", "rw"}) {
      fs::create_symlink("file", root / d / "to_file");
      fs::create_symlink("sub", root / d / "to_sub");
      fs::create_symlink("../outside/secret", root / d / "out");
      fs::create_symlink("../outside", root / d / "out_dir");
      fs::create_symlink(root / "outside/secret", root / d / "out_absolute");
      fs::create_symlink("/proc/self/root", root / d / "magic");
      fs::create_symlink("loop_b", root / d / "loop_a");
      fs::create_symlink("loop_a", root / d / "loop_b");
      fs::create_symlink("missing", root / d / "dangling");
      fs::create_symlink("../outside/new", root / d / "dangling_out");
      EXPECT_EQ(mkfifo((root / d / "fifo").c_str(), 0666), 0);
    }
    std::vector<Grant> grants;
    grants.push_back({Fd(::open((root / "ro").c_str(), O_RDONLY | O_DIRECTORY)), false});
    grants.push_back({Fd(::open((root / "rw").c_str(), O_RDONLY | O_DIRECTORY)), true});
    service.emplace(std::move(grants), kMaxHandles);
  }
  ~PathServiceTest() override {
    EXPECT_EQ(read(root / "outside/secret"), "content") << "the outside was written to";
    EXPECT_EQ(std::distance(fs::directory_iterator(root / "outside"), {}), 1);
    EXPECT_EQ(read(root / "ro/file"), "content") << "the read-only grant was written to";
    fs::remove_all(root);
  }
  static void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
  static std::string read(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  protocol::PathOpen reading(uint32_t dir, std::string path) {
    return {.dir = dir, .path = std::move(path), .follow = true, .read = true};
  }
  int open(const protocol::PathOpen& request) {
    last = service->open(request, file);
    return static_cast<int>(last.error);
  }
  int open(uint32_t dir, std::string path) { return open(reading(dir, std::move(path))); }
  int close(uint32_t handle) {
    service->release({{handle}});
    return static_cast<int>(service->stat_directory({handle}).error);
  }
  int stat(uint32_t dir, std::string path, bool follow = true) {
    return static_cast<int>(service->stat({dir, std::move(path), follow}).error);
  }

  fs::path root;
  std::optional<PathService> service;
  protocol::OpenReply last;
  Fd file;
};

// The paths that lead outside, and what each call that resolves the whole path must say.
const std::pair<std::string, int> kEscapes[] = {
    {"..", EPERM},
    {"../outside/secret", EPERM},
    {"sub/../../outside/secret", EPERM},
    {"sub/../..", EPERM},
    {"/", EPERM},
    {"//", EPERM},
    {"/etc/passwd", EPERM},
    {"/proc/self/root/etc/passwd", EPERM},
    {"out_dir/secret", EPERM},
    {"out_dir/", EPERM},
    {"out_dir/.", EPERM},
    {"magic/etc/passwd", EPERM},
    {"magic/", EPERM},
    {"loop_a/x", ELOOP},
    {"", ENOENT},
    {std::string("file\0", 5), EINVAL},
    {std::string("\0", 1), EINVAL},
    {std::string("sub/../file\0/../..", 18), EINVAL},
    {std::string(5000, 'a'), ENAMETOOLONG},
    {std::string(4096, 'a'), ENAMETOOLONG},
    {std::string(256, 'a'), ENAMETOOLONG},
};
// These end in a link, so only calls that follow it leave.
const std::pair<std::string, int> kEscapesByLastLink[] = {
    {"out", EPERM},   {"out_dir", EPERM}, {"out_absolute", EPERM},
    {"magic", EPERM}, {"loop_a", ELOOP},  {"dangling_out", EPERM},
};

TEST_F(PathServiceTest, NoReadLeavesTheGrant) {  // [F1]
  for (uint32_t dir : {kRo, kRw}) {
    for (const auto& [path, error] : kEscapes) {
      EXPECT_EQ(open(dir, path), error) << path;
      EXPECT_EQ(stat(dir, path, true), error) << path;
      EXPECT_EQ(stat(dir, path, false), error) << path;
      EXPECT_EQ(service->readlink({dir, path}).error, static_cast<uint32_t>(error)) << path;
      EXPECT_FALSE(file.valid());
    }
    for (const auto& [path, error] : kEscapesByLastLink) {
      EXPECT_EQ(open(dir, path), error) << path;
      EXPECT_EQ(stat(dir, path, true), error) << path;
      EXPECT_EQ(stat(dir, path, false), 0) << path;
      auto unfollowed = reading(dir, path);
      unfollowed.follow = false;
      EXPECT_EQ(open(unfollowed), ELOOP) << path;
    }
  }
}

// [F1] Under a grant of everything: a kernel interface that a link's target merely passes by is one
// too, since whether it can be passed says which processes there are.
TEST_F(PathServiceTest, NoLinkLeadsByAKernelInterface) {
  const std::string here = root.relative_path();
  fs::create_symlink("../../proc/self/../.." / root.relative_path() / "ro/file", root / "by_proc");
  fs::create_symlink("../../proc/../" / root.relative_path() / "ro", root / "by_proc_dir");
  fs::create_symlink("by_proc", root / "by_link");
  fs::create_symlink("../../proc/version", root / "to_proc");
  fs::create_symlink("../../proc", root / "proc");
  fs::create_symlink("again", root / "again");
  std::vector<Grant> grants;
  grants.push_back({Fd(::open("/", O_RDONLY | O_DIRECTORY)), false});
  PathService of_all(std::move(grants), kMaxHandles);
  const auto error_of = [&](const std::string& name) {
    Fd file;
    return of_all.open({.dir = 0, .path = here + "/" + name, .follow = true, .read = true}, file)
        .error;
  };
  for (const char* name : {"by_proc", "by_proc_dir/file", "by_link", "to_proc", "proc/version",
                           "proc/../tmp", "../../proc/version"}) {
    EXPECT_EQ(error_of(name), static_cast<uint32_t>(EACCES)) << name;
  }
  EXPECT_EQ(error_of("again"), static_cast<uint32_t>(ELOOP));
  EXPECT_EQ(error_of("ro/to_file"), 0U);
  EXPECT_EQ(error_of("ro/to_sub/../file"), 0U);
  // A link itself may be looked at, wherever it leads.
  EXPECT_EQ(of_all.stat({0, here + "/by_proc", false}).error, 0U);
  EXPECT_EQ(of_all.stat({0, here + "/by_proc", true}).error, static_cast<uint32_t>(EACCES));
  // Other mounts are walked as ever, by links too.
  fs::create_symlink("../../dev/null", root / "null");
  EXPECT_EQ(error_of("null"), 0U);
  EXPECT_EQ(error_of("../../dev/null"), 0U);
  EXPECT_EQ(error_of("../../dev/none"), static_cast<uint32_t>(ENOENT));
}

TEST_F(PathServiceTest, NoChangeLeavesTheGrant) {  // [F1]
  for (const auto& [path, error] : kEscapes) {
    auto create = reading(kRw, path);
    create.create = create.write = true;
    if (path != "//" && path != "/" && path != "out_dir/" && path != "magic/") {
      EXPECT_EQ(open(create), error) << path;
    } else {
      EXPECT_NE(open(create), 0) << path;
    }
    EXPECT_EQ(service->set_times({kRw, path, true, 1, 1}), error) << path;
    EXPECT_NE(service->create_directory({kRw, path}), 0) << path;
    EXPECT_NE(service->remove_directory({kRw, path}), 0) << path;
    EXPECT_NE(service->unlink_file({kRw, path}), 0) << path;
    EXPECT_NE(service->rename({kRw, path, kRw, "taken"}), 0) << path;
    EXPECT_NE(service->rename({kRw, "file", kRw, path}), 0) << path;
    EXPECT_NE(service->link({kRw, path, false, kRw, "taken"}), 0) << path;
    EXPECT_NE(service->link({kRw, "file", false, kRw, path}), 0) << path;
    EXPECT_NE(service->symlink({"file", kRw, path}), 0) << path;
  }
  for (const auto& [path, error] : kEscapesByLastLink) {
    auto create = reading(kRw, path);
    create.create = create.write = create.truncate = true;
    EXPECT_EQ(open(create), error) << path;
    EXPECT_EQ(service->set_times({kRw, path, true, 1, 1}), error) << path;
  }
  EXPECT_FALSE(fs::exists(root / "rw/taken"));
}

TEST_F(PathServiceTest, ChangesThroughAParentOutsideAreRefusedWithTheirErrno) {  // [F1]
  for (const char* path : {"../new", "/new", "out_dir/new", "sub/../../new", "magic/tmp/new"}) {
    EXPECT_EQ(service->create_directory({kRw, path}), EPERM) << path;
    EXPECT_EQ(service->remove_directory({kRw, path}), EPERM) << path;
    EXPECT_EQ(service->unlink_file({kRw, path}), EPERM) << path;
    EXPECT_EQ(service->rename({kRw, "file", kRw, path}), EPERM) << path;
    EXPECT_EQ(service->rename({kRw, path, kRw, "new"}), EPERM) << path;
    EXPECT_EQ(service->link({kRw, "file", false, kRw, path}), EPERM) << path;
    EXPECT_EQ(service->link({kRw, path, false, kRw, "new"}), EPERM) << path;
    EXPECT_EQ(service->symlink({"file", kRw, path}), EPERM) << path;
  }
}

// As Linux has it: `mkdir -p` and Rust's create_dir_all rely on EEXIST.
TEST_F(PathServiceTest, DotsAreNoNamesToCreateOrRemove) {  // [F1]
  for (const char* path : {".", "./", "sub/.", "sub/..", "sub/../", "to_sub/."}) {
    EXPECT_EQ(service->create_directory({kRw, path}), EEXIST) << path;
    const bool up = std::string_view(path).find("..") != std::string_view::npos;
    EXPECT_EQ(service->remove_directory({kRw, path}), up ? ENOTEMPTY : EINVAL) << path;
    EXPECT_EQ(service->unlink_file({kRw, path}), EISDIR) << path;
    EXPECT_EQ(service->rename({kRw, path, kRw, "x"}), EBUSY) << path;
    EXPECT_EQ(service->rename({kRw, "file", kRw, path}), EBUSY) << path;
    EXPECT_EQ(service->link({kRw, "file", false, kRw, path}), EEXIST) << path;
    EXPECT_EQ(service->link({kRw, path, false, kRw, "x"}), EPERM) << path;
    EXPECT_EQ(service->symlink({"file", kRw, path}), EEXIST) << path;
  }
  for (const auto& [path, error] : {std::pair{"missing/.", ENOENT},
                                    {"file/..", ENOTDIR},
                                    {"..", EPERM},
                                    {"sub/../..", EPERM},
                                    {"out_dir/.", EPERM}}) {
    EXPECT_EQ(service->create_directory({kRw, path}), error) << path;
    EXPECT_EQ(service->remove_directory({kRw, path}), error) << path;
    EXPECT_EQ(service->unlink_file({kRw, path}), error) << path;
    EXPECT_EQ(service->rename({kRw, path, kRw, "x"}), error) << path;
    EXPECT_EQ(service->symlink({"file", kRw, path}), error) << path;
  }
}

// As on a file system that is mounted read-only: what is wrong with the path comes first.
TEST_F(PathServiceTest, ReadOnlyGrantsRefuseEveryChange) {  // [F1]
  using Change = void (*)(protocol::PathOpen&);
  struct Row {
    Change change;
    int file, missing, directory, dangling;
  };
  const Row rows[] = {
      {[](auto& r) { r.write = true; }, EROFS, ENOENT, EISDIR, ENOENT},
      {[](auto& r) { r.append = true; }, EROFS, ENOENT, EISDIR, ENOENT},
      {[](auto& r) { r.truncate = true; }, EROFS, ENOENT, EISDIR, ENOENT},
      {[](auto& r) { r.create = r.truncate = true; }, EROFS, EROFS, EISDIR, EROFS},
      {[](auto& r) { r.create = r.write = true; }, EROFS, EROFS, EISDIR, EROFS},
      {[](auto& r) { r.create = r.exclusive = true; }, EEXIST, EROFS, EEXIST, EEXIST},
      {[](auto& r) { r.create = true; }, 0, EROFS, EISDIR, EROFS},
  };
  for (const Row& row : rows) {
    const std::pair<const char*, int> paths[] = {{"file", row.file},
                                                 {"to_file", row.file},
                                                 {"new", row.missing},
                                                 {"sub", row.directory},
                                                 {"dangling", row.dangling}};
    for (const auto& [path, error] : paths) {
      auto request = reading(kRo, path);
      row.change(request);
      EXPECT_EQ(open(request), error) << path << " of row " << &row - rows;
    }
  }
  // O_CREAT of what is there is a descriptor for reading.
  auto request = reading(kRo, "file");
  request.create = true;
  ASSERT_EQ(open(request), 0);
  EXPECT_EQ(fcntl(file.get(), F_GETFL) & O_ACCMODE, O_RDONLY);
  EXPECT_FALSE(fs::exists(root / "ro/new"));
  EXPECT_FALSE(fs::exists(root / "ro/missing"));
}

TEST_F(PathServiceTest, ReadOnlyGrantsSayFirstWhatIsWrongWithAPath) {  // [F1]
  EXPECT_EQ(service->set_times({kRo, "file", true, 1, 1}), EROFS);
  EXPECT_EQ(service->set_times({kRo, "new", true, 1, 1}), ENOENT);
  EXPECT_EQ(service->create_directory({kRo, "new"}), EROFS);
  for (const char* taken : {"sub", "sub/", "file", "dangling", "out_dir", ".", "sub/.."}) {
    EXPECT_EQ(service->create_directory({kRo, taken}), EEXIST) << taken;
    EXPECT_EQ(service->symlink({"file", kRo, taken}), EEXIST) << taken;
  }
  EXPECT_EQ(service->symlink({"file", kRo, "new"}), EROFS);
  EXPECT_EQ(service->remove_directory({kRo, "sub"}), EROFS);
  EXPECT_EQ(service->unlink_file({kRo, "file"}), EROFS);
  EXPECT_EQ(service->rename({kRo, "file", kRo, "new"}), EROFS);
  EXPECT_EQ(service->link({kRo, "file", false, kRo, "new"}), EROFS);
  EXPECT_EQ(service->link({kRo, "new", false, kRo, "newer"}), ENOENT);
  const std::pair<const char*, int> ways[] = {
      {"new/x", ENOENT}, {"file/x", ENOTDIR}, {"../outside/x", EPERM}, {"out_dir/secret", EPERM}};
  for (const auto& [path, error] : ways) {
    EXPECT_EQ(service->create_directory({kRo, path}), error) << path;
    EXPECT_EQ(service->remove_directory({kRo, path}), error) << path;
    EXPECT_EQ(service->unlink_file({kRo, path}), error) << path;
    EXPECT_EQ(service->rename({kRo, path, kRo, "x"}), error) << path;
    EXPECT_EQ(service->symlink({"file", kRo, path}), error) << path;
    auto request = reading(kRo, path);
    request.create = request.write = true;
    EXPECT_EQ(open(request), error) << path;
  }
}

TEST_F(PathServiceTest, ASlashAtTheEndMakesNoFile) {
  for (const char* path : {"new/", "file/", "sub/", "to_file/", "dangling/", "new//"}) {
    auto request = reading(kRw, path);
    request.create = request.write = true;
    EXPECT_EQ(open(request), EISDIR) << path;
  }
  auto request = reading(kRw, "new/x/");
  request.create = true;
  EXPECT_EQ(open(request), ENOENT);
  EXPECT_FALSE(fs::exists(root / "rw/new"));
}

TEST_F(PathServiceTest, NothingMovesBetweenReadOnlyAndWritableGrants) {  // [F1]
  EXPECT_EQ(service->rename({kRo, "file", kRw, "stolen"}), EROFS);
  EXPECT_EQ(service->rename({kRw, "file", kRo, "planted"}), EROFS);
  EXPECT_EQ(service->rename({kRw, "file", kRo, "file"}), EROFS);
  // A hard link in the writable grant would make the read-only file writable.
  EXPECT_EQ(service->link({kRo, "file", false, kRw, "alias"}), EROFS);
  EXPECT_EQ(service->link({kRw, "file", false, kRo, "planted"}), EROFS);
  EXPECT_FALSE(fs::exists(root / "rw/alias"));
}

TEST_F(PathServiceTest, HandlesInheritReadOnly) {  // [F1]
  ASSERT_EQ(open(kRo, "sub"), 0);
  ASSERT_TRUE(last.is_directory);
  uint32_t sub = last.handle;
  auto create = reading(sub, "new");
  create.create = create.write = true;
  EXPECT_EQ(open(create), EROFS);
  EXPECT_EQ(service->create_directory({sub, "new"}), EROFS);
  EXPECT_EQ(service->rename({kRw, "file", sub, "new"}), EROFS);
  ASSERT_EQ(open(kRo, "."), 0);
  EXPECT_EQ(service->create_directory({last.handle, "new"}), EROFS);
  // A handle is a root of its own: no way back up from it.
  EXPECT_EQ(open(sub, "../file"), EPERM);
}

TEST_F(PathServiceTest, ReadOnlyFilesArriveWithoutWriteAccess) {  // [F1]
  ASSERT_EQ(open(kRo, "file"), 0);
  ASSERT_TRUE(file.valid());
  EXPECT_EQ(fcntl(file.get(), F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND), O_RDONLY);
  EXPECT_EQ(::write(file.get(), "x", 1), -1);
  EXPECT_EQ(ftruncate(file.get(), 0), -1);
}

TEST_F(PathServiceTest, OnlyRegularFilesAndDirectoriesAreHandedOut) {  // [F1]
  int sock = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (root / "rw/socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(sock, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  for (bool write : {false, true}) {
    auto fifo = reading(kRw, "fifo");  // must not wait for the other side either
    fifo.write = write;
    EXPECT_EQ(open(fifo), EACCES);
    auto socket_open = reading(kRw, "socket");
    socket_open.write = write;
    EXPECT_EQ(open(socket_open), ENXIO);
  }
  close(sock);
  EXPECT_FALSE(file.valid());
  if (mknod((root / "rw/null").c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) return;
  EXPECT_EQ(open(kRw, "null"), 0);
  EXPECT_EQ(last.stat.mode_type, static_cast<uint32_t>(S_IFCHR));
  // Memory, a terminal, the kernel's log, a disk.
  const std::pair<mode_t, dev_t> devices[] = {{S_IFCHR, makedev(1, 1)},
                                              {S_IFCHR, makedev(5, 0)},
                                              {S_IFCHR, makedev(1, 11)},
                                              {S_IFBLK, makedev(8, 0)},
                                              {S_IFBLK, makedev(1, 3)}};
  for (const auto& [kind, number] : devices) {
    ASSERT_EQ(mknod((root / "rw/device").c_str(), kind | 0666, number), 0);
    EXPECT_EQ(open(kRw, "device"), EACCES);
    fs::remove(root / "rw/device");
  }
}

TEST_F(PathServiceTest, TrailingSlashesNeverFollowALinkForAChange) {  // [F1]
  EXPECT_EQ(service->remove_directory({kRw, "to_sub/"}), ENOTDIR);
  EXPECT_EQ(service->unlink_file({kRw, "to_sub/"}), ENOTDIR);
  EXPECT_EQ(service->rename({kRw, "to_sub/", kRw, "moved"}), ENOTDIR);
  EXPECT_EQ(service->rename({kRw, "out_dir/", kRw, "moved"}), ENOTDIR);
  EXPECT_EQ(service->create_directory({kRw, "dangling/"}), EEXIST);
  EXPECT_EQ(service->symlink({"file", kRw, "dangling/"}), EEXIST);
  EXPECT_EQ(service->symlink({"file", kRw, "new/"}), ENOENT);
  EXPECT_EQ(service->link({kRw, "file", false, kRw, "new/"}), ENOENT);
  EXPECT_EQ(service->link({kRw, "file/", false, kRw, "new"}), ENOTDIR);
  EXPECT_EQ(service->unlink_file({kRw, "file/"}), ENOTDIR);
  EXPECT_EQ(service->unlink_file({kRw, "missing/"}), ENOENT);
  EXPECT_EQ(service->rename({kRw, "missing/", kRw, "moved"}), ENOENT);
  EXPECT_EQ(service->link({kRw, "missing/", false, kRw, "moved"}), ENOENT);
  EXPECT_EQ(service->unlink_file({kRw, "sub/"}), EISDIR);
  EXPECT_EQ(service->rename({kRw, "file/", kRw, "moved"}), ENOTDIR);
  EXPECT_EQ(service->rename({kRw, "file", kRw, "moved/"}), ENOTDIR);
  EXPECT_EQ(open(kRw, "file/"), ENOTDIR);
  EXPECT_EQ(stat(kRw, "file/"), ENOTDIR);
  EXPECT_EQ(service->rename({kRw, "sub//", kRw, "moved/"}), 0);
  EXPECT_EQ(service->create_directory({kRw, "made///"}), 0);
  EXPECT_EQ(service->remove_directory({kRw, "made/"}), 0);
  EXPECT_TRUE(fs::is_symlink(root / "rw/to_sub"));
}

TEST_F(PathServiceTest, NewSymbolicLinksCanNotPointOutside) {  // [F1]
  for (const char* target : {"/", "/etc/passwd", "..", "../x", "a/../..", "a/..", "./../x"}) {
    EXPECT_EQ(service->symlink({target, kRw, "new"}), EPERM) << target;
  }
  // From deeper down there are directories to go up to.
  fs::create_directories(root / "rw/sub/deep");
  for (const char* target : {"..", "../file", "../../file", "./.././../sub/deep"}) {
    EXPECT_EQ(service->symlink({target, kRw, "sub/deep/link"}), 0) << target;
    EXPECT_EQ(service->unlink_file({kRw, "sub/deep/link"}), 0);
  }
  for (const char* target : {"../../..", "../../../x", "../../sub/../x"}) {
    EXPECT_EQ(service->symlink({target, kRw, "sub/deep/link"}), EPERM) << target;
  }
  // Where it is, counts, and not how it was named.
  fs::create_symlink(".", root / "rw/here");
  EXPECT_EQ(service->symlink({"../x", kRw, "here/here/new"}), EPERM);
  EXPECT_EQ(service->symlink({"../x", kRw, "to_sub/up"}), 0);
  // Beneath a directory that was opened, the grant still is what it must stay in.
  ASSERT_EQ(open(kRw, "sub/deep"), 0);
  EXPECT_EQ(service->symlink({"../../file", last.handle, "up"}), 0);
  EXPECT_EQ(service->symlink({"../../../file", last.handle, "up2"}), EPERM);
  EXPECT_EQ(service->symlink({"", kRw, "new"}), ENOENT);
  EXPECT_EQ(service->symlink({std::string("a\0b", 3), kRw, "new"}), EINVAL);
  EXPECT_EQ(service->symlink({"sub/..x", kRw, "new"}), 0);
  EXPECT_EQ(service->readlink({kRw, "new"}).target, "sub/..x");
  EXPECT_EQ(service->symlink({"file", kRw, "new"}), EEXIST);
}

// Host programs that follow a link must not be led out by a guest that moved it ([F1]).
TEST_F(PathServiceTest, LinksThatStayInsideAreNotMovedToWhereTheyDoNot) {
  fs::create_directories(root / "rw/a/b/c");
  fs::create_symlink("../../file", root / "rw/a/b/link");
  EXPECT_EQ(service->rename({kRw, "a/b/link", kRw, "a/link"}), EPERM);
  EXPECT_EQ(service->link({kRw, "a/b/link", false, kRw, "link"}), EPERM);
  EXPECT_EQ(service->rename({kRw, "a/b/link", kRw, "a/b/other"}), 0);
  EXPECT_EQ(service->rename({kRw, "a/b/other", kRw, "a/b/c/link"}), 0);
  EXPECT_EQ(service->rename({kRw, "a/b/c/link", kRw, "a/b/link"}), 0);
  // With the directory around it; mv copies then, link by link.
  EXPECT_EQ(service->rename({kRw, "a/b", kRw, "b"}), EXDEV);
  EXPECT_EQ(service->rename({kRw, "a", kRw, "sub/a"}), 0);
  EXPECT_EQ(service->rename({kRw, "sub/a", kRw, "a"}), 0);
  EXPECT_EQ(service->unlink_file({kRw, "a/b/link"}), 0);
  EXPECT_EQ(service->rename({kRw, "a/b", kRw, "b"}), 0);
  // One that led outside before is no worse elsewhere.
  EXPECT_EQ(service->rename({kRw, "out", kRw, "sub/out"}), 0);
  EXPECT_EQ(service->rename({kRw, "out_absolute", kRw, "sub/out_absolute"}), 0);
}

TEST_F(PathServiceTest, LinksAreNeverFollowedToTheirTargetByLink) {  // [F1]
  EXPECT_EQ(service->link({kRw, "out", true, kRw, "alias"}), EINVAL);
  EXPECT_EQ(service->link({kRw, "out", false, kRw, "alias"}), 0);
  EXPECT_TRUE(fs::is_symlink(root / "rw/alias"));
  EXPECT_EQ(open(kRw, "alias"), EPERM);
}

TEST_F(PathServiceTest, DanglingLinksCreateOnlyBeneath) {  // [F1]
  auto create = reading(kRw, "dangling_out");
  create.create = create.write = true;
  EXPECT_EQ(open(create), EPERM);
  create.path = "dangling";
  create.exclusive = true;
  EXPECT_EQ(open(create), EEXIST);
  create.exclusive = false;
  create.follow = false;
  EXPECT_EQ(open(create), ELOOP);
  create.follow = true;
  EXPECT_EQ(open(create), 0);
  EXPECT_TRUE(fs::exists(root / "rw/missing"));
}

TEST_F(PathServiceTest, HandlesAreBoundedAndCheckedAndUsedAgain) {  // [L1] [P1]
  for (uint32_t handle : {2U, 255U, 256U, 0x7fffffffU, 0xffffffffU}) {
    EXPECT_EQ(open(handle, "file"), EBADF);
    EXPECT_EQ(service->stat_directory({handle}).error, static_cast<uint32_t>(EBADF));
    EXPECT_EQ(service->read_directory({handle, 0}).error, static_cast<uint32_t>(EBADF));
    service->release({{handle}});
    EXPECT_EQ(service->set_file_times({handle, 1, 1}), EBADF);
    EXPECT_EQ(service->sync_directory({handle}), EBADF);
    EXPECT_EQ(service->rename({kRw, "file", handle, "x"}), EBADF);
  }
  for (size_t i = 0; i < kMaxHandles; ++i) ASSERT_EQ(open(kRw, "sub"), 0) << i;
  EXPECT_EQ(open(kRw, "sub"), EMFILE);
  EXPECT_EQ(open(kRw, "file"), EMFILE);
  EXPECT_EQ(open(kRo, "file"), 0);       // which needs no handle
  service->release({{100, 100, 0, 1}});  // the grants stay
  EXPECT_EQ(service->stat_directory({100}).error, static_cast<uint32_t>(EBADF));
  EXPECT_EQ(service->stat_directory({kRw}).error, 0U);
  EXPECT_EQ(open(kRo, "sub"), 0);
  EXPECT_EQ(last.handle, 100U);
  EXPECT_EQ(service->create_directory({100, "x"}), EROFS);  // of the new owner's kind
}

TEST_F(PathServiceTest, DirectoriesAreReadWholeInBoundedSteps) {  // [L1]
  std::set<std::string> expected = {".", ".."};
  for (int i = 0; i < 3000; ++i) {
    std::string name = "entry" + std::to_string(i) + std::string(static_cast<size_t>(i) % 200, 'x');
    write(root / "ro/sub" / name, "");
    expected.insert(name);
  }
  ASSERT_EQ(open(kRo, "sub"), 0);
  std::set<std::string> seen;
  uint64_t cookie = 0;
  for (int step = 0; step < 1000; ++step) {
    auto reply = service->read_directory({last.handle, cookie});
    ASSERT_EQ(reply.error, 0U);
    ASSERT_LE(reply.entries.size(), protocol::kMaxEntries);
    if (reply.entries.empty()) break;
    for (const auto& entry : reply.entries) EXPECT_TRUE(seen.insert(entry.name).second);
    cookie = reply.entries.back().next_cookie;
  }
  EXPECT_EQ(seen, expected);
  for (uint64_t strange : {uint64_t{1} << 63, ~uint64_t{0}, uint64_t{123456789}}) {
    service->read_directory({last.handle, strange});  // any answer, no crash
  }
}

TEST_F(PathServiceTest, OrdinaryWorkOnAWritableGrant) {
  auto create = reading(kRw, "sub/new");
  create.create = create.write = create.exclusive = true;
  ASSERT_EQ(open(create), 0);
  EXPECT_EQ(::write(file.get(), "hello", 5), 5);
  EXPECT_EQ(service->set_times({kRw, "sub/new", true, 1'000'000'001, ~uint64_t{0} - 1}), 0);
  auto reply = service->stat({kRw, "sub/new", true});
  EXPECT_EQ(reply.error, 0U);
  EXPECT_EQ(reply.stat.size, 5U);
  EXPECT_EQ(reply.stat.atim_ns, 1'000'000'001U);
  EXPECT_EQ(reply.stat.mode_type, static_cast<uint32_t>(S_IFREG));
  EXPECT_EQ(service->rename({kRw, "sub/new", kRw, "renamed"}), 0);
  EXPECT_EQ(service->link({kRw, "renamed", false, kRw, "linked"}), 0);
  EXPECT_EQ(service->unlink_file({kRw, "renamed"}), 0);
  EXPECT_EQ(service->create_directory({kRw, "made"}), 0);
  EXPECT_EQ(service->remove_directory({kRw, "made"}), 0);
  EXPECT_EQ(service->sync_directory({kRw}), 0);
  EXPECT_EQ(read(root / "rw/linked"), "hello");
  auto both = reading(kRw, "new_directory");
  both.create = both.directory = true;
  EXPECT_EQ(open(both), EINVAL);
}

TEST_F(PathServiceTest, ASwappedLinkNeverWinsTheRace) {  // [F1]
  // `spot` is by turns a directory with its own `secret` and a link to `outside`.
  fs::create_directory(root / "rw/spot");
  write(root / "rw/spot/secret", "inside");
  fs::create_symlink("../outside", root / "rw/spot_link");
  std::atomic<bool> stop = false;
  std::thread renamer([&] {
    std::string a = root / "rw/spot", b = root / "rw/spot_link";
    while (!stop) renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
  });
  int opened = 0, refused = 0;
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (std::chrono::steady_clock::now() < end) {
    for (const char* path : {"spot/secret", "spot/../spot/secret"}) {
      auto request = reading(kRw, path);
      int error = open(request);
      if (error == 0) {
        char text[8] = {};
        ASSERT_EQ(::read(file.get(), text, sizeof text), 6);
        ASSERT_STREQ(text, "inside");
        service->release({{last.handle}});
        ++opened;
      } else {
        ASSERT_TRUE(error == EPERM || error == EAGAIN) << error;
        ++refused;
      }
    }
    service->create_directory({kRw, "spot/made"});
    service->unlink_file({kRw, "spot/secret2"});
    service->remove_directory({kRw, "spot/made"});
  }
  stop = true;
  renamer.join();
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0);
}

// [F1] Under a grant of everything: the kernel's own file systems, directly, through "..", through
// links, as the way to somewhere else, and for every call.
TEST_F(PathServiceTest, KernelInterfacesAreNeverServed) {
  std::vector<Grant> grants;
  grants.push_back({Fd(::open("/", O_RDONLY | O_DIRECTORY)), true});
  grants.push_back({Fd(::open("/proc", O_RDONLY | O_DIRECTORY)), true});
  service.emplace(std::move(grants), kMaxHandles);
  fs::create_symlink("/proc", root / "rw/absolute");
  const std::string rw = (root / "rw").string().substr(1);
  const std::string up = "../../../";
  fs::create_symlink(up + "proc/self/mem", root / "rw/to_mem");
  fs::create_symlink(up + "proc", root / "rw/to_proc");
  for (std::string path :
       {"proc", "proc/self/mem", "proc/self/environ", "proc/self/root/etc/passwd", "sys",
        "sys/kernel", "proc/../etc/hostname", "proc/self/../../etc"}) {
    EXPECT_EQ(open(0, path), EACCES) << path;
    EXPECT_EQ(stat(0, path), EACCES) << path;
    auto create = reading(0, path);
    create.create = create.write = create.truncate = true;
    EXPECT_EQ(open(create), EACCES) << path;
    EXPECT_EQ(service->set_times({0, path, true, 1, 1}), EACCES) << path;
  }
  for (std::string path : {rw + "/to_mem", rw + "/to_proc", rw + "/to_proc/self/mem"}) {
    EXPECT_EQ(open(0, path), EACCES) << path;
  }
  for (std::string path : {"proc/new", "sys/new", "proc/sys/new"}) {
    EXPECT_EQ(service->create_directory({0, path}), EACCES) << path;
    EXPECT_EQ(service->unlink_file({0, path}), EACCES) << path;
    EXPECT_EQ(service->symlink({"x", 0, path}), EACCES) << path;
    EXPECT_EQ(service->rename({0, path, 0, rw + "/x"}), EACCES) << path;
    EXPECT_EQ(service->rename({0, rw + "/file", 0, path}), EACCES) << path;
    EXPECT_EQ(service->link({0, path, false, 0, rw + "/x"}), EACCES) << path;
  }
  EXPECT_EQ(service->readlink({0, "proc/self"}).error, static_cast<uint32_t>(EACCES));
  // The grant itself.
  EXPECT_EQ(open(1, "self/environ"), EACCES);
  EXPECT_EQ(service->stat_directory({1}).error, static_cast<uint32_t>(EACCES));
  EXPECT_EQ(service->read_directory({1, 0}).error, static_cast<uint32_t>(EACCES));
  // All else is served, also across a mount.
  EXPECT_EQ(open(0, rw + "/file"), 0);
  EXPECT_EQ(open(0, "dev/null"), 0);
}

// Each mounted file system that is neither storage nor memory for files is in the table.
TEST(KernelInterfaces, AllThatAreMountedHereAreKnown) {  // [F1]
  const std::set<std::string> storage = {
      "ext2",    "ext3",     "ext4",  "xfs",       "btrfs",   "tmpfs",  "devtmpfs",  "ramfs",
      "overlay", "squashfs", "erofs", "vfat",      "iso9660", "fuse",   "9p",        "virtiofs",
      "nfs",     "nfs4",     "zfs",   "hugetlbfs", "autofs",  "rootfs", "fuse.lxcfs"};
  std::ifstream mounts("/proc/self/mounts");
  std::string device, place, type, rest;
  int known = 0;
  while (mounts >> device >> place >> type && std::getline(mounts, rest)) {
    if (storage.contains(type) || type.starts_with("fuse")) continue;
    Fd fd(::open(place.c_str(), O_PATH));
    if (!fd.valid()) continue;
    EXPECT_EQ(check_file_system(fd.get()), EACCES) << type << " at " << place;
    ++known;
  }
  EXPECT_GE(known, 2);  // proc and sysfs
}

TEST_F(PathServiceTest, TimesOfAnOpenFileAreSetWhateverBecameOfItsName) {
  ASSERT_EQ(open(kRo, "file"), 0);
  EXPECT_EQ(last.handle, protocol::kNoHandle);  // [F1]
  ASSERT_EQ(open(kRw, "to_file"), 0);
  const uint32_t handle = last.handle;
  ASSERT_NE(handle, protocol::kNoHandle);
  EXPECT_EQ(service->rename({kRw, "file", kRw, "moved"}), 0);
  write(root / "rw/file", "other");
  EXPECT_EQ(service->set_file_times({handle, 7, 8}), 0);
  EXPECT_EQ(service->stat({kRw, "moved", true}).stat.mtim_ns, 8U);
  EXPECT_GT(service->stat({kRw, "file", true}).stat.mtim_ns, 8U);
  EXPECT_EQ(service->unlink_file({kRw, "moved"}), 0);
  EXPECT_EQ(service->set_file_times({handle, 9, 10}), 0);
  struct stat s;
  ASSERT_EQ(fstat(file.get(), &s), 0);
  EXPECT_EQ(s.st_mtim.tv_nsec, 10);
  // A handle is of one kind.
  EXPECT_EQ(open(handle, "x"), EBADF);
  EXPECT_EQ(service->set_file_times({kRw, 1, 1}), EBADF);
  service->release({{handle}});
  EXPECT_EQ(service->set_file_times({handle, 1, 1}), EBADF);
}

TEST_F(PathServiceTest, TimesBefore1970AndAfter2554DoNotWrapAround) {
  const timespec times[2] = {{-5, 0}, {20'000'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (root / "rw/file").c_str(), times, 0), 0);
  struct stat host;
  ASSERT_EQ(::stat((root / "rw/file").c_str(), &host), 0);
  const auto reply = service->stat({kRw, "file", true});
  EXPECT_EQ(reply.stat.atim_ns, 0U);
  // Some file systems end earlier.
  if (host.st_mtim.tv_sec == 20'000'000'000) EXPECT_EQ(reply.stat.mtim_ns, ~uint64_t{0});
  EXPECT_GT(reply.stat.mtim_ns, 1'000'000'000'000'000'000U);
}

TEST_F(PathServiceTest, TheDirectoryAboveHasTheNumberOfTheDirectoryItself) {  // [F1]
  for (const char* path : {".", "sub"}) {
    ASSERT_EQ(open(kRw, path), 0);
    const uint64_t own = service->stat_directory({last.handle}).stat.ino;
    auto reply = service->read_directory({last.handle, 0});
    int dots = 0;
    for (const auto& entry : reply.entries) {
      if (entry.name != "." && entry.name != "..") continue;
      EXPECT_EQ(entry.ino, own) << entry.name;
      ++dots;
    }
    EXPECT_EQ(dots, 2);
  }
}

}  // namespace
}  // namespace cordon::path_broker
