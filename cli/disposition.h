/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_DISPOSITION_H
#define CLI_DISPOSITION_H

#include <weft/http.h>

enum { DISPOSITION_MAX = 1024 };

/* The file name that the value of a Content-Disposition gives (RFC 6266 section 4.3), in
   UTF-8 where it was sent as its filename* (RFC 8187: UTF-8 or ISO-8859-1), which counts
   first, else the bytes of its filename.  Returns its length, 0 where there is none; a
   longer one than DISPOSITION_MAX is cut.  It is whatever a stranger chose: any bytes, a
   path perhaps. */
size_t disposition_filename(struct weft_text value, char ret[DISPOSITION_MAX]);

#endif
