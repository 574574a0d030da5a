/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_WIRE_WALK_H
#define WEFT_WIRE_WALK_H

#include <string.h>

#include "wire/packet.h"

/*
 * Taking a frame apart is a walk over its layers.  Each layer is one function
 * that reads a header, steps over it and answers the layer that comes next, or
 * that the walk ends and with which verdict.  A new link layer or tunnel is a
 * function, a line in WALK_LAYERS, and a line where the number that announces
 * it is looked up (link.c, ethernet.c, ip_protocol.c, udp.c, gre.c).
 * The usual ways, Ethernet to IP to TCP, call the next layer themselves, unless
 * somebody wants to see each step (explain.c).
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
  uint32_t realm;                 /* see walk_enter */
  /* The type and the protocol whose layer is called at once: IPv4 and TCP, or
     values that no header can hold. */
  uint32_t straight_type;
  uint16_t straight_protocol;
  uint8_t version; /* of the innermost IP header: 4 or 6 */
  uint8_t frame_flags;
  const struct weft_mark *mark;
  struct wire_sums *sums;         /* written by IPv4 and TCP; begins as NULL and NULL */
  struct weft_segment *segment;   /* written by the TCP layer */
  struct wire_fragment *fragment; /* written where an IP layer meets a fragment */
};

#define STRAIGHT_TYPE 0x0800
#define STRAIGHT_PROTOCOL 6
#define STRAIGHT_NEVER_TYPE 0x10000
#define STRAIGHT_NEVER_PROTOCOL 0x100

/* Each layer: WALK_NAME, int walk_name(struct walk *), and what people call it. */
#define WALK_LAYERS(LAYER) \
  LAYER(ETHERNET, ethernet, "ethernet") \
  LAYER(VLAN, vlan, "vlan") \
  LAYER(SNAP, snap, "llc") \
  LAYER(BACKBONE, backbone, "802.1ah") \
  LAYER(FABRICPATH, fabricpath, "fabricpath") \
  LAYER(TRILL, trill, "trill") \
  LAYER(METADATA, metadata, "cisco-metadata") \
  LAYER(NULL, null, "null") \
  LAYER(LOOP, loop, "loop") \
  LAYER(SLL, sll, "sll") \
  LAYER(SLL2, sll2, "sll2") \
  LAYER(CISCO_HDLC, cisco_hdlc, "cisco-hdlc") \
  LAYER(FRAME_RELAY, frame_relay, "frame-relay") \
  LAYER(TOKEN_RING, token_ring, "token-ring") \
  LAYER(FDDI, fddi, "fddi") \
  LAYER(ARCNET, arcnet, "arcnet") \
  LAYER(ARCNET_LINUX, arcnet_linux, "arcnet") \
  LAYER(WLAN, wlan, "802.11") \
  LAYER(WLAN_PADDED, wlan_padded, "802.11") /* header filled up to a multiple of 4 */ \
  LAYER(AMSDU, amsdu, "a-msdu") \
  LAYER(RADIOTAP, radiotap, "radiotap") \
  LAYER(PRISM, prism, "prism") \
  LAYER(AVS, avs, "avs") \
  LAYER(PPI, ppi, "ppi") \
  LAYER(PFLOG, pflog, "pflog") \
  LAYER(ENC, enc, "enc") \
  LAYER(IPNET, ipnet, "ipnet") \
  LAYER(NFLOG, nflog, "nflog") \
  LAYER(PKTAP, pktap, "pktap") \
  LAYER(JUNIPER_ETHER, juniper_ether, "juniper-ethernet") \
  LAYER(JUNIPER_PPP, juniper_ppp, "juniper-ppp") \
  LAYER(JUNIPER_CHDLC, juniper_chdlc, "juniper-chdlc") \
  LAYER(JUNIPER_FRELAY, juniper_frelay, "juniper-frelay") \
  LAYER(PPP, ppp, "ppp") \
  LAYER(PPP_HDLC, ppp_hdlc, "ppp-hdlc") \
  LAYER(PPP_DIRECTION, ppp_direction, "ppp-direction") \
  LAYER(CHDLC_DIRECTION, chdlc_direction, "cisco-hdlc-direction") \
  LAYER(FRELAY_DIRECTION, frelay_direction, "frame-relay-direction") \
  LAYER(SLIP, slip, "slip") \
  LAYER(IP_FC, ip_fc, "ip-over-fc") \
  LAYER(IP_1394, ip_1394, "ip-over-1394") \
  LAYER(IPOIB, ipoib, "ipoib") \
  LAYER(SUNATM, sunatm, "sunatm") \
  LAYER(NETANALYZER, netanalyzer, "netanalyzer") \
  LAYER(NETANALYZER_RAW, netanalyzer_raw, "netanalyzer") \
  LAYER(MPACKET, mpacket, "mpacket") \
  LAYER(PPPOE, pppoe, "pppoe") \
  LAYER(MPLS, mpls, "mpls") \
  LAYER(NSH, nsh, "nsh") \
  LAYER(IP, ip, "ip") \
  LAYER(IPV4, ipv4, "ipv4") \
  LAYER(IPV6, ipv6, "ipv6") \
  LAYER(IPV6_OPTIONS, ipv6_options, "ipv6-options") /* hop-by-hop and destination options */ \
  LAYER(IPV6_ROUTING, ipv6_routing, "ipv6-routing") \
  LAYER(IPV6_FRAGMENT, ipv6_fragment, "ipv6-fragment") \
  LAYER(AH, ah, "ah") \
  LAYER(ESP, esp, "esp") \
  LAYER(GRE, gre, "gre") \
  LAYER(ERSPAN, erspan, "erspan") \
  LAYER(WCCP, wccp, "wccp") \
  LAYER(ETHERIP, etherip, "etherip") \
  LAYER(L2TP_IP, l2tp_ip, "l2tp") \
  LAYER(UDP, udp, "udp") \
  LAYER(VXLAN, vxlan, "vxlan") \
  LAYER(GENEVE, geneve, "geneve") \
  LAYER(GTP, gtp, "gtp-u") \
  LAYER(TEREDO, teredo, "teredo") \
  LAYER(L2TP, l2tp, "l2tp") \
  LAYER(ESP_UDP, esp_udp, "esp-udp") \
  LAYER(CAPWAP, capwap, "capwap") \
  LAYER(TZSP, tzsp, "tzsp") \
  LAYER(AYIYA, ayiya, "ayiya") \
  LAYER(TCP, tcp, "tcp")

