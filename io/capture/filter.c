/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/filter.h"

#include "capture/fault.h"

#ifdef WEFT_HAVE_PCAP
#  include <pcap/pcap.h>
#  include <stdlib.h>
#  include <string.h>

#  include "capture/linktype.h"

/* Link types in one capture are few; hostile ones beyond this match nothing. */
#  define PROGRAMS_MAX 64

struct program {
  uint16_t linktype;
  int usable;
  struct bpf_program code;
};

struct filter {
  struct program programs[PROGRAMS_MAX];
  int count, usable, latest; /* latest: used by the frame before */
  char reason[PCAP_ERRBUF_SIZE];
  char expression[];
};

/* Compiles for one link type.  An expression that no frame of that type can
   match is an error to libpcap but a plain answer here. */
static int filter_compile(struct filter *filter, uint16_t linktype, struct bpf_program *ret) {
  pcap_t *dead = pcap_open_dead(linktype_to_dlt(linktype, DLT_RAW), 262144);
  if (!dead) {
    strcpy(filter->reason, "out of memory");
    return -1;
  }
  int rc = pcap_compile(dead, ret, filter->expression, 1, PCAP_NETMASK_UNKNOWN);
  if (rc != 0) {
    strncpy(filter->reason, pcap_geterr(dead), sizeof(filter->reason) - 1);
    if (strstr(filter->reason, "rejects all")) rc = 1;
  }
  pcap_close(dead);
  return rc;
}

/* Whether anything at all can be made of the expression.  Ethernet first: its
   error message is the one most people can use. */
static int filter_try(struct filter *filter, struct weft_error *reterr) {
  static const uint16_t tried[] = {LINKTYPE_LINUX_SLL, LINKTYPE_RAW,     127 /* 802.11, radiotap */,
                                   117 /* pflog */,    141 /* MTP2 */,   107 /* frame relay */,
                                   LINKTYPE_SUNATM,    LINKTYPE_ETHERNET};
  for (size_t i = sizeof(tried) / sizeof(tried[0]); i-- > 0;) {
    struct bpf_program code;
    char kept[PCAP_ERRBUF_SIZE];
    memcpy(kept, filter->reason, sizeof(kept));
    int rc = filter_compile(filter, tried[i], &code);
    if (rc == 0) pcap_freecode(&code);
    if (rc >= 0) return 0;
    if (tried[i] != LINKTYPE_ETHERNET) memcpy(filter->reason, kept, sizeof(kept));
  }
  return fault(reterr, WEFT_E_INVAL,
               "the filter expression '%s' does not compile: %s (see pcap-filter(7))",
               filter->expression, filter->reason);
}

int filter_new(const char *expression, struct filter **ret, struct weft_error *reterr) {
  size_t size = strlen(expression) + 1;
  struct filter *filter = calloc(1, sizeof(*filter) + size);
  if (!filter) return fault_memory(reterr, expression);
  memcpy(filter->expression, expression, size);
  int rc = filter_try(filter, reterr);
  if (rc < 0)
    filter_free(filter);
  else
    *ret = filter;
  return rc;
}

void filter_free(struct filter *filter) {
  for (int i = 0; filter && i < filter->count; i++)
    if (filter->programs[i].usable) pcap_freecode(&filter->programs[i].code);
  free(filter);
}

static const struct program *filter_program(struct filter *filter, uint16_t linktype) {
  if (filter->latest < filter->count && filter->programs[filter->latest].linktype == linktype)
    return &filter->programs[filter->latest];
  for (int i = 0; i < filter->count; i++)
    if (filter->programs[i].linktype == linktype) return &filter->programs[filter->latest = i];
  if (filter->count == PROGRAMS_MAX) return NULL;
  struct program *program = &filter->programs[filter->latest = filter->count++];
  program->linktype = linktype;
  int rc = filter_compile(filter, linktype, &program->code);
  program->usable = rc == 0;
  filter->usable += rc >= 0;
  return program;
}

int filter_apply(struct filter *filter, struct weft_frame *frames, int n) {
  int kept = 0;
  for (int i = 0; i < n; i++) {
    const struct program *program = filter_program(filter, frames[i].linktype);
    struct pcap_pkthdr header = {.caplen = frames[i].caplen, .len = frames[i].wirelen};
    if (program && program->usable && pcap_offline_filter(&program->code, &header, frames[i].data))
      frames[kept++] = frames[i];
  }
  return kept;
}

int filter_verdict(const struct filter *filter, struct weft_error *reterr) {
  if (filter->count == 0 || filter->usable) return 0;
  return fault(reterr, WEFT_E_INVAL,
               "the filter expression '%s' means nothing for link type %u, which this capture has: "
               "%s (see pcap-filter(7))",
               filter->expression, filter->programs[0].linktype, filter->reason);
}

#else

int filter_new(const char *expression, struct filter **ret, struct weft_error *reterr) {
  (void)ret;
  return fault(reterr, WEFT_E_NOTBUILT,
               "the filter expression '%s' cannot be used: this build has no libpcap", expression);
}

void filter_free(struct filter *filter) { (void)filter; }

int filter_apply(struct filter *filter, struct weft_frame *frames, int n) {
  (void)filter, (void)frames;
  return n;
}

int filter_verdict(const struct filter *filter, struct weft_error *reterr) {
  (void)filter, (void)reterr;
  return 0;
}

#endif
