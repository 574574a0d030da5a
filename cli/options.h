/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

/* Codes of options without a letter. */
enum {
  OPT_SEGMENTS = 256,
  OPT_DIGEST,
  OPT_RAW,
  OPT_HEX,
  OPT_OVERLAP,
  OPT_RECEIVER,
  OPT_CHECKSUM,
  OPT_URGENT,
  OPT_DELIVER,
  OPT_GAP_WAIT,
  OPT_IDLE_WAIT,
  OPT_IDLE_CHECK,
  OPT_CONNS_MAX,
  OPT_HELD_MAX,
  OPT_EXPLAIN
};

#endif
