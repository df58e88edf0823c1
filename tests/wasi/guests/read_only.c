// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [F1] Tries to change a directory that was granted for reading: its first argument, with the files
// "f" and "d/g" in it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.h"

int main(int argc, char** argv) {
  EXPECT(argc == 2 && chdir(argv[1]) == 0);
  char text[16];
  int fd = open("f", O_RDONLY);
  EXPECT(fd >= 0 && read(fd, text, sizeof text) > 0);
  EXPECT(write(fd, "x", 1) < 0);
  EXPECT(ftruncate(fd, 0) < 0);
  EXPECT(futimens(fd, NULL) < 0);
  EXPECT_FAILURE(open("f", O_WRONLY), EROFS);
  EXPECT_FAILURE(open("f", O_RDWR), EROFS);
  EXPECT_FAILURE(open("f", O_WRONLY | O_APPEND), EROFS);
  EXPECT_FAILURE(open("f", O_RDONLY | O_TRUNC), EROFS);
  EXPECT_FAILURE(open("new", O_CREAT | O_RDONLY, 0644), EROFS);
  EXPECT_FAILURE(mkdir("new", 0755), EROFS);
  EXPECT_FAILURE(unlink("f"), EROFS);
  EXPECT_FAILURE(rmdir("d"), EROFS);
  EXPECT_FAILURE(rename("f", "new"), EROFS);
  EXPECT_FAILURE(link("f", "new"), EROFS);
  EXPECT_FAILURE(symlink("f", "new"), EROFS);
  EXPECT_FAILURE(utimensat(AT_FDCWD, "f", NULL, 0), EROFS);
  // A directory opened beneath is no way around.
  int dir = open("d", O_RDONLY | O_DIRECTORY);
  EXPECT(dir >= 0);
  EXPECT_FAILURE(openat(dir, "g", O_WRONLY), EROFS);
  EXPECT_FAILURE(unlinkat(dir, "g", 0), EROFS);
  struct stat s;
  EXPECT(fstatat(dir, "g", &s, 0) == 0 && S_ISREG(s.st_mode));
  return failures();
}
