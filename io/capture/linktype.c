/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/linktype.h"

#include <stddef.h>

/* DLT_ values below 100 that systems disagree on, and what they stand for. */
static const struct {
  uint16_t dlt, linktype;
} historic[] = {
    {11, LINKTYPE_ATM_RFC1483},
    {12, LINKTYPE_RAW}, /* most systems */
    {14, LINKTYPE_RAW}, /* OpenBSD */
    {19, LINKTYPE_ATM_CLIP},
};

uint16_t linktype_of(uint16_t number) {
  for (size_t i = 0; i < sizeof(historic) / sizeof(historic[0]); i++)
    if (historic[i].dlt == number) return historic[i].linktype;
  return number;
}

int linktype_to_dlt(uint16_t linktype, int raw) {
  switch (linktype) {
  case LINKTYPE_RAW: return raw;
  case LINKTYPE_ATM_RFC1483: return 11;
  case LINKTYPE_ATM_CLIP: return 19;
  default: return linktype;
  }
}
