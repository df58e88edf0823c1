// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Builds strings piece by piece in growing buffers, then searches, splits, reverses and compares
// them: realloc, the mem and str functions of the C library, byte loops.
#include <stdlib.h>
#include <string.h>

#include "workload.h"

enum { kLines = 400 };

struct string {
  char* bytes;
  size_t length, capacity;
};

static void push(struct string* string, const char* bytes, size_t length) {
  if (string->length + length + 1 > string->capacity) {
    string->capacity = 2 * (string->length + length + 1);
    string->bytes = realloc(string->bytes, string->capacity);
    if (string->bytes == NULL) abort();
  }
  memcpy(string->bytes + string->length, bytes, length);
  string->length += length;
  string->bytes[string->length] = '\0';
}

static void push_word(struct string* string, uint64_t random) {
  char word[16];
  size_t length = 2 + random % 9;
  for (size_t i = 0; i < length; i++) word[i] = (char)('a' + (random >> (4 * i + 4)) % 16);
  push(string, word, length);
}

static void reverse(char* bytes, size_t length) {
  for (size_t i = 0; i < length / 2; i++) {
    char byte = bytes[i];
    bytes[i] = bytes[length - 1 - i];
    bytes[length - 1 - i] = byte;
  }
}

/// Reverses each line in place; folds its length, and whether it comes before the line that it
/// follows.
static uint64_t take_apart(char* text, uint64_t sum) {
  const char* before = "";
  while (*text != '\0') {
    char* end = strchr(text, '\n');
    *end = '\0';
    size_t length = (size_t)(end - text);
    reverse(text, length);
    sum = fold(sum, length * 2 + (strcmp(before, text) < 0));
    before = text;
    text = end + 1;
  }
  return sum;
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint64_t state = round;
    struct string text = {0};
    for (int line = 0; line < kLines; line++) {
      for (int word = 0; word < 6; word++) {
        push_word(&text, next_random(&state));
        push(&text, word == 5 ? "\n" : " ", 1);
      }
    }
    uint64_t found = 0;
    for (char* hit = strstr(text.bytes, "ab"); hit != NULL; hit = strstr(hit + 1, "ab")) found++;
    sum = take_apart(text.bytes, fold(sum, found));
    free(text.bytes);
  }
  return sum;
}
