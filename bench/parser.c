/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parser DRIVER CASE LAPS [whole|split]: has an HTTP parser read the case's
 * messages, LAPS times 256 of them, each as one piece or cut at random into up
 * to four.  Prints one JSON line: CPU nanoseconds, and what was found.
 *
 * The messages of a case differ in the lengths of their parts, so that no
 * branch predictor learns them by heart; all fit into a second-level cache.
 */
#include "parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGES = 256, PER_CONNECTION = 64, MESSAGE_MAX = 8192, PIECES_MAX = 4 };

struct parser_found parser_found;

static const struct parser_peer *const peers[] = {
    &parser_weft,
#ifdef WITH_LLHTTP
    &parser_llhttp,
#endif
#ifdef WITH_HTTP_PARSER
    &parser_http_parser,
#endif
#ifdef WITH_HTP
    &parser_htp,
#endif
};

struct message {
  char bytes[MESSAGE_MAX];
  size_t length, cuts[PIECES_MAX]; /* ends of the pieces */
  size_t ncuts;
};
static struct message messages[MESSAGES];

static uint64_t seed = 88172645463325252u;
static unsigned below(unsigned n) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return (unsigned)((seed >> 32) % n);
}

/* ---- the messages ------------------------------------------------------ */

static void add(struct message *m, const char *text, size_t length) {
  if (m->length + length > MESSAGE_MAX) abort();
  memcpy(m->bytes + m->length, text, length);
  m->length += length;
}

static void say(struct message *m, const char *text) { add(m, text, strlen(text)); }

/* `least` to `most` letters and digits. */
static void scribble(struct message *m, unsigned least, unsigned most) {
  static const char set[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (unsigned n = least + below(most - least + 1); n; n--) add(m, set + below(36), 1);
}

static void make_get(struct message *m) {
  say(m, "GET /articles/");
  scribble(m, 4, 30);
  say(m, "?q=");
  scribble(m, 2, 20);
  say(m, " HTTP/1.1\r\nHost: www.");
  scribble(m, 5, 15);
  say(m, ".example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
         "Firefox/128.0\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,"
         "image/avif,image/webp,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n"
         "Accept-Encoding: gzip, deflate\r\nReferer: http://www.example/");
  scribble(m, 4, 40);
  say(m, "\r\nConnection: keep-alive\r\nCookie: session=");
  scribble(m, 32, 64);
  say(m, "; theme=dark\r\nUpgrade-Insecure-Requests: 1\r\nPriority: u=0, i\r\n\r\n");
}

static void make_api(struct message *m) {
  say(m, "GET /v1/items/");
  scribble(m, 4, 12);
  say(m, " HTTP/1.1\r\nHost: api.example\r\nUser-Agent: curl/8.9.1\r\nAccept: */*\r\nX-Id: ");
  scribble(m, 8, 16);
  say(m, "\r\n\r\n");
}

static void response_fields(struct message *m) {
  say(m, "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n"
         "Content-Type: text/html; charset=utf-8\r\nETag: \"");
  scribble(m, 8, 24);
  say(m, "\"\r\nLast-Modified: Sat, 21 Nov 2026 10:00:00 GMT\r\nCache-Control: max-age=600\r\n");
}

static void make_response(struct message *m) {
  char length[64];
  unsigned n = 900 + below(250);
  response_fields(m);
  snprintf(length, sizeof length, "Content-Length: %u\r\n\r\n", n);
  say(m, length);
  scribble(m, n, n);
}

static void make_304(struct message *m) {
  say(m, "HTTP/1.1 304 Not Modified\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nETag: \"");
  scribble(m, 8, 24);
  say(m, "\"\r\n\r\n");
}

static void make_chunked(struct message *m) {
  char size[64];
  response_fields(m);
  say(m, "Transfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 4; i++) {
    unsigned n = 100 + below(400);
    snprintf(size, sizeof size, "%x\r\n", n);
    say(m, size);
    scribble(m, n, n);
    say(m, "\r\n");
  }
  say(m, "0\r\n\r\n");
}

static const struct {
  const char *name;
  int responses;
  void (*make)(struct message *);
} cases[] = {{"get", 0, make_get},
             {"api", 0, make_api},
             {"response", 1, make_response},
             {"304", 1, make_304},
             {"chunked", 1, make_chunked}};

static int ascending(const void *a, const void *b) {
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

static void cut(struct message *m, int split) {
  m->ncuts = split ? 1 + below(PIECES_MAX) : 1;
  for (size_t i = 0; i + 1 < m->ncuts; i++) m->cuts[i] = 1 + below((unsigned)m->length - 1);
  m->cuts[m->ncuts - 1] = m->length;
  qsort(m->cuts, m->ncuts, sizeof *m->cuts, ascending);
}

/* ---- the measurement ---------------------------------------------------- */

static void feed(const struct parser_peer *peer, const struct message *m) {
  size_t at = 0;
  for (size_t i = 0; i < m->ncuts; i++) {
    if (m->cuts[i] == at) continue;
    peer->feed((const uint8_t *)m->bytes + at, m->cuts[i] - at);
    at = m->cuts[i];
  }
}

static void lap(const struct parser_peer *peer, int responses) {
  for (size_t i = 0; i < MESSAGES; i++) {
    if (i % PER_CONNECTION == 0) peer->begin(responses);
    feed(peer, &messages[i]);
    if (i % PER_CONNECTION == PER_CONNECTION - 1) peer->end();
  }
}

static double cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int measure(const struct parser_peer *peer, size_t which, unsigned long laps, int split) {
  double bytes = 0;
  for (size_t i = 0; i < MESSAGES; i++) {
    cases[which].make(&messages[i]);
    bytes += (double)messages[i].length;
  }
  for (size_t i = 0; i < MESSAGES; i++) cut(&messages[i], split);
  double started = cpu_ns();
  for (unsigned long i = 0; i < laps; i++) lap(peer, cases[which].responses);
  double ns = cpu_ns() - started;
  printf("{\"ns\": %.0f, \"bytes\": %.0f, \"messages\": %llu, \"fields\": %llu, "
         "\"value_bytes\": %llu, \"body_bytes\": %llu}\n",
         ns, bytes * (double)laps, (unsigned long long)parser_found.messages,
         (unsigned long long)parser_found.fields, (unsigned long long)parser_found.value_bytes,
         (unsigned long long)parser_found.body_bytes);
  return 0;
}

static int usage(void) {
  fputs("usage: parser DRIVER CASE LAPS [whole|split]\ndrivers:", stderr);
  for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) fprintf(stderr, " %s", peers[i]->name);
  fputs("\ncases:", stderr);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) fprintf(stderr, " %s", cases[i].name);
  fputc('\n', stderr);
  return 1;
}

int main(int argc, char **argv) {
  for (size_t i = 0; argc >= 4 && i < sizeof peers / sizeof *peers; i++)
    for (size_t j = 0; j < sizeof cases / sizeof *cases; j++)
      if (!strcmp(peers[i]->name, argv[1]) && !strcmp(cases[j].name, argv[2]))
        return measure(peers[i], j, strtoul(argv[3], NULL, 10),
                       argc > 4 && !strcmp(argv[4], "split"));
  return usage();
}
