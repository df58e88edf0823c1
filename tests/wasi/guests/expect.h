// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Expectations inside a guest: each failure is reported on standard error, and `return failures()`
// makes it the exit status.
#pragma once

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int failed_expectations = 0;

static inline void expect(int holds, const char* text, int line) {
  if (holds) return;
  fprintf(stderr, "line %d: %s (errno: %s)\n", line, text, strerror(errno));
  ++failed_expectations;
}

static inline void expect_failure(long result, int error, const char* text, int line) {
  if (result < 0 && errno == error) return;
  fprintf(stderr, "line %d: %s gave %ld, %s instead of %s\n", line, text, result,
          result < 0 ? strerror(errno) : "no error", strerror(error));
  ++failed_expectations;
}

static inline int failures(void) { return failed_expectations == 0 ? 0 : 1; }

#define EXPECT(condition) expect((condition) ? 1 : 0, #condition, __LINE__)
// The call gives a negative result with this errno.
#define EXPECT_FAILURE(call, error) expect_failure((long)(call), error, #call, __LINE__)
