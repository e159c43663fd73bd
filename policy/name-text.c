/* SPDX-License-Identifier: ISC */
#include "policy/name-text.h"

#include <string.h>

#include "policy/utf8.h"

#define RAW_MAX 96 /* letters of a word that are looked at */

/* --- one letter ------------------------------------------------------------------- */

/* From а on; upper case comes lowered. */
static const char *const cyrillic[] = {
	"a", "b", "v", "g", "d", "e", "j", "z", "i", "i", "k", "l", "m", "n", "o", "p",
	"r", "s", "t", "u", "f", "h", "ts", "c", "x", "x", "", "i", "", "e", "iu", "ia",
};

static const struct {
	gunichar letter;
	const char *fold;
} others[] = {
	{0x451, "e"}, {0x456, "i"}, {0x457, "i"}, {0x454, "e"}, {0x45e, "u"}, {0x458, "i"}, /* ё і ї є ў ј */
	{0x4d9, "a"}, {0x493, "g"}, {0x49b, "k"}, {0x4a3, "n"}, {0x4e9, "o"}, {0x4b1, "u"}, /* ә ғ қ ң ө ұ */
	{0x4af, "u"}, {0x4bb, "h"}, {0x491, "g"}, {0x45b, "h"}, {0x455, "s"},
	{0x15f, "x"}, {0x219, "x"}, {0x161, "x"}, {0x10d, "c"}, {0xe7, "c"}, {0x17e, "j"}, /* ş ș š č ç ž */
	{0x131, "i"}, {0x259, "a"}, {0x26b, "l"}, {0x19f, "o"}, {0x275, "o"}, {0xf8, "o"}, {0xe6, "a"},
};

/* What a Latin letter looks like among Cyrillic ones. */
static gunichar look_alike(gunichar c)
{
	static const char latin[] = "aceopxykmtbhi";
	static const gunichar meant[] = {0x430, 0x441, 0x435, 0x43e, 0x440, 0x445, 0x443, 0x43a, 0x43c, 0x442, 0x432, 0x43d, 0x456};
	const char *at = c != 0 && c < 0x80 ? strchr(latin, (int)c) : NULL;
	return at != NULL ? meant[at - latin] : c;
}

static const char *fold_letter(gunichar c)
{
	if (c >= 0x430 && c <= 0x44f)
		return cyrillic[c - 0x430];
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		if (others[i].letter == c)
			return others[i].fold;
	return NULL;
}

static gboolean is_cyrillic(gunichar c)
{
	return c >= 0x400 && c <= 0x52f;
}

/* Letters that a reader does not see: joiners, soft hyphens, marks above. */
static gboolean is_silent(gunichar c)
{
	return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x2060 && c <= 0x2064) || c == 0xfeff ||
	       (c >= 0x300 && c <= 0x36f) || c == '\'' || c == 0x2019 || c == 0x2bc || c == 0x2b9 || c == '`';
}

/* --- Latin: several letters for one sound ---------------------------------------------- */

static const struct {
	const char *latin, *fold;
} sounds[] = { /* the longer before the shorter */
	{"shch", "x"}, {"tch", "c"}, {"dzh", "j"}, {"sch", "x"}, {"sh", "x"}, {"zh", "j"}, {"dj", "j"}, {"kh", "h"},
	{"gh", "g"},   {"ch", "c"},  {"ph", "f"},  {"th", "t"},  {"ck", "k"}, {"oo", "u"}, {"tz", "ts"},
	{"ce", "se"},  {"ci", "si"}, {"cy", "si"}, {"c", "k"},   {"q", "k"},  {"w", "v"},  {"y", "i"},  {"x", "ks"},
};

static void fold_latin(const char *word, GString *out)
{
	while (*word != '\0') {
		gsize i = 0, n = 0;
		for (; i < G_N_ELEMENTS(sounds); i++)
			if ((n = strlen(sounds[i].latin)) > 0 && strncmp(word, sounds[i].latin, n) == 0)
				break;
		if (i < G_N_ELEMENTS(sounds)) {
			g_string_append(out, sounds[i].fold);
			word += n;
		} else {
			g_string_append_c(out, *word++);
		}
	}
}

