// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [L1] Opens files until there are no more descriptors, in the directory of its first argument,
// then checks that all is well after closing them. Renumbers, and checks which are terminals.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

#include "expect.h"

enum { kMost = 5000 };

static int fds[kMost];

int main(int argc, char** argv) {
  EXPECT(argc == 2 && chdir(argv[1]) == 0);
  EXPECT(!isatty(1));
  for (int round = 0; round < 2; ++round) {
    int count = 0;
    while (count < kMost && (fds[count] = open("f", O_CREAT | O_RDWR, 0644)) >= 0) ++count;
    EXPECT(count > 100 && count < kMost && errno == EMFILE);
    EXPECT(write(fds[count - 1], "x", 1) == 1);
    for (int i = 0; i < count; ++i) EXPECT(close(fds[i]) == 0);
  }
  int directories = 0;
  EXPECT(mkdir("d", 0755) == 0);
  while (directories < kMost && (fds[directories] = open("d", O_RDONLY | O_DIRECTORY)) >= 0) {
    ++directories;
  }
  EXPECT(directories > 50 && directories < kMost && errno == EMFILE);
  for (int i = 0; i < directories; ++i) EXPECT(close(fds[i]) == 0);
  int a = open("f", O_RDONLY), b = open("d", O_RDONLY | O_DIRECTORY);
  EXPECT(__wasi_fd_renumber(a, b) == 0);
  struct stat s;
  EXPECT(fstat(b, &s) == 0 && S_ISREG(s.st_mode));
  EXPECT_FAILURE(fstat(a, &s), EBADF);
  EXPECT(close(b) == 0 && unlink("f") == 0 && rmdir("d") == 0);
  return failures();
}
