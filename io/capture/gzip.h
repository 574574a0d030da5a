/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_GZIP_H
#define WEFTIO_CAPTURE_GZIP_H

#include "capture/supply.h"

/* RFC 1952, any number of members one after another; what follows the last
   member is left alone, as gzip does.  Data that ends early or is damaged
   gives everything before the damage first.  `under` and `n` as in
   supply_decode.  WEFT_E_NOTBUILT without zlib, and `reterr` is left alone. */
int gzip_open(struct supply *under, const uint8_t *head, size_t n, struct supply **ret,
              struct weft_error *reterr);

#endif
