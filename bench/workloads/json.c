// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes a JSON text, then reads it with a recursive-descent parser: bytes, unpredictable branches,
// small calls.
#include <stdlib.h>
#include <string.h>

#include "workload.h"

enum { kCapacity = 1 << 16, kRecords = 300, kDeepest = 32 };

static char text[kCapacity];
static const char* at;
static uint64_t sum;

static char* append(char* out, const char* part) {
  size_t length = strlen(part);
  memcpy(out, part, length);
  return out + length;
}

static char* append_number(char* out, int32_t value) {
  char digits[12];
  int count = 0;
  uint32_t rest = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
  if (value < 0) *out++ = '-';
  do {
    digits[count++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  while (count > 0) *out++ = digits[--count];
  return out;
}

static void write_text(uint64_t seed) {
  static const char* const kWords[] = {"alpha", "be\\u0074a", "gam\\\"ma", "delta\\n", "epsilon"};
  char* out = append(text, "[");
  for (int i = 0; i < kRecords; i++) {
    uint64_t random = next_random(&seed);
    out = append(out, i == 0 ? "{\"id\": " : ",\n  {\"id\": ");
    out = append_number(out, i);
    out = append(out, ", \"name\": \"");
    out = append(out, kWords[random % 5]);
    out = append(out, "\", \"price\": ");
    out = append_number(out, (int32_t)(random >> 40) - (1 << 23));
    out = append(out, random & 64 ? ".25e2" : ".5");
    out = append(out, ", \"tags\": [true, null, [[], {\"x\": false}], ");
    out = append_number(out, (int32_t)(random >> 52));
    out = append(out, "]}");
  }
  *append(out, "]") = '\0';
}

static void fail(void) { abort(); }

static void skip_space(void) {
  while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
}

static void expect(const char* word) {
  for (; *word != '\0'; word++, at++) {
    if (*at != *word) fail();
  }
}

static void parse_string(void) {
  uint32_t hash = 5381;
  expect("\"");
  for (; *at != '"'; at++) {
    if (*at == '\0') fail();
    if (*at == '\\') {
      at++;
      if (*at == 'u') at += 4;
    }
    hash = hash * 33 + (uint8_t)*at;
  }
  at++;
  sum = fold(sum, hash);
}

static void parse_number(void) {
  int negative = *at == '-';
  at += negative;
  double value = 0, place = 1;
  for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
  if (*at == '.') {
    for (at++; *at >= '0' && *at <= '9'; at++) value += (*at - '0') * (place /= 10);
  }
  if (*at == 'e') {
    for (int exponent = at[1] - '0'; exponent > 0; exponent--) value *= 10;
    at += 2;
  }
  sum = fold(sum, (uint64_t)(int64_t)(negative ? -value : value));
}

static void parse_value(int depth);

static void parse_members(char close, int keyed, int depth) {
  at++;
  skip_space();
  if (*at == close) {
    at++;
    return;
  }
  for (;;) {
    skip_space();
    if (keyed) {
      parse_string();
      skip_space();
      expect(":");
    }
    parse_value(depth + 1);
    skip_space();
    if (*at == close) break;
    expect(",");
  }
  at++;
}

static void parse_value(int depth) {
  if (depth > kDeepest) fail();
  skip_space();
  switch (*at) {
    case '{': parse_members('}', 1, depth); break;
    case '[': parse_members(']', 0, depth); break;
    case '"': parse_string(); break;
    case 't': expect("true"); break;
    case 'f': expect("false"); break;
    case 'n': expect("null"); break;
    default: parse_number();
  }
}

uint64_t run_workload(uint32_t rounds) {
  sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    write_text(round);
    at = text;
    parse_value(0);
    if (*at != '\0') fail();
  }
  return sum;
}
