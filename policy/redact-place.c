/* SPDX-License-Identifier: ISC */
/* Addresses: of mail, of messengers and networks, of streets. */
#include <string.h>

#include "policy/person.h"
#include "policy/redact-private.h"
#include "policy/utf8.h"

#define LINK_MAX 500 /* octets on each side of its host */

/* --- mail and links --------------------------------------------------------------------------------------------------- */

static gboolean is_local(gunichar c)
{
	return c != UTF8_BAD && (g_unichar_isalnum(c) || (c < 0x80 && c != 0 && strchr("._%+-", (int)c) != NULL));
}

/* How long the sign between local part and domain is at `at`: @, its wide form, or a word for it in brackets; 0 none. */
static gsize at_sign(const char *at, gsize left)
{
	static const char *const signs[] = {"@", "＠", "(at)", "[at]", "(AT)", "[AT]", "(собака)", "[собака]", " собака "};
	for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
		if (strlen(signs[i]) <= left && memcmp(at, signs[i], strlen(signs[i])) == 0)
			return strlen(signs[i]);
	return 0;
}

static gsize dot_sign(const char *at, gsize left)
{
	static const char *const signs[] = {"(dot)", "[dot]", "(DOT)", "(точка)", "[точка]", " точка ", " (dot) ", " [dot] ", " (точка) "};
	for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
		if (strlen(signs[i]) <= left && memcmp(at, signs[i], strlen(signs[i])) == 0)
			return strlen(signs[i]);
	return 0;
}

static gsize local_begin(const RedactLook *look, gsize at)
{
	const char *here = look->text + at, *before;
	while ((before = g_utf8_find_prev_char(look->text, here)) != NULL &&
	       is_local(g_utf8_get_char_validated(before, here - before)))
		here = before;
	return (gsize)(here - look->text);
}

static gsize domain_end(const RedactLook *look, gsize at, gboolean *dotted)
{
	const char *here = look->text + at, *end = look->text + look->size, *next;
	const char *last = here; /* behind its last letter: a full stop behind it is the sentence's */
	*dotted = FALSE;
	while (here < end) {
		const gsize dot = dot_sign(here, (gsize)(end - here));
		const gunichar c = utf8_next(here, end, &next);
		if (dot != 0)
			next = here + dot;
		else if (c == UTF8_BAD || !(g_unichar_isalnum(c) || c == '.' || c == '-' || c == '_'))
			break;
		if (dot == 0 && c != '.' && c != '-') {
			*dotted = *dotted || (last > look->text + at && last != here);
			last = next;
		}
		here = next;
	}
	return (gsize)(last - look->text);
}

/* One blank on either side, where what stands there is a domain: name @ mail.kz. */
static void take_mail(const RedactLook *look, gsize at, gsize sign)
{
	gboolean dotted;
	gsize behind = at + sign, before = at, to;
	const gboolean blank_behind = behind < look->size && look->text[behind] == ' ';
	if (blank_behind)
		behind++;
	if (before > 0 && look->text[before - 1] == ' ')
		before--;
	to = domain_end(look, behind, &dotted);
	if (to == behind || (!dotted && (blank_behind || sign > 1)))
		return;
	const gsize from = local_begin(look, dotted ? before : at);
	redact_look_add(look, REDACT_CONTACT, from < before || !dotted ? from : at, to);
}

static void find_mail(const RedactLook *look)
{
	for (gsize at = 0; at < look->size; at++) {
		const char c = look->text[at];
		const gsize sign = c == '@' || c == '(' || c == '[' || c == ' ' || (guchar)c == 0xef
		                     ? at_sign(look->text + at, look->size - at) : 0;
		if (sign != 0)
			take_mail(look, at, sign);
	}
}

/* A page of somebody: it names its owner, or an archive of it does. */
static void find_links(const RedactLook *look)
{
	static const char *const hosts[] = {"t.me/", "telegram.me/", "wa.me/", "whatsapp.com/", "instagram.com/", "facebook.com/", "fb.com/",
	                                    "vk.com/", "ok.ru/", "tiktok.com/", "linkedin.com/", "youtube.com/@", "threads.net/"};
	g_autofree char *lower = g_ascii_strdown(look->text, (gssize)look->size);
	for (gsize i = 0; i < G_N_ELEMENTS(hosts); i++) {
		const char *end = lower + look->size;
		for (const char *at = lower; (at = memmem(at, (gsize)(end - at), hosts[i], strlen(hosts[i]))) != NULL; at++) {
			gsize from = (gsize)(at - lower), to = from;
			const gsize least = from > LINK_MAX ? from - LINK_MAX : 0, most = MIN(look->size, to + LINK_MAX);
			while (from > least && !g_ascii_isspace(lower[from - 1]) && strchr("<>()\"'", lower[from - 1]) == NULL)
				from--;
			while (to < most && !g_ascii_isspace(lower[to]) && strchr("<>()\"'", lower[to]) == NULL)
				to++;
			redact_look_add(look, REDACT_CONTACT, from, to);
		}
	}
}

