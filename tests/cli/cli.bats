#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What a user of the command relies on.  WEFT is the command; bundled captures are beside.

bats_require_minimum_version 1.5.0
load json

setup() {
  cd "$BATS_TEST_DIRNAME/../captures" || return
  work=$BATS_TEST_TMPDIR
}

# status_of COMMAND...: its exit status in $status, its output in $work/out and $work/err.
status_of() {
  status=0
  "$@" >"$work/out" 2>"$work/err" || status=$?
}

errors_say() {
  grep -qF -- "$1" "$work/err" || { cat "$work/err"; return 1; }
}

output_says() {
  grep -qF -- "$1" "$work/out" || { cat "$work/out"; return 1; }
}

# On a terminal of so many columns: `script` gives the command one.
on_terminal() {
  script -qec "stty cols $1 rows 24; $2" /dev/null </dev/null
}

# ---- usage ----

@test "help of the command and of each subcommand goes to standard output" {
  for command in http conns follow objects stats; do
    status_of "$WEFT" $command --help
    [ "$status" -eq 0 ]
    output_says "Usage: weft $command"
    [ ! -s "$work/err" ]
    status_of "$WEFT" help $command
    output_says "Usage: weft $command"
  done
  status_of "$WEFT" --help
  [ "$status" -eq 0 ]
  output_says "Usage: weft COMMAND"
}

@test "help lines fit eighty columns and a bit" {
  for command in http conns follow objects stats; do
    [ "$("$WEFT" $command --help | awk '{ if (length > n) n = length } END { print n }')" -le 100 ]
  done
}

@test "the version is that of the header" {
  expected=$(awk '/define WEFT_VERSION_(MAJOR|MINOR|PATCH) /{ printf s $3; s = "." }' \
    ../../include/weft/version.h)
  [ "$("$WEFT" --version)" = "weft $expected" ]
  [ "$("$WEFT" http -V)" = "weft $expected" ]
}

@test "no arguments: help on standard error, status 1" {
  status_of "$WEFT"
  [ "$status" -eq 1 ]
  errors_say "Usage: weft COMMAND"
  [ ! -s "$work/out" ]
}

@test "a mistyped subcommand gets a suggestion" {
  status_of "$WEFT" htpt -r keepalive.pcap
  [ "$status" -eq 1 ]
  errors_say "no such command: 'htpt'; did you mean 'http'?"
}

@test "a mistyped option gets a suggestion" {
  status_of "$WEFT" http --read-flie keepalive.pcap
  [ "$status" -eq 1 ]
  errors_say "no such option: --read-flie; did you mean --read-file?"
}

@test "a mistyped choice gets a suggestion" {
  status_of "$WEFT" http -r keepalive.pcap -T ndjosn
  [ "$status" -eq 1 ]
  errors_say "did you mean 'ndjson'?"
  status_of "$WEFT" http -r keepalive.pcap --overlap windos
  errors_say "did you mean 'windows'?"
}

@test "an option of another subcommand says where it belongs" {
  status_of "$WEFT" http -r keepalive.pcap --digest
  [ "$status" -eq 1 ]
  errors_say "--digest belongs to 'weft conns'"
}

@test "an option before the subcommand says that it comes first" {
  status_of "$WEFT" -r keepalive.pcap
  [ "$status" -eq 1 ]
  errors_say "the command comes first, as in 'weft http -r ...'"
}

@test "a missing value names its option" {
  status_of "$WEFT" http -r
  [ "$status" -eq 1 ]
  errors_say "-r, --read-file needs a value: FILE"
}

@test "no input, or two kinds of it, is a usage error" {
  status_of "$WEFT" http
  [ "$status" -eq 1 ]
  errors_say "nothing to read"
  status_of "$WEFT" http -r keepalive.pcap -i lo
  [ "$status" -eq 1 ]
}

@test "times, sizes and networks that are none are usage errors" {
  for option in --gap-wait=soon --gap-wait=0 --gap-wait=1.5y --idle-wait=-3 --held-max=12q -c0 \
    -cx --conns-max=0 --overlap=10.0.0.0/33=bsd --overlap=10.0.0.0/8=bds --overlap=x/8=bsd; do
    status_of "$WEFT" http -r keepalive.pcap "$option"
    [ "$status" -eq 1 ] || { echo "$option: $status"; return 1; }
    errors_say "Try 'weft http --help'."
  done
}

@test "times, sizes and networks as documented are taken" {
  status_of "$WEFT" http -r keepalive.pcap --gap-wait 1.5s --idle-wait never --idle-check 500ms \
    --held-max 64M --conns-max 10 --overlap bsd --overlap 10.0.0.0/8=windows \
    --overlap 2001:db8::/32=first --overlap 192.0.2.1=last --receiver lenient --checksum auto \
    --urgent inline --deliver arrival -n -q
  [ "$status" -eq 0 ] || { cat "$work/err"; return 1; }
}

