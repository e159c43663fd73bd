/* SPDX-License-Identifier: ISC */
#include "policy/screen.h"

#include <string.h>

#include "policy/model.h"
#include "policy/text.h"

#define STEPS_MAX 600    /* of one row in one clause or sentence */
#define ALL_STEPS_MAX 600000 /* of all rows and guards in a text: no letter of a person comes near, ... */
#define ALL_STEPS_LEAST 40000
#define ALL_STEPS_OCTET 3 /* ... they take half a one for each octet */
#define HITS_OF_A_RULE 4 /* more of the same tells nobody more */
#define OWN_LEAST 4      /* words: a text that is all quotation quotes nobody */

typedef struct {
	const Rules *rules;
	const ScreenQuestion *question;
	Text *text;
	const char *octets; /* of the text, or of the subject */
	gboolean subject, all_quoted;
	guint8 *live, *dead;  /* hits of each rule: counted, guarded */
	guint32 *seen;        /* row -> clause or sentence + 1 in which it was tried last */
	guint32 *in_clause, *in_sentence; /* atom -> clause, sentence + 1 in which it stood last */
	guint32 *in_letter;               /* atom -> how many of the writer's own words are it */
	RulesBits clause, sentence;       /* of all words of the one under way */
	guint64 steps, most;
	gboolean cut; /* there was too much to weigh: not all of it was */
	Verdict *verdict;
	GPtrArray *asked; /* NULL, or the sentences that the model would be asked of: it is not */
} Screen;

typedef struct Bounds {
	guint sentence_from, sentence_to, clause_from, clause_to;
} Bounds;

typedef struct {
	Screen *screen;
	const RulesRow *row;
	guint from, to; /* words */
	const struct Bounds *bounds;
	guint at[RULES_ELEMENTS_MAX];
	guint steps;
} Match;

/* --- rows -------------------------------------------------------------------------------------- */

static const TextWord *word_at(const Text *text, guint i)
{
	return &g_array_index(text->words, TextWord, i);
}

static gboolean is_taken(const Match *match, guint element, guint word)
{
	for (guint i = 0; i < element; i++)
		if (!match->row->elements[i].absent && match->at[i] == word)
			return TRUE;
	return FALSE;
}

/* Where this element may stand: after the last one that is there. */
static void window(const Match *match, guint i, guint *from, guint *to)
{
	const RulesElement *element = &match->row->elements[i];
	guint before = i;
	*from = match->from;
	*to = match->to;
	while (before > 0 && match->row->elements[before - 1].absent)
		before--;
	if (before == 0 || element->join == JOIN_ANYWHERE)
		return;
	guint last = match->at[before - 1], reach = element->gap + 1;
	*to = MIN(match->to, last + reach + 1);
	*from = element->join == JOIN_AFTER ? last + 1 : last >= match->from + reach ? last - reach : match->from;
}

static gboolean stands_right(const Match *match, const RulesElement *element, guint at)
{
	const Text *text = match->screen->text;
	guint32 clause = word_at(text, at)->clause;
	return (!element->very_first || at == match->bounds->sentence_from) &&
	       (!element->very_last || at + 1 == match->bounds->sentence_to) &&
	       (!element->first || at == 0 || word_at(text, at - 1)->clause != clause) &&
	       (!element->last || at + 1 == text->words->len || word_at(text, at + 1)->clause != clause);
}

static gboolean place(Match *match, guint i)
{
	if (i == match->row->n_elements)
		return TRUE;
	const RulesElement *element = &match->row->elements[i];
	guint from, to;
	window(match, i, &from, &to);
	for (guint at = from; at < to; at++) {
		match->screen->steps++;
		if (match->steps++ >= STEPS_MAX)
			return FALSE;
		if (!text_word_is(match->screen->text, at, &element->of) || !stands_right(match, element, at))
			continue;
		if (element->absent) /* also where the word is another of the row: what is burnt is no letter */
			return FALSE;
		if (is_taken(match, i, at))
			continue;
		match->at[i] = at;
		if (place(match, i + 1))
			return TRUE;
	}
	return element->absent && place(match, i + 1);
}

