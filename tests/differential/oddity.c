/* SPDX-License-Identifier: BSD-2-Clause */
#include "oddity.h"

#include <string.h>
#include <strings.h>

const char *const oddity_names[ODDITY_COUNT] = {
#define X(symbol, name) name,
    ODDITIES(X)
#undef X
};

#define SEEN(symbol) (UINT64_C(1) << ODDITY_##symbol)

struct piece {
  const char *at;
  size_t length;
};

/* What is known of one message while it is walked. */
struct walk {
  const char *at, *end;
  uint64_t seen;
  int responses, old, keep_alive, close, minor_known;
  int lengths, codings, chunked;
  unsigned status;
  unsigned long long body;
};

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_blank(char c) { return c == ' ' || c == '\t'; }

static int is_tchar(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c && strchr("!#$%&'*+-.^_`|~", c));
}

static int piece_is(struct piece p, const char *text) {
  return p.length == strlen(text) && !strncasecmp(p.at, text, p.length);
}

static struct piece piece_trim(struct piece p) {
  while (p.length && is_blank(p.at[0])) p.at++, p.length--;
  while (p.length && is_blank(p.at[p.length - 1])) p.length--;
  return p;
}

static int piece_has(struct piece p, const char *text) {
  size_t n = strlen(text);
  for (size_t i = 0; i + n <= p.length; i++)
    if (!strncasecmp(p.at + i, text, n)) return 1;
  return 0;
}

/* Is the word an element of the list? */
static int list_has(struct piece p, const char *word) {
  const char *end = p.at + p.length;
  while (p.at < end) {
    const char *comma = memchr(p.at, ',', (size_t)(end - p.at));
    if (!comma) comma = end;
    if (piece_is(piece_trim((struct piece){p.at, (size_t)(comma - p.at)}), word)) return 1;
    p.at = comma + 1;
  }
  return 0;
}

/* The next line without its end; 0 at the end of the bytes. */
static int line_next(struct walk *w, struct piece *ret) {
  const char *lf = w->at < w->end ? memchr(w->at, '\n', (size_t)(w->end - w->at)) : NULL;
  if (!lf) {
    if (w->at < w->end && memchr(w->at, '\r', (size_t)(w->end - w->at))) w->seen |= SEEN(LONE_CR);
    return 0;
  }
  size_t n = (size_t)(lf - w->at);
  if (n && w->at[n - 1] == '\r')
    n--;
  else
    w->seen |= SEEN(BARE_LF);
  *ret = (struct piece){w->at, n};
  w->at = lf + 1;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)ret->at[i];
    if (c == '\r')
      w->seen |= SEEN(LONE_CR);
    else if ((c < 0x20 && c != '\t') || c == 0x7f)
      w->seen |= SEEN(CONTROL);
  }
  return 1;
}

/* ---- start lines ----------------------------------------------------------- */

static void version_look(struct walk *w, struct piece version) {
  int minor = version.length == 8 ? version.at[7] : 0;
  if (version.length != 8 || memcmp(version.at, "HTTP/1.", 7) != 0 ||
      (minor != '0' && minor != '1'))
    w->seen |= SEEN(ODD_VERSION);
  w->old = minor == '0';
}

/* What all of the peers know. */
static int method_known(struct piece method) {
  static const char *const known[] = {"GET",   "HEAD",  "POST",     "PUT",    "DELETE", "OPTIONS",
                                      "TRACE", "PATCH", "PROPFIND", "REPORT", "PURGE",  "CONNECT"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (method.length == strlen(known[i]) && !memcmp(known[i], method.at, method.length)) return 1;
  return 0;
}

static void method_look(struct walk *w, struct piece method) {
  int upper = 1;
  for (size_t i = 0; i < method.length; i++) upper &= method.at[i] >= 'A' && method.at[i] <= 'Z';
  if (piece_is(method, "CONNECT")) w->seen |= SEEN(UPGRADE);
  if (method_known(method)) return;
  w->seen |= upper && method.length ? SEEN(UNKNOWN_METHOD) : SEEN(ODD_METHOD);
}

static void target_look(struct walk *w, struct piece target) {
  int odd = !target.length;
  for (size_t i = 0; i < target.length; i++) {
    unsigned char c = (unsigned char)target.at[i];
    odd |= c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}#", c);
  }
  if (target.length && target.at[0] != '/' && strncmp(target.at, "http://a/", 9) != 0 &&
      !piece_is(target, "*"))
    odd = 1;
  if (odd) w->seen |= SEEN(ODD_TARGET);
}

