/* SPDX-License-Identifier: BSD-2-Clause */
/* libnids: nids_streams [--check] CONNECTIONS FILE; it wants its table's size beforehand. */
#include <nids.h>

#include "measure.h"

struct stream_pair {
  struct digest digests[2];
};

static struct measured measured;

static void take(struct half_stream *half, struct digest *digest) {
  if (half->count_new == 0) return;
  measured.bytes += (uint64_t)half->count_new;
  if (digest) digest_add(digest, half->data, (size_t)half->count_new);
}

static void on_tcp(struct tcp_stream *tcp, void **param) {
  struct stream_pair *pair = *param;
  switch (tcp->nids_state) {
  case NIDS_JUST_EST:
    tcp->client.collect = tcp->server.collect = 1;
    measured.connections++;
    if (measured.checked) *param = calloc(1, sizeof *pair);
    return;
  case NIDS_DATA:
    take(&tcp->client, pair ? &pair->digests[0] : NULL);
    take(&tcp->server, pair ? &pair->digests[1] : NULL);
    return;
  default:
    if (pair == NULL) return;
    measured.digest += digest_finish(&pair->digests[0]) + digest_finish(&pair->digests[1]);
    free(pair);
    *param = NULL;
  }
}

static void quiet(void) {}

int main(int argc, char **argv) {
  static struct nids_chksum_ctl no_checksums = {0, 0, NIDS_DONT_CHKSUM, 0};
  measured.checked = argc == 4 && strcmp(argv[1], "--check") == 0;
  if (argc != 3 && !measured.checked) {
    fputs("usage: nids_streams [--check] CONNECTIONS FILE\n", stderr);
    return 1;
  }
  /* It gives up connections beyond three quarters of this. */
  nids_params.n_tcp_streams = (int)(strtol(argv[argc - 2], NULL, 10) * 3 / 2 + 1024);
  nids_params.filename = argv[argc - 1];
  nids_params.scan_num_hosts = 0;
  nids_params.syslog = quiet;
  nids_params.pcap_filter = NULL;
  nids_params.multiproc = 0;
  if (!nids_init()) {
    fprintf(stderr, "nids_streams: %s\n", nids_errbuf);
    return 1;
  }
  nids_register_chksum_ctl(&no_checksums, 1);
  nids_register_tcp(on_tcp);
  nids_run();
  nids_exit();
  measured_print(&measured);
  return 0;
}