/* --- guards ------------------------------------------------------------------------------------ */

static gboolean counts_in_letter(const TextWord *word)
{
	return word->zone != ZONE_MAIL_QUOTE && word->zone != ZONE_SALUTATION;
}

/* How many of these words are the atom. */
static guint count_atom(Screen *screen, guint16 atom, guint from, guint to)
{
	guint n = 0;
	for (guint i = from; i < to; i++, screen->steps++) {
		const TextWord *word = word_at(screen->text, i);
		for (guint k = 0; counts_in_letter(word) && k < word->n_atoms; k++)
			n += g_array_index(screen->text->atoms, guint16, word->atoms + k) == atom;
	}
	return n;
}

/* Anywhere in the letter; around: anywhere but in the sentence of the hit, which is from .. to; what must be absent, anywhere. */
static gboolean has_letter(Screen *screen, const RulesGuard *guard, guint k, guint from, guint to)
{
	const GArray *atoms = guard->of[k].atoms;
	for (guint i = 0; i < atoms->len; i++, screen->steps++) {
		guint16 atom = g_array_index(atoms, guint16, i);
		guint32 n = screen->in_letter[atom];
		if (n > 0 && (guard->where == GUARD_LETTER || guard->absent[k] || n > count_atom(screen, atom, from, to)))
			return TRUE;
	}
	return FALSE;
}

static gboolean has_word(Screen *screen, const RulesGuard *guard, guint k, guint from, guint to)
{
	if (guard->where == GUARD_LETTER || guard->where == GUARD_AROUND)
		return has_letter(screen, guard, k, from, to);
	for (guint i = from; i < to; i++, screen->steps++)
		if (text_word_is(screen->text, i, &guard->of[k]))
			return TRUE;
	return FALSE;
}

/* Counted words stay in the clause and count from the anchor; without a number the whole side of the sentence counts. */
static gboolean holds(Screen *screen, const RulesGuard *guard, const Bounds *bounds, guint anchor, guint first,
                      guint last)
{
	guint from = bounds->sentence_from, to = bounds->sentence_to;
	switch (guard->where) {
	case GUARD_BEFORE:
		to = guard->within != 0 ? anchor : first;
		if (guard->within != 0)
			from = anchor - bounds->clause_from > guard->within ? anchor - guard->within : bounds->clause_from;
		break;
	case GUARD_AFTER:
		from = guard->within != 0 ? anchor + 1 : last + 1;
		to = guard->within != 0 ? MIN(bounds->clause_to, from + guard->within) : to;
		break;
	case GUARD_CLAUSE:
		from = bounds->clause_from;
		to = bounds->clause_to;
		break;
	case GUARD_PREVIOUS:
		to = from;
		while (from > 0 && word_at(screen->text, from - 1)->sentence + 1 == word_at(screen->text, first)->sentence)
			from--;
		break;
	case GUARD_COLON: /* the last one before the hit, or in it */
		for (to = last; to > from && !word_at(screen->text, to)->colon; to--)
			;
		break;
	case GUARD_NEXT: /* its beginning, where a number is given */
		from = to;
		while (to < screen->text->words->len && (guard->within == 0 || to - from < guard->within) &&
		       word_at(screen->text, to)->sentence == word_at(screen->text, last)->sentence + 1)
			to++;
		break;
	case GUARD_LETTER:
	case GUARD_AROUND:
	case GUARD_SENTENCE:
		break;
	}
	for (guint k = 0; k < guard->n; k++)
		if (has_word(screen, guard, k, from, to) == guard->absent[k])
			return FALSE;
	return guard->where != GUARD_COLON || to > from;
}

/* Where one word of a hit is another's, all of it is. */
static guint64 quotes_of(const Match *match)
{
	guint64 bits = 0;
	for (guint i = 0; i < match->row->n_elements; i++) {
		ZoneKind zone = match->row->elements[i].absent ? ZONE_OWN : (ZoneKind)word_at(match->screen->text, match->at[i])->zone;
		if (zone == ZONE_MAIL_QUOTE)
			bits |= 1u << GUARD_MAILQUOTE;
		if (zone == ZONE_QUOTATION || zone == ZONE_DIALOGUE)
			bits |= 1u << GUARD_QUOTED;
	}
	return bits;
}

