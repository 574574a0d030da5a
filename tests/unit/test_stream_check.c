/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/check.h>

#include "build.h"

/* ---- handshakes: a step is who sent which flags, and what became of it -- */

struct step {
  int dir;
  unsigned flags;
  int wish;
  enum weft_check_phase phase;
};

static void play(int midstream, const struct step *steps, size_t nsteps) {
  struct weft_check_state state = {.midstream = (uint8_t)midstream};
  for (size_t i = 0; i < nsteps; i++) {
    struct weft_segment segment = seg((enum weft_dir)steps[i].dir, 0, "", steps[i].flags);
    enum weft_check_reason reason;
    assert_int_equal(weft_check_state(&state, (enum weft_dir)steps[i].dir, &segment, &reason),
                     steps[i].wish);
    assert_int_equal(reason, steps[i].wish ? WEFT_CHECK_STATE : WEFT_CHECK_OK);
    assert_string_equal(weft_check_phase_name(state.phase), weft_check_phase_name(steps[i].phase));
  }
}

#define PLAY(midstream, ...) \
  do { \
    const struct step steps_[] = {__VA_ARGS__}; \
    play(midstream, steps_, sizeof steps_ / sizeof *steps_); \
  } while (0)

enum { TAKE = 0, DROP = WEFT_DROP };

static void state_whole_connection(void **context) {
  (void)context;
  PLAY(0, {0, SYN, TAKE, WEFT_PHASE_OPENING}, {1, SYN | ACK, TAKE, WEFT_PHASE_ESTABLISHED},
       {0, ACK, TAKE, WEFT_PHASE_ESTABLISHED}, {1, FIN | ACK, TAKE, WEFT_PHASE_CLOSING},
       {0, ACK, TAKE, WEFT_PHASE_CLOSING}, {0, FIN | ACK, TAKE, WEFT_PHASE_LAST_ACK},
       {0, ACK, DROP, WEFT_PHASE_LAST_ACK}, {1, ACK, TAKE, WEFT_PHASE_CLOSED},
       {1, ACK, DROP, WEFT_PHASE_CLOSED}, {1, SYN, TAKE, WEFT_PHASE_OPENING});
}

static void state_needs_the_opening(void **context) {
  (void)context;
  PLAY(0, {0, ACK, DROP, WEFT_PHASE_CLOSED}, {0, RST, DROP, WEFT_PHASE_CLOSED},
       {1, SYN | ACK, DROP, WEFT_PHASE_CLOSED}, {0, SYN, TAKE, WEFT_PHASE_OPENING},
       {0, ACK, DROP, WEFT_PHASE_OPENING}, {0, SYN, TAKE, WEFT_PHASE_OPENING},
       {0, SYN | ACK, DROP, WEFT_PHASE_OPENING}, {1, SYN, DROP, WEFT_PHASE_OPENING});
}

static void state_reset_ends_it(void **context) {
  (void)context;
  PLAY(1, {0, SYN, TAKE, WEFT_PHASE_OPENING}, {1, RST | ACK, TAKE, WEFT_PHASE_RESET},
       {0, SYN, DROP, WEFT_PHASE_RESET}, {0, RST, DROP, WEFT_PHASE_RESET});
}

static void state_midstream(void **context) {
  (void)context;
  PLAY(1, {1, ACK, TAKE, WEFT_PHASE_ESTABLISHED});
  PLAY(1, {1, SYN | ACK, TAKE, WEFT_PHASE_ESTABLISHED});
  PLAY(1, {1, FIN, TAKE, WEFT_PHASE_CLOSING}, {0, FIN, DROP, WEFT_PHASE_CLOSING},
       {0, FIN | ACK, TAKE, WEFT_PHASE_LAST_ACK});
  PLAY(1, {1, FIN | ACK, TAKE, WEFT_PHASE_LAST_ACK}, {1, ACK, DROP, WEFT_PHASE_LAST_ACK},
       {0, ACK, TAKE, WEFT_PHASE_CLOSED});
  PLAY(1, {1, RST, TAKE, WEFT_PHASE_RESET});
}

/* ---- options -------------------------------------------------------- */

static struct weft_segment syn_with(enum weft_dir dir, uint16_t mss, int shift, uint16_t window) {
  struct weft_segment segment = seg(dir, 99, "", SYN);
  segment.window = window;
  segment.mss = mss;
  if (mss) segment.options |= WEFT_TCPOPT_MSS;
  if (shift >= 0) {
    segment.options |= WEFT_TCPOPT_WSCALE;
    segment.window_shift = (uint8_t)shift;
  }
  return segment;
}