/* ie is e (Алиев, Aliyev; Сергеев, Sergeyev), ng is n (ң), дж is ж (Джумабаев), twice the same letter is one (Assel). */
static void squeeze(GString *word)
{
	gsize to = 0;
	for (gsize i = 0; i < word->len; i++) {
		char c = word->str[i], next = word->str[i + 1];
		if ((c == 'i' && next == 'e') || (c == 'd' && next == 'j') || (c == 'g' && to > 0 && word->str[to - 1] == 'n') ||
		    (to > 0 && word->str[to - 1] == c))
			continue;
		word->str[to++] = c;
	}
	g_string_truncate(word, MIN(to, NAME_TEXT_FOLD - 1));
}

static void fold(const gunichar *letters, gsize n, GString *out)
{
	gboolean mixed = FALSE;
	g_autoptr(GString) latin = g_string_sized_new(NAME_TEXT_FOLD);
	g_string_truncate(out, 0);
	for (gsize i = 0; i < n; i++)
		mixed |= is_cyrillic(letters[i]);
	for (gsize i = 0; i < n; i++) {
		gunichar c = mixed ? look_alike(letters[i]) : letters[i], bare[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
		const char *known = fold_letter(c);
		if (known == NULL && c >= 0x80) {
			g_unichar_fully_decompose(c, FALSE, bare, G_N_ELEMENTS(bare));
			c = bare[0];
			known = fold_letter(c);
		}
		/* Latin letters wait for those that follow them; a Cyrillic one stands for itself. */
		if (known != NULL || c >= 0x80 || mixed) {
			fold_latin(latin->str, out);
			g_string_truncate(latin, 0);
		}
		if (known != NULL)
			g_string_append(out, known);
		else if (c < 0x80)
			g_string_append_c(latin, (char)c);
		else
			g_string_append_unichar(out, c);
	}
	fold_latin(latin->str, out);
	squeeze(out);
}

char *name_text_fold_word(const char *word)
{
	gunichar letters[RAW_MAX];
	gsize n = 0;
	GString *out = g_string_new(NULL);
	for (const char *at = word; *at != '\0' && n < RAW_MAX; at = g_utf8_next_char(at)) {
		gunichar c = g_unichar_tolower(g_utf8_get_char(at));
		if (g_unichar_isalpha(c) && !is_silent(c))
			letters[n++] = c;
	}
	fold(letters, n, out);
	return g_string_free(out, FALSE);
}

/* --- the words of a text -------------------------------------------------------------------- */

typedef struct {
	NameText *text;
	GString *scratch;
	gunichar letters[RAW_MAX];
	gsize n;              /* letters of the word that is being read */
	gsize at;             /* where it began */
	guint16 flags;        /* that the next word will have */
	guint line, newlines; /* newlines: since the last word */
	gboolean capital;
} Reader;

/* One letter, or two Latin ones that stand for one of ours: Zh, Sh, Ch, Yu, Ya. */
static gboolean is_initial(const Reader *r)
{
	static const char *const pairs[] = {"zh", "sh", "ch", "kh", "gh", "yu", "ya", "yo", "ye", "ts", "dj"};
	for (gsize i = 0; r->n == 2 && i < G_N_ELEMENTS(pairs); i++)
		if (r->letters[0] == (gunichar)pairs[i][0] && r->letters[1] == (gunichar)pairs[i][1])
			return TRUE;
	return r->n == 1;
}

/* dot: it stands right behind the word. */
static void end_word(Reader *r, gboolean dot)
{
	if (r->n == 0)
		return;
	fold(r->letters, r->n, r->scratch);
	NameWord word = {.fold = (guint32)r->text->folds->len, .size = (guint16)r->scratch->len, .line = r->line};
	word.at = (guint32)r->at;
	word.flags = (guint16)(r->flags | (r->capital ? NAME_WORD_CAPITAL : 0));
	/* Without its dot, a capital is an initial only where no sentence begins with «А», «В», «Я». */
	if (r->capital && (dot ? is_initial(r) : r->n == 1 && (r->flags & NAME_WORD_SENTENCE) == 0))
		word.flags |= NAME_WORD_INITIAL;
	g_string_append_len(r->text->folds, r->scratch->str, (gssize)r->scratch->len + 1);
	g_array_append_val(r->text->words, word);
	r->n = 0;
	r->flags = 0;
	r->newlines = 0;
}

static NameWord *last_word(Reader *r)
{
	GArray *words = r->text->words;
	return words->len > 0 ? &g_array_index(words, NameWord, words->len - 1) : NULL;
}

/* Ms. Serikova is no end of a sentence. */
static gboolean is_short_title(const Reader *r, const NameWord *word)
{
	static const char *const words[] = {"ms", "mr", "mrs", "dr", "tov"};
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(r->text->folds->str + word->fold, words[i]) == 0)
			return TRUE;
	return FALSE;
}

