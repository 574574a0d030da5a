/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng files (draft-ietf-opsawg-pcapng): blocks, each
 *
 *     type 4 | length 4 | body, padded to 4 | length 4
 *
 * A section header block begins a section: its second word of body tells the
 * byte order of everything up to the next one, its own length included, and
 * interfaces are numbered anew.  An interface description block adds one
 * interface, with a link type and a clock.  Frames come in enhanced, simple and
 * (obsolete) packet blocks.  Interface statistics give drops.  All other blocks
 * are stepped over.
 *
 * Options are only ever hints here: one that does not fit ends their reading
 * and does no harm to the block.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/bytes.h"
#include "capture/fault.h"
#include "capture/file.h"
#include "capture/linktype.h"
#include "capture/ticks.h"

enum {
  BLOCK_INTERFACE = 1,
  BLOCK_OBSOLETE_PACKET = 2,
  BLOCK_SIMPLE_PACKET = 3,
  BLOCK_STATISTICS = 5,
  BLOCK_ENHANCED_PACKET = 6,
  BLOCK_SECTION = 0x0a0d0d0a
};

enum {
  OPTION_END = 0,
  OPTION_FLAGS = 2,           /* of a packet: epb_flags, pack_flags */
  OPTION_RESOLUTION = 9,      /* of an interface: if_tsresol */
  OPTION_CHECK_SIZE = 13,     /* if_fcslen */
  OPTION_OFFSET = 14,         /* if_tsoffset */
  OPTION_INTERFACE_DROPS = 5, /* of statistics: isb_ifdrop */
  OPTION_SYSTEM_DROPS = 7     /* isb_osdrop */
};

#define ORDER_MAGIC 0x1a2b3c4du
#define BLOCK_MIN 12 /* type and both lengths */
#define BODY 8       /* where the body begins */
#define INTERFACES_MAX 65536u
#define OPTIONS_USUAL_MAX ((uint32_t)1 << 20) /* more than this is no packet's */
#define BLOCK_TYPE_USUAL_MAX 10u /* those of the standard: after damage only they are looked for */

struct interface {
  struct ticks ticks;
  uint32_t snaplen;
  uint16_t linktype;
  uint8_t check_size; /* of the frame check sequence at the end of each frame */
  uint64_t interface_dropped, system_dropped; /* as last told: they accumulate */
};

struct pcapng {
  struct interface *interfaces; /* of this section */
  uint32_t count, room;
  uint32_t before; /* interfaces of the sections before it */
  int swapped;
  weft_time latest;
};

static int pcapng_recognises(const uint8_t magic[FORMAT_MAGIC_MAX]) {
  uint32_t order = bytes_u32(magic + 8, 0);
  return bytes_u32(magic, 0) == BLOCK_SECTION &&
         (order == ORDER_MAGIC || order == __builtin_bswap32(ORDER_MAGIC));
}

static int pcapng_open(struct file *file, struct weft_error *reterr) {
  file->state = calloc(1, sizeof(struct pcapng));
  return file->state ? 0 : fault_memory(reterr, file->input.name);
}

static void pcapng_close(struct file *file) {
  struct pcapng *pcapng = file->state;
  if (pcapng) free(pcapng->interfaces);
  free(pcapng);
}

/* One block that is whole and in reach. */
struct block {
  const uint8_t *at;
  uint32_t type, size;
  int swapped;
};

static uint32_t block_u32(const struct block *block, size_t offset) {
  return bytes_u32(block->at + offset, block->swapped);
}

static uint16_t block_u16(const struct block *block, size_t offset) {
  return bytes_u16(block->at + offset, block->swapped);
}

/* The value of the first option `code` of the block that has `size` bytes, or
   NULL.  `offset` is where its options begin. */
static const uint8_t *block_option(const struct block *block, size_t offset, uint16_t code,
                                   size_t size) {
  size_t end = block->size - 4;
  while (offset + 4 <= end) {
    uint16_t found = block_u16(block, offset), length = block_u16(block, offset + 2);
    if (found == OPTION_END || length > end - offset - 4) return NULL;
    if (found == code && length == size) return block->at + offset + 4;
    offset += 4 + (((size_t)length + 3) & ~(size_t)3);
  }
  return NULL;
}

