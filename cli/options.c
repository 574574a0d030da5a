/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"
#include "args.h"

/* Every option, in the order help shows them.  A row without code begins a group. */
const struct option_info options_info[] = {
    {0, "Input", NULL, CMD_ALL, NULL},
    {'r', "read-file", "FILE", CMD_ALL,
     "capture file, directory or pattern of them, compressed or not, - for\n"
     "standard input; several are merged by time"},
    {'F', "follow", NULL, CMD_ALL, "the file grows: wait at its end, until interrupted"},
    {OPT_SORT_WINDOW, "sort-window", "TIME", CMD_ALL,
     "put frames in order that are out of it by up to so much"},
    {OPT_DEDUP, "dedup", "TIME", CMD_ALL, "leave out frames equal to one at most so long before"},
    {'i', "interface", "NAME", CMD_ALL, "capture live, until interrupted; -D lists the interfaces"},
    {'f', "filter", "EXPR", CMD_ALL,
     "only frames that match, as pcap-filter(7); so do trailing words"},
    {'c', "count", "N", CMD_ALL, "stop after N frames"},
    {'s', "snapshot-length", "BYTES", CMD_ALL, "live: take at most so much of a frame"},
    {'p', "no-promiscuous-mode", NULL, CMD_ALL, "live: only frames meant for this host"},
    {'D', "list-interfaces", NULL, CMD_ALL, "list the interfaces and end"},
    {'n', "no-resolve", NULL, CMD_ALL, "accepted for habit: names are never looked up"},

    {0, "Output", NULL, CMD_ALL, NULL},
    {'T', "format", "FORMAT", CMD_ALL, "text (default), ndjson, tsv or csv"},
    {'o', "output", "FILE", CMD_ALL, "write there instead of standard output"},
    {OPT_SEGMENTS, "segments", NULL, CMD_HTTP | CMD_OBJECTS,
     "list the frames each message came from"},
    {'e', "field", "NAME", CMD_HTTP,
     "a header field, as http.request.header.user_agent; repeatable"},
    {OPT_HEADERS, "headers", NULL, CMD_HTTP, "all header fields of both messages"},
    {OPT_BODIES, "bodies", "BYTES", CMD_HTTP, "the first so many bytes of each body, decoded"},
    {OPT_NO_REDACT, "no-redact", NULL, CMD_HTTP, "credentials among them as they are"},
    {OPT_DIGEST, "digest", NULL, CMD_CONNS, "SHA-256 of each direction's bytes"},
    {OPT_RAW, "raw", NULL, CMD_FOLLOW, "the bytes alone, as they were sent"},
    {OPT_HEX, "hex", NULL, CMD_FOLLOW, "as a hexadecimal dump"},
    {'d', "directory", "DIR", CMD_FOLLOW, "each direction of each connection into a file there"},
    {'d', "directory", "DIR", CMD_OBJECTS, "where the bodies go, with manifest.ndjson"},
    {OPT_TYPE, "type", "PATTERN", CMD_OBJECTS,
     "only bodies of that media type, such as 'image/*'; repeatable"},
    {OPT_MAX_SIZE, "max-size", "BYTES", CMD_OBJECTS, "no file larger than that"},
    {OPT_INCOMPLETE, "incomplete", NULL, CMD_OBJECTS, "what there is of incomplete bodies as well"},
    {OPT_FORCE, "force", NULL, CMD_OBJECTS, "replace files in a directory that is not empty"},
    {OPT_EXPLAIN, "explain", "WHICH", CMD_STATS,
     "instead of counting, walk that frame layer by layer; or those that\n"
     "count for a verdict, such as malformed, other or stray"},
    {'q', "quiet", NULL, CMD_ALL, "no progress and no remarks, only errors"},
    {'v', "verbose", NULL, CMD_ALL, "say more: http shows what each message was put together from"},

    {0, "Reassembly", NULL, CMD_ALL, NULL},
    {OPT_OVERLAP, "overlap", "POLICY", CMD_ALL,
     "who wins where copies differ: linux, linux-old, first, last, bsd,\n"
     "windows, solaris; NETWORK=POLICY for receivers there, repeatable"},
    {OPT_FRAGMENTS, "fragments", "POLICY", CMD_ALL,
     "same for IP fragments: linux (none: discarded), first, last, bsd,\n"
     "bsd-right, linux-old, windows, solaris"},
    {OPT_REALM, "realm", "WHICH", CMD_ALL,
     "tunnel: equal addresses in different tunnels are different hosts;\n"
     "none: they are the same"},
    {OPT_RECEIVER, "receiver", "MODE", CMD_ALL,
     "lenient or strict: as the receiving host would have it"},
    {OPT_CHECKSUM, "checksum", "WHICH", CMD_ALL,
     "drop segments with a wrong one: none, auto or all"},
    {OPT_URGENT, "urgent", "WHERE", CMD_ALL, "urgent byte: oob (not in the stream) or inline"},
    {OPT_DELIVER, "deliver", "WHEN", CMD_ALL, "arrival, or acked: once the receiver acknowledged"},
    {OPT_GAP_WAIT, "gap-wait", "TIME", CMD_ALL, "wait so long for missing bytes (10s)"},
    {OPT_IDLE_WAIT, "idle-wait", "TIME", CMD_ALL, "end silent connections (5m; live 2m); or never"},
    {OPT_IDLE_CHECK, "idle-check", "TIME", CMD_ALL, "live: look for them so often (1m)"},
    {OPT_CONNS_MAX, "conns-max", "N", CMD_ALL, "connections at once (1048576)"},
    {OPT_HELD_MAX, "held-max", "BYTES", CMD_ALL, "bytes held behind gaps, in all (256M)"},

    {0, "Help", NULL, CMD_ALL, NULL},
    {'h', "help", NULL, CMD_ALL, "this text"},
    {'V', "version", NULL, CMD_ALL, "the version"},
};
const size_t noptions_info = sizeof options_info / sizeof *options_info;

