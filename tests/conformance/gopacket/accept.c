/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "gopacket.h"

/* The packet filters of gopacket's examples, with the names they give. */

void accept_init(struct accept *accept) {
  *accept = (struct accept){.state = FSM_CLOSED, .scale = {-1, -1}};
}

static int has(const struct packet *p, unsigned flag) { return (p->flags & flag) != 0; }

/* What a connection that was not seen to open is taken for. */
static void fsm_assume(struct accept *a, int dir, const struct packet *p) {
  if (has(p, WEFT_TCP_SYN) && has(p, WEFT_TCP_ACK)) {
    a->state = FSM_SYN_SENT;
    a->dir = !dir;
  } else if (has(p, WEFT_TCP_FIN) && has(p, WEFT_TCP_ACK)) {
    a->state = FSM_CLOSE_WAIT;
    a->dir = !dir;
  } else {
    a->state = FSM_ESTABLISHED;
  }
}

static int fsm_goes(struct accept *a, enum fsm state) {
  a->state = state;
  return 1;
}

static int fsm_step(struct accept *a, int dir, const struct packet *p) {
  int syn = has(p, WEFT_TCP_SYN), ack = has(p, WEFT_TCP_ACK), fin = has(p, WEFT_TCP_FIN);
  if (a->state != FSM_CLOSED && a->state != FSM_RESET && has(p, WEFT_TCP_RST))
    return fsm_goes(a, FSM_RESET);
  switch (a->state) {
  case FSM_CLOSED:
    if (!syn || ack) return 0;
    a->dir = dir;
    return fsm_goes(a, FSM_SYN_SENT);
  case FSM_SYN_SENT:
    if (syn && ack && dir != a->dir) return fsm_goes(a, FSM_ESTABLISHED);
    return syn && !ack && dir == a->dir;
  case FSM_ESTABLISHED:
    if (!fin) return 1;
    a->dir = dir;
    return fsm_goes(a, FSM_CLOSE_WAIT);
  case FSM_CLOSE_WAIT:
    if (fin && ack && dir != a->dir) return fsm_goes(a, FSM_LAST_ACK);
    return ack;
  case FSM_LAST_ACK: return ack && dir == a->dir ? fsm_goes(a, FSM_CLOSED) : 0;
  case FSM_RESET: break;
  }
  return 0;
}

static const char *fsm_judge(struct accept *a, int missing, int dir, const struct packet *p) {
  static const char *const names[] = {"fsm:Closed",    "fsm:SynSent", "fsm:Established",
                                      "fsm:CloseWait", "fsm:LastAck", "fsm:Reset"};
  if (a->state == FSM_CLOSED && missing && (!has(p, WEFT_TCP_SYN) || has(p, WEFT_TCP_ACK)))
    fsm_assume(a, dir, p);
  return fsm_step(a, dir, p) ? NULL : names[a->state];
}

static const char *options_syn(struct accept *a, int dir, const struct packet *p) {
  int64_t mss = -1, scale = -1;
  for (int i = 0; i < p->noptions; i++) {
    const struct option *option = &p->options[i];
    if (option->kind == 2) {
      if (option->length != 2) return "options:mss option";
      mss = option->data[0] << 8 | option->data[1];
    } else if (option->kind == 3) {
      if (option->length != 1) return "options:window scaling";
      scale = option->data[0];
    }
  }
  a->mss[dir] = mss;
  a->scale[dir] = scale;
  return NULL;
}

static const char *options_judge(struct accept *a, int dir, const struct packet *p, int started,
                                 uint32_t next) {
  const char *why = NULL;
  if (has(p, WEFT_TCP_SYN)) {
    why = options_syn(a, dir, p);
  } else if (started) {
    int64_t d = ahead(next, p->seq), peer = a->window[!dir];
    int alive = d == -1 && p->length <= 1;
    /* gopacket refuses what is partly new too; "fixed" does not. */
    if (!alive && d < 0 && d + (int64_t)p->length <= 0)
      why = "options:re-emitted";
    else if (!alive && a->mss[!dir] > 0 && p->length > a->mss[!dir])
      why = "options:mss";
    else if (!alive && peer && a->scale[!dir] < 0 && d > peer)
      why = "options:receivewindow";
  }
  if (!why) a->window[dir] = (int64_t)p->window << (a->scale[dir] > 0 ? a->scale[dir] : 0);
  return why;
}

const char *accept_judge(struct accept *a, const struct rules *rules, int dir,
                         const struct packet *p, int started, uint32_t next) {
  const char *why = NULL;
  if (rules->accept == ACCEPT_NONE) return "none";
  if (rules->accept == ACCEPT_FSM || rules->accept == ACCEPT_BOTH)
    why = fsm_judge(a, rules->missing_establishment, dir, p);
  if (!why && (rules->accept == ACCEPT_OPTIONS || rules->accept == ACCEPT_BOTH))
    why = options_judge(a, dir, p, started, next);
  return why;
}
