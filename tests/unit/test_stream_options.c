/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "stream/options.h"

static struct weft_options taken;

/* Takes the options that WEFT_OPTIONS(...) makes. */
#define TAKE(...) options_take(WEFT_OPTIONS(__VA_ARGS__), &taken)

static void no_options_are_all_defaults(void **state) {
  (void)state;
  assert_int_equal(options_take(NULL, &taken), 0);
  assert_int_equal(taken.size, sizeof taken);
  assert_int_equal(taken.conns_max, 1048576);
  assert_int_equal(taken.segments_max, 1024);
  assert_int_equal(taken.held_bytes_max, 256u << 20);
  assert_int_equal(taken.held_bytes_dir_max, 4u << 20);
  assert_int_equal(taken.fragment_bytes_max, 16u << 20);
  assert_int_equal(taken.gap_wait, 10 * WEFT_SECOND);
  assert_int_equal(taken.ack_wait, WEFT_SECOND / 5);
  assert_int_equal(taken.start_wait, WEFT_SECOND / 5);
  assert_int_equal(taken.idle_wait, 300 * WEFT_SECOND);
  assert_int_equal(taken.handshake_wait, 30 * WEFT_SECOND);
  assert_int_equal(taken.linger_wait, 2 * WEFT_SECOND);
  assert_int_equal(taken.fragment_wait, 30 * WEFT_SECOND);
}

static void what_is_set_stays(void **state) {
  (void)state;
  assert_int_equal(TAKE(.conns_max = 7, .held_bytes_max = 9, .gap_wait = WEFT_FOREVER,
                        .overlap = WEFT_OVERLAP_BSD, .hash_key = {1, 2}),
                   0);
  assert_int_equal(taken.conns_max, 7);
  assert_int_equal(taken.held_bytes_max, 9);
  assert_true(taken.gap_wait == WEFT_FOREVER);
  assert_int_equal(taken.overlap, WEFT_OVERLAP_BSD);
  assert_true(taken.hash_key[0] == 1 && taken.hash_key[1] == 2);
}

static void a_key_is_drawn_where_none_is_given(void **state) {
  (void)state;
  struct weft_options other;
  assert_int_equal(options_take(NULL, &taken), 0);
  assert_int_equal(options_take(NULL, &other), 0);
  assert_memory_not_equal(taken.hash_key, other.hash_key, sizeof taken.hash_key);
}

static void values_out_of_range_are_invalid(void **state) {
  (void)state;
  assert_int_equal(TAKE(.overlap = WEFT_OVERLAP_COUNT), WEFT_E_INVAL);
  assert_int_equal(TAKE(.fragments = WEFT_FRAGMENTS_COUNT), WEFT_E_INVAL);
  assert_int_equal(TAKE(.realms = WEFT_REALMS_NONE + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.deliver = WEFT_DELIVER_ACKED + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.receiver = WEFT_RECEIVER_STRICT + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.checksum = WEFT_CHECKSUM_ALL + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.urgent = WEFT_URGENT_INLINE + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.opens = WEFT_OPENS_ANY + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.log_level = WEFT_LOG_DEBUG + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.conns_max = (1u << 30) + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.segments_max = (1u << 20) + 1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.held_bytes_max = UINT64_C(1) << 48), WEFT_E_INVAL);
  assert_int_equal(TAKE(.held_bytes_dir_max = UINT64_C(1) << 48), WEFT_E_INVAL);
  assert_int_equal(TAKE(.fragment_bytes_max = UINT64_C(1) << 48), WEFT_E_INVAL);
}

static void no_wait_is_negative(void **state) {
  (void)state;
  assert_int_equal(TAKE(.gap_wait = -1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.ack_wait = -1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.start_wait = -1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.idle_wait = -1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.handshake_wait = -1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.linger_wait = -1), WEFT_E_INVAL);
  assert_int_equal(TAKE(.fragment_wait = INT64_MIN), WEFT_E_INVAL);
}

static void rules_are_checked_each(void **state) {
  (void)state;
  struct weft_overlap_rule rules[2] = {{.prefix = 128, .policy = WEFT_OVERLAP_BSD}, {.prefix = 0}};
  assert_int_equal(TAKE(.overlap_rules = rules, .noverlap_rules = 2), 0);
  rules[1].prefix = 129;
  assert_int_equal(TAKE(.overlap_rules = rules, .noverlap_rules = 2), WEFT_E_INVAL);
  rules[1] = (struct weft_overlap_rule){.policy = WEFT_OVERLAP_COUNT};
  assert_int_equal(TAKE(.overlap_rules = rules, .noverlap_rules = 2), WEFT_E_INVAL);
}

