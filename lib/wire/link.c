/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * Link layers other than Ethernet, by their numbers and descriptions at
 * https://www.tcpdump.org/linktypes.html.
 */

int walk_linktype(uint16_t linktype) {
  switch (linktype) {
  case 1: return WALK_ETHERNET;
  case 0: return WALK_NULL;
  case 6: return WALK_TOKEN_RING; /* IEEE802_5 */
  case 7: return WALK_ARCNET;     /* ARCNET_BSD */
  case 9:                         /* PPP */
  case 50: return WALK_PPP_HDLC;  /* PPP_HDLC */
  case 8: return WALK_SLIP;
  case 10: return WALK_FDDI;
  case 51: return WALK_PPPOE;        /* PPP_ETHER */
  case 12:                           /* some systems' own number for RAW */
  case 14:                           /* likewise */
  case 101: return WALK_IP;          /* RAW */
  case 100: return WALK_SNAP;        /* ATM_RFC1483 */
  case 104: return WALK_CISCO_HDLC;  /* C_HDLC */
  case 105: return WALK_WLAN;        /* IEEE802_11 */
  case 107: return WALK_FRAME_RELAY; /* FRELAY */
  case 108: return WALK_LOOP;        /* LOOP */
  case 109: return WALK_ENC;         /* ENC */
  case 113: return WALK_SLL;         /* LINUX_SLL */
  case 117: return WALK_PFLOG;       /* PFLOG */
  case 119: return WALK_PRISM;       /* IEEE802_11_PRISM */
  case 122: return WALK_IP_FC;       /* IP_OVER_FC */
  case 123: return WALK_SUNATM;
  case 127: return WALK_RADIOTAP;      /* IEEE802_11_RADIOTAP */
  case 129: return WALK_ARCNET_LINUX;  /* ARCNET_LINUX */
  case 138: return WALK_IP_1394;       /* APPLE_IP_OVER_IEEE1394 */
  case 163: return WALK_AVS;           /* IEEE802_11_AVS */
  case 166:                            /* PPP_PPPD */
  case 204: return WALK_PPP_DIRECTION; /* PPP_WITH_DIR */
  case 167:                            /* JUNIPER_PPPOE */
  case 178: return WALK_JUNIPER_ETHER; /* JUNIPER_ETHER */
  case 179: return WALK_JUNIPER_PPP;   /* JUNIPER_PPP */
  case 180: return WALK_JUNIPER_FRELAY;
  case 181: return WALK_JUNIPER_CHDLC;    /* JUNIPER_CHDLC */
  case 192: return WALK_PPI;              /* PPI */
  case 205: return WALK_CHDLC_DIRECTION;  /* C_HDLC_WITH_DIR */
  case 206: return WALK_FRELAY_DIRECTION; /* FRELAY_WITH_DIR */
  case 226: return WALK_IPNET;            /* IPNET */
  case 228: return WALK_IPV4;             /* IPV4 */
  case 229: return WALK_IPV6;             /* IPV6 */
  case 239: return WALK_NFLOG;            /* NFLOG */
  case 240: return WALK_NETANALYZER;
  case 241: return WALK_NETANALYZER_RAW; /* NETANALYZER_TRANSPARENT */
  case 242: return WALK_IPOIB;
  case 258: return WALK_PKTAP;   /* PKTAP */
  case 274: return WALK_MPACKET; /* ETHERNET_MPACKET */
  case 276: return WALK_SLL2;    /* LINUX_SLL2 */
  default: return walk_end(WEFT_IS_UNKNOWN_LINK);
  }
}

/* AF_INET is 2 everywhere; AF_INET6 was chosen anew by each system. */
static int walk_family(uint32_t family) {
  switch (family) {
  case 2: return WALK_IPV4;
  case 10:                   /* Linux */
  case 24:                   /* NetBSD, OpenBSD */
  case 28:                   /* FreeBSD */
  case 30: return WALK_IPV6; /* Darwin */
  default: return walk_end(WEFT_IS_OTHER);
  }
}

/* The family is in the byte order of the machine that captured.  It is a small
   number, so in the wrong order its low half is empty. */
int walk_null(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  uint32_t family = load_be32(walk->at);
  if ((family & 0xffff) == 0) family = (uint32_t)walk->at[1] << 8 | walk->at[0];
  walk_skip(walk, 4);
  return walk_family(family);
}

/* OpenBSD's is in network order, but files with the other order exist. */
int walk_loop(struct walk *walk) { return walk_null(walk); }

/* Linux cooked: packet type, ARPHRD_ type, address length, address (8), protocol. */
int walk_sll(struct walk *walk) {
  int missing = walk_need(walk, 16);
  if (missing) return missing;
  uint16_t protocol = load_be16(walk->at + 14);
  walk_skip(walk, 16);
  /* 4: an 802.2 header follows, no length before it. */
  return protocol == 4 ? WALK_SNAP : walk_ethertype(protocol);
}

/* Version 2: protocol, 2 bytes reserved, interface (4), ARPHRD_ type, packet
   type, address length, address (8). */
int walk_sll2(struct walk *walk) {
  int missing = walk_need(walk, 20);
  if (missing) return missing;
  uint16_t protocol = load_be16(walk->at);
  walk_skip(walk, 20);
  return protocol == 4 ? WALK_SNAP : walk_ethertype(protocol);
}

/* Cisco HDLC: address, control, Ethernet type.  IPv6 under IPv4's type is what
   tools leave that rewrite the link layer. */
int walk_cisco_hdlc(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  uint16_t type = load_be16(walk->at + 2);
  walk_skip(walk, 4);
  return type == 0x0800 ? WALK_IP : walk_ethertype(type);
}

int walk_ip(struct walk *walk) {
  int missing = walk_need(walk, 1);
  if (missing) return missing;
  switch (walk->at[0] >> 4) {
  case 4: return WALK_IPV4;
  case 6: return WALK_IPV6;
  default: return walk_end(WEFT_IS_MALFORMED);
  }
}
