/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONFORMANCE_RECORDS_H
#define CONFORMANCE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Where the records of a capture file are, and the fields in it that say how
 * long something is.  Knows pcap, pcapng and snoop as their documents describe
 * them, nothing of the library's readers; of compressed files nothing.
 */
struct length_field {
  size_t offset;
  uint8_t size; /* 2 or 4 */
  uint8_t big;  /* endian */
};

struct records {
  struct length_field *fields;
  size_t nfields;
  size_t *ends; /* of each frame's record, in the file */
  size_t nends;
};

/* As far as the file's own lengths lead.  Nothing for other files. */
void records_find(const uint8_t *bytes, size_t size, struct records *ret);
void records_free(struct records *);

/* How many frames have their whole record in the file's first `size` bytes. */
size_t records_before(const struct records *, size_t size);

/* Writes the extreme number `which` of LENGTH_EXTREMES over a field. */
enum { LENGTH_EXTREMES = 6 };
void length_field_spoil(const struct length_field *, unsigned which, uint8_t *bytes);

#endif
