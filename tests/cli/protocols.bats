#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What connections speak, and the header fields of those that speak HTTP.  WEFT is the command.

bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/../captures" || return
  work=$BATS_TEST_TMPDIR
}

# A capture of what standard input says, in $work/talk.pcap (talk.py).
talk() { python3 "$BATS_TEST_DIRNAME/talk.py" "$work/talk.pcap"; }

# records COMMAND PYTHON: true of the list `r` of what `weft COMMAND -T ndjson` says of the talk.
records() {
  "$WEFT" $1 -r "$work/talk.pcap" -T ndjson >"$work/out"
  python3 - "$work/out" "$2" <<'END'
import json, sys
r = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert eval(sys.argv[2]), r
END
}

handshakes() {
  talk <<'END'
name = b"weft.example"
sni = b"\0\0" + struct.pack(">HHBH", len(name) + 5, len(name) + 3, 0, len(name)) + name
body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0" + struct.pack(">H", len(sni) + 1504) + b"\0\x15\5\xdc" + bytes(1500) + sni
hello = b"\x16\3\1" + struct.pack(">HBBH", len(body) + 4, 1, 0, len(body)) + body
client(hello); server(b"\x16\3\3\0\4\2\0\0\0"); close()
client(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)); server(b"\0\0\0\4\0\0\0\0\0"); close()
client(b"GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"); server(b"Connection: Upgrade\r\n\r\n\x81\2hi")
client(b"\x81\x83mask\1\2\3\x89\x80mask"); server(b"\x8a\0\x82\x7e\1\0" + bytes(200)); lost("server", 50); server(bytes(6) + b"\x88\0")
client(b"\x88\x80mask"); close()
client(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
server(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
client(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); close()
client(b"SSH-2.0-x\r\n"); server(b"SSH-2.0-y\r\n"); close()
server(b"220 mail.example\r\n"); client(b"EHLO h\r\n"); close()
client(get("/")); server(response(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")); close()
END
}

@test "conns names what is spoken" {
  handshakes
  records conns '[x["network"]["protocol"] for x in r] == (
    ["tls", "http2", "websocket", "http2", "ssh", "other", "http"])'
}

@test "conns has the name a TLS client asks for, over segments" {
  handshakes
  records conns 'r[0]["tls"] == {"client": {"server_name": "weft.example"}} and "tls" not in r[1]'
}

@test "conns counts WebSocket frames by opcode, over a gap in payload" {
  handshakes
  records conns 'r[2]["websocket"]["client"]["opcodes"] == [[1, 1], [8, 1], [9, 1]]'
  records conns 'r[2]["websocket"]["server"]["opcodes"] == [[1, 1], [2, 1], [8, 1], [10, 1]]'
  records conns '"lost" not in r[2]["websocket"]["server"] and "websocket" not in r[3]'
}

@test "conns stops counting WebSocket frames where it cannot tell" {
  talk <<'END'
client(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\2hi"); lost("server", 4); server(b"\x81\2hi"); close()
END
  records conns 'r[0]["websocket"]["server"]["frames"] == 1 and r[0]["websocket"]["server"]["lost"]'
}

@test "conns finds a 101 behind other responses in the same segment" {
  talk <<'END'
ask = b"GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"; yes = b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n\x81\2hi"
client(get("/") + ask); server(response(b"page") + yes); client(b"\x89\x80mask"); close()
client(get("/") + ask); server(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 x\r\n\r\n" + yes + b"\x81\0"); close()
client(get("/") + ask); server(response(b"page") + yes[:9]); server(yes[9:20]); server(yes[20:] + b"\x81\0"); close()
client(get("/")); server(response(b"page\r\n\r\n" + yes)); close()
client(b"HEAD / HTTP/1.1\r\n\r\n"); server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"); client(b"GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n")
server(b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n" + bytes(9)); client(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); close()
END
  records conns '[x["network"]["protocol"] for x in r] == ["websocket"] * 3 + ["http", "http2"]'
  records conns '[x["websocket"]["server"]["frames"] for x in r[:3]] == [1, 2, 2]'
  records conns 'r[0]["websocket"]["client"]["opcodes"] == [[9, 1]]'
  records conns 'r[0]["websocket"]["server"]["first"] < r[0]["websocket"]["client"]["first"]'
  "$WEFT" http -r "$work/talk.pcap" -T ndjson >"$work/out"
  [ "$(wc -l <"$work/out")" -eq 9 ]
}

@test "conns finds a 101 that waited behind a hole" {
  talk <<'END'
client(get("/") + b"GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
late("server", response(b"page")); server(b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n\x81\2hi"); now(); close()
END
  records conns '(r[0]["network"]["protocol"], r[0]["websocket"]["server"]["frames"]) == ("websocket", 1)'
}

@test "looking at first bytes does not change digests" {
  handshakes
  "$WEFT" conns -r "$work/talk.pcap" -T ndjson --digest >"$work/conns"
  "$WEFT" follow -r "$work/talk.pcap" -d "$work/streams"
  python3 - "$work/conns" "$work/streams" <<'END'
import glob, hashlib, json, sys
checked = 0
for line in open(sys.argv[1]):
    x = json.loads(line)
    for side in ("client", "server"):
        for name in glob.glob(f'{sys.argv[2]}/{x["connection"]["id"]:06}-{side}-*'):
            assert hashlib.sha256(open(name, "rb").read()).hexdigest() == x[side]["sha256"], name
            checked += 1
assert checked == 14, checked
END
}

@test "stats counts TLS, HTTP/2 and WebSocket" {
  handshakes
  records stats 'r[0]["connections"]["tls"] == 1 and r[0]["connections"]["http2"] == 2'
  records stats 'r[0]["connections"]["websocket"] == 1 and r[0]["connections"]["http"] == 3'
}

@test "none of it is misread as HTTP/1" {
  handshakes
  records http '[x["http"]["response"]["status_code"] for x in r] == [101, 101, 200]'
}

@test "-e adds a header field, in every format" {
  "$WEFT" http -r keepalive.pcap -T ndjson -e http.request.header.user_agent >"$work/out"
  [ "$(grep -c '"header":{"user_agent":"curl/' "$work/out")" -eq 6 ]
  "$WEFT" http -r keepalive.pcap -T csv -e http.response.header.Content-Type >"$work/out"
  [ "$(grep -c ',text/plain,' "$work/out")" -eq 4 ]
  "$WEFT" http -r keepalive.pcap -e http.response.header.server >"$work/out"
  [ "$(grep -c '^  http.response.header.server: nginx/' "$work/out")" -eq 6 ]
}

@test "credentials are redacted unless asked for" {
  talk <<'END'
client(b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic c2VjcmV0\r\nCookie: a=c2VjcmV0\r\nX-Api-Key: c2VjcmV0\r\n\r\n")
server(response(b"", "Set-Cookie: a=c2VjcmV0"))
END
  for format in text ndjson tsv csv; do
    "$WEFT" http -r "$work/talk.pcap" -T $format --headers -e http.request.header.cookie >"$work/out"
    grep -q redacted "$work/out"
    run ! grep c2VjcmV0 "$work/out"
    "$WEFT" http -r "$work/talk.pcap" -T $format --headers --no-redact >"$work/out"
    run ! grep redacted "$work/out"
    grep -q c2VjcmV0 "$work/out"
  done
}

@test "--bodies shows the beginnings of bodies, decoded" {
  talk <<'END'
client(b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")
server(response(gzip.compress(b"warp and weft"), "Content-Encoding: gzip"))
client(get("/b")); server(response(b"0123456789" * 10))
client(get("/c")); server(response(b"no gzip", "Content-Encoding: gzip"))
client(get("/d")); server(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"); lost("server", 10); server(b"x" * 36)
client(get("/e")); server(response(b""))
END
  records 'http --bodies 60' '[x["http"]["response"].get("content") for x in r] == (
    ["warp and weft", "0123456789" * 6, "", "half", None])'
  records 'http --bodies 60' '[x["http"]["response"].get("content_cut") for x in r] == (
    [None, True, True, True, None])'
  records 'http --bodies 60' 'r[0]["http"]["request"]["content"] == "hello" and "content" not in r[1]["http"]["request"]'
  "$WEFT" http -r "$work/talk.pcap" --bodies 1k >"$work/out"
  grep -qx '  > hello' "$work/out"
  grep -qx '  < warp and weft' "$work/out"
  "$WEFT" http -r "$work/talk.pcap" -T ndjson >"$work/out"
  run ! grep content "$work/out"
}

@test "a bomb in a body is not set off by --bodies" {
  talk <<'END'
client(get("/")); server(response(gzip.compress(bytes(200 << 20)), "Content-Encoding: gzip"))
END
  # Sanitizers need more room than that to start.
  room=300000
  (ulimit -v $room && "$WEFT" --version >/dev/null 2>&1) || room=unlimited
  (ulimit -v $room; "$WEFT" http -r "$work/talk.pcap" -T ndjson --bodies 1M >"$work/out")
  [ "$(wc -c <"$work/out")" -lt 7000000 ]
  grep -q '"content_cut":true' "$work/out"
}

@test "a field of another name is a usage error with a suggestion" {
  run -1 --separate-stderr "$WEFT" http -r keepalive.pcap -e http.user_agent
  [[ "$stderr" = *"http.request.header.user_agent"* ]]
}