static uint64_t block_option_u64(const struct block *block, size_t offset, uint16_t code,
                                 uint64_t otherwise) {
  const uint8_t *value = block_option(block, offset, code, 8);
  return value ? bytes_u64(value, block->swapped) : otherwise;
}

static int block_is_packet(const struct block *block) {
  return block->type == BLOCK_ENHANCED_PACKET || block->type == BLOCK_OBSOLETE_PACKET;
}

/* A packet's block is not much longer than the packet.  A longer one is not waited
   for: that would take all that memory.  1; 0: `*need` bytes; or it is damaged. */
static int block_is_credible(const struct file *file, const struct block *block, size_t *need,
                             struct weft_error *reterr) {
  if (block->size <= OPTIONS_USUAL_MAX || !block_is_packet(block)) return 1;
  *need = 24;
  if (file->input.left < *need) return 0;
  uint32_t captured = block_u32(block, 20);
  if (captured <= block->size && block->size - captured <= OPTIONS_USUAL_MAX) return 1;
  return file_damaged(file, reterr, "a block claims a length of %u bytes for a packet of %u",
                      (unsigned)block->size, (unsigned)captured);
}

/* Finds the block at `input.at`: 1; 0: `*need` bytes must be in reach for
   that; or it is damaged. */
static int pcapng_block(struct file *file, struct block *ret, size_t *need,
                        struct weft_error *reterr) {
  struct pcapng *pcapng = file->state;
  const struct input *input = &file->input;
  *need = BLOCK_MIN;
  if (input->left < BLOCK_MIN) return 0;
  struct block block = {.at = input->at, .swapped = pcapng->swapped};
  block.type = block_u32(&block, 0);
  if (block.type == BLOCK_SECTION) { /* reads the same in both orders */
    block.swapped = bytes_u32(block.at + BODY, 0) != ORDER_MAGIC;
    if (block_u32(&block, BODY) != ORDER_MAGIC)
      return file_damaged(file, reterr, "a section begins there without saying its byte order");
  }
  block.size = block_u32(&block, 4);
  if (block.size < BLOCK_MIN || block.size > INPUT_WANT_MAX)
    return file_damaged(file, reterr, "a block of type %u claims a length of %u bytes",
                        (unsigned)block.type, (unsigned)block.size);
  int rc = block_is_credible(file, &block, need, reterr);
  if (rc <= 0) return rc;
  *need = block.size;
  if (input->left < block.size) return 0;
  if (block_u32(&block, block.size - 4) != block.size)
    return file_damaged(file, reterr, "a block says %u bytes at its start and %u at its end",
                        (unsigned)block.size, (unsigned)block_u32(&block, block.size - 4));
  *ret = block;
  return 1;
}

/* The block is too short to hold what its type must have. */
static int block_too_short(const struct file *file, const struct block *block,
                           struct weft_error *reterr) {
  return file_damaged(file, reterr, "a block of type %u is only %u bytes long",
                      (unsigned)block->type, (unsigned)block->size);
}

static int pcapng_section(struct file *file, const struct block *block, struct weft_error *reterr) {
  struct pcapng *pcapng = file->state;
  if (block->size < 28) return block_too_short(file, block, reterr);
  if (block_u16(block, 12) != 1)
    return file_damaged(file, reterr, "a section of pcapng version %u.%u, only 1 is known",
                        block_u16(block, 12), block_u16(block, 14));
  pcapng->swapped = block->swapped;
  pcapng->before += pcapng->count;
  pcapng->count = 0;
  return 0;
}

static int pcapng_interface(struct file *file, const struct block *block,
                            struct weft_error *reterr) {
  struct pcapng *pcapng = file->state;
  if (block->size < 20) return block_too_short(file, block, reterr);
  if (pcapng->count >= INTERFACES_MAX)
    return file_damaged(file, reterr, "it describes more than %u interfaces", INTERFACES_MAX);
  if (pcapng->count == pcapng->room) {
    uint32_t room = pcapng->room ? pcapng->room * 2 : 8;
    struct interface *larger = realloc(pcapng->interfaces, room * sizeof(*larger));
    if (!larger) return fault_memory(reterr, file->input.name);
    pcapng->interfaces = larger;
    pcapng->room = room;
  }
  struct interface *interface = &pcapng->interfaces[pcapng->count++];
  const uint8_t *resolution = block_option(block, 16, OPTION_RESOLUTION, 1);
  const uint8_t *check = block_option(block, 16, OPTION_CHECK_SIZE, 1);
  *interface = (struct interface){.linktype = linktype_of(block_u16(block, 8)),
                                  .snaplen = block_u32(block, 12),
                                  .check_size = check ? *check : 0};
  ticks_init(&interface->ticks, resolution ? *resolution : TICKS_MICROSECOND,
             (int64_t)block_option_u64(block, 16, OPTION_OFFSET, 0));
  return 0;
}

