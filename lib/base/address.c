/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/base.h>

#include <string.h>

/*
 * Addresses as text.  Written as RFC 5952 recommends; read in any form of
 * RFC 4291 section 2.2, or as four decimal numbers.
 */

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static int address_is_mapped(const uint8_t address[16]) { return !memcmp(address, mapped, 12); }

static char *decimal_write(char *text, unsigned value) {
  char digits[5];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
  } while ((value /= 10) != 0);
  while (n > 0) *text++ = digits[--n];
  return text;
}

static char *ipv4_write(char *text, const uint8_t *address) {
  for (int i = 0; i < 4; i++) {
    if (i > 0) *text++ = '.';
    text = decimal_write(text, address[i]);
  }
  return text;
}

static unsigned group(const uint8_t address[16], int i) {
  return (unsigned)address[2 * i] << 8 | address[2 * i + 1];
}

static char *group_write(char *text, unsigned value) {
  for (int shift = 12; shift >= 0; shift -= 4)
    if (value >> shift != 0 || shift == 0) *text++ = "0123456789abcdef"[value >> shift & 15];
  return text;
}

/* The longest run of at least two zero groups, the first of equals (RFC 5952
   sections 4.2.2 and 4.2.3); its length, 0 when there is none. */
static int zeros_find(const uint8_t address[16], int *ret_start) {
  int best = 1;
  for (int start = 0; start < 8; start++) {
    int end = start;
    while (end < 8 && group(address, end) == 0) end++;
    if (end - start > best) {
      best = end - start;
      *ret_start = start;
    }
  }
  return best > 1 ? best : 0;
}

static char *ipv6_write(char *text, const uint8_t address[16]) {
  int start = 8, length = zeros_find(address, &start);
  for (int i = 0; i < 8; i++) {
    if (length > 0 && i == start) {
      *text++ = ':';
      *text++ = ':';
      i += length - 1;
      continue;
    }
    if (i > 0 && text[-1] != ':') *text++ = ':';
    text = group_write(text, group(address, i));
  }
  return text;
}

static char *address_write(char *text, const uint8_t address[16]) {
  return address_is_mapped(address) ? ipv4_write(text, address + 12) : ipv6_write(text, address);
}

char *weft_address_format(const uint8_t address[16], char text[WEFT_ENDPOINT_STRLEN]) {
  *address_write(text, address) = '\0';
  return text;
}

char *weft_endpoint_format(const struct weft_endpoint *endpoint, char text[WEFT_ENDPOINT_STRLEN]) {
  char *end = text;
  int brackets = !address_is_mapped(endpoint->address);
  if (brackets) *end++ = '[';
  end = address_write(end, endpoint->address);
  if (brackets) *end++ = ']';
  *end++ = ':';
  *decimal_write(end, endpoint->port) = '\0';
  return text;
}

/* Four numbers up to 255 without leading zeros, which some would read as
   octal, and the end. */
static int ipv4_read(const char *text, uint8_t ret[4]) {
  for (int i = 0; i < 4; i++) {
    unsigned value = 0, digits = 0;
    if (i > 0 && *text++ != '.') return WEFT_E_INVAL;
    for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++) {
      if (digits == 1 && value == 0) return WEFT_E_INVAL;
      value = value * 10 + (unsigned)(*text - '0');
    }
    if (digits == 0 || value > 255) return WEFT_E_INVAL;
    ret[i] = (uint8_t)value;
  }
  return *text == '\0' ? 0 : WEFT_E_INVAL;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to four hexadecimal digits; how many, 0 for none or too many. */
static int group_read(const char *text, unsigned *ret) {
  int digits = 0;
  unsigned value = 0;
  for (; hex_digit(text[digits]) >= 0; digits++) {
    if (digits == 4) return 0;
    value = value << 4 | (unsigned)hex_digit(text[digits]);
  }
  *ret = value;
  return digits;
}

/* Groups up to "::" or the end, into `ret`, at most `nmax` bytes: how many
   bytes, or WEFT_E_INVAL.  The last two groups may be an IPv4 address. */
static int groups_read(const char **text, uint8_t *ret, int nmax) {
  int n = 0;
  for (const char *at = *text;; at++) {
    unsigned value;
    if (n + 4 <= nmax && strchr(at, ':') == NULL && ipv4_read(at, ret + n) == 0) {
      *text = at + strlen(at);
      return n + 4;
    }
    int digits = group_read(at, &value);
    if (digits == 0 || n + 2 > nmax) return WEFT_E_INVAL;
    ret[n++] = (uint8_t)(value >> 8);
    ret[n++] = (uint8_t)value;
    at += digits;
    if (*at == '\0' || (at[0] == ':' && at[1] == ':')) {
      *text = at;
      return n;
    }
    if (*at != ':') return WEFT_E_INVAL;
  }
}

static int ipv6_read(const char *text, uint8_t ret[16]) {
  uint8_t head[16], tail[16];
  int nhead = 0, ntail = 0;
  if (strncmp(text, "::", 2) != 0 && (nhead = groups_read(&text, head, 16)) < 0)
    return WEFT_E_INVAL;
  if (*text == '\0') {
    if (nhead != 16) return WEFT_E_INVAL;
    memcpy(ret, head, 16);
    return 0;
  }
  text += 2;
  /* "::" stands for one group at least. */
  if (*text != '\0' && (ntail = groups_read(&text, tail, 14 - nhead)) < 0) return WEFT_E_INVAL;
  if (*text != '\0' || nhead + ntail > 14) return WEFT_E_INVAL;
  memset(ret, 0, 16);
  memcpy(ret, head, (size_t)nhead);
  memcpy(ret + 16 - ntail, tail, (size_t)ntail);
  return 0;
}

int weft_address_parse(const char *text, uint8_t ret[16]) {
  uint8_t address[4];
  if (strchr(text, ':')) return ipv6_read(text, ret);
  if (ipv4_read(text, address) != 0) return WEFT_E_INVAL;
  memcpy(ret, mapped, 12);
  memcpy(ret + 12, address, 4);
  return 0;
}
