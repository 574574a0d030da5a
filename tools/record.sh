#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Records tests/captures anew: real servers and clients in two network namespaces joined by
# a veth pair.  Nothing leaves them.  Root; ./dev record installs what it takes.  The files
# in place are replaced only when every recording has succeeded: all, or those named.
#   tools/record.sh [FILE...]
set -eu -o pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || { echo 'recording needs root' >&2; exit 1; }

out=$PWD/tests/captures
peers=$PWD/tools/record_peers.py
work=$(mktemp -d)
client=weft-c-$$ middle=weft-m-$$ server=weft-s-$$
pids=()
export no_proxy='*'

clean_up() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  for ns in $client $middle $server; do ip netns del "$ns" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

in_client() { ip netns exec "$client" timeout 20 "$@"; }
curl_() { in_client curl -sS --max-time 10 "$@" >/dev/null; }

# wait_for WHAT COMMAND...: up to five seconds.
wait_for() {
  local what=$1
  shift
  for _ in $(seq 100); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.05
  done
  echo "waited in vain for $what" >&2
  return 1
}

# start_capture FILE NAMESPACE INTERFACE [TCPDUMP-OPTION...]
start_capture() {
  local file=$1 ns=$2 interface=$3
  shift 3
  ip netns exec "$ns" tcpdump -Z root -i "$interface" --immediate-mode -B 8192 -U "$@" \
    -w "$work/$file" tcp 2>"$work/$file.log" &
  capture=$!
  pids+=("$capture")
  wait_for tcpdump grep -q 'listening on' "$work/$file.log"
}

stop_capture() { # [PID]
  sleep 0.3
  kill -INT "${1:-$capture}"
  wait "${1:-$capture}" || true
}

# record FILE COMMAND...: what the command does, seen from the client's interface.
record() {
  local file=$1
  shift
  start_capture "$file" "$client" c0
  "$@"
  stop_capture
}

offloads() { # on|off
  ip netns exec "$client" ethtool -K c0 tso "$1" gso "$1" gro "$1" tx "$1" rx "$1" >/dev/null 2>&1
  ip netns exec "$server" ethtool -K s0 tso "$1" gso "$1" gro "$1" tx "$1" rx "$1" >/dev/null 2>&1
}

address() { # NAMESPACE INTERFACE HOST-NUMBER
  ip -n "$1" addr add "192.0.2.$3/24" dev "$2"
  ip -n "$1" addr add "2001:db8::$3/64" dev "$2" nodad
  ip -n "$1" link set "$2" up
  ip -n "$1" link set lo up
}

make_network() {
  for ns in $client $middle $server; do ip netns add "$ns"; done
  ip link add c0 netns "$client" type veth peer name s0 netns "$server"
  address "$client" c0 1
  address "$server" s0 2
  # Every connection starts slowly, whatever the one before it learnt.
  for ns in $client $server; do
    ip netns exec "$ns" sysctl -qw net.ipv4.tcp_no_metrics_save=1
  done
}

