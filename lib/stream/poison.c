/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/poison.h"

typedef int poison_is_not_empty;

#ifdef WEFT_POISON
#  include <string.h>
#  include <sys/mman.h>

int poison_cover(struct poison *poison, struct weft_data *data) {
  size_t head = data->nspans * sizeof *data->spans;
  poison->size = head + data->length + 1;
  poison->pages =
      mmap(NULL, poison->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (poison->pages == MAP_FAILED) return WEFT_E_NOMEM;
  struct weft_span *spans = poison->pages;
  uint8_t *bytes = (uint8_t *)poison->pages + head;
  for (size_t i = 0; i < data->nspans; i++) {
    spans[i] = data->spans[i];
    spans[i].base = memcpy(bytes, data->spans[i].base, data->spans[i].len);
    bytes += data->spans[i].len;
  }
  data->spans = spans;
  return 0;
}

void poison_uncover(struct poison *poison) { munmap(poison->pages, poison->size); }
#endif
