/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_LINKTYPE_H
#define WEFTIO_CAPTURE_LINKTYPE_H

#include <stdint.h>

/*
 * Link types have two numberings.  LINKTYPE_ values are for files and mean the
 * same everywhere (tcpdump.org/linktypes.html); DLT_ values are for programs,
 * and a few of them differ between systems.  Old programs wrote DLT_ values
 * into files, so those are found there too.
 */
enum {
  LINKTYPE_ETHERNET = 1,
  LINKTYPE_TOKEN_RING = 6,
  LINKTYPE_FDDI = 10,
  LINKTYPE_ATM_RFC1483 = 100,
  LINKTYPE_RAW = 101,
  LINKTYPE_ATM_CLIP = 106,
  LINKTYPE_LINUX_SLL = 113,
  LINKTYPE_SUNATM = 123,
  LINKTYPE_IPNET = 226
};

/* The LINKTYPE_ for a number found in a file or told by libpcap. */
uint16_t linktype_of(uint16_t number);

/* The DLT_ that libpcap knows it by on this system; `raw` is its DLT_RAW. */
int linktype_to_dlt(uint16_t linktype, int raw);

#endif
