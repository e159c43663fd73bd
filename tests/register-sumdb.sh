#!/bin/sh
# SPDX-License-Identifier: ISC
# Checkpoints, roots and proofs verified by Go's sumdb (Debian: golang-golang-x-mod-dev). Says 77 where there is none.
set -eu
sources=$(cd "$(dirname "$0")" && pwd)
command -v go >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] || { echo "no go, or no sumdb: skipped"; exit 77; }
peer=$(pwd)/tests/ledger-peer
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$peer" export "$dir" 40
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$dir/cache" GOFLAGS=-p=1 go run "$sources/register-sumdb.go" "$dir"
