// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An open-addressing hash table of 64-bit keys (Robin Hood), filled, searched and emptied: 64-bit
// multiplication and loads that no cache foresees.
#include <string.h>

#include "workload.h"

enum { kSlots = 1 << 16, kKeys = 40000 };

struct slot {
  uint64_t key;  // 0 is an empty slot
  uint64_t value;
};

static struct slot slots[kSlots];

static uint32_t home_of(uint64_t key) { return (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 48); }

static uint32_t distance(uint32_t index) { return (index - home_of(slots[index].key)) % kSlots; }

static void insert(uint64_t key, uint64_t value) {
  struct slot carried = {key, value};
  uint32_t index = home_of(key), travelled = 0;
  while (slots[index].key != 0 && slots[index].key != carried.key) {
    uint32_t theirs = distance(index);
    if (theirs < travelled) {
      struct slot evicted = slots[index];
      slots[index] = carried;
      carried = evicted;
      travelled = theirs;
    }
    index = (index + 1) % kSlots;
    travelled++;
  }
  slots[index] = carried;
}

static uint64_t find(uint64_t key) {
  for (uint32_t index = home_of(key), travelled = 0;; index = (index + 1) % kSlots, travelled++) {
    if (slots[index].key == key) return slots[index].value;
    if (slots[index].key == 0 || distance(index) < travelled) return 0;
  }
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    memset(slots, 0, sizeof(slots));
    uint64_t state = round;
    for (uint32_t i = 0; i < kKeys; i++) insert(next_random(&state) | 1, i);
    state = round;
    // Half of what is looked up was never put in.
    for (uint32_t i = 0; i < kKeys; i++) sum = fold(sum, find(next_random(&state) | (i & 1)));
  }
  return sum;
}