# ---- input ----

@test "a file that is not there: status 2, and the message names it" {
  status_of "$WEFT" http -r nowhere.pcap
  [ "$status" -eq 2 ]
  errors_say "nowhere.pcap"
  [ ! -s "$work/out" ]
}

@test "a file that is no capture: status 2, and the message names it" {
  status_of "$WEFT" http -r README.md
  [ "$status" -eq 2 ]
  errors_say "README.md"
}

@test "a file cut inside a record: status 3, and all before it is used" {
  head -c 4000 keepalive.pcap >"$work/cut.pcap"
  status_of "$WEFT" stats -r "$work/cut.pcap" -T ndjson
  [ "$status" -eq 3 ]
  errors_say "cut.pcap"
  json "$work/out" 'x["frames"]["used"] > 3'
}

@test "a filter that does not compile: status 1" {
  status_of "$WEFT" http -r keepalive.pcap 'port and'
  [ "$status" -eq 1 ]
  [ -s "$work/err" ]
}

@test "-f and trailing words filter together" {
  all=$("$WEFT" stats -r keepalive.pcap -T ndjson |
    python3 -c 'import json; print(json.loads(input())["frames"]["used"])')
  "$WEFT" stats -r keepalive.pcap -T ndjson -f tcp src port 80 >"$work/some"
  json "$work/some" "0 < x['frames']['used'] < $all == x['frames']['read']"
  "$WEFT" stats -r keepalive.pcap -T ndjson -f udp src port 80 >"$work/none"
  json "$work/none" 'x["frames"]["used"] == 0'
}

@test "-c stops after so many frames" {
  "$WEFT" stats -r keepalive.pcap -T ndjson -c 5 >"$work/out"
  json "$work/out" 'x["frames"]["used"] == 5'
}

@test "standard input gives what the file gives" {
  "$WEFT" http -r keepalive.pcap -T ndjson >"$work/file"
  "$WEFT" http -r - -T ndjson <keepalive.pcap >"$work/redirected"
  tail -c +1 keepalive.pcap | "$WEFT" http -r - -T ndjson >"$work/piped"
  [ -s "$work/file" ]
  cmp "$work/file" "$work/redirected"
  cmp "$work/file" "$work/piped"
}

@test "a file twice is merged in time order" {
  "$WEFT" stats -r keepalive.pcap -r pipelined.pcap -T ndjson >"$work/out"
  json "$work/out" 'x["frames"]["time_backwards"] == 0'
}

# ---- output ----

@test "two runs give the same bytes, in every subcommand and format" {
  for command in http conns 'conns --digest' stats 'follow -T ndjson' 'http --segments'; do
    for format in text ndjson tsv csv; do
      case $command in follow*) [ $format = text ] && continue ;; esac
      # shellcheck disable=SC2086
      "$WEFT" $command -r many.pcapng -T $format >"$work/one"
      # shellcheck disable=SC2086
      "$WEFT" $command -r many.pcapng -T $format >"$work/two"
      [ -s "$work/one" ]
      cmp "$work/one" "$work/two"
    done
  done
}

@test "every line of NDJSON is valid, of every capture" {
  for file in *.pcap *.pcapng; do
    for command in 'http --segments' 'conns --digest' follow stats; do
      # shellcheck disable=SC2086
      "$WEFT" $command -r "$file" -T ndjson >"$work/out"
      json "$work/out" 'isinstance(x, dict)'
    done
  done
}

@test "TSV and CSV have the fields of NDJSON" {
  "$WEFT" http -r many.pcapng -T ndjson --segments >"$work/ndjson"
  "$WEFT" http -r many.pcapng -T tsv --segments >"$work/tsv"
  "$WEFT" http -r many.pcapng -T csv --segments >"$work/csv"
  python3 - "$work" <<'END'
import csv, json, sys
def flat(x, name=""):
    for key, value in x.items():
        if isinstance(value, dict): yield from flat(value, name + key + ".")
        elif isinstance(value, list): yield name + key, " ".join("%d:%d" % tuple(p) for p in value)
        elif value is True: yield name + key, "true"
        elif not isinstance(value, float): yield name + key, str(value)
work = sys.argv[1]
objects = [dict(flat(json.loads(line))) for line in open(work + "/ndjson", encoding="utf-8")]
tsv = list(csv.DictReader(open(work + "/tsv", encoding="utf-8", newline=""), delimiter="\t",
                          quoting=csv.QUOTE_NONE))
rows = list(csv.DictReader(open(work + "/csv", encoding="utf-8", newline="")))
assert len(objects) == len(rows) == len(tsv) > 0
assert rows == tsv
for x, row in zip(objects, rows):
    for name, value in x.items():
        assert row[name] == value, (name, value, row[name])
END
}

