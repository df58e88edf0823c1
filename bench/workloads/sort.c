// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sorts records by quicksort, merge sort and heap sort, each comparing through a function pointer:
// indirect calls and moves of 16-byte records.
#include <string.h>

#include "workload.h"

enum { kCount = 8192 };

struct record {
  uint32_t key, tie;
  double weight;
};

typedef int (*comparison)(const struct record*, const struct record*);

static int by_key(const struct record* a, const struct record* b) {
  if (a->key != b->key) return a->key < b->key ? -1 : 1;
  return (a->tie > b->tie) - (a->tie < b->tie);
}

static int by_weight(const struct record* a, const struct record* b) {
  if (a->weight != b->weight) return a->weight < b->weight ? -1 : 1;
  return by_key(a, b);
}

static int by_tie_down(const struct record* a, const struct record* b) {
  return (b->tie > a->tie) - (b->tie < a->tie);
}

static void swap(struct record* a, struct record* b) {
  struct record kept = *a;
  *a = *b;
  *b = kept;
}

static void quick_sort(struct record* records, int count, comparison compare) {
  while (count > 1) {
    struct record pivot = records[count / 2];
    int low = 0, high = count - 1;
    while (low <= high) {
      while (compare(&records[low], &pivot) < 0) low++;
      while (compare(&records[high], &pivot) > 0) high--;
      if (low <= high) swap(&records[low++], &records[high--]);
    }
    quick_sort(records, high + 1, compare);
    records += low;
    count -= low;
  }
}

static void merge_sort(struct record* records, struct record* spare, int count,
                       comparison compare) {
  if (count < 2) return;
  int half = count / 2, left = 0, right = half;
  merge_sort(records, spare, half, compare);
  merge_sort(records + half, spare, count - half, compare);
  for (int out = 0; out < count; out++) {
    int take_left =
        right == count || (left < half && compare(&records[left], &records[right]) <= 0);
    spare[out] = records[take_left ? left++ : right++];
  }
  memcpy(records, spare, (size_t)count * sizeof(*records));
}

static void sift_down(struct record* records, int root, int count, comparison compare) {
  for (int child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && compare(&records[child], &records[child + 1]) < 0) child++;
    if (compare(&records[root], &records[child]) >= 0) return;
    swap(&records[root], &records[child]);
  }
}

static void heap_sort(struct record* records, int count, comparison compare) {
  for (int root = count / 2 - 1; root >= 0; root--) sift_down(records, root, count, compare);
  for (int last = count - 1; last > 0; last--) {
    swap(&records[0], &records[last]);
    sift_down(records, 0, last, compare);
  }
}

uint64_t run_workload(uint32_t rounds) {
  static struct record records[kCount], spare[kCount];
  uint64_t sum = 0, state = 3;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < kCount; i++) {
      uint64_t random = next_random(&state);
      records[i] = (struct record){(uint32_t)random & 1023, i, (double)(random >> 44)};
    }
    quick_sort(records, kCount, by_key);
    for (int i = 0; i < kCount; i += 64) sum = fold(sum, records[i].tie);
    merge_sort(records, spare, kCount, by_weight);
    for (int i = 0; i < kCount; i += 64) sum = fold(sum, records[i].tie);
    heap_sort(records, kCount, by_tie_down);
    for (int i = 0; i < kCount; i += 64) sum = fold(sum, records[i].key);
  }
  return sum;
}
