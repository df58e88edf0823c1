// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dense double-precision matrices: product, then Gaussian elimination with pivoting. Floating point
// in nested loops with regular addresses.
#include <math.h>
#include <string.h>

#include "workload.h"

enum { kSize = 96 };

static double a[kSize][kSize], b[kSize][kSize], product[kSize][kSize];

static void fill(uint64_t* state) {
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) {
      a[i][j] = (double)(next_random(state) >> 40) / 16777216.0 - 0.5;
      b[i][j] = (double)(next_random(state) >> 40) / 16777216.0 - 0.5;
    }
  }
}

static void multiply(void) {
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) {
      double sum = 0;
      for (int k = 0; k < kSize; k++) sum += a[i][k] * b[k][j];
      product[i][j] = sum;
    }
  }
}

static double determinant(double m[kSize][kSize]) {
  double result = 1;
  for (int column = 0; column < kSize; column++) {
    int pivot = column;
    for (int row = column + 1; row < kSize; row++) {
      if (fabs(m[row][column]) > fabs(m[pivot][column])) pivot = row;
    }
    if (m[pivot][column] == 0) return 0;
    if (pivot != column) {
      double row[kSize];
      memcpy(row, m[pivot], sizeof(row));
      memcpy(m[pivot], m[column], sizeof(row));
      memcpy(m[column], row, sizeof(row));
      result = -result;
    }
    result *= m[column][column];
    for (int row = column + 1; row < kSize; row++) {
      double factor = m[row][column] / m[column][column];
      for (int k = column; k < kSize; k++) m[row][k] -= factor * m[column][k];
    }
  }
  return result;
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t state = 1, sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    fill(&state);
    multiply();
    double d = determinant(product);
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    sum = fold(sum, bits);
  }
  return sum;
}
