// SPDX-License-Identifier: ISC
// A cosigned checkpoint and a request to a witness, checked with golang.org/x/mod/sumdb alone:
// cosignature-sumdb ANSWER LOG.PUB WITNESS-KEY [REQUEST OLD-ANSWER]. The witness's signature (C2SP tlog-cosignature) is of a type
// that sumdb/note does not know by itself, so its verifier stands here, on crypto/ed25519.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "not ok -", err)
		os.Exit(1)
	}
}

type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.key, append([]byte(head), msg...), sig[8:])
}

func readWitness(vkey string) witness {
	parts := strings.SplitN(vkey, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if len(key) != 33 || key[0] != 4 {
		must(fmt.Errorf("a key of another type"))
	}
	hash := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if fmt.Sprintf("%08x", binary.BigEndian.Uint32(hash[:])) != parts[1] {
		must(fmt.Errorf("a key id that is not that of the key"))
	}
	return witness{parts[0], binary.BigEndian.Uint32(hash[:]), key[1:]}
}

func tree(signed []byte, verifiers note.Verifiers, n int) (int64, tlog.Hash) {
	checked, err := note.Open(signed, verifiers)
	must(err)
	if len(checked.Sigs) != n {
		must(fmt.Errorf("%d signatures of %d", len(checked.Sigs), n))
	}
	lines := strings.Split(checked.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	var root tlog.Hash
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	copy(root[:], raw)
	return size, root
}

func file(i int) []byte {
	data, err := os.ReadFile(os.Args[i])
	must(err)
	return data
}

// The checkpoint in what `senim witness` says.
func answer(data []byte, origin string) []byte {
	return data[bytes.Index(data, []byte("\n"+origin+"\n"))+1:]
}

func main() {
	log, err := note.NewVerifier(strings.TrimSpace(string(file(2))))
	must(err)
	verifiers := note.VerifierList(log, readWitness(os.Args[3]))
	size, _ := tree(answer(file(1), log.Name()), verifiers, 2)
	fmt.Println("cosigned", size)
	if len(os.Args) < 6 {
		return
	}
	head, signed, _ := strings.Cut(string(file(4)), "\n\n")
	next, root := tree([]byte(signed), note.VerifierList(log), 1)
	old, oldRoot := tree(answer(file(5), log.Name()), verifiers, 2)
	lines := strings.Split(head, "\n")
	if lines[0] != fmt.Sprintf("old %d", old) {
		must(fmt.Errorf("%s", lines[0]))
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		var hash tlog.Hash
		raw, err := base64.StdEncoding.DecodeString(line)
		must(err)
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	must(tlog.CheckTree(proof, next, root, old, oldRoot))
	fmt.Println("grown", next)
}
