// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Imports all 46 functions of wasi_snapshot_preview1 by name, with the types that the witx gives
// them (not wasi-libc's, which lacks some), and calls each once. A missing one or another type
// does not link.
#include "expect.h"

typedef int i;
typedef long long I;

// FUNCTION(name, its parameters' types, arguments, the errno expected)
#define FUNCTIONS                                                                     \
  FUNCTION(args_get, (i, i), (-1, -1), 21)                                            \
  FUNCTION(args_sizes_get, (i, i), (-1, 0), 21)                                       \
  FUNCTION(environ_get, (i, i), (-1, -1), 21)                                         \
  FUNCTION(environ_sizes_get, (i, i), (-1, 0), 21)                                    \
  FUNCTION(clock_res_get, (i, i), (77, 0), 28)                                        \
  FUNCTION(clock_time_get, (i, I, i), (77, 0, 0), 28)                                 \
  FUNCTION(fd_advise, (i, I, I, i), (99, 0, 0, 0), 8)                                 \
  FUNCTION(fd_allocate, (i, I, I), (99, 0, 0), 8)                                     \
  FUNCTION(fd_close, (i), (99), 8)                                                    \
  FUNCTION(fd_datasync, (i), (99), 8)                                                 \
  FUNCTION(fd_fdstat_get, (i, i), (99, 0), 8)                                         \
  FUNCTION(fd_fdstat_set_flags, (i, i), (99, 0), 8)                                   \
  FUNCTION(fd_fdstat_set_rights, (i, I, I), (99, 0, 0), 8)                            \
  FUNCTION(fd_filestat_get, (i, i), (99, 0), 8)                                       \
  FUNCTION(fd_filestat_set_size, (i, I), (99, 0), 8)                                  \
  FUNCTION(fd_filestat_set_times, (i, I, I, i), (99, 0, 0, 0), 8)                     \
  FUNCTION(fd_pread, (i, i, i, I, i), (99, 0, 0, 0, 0), 8)                            \
  FUNCTION(fd_prestat_get, (i, i), (99, 0), 8)                                        \
  FUNCTION(fd_prestat_dir_name, (i, i, i), (99, 0, 0), 8)                             \
  FUNCTION(fd_pwrite, (i, i, i, I, i), (99, 0, 0, 0, 0), 8)                           \
  FUNCTION(fd_read, (i, i, i, i), (99, 0, 0, 0), 8)                                   \
  FUNCTION(fd_readdir, (i, i, i, I, i), (99, 0, 0, 0, 0), 8)                          \
  FUNCTION(fd_renumber, (i, i), (99, 98), 8)                                          \
  FUNCTION(fd_seek, (i, I, i, i), (99, 0, 0, 0), 8)                                   \
  FUNCTION(fd_sync, (i), (99), 8)                                                     \
  FUNCTION(fd_tell, (i, i), (99, 0), 8)                                               \
  FUNCTION(fd_write, (i, i, i, i), (99, 0, 0, 0), 8)                                  \
  FUNCTION(path_create_directory, (i, i, i), (99, 0, 0), 8)                           \
  FUNCTION(path_filestat_get, (i, i, i, i, i), (99, 0, 0, 0, 0), 8)                   \
  FUNCTION(path_filestat_set_times, (i, i, i, i, I, I, i), (99, 0, 0, 0, 0, 0, 0), 8) \
  FUNCTION(path_link, (i, i, i, i, i, i, i), (99, 0, 0, 0, 99, 0, 0), 8)              \
  FUNCTION(path_open, (i, i, i, i, i, I, I, i, i), (99, 0, 0, 0, 0, 0, 0, 0, 0), 8)   \
  FUNCTION(path_readlink, (i, i, i, i, i, i), (99, 0, 0, 0, 0, 0), 8)                 \
  FUNCTION(path_remove_directory, (i, i, i), (99, 0, 0), 8)                           \
  FUNCTION(path_rename, (i, i, i, i, i, i), (99, 0, 0, 99, 0, 0), 8)                  \
  FUNCTION(path_symlink, (i, i, i, i, i), (0, 0, 99, 0, 0), 8)                        \
  FUNCTION(path_unlink_file, (i, i, i), (99, 0, 0), 8)                                \
  FUNCTION(poll_oneoff, (i, i, i, i), (0, 0, 0, 0), 28)                               \
  FUNCTION(proc_raise, (i), (6), 58)                                                  \
  FUNCTION(sched_yield, (void), (), 0)                                                \
  FUNCTION(random_get, (i, i), (-1, 1), 21)                                           \
  FUNCTION(sock_accept, (i, i, i), (0, 0, 0), 57)                                     \
  FUNCTION(sock_recv, (i, i, i, i, i, i), (0, 0, 0, 0, 0, 4), 57)                     \
  FUNCTION(sock_send, (i, i, i, i, i), (0, 0, 0, 0, 0), 57)                           \
  FUNCTION(sock_shutdown, (i, i), (0, 0), 57)

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

#define FUNCTION(name, types, arguments, expected) IMPORT(name) int imported_##name types;
FUNCTIONS
#undef FUNCTION
IMPORT(proc_exit) _Noreturn void imported_proc_exit(i);

int main(void) {
  int count = 1;  // proc_exit
#define FUNCTION(name, types, arguments, expected)                                   \
  {                                                                                  \
    int error = imported_##name arguments;                                           \
    if (error != expected) printf("%s: %d instead of %d\n", #name, error, expected); \
    ++count;                                                                         \
  }
  FUNCTIONS
#undef FUNCTION
  printf("%d\n", count);
  fflush(stdout);
  imported_proc_exit(0);
}
