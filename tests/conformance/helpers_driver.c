/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays steps for helpers.py: a line in, a line out.
 *
 *     new MIDSTREAM                             forget; nothing out
 *     state DIR FLAGS                           "ok PHASE" or "drop PHASE"
 *     options DIR NEXT SEQ FLAGS WINDOW MSS SHIFT LENGTH   "ok" or the reason; NEXT, MSS, SHIFT: -1 none
 *     difference A B                            from A to B
 *     add A B
 *
 * DIR is 0 for the client and 1 for the server, FLAGS the byte of the header.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <weft/check.h>

#include "base/seq32.h"

static struct weft_check_state state;
static struct weft_check_options options;

static int play_new(const char *rest) {
  unsigned midstream;
  if (sscanf(rest, "%u", &midstream) != 1) return -1;
  memset(&state, 0, sizeof state);
  memset(&options, 0, sizeof options);
  state.midstream = (uint8_t)midstream;
  return 0;
}

static int play_state(const char *rest) {
  unsigned dir, flags;
  if (sscanf(rest, "%u %u", &dir, &flags) != 2 || dir > 1) return -1;
  struct weft_segment segment = {.size = sizeof segment, .tcp_flags = (uint8_t)flags};
  int dropped = weft_check_state(&state, (enum weft_dir)dir, &segment, NULL);
  printf("%s %s\n", dropped ? "drop" : "ok", weft_check_phase_name(state.phase));
  return 0;
}

static int play_options(const char *rest) {
  unsigned dir, flags, window, length;
  uint32_t seq;
  int64_t next;
  int mss, shift;
  if (sscanf(rest, "%u %" SCNd64 " %" SCNu32 " %u %u %d %d %u", &dir, &next, &seq, &flags, &window,
             &mss, &shift, &length) != 8 ||
      dir > 1)
    return -1;
  struct weft_segment segment = {.size = sizeof segment,
                                 .seq = seq,
                                 .tcp_flags = (uint8_t)flags,
                                 .window = (uint16_t)window,
                                 .caplen = length,
                                 .wirelen = length};
  if (mss >= 0) {
    segment.options |= WEFT_TCPOPT_MSS;
    segment.mss = (uint16_t)mss;
  }
  if (shift >= 0) {
    segment.options |= WEFT_TCPOPT_WSCALE;
    segment.window_shift = (uint8_t)shift;
  }
  enum weft_check_reason reason;
  weft_check_options(&options, (enum weft_dir)dir, &segment, next >= 0, (uint32_t)next, &reason);
  puts(weft_check_reason_name((int)reason));
  return 0;
}

static int play_numbers(const char *rest, int add) {
  int64_t a, b;
  if (sscanf(rest, "%" SCNd64 " %" SCNd64, &a, &b) != 2) return -1;
  if (add)
    printf("%" PRIu32 "\n", (uint32_t)a + (uint32_t)b);
  else
    printf("%" PRId32 "\n", seq32_distance((uint32_t)a, (uint32_t)b));
  return 0;
}

static int play(const char *line) {
  char word[16] = "";
  int used = 0;
  if (sscanf(line, "%15s %n", word, &used) < 1) return -1;
  if (!strcmp(word, "new")) return play_new(line + used);
  if (!strcmp(word, "state")) return play_state(line + used);
  if (!strcmp(word, "options")) return play_options(line + used);
  if (!strcmp(word, "difference")) return play_numbers(line + used, 0);
  if (!strcmp(word, "add")) return play_numbers(line + used, 1);
  return -1;
}

int main(void) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    if (play(line)) {
      fprintf(stderr, "not a step: %s", line);
      return 2;
    }
  }
  return 0;
}
