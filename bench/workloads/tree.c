// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A binary search tree of allocated nodes: built by insertion, walked along its parent pointers,
// freed. Pointer chasing and the allocator.
#include <stdlib.h>

#include "workload.h"

enum { kNodes = 20000 };

struct node {
  struct node *left, *right, *parent;
  uint32_t key;
};

static struct node* insert(struct node* root, uint32_t key) {
  struct node *parent = NULL, **link = &root;
  while (*link != NULL) {
    parent = *link;
    if (key == parent->key) return root;
    link = key < parent->key ? &parent->left : &parent->right;
  }
  struct node* node = malloc(sizeof(*node));
  if (node == NULL) abort();
  *node = (struct node){.parent = parent, .key = key};
  *link = node;
  return root;
}

static struct node* leftmost(struct node* node) {
  while (node->left != NULL) node = node->left;
  return node;
}

static struct node* next_in_order(struct node* node) {
  if (node->right != NULL) return leftmost(node->right);
  while (node->parent != NULL && node->parent->right == node) node = node->parent;
  return node->parent;
}

static void release(struct node* node) {
  if (node == NULL) return;
  release(node->left);
  release(node->right);
  free(node);
}

uint64_t run_workload(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint64_t state = round;
    struct node* root = NULL;
    for (int i = 0; i < kNodes; i++) root = insert(root, (uint32_t)next_random(&state));
    for (int walk = 0; walk < 4; walk++) {
      for (struct node* at = leftmost(root); at != NULL; at = next_in_order(at)) {
        sum = fold(sum, at->key);
      }
    }
    release(root);
  }
  return sum;
}