static void read_stop(Reader *r, gunichar c)
{
	NameWord *last = last_word(r);
	if (last == NULL)
		return;
	if (c == '.' && ((last->flags & NAME_WORD_INITIAL) != 0 || is_short_title(r, last)))
		return;
	last->flags |= c == '!' ? NAME_WORD_CALL : NAME_WORD_STOP;
	r->flags |= NAME_WORD_SENTENCE;
}

static void read_mark(Reader *r, gunichar c)
{
	NameWord *last = last_word(r);
	switch (c) {
	case '\n':
		r->line++;
		r->flags |= NAME_WORD_LINE | (++r->newlines > 1 ? NAME_WORD_SENTENCE : 0);
		break;
	case '.': case '!': case '?': case 0x2026: case ';':
		read_stop(r, c);
		break;
	case ':':
		if (last != NULL)
			last->flags |= NAME_WORD_COLON;
		r->flags |= NAME_WORD_COMMA;
		break;
	case 0x2013: case 0x2014:
		r->flags |= NAME_WORD_DASH | NAME_WORD_COMMA;
		break;
	case ',': case '(': case ')':
		r->flags |= NAME_WORD_COMMA;
		break;
	default:
		break;
	}
}

static void read_letter(Reader *r, gunichar c, gsize at)
{
	if (is_silent(c))
		return;
	if (!g_unichar_isalpha(c)) {
		end_word(r, c == '.');
		read_mark(r, c);
		return;
	}
	if (r->n == 0) {
		r->capital = g_unichar_isupper(c);
		r->at = at;
	}
	if (r->n < RAW_MAX)
		r->letters[r->n++] = g_unichar_tolower(c);
}

NameText *name_text_new(const char *octets, gsize size)
{
	Reader r = {.flags = NAME_WORD_SENTENCE | NAME_WORD_LINE};
	r.text = g_new0(NameText, 1);
	r.text->folds = g_string_sized_new(MIN(size, 65536) + 16);
	r.text->words = g_array_new(FALSE, FALSE, sizeof(NameWord));
	r.scratch = g_string_sized_new(RAW_MAX);
	const char *end = octets + size;
	for (const char *at = octets; at < end && r.text->words->len < NAME_TEXT_WORDS;) {
		gunichar c = (guchar)*at < 0x80 ? (gunichar)(guchar)*at : g_utf8_get_char_validated(at, end - at);
		gboolean broken = c == (gunichar)-1 || c == (gunichar)-2;
		read_letter(&r, broken ? ' ' : c, (gsize)(at - octets));
		at += broken ? 1 : g_unichar_to_utf8(c, NULL);
	}
	if (r.text->words->len < NAME_TEXT_WORDS)
		end_word(&r, FALSE);
	g_string_free(r.scratch, TRUE);
	return r.text;
}

void name_text_free(NameText *text)
{
	if (text == NULL)
		return;
	g_string_free(text->folds, TRUE);
	g_array_unref(text->words);
	g_free(text);
}

const NameWord *name_text_word(const NameText *text, gssize i)
{
	return i >= 0 && i < (gssize)text->words->len ? &g_array_index(text->words, NameWord, (guint)i) : NULL;
}

const char *name_text_fold(const NameText *text, gssize i)
{
	const NameWord *word = name_text_word(text, i);
	return word != NULL ? text->folds->str + word->fold : "";
}

gsize name_text_word_end(const char *octets, gsize size, gsize from)
{
	const char *at = octets + from, *end = octets + size, *next;
	while (at < end) {
		const gunichar c = utf8_next(at, end, &next);
		if (c == UTF8_BAD || (!g_unichar_isalpha(c) && !g_unichar_ismark(c) && !is_silent(c)))
			break;
		at = next;
	}
	while (at > octets + from && (at[-1] == '\'' || at[-1] == '`'))
		at--;
	return (gsize)(at - octets);
}

gboolean name_text_is_small(const NameText *text)
{
	guint small = 0, all = 0;
	for (guint i = 0; i < text->words->len; i++) {
		const NameWord *word = name_text_word(text, i);
		if ((word->flags & NAME_WORD_SENTENCE) == 0 || word->size < 2)
			continue;
		all++;
		small += (word->flags & NAME_WORD_CAPITAL) == 0;
	}
	return all > 0 && small * 2 > all;
}
