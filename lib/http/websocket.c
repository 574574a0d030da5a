/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/protocol.h>

/*
 *      0               1               2 ...
 *     | FIN RSV opcode | MASK length    | 0, 2 or 8 more of length | 0 or 4 of mask | payload
 */
enum { FIN = 0x80, RSV = 0x70, OPCODE = 0x0f, MASK = 0x80, CONTROL = 0x08 };

/* How long the head is, from as much of it as there is; 0: its second byte tells. */
static unsigned head_length(const struct weft_websocket *w) {
  if (w->nhead < 2) return 0;
  unsigned n = w->head[1] & 0x7f;
  return 2 + (n == 127 ? 8 : n == 126 ? 2 : 0) + (w->head[1] & MASK ? 4 : 0);
}

static uint64_t payload_length(const struct weft_websocket *w) {
  unsigned n = w->head[1] & 0x7f, more = n == 127 ? 8 : n == 126 ? 2 : 0;
  uint64_t length = more ? 0 : n;
  for (unsigned i = 0; i < more; i++) length = length << 8 | w->head[2 + i];
  return length;
}

/* What no sender sends: then this is no frame.  An extension may use the
   reserved bits of data frames (RFC 7692: compressed ones the first). */
static int is_plausible(const struct weft_websocket *w, uint64_t length) {
  unsigned opcode = w->head[0] & OPCODE;
  if ((opcode > 2 && opcode < 8) || opcode > 10 || length >> 63) return 0;
  return !(opcode & CONTROL) || ((w->head[0] & FIN) && !(w->head[0] & RSV) && length <= 125);
}

static void head_complete(struct weft_websocket *w) {
  uint64_t length = payload_length(w);
  w->nhead = 0;
  if (!is_plausible(w, length)) {
    w->lost = 1;
    return;
  }
  w->frames++;
  w->opcodes[w->head[0] & OPCODE]++;
  w->remaining = length;
}

void weft_websocket_data(struct weft_websocket *w, const struct weft_span *spans, size_t nspans) {
  for (const struct weft_span *s = spans; s < spans + nspans; s++)
    for (size_t i = 0; i < s->len && !w->lost;) {
      if (w->remaining > 0) {
        size_t n = s->len - i < w->remaining ? s->len - i : (size_t)w->remaining;
        w->remaining -= n;
        i += n;
        w->last = s->mark;
        continue;
      }
      if (!w->frames && !w->nhead) w->first = s->mark;
      w->head[w->nhead++] = s->base[i++];
      if (w->nhead != head_length(w)) continue;
      head_complete(w);
      if (!w->lost) w->last = s->mark;
    }
}

void weft_websocket_gap(struct weft_websocket *w, uint64_t length) {
  if (length <= w->remaining)
    w->remaining -= length;
  else
    w->lost = 1;
}
