/* SPDX-License-Identifier: ISC */
/* Numbers that name a person: identity numbers, telephones, accounts, cards; by their check digits and their forms. */
#include <string.h>

#include "policy/phone.h"
#include "policy/redact-private.h"
#include "policy/utf8.h"

#define GROUP_MAX 40   /* digits of one group; a longer one is no number of anybody */
#define NUMBER_MAX 19  /* digits of the longest of them, a card's */
#define GROUPS_MAX 19  /* that make up one number: digit by digit */
#define BETWEEN_MAX 3  /* characters between two groups */
#define WRAPPED 50     /* octets of a line behind which a number may go on on the next one */
#define LABEL_REACH 48 /* octets between a number and the word for it */
#define IBAN_MAX 34
#define IBAN_MIN 15
#define IBAN_KZ 20

typedef struct {
	gsize from, to;
	guint n;
	char digits[GROUP_MAX + 1];
	gboolean plus;   /* one stands before it */
	gboolean joined; /* to the one before it */
	gboolean blank;  /* by blanks and hyphens alone */
	gboolean latin;  /* a Latin letter stands right before it */
} Group;

/* --- rows of digits --------------------------------------------------------------------------------------------------- */

static gboolean is_silent(gunichar c)
{
	return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x2060 && c <= 0x2064) || c == 0xfeff;
}

