/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_FRAME_H
#define WEFT_FRAME_H

#include <weft/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum weft_frame_flag {
  /* The bytes outlive the engine (a file mapped whole, a static buffer): the engine
     may point at them instead of copying what it has to hold. */
  WEFT_FRAME_STABLE = 1 << 0
};

/* One captured frame, as it comes from any source.  FROZEN. */
struct weft_frame {
  const uint8_t *data;
  uint32_t caplen;  /* bytes at `data` */
  uint32_t wirelen; /* bytes on the wire; >= caplen */
  struct weft_mark mark;
  uint16_t linktype; /* LINKTYPE_ number from the tcpdump.org registry */
  uint16_t flags;    /* enum weft_frame_flag */
  uint32_t interface_id;
};

enum weft_tcp_flag {
  WEFT_TCP_FIN = 0x01,
  WEFT_TCP_SYN = 0x02,
  WEFT_TCP_RST = 0x04,
  WEFT_TCP_PSH = 0x08,
  WEFT_TCP_ACK = 0x10,
  WEFT_TCP_URG = 0x20,
  WEFT_TCP_ECE = 0x40,
  WEFT_TCP_CWR = 0x80
};

enum weft_checksum {
  WEFT_CHECKSUM_UNCHECKED, /* nobody looked */
  WEFT_CHECKSUM_GOOD,
  WEFT_CHECKSUM_BAD,
  /* Not what the receiver saw: the field holds what a host leaves there for
     its network card to finish (checksum or segmentation offload). */
  WEFT_CHECKSUM_OFFLOADED,
  WEFT_CHECKSUM_INCOMPUTABLE /* not all of the segment was captured */
};

/* TCP options that were present (RFC 9293 section 3.2, RFC 7323, RFC 2018,
   RFC 2385, RFC 5925). */
enum weft_tcp_option {
  WEFT_TCPOPT_MSS = 1 << 0,
  WEFT_TCPOPT_WSCALE = 1 << 1,
  WEFT_TCPOPT_SACK_PERMITTED = 1 << 2,
  WEFT_TCPOPT_SACK = 1 << 3,
  WEFT_TCPOPT_TIMESTAMP = 1 << 4,
  WEFT_TCPOPT_MD5 = 1 << 5,
  WEFT_TCPOPT_AO = 1 << 6,
  WEFT_TCPOPT_FASTOPEN = 1 << 7
};

/* A decoded TCP segment.  weft_decode makes one; a program with a decoder of
   its own may fill it in by hand: `size`, `tuple`, `mark`, the payload and the
   header numbers are needed, the rest may stay zero. */
struct weft_segment {
  size_t size;
  struct weft_tuple tuple;
  struct weft_mark mark;
  const uint8_t *payload;
  uint32_t caplen;  /* payload bytes present */
  uint32_t wirelen; /* payload bytes sent; more than caplen when truncated */
  uint32_t seq, ack;
  uint16_t window; /* as sent, unscaled; 65535 where the snapshot length cut it off */
  uint16_t urgent; /* urgent pointer; 0 likewise */
  uint8_t tcp_flags;
  uint8_t frame_flags;  /* enum weft_frame_flag */
  uint8_t window_shift; /* window scale option (RFC 7323 section 2.2), as sent; see `options` */
  uint8_t checksum;     /* enum weft_checksum */
  uint16_t mss;         /* maximum segment size option */
  uint8_t options;      /* enum weft_tcp_option, what was present and well formed */
  uint8_t nsack;        /* SACK blocks in `sack` */
  uint32_t ts_value, ts_echo;
  uint32_t sack[8]; /* left and right edges, in turn, at most four blocks */
};

/* What a frame turned out to be.  All are successes.  A frame that does not
   reach a stream has exactly one of these as its reason. */
enum weft_verdict {
  WEFT_IS_SEGMENT = 0,
  WEFT_IS_FRAGMENT = 1,     /* held until the datagram is whole */
  WEFT_IS_OTHER = 2,        /* sound, but not TCP */
  WEFT_IS_TRUNCATED = 3,    /* headers cut short by the snapshot length */
  WEFT_IS_MALFORMED = 4,    /* lengths or versions that cannot be */
  WEFT_IS_UNKNOWN_LINK = 5, /* a link type weft does not read */
  WEFT_IS_BAD_CHECKSUM = 6, /* dropped for it (weft_options::checksum) */
  WEFT_IS_STRAY = 7,        /* TCP, but of no connection and opening none */
  WEFT_IS_REFUSED = 8, /* its receiver would not have taken it (check.h), or on_segment said drop */
  WEFT_IS_DETACHED = 9, /* of a connection that asked to hear no more */
  WEFT_VERDICT_COUNT = 10
};

/* "segment", "fragment", "other", ...: static, never NULL. */
WEFT_API const char *weft_verdict_name(int verdict);

/* Decodes link layer, tunnels, IP and TCP: of several within one another, the
   innermost TCP.  What an ICMP error quotes is no segment.  Pure: no state, no allocation, any
   thread.  Returns one of the first six verdicts; `ret` is written only for
   WEFT_IS_SEGMENT, and its payload points into the frame.  Sets
   ret->checksum only to WEFT_CHECKSUM_UNCHECKED: see weft_frame_checksum. */
WEFT_API int weft_decode(const struct weft_frame *, struct weft_segment *ret);

/* Verifies the IPv4 header checksum and the TCP checksum of the frame's
   segment (RFC 9293 section 3.1): one of enum weft_checksum, UNCHECKED where
   weft_decode finds no segment.  Reads every byte.  Pure. */
WEFT_API int weft_frame_checksum(const struct weft_frame *);

/* One step of weft_decode.  Grows at its end. */
struct weft_layer {
  size_t size;
  const char *name;         /* "ethernet", "ipv4", "vxlan", ...: static, never NULL */
  uint32_t offset;          /* of its first byte in the frame */
  uint32_t header;          /* bytes it took; 0: it could not be read, or not gone past */
  uint32_t caplen, wirelen; /* bytes of the packet from `offset` on, captured and sent, as far
                               as the layers around this one say */
  uint32_t realm;           /* of what is within: see struct weft_tuple */
  int verdict;              /* of the walk that ended here; -1: it went on */
};

/* A negative number ends the walk. */
typedef int weft_layer_fn(const struct weft_layer *, void *user);

/* Walks the frame as weft_decode does and tells of each layer, outermost first.
   Returns weft_decode's verdict, or what `on_layer` ended the walk with.  Without
   any layer for WEFT_IS_UNKNOWN_LINK.  Pure but for `on_layer`. */
WEFT_API int weft_explain(const struct weft_frame *, weft_layer_fn *on_layer, void *user);

/* A hash equal for both directions of a connection, in whatever realms, to spread
   frames over engines.  0 for frames that carry no TCP.  Not keyed: for balance only. */
WEFT_API uint32_t weft_frame_shard(const struct weft_frame *);

#ifdef __cplusplus
}
#endif

#endif
