// SPDX-License-Identifier: BSD-2-Clause

package main

// The digest of bench/digest.h.
const digestP uint64 = 0x9e3779b97f4a7c15

type digest struct{ hash, length uint64 }

func (d *digest) add(bytes []byte) {
	hash := d.hash
	for _, b := range bytes {
		hash = hash*digestP + uint64(b) + 1
	}
	d.hash = hash
	d.length += uint64(len(bytes))
}

func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

func (d *digest) finish() uint64 {
	if d.length == 0 {
		return 0
	}
	return mix(d.hash ^ d.length*0xd6e8feb86659fd93)
}
