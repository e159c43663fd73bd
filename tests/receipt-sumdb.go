// SPDX-License-Identifier: ISC
// One receipt, checked with golang.org/x/mod/sumdb alone: receipt-sumdb RECEIPT LOG.PUB. Prints the entry's index and what its
// record says, nothing of a bare one.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
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

func decode(text string) []byte {
	raw, err := base64.StdEncoding.DecodeString(text)
	must(err)
	return raw
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	public, err := os.ReadFile(os.Args[2])
	must(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(public)))
	must(err)
	// What stands above the first line is a word to the reader.
	_, proof, found := strings.Cut(string(text), "c2sp.org/tlog-proof@v1\n")
	if !found {
		must(fmt.Errorf("no proof in it"))
	}
	head, signed, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	extra := decode(strings.TrimPrefix(lines[0], "extra "))
	var index int64
	_, err = fmt.Sscanf(lines[1], "index %d", &index)
	must(err)
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		var hash tlog.Hash
		copy(hash[:], decode(line))
		path = append(path, hash)
	}
	checked, err := note.Open([]byte(signed), note.VerifierList(verifier))
	must(err)
	// C2SP tlog-checkpoint: origin, size, root. ParseTree() takes one origin alone, that of Go's own database.
	tree := strings.Split(checked.Text, "\n")
	var entries int64
	_, err = fmt.Sscan(tree[1], &entries)
	must(err)
	var root tlog.Hash
	copy(root[:], decode(tree[2]))
	const size, salt = 104, 32
	must(tlog.CheckRecord(path, entries, root, index, tlog.RecordHash(extra[:size])))
	fmt.Println("index", index)
	if len(extra) == size {
		return
	}
	commitment := sha256.Sum256(append([]byte("senim/commit/1\n"), extra[size:]...))
	if !bytes.Equal(commitment[:], extra[32:64]) {
		must(fmt.Errorf("the record is not what the entry commits to"))
	}
	fmt.Print(string(extra[size+salt:]))
}