static guint64 guards_of(Screen *screen, const Rule *rule, const Bounds *given, guint anchor, guint first, guint last)
{
	guint64 bits = 0;
	Bounds bounds = *given;
	const guint32 clause = word_at(screen->text, anchor)->clause;
	for (bounds.clause_from = anchor; bounds.clause_from > 0; bounds.clause_from--)
		if (word_at(screen->text, bounds.clause_from - 1)->clause != clause)
			break;
	for (bounds.clause_to = anchor + 1; bounds.clause_to < screen->text->words->len; bounds.clause_to++)
		if (word_at(screen->text, bounds.clause_to)->clause != clause)
			break;
	for (guint i = 0; i < screen->rules->guards->len; i++) {
		const RulesGuard *guard = &g_array_index(screen->rules->guards, RulesGuard, i);
		guint64 bit = G_GUINT64_CONSTANT(1) << guard->guard;
		if ((rule->unless & bit) != 0 && (bits & bit) == 0 && holds(screen, guard, &bounds, anchor, first, last))
			bits |= bit;
	}
	return bits;
}

/* --- hits ---------------------------------------------------------------------------------------- */

static void add_class(Verdict *verdict, const char *name)
{
	for (guint i = 0; i < verdict->classes->len; i++)
		if (strcmp(verdict->classes->pdata[i], name) == 0)
			return;
	g_ptr_array_add(verdict->classes, (char *)name);
}

/* A threat that was weighed down, for another uttered it: who hands it on may be the one who was threatened. A word of
 * his own in its sentence, or in the one before or behind, says so: of himself, for help, of his complaint. */
static gboolean is_in_danger(Screen *screen, const ScreenHit *hit, guint first, guint last)
{
	static const char *const harms[] = {"threat.life", "threat.health", "threat.family", "threat.property", NULL};
	const guint64 others = 1u << GUARD_QUOTED | 1u << GUARD_REPORTED | 1u << GUARD_TOLD;
	const guint64 all = others | 1u << GUARD_DOUBTFUL | 1u << GUARD_MAILQUOTE; /* what is negated harms nobody */
	if ((hit->guards & others) == 0 || (hit->guards & ~all) != 0 || !g_strv_contains(harms, hit->rule->class_name))
		return FALSE;
	const guint sentence = word_at(screen->text, first)->sentence;
	while (first > 0 && word_at(screen->text, first - 1)->sentence + 1 >= sentence)
		first--;
	while (last + 1 < screen->text->words->len && word_at(screen->text, last + 1)->sentence <= sentence + 1)
		last++;
	return count_atom(screen, screen->rules->told, first, last + 1) > 0;
}

