// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Five bodies under gravity, symplectic Euler: double precision with divisions and square roots,
// all in registers or on the stack.
#include <math.h>
#include <string.h>

#include "workload.h"

enum { kBodies = 5, kStepsPerRound = 10000 };

struct body {
  double x, y, z, vx, vy, vz, mass;
};

static void advance(struct body* bodies, double dt) {
  for (int i = 0; i < kBodies; i++) {
    struct body* p = &bodies[i];
    for (int j = i + 1; j < kBodies; j++) {
      struct body* q = &bodies[j];
      double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
      double squared = dx * dx + dy * dy + dz * dz + 0.01;
      double magnitude = dt / (squared * sqrt(squared));
      p->vx -= dx * q->mass * magnitude;
      p->vy -= dy * q->mass * magnitude;
      p->vz -= dz * q->mass * magnitude;
      q->vx += dx * p->mass * magnitude;
      q->vy += dy * p->mass * magnitude;
      q->vz += dz * p->mass * magnitude;
    }
  }
  for (int i = 0; i < kBodies; i++) {
    bodies[i].x += dt * bodies[i].vx;
    bodies[i].y += dt * bodies[i].vy;
    bodies[i].z += dt * bodies[i].vz;
  }
}

static double random_coordinate(uint64_t* state) {
  return (double)(next_random(state) >> 40) / 8388608.0 - 1.0;
}

uint64_t run_workload(uint32_t rounds) {
  struct body bodies[kBodies];
  uint64_t state = 7, sum = 0;
  for (int i = 0; i < kBodies; i++) {
    struct body* p = &bodies[i];
    p->x = random_coordinate(&state);
    p->y = random_coordinate(&state);
    p->z = random_coordinate(&state);
    p->vx = p->vy = p->vz = 0;
    p->mass = 0.1 + fabs(random_coordinate(&state));
  }
  for (uint32_t round = 0; round < rounds; round++) {
    for (int step = 0; step < kStepsPerRound; step++) advance(bodies, 0.001);
    for (int i = 0; i < kBodies; i++) {
      uint64_t bits;
      memcpy(&bits, &bodies[i].x, sizeof(bits));
      sum = fold(sum, bits);
    }
  }
  return sum;
}
