/* SPDX-License-Identifier: ISC */
#include "store/bech32.h"

#include <sodium.h>
#include <string.h>

#define CHECKSUM 6
#define GROUPS_MAX ((BECH32_DATA_MAX * 8 + 4) / 5 + CHECKSUM)

static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static guint32 polymod(guint32 sum, guint8 value)
{
	static const guint32 generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	guint32 top = sum >> 25;
	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (guint i = 0; i < G_N_ELEMENTS(generator); i++)
		sum ^= -(top >> i & 1) & generator[i];
	return sum;
}

/* The prefix goes into the checksum in lower case, high bits first (BIP 173 "Checksum"). */
static guint32 checksum_prefix(const char *prefix)
{
	guint32 sum = 1;
	for (const char *c = prefix; *c != '\0'; c++)
		sum = polymod(sum, (guint8)g_ascii_tolower(*c) >> 5);
	sum = polymod(sum, 0);
	for (const char *c = prefix; *c != '\0'; c++)
		sum = polymod(sum, (guint8)g_ascii_tolower(*c) & 31);
	return sum;
}

/* Octets into groups of five bits, the last one padded with zero bits. */
static gsize to_groups(const guint8 *data, gsize size, guint8 *groups)
{
	gsize n = 0;
	guint32 bits = 0;
	guint have = 0;
	for (gsize i = 0; i < size; i++) {
		bits = bits << 8 | data[i];
		for (have += 8; have >= 5; have -= 5)
			groups[n++] = bits >> (have - 5) & 31;
	}
	if (have > 0)
		groups[n++] = (guint8)(bits << (5 - have) & 31);
	return n;
}

static gboolean from_groups(const guint8 *groups, gsize n, guint8 *data)
{
	guint32 bits = 0;
	guint have = 0;
	for (gsize i = 0; i < n; i++) {
		bits = bits << 5 | groups[i];
		have += 5;
		if (have >= 8) {
			have -= 8;
			*data++ = (guint8)(bits >> have);
		}
	}
	return (bits & ((1u << have) - 1)) == 0;
}

char *bech32_encode(const char *prefix, const guint8 *data, gsize size)
{
	guint8 groups[GROUPS_MAX];
	g_assert(size <= BECH32_DATA_MAX);
	gboolean upper = g_ascii_isupper(prefix[0]);
	gsize n = to_groups(data, size, groups), prefix_size = strlen(prefix);
	guint32 sum = checksum_prefix(prefix);
	for (gsize i = 0; i < n; i++)
		sum = polymod(sum, groups[i]);
	for (guint i = 0; i < CHECKSUM; i++)
		sum = polymod(sum, 0);
	sum ^= 1;
	for (guint i = 0; i < CHECKSUM; i++)
		groups[n++] = sum >> 5 * (CHECKSUM - 1 - i) & 31;
	char *text = g_malloc(prefix_size + 1 + n + 1);
	memcpy(text, prefix, prefix_size);
	text[prefix_size] = '1';
	for (gsize i = 0; i < n; i++) {
		char c = charset[groups[i]];
		text[prefix_size + 1 + i] = upper ? g_ascii_toupper(c) : c;
	}
	text[prefix_size + 1 + n] = '\0';
	sodium_memzero(groups, sizeof groups);
	return text;
}

/* The group of one character in the prefix's case, or -1. */
static int group_of(char c, gboolean upper)
{
	if (upper ? g_ascii_islower(c) : g_ascii_isupper(c))
		return -1;
	const char *at = c != '\0' ? strchr(charset, g_ascii_tolower(c)) : NULL;
	return at != NULL ? (int)(at - charset) : -1;
}

gboolean bech32_decode(const char *prefix, const char *text, guint8 *data, gsize size)
{
	guint8 groups[GROUPS_MAX];
	gsize prefix_size = strlen(prefix), n = (size * 8 + 4) / 5;
	g_assert(size <= BECH32_DATA_MAX);
	if (strlen(text) != prefix_size + 1 + n + CHECKSUM || memcmp(text, prefix, prefix_size) != 0 ||
	    text[prefix_size] != '1')
		return FALSE;
	guint32 sum = checksum_prefix(prefix);
	gboolean good = TRUE;
	for (gsize i = 0; i < n + CHECKSUM && good; i++) {
		int group = group_of(text[prefix_size + 1 + i], g_ascii_isupper(prefix[0]));
		good = group >= 0;
		groups[i] = (guint8)group;
		sum = polymod(sum, groups[i]);
	}
	good = good && sum == 1 && from_groups(groups, n, data);
	sodium_memzero(groups, sizeof groups);
	if (!good)
		sodium_memzero(data, size);
	return good;
}

/* Takes out what people put between groups, and the case; FALSE where it does not fit. */
static gboolean squeeze(const char *text, char *out, gsize room)
{
	gsize n = 0;
	for (; *text != '\0'; text++) {
		if (g_ascii_isspace(*text) || *text == '-')
			continue;
		if (n + 1 >= room)
			return FALSE;
		out[n++] = g_ascii_toupper(*text);
	}
	out[n] = '\0';
	return TRUE;
}

gboolean bech32_decode_typed(const char *prefix, const char *text, guint8 *data, gsize size)
{
	char bare[32], typed[GROUPS_MAX + sizeof bare], spelling[GROUPS_MAX + 2 * sizeof bare];
	gboolean good = squeeze(prefix, bare, sizeof bare) && squeeze(text, typed, sizeof typed) &&
	                g_str_has_prefix(typed, bare);
	if (good) {
		g_snprintf(spelling, sizeof spelling, "%s%s", prefix, typed + strlen(bare));
		good = bech32_decode(prefix, spelling, data, size);
		sodium_memzero(spelling, sizeof spelling);
	}
	sodium_memzero(typed, sizeof typed);
	return good;
}
