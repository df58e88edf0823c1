// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [F1] Tries to leave the directory of its first argument, granted rw. The host has put into it
// "absolute" -> /etc/passwd, "outside" -> ../secret, "loop" -> loop, "up" -> .., "inside" -> d/f.
// Prints each name that it could open, of which only the inner ones are right.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

#include "expect.h"

// The very calls, so that no path is judged by wasi-libc.
static __wasi_errno_t raw_open(int dir, const char* path) {
  __wasi_fd_t fd;
  return __wasi_path_open(dir, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, 0, __WASI_RIGHTS_FD_READ, 0,
                          0, &fd);
}

static void by_raw_calls(int dir) {
  static const char* const kOutside[] = {
      "/etc/passwd", "/",       "..",   "../secret", "d/../../secret", "d/../..",
      "absolute",    "outside", "up",   "up/secret", "./../secret",    "d/./../../x",
      "//etc",       "up/..",   "loop", "../data",   "absolute/..",    "outside/../x"};
  for (size_t i = 0; i < sizeof kOutside / sizeof kOutside[0]; ++i) {
    __wasi_errno_t error = raw_open(dir, kOutside[i]);
    if (error == 0) printf("opened %s\n", kOutside[i]);
    __wasi_filestat_t stat;
    error = __wasi_path_filestat_get(dir, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, kOutside[i], &stat);
    if (error == 0) printf("saw %s\n", kOutside[i]);
    EXPECT(__wasi_path_unlink_file(dir, "../secret") != 0);
    EXPECT(__wasi_path_create_directory(dir, "../made") != 0);
    EXPECT(__wasi_path_rename(dir, "d/f", dir, "../stolen") != 0);
    EXPECT(__wasi_path_rename(dir, "../secret", dir, "stolen") != 0);
    EXPECT(__wasi_path_link(dir, 0, "../secret", dir, "stolen") != 0);
    EXPECT(__wasi_path_link(dir, 1, "outside", dir, "stolen") != 0);
  }
  EXPECT(raw_open(dir, "inside") == 0);
  EXPECT(raw_open(dir, "d/../d/f") == 0);
}

static void by_new_links(int dir) {
  EXPECT(symlinkat("/etc/passwd", dir, "new1") < 0);
  EXPECT(symlinkat("../secret", dir, "new2") < 0);
  EXPECT(symlinkat("d/../../secret", dir, "new3") < 0);
  EXPECT(symlinkat("f", dir, "d/new4") == 0 && raw_open(dir, "d/new4") == 0);
  // A chain that leaves only when the parts are put together.
  EXPECT(symlinkat("up", dir, "chain") == 0 && raw_open(dir, "chain/secret") != 0);
}

int main(int argc, char** argv) {
  EXPECT(argc == 2);
  int dir = open(argv[1], O_RDONLY | O_DIRECTORY);
  EXPECT(dir >= 0);
  by_raw_calls(dir);
  by_new_links(dir);
  EXPECT(open("/etc/passwd", O_RDONLY) < 0);
  EXPECT(open("../secret", O_RDONLY) < 0);
  EXPECT(open("/proc/self/mem", O_RDWR) < 0);
  puts("done");
  return failures();
}
