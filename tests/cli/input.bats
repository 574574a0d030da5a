#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What weft reads: compressed, rotated, growing, doubled, disordered and damaged files.
# WEFT is the command.

bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/../captures" || return
  work=$BATS_TEST_TMPDIR
  "$WEFT" http -r keepalive.pcap -T ndjson >"$work/expected"
}

weft() {
  status=0
  "$WEFT" "$@" >"$work/out" 2>"$work/err" || status=$?
}

# edit PYTHON: makes $work/edited.pcap of keepalive.pcap (microseconds, this machine's order) by an
# expression that changes `records`, a list of [seconds, microseconds, captured, wire, bytes].
edit() {
  python3 - keepalive.pcap "$work/edited.pcap" "$1" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
records, at = [], 24
while at < len(data):
    head = list(struct.unpack_from("<IIII", data, at))
    records.append(head + [data[at + 16:at + 16 + head[2]]])
    at += 16 + head[2]
exec(sys.argv[3])
with open(sys.argv[2], "wb") as out:
    out.write(data[:24])
    for r in records:
        out.write(struct.pack("<IIII", *r[:4]) + r[4])
END
}

# The list of connections without the numbers of frames, which stay those of the file.
but_for_frames() { sed 's/ [0-9]*-[0-9]*$//' "$@"; }

# rotate N: keepalive.pcap as files of N frames each in $work/rotated.
rotate() {
  mkdir "$work/rotated"
  python3 - keepalive.pcap "$work/rotated" "$1" <<'END'
import struct, sys
data, each = open(sys.argv[1], "rb").read(), int(sys.argv[3])
records, at = [], 24
while at < len(data):
    size = 16 + struct.unpack_from("<I", data, at + 8)[0]
    records.append(data[at:at + size])
    at += size
for i in range(0, len(records), each):
    with open("%s/cap_%d.pcap" % (sys.argv[2], i), "wb") as out:
        out.write(data[:24] + b"".join(records[i:i + each]))
END
}

@test "gzip, zstd, lz4, xz and bzip2 are read as they are" {
  for tool in gzip zstd lz4 xz bzip2; do
    command -v $tool >/dev/null || continue
    $tool -c <keepalive.pcap >"$work/packed"
    weft http -r "$work/packed" -T ndjson
    if [ "$status" -eq 2 ] && grep -q "this build does not read" "$work/err"; then continue; fi
    [ "$status" -eq 0 ]
    cmp "$work/out" "$work/expected"
    weft http -r - -T ndjson <"$work/packed"
    cmp "$work/out" "$work/expected"
  done
}

