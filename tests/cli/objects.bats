#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# weft objects: bodies into files.  WEFT is the command.

bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/../captures" || return
  work=$BATS_TEST_TMPDIR
  out=$work/out
}

# A capture of what standard input says, in $work/talk.pcap (talk.py).
talk() { python3 "$BATS_TEST_DIRNAME/talk.py" "$work/talk.pcap"; }

objects() {
  status=0
  "$WEFT" objects -d "$out" "$@" >"$work/list" 2>"$work/err" || status=$?
}

# The file names, in one line.
files() { (cd "$out" && find . -mindepth 1 ! -name manifest.ndjson | sed 's,^\./,,' | sort | tr '\n' ' '); }

# manifest PYTHON: true of the list `m` of the manifest's objects.
manifest() {
  python3 - "$out/manifest.ndjson" "$1" <<'END'
import json, sys
m = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert eval(sys.argv[2]), m
END
}

# has FILE TEXT: the file is that text.
has() { printf '%b' "$2" | cmp - "$out/$1"; }

@test "each body is a file, named by connection, transaction and path" {
  objects -r keepalive.pcap
  [ "$status" -eq 0 ]
  [ "$(files)" = "000001-0001-index.html 000001-0002-b.txt 000001-0003-missing.html \
000001-0004-accept.txt 000001-0004-request-accept.txt 000001-0005-a.txt 000002-0001-long.txt " ]
  has 000001-0005-a.txt 'packets are the warp\n'
  has 000001-0004-request-accept.txt 'name=weft&kind=post'
  seq 1 4000 | cmp - "$out/000002-0001-long.txt"
  [ "$(wc -l <"$work/list")" -eq 8 ]
}

@test "the manifest has size and digest of each file" {
  objects -r keepalive.pcap
  (cd "$out" && sha256sum 0* && stat -c '%s  %n' 0*) | sort >"$work/found"
  python3 - "$out/manifest.ndjson" <<'END' | sort >"$work/said"
import json, sys
for line in open(sys.argv[1]):
    file = json.loads(line)["file"]
    print(f'{file["sha256"]}  {file["name"]}\n{file["size"]}  {file["name"]}')
END
  cmp "$work/found" "$work/said"
}

@test "the manifest says what belongs to which message" {
  objects -r keepalive.pcap
  manifest 'm[3]["http"]["message"] == "request" and m[3]["http"]["request"]["method"] == "POST"'
  manifest 'm[4]["http"]["message"] == "response" and m[4]["http"]["response"]["status_code"] == 201'
  manifest 'm[5]["url"]["full"] == "http://192.0.2.2/a.txt?query=1&more=%20"'
  manifest 'm[0]["frames"] == {"first": 6, "last": 6, "count": 1} and m[0]["body"]["complete"]'
}

@test "-T gives the manifest's objects on standard output" {
  objects -r keepalive.pcap -T ndjson
  cmp "$work/list" "$out/manifest.ndjson"
  objects -r keepalive.pcap --force -T tsv
  [ "$(head -1 "$work/list" | cut -f 1,6)" = "@timestamp	file.name" ]
  [ "$(wc -l <"$work/list")" -eq 8 ]
}

@test "two runs give the same" {
  objects -r lossy-client.pcap
  mv "$out" "$work/first"
  objects -r lossy-client.pcap
  diff -r "$out" "$work/first"
}

@test "chunked and compressed bodies come out plain" {
  objects -r chunked.pcap
  seq 1 4000 | cmp - "$out/000002-0001-long.txt"
  manifest 'm[3]["body"]["decoding"] == "decoded" and m[3]["body"]["bytes"] == 7356'
  manifest 'm[3]["body"]["encoding"] == "gzip" and m[3]["file"]["size"] == 18893'
}

@test "stacked codings, and those of the transfer, are undone in turn" {
  talk <<'END'
body = b"thread " * 50
client(get("/a.txt"))
server(response(zlib.compress(gzip.compress(body)), "Content-Encoding: gzip", "content-encoding: deflate"))
client(get("/b.txt"))
coded = gzip.compress(body)
server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n%x\r\n" % len(coded) + coded + b"\r\n0\r\n\r\n")
END
  objects -r "$work/talk.pcap"
  python3 -c 'print("thread " * 50, end="")' | tee "$work/body" | cmp - "$out/000001-0001-a.txt"
  cmp "$work/body" "$out/000001-0002-b.txt"
  manifest 'm[0]["body"]["encoding"] == "gzip, deflate" and m[1]["body"]["encoding"] == "gzip"'
}

