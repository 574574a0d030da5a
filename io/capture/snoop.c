/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snoop files (RFC 1761), as Solaris writes them.  Big-endian:
 *
 *     "snoop\0\0\0" | version 4 (2) | datalink 4
 *
 * and for each frame
 *
 *     on the wire 4 | captured 4 | record 4 | drops 4 | seconds 4 | microseconds 4
 *
 * the captured bytes and padding up to the length of the record.  The drops are
 * those since the capture began.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/bytes.h"
#include "capture/fault.h"
#include "capture/file.h"
#include "capture/linktype.h"

#define HEADER_SIZE 16
#define RECORD_SIZE 24
/* More padding than anybody writes. */
#define PADDING_MAX 4096u
#define RECORD_MAX (FRAME_USUAL_MAX + PADDING_MAX) /* 19 bits: see snoop_signs */

static int snoop_recognises(const uint8_t magic[FORMAT_MAGIC_MAX]) {
  return memcmp(magic, "snoop\0\0\0", 8) == 0;
}

/* Datalink types of RFC 1761, and two that Solaris added; 0: not one weft has
   a link type for. */
static uint16_t snoop_linktype(uint32_t datalink) {
  switch (datalink) {
  case 0: /* IEEE 802.3 */
  case 4: return LINKTYPE_ETHERNET;
  case 2: return LINKTYPE_TOKEN_RING;
  case 8: return LINKTYPE_FDDI;
  case 18: return LINKTYPE_SUNATM;
  case 26: return LINKTYPE_IPNET;
  default: return 0;
  }
}

struct snoop {
  uint16_t linktype;
};

static int snoop_open(struct file *file, struct weft_error *reterr) {
  uint32_t version = bytes_be32(file->input.at + 8), datalink = bytes_be32(file->input.at + 12);
  struct snoop *snoop = calloc(1, sizeof(*snoop));
  if (!snoop) return fault_memory(reterr, file->input.name);
  file->state = snoop;
  snoop->linktype = snoop_linktype(datalink);
  if (version != 2)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: is a snoop file of version %u, only 2 is known: convert it with editcap",
                 file->input.name, (unsigned)version);
  if (!snoop->linktype)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: is a snoop file of datalink type %u, which weft has no name for: "
                 "convert it with editcap",
                 file->input.name, (unsigned)datalink);
  input_advance(&file->input, HEADER_SIZE);
  return 0;
}

/* The lengths of the record at `input.at` make no sense. */
static int snoop_damaged(struct file *file, struct weft_error *reterr) {
  return file_damaged(file, reterr, "it claims %u captured bytes in a record of %u",
                      (unsigned)bytes_be32(file->input.at + 4),
                      (unsigned)bytes_be32(file->input.at + 8));
}

static int snoop_take(struct file *file, struct weft_frame *ret, size_t n, size_t *need,
                      struct weft_error *reterr) {
  const struct snoop *snoop = file->state;
  struct input *input = &file->input;
  size_t count = 0;
  for (; count < n; count++) {
    *need = RECORD_SIZE;
    if (input->left < RECORD_SIZE) break;
    const uint8_t *at = input->at;
    uint32_t wire = bytes_be32(at), captured = bytes_be32(at + 4), record = bytes_be32(at + 8);
    if (record > RECORD_MAX || record < RECORD_SIZE || captured > record - RECORD_SIZE)
      return count ? (int)count : snoop_damaged(file, reterr);
    *need = record;
    if (input->left < record) break;
    ret[count] = (struct weft_frame){.data = at + RECORD_SIZE,
                                     .caplen = captured,
                                     .wirelen = wire > captured ? wire : captured,
                                     .linktype = snoop->linktype,
                                     .flags = input->stable ? WEFT_FRAME_STABLE : 0};
    file_mark(file, &ret[count],
              (int64_t)bytes_be32(at + 16) * WEFT_SECOND + (int64_t)bytes_be32(at + 20) * 1000);
    file->interface_dropped = bytes_be32(at + 12);
    file->has_drops = 1;
    input_advance(input, record);
  }
  return (int)count;
}

static size_t snoop_plausible(const struct file *file, const uint8_t *at, size_t n,
                              const uint8_t *before) {
  (void)file;
  if (n < RECORD_SIZE) return 0;
  uint32_t wire = bytes_be32(at), captured = bytes_be32(at + 4), record = bytes_be32(at + 8);
  if (captured == 0 || captured > wire || wire > FRAME_MAX || record > RECORD_MAX ||
      record < RECORD_SIZE || captured > record - RECORD_SIZE ||
      record - RECORD_SIZE - captured > PADDING_MAX || bytes_be32(at + 20) >= 1000000)
    return 0;
  if (before && !seconds_are_near(bytes_be32(before + 16), bytes_be32(at + 16))) return 0;
  return record;
}

static struct signs snoop_signs(const struct file *file) {
  (void)file;
  return (struct signs){
      .zero = {{0, 0xff}, {4, 0xff}, {8, 0xff}, {9, 0xf8}, {20, 0xff}, {21, 0xf0}},
      .some = {5, 6, 7}};
}

static void snoop_close(struct file *file) { free(file->state); }

const struct format format_snoop = {
    .name = "snoop",
    .header_size = HEADER_SIZE,
    .recognises = snoop_recognises,
    .open = snoop_open,
    .take = snoop_take,
    .plausible = snoop_plausible,
    .chain = 3,
    .signs = snoop_signs,
    .close = snoop_close,
};