static void request_line(struct walk *w, struct piece line) {
  struct piece words[3] = {{0}};
  size_t n = 0, blanks = 0;
  for (size_t i = 0; i < line.length; i++) {
    if (is_blank(line.at[i])) {
      blanks++;
      if (line.at[i] == '\t') w->seen |= SEEN(START_BLANKS);
      continue;
    }
    if (!i || is_blank(line.at[i - 1])) n++;
    struct piece *word = &words[n < 3 ? n - 1 : 2];
    if (n > 3 && is_blank(line.at[i - 1])) word->length = 0;
    if (!word->length) word->at = line.at + i;
    word->length++;
  }
  if (!n || (!method_known(words[0]) && !piece_has(line, "HTTP/"))) w->seen |= SEEN(GARBAGE);
  method_look(w, words[0]);
  if (n == 3 && blanks == 2 && piece_has(words[2], "HTTP/")) {
    target_look(w, words[1]);
    version_look(w, words[2]);
    return;
  }
  int versioned = n >= 2 && words[n < 3 ? n - 1 : 2].length >= 5 &&
                  !strncasecmp(words[n < 3 ? n - 1 : 2].at, "http/", 5);
  if (n == 2 && versioned) w->seen |= SEEN(ODD_TARGET);
  if (!versioned) w->seen |= SEEN(NO_VERSION);
  if (n == 2 && blanks == 1) {
    if (!versioned) target_look(w, words[1]);
    return;
  }
  w->seen |= SEEN(START_BLANKS);
  if (versioned) version_look(w, words[n < 3 ? n - 1 : 2]);
}

static void status_line(struct walk *w, struct piece line) {
  size_t i = 0, digits = 0;
  while (i < line.length && !is_blank(line.at[i])) i++;
  struct piece version = {line.at, i};
  if (piece_is(version, "ICY"))
    w->seen |= SEEN(ICY);
  else if (i < 5 || strncasecmp(line.at, "HTTP/", 5) != 0)
    w->seen |= SEEN(GARBAGE);
  else
    version_look(w, version);
  if (i + 1 < line.length && is_blank(line.at[i + 1])) w->seen |= SEEN(START_BLANKS);
  if (i < line.length && line.at[i] == '\t') w->seen |= SEEN(START_BLANKS);
  while (i < line.length && is_blank(line.at[i])) i++;
  for (; i < line.length && is_digit(line.at[i]); i++, digits++)
    w->status = w->status * 10 + (unsigned)(line.at[i] - '0');
  if (digits != 3 || w->status < 100 || (i < line.length && line.at[i] != ' '))
    w->seen |= SEEN(ODD_STATUS);
  if (i == line.length) w->seen |= SEEN(SHORT_STATUS_LINE);
  if (w->status / 100 == 1 && w->status != 101) w->seen |= SEEN(INTERIM);
  if (w->status == 101) w->seen |= SEEN(UPGRADE);
}

/* ---- fields ----------------------------------------------------------------- */

static void length_look(struct walk *w, struct piece value) {
  unsigned long long v = 0;
  size_t i = 0;
  for (; i < value.length && is_digit(value.at[i]); i++)
    if (v < 1000000000000ull) v = v * 10 + (unsigned long long)(value.at[i] - '0');
  if (memchr(value.at, ',', value.length)) w->seen |= SEEN(LENGTH_LIST);
  if (!value.length || i < value.length) w->seen |= SEEN(LENGTH_ODD);
  if (v >= 1000000000000ull) w->seen |= SEEN(LENGTH_HUGE);
  if (w->lengths++) w->seen |= v == w->body ? SEEN(LENGTH_REPEATED) : SEEN(LENGTH_DIFFERING);
  if (w->lengths == 1) w->body = v;
}

static void coding_look(struct walk *w, struct piece value) {
  size_t n = value.length;
  if (w->codings++ || memchr(value.at, ',', n)) w->seen |= SEEN(CODING_LIST);
  const char *comma = value.at + n;
  while (comma > value.at && comma[-1] != ',') comma--;
  struct piece last = piece_trim((struct piece){comma, (size_t)(value.at + n - comma)});
  w->chunked = piece_is(last, "chunked");
  if (!w->chunked) w->seen |= SEEN(CODING_ODD);
}

