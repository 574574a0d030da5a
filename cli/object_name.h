/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_OBJECT_NAME_H
#define CLI_OBJECT_NAME_H

#include <weft/http.h>

enum { OBJECT_NAME_MAX = 160, MEDIA_TYPE_MAX = 100 };

/*
 * A file name for a body:
 *
 *     000012-0003-logo.png             connection, transaction, given name or end of the path
 *     000012-0003-request-upload.json  what the client sent
 *
 * The numbers are those of `weft http`, so names are unique and the same in
 * every run.  What a stranger chose becomes letters, digits, - _ and dots
 * inside: no folder, no device, nothing hidden, at most OBJECT_NAME_MAX bytes
 * with the NUL.  `given` is the name that the message gave (disposition.h), of
 * which what stands before a slash or backslash is left out; where that leaves
 * nothing, the end of the target's path counts.  The extension is that name's
 * where it suits `type`, else the type's is added.  `given`, `target` and `type`
 * may be empty.
 */
void object_name(char ret[OBJECT_NAME_MAX], uint64_t conn_id, uint64_t conn_tx, int is_request,
                 struct weft_text given, struct weft_text target, const char *type);

/* "image/png" of " Image/PNG; q=1": lower case, parameters left out.  Empty
   where the value is no media type (RFC 9110 section 8.3.1) or too long. */
void media_type(char ret[MEDIA_TYPE_MAX], struct weft_text content_type);

/* Does such a file name suit the type?  Otherwise what its extension should be. */
const char *media_extension(const char *type, const char *extension);

#endif
