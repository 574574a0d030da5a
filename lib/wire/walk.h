/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_WIRE_WALK_H
#define WEFT_WIRE_WALK_H

#include <string.h>

#include "wire/packet.h"

/*
 * Taking a frame apart is a walk over its layers.  Each layer is one function
 * that reads a header, steps over it and answers the layer that comes next, or
 * that the walk ends and with which verdict.  A new link layer or tunnel is a
 * function, a line in enum walk_layer and in decode.c's table, and a line where
 * the number that announces it is looked up (link.c, ethernet.c, ip_protocol.c).
 * The usual ways, Ethernet to IP to TCP, call the next layer themselves.
 *
 *   frame   |-- link --|-- ip --|-- tcp --|---- payload ----|  padding  |
 *                      ^ at               ^ captured end    ^ wire end
 *
 * The walk's edges only ever move inwards, so what a layer sees is what the
 * layers around it left.  Invariant: caplen <= wirelen, and `caplen` bytes are
 * at `at`.
 */
struct walk {
  const uint8_t *at;
  uint32_t caplen, wirelen;
  const uint8_t *source, *target; /* of the innermost IP header: 4 or 16 bytes, as `version` says */
  uint32_t realm;
  uint8_t version; /* of the innermost IP header: 4 or 6 */
  uint8_t frame_flags;
  const struct weft_mark *mark;
  struct wire_sums *sums;         /* written by IPv4 and TCP; begins as NULL and NULL */
  struct weft_segment *segment;   /* written by the TCP layer */
  struct wire_fragment *fragment; /* written where an IP layer meets a fragment */
};

/* What comes next; a negative number: nothing, see walk_end. */
enum walk_layer {
  WALK_ETHERNET = 1,
  WALK_VLAN,
  WALK_SNAP,
  WALK_NULL,
  WALK_LOOP,
  WALK_SLL,
  WALK_SLL2,
  WALK_CISCO_HDLC,
  WALK_PPP,
  WALK_PPPOE,
  WALK_MPLS,
  WALK_IP, /* the version is in the first four bits */
  WALK_IPV4,
  WALK_IPV6,
  WALK_IPV6_OPTIONS, /* hop-by-hop and destination options */
  WALK_IPV6_ROUTING,
  WALK_IPV6_FRAGMENT,
  WALK_AH,
  WALK_TCP,
  WALK_LAYER_COUNT
};

/* Headers in one frame, IPv6 extension headers included. */
#define WALK_LAYERS_MAX 64

static inline int walk_end(enum weft_verdict verdict) { return -1 - (int)verdict; }

/* 0 when the next `size` bytes were captured, else how the walk ends: the
   packet has no room for them, or the snapshot length cut them off. */
static inline int walk_need(const struct walk *walk, uint32_t size) {
  if (walk->caplen >= size) return 0;
  return walk_end(walk->wirelen < size ? WEFT_IS_MALFORMED : WEFT_IS_TRUNCATED);
}

/* Steps over captured bytes. */
static inline void walk_skip(struct walk *walk, uint32_t size) {
  walk->at += size;
  walk->caplen -= size;
  walk->wirelen -= size;
}

/* What lies beyond `size` bytes from here is not of this layer.  A size beyond
   what the frame had on the wire means that more was cut off than the capture
   admits: some tools shorten frames and their recorded length alike. */
static inline void walk_limit(struct walk *walk, uint32_t size) {
  walk->wirelen = size;
  if (walk->caplen > size) walk->caplen = size;
}

/* IPv4 as RFC 4291 section 2.5.5.2 maps it.  In two stores of eight bytes, since
   whoever hashes or compares the address next will load it so, and a load that
   several smaller stores have to answer waits for them all. */
static inline void walk_address_store(uint8_t ret[16], const uint8_t *address, int version) {
  if (version == 4) {
    const uint8_t low[8] = {0, 0, 0xff, 0xff, address[0], address[1], address[2], address[3]};
    memset(ret, 0, 8);
    memcpy(ret + 8, low, 8);
  } else {
    memcpy(ret, address, 16);
  }
}

/* Which layer a number of these registries announces. */
int walk_linktype(uint16_t linktype);                     /* tcpdump.org link types */
int walk_ethertype(uint16_t ethertype);                   /* IEEE 802 numbers */
int walk_protocol(const struct walk *, uint8_t protocol); /* IP protocol numbers */

int walk_ethernet(struct walk *);
int walk_vlan(struct walk *);
int walk_snap(struct walk *);
int walk_null(struct walk *);
int walk_loop(struct walk *);
int walk_sll(struct walk *);
int walk_sll2(struct walk *);
int walk_cisco_hdlc(struct walk *);
int walk_ppp(struct walk *);
int walk_pppoe(struct walk *);
int walk_mpls(struct walk *);
int walk_ip(struct walk *);
int walk_ipv4(struct walk *);
int walk_ipv6(struct walk *);
int walk_ipv6_options(struct walk *);
int walk_ipv6_routing(struct walk *);
int walk_ipv6_fragment(struct walk *);
int walk_ah(struct walk *);
int walk_tcp(struct walk *);

/* Writes the fragment that starts at `at`; the rest is of the IP header. */
int walk_fragment(struct walk *, uint8_t protocol, uint32_t id, uint32_t offset, int more);

/* Reads TCP options from `length` captured bytes.  One that is malformed, or cut off, ends the
   reading: those before it count. */
void tcp_options_read(const uint8_t *options, uint32_t length, struct weft_segment *ret);

#endif