/* --- streets ---------------------------------------------------------------------------------------------------------- */

typedef struct {
	gsize from, to;
	char *word; /* in lower case */
	gboolean capital, digits;
	gboolean apart; /* more than blanks, commas, full stops, dashes and № stands between it and the one before */
	gboolean stop;  /* a full stop is among them */
} Token;

typedef enum { STREET_BEFORE, STREET_BEHIND, PLACE_BEFORE, PLACE_BEHIND, HOUSE, WORD_KINDS } WordKind;

static const char *const *const place_words[WORD_KINDS] = {
	[STREET_BEFORE] = (const char *const[]){"ул", "улица", "улице", "улицы", "улицу", "пр", "просп", "проспект", "проспекте", "проспекта", "пр-т",
	                                        "пр-кт", "пр-те", "пер", "переулок", "переулке", "мкр", "мкрн", "мкр-н", "микрорайон",
	                                        "микрорайоне", "бульвар", "бульваре", "б-р", "шоссе", "набережная",
	                                        "тупик", NULL},
	[STREET_BEHIND] = (const char *const[]){"көшесі", "көшесінде", "көшесіндегі", "көшесінің", "көш", "к-сі", "даңғылы", "даңғылында",
	                                        "даңғылындағы", "даң", "ықшамаудан", "ықшамауданы", "ықшамауданында", "ы/а", "м/а", "шағынаудан",
	                                        "шағынауданы", "шағынауданында", "тұйығы", "бульвары", "street", "st", "avenue", "ave", "road",
	                                        "ауданында", NULL},
	[PLACE_BEFORE] = (const char *const[]){"г", "гор", "город", "городе", "города", "с", "село", "селе", "села", "пос", "поселок", "посёлок",
	                                       "поселке", "посёлке", "аул", "ауле", "п", "р", "обл", "область", NULL},
	[PLACE_BEHIND] = (const char *const[]){"қ", "қаласы", "қаласында", "қаласының", "ауылы", "ауылында", "а", "ауданы", "облысы", "облысының",
	                                       "обл", "область", "области", "район", "района", "районе", "р-н", "р-на", "р-не", "кенті",
	                                       "city", "region", NULL},
	[HOUSE] = (const char *const[]){"д", "дом", "дома", "доме", "үй", "үйі", "үйде", "үйінде", "кв", "квартира", "квартире", "пәтер", "пәтері",
	                                "корп", "корпус", "оф", "офис", "подъезд", "подъезде", "кіреберіс", "эт", "этаж", "этаже", "қабат", "стр",
	                                "строение", "индекс", "каб", "кабинет", "комната", "комн", "бөлме", "flat", "apt", "apartment", "house",
	                                NULL},
};

static gboolean is_word(const Token *token, WordKind kind)
{
	return g_strv_contains(place_words[kind], token->word);
}

static void token_clear(gpointer data)
{
	g_free(((Token *)data)->word);
}

static void note_between(Token *token, gunichar c)
{
	token->stop = token->stop || c == '.' || c == '!' || c == '?';
	token->apart = token->apart || c == UTF8_BAD || c == '\n' ||
	               !(g_unichar_isspace(c) || (c < 0x80 && strchr(".,-/\"", (int)c) != NULL) || c == 0x2116 || c == 0x2013 || c == 0x2014 ||
	                 c == 0xab || c == 0xbb);
}

/* Words and numbers; 12-а and р-н are one each, 5-пәтер is two. */
static GArray *read_tokens(const RedactLook *look)
{
	GArray *tokens = g_array_new(FALSE, TRUE, sizeof(Token));
	g_array_set_clear_func(tokens, token_clear);
	Token next_one = {.apart = TRUE};
	const char *end = look->text + look->size, *next;
	for (const char *at = look->text; at < end;) {
		gunichar c = utf8_next(at, end, &next);
		if (c == UTF8_BAD || !g_unichar_isalnum(c)) {
			note_between(&next_one, c);
			at = next;
			continue;
		}
		const char *from = at;
		next_one.capital = g_unichar_isupper(c);
		next_one.digits = g_unichar_isdigit(c);
		while (at < end) {
			c = utf8_next(at, end, &next);
			const gboolean letter = c != UTF8_BAD && (next_one.digits ? g_unichar_isdigit(c) : g_unichar_isalnum(c));
			const gboolean inside = !next_one.digits && (c == '-' || c == '/') && next < end &&
			                        g_unichar_isalpha(g_utf8_get_char_validated(next, end - next));
			if (!letter && !inside)
				break;
			at = next;
		}
		next_one.from = (gsize)(from - look->text);
		next_one.to = (gsize)(at - look->text);
		next_one.word = g_utf8_strdown(from, at - from);
		g_array_append_val(tokens, next_one);
		next_one = (Token){0};
	}
	return tokens;
}

