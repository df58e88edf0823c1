// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a program does with files, in the directory of its first argument: empty and writable.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

#include "expect.h"

static int size_of(const char* path) {
  struct stat s;
  return stat(path, &s) == 0 ? (int)s.st_size : -1;
}

static void write_and_read(void) {
  int fd = open("f", O_CREAT | O_EXCL | O_RDWR, 0644);
  EXPECT(fd >= 0);
  EXPECT(write(fd, "hello, world", 12) == 12);
  EXPECT_FAILURE(open("f", O_CREAT | O_EXCL | O_RDWR, 0644), EEXIST);
  char text[32] = "";
  EXPECT(lseek(fd, -5, SEEK_END) == 7);
  EXPECT(read(fd, text, sizeof text) == 5 && memcmp(text, "world", 5) == 0);
  EXPECT(pread(fd, text, 4, 1) == 4 && memcmp(text, "ello", 4) == 0);
  EXPECT(pwrite(fd, "J", 1, 0) == 1);
  struct iovec parts[3] = {{text, 2}, {text + 10, 0}, {text + 20, 3}};
  EXPECT(lseek(fd, 0, SEEK_SET) == 0);
  EXPECT(readv(fd, parts, 3) == 5 && memcmp(text, "Je", 2) == 0 &&
         memcmp(text + 20, "llo", 3) == 0);
  EXPECT(lseek(fd, 100, SEEK_SET) == 100);
  EXPECT(writev(fd, parts, 1) == 2 && size_of("f") == 102);
  EXPECT_FAILURE(lseek(fd, -1, SEEK_SET), EINVAL);
  EXPECT(ftruncate(fd, 3) == 0 && size_of("f") == 3);
  EXPECT(posix_fallocate(fd, 0, 4096) == 0 && size_of("f") == 4096);
  EXPECT(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM) == 0);
  EXPECT(fsync(fd) == 0 && fdatasync(fd) == 0);
  EXPECT(close(fd) == 0);
  EXPECT_FAILURE(write(fd, "x", 1), EBADF);
}

static void append(void) {
  int fd = open("log", O_CREAT | O_WRONLY | O_APPEND, 0644);
  EXPECT(write(fd, "one", 3) == 3);
  EXPECT(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "two", 3) == 3);
  EXPECT(size_of("log") == 6);
  EXPECT((fcntl(fd, F_GETFL) & O_APPEND) != 0);
  EXPECT(fcntl(fd, F_SETFL, 0) == 0);
  EXPECT(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "ONE", 3) == 3 && size_of("log") == 6);
  char byte;
  EXPECT_FAILURE(read(fd, &byte, 1), EBADF);
  close(fd);
  fd = open("log", O_RDONLY);
  EXPECT_FAILURE(write(fd, "x", 1), EBADF);
  EXPECT(ftruncate(fd, 0) < 0);
  close(fd);
  fd = open("log", O_WRONLY | O_TRUNC);
  EXPECT(size_of("log") == 0);
  close(fd);
}

static void names(void) {
  EXPECT(mkdir("d", 0755) == 0);
  EXPECT_FAILURE(mkdir("d", 0755), EEXIST);
  EXPECT(rename("log", "d/moved") == 0 && size_of("log") == -1 && size_of("d/moved") == 0);
  EXPECT(link("f", "hard") == 0);
  struct stat s, other;
  EXPECT(stat("hard", &s) == 0 && s.st_nlink == 2 && S_ISREG(s.st_mode));
  EXPECT(stat("f", &other) == 0 && other.st_ino == s.st_ino);
  EXPECT(symlink("d/moved", "soft") == 0);
  EXPECT(lstat("soft", &s) == 0 && S_ISLNK(s.st_mode));
  EXPECT(stat("soft", &s) == 0 && S_ISREG(s.st_mode));
  char target[32] = "";
  EXPECT(readlink("soft", target, sizeof target) == 7 && strcmp(target, "d/moved") == 0);
  EXPECT_FAILURE(open("soft", O_RDONLY | O_NOFOLLOW), ELOOP);
  EXPECT_FAILURE(rmdir("d"), ENOTEMPTY);
  EXPECT_FAILURE(unlink("nothing"), ENOENT);
  EXPECT_FAILURE(open("f/x", O_RDONLY), ENOTDIR);
  EXPECT_FAILURE(open("d", O_WRONLY), EISDIR);
  EXPECT_FAILURE(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
  EXPECT(unlink("d/moved") == 0 && rmdir("d") == 0);
  EXPECT_FAILURE(stat("soft", &s), ENOENT);
  EXPECT(unlink("soft") == 0 && unlink("hard") == 0);
}

static void times(void) {
  const struct timespec stamps[2] = {{1000, 5}, {2000, 6}};
  struct stat s;
  EXPECT(utimensat(AT_FDCWD, "f", stamps, 0) == 0 && stat("f", &s) == 0);
  EXPECT(s.st_mtim.tv_sec == 2000 && s.st_mtim.tv_nsec == 6 && s.st_atim.tv_sec == 1000);
  const struct timespec only_mtime[2] = {{0, UTIME_OMIT}, {3000, 0}};
  int fd = open("f", O_RDWR);
  EXPECT(futimens(fd, only_mtime) == 0 && fstat(fd, &s) == 0);
  EXPECT(s.st_mtim.tv_sec == 3000 && s.st_mtim.tv_nsec == 0 && s.st_atim.tv_sec == 1000);
  // Not futimens(fd, NULL): wasi-libc of 2022 makes 1970 of it.
  EXPECT(__wasi_fd_filestat_set_times(fd, 0, 0,
                                      __WASI_FSTFLAGS_ATIM_NOW | __WASI_FSTFLAGS_MTIM_NOW) == 0);
  EXPECT(fstat(fd, &s) == 0 && s.st_mtim.tv_sec > 1000000000);
  close(fd);
  EXPECT(unlink("f") == 0);
}

static void streams(void) {
  FILE* file = fopen("text", "w+");
  EXPECT(file != NULL);
  for (int i = 0; i < 10000; ++i) fprintf(file, "%d\n", i);
  EXPECT(ftell(file) == 48890);
  EXPECT(fseek(file, 0, SEEK_SET) == 0);
  int sum = 0, value;
  while (fscanf(file, "%d", &value) == 1) sum += value;
  EXPECT(sum == 49995000);
  EXPECT(fclose(file) == 0 && remove("text") == 0);
}

int main(int argc, char** argv) {
  EXPECT(argc == 2 && chdir(argv[1]) == 0);
  write_and_read();
  append();
  names();
  times();
  streams();
  return failures();
}