static void field_look(struct walk *w, struct piece line) {
  const char *colon = memchr(line.at, ':', line.length);
  if (!colon) {
    w->seen |= SEEN(NO_COLON);
    return;
  }
  struct piece name = {line.at, (size_t)(colon - line.at)};
  struct piece value = piece_trim((struct piece){colon + 1, line.length - name.length - 1});
  if (!name.length) w->seen |= SEEN(EMPTY_NAME);
  if (name.length && is_blank(name.at[name.length - 1])) w->seen |= SEEN(BLANK_BEFORE_COLON);
  name = piece_trim(name);
  for (size_t i = 0; i < name.length; i++)
    if (!is_tchar(name.at[i])) w->seen |= SEEN(ODD_NAME);
  const char *after = value.at + value.length;
  int framing = piece_is(name, "Content-Length") || piece_is(name, "Transfer-Encoding") ||
                piece_is(name, "Connection") || piece_is(name, "Proxy-Connection");
  if (framing && value.length && memchr(after, '\t', (size_t)(line.at + line.length - after)))
    w->seen |= SEEN(VALUE_TAB);
  if (piece_is(name, "Content-Length")) length_look(w, value);
  if (piece_is(name, "Transfer-Encoding")) coding_look(w, value);
  struct piece begin = {name.at, name.length > 17 ? 17 : 0};
  if (piece_is(begin, "Transfer-Encoding")) w->seen |= SEEN(CODING_NAME);
  if (piece_is(name, "Connection") || piece_is(name, "Proxy-Connection")) {
    w->close |= list_has(value, "close");
    w->keep_alive |= list_has(value, "keep-alive");
    if (list_has(value, "upgrade")) w->seen |= SEEN(UPGRADE);
  }
  if (piece_is(name, "Upgrade")) w->seen |= SEEN(UPGRADE);
}

/* ---- chunks ------------------------------------------------------------------- */

static int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The size on its line; 0 also of no size. */
static unsigned long long chunk_size(struct walk *w, struct piece line) {
  unsigned long long v = 0;
  size_t i = 0;
  for (; i < line.length && hex_value(line.at[i]) >= 0; i++)
    if (v < 1ull << 50) v = v * 16 + (unsigned long long)hex_value(line.at[i]);
  if (!i || (i < line.length && line.at[i] != ';')) w->seen |= SEEN(CHUNK_ODD);
  if (memchr(line.at, ';', line.length)) w->seen |= SEEN(CHUNK_EXTENSION);
  if (v >= 1ull << 31 || i > 8) w->seen |= SEEN(CHUNK_HUGE);
  return v;
}

static void trailers_look(struct walk *w) {
  struct piece line;
  while (line_next(w, &line) && line.length) {
    w->seen |= SEEN(TRAILERS);
    if (is_blank(line.at[0])) w->seen |= SEEN(FOLD);
    struct walk other = {.at = w->at};
    field_look(&other, line);
    w->seen |= other.seen;
  }
}

static void chunks_look(struct walk *w) {
  struct piece line;
  while (line_next(w, &line)) {
    unsigned long long size = chunk_size(w, line);
    if (!size) {
      trailers_look(w);
      return;
    }
    if (size > (unsigned long long)(w->end - w->at)) {
      w->at = w->end;
      return;
    }
    w->at += size;
    if (!line_next(w, &line)) return;
    if (line.length) {
      w->seen |= SEEN(CHUNK_END);
      return;
    }
  }
}

/* ---- messages ------------------------------------------------------------------ */

static void body_look(struct walk *w) {
  int none = w->responses && (w->status / 100 == 1 || w->status == 204 || w->status == 304);
  if (w->lengths && w->codings) w->seen |= SEEN(LENGTH_AND_CODING);
  if (w->codings && w->old) w->seen |= SEEN(CODING_OLD);
  if (none && (w->lengths || w->codings)) w->seen |= SEEN(BODY_FORBIDDEN);
  if (none) return;
  if (w->chunked) {
    chunks_look(w);
  } else if (w->lengths) {
    unsigned long long left = (unsigned long long)(w->end - w->at);
    if (w->body > left) w->seen |= SEEN(CUT);
    w->at += w->body < left ? w->body : left;
  } else if (w->responses) {
    w->at = w->end;
  }
}

static void message_look(struct walk *w) {
  struct piece line;
  if (!line_next(w, &line)) {
    w->seen |= SEEN(CUT);
    w->at = w->end;
    return;
  }
  if (w->responses)
    status_line(w, line);
  else
    request_line(w, line);
  int more;
  while ((more = line_next(w, &line)) && line.length) {
    if (is_blank(line.at[0])) w->seen |= SEEN(FOLD);
    field_look(w, line);
  }
  if (!more) w->seen |= SEEN(CUT);
  body_look(w);
  if (w->at < w->end && (w->close || (w->old && !w->keep_alive))) w->seen |= SEEN(AFTER_CLOSE);
}

uint64_t oddities_of(int responses, const uint8_t *bytes, size_t length) {
  const char *at = (const char *)bytes, *end = at + length;
  uint64_t seen = 0;
  while (at < end) {
    const char *start = at;
    while (at < end && (*at == '\r' || *at == '\n')) at++;
    if (at > start) seen |= SEEN(LEADING_LINES);
    struct walk w = {.at = at, .end = end, .responses = responses};
    if (at < end) message_look(&w);
    seen |= w.seen;
    at = w.at;
  }
  return seen;
}
