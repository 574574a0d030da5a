// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/reassembly"
)

type pairStream struct{ digests [2]digest }

func (s *pairStream) Accept(tcp *layers.TCP, info gopacket.CaptureInfo,
	dir reassembly.TCPFlowDirection, next reassembly.Sequence, start *bool,
	ac reassembly.AssemblerContext) bool {
	return true
}

func (s *pairStream) ReassembledSG(sg reassembly.ScatterGather, ac reassembly.AssemblerContext) {
	length, _ := sg.Lengths()
	found.bytes += uint64(length)
	if *check {
		dir, _, _, _ := sg.Info()
		side := 0
		if dir == reassembly.TCPDirServerToClient {
			side = 1
		}
		s.digests[side].add(sg.Fetch(length))
	}
}

func (s *pairStream) ReassemblyComplete(ac reassembly.AssemblerContext) bool {
	found.digest += s.digests[0].finish() + s.digests[1].finish()
	s.digests = [2]digest{}
	return true
}

type pairFactory struct{}

func (pairFactory) New(network, transport gopacket.Flow, tcp *layers.TCP,
	ac reassembly.AssemblerContext) reassembly.Stream {
	found.connections++
	return &pairStream{}
}

type captureContext gopacket.CaptureInfo

func (c *captureContext) GetCaptureInfo() gopacket.CaptureInfo { return gopacket.CaptureInfo(*c) }

type reassemblyRun struct{ assembler *reassembly.Assembler }

func newAssembler() assembler {
	return &reassemblyRun{reassembly.NewAssembler(reassembly.NewStreamPool(pairFactory{}))}
}

func (r *reassemblyRun) packet(ip *layers.IPv4, tcp *layers.TCP, info gopacket.CaptureInfo) {
	context := captureContext(info)
	r.assembler.AssembleWithContext(ip.NetworkFlow(), tcp, &context)
}

func (r *reassemblyRun) flush(before time.Time) {
	r.assembler.FlushWithOptions(reassembly.FlushOptions{T: before})
}

func (r *reassemblyRun) finish() { r.assembler.FlushAll() }
