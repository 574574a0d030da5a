/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/fields.h"

#include <stdlib.h>
#include <string.h>

#define REQUEST "http.request.header."
#define RESPONSE "http.response.header."

/* Who has one of these may speak for somebody else.  docs/output.md says which. */
static const char *const secrets[] = {
    "authorization",
    "proxy_authorization",
    "cookie",
    "cookie2",
    "set_cookie",
    "set_cookie2",
    "authentication_info",
    "proxy_authentication_info",
    "ocp_apim_subscription_key",
    "x_functions_key",
    "x_auth_key",
    "x_amzn_oidc_data",
    "dpop",
};

/* ... or one whose name ends so. */
static const char *const secret_ends[] = {"token",   "secret", "password",
                                          "api_key", "apikey", "jwt_assertion"};

int fields_init(struct fields *f, const struct weft_sink_options *options) {
  *f = (struct fields){.names = options->fields,
                       .nnames = options->nfields,
                       .all = options->headers,
                       .secrets = options->secrets,
                       .bodies = options->bodies};
  return f->all || f->bodies || f->nnames > 0;
}

int weft_sink_has_field(const char *name) {
  size_t n = strncmp(name, REQUEST, sizeof REQUEST - 1) == 0     ? sizeof REQUEST - 1
             : strncmp(name, RESPONSE, sizeof RESPONSE - 1) == 0 ? sizeof RESPONSE - 1
                                                                 : 0;
  return n > 0 && name[n] != '\0' && strchr(name + n, '.') == NULL;
}

void fields_done(struct fields *f) { free(f->joined); }

int fields_is_response(const struct fields *f, size_t i) {
  return strncmp(f->names[i], RESPONSE, sizeof RESPONSE - 1) == 0;
}

const char *fields_leaf(const struct fields *f, size_t i) {
  return f->names[i] + (fields_is_response(f, i) ? sizeof RESPONSE - 1 : sizeof REQUEST - 1);
}

const struct weft_sink_body *fields_body(const struct fields *f,
                                         const struct weft_http_message *m) {
  const struct weft_sink_body *body = f->bodies && m != NULL ? m->user : NULL;
  return body != NULL && body->text.base != NULL ? body : NULL;
}

static int lower(int c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

/* Case ignored, and what cannot be part of a dotted name is '_' there. */
static int is_named(struct weft_text name, const char *leaf) {
  size_t i = 0;
  for (; i < name.len && leaf[i] != '\0'; i++) {
    int ours = lower((unsigned char)leaf[i]), theirs = lower((unsigned char)name.base[i]);
    if (ours != theirs && !(ours == '_' && theirs == '-')) return 0;
  }
  return i == name.len && leaf[i] == '\0';
}

static int is_secret(struct weft_text name) {
  for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
    if (is_named(name, secrets[i])) return 1;
  for (size_t i = 0; i < sizeof secret_ends / sizeof *secret_ends; i++) {
    size_t n = strlen(secret_ends[i]);
    if (name.len < n) continue;
    if (is_named((struct weft_text){name.base + name.len - n, n}, secret_ends[i])) return 1;
  }
  return 0;
}

struct weft_text fields_shown(const struct fields *f, const struct weft_http_field *field) {
  static const struct weft_text redacted = {"[redacted]", 10};
  return !f->secrets && is_secret(field->name) ? redacted : field->value;
}

/* ---- putting together -------------------------------------------------------- */

/* Adds to what is joined so far; without memory it stays away. */
static void append(struct fields *f, size_t *used, const char *text, size_t length) {
  if (*used + length > f->joined_max) {
    size_t room = 2 * (*used + length);
    char *more = realloc(f->joined, room);
    if (more == NULL) return;
    f->joined = more;
    f->joined_max = room;
  }
  if (length > 0) memcpy(f->joined + *used, text, length);
  *used += length;
}

struct weft_text fields_value(struct fields *f, size_t i, const struct weft_http_message *m) {
  const char *leaf = fields_leaf(f, i);
  struct weft_text value = {NULL, 0};
  size_t used = 0, found = 0;
  for (size_t j = 0; m != NULL && j < m->nfields; j++) {
    if (!is_named(m->fields[j].name, leaf)) continue;
    struct weft_text shown = fields_shown(f, &m->fields[j]);
    if (found == 1) append(f, &used, value.base, value.len);
    if (found++ == 0) {
      value = shown;
      continue;
    }
    append(f, &used, ", ", 2);
    append(f, &used, shown.base, shown.len);
  }
  if (found > 1) value = (struct weft_text){f->joined, used};
  if (found > 0 && value.base == NULL) value.base = "";
  return value;
}

struct weft_text fields_lines(struct fields *f, const struct weft_http_message *m) {
  size_t used = 0;
  for (size_t j = 0; m != NULL && j < m->nfields; j++) {
    struct weft_text shown = fields_shown(f, &m->fields[j]);
    if (j > 0) append(f, &used, "\n", 1);
    append(f, &used, m->fields[j].name.base, m->fields[j].name.len);
    append(f, &used, ": ", 2);
    append(f, &used, shown.base, shown.len);
  }
  return (struct weft_text){used > 0 ? f->joined : NULL, used};
}