@test "br and zstd are decoded" {
  talk <<'END'
br = bytes.fromhex("1b1c0100c46dec7796e7f796c35e1016040e39606dd798320b3801cd632c6748926d2062d72d681d" "5e5c4f4fe25587bebc84806d6021714f8718")
zstd = bytes.fromhex("28b52ffd601d00dd0100c4027061636b657473206172652074686520776172703b20776566742064" "726177737468726561646f7567686d0a040061ae08db34a26205d8ce27")
client(get("/br.txt")); server(response(br, "Content-Encoding: br"))
client(get("/zstd.txt")); server(response(zstd, "Content-Encoding: zstd"))
END
  objects -r "$work/talk.pcap"
  grep -q unknown "$out/manifest.ndjson" && skip "built without brotli or zstd"
  for _ in 1 2 3 4 5; do echo "packets are the warp; weft draws the thread through them"; done >"$work/text"
  cmp "$work/text" "$out/000001-0001-br.txt"
  cmp "$work/text" "$out/000001-0002-zstd.txt"
}

@test "what compress(1) writes is decoded" {
  command -v compress >/dev/null || skip "ncompress is not installed"
  for bits in 10 12 16; do
    seq 1 20000 | compress -c -b $bits >"$work/$bits.Z"
  done
  talk <<END
for n, name in enumerate(["compress", "x-compress", "gzip, compress"]):
    data = open("$work/%d.Z" % [10, 12, 16][n], "rb").read()
    client(get("/n.txt")); server(response(data, "Content-Encoding: " + name))
END
  objects -r "$work/talk.pcap"
  for tx in 1 2; do seq 1 20000 | cmp - "$out/000001-000$tx-n.txt"; done
  manifest '[x["body"]["decoding"] for x in m] == ["decoded", "decoded", "damaged"]'
}