static struct weft_check_options opened(uint16_t mss, int shift, uint16_t window) {
  struct weft_check_options options = {{0}, {0}, {0}, {0}};
  struct weft_segment syn = syn_with(C, 0, shift, 65535), answer = syn_with(S, mss, shift, window);
  assert_int_equal(weft_check_options(&options, C, &syn, 0, 0, NULL), 0);
  assert_int_equal(weft_check_options(&options, S, &answer, 0, 0, NULL), 0);
  return options;
}

/* The reason for a segment from the client, 100 being the number expected. */
static int judged(struct weft_check_options *options, uint32_t seq, size_t length, unsigned flags) {
  static const uint8_t bytes[2000];
  struct weft_segment segment = seg_bytes(C, seq, bytes, length, flags);
  enum weft_check_reason reason = WEFT_CHECK_COUNT;
  int wish = weft_check_options(options, C, &segment, 1, 100, &reason);
  assert_int_equal(wish, reason ? WEFT_DROP : 0);
  return (int)reason;
}

static void options_retransmission(void **context) {
  (void)context;
  struct weft_check_options options = opened(1460, 7, 1000);
  assert_int_equal(judged(&options, 90, 10, ACK), WEFT_CHECK_RETRANSMIT);
  assert_int_equal(judged(&options, 90, 3, ACK), WEFT_CHECK_RETRANSMIT);
  assert_int_equal(judged(&options, 98, 0, ACK), WEFT_CHECK_RETRANSMIT);
  assert_int_equal(judged(&options, 99, 1, ACK), WEFT_CHECK_OK); /* keep-alive */
  assert_int_equal(judged(&options, 99, 0, ACK), WEFT_CHECK_OK);
  assert_int_equal(judged(&options, 100, 0, ACK), WEFT_CHECK_OK);
}

static void options_partly_new_is_taken(void **context) {
  (void)context;
  struct weft_check_options options = opened(1460, 7, 1000);
  assert_int_equal(judged(&options, 99, 2, ACK), WEFT_CHECK_OK);
  assert_int_equal(judged(&options, 90, 11, ACK), WEFT_CHECK_OK);
  assert_int_equal(judged(&options, 90, 10, ACK | FIN), WEFT_CHECK_OK); /* the FIN is new */
  assert_int_equal(judged(&options, 90, 1461, ACK), WEFT_CHECK_MSS);
}

static void options_mss_is_the_receivers(void **context) {
  (void)context;
  struct weft_check_options options = opened(500, 7, 1000);
  assert_int_equal(judged(&options, 100, 500, ACK), WEFT_CHECK_OK);
  assert_int_equal(judged(&options, 100, 501, ACK), WEFT_CHECK_MSS);
  options = opened(0, 7, 1000);
  assert_int_equal(judged(&options, 100, 2000, ACK), WEFT_CHECK_OK);
}

static void options_window_without_scale(void **context) {
  (void)context;
  struct weft_check_options options = opened(1460, -1, 50);
  assert_int_equal(judged(&options, 150, 10, ACK), WEFT_CHECK_OK);
  assert_int_equal(judged(&options, 151, 1, ACK), WEFT_CHECK_WINDOW);
  options = opened(1460, -1, 0);
  assert_int_equal(judged(&options, 5000, 1, ACK), WEFT_CHECK_OK);
  options = opened(1460, 0, 50);
  assert_int_equal(judged(&options, 5000, 1, ACK), WEFT_CHECK_OK);
}

static void options_window_follows_what_is_taken(void **context) {
  (void)context;
  struct weft_check_options options = opened(1460, 3, 50);
  assert_int_equal(options.window[S], 400);
  struct weft_segment update = seg(S, 100, "", ACK), old = seg(S, 90, "abc", ACK);
  update.window = 7;
  old.window = 9;
  assert_int_equal(weft_check_options(&options, S, &update, 1, 100, NULL), 0);
  assert_int_equal(options.window[S], 56);
  assert_int_equal(weft_check_options(&options, S, &old, 1, 100, NULL), WEFT_DROP);
  assert_int_equal(options.window[S], 56);
}

