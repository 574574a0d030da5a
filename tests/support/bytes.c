/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

#define RUN_MIN 9

static size_t run_length(const uint8_t *data, size_t length) {
  size_t n = 1;
  while (n < length && data[n] == data[0]) n++;
  return n;
}

static char *put_byte(char *at, uint8_t byte) {
  if (byte == '\n') return at + sprintf(at, "\\n");
  if (byte == '\r') return at + sprintf(at, "\\r");
  if (byte == '"' || byte == '\\') return at + sprintf(at, "\\%c", byte);
  if (isprint(byte)) return at + sprintf(at, "%c", byte);
  return at + sprintf(at, "\\x%02x", byte);
}

/* Bytes up to the next long run, or that run. */
static char *put_piece(char *at, const uint8_t *data, size_t length, size_t *ret_used) {
  size_t run = run_length(data, length), used = 0;
  *at++ = '"';
  if (run >= RUN_MIN) {
    at = put_byte(at, data[0]);
    *ret_used = run;
    return at + sprintf(at, "\"*%zu", run);
  }
  while (used < length && run_length(data + used, length - used) < RUN_MIN)
    at = put_byte(at, data[used++]);
  *at++ = '"';
  *ret_used = used;
  return at;
}

char *test_bytes_format(const uint8_t *data, size_t length) {
  char *text = malloc(length * 8 + 64), *at = text;
  if (!text) abort();
  if (!length) at += sprintf(at, "\"\"");
  for (size_t done = 0, used = 0; done < length; done += used) {
    if (done) *at++ = '+';
    at = put_piece(at, data + done, length - done, &used);
  }
  *at = '\0';
  return text;
}

/* One byte as written between quotes; moves *text past it, -1 when it is none. */
static int get_byte(const char **text) {
  const char *t = *text;
  if (!*t || *t == '"') return -1;
  if (*t != '\\') return (uint8_t) * (*text)++;
  *text += 2;
  switch (t[1]) {
  case 'n': return '\n';
  case 'r': return '\r';
  case '"':
  case '\\': return t[1];
  case 'x': {
    char hex[3] = {t[2], t[2] ? t[3] : '\0', '\0'}, *end;
    long v = strtol(hex, &end, 16);
    *text += 2;
    return end == hex + 2 ? (int)v : -1;
  }
  default: return -1;
  }
}

static long get_piece(const char **text, uint8_t *ret, size_t room) {
  size_t n = 0;
  if (*(*text)++ != '"') return -1;
  while (**text && **text != '"') {
    int byte = get_byte(text);
    if (byte < 0 || n == room) return -1;
    ret[n++] = (uint8_t)byte;
  }
  if (*(*text)++ != '"') return -1;
  if (**text != '*') return (long)n;
  char *end;
  size_t times = strtoul(*text + 1, &end, 10);
  if (end == *text + 1 || n != 1 || times > room) return -1;
  memset(ret, ret[0], times);
  *text = end;
  return (long)times;
}

long test_bytes_parse(const char **text, uint8_t *ret, size_t room) {
  size_t length = 0;
  for (;;) {
    long n = get_piece(text, ret + length, room - length);
    if (n < 0) return -1;
    length += (size_t)n;
    if (**text != '+') return (long)length;
    ++*text;
  }
}
