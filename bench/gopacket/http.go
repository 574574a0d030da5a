// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"bufio"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/tcpassembly"
	"github.com/google/gopacket/tcpassembly/tcpreader"
)

// tcpassembly's streams read by net/http, as gopacket's example httpassembly
// does: a goroutine each.  An answered request counts when its response was
// read to the end.
type httpFactory struct {
	halves  uint64
	running sync.WaitGroup
}

func (f *httpFactory) New(network, transport gopacket.Flow) tcpassembly.Stream {
	f.halves++
	stream := tcpreader.NewReaderStream()
	f.running.Add(1)
	if source := transport.Src().Raw(); int(source[0])<<8|int(source[1]) == 80 {
		go f.responses(&stream)
	} else {
		go f.requests(&stream)
	}
	return &stream
}

func (f *httpFactory) requests(stream *tcpreader.ReaderStream) {
	defer f.running.Done()
	reader := bufio.NewReader(stream)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			io.Copy(io.Discard, reader)
			return
		}
		io.Copy(io.Discard, request.Body)
	}
}

func (f *httpFactory) responses(stream *tcpreader.ReaderStream) {
	defer f.running.Done()
	reader := bufio.NewReader(stream)
	for {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			io.Copy(io.Discard, reader)
			return
		}
		if _, err = io.Copy(io.Discard, response.Body); err == nil {
			atomic.AddUint64(&found.transactions, 1)
		}
	}
}

type httpRun struct {
	factory   *httpFactory
	assembler *tcpassembly.Assembler
}

func newHTTP() assembler {
	factory := &httpFactory{}
	return &httpRun{factory, tcpassembly.NewAssembler(tcpassembly.NewStreamPool(factory))}
}

func (r *httpRun) packet(ip *layers.IPv4, tcp *layers.TCP, info gopacket.CaptureInfo) {
	r.assembler.AssembleWithTimestamp(ip.NetworkFlow(), tcp, info.Timestamp)
}

func (r *httpRun) flush(before time.Time) {
	r.assembler.FlushWithOptions(tcpassembly.FlushOptions{T: before})
}

func (r *httpRun) finish() {
	r.assembler.FlushAll()
	r.factory.running.Wait()
	found.connections = r.factory.halves / 2
}
