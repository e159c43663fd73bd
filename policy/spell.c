/* SPDX-License-Identifier: ISC */
#include "policy/spell.h"

#include "policy/fold.h"

#define ENDING_MAX 8   /* letters behind a stem */
#define NONE (-0x1000000)
#define BEGIN_UNKNOWN 2 /* what a word costs that nobody knows, beside its letters */

/* The best parting of the letters before each place; `known` where a word of the lexicons ends there. */
typedef struct {
	gint32 known, unknown;
	guint16 from_known, from_unknown; /* where the last word begins */
} Place;

typedef struct {
	const Rules *rules;
	const guint8 *codes;
	guint n;
	Place places[SPELL_LETTERS_MAX + 1];
	GArray *atoms;
	guint64 *steps;
} Spelling;

/* Four letters prove something, three nothing. */
static gint32 worth(guint letters)
{
	return letters < 4 ? -2 : (gint32)(letters * letters) - 8;
}

static void offer(Spelling *spelling, guint from, guint to, gint32 value)
{
	const Place *before = &spelling->places[from];
	Place *place = &spelling->places[to];
	gint32 total = MAX(before->known, before->unknown) + value;
	if (total > place->known) {
		place->known = total;
		place->from_known = (guint16)from;
	}
}

/* A stem takes the ending by which the rules know most of it. */
static void offer_stem(Spelling *spelling, guint from, guint letters)
{
	guint most = MIN(MIN(ENDING_MAX, SPELL_WORD_MAX - letters), spelling->n - from - letters), known[ENDING_MAX + 1], least = G_MAXUINT;
	for (guint k = 0; k <= most; k++) {
		g_array_set_size(spelling->atoms, 0);
		*spelling->steps += rules_look_up(spelling->rules, VIEW_WRITTEN, spelling->codes + from, letters + k, 0, spelling->atoms);
		known[k] = spelling->atoms->len;
		least = MIN(least, known[k]);
	}
	for (guint k = 0; k <= most; k++)
		offer(spelling, from, from + letters + k, worth(letters) + (known[k] > least ? (gint32)k : -(gint32)k));
}

static void look_from(Spelling *spelling, guint from)
{
	guint64 whole, stems;
	guint most = MIN(spelling->n - from, SPELL_WORD_MAX);
	*spelling->steps += rules_beginnings(spelling->rules, spelling->codes + from, most, &whole, &stems);
	for (guint letters = 1; letters <= most; letters++) {
		if ((whole >> letters & 1) != 0)
			offer(spelling, from, from + letters, worth(letters));
		if ((stems >> letters & 1) != 0 && letters >= 3)
			offer_stem(spelling, from, letters);
	}
}

/* One letter more that belongs to no word. */
static void go_on(Spelling *spelling, guint from)
{
	const Place *here = &spelling->places[from];
	Place *next = &spelling->places[from + 1];
	gboolean begins = from == 0 || here->known - BEGIN_UNKNOWN > here->unknown;
	next->unknown = (begins ? here->known - BEGIN_UNKNOWN : here->unknown) - 1;
	next->from_unknown = begins ? (guint16)from : here->from_unknown;
}

guint spell_words(const Rules *rules, const guint8 *codes, guint n, guint16 ends[SPELL_LETTERS_MAX], guint *known, guint64 *steps)
{
	g_autofree Spelling *spelling = g_new0(Spelling, 1);
	g_autoptr(GArray) atoms = g_array_new(FALSE, FALSE, sizeof(guint16));
	guint words = 0;
	n = MIN(n, SPELL_LETTERS_MAX);
	spelling->rules = rules;
	spelling->codes = codes;
	spelling->n = n;
	spelling->atoms = atoms;
	spelling->steps = steps;
	for (guint i = 0; i <= n; i++)
		spelling->places[i] = (Place){.known = i == 0 ? 0 : NONE, .unknown = NONE};
	for (guint i = 0; i < n; i++) {
		look_from(spelling, i);
		go_on(spelling, i);
	}
	*known = 0;
	for (guint at = n; at > 0;) { /* backwards, then turned */
		const Place *place = &spelling->places[at];
		const gboolean is_known = place->known >= place->unknown;
		const guint from = is_known ? place->from_known : place->from_unknown;
		ends[words++] = (guint16)at;
		*known += is_known ? at - from : 0;
		at = from;
	}
	for (guint i = 0; i < words / 2; i++) {
		guint16 end = ends[i];
		ends[i] = ends[words - 1 - i];
		ends[words - 1 - i] = end;
	}
	return words;
}

gboolean spell_is_words(gunichar first, gunichar second)
{
	return (first == 0x430 || first == 0x438) && second == 0x44f;
}
