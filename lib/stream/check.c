/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/check.h>

#include "base/seq32.h"

/* RFC 7323 section 2.3. */
enum { SHIFT_MAX = 14 };

static int answer(enum weft_check_reason reason, enum weft_check_reason *ret) {
  if (ret) *ret = reason;
  return reason ? WEFT_DROP : 0;
}

const char *weft_check_phase_name(uint32_t phase) {
  static const char *const names[WEFT_PHASE_COUNT] = {
      [WEFT_PHASE_CLOSED] = "closed",           [WEFT_PHASE_OPENING] = "opening",
      [WEFT_PHASE_ESTABLISHED] = "established", [WEFT_PHASE_CLOSING] = "closing",
      [WEFT_PHASE_LAST_ACK] = "last-ack",       [WEFT_PHASE_RESET] = "reset"};
  return phase < WEFT_PHASE_COUNT ? names[phase] : "unknown";
}

/* ---- handshakes ----------------------------------------------------- */

/* Where a connection must have been for this segment to come now. */
static void state_assume(struct weft_check_state *state, enum weft_dir dir, unsigned flags) {
  uint8_t other = (uint8_t)!dir;
  if (flags & WEFT_TCP_SYN && flags & WEFT_TCP_ACK) {
    state->phase = WEFT_PHASE_OPENING;
    state->opener = other;
  } else if (flags & WEFT_TCP_FIN && flags & WEFT_TCP_ACK) {
    state->phase = WEFT_PHASE_CLOSING;
    state->closer = other;
  } else {
    state->phase = WEFT_PHASE_ESTABLISHED;
  }
}

/* The phase after a segment, or -1 for one that the present phase does not allow. */
static int state_next(struct weft_check_state *state, enum weft_dir dir, unsigned flags) {
  unsigned ack = flags & WEFT_TCP_ACK, syn = flags & WEFT_TCP_SYN, fin = flags & WEFT_TCP_FIN;
  int phase = state->phase;
  if (phase == WEFT_PHASE_RESET) return -1;
  if (phase == WEFT_PHASE_CLOSED) {
    if (!syn || ack) return -1;
    state->opener = (uint8_t)dir;
    return WEFT_PHASE_OPENING;
  }
  if (flags & WEFT_TCP_RST) return WEFT_PHASE_RESET;
  switch (phase) {
  case WEFT_PHASE_OPENING:
    if (syn && ack) return dir != (enum weft_dir)state->opener ? WEFT_PHASE_ESTABLISHED : -1;
    return syn && dir == (enum weft_dir)state->opener ? phase : -1;
  case WEFT_PHASE_ESTABLISHED:
    if (!fin) return phase;
    state->closer = (uint8_t)dir;
    return WEFT_PHASE_CLOSING;
  case WEFT_PHASE_CLOSING:
    if (!ack) return -1;
    return fin && dir != (enum weft_dir)state->closer ? WEFT_PHASE_LAST_ACK : phase;
  default: /* WEFT_PHASE_LAST_ACK */
    return ack && dir == (enum weft_dir)state->closer ? WEFT_PHASE_CLOSED : -1;
  }
}

int weft_check_state(struct weft_check_state *state, enum weft_dir dir,
                     const struct weft_segment *segment, enum weft_check_reason *ret) {
  unsigned flags = segment->tcp_flags;
  unsigned syn_only = flags & (WEFT_TCP_SYN | WEFT_TCP_ACK);
  if (state->midstream && state->phase == WEFT_PHASE_CLOSED && syn_only != WEFT_TCP_SYN)
    state_assume(state, dir, flags);
  int next = state_next(state, dir, flags);
  if (next < 0) return answer(WEFT_CHECK_STATE, ret);
  state->phase = (uint8_t)next;
  return answer(WEFT_CHECK_OK, ret);
}

/* ---- options -------------------------------------------------------- */

static void options_syn(struct weft_check_options *options, enum weft_dir dir,
                        const struct weft_segment *syn) {
  options->mss[dir] = syn->options & WEFT_TCPOPT_MSS ? syn->mss : 0;
  options->scales[dir] = !!(syn->options & WEFT_TCPOPT_WSCALE);
  options->shift[dir] = 0;
  if (options->scales[dir])
    options->shift[dir] = syn->window_shift < SHIFT_MAX ? syn->window_shift : SHIFT_MAX;
}

static enum weft_check_reason options_judge(const struct weft_check_options *options,
                                            enum weft_dir dir, const struct weft_segment *s,
                                            uint32_t next_seq) {
  int receiver = !dir;
  int32_t ahead = seq32_distance(next_seq, s->seq);
  uint32_t end = s->seq + s->wirelen + !!(s->tcp_flags & WEFT_TCP_FIN);
  if (ahead == -1 && s->wirelen <= 1) return WEFT_CHECK_OK;
  if (ahead < 0 && !seq32_after(end, next_seq)) return WEFT_CHECK_RETRANSMIT;
  if (options->mss[receiver] && s->wirelen > options->mss[receiver]) return WEFT_CHECK_MSS;
  if (options->window[receiver] && !options->scales[receiver] && ahead > 0 &&
      (uint32_t)ahead > options->window[receiver])
    return WEFT_CHECK_WINDOW;
  return WEFT_CHECK_OK;
}

int weft_check_options(struct weft_check_options *options, enum weft_dir dir,
                       const struct weft_segment *segment, int started, uint32_t next_seq,
                       enum weft_check_reason *ret) {
  enum weft_check_reason reason = WEFT_CHECK_OK;
  if (segment->tcp_flags & WEFT_TCP_SYN)
    options_syn(options, dir, segment);
  else if (started)
    reason = options_judge(options, dir, segment, next_seq);
  if (!reason) options->window[dir] = (uint32_t)segment->window << options->shift[dir];
  return answer(reason, ret);
}
