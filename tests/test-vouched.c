/* SPDX-License-Identifier: ISC */
/* Authentication-Results: who may vouch for an envelope sender, and by what. */
#include <glib.h>
#include <string.h>

#include "milter/vouched.h"

typedef struct {
	const char *value;
	gboolean vouched;
} Row;

static void check(const Row *rows, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (vouched_by(rows[i].value, strlen(rows[i].value), "mx.kmo.kz", "rep@mail.example.org") != rows[i].vouched)
			g_error("%s: %s", rows[i].value, rows[i].vouched ? "not vouched for" : "vouched for");
}

static void the_envelope_domain_is_vouched_for(void)
{
	static const Row rows[] = {
		{" mx.kmo.kz; spf=pass smtp.mailfrom=mail.example.org", TRUE},
		{" mx.kmo.kz 1; spf=pass smtp.mailfrom=rep@MAIL.example.org", TRUE},
		{"MX.kmo.kz;\n\tdkim=fail header.d=x.org;\n\tdkim=pass (good (2048) key) header.d=example.org header.s=a", TRUE},
		{"mx.kmo.kz; dkim = pass header.d = \"mail.example.org\"", TRUE},
		{"mx.kmo.kz (relay; spf=fail); auth=none; spf=pass reason=\"ok\" smtp.mailfrom=mail.example.org", TRUE},
	};
	check(rows, G_N_ELEMENTS(rows));
}

static void nothing_else_vouches_for_it(void)
{
	static const Row rows[] = {
		{"", FALSE},
		{";", FALSE},
		{"mx.kmo.kz; none", FALSE},
		{"evil.example; spf=pass smtp.mailfrom=mail.example.org", FALSE},
		{"mx.kmo.kz.evil; spf=pass smtp.mailfrom=mail.example.org", FALSE},
		{"evil (mx.kmo.kz); spf=pass smtp.mailfrom=mail.example.org", FALSE},
		{"mx.kmo.kz 2; spf=pass smtp.mailfrom=mail.example.org", FALSE},
		{"mx.kmo.kz x; spf=pass smtp.mailfrom=mail.example.org", FALSE},
		{"mx.kmo.kz; spf=fail smtp.mailfrom=mail.example.org", FALSE},
		{"mx.kmo.kz; spf=pass smtp.helo=mail.example.org", FALSE},
		{"mx.kmo.kz; spf=pass smtp.mailfrom=other.org", FALSE},
		{"mx.kmo.kz; spf=pass smtp.mailfrom=example.org", FALSE},
		{"mx.kmo.kz; dkim=pass header.d=org", FALSE},
		{"mx.kmo.kz; dkim=pass header.d=ample.org", FALSE},
		{"mx.kmo.kz; dkim=pass header.d=sub.mail.example.org", FALSE},
		{"mx.kmo.kz; dkim=pass header.i=@example.org", FALSE},
		{"mx.kmo.kz; dkim=pass header.d=x.org header.d=example.org", FALSE},
		{"mx.kmo.kz; dmarc=pass header.from=mail.example.org", FALSE},
		{"mx.kmo.kz; x=\"; spf=pass smtp.mailfrom=mail.example.org", FALSE},
		{"mx.kmo.kz; x=\"y; spf=pass smtp.mailfrom=mail.example.org\"", FALSE},
		{"mx.kmo.kz (; spf=pass smtp.mailfrom=mail.example.org", FALSE},
		{"mx.kmo.kz; spf=fail reason=\"a\\\"; spf=pass smtp.mailfrom=mail.example.org\"", FALSE},
	};
	check(rows, G_N_ELEMENTS(rows));
	static const char good[] = "mx.kmo.kz; spf=pass smtp.mailfrom=mail.example.org";
	g_assert_false(vouched_by(good, strlen(good), "", "rep@mail.example.org"));
	g_assert_false(vouched_by(good, strlen(good), "mx.kmo.kz", ""));
	g_assert_false(vouched_by(good, strlen(good), "mx.kmo.kz", "rep@"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/vouched/the envelope domain is vouched for", the_envelope_domain_is_vouched_for);
	g_test_add_func("/vouched/nothing else vouches for it", nothing_else_vouches_for_it);
	return g_test_run();
}
