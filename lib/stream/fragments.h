/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_STREAM_FRAGMENTS_H
#define WEFT_STREAM_FRAGMENTS_H

#include <weft/stream.h>

#include "ip/defrag.h"
#include "wire/plain.h"

/* Takes the fragment in `packet`, and the datagrams that it completes: one may be a
   fragment of another in its turn.  A verdict, WEFT_IS_FRAGMENT when it is held or
   of no use; after WEFT_IS_SEGMENT `packet` is the segment, with its checksum looked at if
   that is wanted, and defrag_parts says what came in which frame.  WEFT_E_NOMEM:
   the fragment was not taken. */
int fragments_take(struct defrag *, const struct weft_options *, struct wire_packet *packet);

/* Writes the counters of fragments and datagrams. */
void fragments_stats(const struct defrag *, struct weft_stats *ret);

/* weft_options::realms: the realm that counts. */
static inline uint32_t realm_of(const struct weft_options *options, uint32_t realm) {
  return options->realms == WEFT_REALMS_NONE ? 0 : realm;
}

/* As wire_decode, the short way where that reads the frame, and with the realm that counts. */
static inline int frame_decode(const struct weft_options *options, const struct weft_frame *frame,
                               struct wire_packet *ret) {
  if (wire_plain(frame, ret)) return WEFT_IS_SEGMENT;
  int verdict = wire_decode(frame, ret);
  if (verdict == WEFT_IS_SEGMENT)
    ret->segment.tuple.realm = realm_of(options, ret->segment.tuple.realm);
  return verdict;
}

#endif
