/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/options.h"

#include <string.h>
#include <sys/random.h>

int options_copy(void *ours, size_t our_size, const void *given, size_t given_size) {
  if (given_size < sizeof(size_t)) return WEFT_E_INVAL;
  const uint8_t *bytes = given;
  for (size_t i = our_size; i < given_size; i++)
    if (bytes[i]) return WEFT_E_UNKNOWN;
  memset(ours, 0, our_size);
  memcpy(ours, given, given_size < our_size ? given_size : our_size);
  return 0;
}

static void default_u32(uint32_t *value, uint32_t otherwise) {
  if (!*value) *value = otherwise;
}

static void default_u64(uint64_t *value, uint64_t otherwise) {
  if (!*value) *value = otherwise;
}

static void default_wait(weft_duration *value, weft_duration otherwise) {
  if (!*value) *value = otherwise;
}

static void options_default(struct weft_options *o) {
  default_u32(&o->conns_max, 1u << 20);
  default_u32(&o->segments_max, 1024);
  default_u64(&o->held_bytes_max, UINT64_C(256) << 20);
  default_u64(&o->held_bytes_dir_max, UINT64_C(4) << 20);
  default_u64(&o->fragment_bytes_max, UINT64_C(16) << 20);
  default_wait(&o->gap_wait, 10 * WEFT_SECOND);
  default_wait(&o->ack_wait, WEFT_SECOND / 5);
  default_wait(&o->start_wait, WEFT_SECOND / 5);
  default_wait(&o->idle_wait, 300 * WEFT_SECOND);
  default_wait(&o->handshake_wait, 30 * WEFT_SECOND);
  default_wait(&o->linger_wait, 2 * WEFT_SECOND);
  default_wait(&o->fragment_wait, 30 * WEFT_SECOND);
  if (!o->hash_key[0] && !o->hash_key[1] &&
      getrandom(o->hash_key, sizeof o->hash_key, 0) != sizeof o->hash_key) {
    /* No randomness: addresses of our own are better than nothing. */
    o->hash_key[0] = (uint64_t)(uintptr_t)o;
    o->hash_key[1] = (uint64_t)(uintptr_t)&options_default;
  }
}

static int options_sound(const struct weft_options *o) {
  const weft_duration waits[] = {o->gap_wait,       o->ack_wait,    o->start_wait,   o->idle_wait,
                                 o->handshake_wait, o->linger_wait, o->fragment_wait};
  for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
    if (waits[i] < 0) return 0;
  if (o->noverlap_rules && !o->overlap_rules) return 0;
  for (size_t i = 0; i < o->noverlap_rules; i++)
    if (o->overlap_rules[i].prefix > 128 || o->overlap_rules[i].policy >= WEFT_OVERLAP_COUNT)
      return 0;
  return o->conns_max <= 1u << 30 && o->segments_max <= 1u << 20 &&
         o->overlap < WEFT_OVERLAP_COUNT && o->deliver <= WEFT_DELIVER_ACKED &&
         o->receiver <= WEFT_RECEIVER_STRICT && o->checksum <= WEFT_CHECKSUM_ALL &&
         o->fragments < WEFT_FRAGMENTS_COUNT && o->realms <= WEFT_REALMS_NONE &&
         o->urgent <= WEFT_URGENT_INLINE && o->opens <= WEFT_OPENS_ANY &&
         o->log_level <= WEFT_LOG_DEBUG && o->held_bytes_max < UINT64_C(1) << 48 &&
         o->held_bytes_dir_max < UINT64_C(1) << 48 && o->fragment_bytes_max < UINT64_C(1) << 48;
}

int options_take(const struct weft_options *given, struct weft_options *ret) {
  memset(ret, 0, sizeof *ret);
  int status = given ? options_copy(ret, sizeof *ret, given, given->size) : 0;
  if (status) return status;
  ret->size = sizeof *ret;
  if (!options_sound(ret)) return WEFT_E_INVAL;
  options_default(ret);
  return 0;
}

int options_own(struct weft_options *o, struct mem *mem) {
  const struct weft_overlap_rule *given = o->overlap_rules;
  o->overlap_rules = NULL;
  if (!o->noverlap_rules) return 0;
  struct weft_overlap_rule *rules = mem_alloc(mem, o->noverlap_rules * sizeof *rules);
  if (!rules) return WEFT_E_NOMEM;
  memcpy(rules, given, o->noverlap_rules * sizeof *rules);
  o->overlap_rules = rules;
  return 0;
}

void options_disown(struct weft_options *o, struct mem *mem) {
  mem_free(mem, (void *)(uintptr_t)o->overlap_rules, o->noverlap_rules * sizeof *o->overlap_rules);
}

uint32_t conns_shift(const struct weft_options *o) {
  return o->conns_max < CONNS_MANY ? CONN_SHIFT_FEW : CONN_SHIFT_MANY;
}

uint64_t engine_memory_max(const struct weft_options *o) {
  uint64_t kept_max = o->held_bytes_dir_max / segs_cost(0) + 1;
  return sizeof(struct weft_engine) + o->noverlap_rules * sizeof *o->overlap_rules +
         flows_memory_max(CONN_SIZE, conns_shift(o), o->conns_max) +
         slab_memory_max(sizeof(struct rare), RARES_SHIFT, o->conns_max) +
         queue_memory_max(o->conns_max) +
         (uint64_t)o->conns_max * sizeof(struct weft_segment) + /* remembered SYNs */
         /* Kept bytes are there twice while they are kept again, and one
            insertion may split as many pieces as a direction can hold. */
         segs_memory_max(o->segments_max, o->held_bytes_max + o->held_bytes_dir_max +
                                              (uint64_t)o->segments_max * segs_cost(0)) +
         spans_memory_max(kept_max + 2 * (uint64_t)o->segments_max + 2) +
         defrag_memory_max(o->fragment_bytes_max);
}

uint64_t weft_engine_memory_max(const struct weft_options *given) {
  struct weft_options options;
  return options_take(given, &options) ? 0 : engine_memory_max(&options);
}
