# SPDX-License-Identifier: ISC
# contrib/pictures/office.sh - an invented office with a week's post, to be sourced in the build directory behind
# tests/cli-room.sh: office_make makes it in $office. Its clock stands where office_at puts it, so that it is the same
# office on each day.
office=$work/office
clock=$work/clock

office_at() { # MOMENT, in Almaty: what all its programs take the time to be
	printf '%-31s\n' "$(($(TZ=Asia/Almaty date -d "$1:10" +%s) - $(LD_PRELOAD= date +%s)))" |
		dd of="$clock" conv=notrunc status=none
}

office_make() {
	: >"$clock"
	export MOVED_CLOCK_FILE="$clock"
	office_at 2026-11-16T08:30
	python3 -B "$source/contrib/pictures/letters.py" "$work/post"
	preload=$build/tests/move-clock.so
	LD_PRELOAD=$preload room_make "$office" senim@kmo.kz
	sed -i 's|^organisation = .*|organisation = «Қазмедиа орталығы» ЖШС|; s|^\[officer aigul\]|&\nnames = Айгүл Серікова; Серикова А.\npost = комплаенс жөніндегі жауапты қызметкер|' \
		"$office/senim.conf"
	sed -i '/^\[mailbox /a telephone-system = voicemail@pbx.kmo.kz' "$office/senim.conf"
	cat >>"$office/senim.conf" <<-END
	[addressee police]
	name-kk = Алматы қаласының Полиция департаменті
	name-ru = Департамент полиции города Алматы
	address = 050000, Алматы, Масанчи көшесі, 57а
	valid-from = 2020-01-01
	END
	export LD_PRELOAD=$preload
	registrar_start "$office"
	milter_start "$office"
	while read -r number moment sender; do
		office_at "$moment"
		feed "$office" senim@kmo.kz "$sender" <"$work/post/$number.eml"
	done <"$work/post/list"
	office_at 2026-11-20T11:00
	officer_conf "$office"
}