@test "-o writes a file, and nothing to standard output" {
  "$WEFT" http -r keepalive.pcap -T ndjson >"$work/expected"
  status_of "$WEFT" http -r keepalive.pcap -T ndjson -o "$work/there"
  [ "$status" -eq 0 ]
  [ ! -s "$work/out" ]
  cmp "$work/expected" "$work/there"
}

@test "an output that cannot be written: status 4, and the message names it" {
  for command in http conns stats 'follow -T ndjson'; do
    # shellcheck disable=SC2086
    status_of "$WEFT" $command -r keepalive.pcap -o /dev/full
    [ "$status" -eq 4 ]
    errors_say "/dev/full: cannot be written"
    # shellcheck disable=SC2086
    status_of "$WEFT" $command -r keepalive.pcap -o "$work/no/such/folder"
    [ "$status" -eq 4 ]
  done
}

@test "a failed open of the input leaves the output file alone" {
  echo precious >"$work/there"
  status_of "$WEFT" http -r nowhere.pcap -o "$work/there"
  [ "$(cat "$work/there")" = precious ]
}

@test "a reader that goes away ends it quietly with status 0" {
  for way in '-T ndjson' --raw; do
    # shellcheck disable=SC2086
    { "$WEFT" follow -r small-segments.pcap $way 1 2>"$work/err"; echo $? >"$work/status"; } |
      head -c 100 >/dev/null
    [ "$(cat "$work/status")" -eq 0 ]
    [ ! -s "$work/err" ]
  done
}

@test "no escape sequences where there is no terminal" {
  for command in http conns stats 'follow 1'; do
    # shellcheck disable=SC2086
    "$WEFT" $command -r keepalive.pcap >"$work/out"
    run ! grep -q "$(printf '\033')" "$work/out"
  done
}

@test "colour on a terminal, unless NO_COLOR is set" {
  command -v script >/dev/null || skip 'no script(1) here'
  unset NO_COLOR
  TERM=xterm on_terminal 100 "$WEFT http -r keepalive.pcap" >"$work/out"
  grep -q "$(printf '\033\\[32m')" "$work/out"
  NO_COLOR=1 TERM=xterm on_terminal 100 "$WEFT http -r keepalive.pcap" >"$work/out"
  [ -s "$work/out" ]
  run ! grep -q "$(printf '\033')" "$work/out"
}

@test "the table fits the terminal" {
  command -v script >/dev/null || skip 'no script(1) here'
  for columns in 60 80 120 200; do
    NO_COLOR=1 on_terminal $columns "$WEFT http -r many.pcapng" | tr -d '\r' >"$work/out"
    [ "$(wc -l <"$work/out")" -gt 2 ]
    [ "$(LC_ALL=C.UTF-8 awk '{ if (length > n) n = length } END { print n }' "$work/out")" \
      -le $columns ]
  done
}

@test "every line of the table elsewhere has eleven fields" {
  for file in *.pcap *.pcapng; do
    "$WEFT" http -r "$file" | awk 'NF != 11 { print; bad = 1 } END { exit bad }'
  done
}

# ---- what they say about the same input ----

@test "digests of conns are those of the files follow writes" {
  for file in keepalive.pcap many.pcapng chunked.pcap; do
    rm -rf "$work/streams"
    "$WEFT" follow -r "$file" -d "$work/streams"
    "$WEFT" conns -r "$file" -T ndjson --digest >"$work/conns"
    python3 - "$work" <<'END'
import hashlib, json, os, sys
work, files = sys.argv[1], 0
names = os.listdir(work + "/streams")
for line in open(work + "/conns"):
    x = json.loads(line)
    for side in "client", "server":
        if x[side]["bytes"] == 0: continue
        name, = [n for n in names if n.startswith("%06d-%s-" % (x["connection"]["id"], side))]
        data = open(work + "/streams/" + name, "rb").read()
        assert len(data) == x[side]["bytes"]
        assert hashlib.sha256(data).hexdigest() == x[side]["sha256"], name
        files += 1
assert files == len(names) > 0
END
  done
}

@test "follow's objects hold the bytes that --raw writes" {
  "$WEFT" follow -r chunked.pcap --raw 1 >"$work/raw"
  "$WEFT" follow -r chunked.pcap -T ndjson 1 >"$work/events"
  python3 - "$work" <<'END'
import base64, json, sys
work, data = sys.argv[1], b""
for line in open(work + "/events"):
    x = json.loads(line)
    if x["event"] != "data": continue
    piece = base64.b64decode(x["data"])
    assert len(piece) == x["length"] == sum(n for _, n in x["segments"])
    data += piece
assert data == open(work + "/raw", "rb").read() != b""
END
}