static void a_number_of_rules_without_rules_is_invalid(void **state) {
  (void)state;
  assert_int_equal(TAKE(.noverlap_rules = 1), WEFT_E_INVAL);
}

/* ---- size ----------------------------------------------------------- */

struct small {
  size_t size;
  uint32_t a;
};
struct large {
  size_t size;
  uint32_t a, b;
};

static void a_callers_older_struct_is_filled_with_zeroes(void **state) {
  (void)state;
  struct large ours;
  struct small given = {sizeof given, 7};
  memset(&ours, 0xff, sizeof ours);
  assert_int_equal(options_copy(&ours, sizeof ours, &given, offsetof(struct large, b)), 0);
  assert_int_equal(ours.a, 7);
  assert_int_equal(ours.b, 0);
}

static void a_callers_newer_struct_is_fine_while_unused(void **state) {
  (void)state;
  union {
    struct small small;
    uint8_t bytes[64];
  } given;
  struct small ours;
  memset(&given, 0, sizeof given);
  given.small.a = 7;
  assert_int_equal(options_copy(&ours, sizeof ours, &given, sizeof given), 0);
  assert_int_equal(ours.a, 7);
  given.bytes[63] = 1;
  assert_int_equal(options_copy(&ours, sizeof ours, &given, sizeof given), WEFT_E_UNKNOWN);
}

static void a_struct_without_a_size_is_invalid(void **state) {
  (void)state;
  struct weft_options given = {0};
  assert_int_equal(options_take(&given, &taken), WEFT_E_INVAL);
}

/* ---- owned ---------------------------------------------------------- */

static void rules_are_copied(void **state) {
  (void)state;
  struct test_allocator memory = {0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  struct mem mem;
  struct weft_overlap_rule rule = {.prefix = 104, .policy = WEFT_OVERLAP_WINDOWS};
  mem_init(&mem, &allocator, 0);
  assert_int_equal(TAKE(.overlap_rules = &rule, .noverlap_rules = 1), 0);
  assert_int_equal(options_own(&taken, &mem), 0);
  assert_ptr_not_equal(taken.overlap_rules, &rule);
  assert_memory_equal(taken.overlap_rules, &rule, sizeof rule);
  options_disown(&taken, &mem);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
  taken.overlap_rules = &rule;
  memory.fail_at = memory.calls + 1;
  assert_int_equal(options_own(&taken, &mem), WEFT_E_NOMEM);
  options_disown(&taken, &mem); /* must not free what was never its own */
}

/* ---- the most memory ------------------------------------------------ */

static uint64_t memory_max(struct weft_options options) {
  options.size = sizeof options;
  return weft_engine_memory_max(&options);
}

static void the_maximum_grows_with_each_bound(void **state) {
  (void)state;
  uint64_t base = weft_engine_memory_max(NULL);
  assert_true(base >= UINT64_C(256) << 20);
  assert_true(memory_max((struct weft_options){.conns_max = 1 << 21}) > base);
  assert_true(memory_max((struct weft_options){.segments_max = 1 << 14}) > base);
  assert_true(memory_max((struct weft_options){.held_bytes_max = UINT64_C(1) << 30}) > base);
  assert_true(memory_max((struct weft_options){.held_bytes_dir_max = UINT64_C(1) << 28}) > base);
  assert_true(memory_max((struct weft_options){.fragment_bytes_max = UINT64_C(1) << 28}) > base);
}

static void invalid_options_have_no_maximum(void **state) {
  (void)state;
  assert_int_equal(memory_max((struct weft_options){.overlap = 99}), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_options_are_all_defaults),
      cmocka_unit_test(what_is_set_stays),
      cmocka_unit_test(a_key_is_drawn_where_none_is_given),
      cmocka_unit_test(values_out_of_range_are_invalid),
      cmocka_unit_test(no_wait_is_negative),
      cmocka_unit_test(rules_are_checked_each),
      cmocka_unit_test(a_number_of_rules_without_rules_is_invalid),
      cmocka_unit_test(a_callers_older_struct_is_filled_with_zeroes),
      cmocka_unit_test(a_callers_newer_struct_is_fine_while_unused),
      cmocka_unit_test(a_struct_without_a_size_is_invalid),
      cmocka_unit_test(rules_are_copied),
      cmocka_unit_test(the_maximum_grows_with_each_bound),
      cmocka_unit_test(invalid_options_have_no_maximum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
