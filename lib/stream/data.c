/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <weft/stream.h>

/* The span that holds the byte at `offset`, or the first beyond it. */
static size_t data_span(const struct weft_data *data, uint64_t offset) {
  size_t low = 0, high = data->nspans;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (data->spans[middle].offset + data->spans[middle].len <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct weft_mark weft_data_mark(const struct weft_data *data, uint64_t offset) {
  size_t i = data_span(data, offset);
  if (i == data->nspans || offset < data->spans[i].offset) return (struct weft_mark){0, 0};
  return data->spans[i].mark;
}

uint64_t weft_data_find(const struct weft_data *data, uint64_t from, uint8_t byte) {
  for (size_t i = data_span(data, from); i < data->nspans; i++) {
    const struct weft_span *span = &data->spans[i];
    size_t skip = from > span->offset ? (size_t)(from - span->offset) : 0;
    const uint8_t *found = memchr(span->base + skip, byte, span->len - skip);
    if (found) return span->offset + (uint64_t)(found - span->base);
  }
  return WEFT_OFFSET_NONE;
}

const uint8_t *weft_data_flat(const struct weft_data *data, uint64_t offset, size_t length,
                              uint8_t *scratch) {
  size_t i = data_span(data, offset), done = 0;
  if (i == data->nspans || offset < data->spans[i].offset) return NULL;
  const struct weft_span *span = &data->spans[i];
  size_t skip = (size_t)(offset - span->offset);
  if (span->len - skip >= length) return span->base + skip;
  if (length > data->offset + data->length - offset) return NULL;
  for (; done < length && i < data->nspans; i++, skip = 0) {
    size_t part = data->spans[i].len - skip;
    if (part > length - done) part = length - done;
    memcpy(scratch + done, data->spans[i].base + skip, part);
    done += part;
  }
  return done == length ? scratch : NULL;
}