static void options_across_the_wrap(void **context) {
  (void)context;
  struct weft_check_options options = opened(1460, -1, 20);
  struct weft_segment ahead = seg(C, 5, "x", ACK), old = seg(C, 0xfffffff0u, "abc", ACK);
  enum weft_check_reason reason;
  assert_int_equal(weft_check_options(&options, C, &ahead, 1, 0xfffffffau, NULL), 0);
  assert_int_equal(weft_check_options(&options, C, &ahead, 1, 0xfffffff0u, &reason), WEFT_DROP);
  assert_int_equal(reason, WEFT_CHECK_WINDOW);
  assert_int_equal(weft_check_options(&options, C, &old, 1, 2, &reason), WEFT_DROP);
  assert_int_equal(reason, WEFT_CHECK_RETRANSMIT);
}

static void options_before_the_start(void **context) {
  (void)context;
  struct weft_check_options options = opened(10, -1, 5);
  struct weft_segment segment = seg(C, 5000, "longer than ten", ACK);
  assert_int_equal(weft_check_options(&options, C, &segment, 0, 100, NULL), 0);
}

static void options_scale_is_bounded(void **context) {
  (void)context;
  struct weft_check_options options = opened(1460, 200, 1);
  assert_int_equal(options.window[S], 1 << 14); /* RFC 7323 section 2.3 */
}

static void names(void **context) {
  (void)context;
  assert_string_equal(weft_check_phase_name(WEFT_PHASE_LAST_ACK), "last-ack");
  assert_string_equal(weft_check_phase_name(WEFT_PHASE_COUNT), "unknown");
  assert_string_equal(weft_check_reason_name(WEFT_CHECK_RETRANSMIT), "retransmit");
}

/* ---- in an engine --------------------------------------------------- */

struct mine {
  struct weft_check_state state;
  struct weft_check_options options;
  uint64_t bytes;
};

static int on_segment(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *segment,
                      void *user) {
  struct weft_conn_info info = {.size = sizeof info};
  struct mine *mine = user;
  int wish = weft_check_state(&mine->state, dir, segment, NULL);
  if (wish) return wish;
  weft_conn_inspect(conn, &info);
  return weft_check_options(&mine->options, dir, segment, info.started[dir], info.next_seq[dir],
                            NULL);
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  (void)conn, (void)dir;
  ((struct mine *)user)->bytes += data->length;
  return 0;
}

/* The program in the header. */
static void judge_in_on_segment(void **context) {
  (void)context;
  static const struct weft_stream_ops ops = {
      .size = sizeof ops, .on_segment = on_segment, .on_data = on_data};
  struct mine mine = {.bytes = 0};
  struct weft_engine *engine = NULL;
  assert_int_equal(weft_engine_new(NULL, &ops, &mine, &engine), 0);
  struct feed feed = feed_of(engine);
  assert_int_equal(feed_push(&feed, seg(C, 0, "", SYN)), WEFT_IS_SEGMENT);
  assert_int_equal(feed_push(&feed, seg(C, 1, "abc", ACK)), WEFT_IS_REFUSED);
  assert_int_equal(feed_push(&feed, seg_acks(seg(S, 0, "", SYN), 1)), WEFT_IS_SEGMENT);
  assert_int_equal(feed_push(&feed, seg(C, 1, "abc", ACK)), WEFT_IS_SEGMENT);
  assert_int_equal(feed_push(&feed, seg(C, 1, "abc", ACK)), WEFT_IS_REFUSED);
  assert_int_equal(feed_push(&feed, seg(C, 2, "bcde", ACK)), WEFT_IS_SEGMENT);
  assert_int_equal(mine.bytes, 5);
  weft_engine_free(engine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(state_whole_connection),
      cmocka_unit_test(state_needs_the_opening),
      cmocka_unit_test(state_reset_ends_it),
      cmocka_unit_test(state_midstream),
      cmocka_unit_test(options_retransmission),
      cmocka_unit_test(options_partly_new_is_taken),
      cmocka_unit_test(options_mss_is_the_receivers),
      cmocka_unit_test(options_window_without_scale),
      cmocka_unit_test(options_window_follows_what_is_taken),
      cmocka_unit_test(options_across_the_wrap),
      cmocka_unit_test(options_before_the_start),
      cmocka_unit_test(options_scale_is_bounded),
      cmocka_unit_test(names),
      cmocka_unit_test(judge_in_on_segment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
