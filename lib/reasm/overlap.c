/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/overlap.h"

/* Sources, cell by cell, are in docs/overlap.md.  Linux is measured: 100 % of
   596 exchanges with a 6.18 receiver.  The others are the facts that
   target-based reassembly was published with (Shankar and Paxson 2003, Novak and
   Sturges 2007) as Suricata and Snort apply them. */
const uint8_t overlap_table[WEFT_OVERLAP_COUNT][3][3] = {
    /*                        new ends: before same after */
    [WEFT_OVERLAP_LINUX] = {[OVERLAP_BEFORE] = {1, 1, 1}, /* lowest start */
                            [OVERLAP_SAME] = {0, 0, 1},   /* then the longest, then the first */
                            [OVERLAP_AFTER] = {0, 0, 0}},
    [WEFT_OVERLAP_LINUX_OLD] = {[OVERLAP_BEFORE] = {1, 1, 1},
                                [OVERLAP_SAME] = {0, 1, 1}, /* equal ranges: the last */
                                [OVERLAP_AFTER] = {0, 0, 0}},
    [WEFT_OVERLAP_FIRST] = {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
    [WEFT_OVERLAP_LAST] = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
    [WEFT_OVERLAP_BSD] =
        {[OVERLAP_BEFORE] = {1, 1, 1}, [OVERLAP_SAME] = {0, 0, 0}, [OVERLAP_AFTER] = {0, 0, 0}},
    [WEFT_OVERLAP_WINDOWS] =
        {[OVERLAP_BEFORE] = {1, 1, 1}, [OVERLAP_SAME] = {0, 0, 0}, [OVERLAP_AFTER] = {0, 0, 0}},
    [WEFT_OVERLAP_SOLARIS] = {[OVERLAP_BEFORE] = {0, 1, 1}, /* unless the old one sticks out */
                              [OVERLAP_SAME] = {0, 1, 1},
                              [OVERLAP_AFTER] = {0, 0, 1}},
};

const char *weft_overlap_policy_name(unsigned policy) {
  static const char *const names[WEFT_OVERLAP_COUNT] = {
      [WEFT_OVERLAP_LINUX] = "linux",    [WEFT_OVERLAP_LINUX_OLD] = "linux-old",
      [WEFT_OVERLAP_FIRST] = "first",    [WEFT_OVERLAP_LAST] = "last",
      [WEFT_OVERLAP_BSD] = "bsd",        [WEFT_OVERLAP_WINDOWS] = "windows",
      [WEFT_OVERLAP_SOLARIS] = "solaris"};
  return policy < WEFT_OVERLAP_COUNT ? names[policy] : NULL;
}