static void add_hit(Screen *screen, const Match *match, const Bounds *bounds)
{
	const RulesRow *row = match->row;
	const Rule *rule = &g_array_index(screen->rules->rules, Rule, row->rule);
	guint first = G_MAXUINT, last = 0, core_first = G_MAXUINT, core_last = 0;
	gboolean guessed = FALSE, core = TRUE;
	for (guint i = 0; i < row->n_elements; i++) {
		core = core && (i == 0 || row->elements[i].join != JOIN_ANYWHERE);
		if (row->elements[i].absent)
			continue;
		guessed = guessed || word_at(screen->text, match->at[i])->guessed;
		first = MIN(first, match->at[i]);
		last = MAX(last, match->at[i]);
		core_first = core ? MIN(core_first, match->at[i]) : core_first;
		core_last = core ? MAX(core_last, match->at[i]) : core_last;
	}
	if (core_first == G_MAXUINT) { /* it begins with what must not be there */
		core_first = first;
		core_last = last;
	}
	const guint64 quotes = (1u << GUARD_QUOTED) | (1u << GUARD_MAILQUOTE);
	guint64 guards = guards_of(screen, rule, bounds, match->at[row->anchor], core_first, core_last) |
	                 (quotes_of(match) & (rule->unless | 1u << GUARD_MAILQUOTE));
	RulesVerdict outcome = guards == 0 ? rule->verdict : guards == 1u << GUARD_DOUBTFUL ? MIN(rule->verdict, RULES_REVIEW) : RULES_CLEAN;
	if (guessed) /* what would have guarded it may be lost */
		outcome = MIN(outcome, RULES_REVIEW);
	if (screen->all_quoted && guards != 0 && (guards & ~quotes) == 0)
		outcome = MIN(rule->verdict, RULES_REVIEW);
	if (guards == 0 || outcome != RULES_CLEAN)
		add_class(screen->verdict, rule->class_name);
	const gboolean raises = outcome > screen->verdict->verdict; /* then it is told, however many were */
	screen->verdict->verdict = MAX(screen->verdict->verdict, outcome);
	guint8 *count = guards == 0 ? &screen->live[row->rule] : &screen->dead[row->rule];
	ScreenHit hit = {rule, outcome, screen->subject, word_at(screen->text, first)->from, word_at(screen->text, last)->to,
	                 guards};
	if (outcome != RULES_REDIRECT && is_in_danger(screen, &hit, first, last))
		add_class(screen->verdict, RULES_AT_RISK);
	if (!raises && (*count >= HITS_OF_A_RULE || screen->verdict->hits->len >= SCREEN_HITS_MAX * (guards == 0 ? 2 : 1)))
		return;
	*count = MIN(*count + 1, G_MAXUINT8);
	g_array_append_val(screen->verdict->hits, hit);
}

/* Whether each word of a row stands somewhere in its clause or sentence: nearly always one does not. */
static gboolean may_match(Screen *screen, const RulesRow *row, guint32 clause, guint32 sentence)
{
	const guint32 *stamps = row->in_sentence ? screen->in_sentence : screen->in_clause;
	const guint32 stamp = (row->in_sentence ? sentence : clause) + 1;
	const RulesBits *bits = row->in_sentence ? &screen->sentence : &screen->clause;
	for (guint i = 0; i < row->n_elements; i++)
		if (!row->elements[i].absent && !rules_bits_meet(&row->elements[i].of.bits, bits)) {
			screen->steps++;
			return FALSE;
		}
	for (guint i = 0; i < row->n_elements; i++) {
		const GArray *atoms = row->elements[i].of.atoms;
		guint k = 0;
		if (row->elements[i].absent || i == row->anchor)
			continue;
		while (k < atoms->len && stamps[g_array_index(atoms, guint16, k)] != stamp)
			k++;
		screen->steps += 1 + k / 8;
		if (k == atoms->len)
			return FALSE;
	}
	return TRUE;
}

static void try_row(Screen *screen, guint number, const Bounds *bounds, const TextWord *word)
{
	const guint32 stamp = word->clause + 1;
	if (screen->seen[number] == stamp)
		return;
	screen->seen[number] = stamp;
	const RulesProbe *probe = &g_array_index(screen->rules->probes, RulesProbe, number);
	if (!rules_bits_meet(&probe->needs, probe->in_sentence ? &screen->sentence : &screen->clause)) {
		screen->steps++;
		return;
	}
	const RulesRow *row = &g_array_index(screen->rules->rows, RulesRow, number);
	if (screen->live[row->rule] >= HITS_OF_A_RULE || !may_match(screen, row, word->clause, word->sentence))
		return;
	if (screen->steps >= screen->most) {
		screen->cut = TRUE;
		return;
	}
	Match match = {screen, row, row->in_sentence ? bounds->sentence_from : bounds->clause_from,
	               row->in_sentence ? bounds->sentence_to : bounds->clause_to, bounds, {0}, 0};
	if (place(&match, 0))
		add_hit(screen, &match, bounds);
}

