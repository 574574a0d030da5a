/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcap files (draft-ietf-opsawg-pcap), in the byte order of whoever wrote them:
 *
 *     magic    4   a1b2c3d4 microseconds, a1b23c4d nanoseconds,
 *                  a1b2cd34 microseconds and the longer record header below
 *     version  2+2 before 2.4 the two lengths of a record come the other way round
 *     zone     4   ignored, as everybody does
 *     accuracy 4   ignored
 *     snaplen  4
 *     network  4   link type; the top bits tell of a frame check sequence
 *
 * and then for each frame, unless the header of another file follows,
 *
 *     seconds 4 | fraction 4 | captured 4 | on the wire 4 | captured bytes
 *
 * or, where Alexey Kuznetzov's patch of libpcap wrote it (Linux about 1998),
 * before the bytes also
 *
 *     interface index 4 | protocol 2 | packet type 1 | padding 1
 */
#include <stdlib.h>

#include "capture/bytes.h"
#include "capture/fault.h"
#include "capture/file.h"
#include "capture/linktype.h"

#define MAGIC_MICROSECOND 0xa1b2c3d4u
#define MAGIC_NANOSECOND 0xa1b23c4du
#define MAGIC_MODIFIED 0xa1b2cd34u

#define HEADER_SIZE 24
#define RECORD_SIZE 16
#define MODIFIED_RECORD_SIZE 24

struct pcap {
  uint16_t linktype;
  int swapped, record_size;
  uint32_t check_size; /* of the frame check sequence at the end of each frame */
  uint32_t fraction;   /* nanoseconds that one of the fraction field is */
  uint32_t frame_max;
  int lengths_may_be_swapped;
};

/* The magic in this machine's order, 0 when it is none. */
static uint32_t pcap_magic(const uint8_t *at, int *ret_swapped) {
  for (int swapped = 0; swapped < 2; swapped++) {
    uint32_t magic = bytes_u32(at, swapped);
    *ret_swapped = swapped;
    if (magic == MAGIC_MICROSECOND || magic == MAGIC_NANOSECOND || magic == MAGIC_MODIFIED)
      return magic;
  }
  return 0;
}

static int pcap_recognises(const uint8_t magic[FORMAT_MAGIC_MAX]) {
  int swapped;
  return pcap_magic(magic, &swapped) != 0;
}

/* Takes in the header at `input.at`, or says why not, and nothing has changed. */
static int pcap_header(struct file *file, struct weft_error *reterr) {
  struct pcap pcap = {0};
  const uint8_t *at = file->input.at;
  uint32_t magic = pcap_magic(at, &pcap.swapped);
  unsigned major = bytes_u16(at + 4, pcap.swapped), minor = bytes_u16(at + 6, pcap.swapped);
  uint32_t snaplen = bytes_u32(at + 16, pcap.swapped);
  uint32_t network = bytes_u32(at + 20, pcap.swapped);
  /* 28..31 and 26: length in pairs of bytes, and presence, of a frame check sequence */
  pcap.check_size = network & 1u << 26 ? (network >> 28) * 2 : 0;
  network &= 0x03ffffff;
  if (network > UINT16_MAX)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: its header at byte 20 gives link type %u, which cannot be: the header is "
                 "damaged, get the capture again",
                 file->input.name, (unsigned)network);
  pcap.linktype = linktype_of((uint16_t)network);
  pcap.fraction = magic == MAGIC_NANOSECOND ? 1 : 1000;
  pcap.record_size = magic == MAGIC_MODIFIED ? MODIFIED_RECORD_SIZE : RECORD_SIZE;
  pcap.lengths_may_be_swapped = major == 543 || (major == 2 && minor < 4);
  /* Frames longer than the snapshot length are met and are meant: the field
     is wrong in many files.  It only tells of captures with longer frames. */
  pcap.frame_max = snaplen > FRAME_MAX ? FRAME_MAX : snaplen;
  if (pcap.frame_max < FRAME_USUAL_MAX) pcap.frame_max = FRAME_USUAL_MAX;
  *(struct pcap *)file->state = pcap;
  input_advance(&file->input, HEADER_SIZE);
  return 0;
}

