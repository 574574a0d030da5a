/* SPDX-License-Identifier: BSD-2-Clause */
/* What libpcap alone takes: a loop that looks at no packet. */
#include <pcap/pcap.h>

#include "measure.h"

static void count(u_char *user, const struct pcap_pkthdr *header, const u_char *frame) {
  (void)header, (void)frame;
  ((struct measured *)(void *)user)->packets++;
}

int main(int argc, char **argv) {
  char error[PCAP_ERRBUF_SIZE] = "usage: floor_pcap FILE";
  struct measured m = {0};
  pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
  if (pcap == NULL || pcap_loop(pcap, -1, count, (u_char *)&m) != 0) {
    fprintf(stderr, "floor_pcap: %s\n", error);
    return 1;
  }
  pcap_close(pcap);
  measured_print(&m);
  return 0;
}
