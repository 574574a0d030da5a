/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/check.h>
#include <weft/stream.h>

/* Names are written to records that other programs read: each is fixed here. */
struct name {
  uint32_t value;
  const char *name;
};

static void assert_names(const char *(*name_of)(uint32_t), const struct name *names, size_t n) {
  for (size_t i = 0; i < n; i++) assert_string_equal(name_of(names[i].value), names[i].name);
}

/* Past the end, and any wild number: never NULL, never beyond the array. */
static void assert_bounded(const char *(*name_of)(uint32_t), uint32_t end) {
  for (uint32_t value = end; value < end + 300; value++)
    assert_string_equal(name_of(value), "unknown");
  assert_string_equal(name_of(UINT32_MAX), "unknown");
  assert_string_equal(name_of(0x80000000u), "unknown");
}

#define CHECK(name_of, names, first, end) \
  assert_names(name_of, names, sizeof(names) / sizeof *names); \
  assert_int_equal(sizeof(names) / sizeof *names, end - first); \
  assert_bounded(name_of, end)

static void gap_causes(void **state) {
  (void)state;
  static const struct name names[] = {{WEFT_GAP_ACKED, "acked"},  {WEFT_GAP_TIME, "time"},
                                      {WEFT_GAP_LIMIT, "limit"},  {WEFT_GAP_SNAPLEN, "snaplen"},
                                      {WEFT_GAP_START, "start"},  {WEFT_GAP_END, "end"},
                                      {WEFT_GAP_URGENT, "urgent"}};
  CHECK(weft_gap_cause_name, names, 1, WEFT_GAP_URGENT + 1);
  assert_string_equal(weft_gap_cause_name(0), "unknown");
}

static void end_causes(void **state) {
  (void)state;
  static const struct name names[] = {{WEFT_END_FIN, "fin"},       {WEFT_END_RESET, "reset"},
                                      {WEFT_END_IDLE, "idle"},     {WEFT_END_EVICTED, "evicted"},
                                      {WEFT_END_REUSED, "reused"}, {WEFT_END_CLOSED, "closed"},
                                      {WEFT_END_FINISH, "finish"}};
  CHECK(weft_end_cause_name, names, 1, WEFT_END_FINISH + 1);
  assert_string_equal(weft_end_cause_name(0), "unknown");
}

static void conn_states(void **state) {
  (void)state;
  static const struct name names[] = {
      {WEFT_CONN_SYN_SENT, "syn-sent"},       {WEFT_CONN_SYN_RECEIVED, "syn-received"},
      {WEFT_CONN_ESTABLISHED, "established"}, {WEFT_CONN_HALF_CLOSED, "half-closed"},
      {WEFT_CONN_CLOSED, "closed"},           {WEFT_CONN_RESET, "reset"},
      {WEFT_CONN_MIDSTREAM, "midstream"}};
  CHECK(weft_conn_state_name, names, 1, WEFT_CONN_MIDSTREAM + 1);
  assert_string_equal(weft_conn_state_name(0), "unknown");
}

static const char *reason_name(uint32_t reason) { return weft_check_reason_name((int)reason); }

static void check_reasons(void **state) {
  (void)state;
  static const struct name names[] = {{WEFT_CHECK_OK, "ok"},
                                      {WEFT_CHECK_STATE, "state"},
                                      {WEFT_CHECK_WINDOW, "window"},
                                      {WEFT_CHECK_MSS, "mss"},
                                      {WEFT_CHECK_RETRANSMIT, "retransmit"},
                                      {WEFT_CHECK_CHECKSUM, "checksum"},
                                      {WEFT_CHECK_TIMESTAMP, "timestamp"},
                                      {WEFT_CHECK_RESET, "reset"},
                                      {WEFT_CHECK_ACK, "ack"},
                                      {WEFT_CHECK_MD5, "md5"}};
  CHECK(reason_name, names, 0, WEFT_CHECK_COUNT);
}

static void fragment_policies(void **state) {
  static const char *const names[WEFT_FRAGMENTS_COUNT] = {
      "linux", "first", "last", "bsd", "bsd-right", "linux-old", "windows", "solaris"};
  (void)state;
  for (unsigned i = 0; i < WEFT_FRAGMENTS_COUNT; i++)
    assert_string_equal(weft_fragment_policy_name(i), names[i]);
  assert_null(weft_fragment_policy_name(WEFT_FRAGMENTS_COUNT));
}

static void every_status_has_words_of_its_own(void **state) {
  (void)state;
  for (int a = WEFT_E_NOTBUILT; a <= 0; a++) {
    assert_string_not_equal(weft_strerror(a), "unknown error");
    for (int b = WEFT_E_NOTBUILT; b < a; b++)
      assert_string_not_equal(weft_strerror(a), weft_strerror(b));
  }
}

static void other_numbers_have_words_too(void **state) {
  (void)state;
  assert_string_equal(weft_strerror(5), "success");
  assert_string_equal(weft_strerror(WEFT_E_NOTBUILT - 1), "unknown error");
  assert_string_equal(weft_strerror(WEFT_E_USER), "stopped by a callback");
  assert_string_equal(weft_strerror(INT32_MIN), "stopped by a callback");
}

static void the_version_is_the_headers(void **state) {
  (void)state;
  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", WEFT_VERSION_MAJOR, WEFT_VERSION_MINOR,
           WEFT_VERSION_PATCH);
  assert_string_equal(weft_version_string(), text);
  assert_int_equal(weft_version_number(), WEFT_VERSION_NUMBER);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gap_causes),
      cmocka_unit_test(end_causes),
      cmocka_unit_test(conn_states),
      cmocka_unit_test(check_reasons),
      cmocka_unit_test(fragment_policies),
      cmocka_unit_test(every_status_has_words_of_its_own),
      cmocka_unit_test(other_numbers_have_words_too),
      cmocka_unit_test(the_version_is_the_headers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