static void look_at_word(Screen *screen, guint i, const Bounds *bounds)
{
	const TextWord *word = word_at(screen->text, i);
	for (guint k = 0; k < word->n_atoms; k++) {
		guint16 atom = g_array_index(screen->text->atoms, guint16, word->atoms + k);
		const guint32 *begins = &g_array_index(screen->rules->by_atom, guint32, atom);
		for (guint32 r = begins[0]; r < begins[1]; r++)
			try_row(screen, g_array_index(screen->rules->anchored, guint32, r), bounds, word);
	}
}

/* --- the opinions -------------------------------------------------------------------------------- */

static void note_atoms(const Screen *screen, guint from, guint to, guint32 *stamps, guint32 stamp, RulesBits *bits)
{
	*bits = (RulesBits){{0}};
	for (guint i = from; i < to; i++) {
		const TextWord *word = word_at(screen->text, i);
		for (guint k = 0; k < G_N_ELEMENTS(bits->words); k++)
			bits->words[k] |= word->bits.words[k];
		for (guint k = 0; k < word->n_atoms; k++)
			stamps[g_array_index(screen->text->atoms, guint16, word->atoms + k)] = stamp;
	}
}

static void note_letter(Screen *screen)
{
	for (guint i = 0; i < screen->text->words->len; i++) {
		const TextWord *word = word_at(screen->text, i);
		for (guint k = 0; counts_in_letter(word) && k < word->n_atoms; k++)
			screen->in_letter[g_array_index(screen->text->atoms, guint16, word->atoms + k)]++;
	}
}

static void ask_rules(Screen *screen)
{
	note_letter(screen);
	const guint n = screen->text->words->len;
	Bounds bounds = {0, 0, 0, 0};
	for (guint i = 0; i < n; i++) {
		const TextWord *word = word_at(screen->text, i);
		if (i == bounds.sentence_to) {
			bounds.sentence_from = i;
			while (bounds.sentence_to < n && word_at(screen->text, bounds.sentence_to)->sentence == word->sentence)
				bounds.sentence_to++;
			note_atoms(screen, i, bounds.sentence_to, screen->in_sentence, word->sentence + 1, &screen->sentence);
		}
		if (i == bounds.clause_to) {
			bounds.clause_from = i;
			while (bounds.clause_to < n && word_at(screen->text, bounds.clause_to)->clause == word->clause)
				bounds.clause_to++;
			note_atoms(screen, i, bounds.clause_to, screen->in_clause, word->clause + 1, &screen->clause);
		}
		look_at_word(screen, i, &bounds);
	}
}

/* What the model finds has no words that a rule could name: the sentence is shown as it stands. */
static const Rule likeness = {.id = (char *)"model", .class_name = (char *)"likeness", .verdict = RULES_REVIEW};

static void add_likeness(Screen *screen, guint first, guint last)
{
	ScreenHit hit = {&likeness, RULES_REVIEW, screen->subject, word_at(screen->text, first)->from, word_at(screen->text, last)->to,
	                 0};
	g_array_append_val(screen->verdict->hits, hit);
	add_class(screen->verdict, likeness.class_name);
	screen->verdict->verdict = MAX(screen->verdict->verdict, RULES_REVIEW);
}

/* A sentence as its words were read: without its disguises, and without what is quoted in it. */
static void put_words(const Screen *screen, guint first, guint last, GByteArray *out)
{
	static const guint8 blank = ' ';
	g_byte_array_set_size(out, 0);
	for (guint i = first; i <= last; i++) {
		const TextWord *word = word_at(screen->text, i);
		if (word->zone != ZONE_OWN)
			continue;
		g_byte_array_append(out, screen->text->codes->data + word->codes, word->n_codes);
		g_byte_array_append(out, &blank, 1);
	}
}

/* What the rules found there speaks of others' words, or of fear for oneself: the model, which cannot tell, would see a
 * threat. */
static gboolean is_explained(const Screen *screen, guint32 from, guint32 to)
{
	for (guint i = 0; i < screen->verdict->hits->len; i++) {
		const ScreenHit *hit = &g_array_index(screen->verdict->hits, ScreenHit, i);
		if (hit->in_subject == screen->subject && hit->from >= from && hit->to <= to && hit->rule != &likeness &&
		    hit->verdict == RULES_CLEAN)
			return TRUE;
	}
	return FALSE;
}