static void pcapng_statistics(struct file *file, const struct block *block) {
  struct pcapng *pcapng = file->state;
  if (block->size < 24 || block_u32(block, 8) >= pcapng->count) return;
  struct interface *interface = &pcapng->interfaces[block_u32(block, 8)];
  const uint8_t *at_interface = block_option(block, 20, OPTION_INTERFACE_DROPS, 8);
  const uint8_t *at_system = block_option(block, 20, OPTION_SYSTEM_DROPS, 8);
  if (at_interface) {
    file->interface_dropped -= interface->interface_dropped;
    interface->interface_dropped = bytes_u64(at_interface, block->swapped);
    file->interface_dropped += interface->interface_dropped;
  }
  if (at_system) {
    file->kernel_dropped -= interface->system_dropped;
    interface->system_dropped = bytes_u64(at_system, block->swapped);
    file->kernel_dropped += interface->system_dropped;
  }
  file->has_drops |= at_interface || at_system;
}

/* How long the frame check sequence of a packet is: as its own flags say, or else as
   its interface does. */
static uint32_t packet_check_size(const struct block *block, uint32_t captured,
                                  const struct interface *interface) {
  size_t options = 28 + (((size_t)captured + 3) & ~(size_t)3);
  const uint8_t *flags = block_option(block, options, OPTION_FLAGS, 4);
  uint32_t size = flags ? bytes_u32(flags, block->swapped) >> 5 & 15 : 0;
  return size ? size : interface->check_size;
}

/* Enhanced and obsolete packet blocks differ only in where the interface is. */
static int pcapng_packet(struct file *file, const struct block *block, struct weft_frame *ret,
                         struct weft_error *reterr) {
  struct pcapng *pcapng = file->state;
  if (block->size < 32) return block_too_short(file, block, reterr);
  uint32_t id = block->type == BLOCK_OBSOLETE_PACKET ? block_u16(block, 8) : block_u32(block, 8);
  uint32_t captured = block_u32(block, 20), wire = block_u32(block, 24);
  if (id >= pcapng->count)
    return file_damaged(file, reterr, "it is of interface %u, and %u are described before it",
                        (unsigned)id, (unsigned)pcapng->count);
  if (captured > block->size - 32)
    return file_damaged(file, reterr, "it claims %u captured bytes in a block of %u",
                        (unsigned)captured, (unsigned)block->size);
  const struct interface *interface = &pcapng->interfaces[id];
  uint64_t count = (uint64_t)block_u32(block, 12) << 32 | block_u32(block, 16);
  *ret = (struct weft_frame){.data = block->at + 28,
                             .caplen = captured,
                             .wirelen = wire > captured ? wire : captured,
                             .linktype = interface->linktype,
                             .interface_id = pcapng->before + id};
  uint32_t check_size = packet_check_size(block, captured, interface);
  if (check_size) frame_cut_check(ret, check_size);
  pcapng->latest = ticks_to_time(&interface->ticks, count);
  return 1;
}

/* A simple packet block has neither interface, so it is the first, nor time,
   so it is that of the frame before it; and its captured length has to be
   worked out. */
static int pcapng_simple(struct file *file, const struct block *block, struct weft_frame *ret,
                         struct weft_error *reterr) {
  struct pcapng *pcapng = file->state;
  if (block->size < 16) return block_too_short(file, block, reterr);
  if (pcapng->count == 0) return file_damaged(file, reterr, "no interface is described before it");
  uint32_t wire = block_u32(block, 8), captured = block->size - 16;
  if (captured > wire) captured = wire;
  if (pcapng->interfaces->snaplen && captured > pcapng->interfaces->snaplen)
    captured = pcapng->interfaces->snaplen;
  *ret = (struct weft_frame){.data = block->at + 12,
                             .caplen = captured,
                             .wirelen = wire,
                             .linktype = pcapng->interfaces->linktype,
                             .interface_id = pcapng->before};
  if (pcapng->interfaces->check_size) frame_cut_check(ret, pcapng->interfaces->check_size);
  return 1;
}

