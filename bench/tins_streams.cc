/* SPDX-License-Identifier: BSD-2-Clause */
/* libtins: tins_streams [--check] FILE. */
#include <tins/tcp_ip/stream_follower.h>
#include <tins/tins.h>

#include <cstring>
#include <memory>

#include "measure.h"

using Tins::TCPIP::Stream;

static struct measured measured;

struct Pair {
  struct digest digests[2] = {};
  ~Pair() { measured.digest += digest_finish(&digests[0]) + digest_finish(&digests[1]); }
};

static void take(const Stream::payload_type &payload, struct digest *digest) {
  measured.bytes += payload.size();
  if (digest) digest_add(digest, payload.data(), payload.size());
}

static void on_stream(Stream &stream) {
  measured.connections++;
  std::shared_ptr<Pair> pair;
  if (measured.checked) pair = std::make_shared<Pair>();
  stream.client_data_callback(
      [pair](Stream &s) { take(s.client_payload(), pair ? &pair->digests[0] : nullptr); });
  stream.server_data_callback(
      [pair](Stream &s) { take(s.server_payload(), pair ? &pair->digests[1] : nullptr); });
}

int main(int argc, char **argv) {
  measured.checked = argc == 3 && std::strcmp(argv[1], "--check") == 0;
  if (argc != 2 && !measured.checked) {
    std::fputs("usage: tins_streams [--check] FILE\n", stderr);
    return 1;
  }
  Tins::FileSniffer sniffer(argv[argc - 1]);
  {
    Tins::TCPIP::StreamFollower follower;
    follower.new_stream_callback(on_stream);
    sniffer.sniff_loop([&](Tins::Packet &packet) {
      measured.packets++;
      follower.process_packet(packet);
      return true;
    });
  }
  measured_print(&measured);
  return 0;
}
