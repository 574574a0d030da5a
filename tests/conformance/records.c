/* SPDX-License-Identifier: BSD-2-Clause */
#include "records.h"

#include <stdlib.h>

static uint64_t load(const uint8_t *at, unsigned size, int big) {
  uint64_t value = 0;
  for (unsigned i = 0; i < size; i++) value = value << 8 | at[big ? i : size - 1 - i];
  return value;
}

static void store(uint8_t *at, unsigned size, int big, uint64_t value) {
  for (unsigned i = 0; i < size; i++) at[big ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static void *grow(void *array, size_t count, size_t size) {
  if ((count & (count - 1)) != 0) return array; /* there is room up to the next power of two */
  void *larger = realloc(array, (count ? 2 * count : 1) * size);
  if (!larger) abort();
  return larger;
}

/* ---- collecting ----------------------------------------------------- */

struct finder {
  const uint8_t *bytes;
  size_t size;
  int big;
  struct records *records;
};

static uint32_t get32(const struct finder *f, size_t at) {
  return at + 4 <= f->size ? (uint32_t)load(f->bytes + at, 4, f->big) : 0;
}

static void add_field(struct finder *f, size_t at, uint8_t size) {
  struct records *r = f->records;
  if (at + size > f->size) return;
  r->fields = grow(r->fields, r->nfields, sizeof *r->fields);
  r->fields[r->nfields++] = (struct length_field){at, size, (uint8_t)f->big};
}

static void add_frame(struct finder *f, size_t end) {
  struct records *r = f->records;
  r->ends = grow(r->ends, r->nends, sizeof *r->ends);
  r->ends[r->nends++] = end;
}

/* ---- formats -------------------------------------------------------- */

static void find_pcap(struct finder *f, size_t header) {
  add_field(f, 16, 4); /* the snapshot length */
  for (size_t at = 24, end; at + header <= f->size; at = end) {
    end = at + header + get32(f, at + 8);
    if (end > f->size) return;
    add_field(f, at + 8, 4);
    add_field(f, at + 12, 4);
    add_frame(f, end);
  }
}

static void find_snoop(struct finder *f) {
  f->big = 1;
  for (size_t at = 16, end; at + 24 <= f->size; at = end) {
    end = at + get32(f, at + 8);
    if (end < at + 24 || end > f->size) return;
    for (size_t field = 0; field < 12; field += 4) add_field(f, at + field, 4);
    add_frame(f, end);
  }
}

static void find_options(struct finder *f, size_t at, size_t end) {
  while (at + 4 <= end) {
    uint32_t length = (uint32_t)load(f->bytes + at + 2, 2, f->big);
    add_field(f, at + 2, 2);
    at += 4 + (length + 3) / 4 * 4;
  }
}

/* A block's own fields, between its lengths. */
static void find_block(struct finder *f, uint32_t type, size_t at, size_t end) {
  switch (type) {
  case 1: find_options(f, at + 16, end - 4); break; /* interface description */
  case 3:                                           /* simple packet */
    add_field(f, at + 8, 4);
    add_frame(f, end);
    break;
  case 2: /* packet, and enhanced packet */
  case 6:
    add_field(f, at + 20, 4);
    add_field(f, at + 24, 4);
    find_options(f, at + 28 + (get32(f, at + 20) + 3) / 4 * 4, end - 4);
    add_frame(f, end);
    break;
  default: break;
  }
}

static void find_pcapng(struct finder *f) {
  for (size_t at = 0, end; at + 12 <= f->size; at = end) {
    if (load(f->bytes + at, 4, 1) == 0x0a0d0d0a)
      f->big = load(f->bytes + at + 8, 4, 1) == 0x1a2b3c4d;
    end = at + get32(f, at + 4);
    if (end < at + 12 || end > f->size) return;
    add_field(f, at + 4, 4);
    find_block(f, get32(f, at), at, end);
    add_field(f, end - 4, 4);
  }
}

void records_find(const uint8_t *bytes, size_t size, struct records *ret) {
  struct finder f = {bytes, size, 0, ret};
  *ret = (struct records){NULL, 0, NULL, 0};
  if (size < 24) return;
  for (f.big = 0; f.big < 2; f.big++) {
    uint64_t magic = load(bytes, 4, f.big);
    if (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d) {
      find_pcap(&f, 16);
      return;
    }
    if (magic == 0xa1b2cd34) {
      find_pcap(&f, 24);
      return;
    }
  }
  if (load(bytes, 4, 1) == 0x0a0d0d0a) find_pcapng(&f);
  if (load(bytes, 8, 1) == 0x736e6f6f70000000) find_snoop(&f);
}

void records_free(struct records *records) {
  free(records->fields);
  free(records->ends);
  *records = (struct records){NULL, 0, NULL, 0};
}

size_t records_before(const struct records *records, size_t size) {
  size_t count = 0;
  while (count < records->nends && records->ends[count] <= size) count++;
  return count;
}

void length_field_spoil(const struct length_field *field, unsigned which, uint8_t *bytes) {
  uint8_t *at = bytes + field->offset;
  uint64_t value = load(at, field->size, field->big), most = field->size == 2 ? 0xffff : 0xffffffff;
  const uint64_t extremes[LENGTH_EXTREMES] = {0, 1, most / 2, most, value - 1, value + 1};
  store(at, field->size, field->big, extremes[which]);
}
