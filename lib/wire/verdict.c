/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/frame.h>

static const char *const names[] = {
    [WEFT_IS_SEGMENT] = "segment",
    [WEFT_IS_FRAGMENT] = "fragment",
    [WEFT_IS_OTHER] = "other",
    [WEFT_IS_TRUNCATED] = "truncated",
    [WEFT_IS_MALFORMED] = "malformed",
    [WEFT_IS_UNKNOWN_LINK] = "unknown-link",
    [WEFT_IS_BAD_CHECKSUM] = "bad-checksum",
    [WEFT_IS_STRAY] = "stray",
    [WEFT_IS_REFUSED] = "refused",
    [WEFT_IS_DETACHED] = "detached",
};
_Static_assert(sizeof names / sizeof *names == WEFT_VERDICT_COUNT, "a name for each verdict");

const char *weft_verdict_name(int verdict) {
  return verdict >= 0 && verdict < WEFT_VERDICT_COUNT ? names[verdict] : "none";
}
