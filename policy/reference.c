/* SPDX-License-Identifier: ISC */
#include "policy/reference.h"

#include <string.h>

#include "base/finding.h"

#define ID_TOKEN 58      /* store/letter-token.h: LETTER_TOKEN_TEXT, LETTER_TOKEN_REPLY, LETTER_TOKEN_WORD */
#define ADDRESS_TOKEN 26
#define WORD 8
#define NUMBER_MAX 9     /* digits */
#define BLANKS_MAX 3

void references_free(References *references)
{
	if (references == NULL)
		return;
	g_ptr_array_unref(references->found);
	g_free(references);
}

static void add(References *references, char *reference)
{
	if (g_ptr_array_find_with_equal_func(references->found, reference, g_str_equal, NULL)) {
		g_free(reference);
	} else if (references->found->len == FINDING_LIST_MAX) {
		references->more = TRUE;
		g_free(reference);
	} else {
		g_ptr_array_add(references->found, reference);
	}
}

/* --- tokens ------------------------------------------------------------------------------------ */

static gboolean is_base32(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}

static gboolean all_base32(const char *at, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (!is_base32(at[i]))
			return FALSE;
	return TRUE;
}

/* A sentence may end behind a domain; a longer domain does not. */
static gboolean goes_on(const char *at, gsize left)
{
	return left > 0 && (g_ascii_isalnum(*at) || *at == '-' || (*at == '.' && left > 1 && g_ascii_isalnum(at[1])));
}

/* Does one of our domains, and no longer one, stand there? */
static gboolean is_tag(const GPtrArray *tags, const char *at, gsize left)
{
	for (guint i = 0; tags != NULL && i < tags->len; i++) {
		const char *tag = tags->pdata[i];
		gsize size = strlen(tag);
		if (size <= left && g_ascii_strncasecmp(at, tag, size) == 0 && !goes_on(at + size, left - size))
			return TRUE;
	}
	return FALSE;
}

/* Message-IDs of ours in it: what stands in front of an @. */
static void find_ids(References *references, const GPtrArray *tags, const char *text, gsize size)
{
	const char *end = text + size, *at = text;
	while ((at = memchr(at, '@', (gsize)(end - at))) != NULL) {
		const char *token = at - ID_TOKEN;
		if (at - text >= ID_TOKEN && all_base32(token, ID_TOKEN) && (token == text || !is_base32(token[-1])) &&
		    is_tag(tags, at + 1, (gsize)(end - at - 1))) {
			add(references, g_ascii_strdown(token, ID_TOKEN));
			references->by_id = TRUE;
		}
		at++;
	}
}

static void find_address(References *references, const char *address)
{
	const char *at = strrchr(address, '@');
	if (at == NULL || at - address <= ADDRESS_TOKEN)
		return;
	const char *token = at - ADDRESS_TOKEN;
	if (all_base32(token, ADDRESS_TOKEN) && !g_ascii_isalnum(token[-1]))
		add(references, g_ascii_strdown(token, ADDRESS_TOKEN));
}

/* --- numbers with a word --------------------------------------------------------------------------- */

/* Letters that look the same, in both alphabets and both cases: whoever copies the word by hand types what he has. */
static const struct {
	gunichar from;
	char to;
} letters[] = {
	{0x410, 'A'}, {0x412, 'B'}, {0x421, 'C'}, {0x415, 'E'}, {0x41d, 'H'}, {0x406, 'I'}, {0x41a, 'K'},
	{0x41c, 'M'}, {0x41e, 'O'}, {0x420, 'P'}, {0x422, 'T'}, {0x425, 'X'}, {0x423, 'Y'}, {0x4ae, 'Y'},
};

/* One character, and *at behind it; 0 at the end or where it is no UTF-8. */
static gunichar next(const char **at, const char *end)
{
	gunichar c = *at < end ? g_utf8_get_char_validated(*at, end - *at) : 0;
	if (c == 0 || c == (gunichar)-1 || c == (gunichar)-2)
		return 0;
	*at = g_utf8_next_char(*at);
	return c;
}

static char latin(gunichar c)
{
	c = g_unichar_toupper(c);
	for (gsize i = 0; i < G_N_ELEMENTS(letters); i++)
		if (letters[i].from == c)
			return letters[i].to;
	return c >= 'A' && c <= 'Z' ? (char)c : '\0';
}

static gboolean is_dash(gunichar c)
{
	return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

/* Blanks, a dash, blanks. */
static gboolean take_dash(const char **at, const char *end)
{
	const char *p = *at, *before = p;
	gunichar c = next(&p, end);
	for (guint i = 0; i < BLANKS_MAX && g_unichar_isspace(c); i++)
		c = next(&p, end);
	if (!is_dash(c))
		return FALSE;
	for (guint i = 0; i <= BLANKS_MAX; i++) {
		before = p;
		if (!g_unichar_isspace(next(&p, end)))
			break;
	}
	*at = before;
	return TRUE;
}

static gboolean take_word(const char **at, const char *end, char word[WORD + 1])
{
	for (guint i = 0; i < WORD; i++)
		if ((word[i] = latin(next(at, end))) == '\0')
			return FALSE;
	word[WORD] = '\0';
	const char *behind = *at;
	gunichar c = next(&behind, end);
	return c == 0 || !g_unichar_isalnum(c);
}

/* "/17-KOTAMEHI" or "/X-5-KOTAMEHI" behind the year; at: its slash. */
static char *read_number(const char *year, const char *at, const char *end)
{
	char word[WORD + 1];
	const char *p = at + 1, *digits;
	gboolean aside = latin(next(&p, end)) == 'X';
	if (aside && !take_dash(&p, end))
		return NULL;
	digits = aside ? p : at + 1;
	gsize n = 0;
	while (n <= NUMBER_MAX && digits + n < end && g_ascii_isdigit(digits[n]))
		n++;
	p = digits + n;
	if (n == 0 || n > NUMBER_MAX || digits[0] == '0' || !take_dash(&p, end) || !take_word(&p, end, word))
		return NULL;
	return g_strdup_printf("%.4s/%s%.*s-%s", year, aside ? "X-" : "", (int)n, digits, word);
}

static void find_numbers(References *references, const char *text, gsize size)
{
	const char *end = text + size, *at = text;
	while ((at = memchr(at, '/', (gsize)(end - at))) != NULL) {
		const char *year = at - 4;
		gboolean is_year = at - text >= 4 && (year == text || !g_ascii_isdigit(year[-1]));
		for (guint i = 0; is_year && i < 4; i++)
			is_year = g_ascii_isdigit(year[i]);
		char *reference = is_year ? read_number(year, at, end) : NULL;
		if (reference != NULL)
			add(references, reference);
		at++;
	}
}

/* --- all of it ------------------------------------------------------------------------------------- */

References *reference_find(const ReferenceQuestion *question)
{
	References *references = g_new0(References, 1);
	references->found = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; question->ids != NULL && i < question->ids->len; i++)
		find_ids(references, question->tags, question->ids->pdata[i], strlen(question->ids->pdata[i]));
	for (guint i = 0; question->addresses != NULL && i < question->addresses->len; i++)
		find_address(references, question->addresses->pdata[i]);
	if (question->subject != NULL)
		find_numbers(references, question->subject, strlen(question->subject));
	if (question->text != NULL) {
		find_ids(references, question->tags, question->text, question->size);
		find_numbers(references, question->text, question->size);
	}
	return references;
}
