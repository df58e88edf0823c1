// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lists directories, in the directory of its first argument: empty and writable.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.h"

enum { kFiles = 700 };

static void make_files(void) {
  char name[64];
  for (int i = 0; i < kFiles; ++i) {
    // Lengths from 1 to 40: entries end on every byte of the buffer.
    snprintf(name, sizeof name, "%0*d", 3 + i % 40, i);
    int fd = open(name, O_CREAT | O_WRONLY, 0644);
    EXPECT(fd >= 0);
    close(fd);
  }
}

static int count_entries(DIR* directory, int seen[kFiles], int* dots) {
  int count = 0;
  *dots = 0;
  for (struct dirent* entry; (entry = readdir(directory)) != NULL; ++count) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
      ++*dots;
      EXPECT(entry->d_type == DT_DIR);
    } else {
      ++seen[atoi(entry->d_name)];
      EXPECT(entry->d_type == DT_REG);
    }
  }
  return count;
}

int main(int argc, char** argv) {
  EXPECT(argc == 2 && chdir(argv[1]) == 0 && mkdir("d", 0755) == 0 && chdir("d") == 0);
  make_files();
  DIR* directory = opendir(".");
  EXPECT(directory != NULL);
  for (int round = 1; round <= 2; ++round) {
    static int seen[kFiles];
    int dots;
    EXPECT(count_entries(directory, seen, &dots) == kFiles + 2 && dots == 2);
    for (int i = 0; i < kFiles; ++i) EXPECT(seen[i] == round);
    rewinddir(directory);
  }
  EXPECT(closedir(directory) == 0);
  EXPECT(opendir("nothing") == NULL && errno == ENOENT);
  struct dirent** sorted;
  int count = scandir(".", &sorted, NULL, alphasort);
  EXPECT(count == kFiles + 2);
  for (int i = 0; i < count; ++i) {
    if (sorted[i]->d_type == DT_REG) EXPECT(unlink(sorted[i]->d_name) == 0);
  }
  EXPECT(chdir("..") == 0 && rmdir("d") == 0);
  return failures();
}
