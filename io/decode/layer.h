/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_DECODE_LAYER_H
#define IO_DECODE_LAYER_H

#include <weft/content.h>

/*
 * One coding being undone.  A body's layers form a chain, the coding that was
 * applied last in front:
 *
 *     weft_content_write -> br -> gzip -> on_bytes        Content-Encoding: gzip, br
 *
 * Bytes are pushed through; a layer keeps only what its library needs.
 */
struct layer {
  const struct coding *coding;
  struct weft_content *content;
  struct layer *next; /* gets what this one makes; NULL: on_bytes does */
  uint64_t out;       /* bytes made so far */
};

/* Adding a coding is a file with such a table and a line in content.c. */
struct coding {
  const char *names[3]; /* lower case, NULL-terminated */
  size_t size;          /* of its struct, which begins with a struct layer and is zero-filled */
  int (*begin)(struct layer *);                                 /* 0 or WEFT_E_NOMEM */
  int (*write)(struct layer *, const uint8_t *, size_t length); /* as weft_content_write */
  int (*is_over)(const struct layer *);                         /* is what came so far whole? */
  void (*done)(struct layer *);                                 /* after begin has succeeded */
};

extern const struct coding coding_compress, coding_gzip, coding_deflate;
#ifdef WEFT_HAVE_BROTLI
extern const struct coding coding_br;
#endif
#ifdef WEFT_HAVE_ZSTD
extern const struct coding coding_zstd;
#endif

enum { LAYER_BYTES = 32 * 1024 }; /* what a layer hands on at once */

/* Hands bytes on to the next, within the bounds.  What this returns, write returns. */
int layer_emit(struct layer *, const uint8_t *, size_t length);

/* The input is not of this coding.  Returns WEFT_E_FORMAT, for write to return. */
int layer_damaged(struct layer *);

#endif