#define NAME_WORDS 2 /* in quotation marks: the name of a shop or a word that was meant otherwise, and nobody's speech */

/* The sentence that begins at this word: its last word, and whether it is the writer's own, but for a name. */
static gboolean is_own_sentence(const Screen *screen, guint first, guint *last)
{
	guint quoted = 0, i = first;
	for (; i < screen->text->words->len && word_at(screen->text, i)->sentence == word_at(screen->text, first)->sentence; i++) {
		const ZoneKind zone = (ZoneKind)word_at(screen->text, i)->zone;
		quoted += zone == ZONE_QUOTATION ? 1 : zone != ZONE_OWN ? NAME_WORDS + 1 : 0;
	}
	*last = i - 1;
	return quoted <= NAME_WORDS;
}

/* Sentence by sentence, the writer's own ones alone: the model cannot tell a threat from one that is quoted. */
static void ask_model(Screen *screen)
{
	const Model *model = screen->rules->model;
	g_autoptr(ModelScorer) scorer = model != NULL && screen->asked == NULL ? model_scorer_new(model) : NULL;
	g_autoptr(GByteArray) words = g_byte_array_new();
	const guint n = screen->text->words->len;
	guint found = 0;
	for (guint first = 0, last; (scorer != NULL || screen->asked != NULL) && first < n && found < HITS_OF_A_RULE; first = last + 1) {
		if (!is_own_sentence(screen, first, &last) || screen->verdict->hits->len >= SCREEN_HITS_MAX)
			continue;
		put_words(screen, first, last, words);
		if ((scorer != NULL && model_score_codes(scorer, words->data, words->len) <= 0) ||
		    is_explained(screen, word_at(screen->text, first)->from, word_at(screen->text, last)->to))
			continue;
		if (screen->asked != NULL) {
			g_ptr_array_add(screen->asked, g_bytes_new(words->data, words->len));
			continue;
		}
		add_likeness(screen, first, last);
		found++;
	}
	text_wipe(words);
}

/* A text on which the work grew too much, or that is disguised beyond measure: no person writes so without a purpose. */
static const Rule unread = {.id = (char *)"bounds", .class_name = (char *)"unread", .verdict = RULES_REVIEW};

static void ask_bounds(Screen *screen)
{
	if (!screen->cut && !screen->text->cut)
		return;
	ScreenHit hit = {&unread, RULES_REVIEW, screen->subject, 0, 0, 0};
	g_array_append_val(screen->verdict->hits, hit);
	add_class(screen->verdict, unread.class_name);
	screen->verdict->verdict = MAX(screen->verdict->verdict, RULES_REVIEW);
}

/* Each looks at the text and may raise the verdict, and none but the first beyond review. */
static const struct {
	void (*ask)(Screen *screen);
	RulesVerdict most;
} opinions[] = {
	{ask_rules, RULES_REDIRECT},
	{ask_model, RULES_REVIEW},
	{ask_bounds, RULES_REVIEW},
};

static guint count_own(const Text *text)
{
	guint own = 0;
	for (guint i = 0; i < text->words->len; i++) {
		ZoneKind zone = (ZoneKind)word_at(text, i)->zone;
		own += zone != ZONE_MAIL_QUOTE && zone != ZONE_QUOTATION && zone != ZONE_DIALOGUE;
	}
	return own;
}

/* Kinds of words that reports are known by, outside what others wrote. */
static guint count_content(const Screen *screen)
{
	g_autoptr(GHashTable) found = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < screen->text->words->len; i++) {
		const TextWord *word = word_at(screen->text, i);
		for (guint k = 0; word->zone != ZONE_MAIL_QUOTE && k < word->n_atoms; k++) {
			guint16 atom = g_array_index(screen->text->atoms, guint16, word->atoms + k);
			if (rules_has(screen->rules->content, atom))
				g_hash_table_add(found, GUINT_TO_POINTER((guint)atom + 1));
		}
	}
	return g_hash_table_size(found);
}

