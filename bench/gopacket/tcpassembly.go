// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"flag"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/tcpassembly"
)

// A direction of a connection: tcpassembly knows no pairs.
type halfStream struct{ digest digest }

func (s *halfStream) Reassembled(pieces []tcpassembly.Reassembly) {
	for i := range pieces {
		found.bytes += uint64(len(pieces[i].Bytes))
		if *check {
			s.digest.add(pieces[i].Bytes)
		}
	}
}

func (s *halfStream) ReassemblyComplete() { found.digest += s.digest.finish() }

type halfFactory struct{ halves uint64 }

func (f *halfFactory) New(network, transport gopacket.Flow) tcpassembly.Stream {
	f.halves++
	return &halfStream{}
}

type tcpassemblyRun struct {
	factory   *halfFactory
	assembler *tcpassembly.Assembler
}

var withHTTP = flag.Bool("http", false, "read the streams with net/http")

func newAssembler() assembler {
	if *withHTTP {
		return newHTTP()
	}
	factory := &halfFactory{}
	return &tcpassemblyRun{factory, tcpassembly.NewAssembler(tcpassembly.NewStreamPool(factory))}
}

func (r *tcpassemblyRun) packet(ip *layers.IPv4, tcp *layers.TCP, info gopacket.CaptureInfo) {
	r.assembler.AssembleWithTimestamp(ip.NetworkFlow(), tcp, info.Timestamp)
}

func (r *tcpassemblyRun) flush(before time.Time) {
	r.assembler.FlushWithOptions(tcpassembly.FlushOptions{T: before})
}

func (r *tcpassemblyRun) finish() {
	r.assembler.FlushAll()
	found.connections = r.factory.halves / 2
}
