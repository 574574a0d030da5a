/* SPDX-License-Identifier: BSD-2-Clause */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 64 * 1024, HEAD_MAX = 1024, CHUNK = 4096 };

uint64_t random_next(struct random *random) {
  uint64_t x = random->state += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

uint32_t random_below(struct random *random, uint32_t bound) {
  return (uint32_t)((random_next(random) >> 32) * bound >> 32);
}

int random_chance(struct random *random, uint32_t in_10000) {
  return random_below(random, 10000) < in_10000;
}

/* Bodies are cut out of this: words and line ends, the same in every run. */
static const uint8_t *body_text(void) {
  static uint8_t text[TEXT_SIZE];
  static const char letters[] = "etaoinshrdlucmfwypvbgkqjxz     \n";
  struct random random = {1};
  if (text[0] == 0)
    for (size_t i = 0; i < TEXT_SIZE; i++)
      text[i] = (uint8_t)letters[random_below(&random, sizeof letters - 1)];
  return text;
}

struct draft {
  uint8_t *bytes;
  size_t length, size;
};

static uint8_t *draft_room(struct draft *draft, size_t length) {
  if (draft->length + length > draft->size) {
    draft->size = draft->length + length;
    draft->bytes = realloc(draft->bytes, draft->size);
    if (draft->bytes == NULL) {
      fputs("generate: no memory\n", stderr);
      exit(1);
    }
  }
  draft->length += length;
  return draft->bytes + draft->length - length;
}

static void __attribute__((format(printf, 2, 3)))
draft_format(struct draft *draft, const char *format, ...) {
  char text[HEAD_MAX];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  memcpy(draft_room(draft, (size_t)length), text, (size_t)length);
}

static void draft_body(struct draft *draft, struct random *random, size_t length) {
  uint8_t *to = draft_room(draft, length);
  uint32_t from = random_below(random, TEXT_SIZE);
  while (length) {
    size_t part = length < TEXT_SIZE - from ? length : TEXT_SIZE - from;
    memcpy(to, body_text() + from, part);
    to += part;
    length -= part;
    from = 0;
  }
}

uint8_t *message_request(enum message_style style, struct random *random, uint64_t key,
                         size_t *ret_length) {
  struct draft draft = {.size = 0};
  if (style == MESSAGE_SMALL) {
    draft_format(&draft, "GET /item/%x HTTP/1.1\r\nHost: api%u.example\r\nAccept: */*\r\n\r\n",
                 random_below(random, 1000000), (unsigned)(key % 97));
    *ret_length = draft.length;
    return draft.bytes;
  }
  size_t body = random_chance(random, 1000) ? 100 + random_below(random, 2500) : 0;
  draft_format(&draft,
               "%s /%s/%u/%08x?q=%x HTTP/1.1\r\nHost: www%u.example\r\n"
               "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
               "Firefox/128.0\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
               "Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n",
               body ? "POST" : "GET", random_chance(random, 5000) ? "images" : "articles",
               random_below(random, 5000), random_below(random, UINT32_MAX),
               random_below(random, 1 << 20), (unsigned)(key % 97));
  if (random_chance(random, 6000))
    draft_format(&draft, "Cookie: session=%016llx%016llx; theme=dark\r\n",
                 (unsigned long long)random_next(random), (unsigned long long)random_next(random));
  if (body) draft_format(&draft, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body);
  draft_format(&draft, "\r\n");
  draft_body(&draft, random, body);
  *ret_length = draft.length;
  return draft.bytes;
}

/* Many small answers, some pages, few large ones: about 4 kB on average. */
static size_t response_body(enum message_style style, struct random *random) {
  if (style == MESSAGE_SMALL) return 60 + random_below(random, 300);
  uint32_t kind = random_below(random, 100);
  if (kind < 20) return 0;
  if (kind < 70) return 100 + random_below(random, 1300);
  if (kind < 95) return 2000 + random_below(random, 10000);
  return 20000 + random_below(random, 40000);
}

static void draft_chunks(struct draft *draft, struct random *random, size_t body) {
  draft_format(draft, "Transfer-Encoding: chunked\r\n\r\n");
  while (body) {
    size_t chunk = body < CHUNK ? body : CHUNK;
    draft_format(draft, "%zx\r\n", chunk);
    draft_body(draft, random, chunk);
    draft_format(draft, "\r\n");
    body -= chunk;
  }
  draft_format(draft, "0\r\n\r\n");
}

uint8_t *message_response(enum message_style style, struct random *random, uint64_t key,
                          size_t body, size_t *ret_length) {
  struct draft draft = {.size = 0};
  if (style != MESSAGE_BULK) body = response_body(style, random);
  int not_modified = body == 0;
  draft_format(&draft,
               "HTTP/1.1 %s\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 %02u:%02u:%02u GMT\r\n",
               not_modified ? "304 Not Modified" : "200 OK", random_below(random, 24),
               random_below(random, 60), random_below(random, 60));
  if (style == MESSAGE_WEB)
    draft_format(&draft,
                 "Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT\r\nETag: \"%08x-%llx\"\r\n"
                 "Cache-Control: max-age=%u\r\nVary: Accept-Encoding\r\n",
                 random_below(random, UINT32_MAX), (unsigned long long)key,
                 random_below(random, 86400));
  if (not_modified) {
    draft_format(&draft, "\r\n");
  } else {
    draft_format(&draft, "Content-Type: text/html; charset=utf-8\r\n");
    if (style == MESSAGE_WEB && random_chance(random, 2000)) {
      draft_chunks(&draft, random, body);
    } else {
      draft_format(&draft, "Content-Length: %zu\r\n\r\n", body);
      draft_body(&draft, random, body);
    }
  }
  *ret_length = draft.length;
  return draft.bytes;
}