static int pcap_open(struct file *file, struct weft_error *reterr) {
  file->state = calloc(1, sizeof(struct pcap));
  return file->state ? pcap_header(file, reterr) : fault_memory(reterr, file->input.name);
}

/* Whether a record is none, but the header of another file, as files joined by cat have it.  Read
   as a record it would be an empty frame at one odd moment. */
static int header_at(const uint8_t *at) {
  int swapped;
  return pcap_magic(at, &swapped) && bytes_u16(at + 4, swapped) == 2 &&
         bytes_u16(at + 6, swapped) == 4 && bytes_u32(at + 8, swapped) == 0;
}

/* A length that no frame has. */
#define NO_LENGTH UINT32_MAX

/* The lengths of a record as they are meant, whatever is in the file.  More captured than
   was on the wire is met, but not of frames this long. */
static inline void pcap_lengths(const struct pcap *pcap, const uint8_t *at, int swapped,
                                uint32_t *ret_captured, uint32_t *ret_wire) {
  uint32_t captured = bytes_u32(at + 8, swapped), wire = bytes_u32(at + 12, swapped);
  if (captured > wire) {
    uint32_t larger = captured;
    if (pcap->lengths_may_be_swapped)
      captured = wire;
    else if (captured > FRAME_USUAL_MAX)
      captured = NO_LENGTH;
    wire = larger;
  }
  *ret_captured = captured;
  *ret_wire = wire;
}

/* The record at `input.at` is not one that can be given: too long to be true,
   not in reach, or none. */
static int pcap_stuck(struct file *file, size_t *need, struct weft_error *reterr) {
  const struct pcap *pcap = file->state;
  uint32_t captured, wire;
  *need = (size_t)pcap->record_size;
  if (file->input.left < *need) return 0;
  if (header_at(file->input.at)) {
    *need = HEADER_SIZE;
    if (file->input.left < *need) return 0;
    *need = RECORD_SIZE;
    return pcap_header(file, NULL) < 0
               ? file_damaged(file, reterr, "another file's header has a link type that cannot be")
               : 0;
  }
  pcap_lengths(pcap, file->input.at, pcap->swapped, &captured, &wire);
  if (captured == NO_LENGTH && wire <= pcap->frame_max)
    return file_damaged(file, reterr, "it claims %u captured bytes of a frame of %u",
                        (unsigned)wire, (unsigned)bytes_u32(file->input.at + 12, pcap->swapped));
  if (captured > pcap->frame_max)
    return file_damaged(
        file, reterr, "it claims %u captured bytes, more than a frame can have (%u)",
        (unsigned)(captured == NO_LENGTH ? wire : captured), (unsigned)pcap->frame_max);
  *need += captured;
  return 0;
}

/* Frames that lie in reach.  `swapped` and `size` are constants where this is
   inlined, so that the usual case is a dozen instructions a frame. */
static inline size_t pcap_run(struct file *file, struct weft_frame *ret, size_t n, int swapped,
                              uint32_t size) {
  const struct pcap pcap = *(const struct pcap *)file->state;
  const uint8_t *at = file->input.at, *end = at + file->input.left;
  uint16_t flags = file->input.stable ? WEFT_FRAME_STABLE : 0;
  uint64_t number = file->frames;
  size_t count = 0;
  for (; count < n && (size_t)(end - at) >= size; count++) {
    uint32_t captured, wire;
    pcap_lengths(&pcap, at, swapped, &captured, &wire);
    size_t record = size + (size_t)captured;
    if (captured > pcap.frame_max || (size_t)(end - at) < record) break;
    if (!captured && header_at(at)) break;
    input_fetch_ahead(at, record);
    /* Unsigned seconds last until 2106.  The sum cannot overflow. */
    weft_time time = (int64_t)bytes_u32(at, swapped) * WEFT_SECOND +
                     (int64_t)bytes_u32(at + 4, swapped) * pcap.fraction;
    ret[count] = (struct weft_frame){
        .data = at + size,
        .caplen = captured,
        .wirelen = wire,
        .mark = {time, ++number},
        .linktype = pcap.linktype,
        .flags = flags,
        .interface_id = size == MODIFIED_RECORD_SIZE ? bytes_u32(at + 16, swapped) : 0,
    };
    if (pcap.check_size) frame_cut_check(&ret[count], pcap.check_size);
    at += record;
  }
  file->frames = number;
  input_advance(&file->input, (size_t)(at - file->input.at));
  return count;
}