/* Uses a block: 1 when it held a frame, 0, negative. */
static int pcapng_use(struct file *file, const struct block *block, struct weft_frame *ret,
                      struct weft_error *reterr) {
  switch (block->type) {
  case BLOCK_ENHANCED_PACKET:
  case BLOCK_OBSOLETE_PACKET: return pcapng_packet(file, block, ret, reterr);
  case BLOCK_SIMPLE_PACKET: return pcapng_simple(file, block, ret, reterr);
  case BLOCK_SECTION: return pcapng_section(file, block, reterr);
  case BLOCK_INTERFACE: return pcapng_interface(file, block, reterr);
  case BLOCK_STATISTICS: pcapng_statistics(file, block); return 0;
  default: return 0;
  }
}

static int pcapng_take(struct file *file, struct weft_frame *ret, size_t n, size_t *need,
                       struct weft_error *reterr) {
  struct pcapng *pcapng = file->state;
  uint16_t flags = file->input.stable ? WEFT_FRAME_STABLE : 0;
  size_t count = 0;
  while (count < n) {
    struct block block = {0};
    /* Damage after good frames is found again, and told, at the next call. */
    struct weft_error *heard = count ? NULL : reterr;
    int rc = pcapng_block(file, &block, need, heard);
    if (rc > 0) {
      rc = pcapng_use(file, &block, &ret[count], heard);
      if (rc >= 0)
        input_advance(&file->input, block.size);
      else
        file->damaged_size = block.size; /* the next is where it should be */
      if (rc == 0) continue;
    }
    if (rc <= 0) return count ? (int)count : rc;
    input_fetch_ahead(block.at, block.size);
    ret[count].flags = flags;
    file_mark(file, &ret[count], pcapng->latest);
    count++;
  }
  return (int)count;
}

/* A type and both lengths in agreement do not come about by chance. */
static size_t pcapng_plausible(const struct file *file, const uint8_t *at, size_t n,
                               const uint8_t *before) {
  const struct pcapng *pcapng = file->state;
  struct block block = {.at = at, .swapped = pcapng->swapped};
  (void)before;
  if (n < BLOCK_MIN) return 0;
  block.type = block_u32(&block, 0);
  if (block.type == BLOCK_SECTION) {
    block.swapped = bytes_u32(at + BODY, 0) != ORDER_MAGIC;
    if (block_u32(&block, BODY) != ORDER_MAGIC) return 0;
  } else if (block.type == 0 || block.type > BLOCK_TYPE_USUAL_MAX) {
    return 0;
  }
  block.size = block_u32(&block, 4);
  if (block.size < BLOCK_MIN || block.size > n || block.size % 4) return 0;
  return block_u32(&block, block.size - 4) == block.size ? block.size : 0;
}

/* Of a type up to 10, or that of a section, which reads the same in both orders;
   and of a length that is a multiple of 4, or of a section, whose length may be in the
   other order, less than 2^24. */
static struct signs pcapng_signs(const struct file *file) {
  const struct pcapng *pcapng = file->state;
  int big = bytes_are_big(pcapng->swapped);
  uint8_t low = signs_byte(0, 0, big);
  return (struct signs){.zero = {{signs_byte(0, 2, big), 0xf2},
                                 {signs_byte(0, 3, big), 0xf5},
                                 {signs_byte(0, 1, big), 0xf2},
                                 {low, 0xf0},
                                 {signs_byte(4, 0, big), 0x03}},
                        .some = {low, low, low}};
}

const struct format format_pcapng = {
    .name = "pcapng",
    .header_size = FORMAT_MAGIC_MAX,
    .recognises = pcapng_recognises,
    .open = pcapng_open,
    .take = pcapng_take,
    .plausible = pcapng_plausible,
    .chain = 1,
    .signs = pcapng_signs,
    .close = pcapng_close,
};
