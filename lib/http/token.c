/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/token.h"

#include <string.h>

void http_token_init(struct http_token *token) { memset(token, 0, sizeof *token); }

/* Together with bytes before them, which were looked at already, or with letters
   where there are none: so the last one is the block's last. */
void http_token_tail(const uint8_t *base, uint32_t length, unsigned n, struct http_block *ret) {
  assert(n && n < 64 && n <= length);
  unsigned before = 64 - n;
  if (length >= 64) {
    http_block_read(base + length - 64, 1, ret);
  } else {
    uint8_t padded[64];
    memset(padded, 'a', sizeof padded);
    memcpy(padded + before, base + length - n, n);
    http_block_read(padded, 1, ret);
  }
  ret->lf >>= before, ret->delimiter >>= before, ret->odd >>= before;
}