static const Token *token_at(const GArray *tokens, gssize i)
{
	return i >= 0 && i < (gssize)tokens->len ? &g_array_index(tokens, Token, (guint)i) : NULL;
}

/* A house number, or a letter that belongs to one. */
static gboolean belongs_behind(const Token *token)
{
	return token != NULL && !token->apart &&
	       ((token->digits && token->to - token->from <= 6) || is_word(token, HOUSE) || (!token->stop && g_utf8_strlen(token->word, -1) == 1));
}

/* «Алматы қ.», «г. Алматы», «050000»: what stands before a street is where it is. A full stop is that of a short word. */
static gboolean belongs_before(const GArray *tokens, gssize i)
{
	const Token *token = token_at(tokens, i), *behind = token_at(tokens, i + 1);
	if (token == NULL || behind == NULL || behind->apart || (behind->stop && g_utf8_strlen(token->word, -1) > 4))
		return FALSE;
	return token->capital || is_word(token, PLACE_BEFORE) || is_word(token, PLACE_BEHIND) ||
	       (token->digits && token->to - token->from == 6);
}

/* With the house: without one a street is where something happened. */
static void take_address(const RedactLook *look, const GArray *tokens, gssize first, gssize last)
{
	gssize to = last;
	gboolean house = FALSE;
	while (belongs_behind(token_at(tokens, to + 1)))
		house = token_at(tokens, ++to)->digits || house;
	for (gssize i = first; i <= last; i++)
		house = house || (token_at(tokens, i)->digits && i > first);
	if (!house)
		return;
	for (guint n = 0; n < 8 && belongs_before(tokens, first - 1); n++)
		first--;
	redact_look_add(look, REDACT_ADDRESS, token_at(tokens, first)->from, token_at(tokens, to)->to);
}

/* улица Абая 12, мкр. 8 дом 3, пр-т Достык: up to four words behind it, till a number or a word for a house. */
static void take_behind(const RedactLook *look, const GArray *tokens, gssize i)
{
	gssize last = i;
	for (const Token *token; last - i < 4 && (token = token_at(tokens, last + 1)) != NULL && !token->apart &&
	                         (token->capital || token->digits || last == i);) {
		if (belongs_behind(token) && last > i)
			break;
		last++;
	}
	take_address(look, tokens, i, last);
}

/* Абай көшесі 12, Сайын даңғылы, 5-үй: up to three words before it. */
static void take_before(const RedactLook *look, const GArray *tokens, gssize i)
{
	gssize first = i;
	while (i - first < 3 && !token_at(tokens, first)->apart && !token_at(tokens, first)->stop && token_at(tokens, first - 1) != NULL &&
	       (token_at(tokens, first - 1)->capital || token_at(tokens, first - 1)->digits))
		first--;
	if (first < i)
		take_address(look, tokens, first, i);
}

static void find_streets(const RedactLook *look)
{
	g_autoptr(GArray) tokens = read_tokens(look);
	for (guint i = 0; i < tokens->len; i++) {
		const Token *token = &g_array_index(tokens, Token, i);
		if (is_word(token, STREET_BEFORE))
			take_behind(look, tokens, i);
		else if (is_word(token, STREET_BEHIND))
			take_before(look, tokens, i);
	}
}

/* --- as they were given ----------------------------------------------------------------------------------------------- */

static void find_literally(const RedactLook *look, RedactKind kind, const char *value)
{
	const gsize size = strlen(value);
	const char *end = look->text + look->size;
	for (const char *at = look->text; size >= 4 && at < end && (at = memmem(at, (gsize)(end - at), value, size)) != NULL; at += size)
		redact_look_add(look, kind, (gsize)(at - look->text), (gsize)(at - look->text) + size);
}

/* What the text says of its writer's address, and what the card has. */
static void find_given(const RedactLook *look)
{
	g_autoptr(Person) person = person_find(look->text, look->size);
	for (guint i = 0; i < person->rows->len; i++) {
		const PersonRow *row = &g_array_index(person->rows, PersonRow, i);
		if (strcmp(row->what, "address") == 0)
			find_literally(look, REDACT_ADDRESS, row->value);
	}
	for (guint i = 0; look->question->values != NULL && look->question->values[i] != NULL; i++)
		find_literally(look, strchr(look->question->values[i], '@') != NULL ? REDACT_CONTACT : REDACT_ADDRESS, look->question->values[i]);
}

void redact_place_find(const RedactLook *look)
{
	find_mail(look);
	find_links(look);
	find_streets(look);
	find_given(look);
}
