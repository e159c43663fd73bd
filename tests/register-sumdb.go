// SPDX-License-Identifier: ISC
// Verifies an exported log with golang.org/x/mod/sumdb: every note, every root from the entries alone, every inclusion
// and every consistency proof; and that none of them holds for another leaf or root.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
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

func refuse(err error, what string) {
	if err == nil {
		must(fmt.Errorf("%s is taken", what))
	}
}

// A tree in memory: every hash that tlog stores.
type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

func lines(dir, name string, each func(one, two int64, hashes []tlog.Hash)) int {
	file, err := os.Open(filepath.Join(dir, name))
	must(err)
	defer file.Close()
	n := 0
	for scanner := bufio.NewScanner(file); scanner.Scan(); n++ {
		words := strings.Fields(scanner.Text())
		var one, two int64
		_, err := fmt.Sscan(words[0]+" "+words[1], &one, &two)
		must(err)
		var hashes []tlog.Hash
		for _, word := range words[2:] {
			raw, err := hex.DecodeString(word)
			must(err)
			var hash tlog.Hash
			copy(hash[:], raw)
			hashes = append(hashes, hash)
		}
		each(one, two, hashes)
	}
	return n
}

func main() {
	dir := os.Args[1]
	public, err := os.ReadFile(filepath.Join(dir, "log.pub"))
	must(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(public)))
	must(err)
	entries, err := os.ReadFile(filepath.Join(dir, "entries"))
	must(err)
	const size = 104
	var hashes store
	var leaves []tlog.Hash
	roots := map[int64]tlog.Hash{}
	for i := int64(0); int(i+1)*size <= len(entries); i++ {
		entry := entries[i*size : (i+1)*size]
		leaves = append(leaves, tlog.RecordHash(entry))
		more, err := tlog.StoredHashes(i, entry, hashes)
		must(err)
		hashes = append(hashes, more...)
		roots[i+1], err = tlog.TreeHash(i+1, hashes)
		must(err)
	}
	for n, root := range roots {
		text, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(n, ".note")))
		must(err)
		opened, err := note.Open(text, note.VerifierList(verifier))
		must(err)
		want := fmt.Sprintf("%s\n%d\n%s\n", verifier.Name(), n, root)
		if opened.Text != want {
			must(fmt.Errorf("the checkpoint of size %d signs another text:\n%s", n, opened.Text))
		}
	}
	fmt.Println("ok 1 - sumdb/note opens", len(roots), "checkpoints, and their roots are those of the entries")
	n := lines(dir, "inclusion", func(index, size int64, proof []tlog.Hash) {
		must(tlog.CheckRecord(tlog.RecordProof(proof), size, roots[size], index, leaves[index]))
		other := leaves[(index+1)%int64(len(leaves))]
		refuse(tlog.CheckRecord(tlog.RecordProof(proof), size, roots[size], index, other), "another leaf")
	})
	fmt.Println("ok 2 - sumdb/tlog checks", n, "inclusion proofs")
	n = lines(dir, "consistency", func(old, size int64, proof []tlog.Hash) {
		must(tlog.CheckTree(tlog.TreeProof(proof), size, roots[size], old, roots[old]))
		if old < size {
			refuse(tlog.CheckTree(tlog.TreeProof(proof), size, roots[old], old, roots[old]), "another root")
		}
	})
	fmt.Println("ok 3 - sumdb/tlog checks", n, "consistency proofs")
}