@test "names that Content-Disposition gives count before those of paths" {
  talk <<'END'
for value in [b'attachment; filename="report 2026.pdf"', b"attachment; filename=plain.pdf; filename*=UTF-8''%e2%82%ac.pdf",
              b'attachment; filename="..\\..\\..\\etc/passwd"', b'attachment; filename="../../escaped"', b"inline",
              b'attachment; filename=".."', b"attachment; filename*=iso-8859-1''caf%e9.pdf"]:
    client(get("/get.php?id=1")); server(response(b"body", "Content-Type: application/pdf", "Content-Disposition: " + value.decode()))
END
  mkdir -p "$work/deep/er"
  out=$work/deep/er/out
  objects -r "$work/talk.pcap"
  [ "$(files)" = "000001-0001-report_2026.pdf 000001-0002-___.pdf 000001-0003-passwd.pdf 000001-0004-escaped.pdf \
000001-0005-get.php.pdf 000001-0006-get.php.pdf 000001-0007-caf__.pdf " ]
  [ "$(find "$work" -name '*escaped*' ! -path "$out/*" | wc -l)" -eq 0 ]
  manifest '[x["body"].get("filename") for x in m] == ["report 2026.pdf", "\u20ac.pdf", "......etc/passwd",
    "../../escaped", None, "..", "caf\u00e9.pdf"]'
}

@test "what cannot be decoded is written as it was sent, and said" {
  talk <<'END'
client(get("/unknown")); server(response(b"abc", "Content-Encoding: pack200-gzip"))
client(get("/damaged")); server(response(b"no gzip at all", "Content-Encoding: gzip"))
client(get("/cut.txt")); server(response(gzip.compress(b"warp and weft\n" * 100)[:-6], "Content-Encoding: gzip"))
END
  objects -r "$work/talk.pcap"
  has 000001-0001-unknown.bin abc
  has 000001-0002-damaged.bin 'no gzip at all'
  [ "$(wc -c <"$out/000001-0003-cut.txt")" -eq 1400 ]
  manifest '[x["body"]["decoding"] for x in m] == ["unknown", "damaged", "cut"]'
  grep -q 'not decoded but written as sent: 2' "$work/err"
}

@test "a decompression bomb is not set off" {
  talk <<'END'
client(get("/bomb")); server(response(gzip.compress(bytes(100 << 20)), "Content-Encoding: gzip"))
client(get("/bomb")); server(response(gzip.compress(gzip.compress(bytes(100 << 20))), "Content-Encoding: gzip, gzip"))
END
  objects -r "$work/talk.pcap"
  manifest 'all(x["body"]["decoding"] == "ratio" and x["file"]["size"] < 200000 for x in m)'
  [ "$(files)" = "000001-0001-bomb.bin 000001-0002-bomb.bin " ]
}

@test "incomplete bodies are left out unless asked for" {
  objects -r reset.pcap
  [ -z "$(files)" ]
  manifest 'm[0]["file"] == {"skipped": "incomplete"} and m[0]["body"]["truncated"]'
  grep -q 'incomplete: 1' "$work/err"
  objects -r reset.pcap --incomplete --force
  [ "$(files)" = "000001-0001-c300109.txt " ]
  [ "$(tr -d c <"$out/000001-0001-c300109.txt" | wc -c)" -eq 0 ]
  manifest 'm[0]["file"]["size"] == m[0]["body"]["bytes"] > 0 and "complete" not in m[0]["body"]'
}

@test "gaps are listed, and decoding ends at the first" {
  talk <<'END'
client(get("/plain")); server(response(b"a" * 3000)[:-2000]); lost("server", 500); server(b"b" * 1500)
client(get("/coded"))
import random
coded = gzip.compress(bytes(random.Random(1).choices(b"abcdefgh", k=20000)))
whole = response(coded, "Content-Encoding: gzip")
server(whole[:3000]); lost("server", 1000); server(whole[4000:])
END
  objects -r "$work/talk.pcap" --incomplete
  manifest 'm[0]["body"]["gaps"] == [[1000, 500]] and m[0]["body"]["missing_bytes"] == 500'
  has 000001-0001-plain.bin "$(printf 'a%.0s' $(seq 1000); printf 'b%.0s' $(seq 1500))"
  manifest 'm[1]["body"]["decoding"] == "cut" and 0 < m[1]["file"]["size"] < 20000'
  [ "$(tr -d a-h <"$out/000001-0002-coded.bin" | wc -c)" -eq 0 ]
}

@test "what a recorded session carried, both ways" {
  objects -r bodies.pcap
  [ "$(files)" = "000001-0001-b.txt 000001-0002-accept.txt 000001-0002-request-accept.mime \
000001-0003-a.txt 000001-0003-request-a.txt 000001-0004-pixel.png 000002-0001-numbers.txt \
000002-0001-request-numbers.bin " ]
  seq 1 400 | cmp - "$out/000001-0001-b.txt"
  seq 1 40 | cmp - "$out/000002-0001-request-numbers.bin"
  has 000001-0003-request-a.txt 'packets are the warp\n'
  [ "$(head -c 4 "$out/000001-0004-pixel.png" | tail -c 3)" = PNG ]
  manifest 'm[1]["body"]["multipart"] and m[1]["http"]["message"] == "request"'
}

@test "--type takes patterns" {
  objects -r keepalive.pcap --type 'text/h*' --type 'APPLICATION/*'
  [ "$(files)" = "000001-0001-index.html 000001-0003-missing.html 000001-0004-request-accept.txt " ]
}

@test "--type that matches nothing is told" {
  objects -r keepalive.pcap --type 'video/*'
  [ "$status" -eq 0 ]
  grep -q 'no body is of such a --type; messages of others: 7' "$work/err"
  for wrong in png image 'text/html; charset=utf-8' 'image/*,text/*'; do
    objects -r keepalive.pcap --force --type "$wrong"
    [ "$status" -eq 1 ]
    grep -q "'image/\*'" "$work/err"
  done
  objects -r keepalive.pcap --force --type '*html'
  [ "$(files)" = "000001-0001-index.html 000001-0003-missing.html " ]
  [ ! -s "$work/err" ]
}

@test "--max-size bounds what is written, decoded or not" {
  objects -r chunked.pcap --max-size 4k
  [ "$(files)" = "000001-0001-chunked.bin 000001-0002-trailers.bin 000001-0003-slow.bin " ]
  manifest 'm[3]["file"] == {"skipped": "size"}'
  objects -r chunked.pcap --max-size 10k --force
  [ "$(files | wc -w)" -eq 3 ]
  objects -r chunked.pcap --max-size 18893 --force
  [ "$(files | wc -w)" -eq 4 ]
}

@test "ranges and multipart are noted" {
  objects -r bodyless.pcap
  manifest 'm[0]["body"]["range"] == "bytes 100-299/1492" and "range" not in m[1]["body"]'
  rm -r "$out"
  talk <<'END'
client(get("/x")); server(response(b"--b--", "Content-Type: multipart/byteranges; boundary=b"))
END
  objects -r "$work/talk.pcap"
  manifest 'm[0]["body"]["multipart"] and m[0]["body"]["type"] == "multipart/byteranges"'
}

@test "no target leads out of the directory" {
  talk <<'END'
for target in ["/../../../escaped", "/..%2f..%2fescaped", "/%2e%2e/%2e%2e%2fescaped", "/a%00b", "/..",
               "/.hidden", "/con", "/a\x1b[2Jb", "/" + "x" * 4000 + ".html", "../escaped", "/a\\..\\b"]:
    client(get(target)); server(response(b"body"))
END
  mkdir -p "$work/deep/er"
  out=$work/deep/er/out
  objects -r "$work/talk.pcap"
  [ "$(find "$work" -name '*escaped*' ! -path "$out/*" | wc -l)" -eq 0 ]
  [ "$(find "$out" -type f -name '0*' | wc -l)" -eq 11 ]
  [ "$(find "$out" -mindepth 1 -type d | wc -l)" -eq 0 ]
  files | grep -qv '[^A-Za-z0-9._ -]'
  manifest 'len(m) == 11 and all(len(x["file"]["name"]) < 160 for x in m)'
}

@test "a link in the directory is not followed" {
  mkdir "$out"
  echo precious >"$work/precious"
  for name in 000001-0001-index.html manifest.ndjson .weft-1.part .weft-2.part .weft-decoding.part; do
    ln -s "$work/precious" "$out/$name"
  done
  objects -r keepalive.pcap --force
  [ "$status" -eq 0 ]
  [ "$(cat "$work/precious")" = precious ]
  [ ! -L "$out/000001-0001-index.html" ]
  objects -r chunked.pcap --force
  [ "$(cat "$work/precious")" = precious ]
}

@test "a directory that is not empty is left alone without --force" {
  mkdir "$out"
  echo mine >"$out/000001-0001-index.html"
  objects -r keepalive.pcap
  [ "$status" -eq 4 ]
  grep -q -- '--force' "$work/err"
  [ "$(files)" = "000001-0001-index.html " ]
  [ "$(cat "$out/000001-0001-index.html")" = mine ]
  objects -r keepalive.pcap --force
  [ "$status" -eq 0 ]
  grep -q weft "$out/000001-0001-index.html"
}

@test "a directory that cannot be had: status 4, and the message names it" {
  out=$work/none/out
  objects -r keepalive.pcap
  [ "$status" -eq 4 ]
  grep -q "$work/none/out" "$work/err"
  echo >"$work/file"
  out=$work/file
  objects -r keepalive.pcap
  [ "$status" -eq 4 ]
}

@test "without -d it says what is missing; for an input that is not there nothing is made" {
  run -1 --separate-stderr "$WEFT" objects -r keepalive.pcap
  [[ "$stderr" = *"-d DIR"* ]]
  objects -r nowhere.pcap
  [ "$status" -eq 2 ]
  [ ! -e "$out" ]
}

@test "a file that cannot be written: status 4, the message says why, and nothing half-written stays" {
  status=0
  (trap '' XFSZ; ulimit -f 8; "$WEFT" objects -r large-segments.pcap -d "$out" 2>"$work/err") || status=$?
  [ "$status" -eq 4 ]
  grep -q "$out/.*cannot be written" "$work/err"
  [ -z "$(files)" ]
}

@test "many bodies at once take few descriptors" {
  talk <<'END'
answers = [response(gzip.compress(b"%d " % i * 20000, 0), "Content-Encoding: gzip") for i in range(200)]
for i in range(200):
    on(i); client(get(f"/{i}"))
for part in range(0, 200000, 30000):
    for i in range(200):
        on(i); server(answers[i][part:part + 30000])
END
  (ulimit -n 24; "$WEFT" objects -r "$work/talk.pcap" -d "$out" -q >"$work/list")
  [ "$(files | wc -w)" -eq 200 ]
  manifest 'all(x["body"]["complete"] and x["file"]["size"] == 20000 * len(x["url"]["full"][19:] + " ") for x in m)'
  tr -d '7 ' <"$out/000008-0001-7.bin" | cmp - /dev/null
}