/* What comes next; a negative number: nothing, see walk_end. */
enum walk_layer {
  WALK_NONE = 0,
#define WALK_NUMBER(NAME, name, words) WALK_##NAME,
  WALK_LAYERS(WALK_NUMBER)
#undef WALK_NUMBER
      WALK_LAYER_COUNT
};

#define WALK_FUNCTION(NAME, name, words) int walk_##name(struct walk *);
WALK_LAYERS(WALK_FUNCTION)
#undef WALK_FUNCTION

/* A packet with length 0 is as long as the frame, but no host hands its card more than
   this to cut up (Linux: GSO_MAX_SIZE): a frame that claims to be longer is damaged. */
#define WALK_OFFLOAD_MAX (8 * 65536u)

/* Headers in one frame, IPv6 extension headers included. */
#define WALK_LAYERS_MAX 64

static inline int walk_end(enum weft_verdict verdict) { return -1 - (int)verdict; }

/* 0 when the next `size` bytes were captured, else how the walk ends: the
   packet has no room for them, or the snapshot length cut them off. */
static inline int walk_need(const struct walk *walk, uint32_t size) {
  if (walk->caplen >= size) return 0;
  return walk_end(walk->wirelen < size ? WEFT_IS_MALFORMED : WEFT_IS_TRUNCATED);
}

/* The same for a layer that is only guessed, from a port or a first digit: with
   no room for its header it is not that layer, and nothing is wrong. */
static inline int walk_have(const struct walk *walk, uint32_t size) {
  if (walk->caplen >= size) return 0;
  return walk_end(walk->wirelen < size ? WEFT_IS_OTHER : WEFT_IS_TRUNCATED);
}

/* Steps over captured bytes. */
static inline void walk_skip(struct walk *walk, uint32_t size) {
  walk->at += size;
  walk->caplen -= size;
  walk->wirelen -= size;
}

/* A header of `size` bytes of which nothing is of interest, then that layer. */
static inline int walk_past(struct walk *walk, uint32_t size, int layer) {
  int missing = walk_need(walk, size);
  if (missing) return missing;
  walk_skip(walk, size);
  return layer;
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
int walk_nsh_protocol(uint8_t protocol);                  /* NSH's, and VXLAN-GPE's */

/* Begins a walk at the frame's first byte; returns its first layer. */
int walk_begin(struct walk *, const struct weft_frame *);

/* Calls one layer; returns what it answers. */
int walk_step(struct walk *, int layer);

/*
 * What is inside a tunnel may use addresses that others use elsewhere, so the
 * tunnel's number becomes the realm of all within: that number, the kind of tunnel
 * and the realm outside, hashed; never 0.  Only numbers that are the same in both
 * directions of a connection will do.  Not: addresses outside, MPLS labels,
 * TEIDs, call, session and service path identifiers and keys of bridged GRE, which
 * each end or mirror picks for itself; VLANs, since routing between them is often seen from one side.
 */
enum walk_tunnel { TUNNEL_GRE = 47, TUNNEL_VXLAN = 4789, TUNNEL_GENEVE = 6081 };
void walk_enter(struct walk *, enum walk_tunnel, uint32_t id);

/* Whether an Ethernet header may be at `offset`, by its type: 1 for one that is read here
   and goes with what follows it, 0 for others; negative when cut off. */
int walk_looks_ethernet(const struct walk *, uint32_t offset);

/* Writes the fragment that starts at `at`; the rest is of the IP header. */
int walk_fragment(struct walk *, uint8_t protocol, uint32_t id, uint32_t offset, int more);

#endif
