/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * UDP is read for the tunnels in it.  A port alone proves little: some client may have
 * happened on it.  So each of these layers looks whether what it finds can be its
 * header, and answers WEFT_IS_OTHER where it cannot.
 */

/* Ports registered with IANA, and those in use before: of tunnels that send
   from any port to this one. */
static int port_of_target(uint16_t port) {
  switch (port) {
  case 2152: return WALK_GTP;
  case 4789:
  case 4790:                    /* VXLAN-GPE */
  case 8472: return WALK_VXLAN; /* Linux, before the registration */
  case 6081: return WALK_GENEVE;
  case 37008: return WALK_TZSP;
  default: return WALK_NONE;
  }
}

/* Of tunnels that answer from the port they were called at. */
static int port_of_either(uint16_t port) {
  switch (port) {
  case 1701: return WALK_L2TP;
  case 3544: return WALK_TEREDO;
  case 4500: return WALK_ESP_UDP;
  case 5072: return WALK_AYIYA;
  case 5247: return WALK_CAPWAP;
  default: return WALK_NONE;
  }
}

static int udp_tunnel(uint16_t source, uint16_t target) {
  int layer = port_of_target(target);
  if (layer == WALK_NONE) layer = port_of_either(target);
  if (layer == WALK_NONE) layer = port_of_either(source);
  return layer;
}

/* RFC 768. */
int walk_udp(struct walk *walk) {
  int missing = walk_have(walk, 4);
  if (missing) return missing;
  int layer = udp_tunnel(load_be16(walk->at), load_be16(walk->at + 2));
  if (layer == WALK_NONE) return walk_end(WEFT_IS_OTHER);
  if ((missing = walk_have(walk, 8)) != 0) return missing;
  uint32_t length = load_be16(walk->at + 4);
  walk_skip(walk, 8);
  if (length == 0) return layer; /* as for IP: sent in one piece, or a jumbogram */
  if (length < 8) return walk_end(WEFT_IS_MALFORMED);
  walk_limit(walk, length - 8);
  return layer;
}