static void look_through(Screen *screen, const char *octets, gsize size, gboolean subject)
{
	g_autoptr(Text) text = text_read(screen->rules, octets, size);
	screen->text = text;
	screen->octets = octets;
	screen->subject = subject;
	screen->all_quoted = count_own(text) < OWN_LEAST;
	memset(screen->seen, 0, screen->rules->rows->len * sizeof *screen->seen);
	memset(screen->in_clause, 0, screen->rules->by_atom->len * sizeof *screen->in_clause);
	memset(screen->in_sentence, 0, screen->rules->by_atom->len * sizeof *screen->in_sentence);
	memset(screen->in_letter, 0, screen->rules->by_atom->len * sizeof *screen->in_letter);
	for (gsize i = 0; i < G_N_ELEMENTS(opinions); i++) {
		RulesVerdict before = screen->verdict->verdict;
		opinions[i].ask(screen);
		screen->verdict->verdict = MIN(screen->verdict->verdict, MAX(before, opinions[i].most));
	}
	screen->verdict->content += count_content(screen);
	screen->verdict->steps += text->steps;
	screen->text = NULL;
}

static Verdict *screen_asking(const Rules *rules, const ScreenQuestion *question, GPtrArray *asked)
{
	Verdict *verdict = g_new0(Verdict, 1);
	verdict->classes = g_ptr_array_new();
	verdict->hits = g_array_new(FALSE, FALSE, sizeof(ScreenHit));
	g_autofree guint8 *live = g_new0(guint8, rules->rules->len + 1), *dead = g_new0(guint8, rules->rules->len + 1);
	g_autofree guint32 *seen = g_new0(guint32, rules->rows->len + 1), *in_clause = g_new(guint32, rules->by_atom->len),
	                    *in_sentence = g_new(guint32, rules->by_atom->len), *in_letter = g_new(guint32, rules->by_atom->len);
	Screen screen = {.rules = rules, .question = question, .live = live, .dead = dead, .seen = seen, .in_clause = in_clause,
	                 .in_sentence = in_sentence, .in_letter = in_letter, .verdict = verdict,
	                 .asked = asked};
	screen.most = MIN(ALL_STEPS_MAX, ALL_STEPS_LEAST + ALL_STEPS_OCTET * (guint64)question->size);
	if (question->subject != NULL)
		look_through(&screen, question->subject, strlen(question->subject), TRUE);
	look_through(&screen, question->text, question->size, FALSE);
	verdict->content += question->attachments > 0;
	verdict->steps += screen.steps;
	if (verdict->verdict == RULES_REDIRECT && verdict->content >= SCREEN_CONTENT_LEAST) {
		verdict->verdict = RULES_REVIEW;
		verdict->mixed = TRUE;
	}
	return verdict;
}

Verdict *screen_text(const Rules *rules, const ScreenQuestion *question)
{
	return screen_asking(rules, question, NULL);
}

GPtrArray *screen_asked(const Rules *rules, const ScreenQuestion *question)
{
	GPtrArray *asked = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	verdict_free(screen_asking(rules, question, asked));
	return asked;
}

void verdict_free(Verdict *verdict)
{
	if (verdict == NULL)
		return;
	g_ptr_array_unref(verdict->classes);
	g_array_unref(verdict->hits);
	g_free(verdict);
}

/* --- as text --------------------------------------------------------------------------------------- */

static char *guard_words(const Rules *rules, guint64 guards)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < rules->guard_names->len; i++)
		if ((guards >> i & 1) != 0)
			g_string_append_printf(out, "%s%s", out->len > 0 ? "," : "", (const char *)rules->guard_names->pdata[i]);
	return g_string_free(out, FALSE);
}

char *verdict_reason(const Verdict *verdict, const Rules *rules, guint number)
{
	const ScreenHit *hit = &g_array_index(verdict->hits, ScreenHit, number);
	g_autofree char *guards = guard_words(rules, hit->guards);
	return g_strdup_printf("%s %s %s %zu-%zu %s %s", hit->rule->id, hit->rule->class_name, rules_verdict_word(hit->verdict),
	                       hit->from, hit->to, hit->in_subject ? "subject" : "text", *guards != '\0' ? guards : "-");
}