static int pcap_take(struct file *file, struct weft_frame *ret, size_t n, size_t *need,
                     struct weft_error *reterr) {
  const struct pcap *pcap = file->state;
  size_t count;
  if (pcap->record_size == MODIFIED_RECORD_SIZE)
    count = pcap_run(file, ret, n, pcap->swapped, MODIFIED_RECORD_SIZE);
  else if (pcap->swapped)
    count = pcap_run(file, ret, n, 1, RECORD_SIZE);
  else
    count = pcap_run(file, ret, n, 0, RECORD_SIZE);
  return count ? (int)count : pcap_stuck(file, need, reterr);
}

/* Lengths and times as they are written, unless by damage. */
static size_t pcap_plausible(const struct file *file, const uint8_t *at, size_t n,
                             const uint8_t *before) {
  const struct pcap *pcap = file->state;
  uint32_t captured, wire;
  if (n < (size_t)pcap->record_size) return 0;
  pcap_lengths(pcap, at, pcap->swapped, &captured, &wire);
  if (captured == 0 || captured > pcap->frame_max || wire > FRAME_MAX) return 0;
  if (!pcap->lengths_may_be_swapped &&
      bytes_u32(at + 8, pcap->swapped) > bytes_u32(at + 12, pcap->swapped))
    return 0;
  if (bytes_u32(at + 4, pcap->swapped) >= (uint32_t)WEFT_SECOND / pcap->fraction) return 0;
  if (before && !seconds_are_near(bytes_u32(before, pcap->swapped), bytes_u32(at, pcap->swapped)))
    return 0;
  return (size_t)pcap->record_size + captured;
}

/* The bits above those of the largest value. */
static uint8_t bits_above(uint32_t largest) {
  uint8_t mask = 0xff;
  for (; largest; largest >>= 1) mask = (uint8_t)(mask << 1);
  return mask;
}

/* Of a fraction and two lengths that are plausible; whichever the captured is. */
static struct signs pcap_signs(const struct file *file) {
  const struct pcap *pcap = file->state;
  int big = bytes_are_big(pcap->swapped);
  uint32_t fraction_max = (uint32_t)WEFT_SECOND / pcap->fraction - 1;
  uint32_t length_max = pcap->lengths_may_be_swapped ? FRAME_MAX : pcap->frame_max;
  return (struct signs){
      .zero = {{signs_byte(8, 3, big), 0xff},
               {signs_byte(12, 3, big), 0xff},
               {signs_byte(8, 2, big), bits_above(length_max >> 16)},
               {signs_byte(12, 2, big), bits_above(FRAME_MAX >> 16)},
               {signs_byte(4, 3, big), bits_above(fraction_max >> 24)},
               {signs_byte(4, 2, big), fraction_max >> 24 ? 0 : bits_above(fraction_max >> 16)}},
      .some = {signs_byte(8, 0, big), signs_byte(8, 1, big), signs_byte(8, 2, big)}};
}

static void pcap_close(struct file *file) { free(file->state); }

const struct format format_pcap = {
    .name = "pcap",
    .header_size = HEADER_SIZE,
    .recognises = pcap_recognises,
    .open = pcap_open,
    .take = pcap_take,
    .plausible = pcap_plausible,
    .chain = 3,
    .signs = pcap_signs,
    .close = pcap_close,
};
