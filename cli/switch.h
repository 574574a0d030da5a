/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_SWITCH_H
#define CLI_SWITCH_H

#include <weft/protocol.h>

/* Do these bytes begin with a response 101, or with whole responses and then one?  As
   weft_protocol_switch, and writes where the 101 begins, also for WEFT_E_AGAIN.  Whole
   are responses of a Content-Length and those without a body by their status; what
   follows another is not looked at. */
int switch_find(const uint8_t *bytes, size_t length, size_t *ret_begin, size_t *ret_end);

#endif