static gboolean is_blank(gunichar c)
{
	return c == ' ' || c == '\t' || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000 ||
	       c == '-' || c == 0xad || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

static gboolean is_mark(gunichar c)
{
	return c == '(' || c == ')' || c == '.' || c == '/' || c == '_' || c == 0xb7;
}

typedef struct {
	GArray *groups;    /* Group */
	Group group;       /* that is being read */
	guint between;     /* since the last one */
	gboolean blank, broken, plus;
	gsize line; /* where it began */
	gunichar before;
} Reader;

static void end_group(Reader *reader)
{
	if (reader->group.n > 0 && reader->group.n <= GROUP_MAX)
		g_array_append_val(reader->groups, reader->group);
	reader->broken = reader->group.n > GROUP_MAX;
	reader->group.n = 0;
	reader->between = 0;
	reader->blank = TRUE;
	reader->plus = FALSE;
}

static void read_digit(Reader *reader, gint digit, gsize from, gsize to)
{
	Group *group = &reader->group;
	if (group->n == 0) {
		memset(group, 0, sizeof *group);
		group->from = from;
		group->plus = reader->plus;
		group->joined = reader->groups->len > 0 && !reader->broken && !reader->plus && reader->between <= BETWEEN_MAX;
		group->blank = reader->blank;
		group->latin = reader->before < 0x80 && g_ascii_isalpha((char)reader->before);
	}
	if (group->n < GROUP_MAX)
		group->digits[group->n] = (char)('0' + digit);
	group->n++;
	group->to = to;
}

static void read_other(Reader *reader, gunichar c, gsize at)
{
	const gboolean wrapped = c == '\n' && at - reader->line >= WRAPPED;
	if (is_silent(c))
		return;
	if (reader->group.n > 0)
		end_group(reader);
	reader->between++;
	reader->plus = c == '+' || c == 0xff0b || (reader->plus && is_blank(c));
	reader->blank = reader->blank && (is_blank(c) || wrapped);
	reader->broken = reader->broken || !(is_blank(c) || is_mark(c) || wrapped || c == '\r');
	if (c == '\n')
		reader->line = at + 1;
}

static GArray *read_groups(const RedactLook *look)
{
	Reader reader = {.groups = g_array_new(FALSE, FALSE, sizeof(Group)), .broken = TRUE, .before = ' '};
	for (const char *at = look->text, *end = look->text + look->size, *next; at < end; at = next) {
		const gunichar c = utf8_next(at, end, &next);
		const gint digit = c != UTF8_BAD ? g_unichar_digit_value(c) : -1;
		if (digit >= 0)
			read_digit(&reader, digit, (gsize)(at - look->text), (gsize)(next - look->text));
		else
			read_other(&reader, c, (gsize)(at - look->text));
		reader.before = c;
	}
	end_group(&reader);
	return reader.groups;
}

/* --- what a row of groups is ---------------------------------------------------------------------------------------- */

typedef struct {
	const RedactLook *look;
	const Group *groups;
	guint n;
	char digits[NUMBER_MAX + 1];
	gsize size;    /* digits */
	gboolean blank; /* nothing but blanks and hyphens between them */
} Number;

static gboolean stands_behind(const Number *number, const char *const *labels)
{
	g_autofree char *before = redact_look_before(number->look, number->groups[0].from, LABEL_REACH);
	for (; *labels != NULL; labels++)
		if (strstr(before, *labels) != NULL)
			return TRUE;
	return FALSE;
}

static guint two(const char *digits)
{
	return (guint)(digits[0] - '0') * 10 + (guint)(digits[1] - '0');
}

/* The eleven weights, and if they come to 10 those that begin with 3: the twelfth digit. */
static gboolean has_check_digit(const char *digits)
{
	for (guint row = 0; row < 2; row++) {
		guint sum = 0;
		for (guint i = 0; i < 11; i++)
			sum += (guint)(digits[i] - '0') * ((i + 2 * row) % 11 + 1);
		if (sum % 11 < 10)
			return sum % 11 == (guint)(digits[11] - '0');
	}
	return FALSE;
}

/* IIN: day of birth, century and sex; BIN: month of registration, kind. */
static gboolean has_date(const char *digits)
{
	const guint month = two(digits + 2), day = two(digits + 4);
	const gboolean person = day >= 1 && day <= 31 && digits[6] <= '6', body = digits[4] >= '4' && digits[4] <= '6';
	return month >= 1 && month <= 12 && (person || body);
}

static gboolean is_identity(const Number *number)
{
	static const char *const labels[] = {"иин", "жсн", "бин", "бсн", "iin", "bin", "jsn", "bsn", NULL};
	if (number->size != 12)
		return FALSE;
	return (number->blank && has_date(number->digits) && has_check_digit(number->digits)) || stands_behind(number, labels);
}

static gboolean is_card(const Number *number)
{
	guint sum = 0;
	/* Written as on the card: in one piece, or by fours or sixes, or digit by digit. */
	for (guint i = 0; i + 1 < number->n; i++)
		if (number->n > 1 && number->groups[i].n != 4 && number->groups[i].n != 6 && number->groups[i].n != 1)
			return FALSE;
	if (number->size < 13 || !number->blank || number->digits[0] == '0')
		return FALSE;
	for (gsize i = 0; i < number->size; i++) {
		guint digit = (guint)(number->digits[number->size - 1 - i] - '0') * (i % 2 == 1 ? 2 : 1);
		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

static gboolean is_sized(const Number *number, guint a, guint b, guint c, guint d)
{
	const guint sizes[] = {a, b, c, d};
	guint n = 0;
	while (n < G_N_ELEMENTS(sizes) && sizes[n] != 0)
		n++;
	for (guint i = 0; i < n && n == number->n; i++)
		if (number->groups[i].n != sizes[i])
			return FALSE;
	return n == number->n;
}

/* 701 123 45 67: a mobile number as it is said, without the country. */
static gboolean is_bare_mobile(const Number *number)
{
	static const char *const codes[] = {"700", "701", "702", "703", "704", "705", "706", "707", "708",
	                                    "747", "750", "751", "760", "761", "762", "763", "764", "771",
	                                    "775", "776", "777", "778"};
	if (number->size != 10 || !(is_sized(number, 10, 0, 0, 0) || is_sized(number, 3, 7, 0, 0) || is_sized(number, 3, 3, 4, 0) ||
	                            is_sized(number, 3, 3, 2, 2) || is_sized(number, 3, 2, 2, 3)))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
		if (strncmp(number->digits, codes[i], 3) == 0)
			return TRUE;
	return FALSE;
}

static gboolean is_phone(const Number *number)
{
	const Group *first = &number->groups[0];
	const char *at = number->look->text + first->from;
	g_autofree char *whole = phone_number(number->digits, first->plus);
	if (first->latin)
		return FALSE;
	if (whole != NULL || is_bare_mobile(number))
		return TRUE;
	g_autofree char *short_one = phone_behind_label(number->digits, at, 1);
	g_autofree char *before = short_one != NULL ? redact_look_before(number->look, first->from, LABEL_REACH) : NULL;
	return before != NULL && phone_is_labelled(before, strlen(before));
}

/* The digits of a value of the card, of which the last ones say enough. */
static gboolean is_known(const Number *number, const char *const *values)
{
	for (; values != NULL && *values != NULL; values++) {
		g_autoptr(GString) digits = g_string_new(NULL);
		for (const char *at = *values; *at != '\0'; at = g_utf8_next_char(at))
			if (g_unichar_digit_value(g_utf8_get_char(at)) >= 0)
				g_string_append_c(digits, (char)('0' + g_unichar_digit_value(g_utf8_get_char(at))));
		const gsize least = MIN(digits->len, 7);
		if (least >= 5 && number->size >= least &&
		    (g_str_has_suffix(digits->str, number->digits) || g_str_has_suffix(number->digits, digits->str)))
			return TRUE;
	}
	return FALSE;
}

static gboolean take_number(const Number *number)
{
	static const struct {
		RedactKind kind;
		gboolean (*is)(const Number *number);
	} rows[] = {{REDACT_IDENTITY, is_identity}, {REDACT_PHONE, is_phone}, {REDACT_CARD, is_card}};
	const gsize from = number->groups[0].from, to = number->groups[number->n - 1].to;
	gsize plus = from;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].is(number)) {
			if (number->groups[0].plus)
				while (plus > 0 && number->look->text[plus] != '+' && from - plus < 3)
					plus--;
			redact_look_add(number->look, rows[i].kind, number->look->text[plus] == '+' ? plus : from, to);
			return TRUE;
		}
	const gboolean known = is_known(number, number->look->question->values), word = is_known(number, number->look->question->words);
	if (known || word)
		redact_look_add(number->look, known ? REDACT_PHONE : REDACT_WORD, from, to);
	return known || word;
}

/* The longest row of groups from the first on that is something: how many groups it takes, 0 for none. */
static guint take_longest(const RedactLook *look, const GArray *groups, guint first)
{
	guint most = 1;
	gsize size = g_array_index(groups, Group, first).n;
	while (most < GROUPS_MAX && first + most < groups->len && g_array_index(groups, Group, first + most).joined &&
	       size + g_array_index(groups, Group, first + most).n <= NUMBER_MAX)
		size += g_array_index(groups, Group, first + most++).n;
	for (guint n = most; n > 0; n--) {
		Number number = {.look = look, .groups = &g_array_index(groups, Group, first), .n = n, .blank = TRUE};
		for (guint i = 0; i < n && number.size + number.groups[i].n <= NUMBER_MAX; i++) {
			memcpy(number.digits + number.size, number.groups[i].digits, number.groups[i].n);
			number.size += number.groups[i].n;
			number.blank = number.blank && (i == 0 || number.groups[i].blank);
		}
		if (number.size >= 5 && take_number(&number))
			return n;
	}
	return 0;
}

/* --- accounts -------------------------------------------------------------------------------------------------------- */

/* A letter or digit of an IBAN; Cyrillic letters that look like Latin ones are these. 0: none. */
static char iban_char(gunichar c)
{
	static const gunichar looks[] = {0x410, 0x412, 0x415, 0x41a, 0x41c, 0x41d, 0x41e, 0x420, 0x421, 0x422, 0x425};
	const gunichar upper = g_unichar_toupper(c);
	if (c == UTF8_BAD)
		return 0;
	if (c >= 0xff01 && c <= 0xff5e)
		return iban_char(c - 0xfee0);
	if (upper < 0x80)
		return g_ascii_isalnum((char)upper) ? (char)upper : 0;
	for (gsize i = 0; i < G_N_ELEMENTS(looks); i++)
		if (looks[i] == upper)
			return "ABEKMHOPCTX"[i];
	return 0;
}

/* ISO 13616: the first four behind the rest, letters as 10 to 35. */
static gboolean is_iban(const char *text, gsize size)
{
	guint rest = 0;
	for (gsize i = 0; i < size; i++) {
		const char c = text[(i + 4) % size];
		const guint value = g_ascii_isdigit(c) ? (guint)(c - '0') : (guint)(c - 'A') + 10;
		rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
	}
	return rest == 1;
}

/* What begins at `at`, if it is one: its end, or 0. */
static gsize read_iban(const RedactLook *look, gsize at, gboolean labelled)
{
	char text[IBAN_MAX + 1];
	gsize ends[IBAN_MAX], n = 0;
	guint between = 0;
	const char *end = look->text + look->size, *next;
	for (const char *here = look->text + at; here < end && n < IBAN_MAX; here = next) {
		const gunichar c = utf8_next(here, end, &next);
		const char one = iban_char(c);
		if (one == 0 && (is_silent(c) || (is_blank(c) && ++between <= 1)))
			continue;
		if (one == 0)
			break;
		text[n] = one;
		ends[n++] = (gsize)(next - look->text);
		between = 0;
		if ((n == 2 && !(g_ascii_isalpha(text[0]) && g_ascii_isalpha(text[1]))) || (n <= 4 && n > 2 && !g_ascii_isdigit(one)))
			return 0;
	}
	const gboolean home = n >= IBAN_KZ && text[0] == 'K' && text[1] == 'Z';
	if (home)
		return labelled || is_iban(text, IBAN_KZ) ? ends[IBAN_KZ - 1] : 0;
	for (gsize size = n; size >= IBAN_MIN; size--)
		if (is_iban(text, size))
			return ends[size - 1];
	return 0;
}

static gboolean is_account_labelled(const RedactLook *look, gsize at)
{
	static const char *const labels[] = {"счет", "счёт", "иик", "жск", "шот", "iban", "account"};
	g_autofree char *before = redact_look_before(look, at, LABEL_REACH);
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
		if (strstr(before, labels[i]) != NULL)
			return TRUE;
	return FALSE;
}

static void find_ibans(const RedactLook *look)
{
	gunichar before = ' ';
	for (const char *at = look->text, *end = look->text + look->size, *next; at < end; at = next) {
		const gunichar c = utf8_next(at, end, &next);
		const gsize from = (gsize)(at - look->text);
		if (!g_unichar_isalnum(before) && g_ascii_isalpha(iban_char(c))) {
			const gsize loose = read_iban(look, from, TRUE), strict = loose != 0 ? read_iban(look, from, FALSE) : 0;
			if (strict != 0 || (loose != 0 && is_account_labelled(look, from)))
				redact_look_add(look, REDACT_ACCOUNT, from, strict != 0 ? strict : loose);
		}
		before = c == UTF8_BAD ? ' ' : c;
	}
}

void redact_number_find(const RedactLook *look)
{
	g_autoptr(GArray) groups = read_groups(look);
	for (guint i = 0; i < groups->len;)
		i += MAX(take_longest(look, groups, i), 1);
	find_ibans(look);
}
