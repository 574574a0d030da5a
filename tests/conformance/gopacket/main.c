/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gopacket.h"

/*
 * Plays scenarios, read from standard input as gopacket_vectors.py writes
 * them, and prints what each step caused: one JSON object a step, one line
 * "end" a scenario.  Words are separated by blanks; "-" stands for nothing.
 *
 *     S api half all accept missing force after keep n on_end complete capture fetch
 *     P t source target seq flags window keep options payload
 *     F t idle
 *     A
 *     E
 */

/* ---- printing ------------------------------------------------------- */

void print_event(struct adapter *a, const char *kind, const struct stream *stream) {
  printf("%s{\"ev\":\"%s\",\"stream\":%d", a->events++ ? "," : "", kind, stream->number);
}

void print_rule(struct adapter *a, const char *rule) {
  printf("%s{\"ev\":\"rule\",\"rule\":\"%s\"}", a->events++ ? "," : "", rule);
}

void print_hex(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", bytes[i]);
}

void print_time(const struct weft_mark *mark) {
  if (mark->frame)
    printf("%lld", (long long)(mark->time / 1000));
  else
    printf("null");
}

/* ---- reading -------------------------------------------------------- */

static void fail(const char *what) {
  fprintf(stderr, "gopacket: %s\n", what);
  exit(2);
}

static char *word(void) {
  char *text = strtok(NULL, " \n");
  if (!text) fail("a line is too short");
  return text;
}

static long long number(void) {
  char *end, *text = word();
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno || *end) fail("not a number");
  return value;
}

static size_t unhex(const char *text, uint8_t *ret, size_t room) {
  size_t n = 0;
  if (!strcmp(text, "-")) return 0;
  for (; text[0] && text[1]; text += 2) {
    char pair[3] = {text[0], text[1], 0};
    if (n == room) fail("too many bytes");
    ret[n++] = (uint8_t)strtoul(pair, NULL, 16);
  }
  return n;
}

static int numbers(long *ret) {
  char *text = word();
  int n = 0;
  if (!strcmp(text, "-")) return 0;
  for (;;) {
    if (n == PROBES_MAX) fail("too many probes");
    ret[n++] = strtol(text, &text, 10);
    if (*text++ != ',') return n;
  }
}

static void read_rules(struct rules *rules) {
  *rules = (struct rules){0};
  rules->api = (enum api)number();
  rules->pages_half_max = (long)number();
  rules->pages_all_max = (long)number();
  rules->accept = (enum accept_rule)number();
  rules->missing_establishment = (int)number();
  rules->force_start = (int)number();
  rules->force_after = (long)number();
  rules->keep = (enum keep_rule)number();
  rules->keep_n = (uint64_t)number();
  rules->keep_on_end = (int)number();
  rules->complete_returns = (int)number();
  rules->ncapture = numbers(rules->capture);
  rules->nfetch = numbers(rules->fetch);
}

static const char *read_endpoint(struct weft_endpoint *ret) {
  static char copies[2][WEFT_ENDPOINT_STRLEN];
  static int turn;
  char *text = word(), *colon = strrchr(text, ':'), *copy = copies[turn ^= 1];
  snprintf(copy, WEFT_ENDPOINT_STRLEN, "%s", text);
  if (!colon) fail("no port");
  *colon = 0;
  *ret = (struct weft_endpoint){.port = (uint16_t)strtoul(colon + 1, NULL, 10)};
  if (weft_address_parse(text, ret->address)) fail("no address");
  return copy;
}

static void read_options(struct packet *p) {
  char *text = word();
  p->noptions = 0;
  while (*text && *text != '-') {
    struct option *option = &p->options[p->noptions++];
    if (p->noptions > OPTIONS_MAX) fail("too many options");
    option->kind = (uint8_t)strtoul(text, &text, 10);
    size_t length = strcspn(++text, ",");
    char data[2 * sizeof option->data + 1];
    snprintf(data, sizeof data, "%.*s", (int)length, text);
    option->length = (uint8_t)unhex(data, option->data, sizeof option->data);
    text += length;
    if (*text == ',') text++;
  }
}

static void read_packet(struct packet *p, uint8_t *payload, size_t room) {
  p->t = number();
  p->source_text = read_endpoint(&p->source);
  p->target_text = read_endpoint(&p->target);
  p->seq = (uint32_t)number();
  p->flags = (uint8_t)number();
  p->window = (uint16_t)number();
  p->keep = (long)number();
  read_options(p);
  p->payload = payload + 1;
  p->length = (uint32_t)unhex(word(), payload + 1, room - 1);
}

static int64_t read_time(void) {
  char *text = word();
  return strcmp(text, "-") ? strtoll(text, NULL, 10) : WEFT_TIME_NONE;
}

/* ---- playing -------------------------------------------------------- */

static void step_begin(struct adapter *a) {
  a->step++;
  a->events = 0;
  printf("{\"events\":[");
}

static void step_end(struct adapter *a) {
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(a->engine, &stats);
  printf(",\"pages\":%ld,\"conns\":%llu}\n", adapter_pages(a),
         (unsigned long long)stats.conns_open);
}

static void play(struct adapter *a, char kind) {
  static uint8_t payload[1 << 16];
  struct packet packet;
  step_begin(a);
  switch (kind) {
  case 'P':
    read_packet(&packet, payload, sizeof payload);
    adapter_assemble(a, &packet);
    printf("]");
    break;
  case 'F': {
    int64_t t = read_time(), idle = read_time();
    adapter_flush(a, t, idle);
    printf("],\"flushed\":%ld,\"closed\":%ld", a->flush_touched, a->flush_closed);
    break;
  }
  case 'A':
    adapter_flush_all(a);
    printf("],\"closed\":%ld", a->flush_closed);
    break;
  default: fail("what step is that?");
  }
  step_end(a);
}

int main(void) {
  static char line[1 << 18];
  static struct adapter adapter;
  struct rules rules;
  int open = 0;
  while (fgets(line, sizeof line, stdin)) {
    char *kind = strtok(line, " \n");
    if (!kind) continue;
    if (*kind == 'S') {
      read_rules(&rules);
      if (adapter_open(&adapter, &rules)) fail("no engine");
      open = 1;
    } else if (*kind == 'E') {
      adapter_close(&adapter);
      printf("end\n");
      open = 0;
    } else if (open) {
      play(&adapter, *kind);
    }
  }
  return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
