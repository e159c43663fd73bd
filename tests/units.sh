#!/bin/sh
# SPDX-License-Identifier: ISC
# The systemd units: systemd itself finds nothing to remark, the exposure stays low, and what has to stand in each stands
# there. Run by make check in the build directory; skipped (77) where there is no systemd-analyze.
set -u
command -v systemd-analyze >/dev/null || exit 77
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "not ok: $*"
	failed=1
}

for unit in senim-milter senim-registrar; do
	built=contrib/systemd/$unit.service
	[ -s "$built" ] || fail "$built was not made"
	grep -q '@' "$built" && grep '@[a-z]*dir@' "$built" && fail "$built has a place that make did not fill in"
	# The programs are not installed here: any program will do for the check.
	sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$built" >"$work/$unit.service"
	for line in NoNewPrivileges=yes ProtectSystem=strict MemoryDenyWriteExecute=yes LimitCORE=0 MemorySwapMax=0 \
		CapabilityBoundingSet= UMask=0077; do
		grep -qx "$line" "$built" || fail "$built lacks $line"
	done
	for key in User LimitMEMLOCK SystemCallFilter RestrictAddressFamilies; do
		grep -q "^$key=." "$built" || fail "$built lacks $key"
	done
done
grep -qx 'LoadCredentialEncrypted=senim-custody:.*' contrib/systemd/senim-registrar.service ||
	fail 'the registrar has no custody key'

SYSTEMD_UNIT_PATH=$work: systemd-analyze verify --man=no --recursive-errors=no "$work"/senim-*.service >"$work/verify" 2>&1
status=$?
# What other packages' units have wrong, or what this machine lacks, is not ours to answer for.
if grep 'senim-' "$work/verify" || [ $status != 0 ]; then
	cat "$work/verify"
	fail 'systemd-analyze verify has remarks'
fi
for unit in senim-milter senim-registrar; do
	# 0 is closed, 100 is open; a unit without any of this stands at 96.
	systemd-analyze security --offline=yes --threshold=20 "$work/$unit.service" >"$work/security" 2>&1 || {
		tail -n 1 "$work/security"
		fail "$unit.service is more exposed than 2.0"
	}
done
exit $failed