start_servers() {
  mkdir "$work/www"
  head -c 300109 /dev/zero | tr '\0' c >"$work/www/c300109.txt"
  printf 'packets are the warp\n' >"$work/www/a.txt"
  seq 1 400 >"$work/www/b.txt"
  seq 1 4000 >"$work/www/long.txt"
  printf '<!doctype html>\n<title>weft</title>\n<p>It draws the thread through.</p>\n' \
    >"$work/www/index.html"
  base64 -d >"$work/www/pixel.png" <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==
PNG
  touch -d '2026-01-01 00:00:00 UTC' "$work"/www/*
  cat >"$work/nginx.conf" <<CONF
user root;
worker_processes 1;
daemon off;
pid $work/nginx.pid;
events {}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  types { text/html html; text/plain txt; image/png png; }
  gzip_types text/plain;
  server {
    listen 192.0.2.2:80;
    listen [2001:db8::2]:80;
    root $work/www;
    if_modified_since before;
    location /gzip/ { alias $work/www/; gzip on; gzip_min_length 1; }
    location /empty { return 204; }
    location /accept { return 201 "accepted\n"; }
  }
}
CONF
  ip netns exec "$server" nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
  pids+=($!)
  ip netns exec "$server" python3 "$peers" serve 192.0.2.2 &
  pids+=($!)
  wait_for nginx curl_ http://192.0.2.2/a.txt
  wait_for 'the Python server' curl_ http://192.0.2.2:8080/
}

keepalive() {
  curl_ http://192.0.2.2/index.html --next -sS http://192.0.2.2/b.txt \
    --next -sS http://192.0.2.2/missing \
    --next -sS -d 'name=weft&kind=post' http://192.0.2.2/accept \
    --next -sS 'http://192.0.2.2/a.txt?query=1&more=%20'
  curl_ http://192.0.2.2/long.txt
}

chunked() {
  curl_ http://192.0.2.2:8080/chunked --next -sS http://192.0.2.2:8080/trailers \
    --next -sS http://192.0.2.2:8080/slow
  curl_ --compressed http://192.0.2.2/gzip/long.txt
}

# Bodies of several types and codings, sent both ways.
bodies() {
  curl_ --compressed http://192.0.2.2/gzip/b.txt \
    --next -sS -F "page=@$work/www/index.html" -F 'note=thread' http://192.0.2.2/accept \
    --next -sS -T "$work/www/a.txt" http://192.0.2.2/accept/a.txt \
    --next -sS http://192.0.2.2/pixel.png
  seq 1 40 | curl_ -T - http://192.0.2.2/accept/numbers
}

bodyless() {
  curl_ -I http://192.0.2.2/b.txt --next -sS http://192.0.2.2/empty \
    --next -sS -H 'If-Modified-Since: Mon, 01 Jun 2026 00:00:00 GMT' http://192.0.2.2/b.txt \
    --next -sS -r 100-299 http://192.0.2.2/b.txt \
    --next -sS http://192.0.2.2/a.txt
}

post() { # URL [CURL-OPTION...]
  curl_ "${@:2}" -H 'Expect: 100-continue' --data-binary "@$work/www/long.txt" "$1"
}

until_close() {
  curl_ --http1.0 http://192.0.2.2:8080/close
  curl_ --http1.0 http://192.0.2.2/a.txt
}

midstream() {
  coproc PEER { in_client python3 "$peers" midstream 192.0.2.2; }
  local from=${PEER[0]} to=${PEER[1]} pid=$PEER_PID
  read -r -t 5 -u "$from" _
  start_capture midstream.pcap "$client" c0
  echo >&"$to"
  wait "$pid"
  stop_capture
}

# Wireshark's own dumper, eight requests at a time on connections that stay.
many() {
  ip netns exec "$client" dumpcap -q -i c0 -f tcp -w "$work/many.pcapng" 2>"$work/dumpcap.log" &
  local dumpcap=$!
  pids+=("$dumpcap")
  wait_for dumpcap grep -q '^File: ' "$work/dumpcap.log"
  in_client ab -q -k -c 4 -n 24 http://192.0.2.2/a.txt >/dev/null
  in_client ab -q -c 2 -n 6 http://192.0.2.2/b.txt >/dev/null
  stop_capture "$dumpcap"
}

# The same connections before and after a link that loses, repeats and delays.
lossy() {
  ip link add c1 netns "$client" type veth peer name m0 netns "$middle"
  ip link add s1 netns "$server" type veth peer name m1 netns "$middle"
  ip -n "$client" addr flush dev c0
  ip -n "$server" addr flush dev s0
  address "$client" c1 1
  address "$server" s1 2
  for name in m0 m1; do ip -n "$middle" link set "$name" up promisc on; done
  for pair in "$client c1" "$middle m0" "$middle m1" "$server s1"; do
    # shellcheck disable=SC2086
    ip netns exec ${pair% *} ethtool -K ${pair#* } tso off gso off gro off tx off rx off \
      >/dev/null 2>&1
  done
  ip netns exec "$middle" python3 "$peers" relay m0 m1 7 &
  pids+=($!)
  wait_for 'the relay' curl_ http://192.0.2.2/a.txt
  start_capture lossy-server.pcap "$server" s1
  local at_server=$capture
  start_capture lossy-client.pcap "$client" c1
  for _ in 1 2 3; do
    curl_ http://192.0.2.2/long.txt --next -sS http://192.0.2.2/b.txt
  done
  stop_capture
  stop_capture "$at_server"
}

make_network
start_servers

offloads on
ip -n "$server" link set s0 gso_max_size 16384
record large-segments.pcap curl_ http://192.0.2.2/c300109.txt

offloads off
record small-segments.pcap curl_ http://192.0.2.2/c300109.txt
record keepalive.pcap keepalive
record pipelined.pcap in_client python3 "$peers" pipeline 192.0.2.2
record chunked.pcap chunked
record bodies.pcap bodies
record bodyless.pcap bodyless
record continue.pcap post http://192.0.2.2:8080/
record early.pcap post http://192.0.2.2/accept --limit-rate 40k
record until-close.pcap until_close
record ipv6.pcap curl_ -g 'http://[2001:db8::2]/index.html' 'http://[2001:db8::2]/long.txt'
record reset.pcap in_client python3 "$peers" reset 192.0.2.2
midstream
many

start_capture nanoseconds.pcap "$client" c0 --time-stamp-precision=nano
keepalive
stop_capture

start_capture snapshot.pcap "$client" c0 -s 300
keepalive
stop_capture

start_capture cooked.pcap "$client" any -y LINUX_SLL
keepalive
stop_capture

start_capture cooked2.pcap "$client" any -y LINUX_SLL2
keepalive
stop_capture

lossy

cd "$work"
[ $# -gt 0 ] || set -- *.pcap *.pcapng
chmod 644 "$@"
cp "$@" "$out/"
ls -l "$@"