/* A JSON string of printable ASCII alone; what is no UTF-8 becomes U+FFFD. */
static void add_json_string(GString *out, const char *text, gsize size)
{
	g_string_append_c(out, '"');
	for (gsize at = 0; at < size;) {
		gunichar c = g_utf8_get_char_validated(text + at, (gssize)(size - at));
		gboolean bad = c >= (gunichar)-2;
		at += bad || (guint8)text[at] < 0x80 ? 1 : (gsize)g_utf8_skip[(guint8)text[at]];
		c = bad ? (text[at - 1] == '\0' ? 0 : 0xfffd) : c;
		if (c == '"' || c == '\\')
			g_string_append_printf(out, "\\%c", (char)c);
		else if (c >= 0x20 && c < 0x7f)
			g_string_append_c(out, (char)c);
		else if (c < 0x10000)
			g_string_append_printf(out, "\\u%04x", c);
		else
			g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
	}
	g_string_append_c(out, '"');
}

#define CONTEXT 48 /* octets on each side of a hit, for whoever reads it */

static void add_json_context(GString *out, const char *text, gsize size, const ScreenHit *hit)
{
	gsize from = hit->from > CONTEXT ? hit->from - CONTEXT : 0, to = MIN(size, hit->to + CONTEXT);
	while (from < hit->from && ((guint8)text[from] & 0xc0) == 0x80)
		from++;
	while (to > hit->to && to < size && ((guint8)text[to] & 0xc0) == 0x80)
		to--;
	g_string_append(out, ",\"before\":");
	add_json_string(out, text + from, hit->from - from);
	g_string_append(out, ",\"words\":");
	add_json_string(out, text + hit->from, hit->to - hit->from);
	g_string_append(out, ",\"after\":");
	add_json_string(out, text + hit->to, to - hit->to);
}

static void add_json_hit(GString *out, const ScreenHit *hit, const Rules *rules, const ScreenQuestion *question)
{
	const char *text = hit->in_subject ? question->subject : question->text;
	g_autofree char *guards = guard_words(rules, hit->guards);
	g_string_append_printf(out,
	                       "{\"rule\":\"%s\",\"class\":\"%s\",\"verdict\":\"%s\",\"in\":\"%s\",\"from\":%zu,\"to\":%zu",
	                       hit->rule->id, hit->rule->class_name, rules_verdict_word(hit->verdict),
	                       hit->in_subject ? "subject" : "text", hit->from, hit->to);
	add_json_context(out, text, hit->in_subject ? strlen(text) : question->size, hit);
	g_auto(GStrv) names = g_strsplit(guards, ",", -1);
	g_string_append(out, ",\"guards\":[");
	for (guint i = 0; names[i] != NULL; i++)
		g_string_append_printf(out, "%s\"%s\"", i > 0 ? "," : "", names[i]);
	g_string_append(out, "]}");
}

char *verdict_json(const Verdict *verdict, const Rules *rules, const ScreenQuestion *question)
{
	GString *out = g_string_new(NULL);
	g_string_append_printf(out, "{\"schema\":1,\"verdict\":\"%s\",\"class\":[", rules_verdict_word(verdict->verdict));
	for (guint i = 0; i < verdict->classes->len; i++)
		g_string_append_printf(out, "%s\"%s\"", i > 0 ? "," : "", (const char *)verdict->classes->pdata[i]);
	g_string_append_printf(out, "],\"mixed\":%s,\"hits\":[", verdict->mixed ? "true" : "false");
	for (guint i = 0; i < verdict->hits->len; i++) {
		g_string_append(out, i > 0 ? "," : "");
		add_json_hit(out, &g_array_index(verdict->hits, ScreenHit, i), rules, question);
	}
	g_string_append(out, "]}");
	return g_string_free(out, FALSE);
}
