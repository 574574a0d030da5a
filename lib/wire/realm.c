/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/hash.h"

void walk_enter(struct walk *walk, enum walk_tunnel tunnel, uint32_t id) {
  uint64_t inside = ((uint64_t)walk->realm << 32 | id) ^ UINT64_C(0x9e3779b97f4a7c15);
  uint64_t hash = hash_fold(inside, UINT64_C(0xbf58476d1ce4e5b9) + (uint64_t)tunnel * 2);
  uint32_t realm = (uint32_t)(hash ^ hash >> 32);
  walk->realm = realm != 0 ? realm : 1;
}
