// SPDX-License-Identifier: BSD-2-Clause

// gopacket_reassembly [-check] FILE, gopacket_tcpassembly [-check] [-http] FILE:
// the work of weft_streams done by gopacket's two packages, which cannot both be
// in one program, and by the second with net/http's readers.  The file is read by
// pcapgo without copying and decoded by a DecodingLayerParser, the fastest way
// gopacket offers.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// What was found; printed as one JSON line.  newAssembler() is in each program's own file.
type measured struct {
	packets, connections, bytes, transactions, digest uint64
}

// assembler is the part of the packages that this program needs.
type assembler interface {
	packet(ip *layers.IPv4, tcp *layers.TCP, info gopacket.CaptureInfo)
	flush(before time.Time) // what waits for bytes since then is told to go on without
	finish()
}

var check = flag.Bool("check", false, "digest the bytes")
var found measured

func feed(reader *pcapgo.Reader, to assembler) {
	var ethernet layers.Ethernet
	var ip layers.IPv4
	var tcp layers.TCP
	var payload gopacket.Payload
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &ip, &tcp, &payload)
	decoded := make([]gopacket.LayerType, 0, 4)
	var flushed time.Time
	for {
		data, info, err := reader.ZeroCopyReadPacketData()
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		found.packets++
		if parser.DecodeLayers(data, &decoded) != nil || len(decoded) < 3 {
			continue
		}
		to.packet(&ip, &tcp, info)
		if info.Timestamp.Sub(flushed) >= time.Second {
			flushed = info.Timestamp
			to.flush(flushed.Add(-10 * time.Second))
		}
	}
}

func peak() (kilobytes uint64) {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\n") {
		fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes)
	}
	return
}

func main() {
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: gopacket_... [-check] FILE")
	}
	runtime.GOMAXPROCS(1)
	file, err := os.Open(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	reader, err := pcapgo.NewReader(bufio.NewReaderSize(file, 1<<20))
	if err != nil {
		log.Fatal(err)
	}
	to := newAssembler()
	feed(reader, to)
	to.finish()
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	fmt.Printf("{\"cpu_ns\": %d, \"peak_rss\": %d, \"packets\": %d, \"connections\": %d",
		usage.Utime.Nano()+usage.Stime.Nano(), peak()*1024, found.packets, found.connections)
	if found.bytes > 0 {
		fmt.Printf(", \"bytes\": %d", found.bytes)
	}
	if found.transactions > 0 {
		fmt.Printf(", \"transactions\": %d", found.transactions)
	}
	if *check {
		fmt.Printf(", \"digest\": \"%016x\"", found.digest)
	}
	fmt.Println("}")
}
