/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/gzip.h"

#ifdef WEFT_HAVE_ZLIB
#  include <limits.h>
#  include <stdlib.h>
#  include <string.h>
#  define ZLIB_CONST
#  include <zlib.h>

#  include "capture/fault.h"

struct gzip {
  struct supply supply;
  struct supply *under;
  z_stream stream;
  int between; /* at the end of a member: the end of the file may follow */
  int ended;
  int damaged; /* zlib refused what it was given; told once all before it was given */
  uint8_t pending[SUPPLY_HEAD_MAX]; /* compressed bytes not yet used */
};

/* More compressed bytes: 1, 0 at their end, negative. */
static int gzip_fill(struct gzip *gzip, struct weft_error *reterr) {
  int64_t got = gzip->under->ops->pull(gzip->under, gzip->pending, sizeof(gzip->pending), reterr);
  gzip->supply.taken = gzip->under->taken;
  if (got <= 0) return (int)got;
  gzip->stream.next_in = gzip->pending;
  gzip->stream.avail_in = (uInt)got;
  return 1;
}

/* Makes sure that there is something to inflate: 1; 0: the end, as it should
   be or as whatever follows the last member makes it; negative. */
static int gzip_ready(struct gzip *gzip, struct weft_error *reterr) {
  if (gzip->ended) return 0;
  int rc = gzip->stream.avail_in ? 1 : gzip_fill(gzip, reterr);
  if (rc < 0) return rc;
  if (rc == 0 && !gzip->between)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: the compressed data ends early, so the end of the capture is missing: "
                 "copy or compress it again to have the rest",
                 gzip->supply.name);
  if (rc == 0 || (gzip->between && gzip->stream.next_in[0] != 0x1f)) {
    gzip->ended = 1;
    return 0;
  }
  gzip->between = 0;
  return 1;
}

/* One step: bytes come out, or a member ends, or the damage is noted. */
static int gzip_inflate(struct gzip *gzip, struct weft_error *reterr) {
  int rc = inflate(&gzip->stream, Z_NO_FLUSH);
  if (rc == Z_MEM_ERROR) return fault_memory(reterr, gzip->supply.name);
  if (rc == Z_STREAM_END) {
    gzip->between = 1;
    rc = inflateReset(&gzip->stream);
  }
  gzip->damaged = rc != Z_OK && rc != Z_BUF_ERROR;
  return 0;
}

static int64_t gzip_pull(struct supply *supply, uint8_t *ret, size_t n, struct weft_error *reterr) {
  struct gzip *gzip = (struct gzip *)supply;
  gzip->stream.next_out = ret;
  gzip->stream.avail_out = (uInt)(n > INT_MAX ? INT_MAX : n);
  while (gzip->stream.next_out == ret) {
    if (gzip->damaged)
      return fault(reterr, WEFT_E_FORMAT,
                   "%s: the compressed data is damaged (%s): copy or compress the capture again "
                   "to have the rest",
                   supply->name, gzip->stream.msg ? gzip->stream.msg : "inflate failed");
    int rc = gzip_ready(gzip, reterr);
    if (rc <= 0) return rc;
    rc = gzip_inflate(gzip, reterr);
    if (rc < 0) return rc;
  }
  return gzip->stream.next_out - ret;
}

static void gzip_close(struct supply *supply) {
  struct gzip *gzip = (struct gzip *)supply;
  inflateEnd(&gzip->stream);
  supply_close(gzip->under);
  free(gzip);
}

int gzip_open(struct supply *under, const uint8_t *head, size_t n, struct supply **ret,
              struct weft_error *reterr) {
  static const struct supply_ops ops = {gzip_pull, gzip_close};
  struct gzip *gzip = calloc(1, sizeof(*gzip));
  if (!gzip || inflateInit2(&gzip->stream, 16 + MAX_WBITS) != Z_OK) {
    free(gzip);
    return fault_memory(reterr, under->name);
  }
  gzip->supply = (struct supply){&ops, under->name, under->taken};
  gzip->under = under;
  memcpy(gzip->pending, head, n);
  gzip->stream.next_in = gzip->pending;
  gzip->stream.avail_in = (uInt)n;
  *ret = &gzip->supply;
  return 0;
}

#else

int gzip_open(struct supply *under, const uint8_t *head, size_t n, struct supply **ret,
              struct weft_error *reterr) {
  (void)under, (void)head, (void)n, (void)ret, (void)reterr;
  return WEFT_E_NOTBUILT;
}

#endif
