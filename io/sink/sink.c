/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/sink.h"

#include <stdio.h>
#include <stdlib.h>

static const struct sink_kind *const kinds[] = {&sink_text, &sink_ndjson, &sink_tsv, &sink_csv};
enum { NKINDS = sizeof kinds / sizeof *kinds };

const struct sink_flag sink_flags[SINK_NFLAGS] = {
    {WEFT_HTTP_TRUNCATED, "truncated"},
    {WEFT_HTTP_HEAD_LOST, "head_lost"},
    {WEFT_HTTP_CHUNKED, "chunked"},
    {WEFT_HTTP_UNTIL_CLOSE, "until_close"},
    {WEFT_HTTP_UPGRADED, "upgraded"},
    {WEFT_HTTP_INVALID, "invalid"},
    {WEFT_HTTP_AMBIGUOUS_LENGTH, "ambiguous_length"},
    {WEFT_HTTP_EARLY, "early"},
};

static weft_duration between(struct weft_mark from, struct weft_mark to) {
  return (weft_duration)((uint64_t)to.time - (uint64_t)from.time);
}

/* From the end of the request to that frame of the response, and to its copy. */
static struct sink_range range_to(const struct weft_http_exchange *x, struct weft_mark to,
                                  struct weft_mark copy) {
  struct weft_mark again = x->again->request, from = x->request->last;
  return (struct sink_range){.min = between(again.frame != 0 ? again : from, to),
                             .max = between(from, copy.frame != 0 ? copy : to)};
}

struct sink_range sink_wait_range(const struct weft_http_exchange *x) {
  return range_to(x, x->response->first, x->again->response_first);
}

struct sink_range sink_elapsed_range(const struct weft_http_exchange *x) {
  return range_to(x, x->response->last, x->again->response);
}

struct weft_sink {
  const struct sink_kind *kind;
  struct weft_writer *writer;
  void *state;
};

const char *const *weft_sink_kinds(void) {
  static const char *names[NKINDS + 1];
  for (int i = 0; i < NKINDS; i++) names[i] = kinds[i]->name;
  return names;
}

static const struct sink_kind *kind_find(const char *name) {
  for (int i = 0; i < NKINDS; i++)
    if (strcmp(kinds[i]->name, name) == 0) return kinds[i];
  return NULL;
}

static int sink_failed(struct weft_error *reterr, int status, const char *what, const char *name) {
  if (reterr != NULL) {
    *reterr = (struct weft_error){.status = status};
    snprintf(reterr->text, sizeof reterr->text, what, name);
  }
  return status;
}

int weft_sink_open(const char *name, const char *target, const struct weft_sink_options *options,
                   struct weft_sink **ret, struct weft_error *reterr) {
  struct weft_sink_options ours = {.size = sizeof ours};
  if (options != NULL)
    memcpy(&ours, options, options->size < sizeof ours ? options->size : sizeof ours);
  for (size_t i = 0; i < ours.nfields; i++)
    if (!weft_sink_has_field(ours.fields[i]))
      return sink_failed(reterr, WEFT_E_INVAL, "%s: is no header field of a message",
                         ours.fields[i]);
  const struct sink_kind *kind = kind_find(name);
  if (kind == NULL)
    return sink_failed(reterr, WEFT_E_NOTBUILT, "%s: no output of this name is in this build",
                       name);
  struct weft_sink *s = calloc(1, sizeof *s);
  void *state = calloc(1, kind->state_size);
  int status = s == NULL || state == NULL
                   ? sink_failed(reterr, WEFT_E_NOMEM, "%s: out of memory", name)
                   : weft_writer_open(target, &s->writer, reterr);
  if (status == 0 && kind->open != NULL) {
    status = kind->open(state, s->writer, &ours);
    if (status < 0) {
      weft_writer_close(s->writer, NULL);
      sink_failed(reterr, status, "%s: out of memory", name);
    }
  }
  if (status < 0) {
    free(state);
    free(s);
    return status;
  }
  s->kind = kind;
  s->state = state;
  *ret = s;
  return 0;
}

int weft_sink_write(struct weft_sink *s, const struct weft_http_exchange *x) {
  s->kind->write(s->state, s->writer, x);
  return s->writer->os_error != 0 ? WEFT_E_IO : 0;
}

int weft_sink_flush(struct weft_sink *s) { return weft_writer_flush(s->writer); }

size_t weft_sink_pending(const struct weft_sink *s) { return weft_writer_pending(s->writer); }

int weft_sink_close(struct weft_sink *s, struct weft_error *reterr) {
  if (s == NULL) return 0;
  if (s->kind->close != NULL) s->kind->close(s->state);
  int status = weft_writer_close(s->writer, reterr);
  free(s->state);
  free(s);
  return status;
}