@test "segments add up to the bytes of their message" {
  for file in *.pcap *.pcapng; do
    "$WEFT" http -r "$file" -T ndjson --segments >"$work/out"
    json "$work/out" 'all(sum(n for _, n in m["segments"]) == m["bytes"] and
      len(set(f for f, _ in m["segments"])) in (m["frames"]["count"], m["frames"]["count"] - 1)
      for m in (x["http"].get("request"), x["http"].get("response")) if m)'
  done
}

@test "follow of a connection that is not there says how many there are" {
  status_of "$WEFT" follow -r keepalive.pcap 999
  [ "$status" -eq 1 ]
  errors_say "there is no connection 999"
}

@test "follow tells the directions apart" {
  "$WEFT" follow -r keepalive.pcap 1 >"$work/out"
  grep -q '^> GET ' "$work/out"
  grep -q '^< HTTP/1.1 200 ' "$work/out"
  "$WEFT" follow -r keepalive.pcap --hex 1 >"$work/out"
  grep -q '^> 00000000  47 45 54 20 .*  GET ' "$work/out"
}

@test "follow -d opens many files with few descriptors" {
  (ulimit -n 100 && "$WEFT" follow -r many.pcapng -d "$work/streams")
  [ "$(find "$work/streams" -type f | wc -l)" -gt 0 ]
}

@test "the body of 300109 bytes comes back in about 200 segments" {
  "$WEFT" http -v -r small-segments.pcap >"$work/out"
  grep -Eq '^  response in frame [0-9]+: 2[0-9][0-9] segments, 300[0-9]{3} bytes: #' "$work/out"
}

@test "stats --explain walks a frame layer by layer" {
  "$WEFT" stats -r keepalive.pcap --explain 4 >"$work/out"
  output_says "frame 4, link type 1"
  output_says "ethernet"
  output_says "tcp"
  grep -q '^segment: .* bytes at offset ' "$work/out"
}

@test "stats --explain gives each layer a record, the last one with the verdict" {
  "$WEFT" stats -r keepalive.pcap --explain 4 -T ndjson >"$work/out"
  [ "$(wc -l <"$work/out")" -eq 3 ]
  json "$work/out" 'x["frame"] == 4 and x["offset"] + x["header"] <= x["captured"] + x["offset"]'
  tail -n 1 "$work/out" >"$work/last"
  json "$work/last" 'x["layer"] == "tcp" and x["verdict"] == "segment"'
}

@test "stats --explain of a verdict takes every frame of it" {
  "$WEFT" stats -r keepalive.pcap --explain segment -T ndjson | grep -c '"verdict"' >"$work/many"
  "$WEFT" stats -r keepalive.pcap -T ndjson >"$work/out"
  json "$work/out" "x['frames']['read'] == $(cat "$work/many")"
  "$WEFT" stats -r keepalive.pcap --explain malformed >"$work/none"
  [ ! -s "$work/none" ]
}

# Two fragments of a TCP segment whose data offset cannot be, and one of another datagram.
malformed_in_fragments() {
  python3 -c '
import struct, sys
def frame(second, more, offset, ident, payload):
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, more << 13 | offset // 8,
                     64, 6, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])) + payload
    return struct.pack("<IIII", second, 0, len(ip), len(ip)) + ip
tcp = struct.pack(">HHIIBBHHH", 1, 80, 1, 0, 0x10, 0x18, 0, 0, 0) + bytes(12)
sys.stdout.buffer.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101) +
                        frame(1, 1, 0, 7, tcp[:16]) + frame(2, 1, 0, 8, tcp[:16]) +
                        frame(3, 0, 16, 7, tcp[16:]))'
}

@test "stats --explain shows the fragment that completes a malformed datagram" {
  malformed_in_fragments >"$work/in"
  "$WEFT" stats -r "$work/in" --explain malformed >"$work/out"
  output_says "frame 3, link type 101"
  output_says "fragment: ipv4 at offset 0: the datagram it completes is malformed: lengths"
  "$WEFT" stats -r "$work/in" --explain malformed -T ndjson | tail -n 1 >"$work/out"
  json "$work/out" 'x["frame"] == 3 and x["verdict"] == "fragment" and x["counted"] == "malformed"'
  "$WEFT" stats -r "$work/in" --explain fragment >"$work/out"
  [ "$(grep -c '^frame ' "$work/out")" -eq 2 ]
  output_says "held until the datagram is whole"
}

@test "stats --explain says which frames there are" {
  status_of "$WEFT" stats -r keepalive.pcap --explain 100000
  [ "$status" -eq 2 ]
  errors_say "no frame 100000: there are "
  status_of "$WEFT" stats -r keepalive.pcap --explain malfored
  [ "$status" -eq 1 ]
  errors_say "malformed"
}
