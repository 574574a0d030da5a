/* SPDX-License-Identifier: BSD-2-Clause */
#include "codings.h"

#include <string.h>
#include <strings.h>

static int text_is(struct weft_text t, const char *word) {
  return t.len == strlen(word) && strncasecmp(t.base, word, t.len) == 0;
}

/* "gzip, chunked" to "gzip": weft has undone chunked, which is always last. */
static struct weft_text without_chunked(struct weft_text t) {
  size_t n = t.len;
  while (n > 0 && t.base[n - 1] != ',') n--;
  struct weft_text last = {t.base + n, t.len - n};
  while (last.len > 0 && *last.base == ' ') last.base++, last.len--;
  if (text_is(last, "chunked")) t.len = n > 0 ? n - 1 : 0;
  return t;
}

size_t message_codings(const struct weft_http_message *m, struct weft_text ret[CODINGS_MAX]) {
  static const char *const names[] = {"content-encoding", "transfer-encoding"};
  size_t n = 0;
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < m->nfields && n < CODINGS_MAX; i++) {
      if (!text_is(m->fields[i].name, names[pass])) continue;
      struct weft_text value = m->fields[i].value;
      if (pass == 1) value = without_chunked(value);
      if (value.len > 0) ret[n++] = value;
    }
  return n;
}