@test "rotated files are one input, by directory, by pattern, in any order" {
  rotate 7
  weft http -r "$work/rotated" -T ndjson
  [ "$status" -eq 0 ]
  cmp "$work/out" "$work/expected"
  weft http -r "$work/rotated/cap_*" -T ndjson
  cmp "$work/out" "$work/expected"
  set --
  for file in "$work"/rotated/*; do set -- -r "$file" "$@"; done
  weft http "$@" -T ndjson
  cmp "$work/out" "$work/expected"
}

@test "what is no capture in a directory is named and passed over" {
  rotate 20
  echo "see the captures" >"$work/rotated/README"
  weft http -r "$work/rotated" -T ndjson
  [ "$status" -eq 0 ]
  cmp "$work/out" "$work/expected"
  grep -q "README: is not a capture file .*; passed over" "$work/err"
  weft http -q -r "$work/rotated" -T ndjson
  [ ! -s "$work/err" ]
}

@test "an empty directory and a pattern of nothing are refused" {
  mkdir "$work/empty"
  weft stats -r "$work/empty"
  [ "$status" -eq 2 ]
  grep -q "there is no file in this directory" "$work/err"
  weft stats -r "$work/empty/*.pcap"
  [ "$status" -eq 2 ]
  grep -q "there is no file that matches" "$work/err"
}

@test "a file that grows is followed, and results come as they are complete" {
  size=$(wc -c <keepalive.pcap)
  head -c $((size / 2)) keepalive.pcap >"$work/growing.pcap"
  "$WEFT" http --follow -r "$work/growing.pcap" -T ndjson >"$work/out" 2>"$work/err" 3>&- &
  pid=$!
  for _ in $(seq 50); do [ -s "$work/out" ] && break; sleep 0.1; done
  [ -s "$work/out" ]
  [ "$(wc -l <"$work/out")" -lt "$(wc -l <"$work/expected")" ]
  tail -c +$((size / 2 + 1)) keepalive.pcap >>"$work/growing.pcap"
  for _ in $(seq 50); do [ "$(wc -l <"$work/out")" -eq "$(wc -l <"$work/expected")" ] && break; sleep 0.1; done
  kill -TERM $pid
  wait $pid
  cmp "$work/out" "$work/expected"
  [ ! -s "$work/err" ]
}

@test "a followed file that is removed ends, and is said to" {
  cp keepalive.pcap "$work/growing.pcap"
  "$WEFT" http -F -r "$work/growing.pcap" -T ndjson >"$work/out" 2>"$work/err" 3>&- &
  pid=$!
  for _ in $(seq 50); do [ -s "$work/out" ] && break; sleep 0.1; done
  rm "$work/growing.pcap"
  wait $pid
  cmp "$work/out" "$work/expected"
  grep -q "growing.pcap: was removed or renamed: it is followed no further" "$work/err"
}

@test "--follow takes one file, and what is for files is not for interfaces" {
  weft http --follow -r keepalive.pcap -r many.pcapng
  [ "$status" -eq 1 ]
  weft http --follow -r -
  [ "$status" -eq 1 ]
  weft http --follow -i lo
  [ "$status" -eq 1 ]
  grep -q "is for files" "$work/err"
  weft http --dedup never -r keepalive.pcap
  [ "$status" -eq 1 ]
}

@test "--sort-window puts frames in order" {
  edit 'records[10:20] = records[19:9:-1]'
  weft stats -r "$work/edited.pcap" -T ndjson
  grep -q '"time_backwards":[1-9]' "$work/out"
  weft stats -r "$work/edited.pcap" --sort-window 10s -T ndjson
  grep -q '"time_backwards":0' "$work/out"
  weft conns -r "$work/edited.pcap" --sort-window 10s
  but_for_frames "$work/out" | cmp - <("$WEFT" conns -r keepalive.pcap | but_for_frames)
}

@test "--dedup leaves the second of two equal frames out, and counts it" {
  edit 'records = [r for r in records for _ in (0, 1)]'
  "$WEFT" conns -r keepalive.pcap | but_for_frames >"$work/plain"
  weft conns -r "$work/edited.pcap"
  run ! cmp -s <(but_for_frames "$work/out") "$work/plain"
  weft conns -r "$work/edited.pcap" --dedup 1ms
  but_for_frames "$work/out" | cmp - "$work/plain"
  weft stats -r "$work/edited.pcap" --dedup 1ms -T ndjson
  frames=$(python3 -c 'import json,sys; print(json.load(sys.stdin)["frames"]["read"])' <"$work/out")
  grep -q "\"duplicates\":$((frames / 2))" "$work/out"
}

@test "damage in the middle costs what is damaged, and is told" {
  edit 'records[30][2] = 0x7fffffff'
  weft http -r "$work/edited.pcap" -T ndjson
  [ "$status" -eq 3 ]
  grep -q "edited.pcap: damaged at frame 31, byte [0-9]*: it claims 2147483647 captured bytes" "$work/err"
  grep -q "bytes were passed over, it goes on at byte" "$work/err"
  [ "$(wc -l <"$work/out")" -ge 5 ]
  last() { tail -n 1 "$1" | python3 -c 'import json,sys; print(json.load(sys.stdin)["http"]["request"]["uri"])'; }
  [ "$(last "$work/out")" = "$(last "$work/expected")" ]
}