const struct command_info commands[NCOMMANDS] = {
    {CMD_HTTP, "http", "HTTP transactions, each with the time it took and the frames it came from",
     "weft http (-r FILE... | -i INTERFACE) [options] [filter expression]",
     "  weft http -r trace.pcapng\n"
     "  weft http -r trace.pcap -T ndjson | jq .http.response_time\n"
     "  weft http -r trace.pcap -T ndjson -e http.request.header.user_agent\n"
     "  weft http -r a.pcap -r b.pcap 'port 8080'\n"
     "  tcpdump -w - | weft http -r -\n"
     "  sudo weft http -i eth0 'tcp port 80'\n"},
    {CMD_CONNS, "conns", "TCP connections: bytes, gaps, retransmissions, handshake times",
     "weft conns (-r FILE... | -i INTERFACE) [options] [filter expression]",
     "  weft conns -r trace.pcap\n"
     "  weft conns -r trace.pcap -T ndjson --digest\n"},
    {CMD_FOLLOW, "follow", "the bytes of a connection, or of every one",
     "weft follow -r FILE [options] [N] [filter expression]",
     "  weft follow -r trace.pcap 3\n"
     "  weft follow -r trace.pcap --hex 3\n"
     "  weft follow -r trace.pcap -d out/\n"
     "  weft follow -r trace.pcap -T ndjson\n"},
    {CMD_OBJECTS, "objects", "HTTP bodies into files, decoded, with a manifest",
     "weft objects (-r FILE... | -i INTERFACE) -d DIR [options] [filter expression]",
     "  weft objects -r trace.pcap -d out/\n"
     "  weft objects -r trace.pcap -d out/ --type 'image/*' --max-size 10M\n"
     "  jq -r '[.file.name, .url.full] | @tsv' out/manifest.ndjson\n"},
    {CMD_STATS, "stats",
     "what was in the capture: frames, verdicts, streams, gaps, overlaps, drops",
     "weft stats (-r FILE... | -i INTERFACE) [options] [filter expression]",
     "  weft stats -r trace.pcap\n"
     "  weft stats -r trace.pcap -T ndjson\n"
     "  weft stats -r trace.pcap --explain 12\n"
     "  weft stats -r trace.pcap --explain malformed\n"},
};

const char *const format_names[] = {"text", "ndjson", "tsv", "csv", NULL};
