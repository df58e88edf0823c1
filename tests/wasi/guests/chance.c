// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints 32 random bytes in hex; checks that longer buffers are filled.
#include <stdlib.h>
#include <unistd.h>

#include "expect.h"

int main(void) {
  static unsigned char bytes[1 << 16];
  for (size_t at = 0; at < sizeof bytes; at += 256) EXPECT(getentropy(bytes + at, 256) == 0);
  int counts[256] = {0};
  for (size_t i = 0; i < sizeof bytes; ++i) ++counts[bytes[i]];
  // 256 expected each, standard deviation 16.
  for (int i = 0; i < 256; ++i) EXPECT(counts[i] > 128 && counts[i] < 512);
  for (int i = 0; i < 32; ++i) printf("%02x", bytes[i]);
  puts("");
  return failures();
}
