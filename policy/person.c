/* SPDX-License-Identifier: ISC */
#include "policy/person.h"

#include <string.h>

#include "policy/name-form.h"
#include "policy/name-text.h"
#include "policy/phone.h"
#include "policy/wish.h"
#include "policy/writer.h"
#include "policy/zones.h"

#define LINE_LOOK 400 /* octets of a line that are looked at */
#define LINES_LOOK 20000

typedef struct {
	Person *person;
	const GArray *zones;
	const char *source; /* of the line that is being read; NULL: not the writer's */
} Look;

static void row_clear(gpointer data)
{
	g_free(((PersonRow *)data)->value);
}

static gboolean has_row(const Person *person, const char *what, const char *value)
{
	for (guint i = 0; i < person->rows->len; i++) {
		const PersonRow *row = &g_array_index(person->rows, PersonRow, i);
		if (strcmp(row->what, what) == 0 && (value == NULL || strcmp(row->value, value) == 0))
			return TRUE;
	}
	return FALSE;
}

static void suggest(const Look *look, const char *what, const char *value)
{
	PersonRow row = {what, look->source, g_strstrip(g_strdup(value))};
	if (*row.value == '\0' || look->person->rows->len >= PERSON_MAX || has_row(look->person, what, row.value))
		g_free(row.value);
	else
		g_array_append_val(look->person->rows, row);
}

/* The octet of `lower` at the character that `at` is of `line`. */
static gsize place_in(const char *lower, const char *line, const char *at)
{
	return (gsize)(g_utf8_offset_to_pointer(lower, g_utf8_pointer_to_offset(line, at)) - lower);
}

/* --- telephone ----------------------------------------------------------------------- */

static gboolean is_between_digits(char c)
{
	return c == ' ' || c == '-' || c == '(' || c == ')' || c == '.';
}

/* Reads a number from *at; digits gets its digits, at most 16. */
static gsize read_number(const char *at, char digits[17], gboolean *plus)
{
	const char *from = at;
	gsize n = 0, last = 0;
	*plus = *at == '+';
	at += *plus ? 1 : 0;
	for (guint between = 0; *at != '\0' && n < 16; at++) {
		if (g_ascii_isdigit(*at)) {
			digits[n++] = *at;
			last = (gsize)(at - from) + 1;
			between = 0;
		} else if (!is_between_digits(*at) || ++between > 3) {
			break;
		}
	}
	digits[n] = '\0';
	return MAX(last, 1);
}

static void find_telephones(const Look *look, const char *line, const char *lower)
{
	char digits[17];
	for (const char *at = line; *at != '\0';) {
		gboolean plus;
		if (*at != '+' && !g_ascii_isdigit(*at)) {
			at++;
			continue;
		}
		gboolean inside = at > line && (g_ascii_isalnum(at[-1]) || at[-1] == '@');
		gsize size = read_number(at, digits, &plus);
		g_autofree char *number = inside ? NULL : phone_number(digits, plus);
		if (number == NULL && !inside && !plus && phone_is_labelled(lower, place_in(lower, line, at)))
			number = phone_behind_label(digits, at, size);
		if (number != NULL)
			suggest(look, "phone", number);
		at += size;
	}
}

/* --- e-mail, postal address, organisation -------------------------------------------------- */

static gboolean is_local(char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr("._%+-", c) != NULL);
}

static void find_emails(const Look *look, const char *line)
{
	for (const char *at = strchr(line, '@'); at != NULL; at = strchr(at + 1, '@')) {
		const char *from = at, *to = at + 1;
		while (from > line && is_local(from[-1]))
			from--;
		while (g_ascii_isalnum(*to) || *to == '.' || *to == '-')
			to++;
		while (to > at + 1 && (to[-1] == '.' || to[-1] == '-'))
			to--;
		g_autofree char *address = g_strndup(from, (gsize)(to - from));
		if (from < at && strchr(at, '.') != NULL && memchr(at, '.', (gsize)(to - at)) != NULL)
			suggest(look, "email", address);
	}
}

/* What stands behind one of the labels on this line, or NULL. */
static const char *behind_label(const char *line, const char *lower, const char *const *labels)
{
	for (; *labels != NULL; labels++) {
		const char *at = strstr(lower, *labels);
		const char *colon = at != NULL ? strchr(at + strlen(*labels), ':') : NULL;
		if (at == NULL || (at > lower && g_ascii_isalpha(at[-1])) || colon == NULL || colon - at - strlen(*labels) > 40)
			continue;
		/* Lower case may be longer than what it came from: the colon is counted instead. */
		guint n = 0;
		for (const char *c = lower; c <= colon; c++)
			n += *c == ':';
		const char *there = line;
		for (; n > 0 && *there != '\0'; there++)
			n -= *there == ':';
		return there;
	}
	return NULL;
}

static void find_address(const Look *look, const char *line, const char *lower)
{
	static const char *const labels[] = {"мекенжай", "мекен-жай", "мекен жай", "тұрғылықты", "тұратын жерім", "адрес",
	                                     "прожива", "живу", "место жительства", "address", NULL};
	const char *value = behind_label(line, lower, labels);
	if (value != NULL && strchr(value, '@') == NULL && strpbrk(value, "0123456789") != NULL)
		suggest(look, "address", value);
}

/* Legal forms as they are written, and in full: the register has no abbreviations. */
static const struct {
	const char *brief, *full;
} forms[] = {
	{"ЖШС", "жауапкершілігі шектеулі серіктестік"},
	{"ТОО", "товарищество с ограниченной ответственностью"},
	{"АҚ", "акционерлік қоғам"},
	{"АО", "акционерное общество"},
	{"ЖК", "жеке кәсіпкер"},
	{"ИП", "индивидуальный предприниматель"},
	{"ООО", "общество с ограниченной ответственностью"},
	{"ОАО", "открытое акционерное общество"},
	{"ЗАО", "закрытое акционерное общество"},
	{"ГКП", "государственное коммунальное предприятие"},
	{"ГККП", "государственное коммунальное казённое предприятие"},
	{"КГУ", "коммунальное государственное учреждение"},
	{"РГУ", "республиканское государственное учреждение"},
	{"РМК", "республикалық мемлекеттік кәсіпорын"},
	{"РММ", "республикалық мемлекеттік мекеме"},
	{"КММ", "коммуналдық мемлекеттік мекеме"},
	{"МКҚК", "мемлекеттік коммуналдық қазыналық кәсіпорын"},
	{"КГП", "коммунальное государственное предприятие"},
	{"РГП", "республиканское государственное предприятие"},
	{"МКК", "мемлекеттік коммуналдық кәсіпорын"},
	{"КМК", "коммуналдық мемлекеттік кәсіпорын"},
	{"ЖАҚ", "жабық акционерлік қоғам"},
	{"ШҚ", "шаруа қожалығы"},
	{"КХ", "крестьянское хозяйство"},
	{"ФХ", "фермерское хозяйство"},
	{"ММ", "мемлекеттік мекеме"},
	{"ГУ", "государственное учреждение"},
	{"КЕАҚ", "коммерциялық емес акционерлік қоғам"},
	{"НАО", "некоммерческое акционерное общество"},
	{"ҚБ", "қоғамдық бірлестік"},
	{"ОО", "общественное объединение"},
	{"ЖМ", "жеке мекеме"},
	{"ЧУ", "частное учреждение"},
	{"TOO", "товарищество с ограниченной ответственностью"},
	{"JSHS", "жауапкершілігі шектеулі серіктестік"},
	{"JShS", "жауапкершілігі шектеулі серіктестік"},
	{"ZhShS", "жауапкершілігі шектеулі серіктестік"},
	{"LLP", "limited liability partnership"},
	{"LLC", "limited liability company"},
	{"JSC", "joint-stock company"},
	{"LTD", "limited company"},
	{"Ltd", "limited company"},
};

/* The beginning of a name between «» or "" that ends right before `at`, or NULL. */
static const char *quoted_before(const char *line, const char *at)
{
	while (at > line && at[-1] == ' ')
		at--;
	gsize room = (gsize)(at - line);
	if (room > 2 && memcmp(at - 2, "»", 2) == 0)
		return g_strrstr_len(line, (gssize)room, "«");
	if (room > 2 && at[-1] == '"')
		return g_strrstr_len(line, (gssize)room - 1, "\"");
	return NULL;
}

/* «на ПХВ», the right of economic management, stands between the form and the name. */
static const char *skip_right(const char *at)
{
	static const char right[] = " на ПХВ";
	return g_str_has_prefix(at, right) ? at + strlen(right) : at;
}

/* The end of a name between marks that begins right behind `at`, or NULL. */
static const char *quoted_behind(const char *at)
{
	while (*at == ' ')
		at++;
	const char *end = NULL;
	if (g_str_has_prefix(at, "«"))
		end = strstr(at, "»");
	else if (*at == '"')
		end = strchr(at + 1, '"');
	return end == NULL ? NULL : *end == '"' ? end + 1 : end + strlen("»");
}

static gboolean is_whole_word(const char *line, const char *at, gsize size)
{
	const char *before = at > line ? g_utf8_find_prev_char(line, at) : NULL;
	return (before == NULL || !g_unichar_isalpha(g_utf8_get_char(before))) &&
	       (at[size] == '\0' || !g_unichar_isalpha(g_utf8_get_char(at + size)));
}

/* A capitalised word or an initial that begins at `at`: its end, or NULL. */
static const char *capital_word(const char *at)
{
	if (!g_unichar_isupper(g_utf8_get_char(at)))
		return NULL;
	while (g_unichar_isalpha(g_utf8_get_char(at)) || *at == '-')
		at = g_utf8_next_char(at);
	return at;
}

/* A Russian form stands before its name: ТОО Ромашка, ИП Сериков А. At most three words, or NULL. */
static const char *words_behind(const char *at)
{
	const char *to = NULL;
	for (guint n = 0; n < 3 && *at == ' '; n++) {
		const char *end = capital_word(at + 1);
		if (end == NULL)
			break;
		gboolean initial = g_utf8_strlen(at + 1, end - at - 1) == 1;
		to = at = initial && *end == '.' ? end + 1 : end;
	}
	return to;
}

/* «Біздің Алатау ЖШС»: what a sentence begins with is no name. */
static gboolean is_ours(const char *word)
{
	static const char *const words[] = {"Біздің ", "Біз ", "Мен ", "Осы ", "Бұл ",
	                                    "Our ", "The ", "We ", "My ", "This ", "In ", "At "};
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_has_prefix(word, words[i]))
			return TRUE;
	return FALSE;
}

/* A Latin or a Kazakh form follows its name, capital by capital: Romashka LLP, Алатау Групп ЖШС. */
static const char *words_before(const char *line, const char *at)
{
	const char *from = at;
	for (guint n = 0; n < 5; n++) {
		const char *end = from, *before;
		while (end > line && end[-1] == ' ')
			end--;
		const char *word = end;
		while (word > line && (before = g_utf8_find_prev_char(line, word)) != NULL &&
		       (g_unichar_isalnum(g_utf8_get_char(before)) || *before == '&' || *before == '-'))
			word = before;
		if (word == end || !(g_unichar_isupper(g_utf8_get_char(word)) || *word == '&') || is_ours(word))
			break;
		from = word;
	}
	return from < at ? from : NULL;
}

/* Of the forms of Kazakh and English, which stand behind the name. */
static gboolean follows_name(const char *brief)
{
	static const char *const before[] = {"ТОО", "АО", "ИП", "ООО", "ОАО", "ЗАО", "ГКП", "ГККП", "КГУ", "РГУ",
	                                     "КГП", "РГП", "КХ", "ФХ", "ГУ", "НАО", "ОО", "ЧУ", "ЖК", NULL};
	return !g_strv_contains(before, brief);
}

/* What stands between from and to, the form at `at` among it: form and name apart for the register, and both together. */
static void suggest_organisation(const Look *look, const char *from, const char *to, const char *at, gsize i)
{
	g_autofree char *whole = g_strndup(from, (gsize)(to - from)), *before = g_strndup(from, (gsize)(at - from));
	const char *behind = skip_right(at + strlen(forms[i].brief));
	g_autofree char *after = behind < to ? g_strndup(behind, (gsize)(to - behind)) : g_strdup("");
	if (has_row(look->person, "organisation", NULL))
		return;
	suggest(look, "legal-form", forms[i].full);
	suggest(look, "legal-name", *g_strstrip(before) != '\0' ? before : after);
	suggest(look, "organisation", whole);
}

/* «Береке» шаруа қожалығы: the form spelt out, with a name between marks. */
static void find_spelt_out(const Look *look, const char *line, const char *lower)
{
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		const char *found = strstr(lower, forms[i].full);
		if (found == NULL || has_row(look->person, "organisation", NULL))
			continue;
		const glong place = g_utf8_pointer_to_offset(lower, found);
		const char *at = g_utf8_offset_to_pointer(line, place);
		const char *behind = g_utf8_offset_to_pointer(at, g_utf8_strlen(forms[i].full, -1));
		const char *to = quoted_behind(skip_right(behind)), *from = to != NULL ? at : quoted_before(line, at);
		if (from == NULL)
			continue;
		g_autofree char *whole = g_strndup(from, (gsize)((to != NULL ? to : behind) - from));
		const char *begins = to != NULL ? skip_right(behind) : from, *ends = to != NULL ? to : at;
		g_autofree char *name = g_strndup(begins, (gsize)(ends - begins));
		suggest(look, "legal-form", forms[i].full);
		suggest(look, "legal-name", name);
		suggest(look, "organisation", whole);
	}
}

static void find_organisation(const Look *look, const char *line)
{
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		gsize size = strlen(forms[i].brief);
		for (const char *at = strstr(line, forms[i].brief); at != NULL; at = strstr(at + size, forms[i].brief)) {
			if (!is_whole_word(line, at, size))
				continue;
			const char *to = quoted_behind(skip_right(at + size)), *from = to == NULL ? quoted_before(line, at) : at;
			if (from == NULL && follows_name(forms[i].brief))
				from = words_before(line, at);
			if (from == NULL && (to = words_behind(skip_right(at + size))) != NULL)
				from = at;
			if (from != NULL)
				suggest_organisation(look, from, to != NULL ? to : at + size, at, i);
		}
	}
}

/* --- the name ----------------------------------------------------------------------------------- */

static gboolean is_initial(const char *word)
{
	return g_utf8_strlen(word, -1) <= 1 || g_str_has_suffix(word, ".");
}

/* Which of the words is what, by their forms; nothing where that stays open. */
static void suggest_name(const Look *look, const GPtrArray *words)
{
	static const char *const surname_ends[] = {"ov", "ova", "ev", "eva", "in", "ina", "ski", "skaia", "enko", "uk", "baev"};
	gssize surname = -1, patronymic = -1, given = -1;
	for (guint i = 0; i < words->len; i++) {
		g_autofree char *fold = name_text_fold_word(g_ptr_array_index(words, i));
		gboolean ends = FALSE;
		for (gsize k = 0; k < G_N_ELEMENTS(surname_ends); k++)
			ends |= g_str_has_suffix(fold, surname_ends[k]);
		if (patronymic < 0 && i > 0 && name_form_looks_patronymic(fold))
			patronymic = i;
		else if (given < 0 && name_form_is_common(fold))
			given = i;
		else if (surname < 0 && ends)
			surname = i;
	}
	for (guint i = 0; i < words->len; i++) /* the one that is left is what is missing */
		if ((gssize)i != surname && (gssize)i != patronymic && (gssize)i != given) {
			const gboolean initial = is_initial(g_ptr_array_index(words, i));
			if (given < 0 && (surname >= 0 || initial))
				given = i;
			else if (surname < 0 && !initial)
				surname = i;
			else if (patronymic < 0 && initial)
				patronymic = i;
		}
	if (surname < 0 && patronymic < 0 && words->len > 1)
		return;
	if (surname >= 0)
		suggest(look, "surname", g_ptr_array_index(words, (guint)surname));
	if (given >= 0)
		suggest(look, "given", g_ptr_array_index(words, (guint)given));
	if (patronymic >= 0)
		suggest(look, "patronymic", g_ptr_array_index(words, (guint)patronymic));
}

/* Of whom the text names as its writer the first whose surname is known. */
static void find_name(Look *look, const char *text, gsize size)
{
	g_autoptr(NameText) words = name_text_new(text, size);
	const NamePlace place = {words, text, size};
	g_autoptr(GPtrArray) names = writer_find(&place, look->zones);
	for (guint i = 0; i < names->len; i++) {
		const WriterName *name = g_ptr_array_index(names, i);
		look->source = name->signature ? "signature" : "text";
		if (!has_row(look->person, "surname", NULL) && !has_row(look->person, "patronymic", NULL))
			suggest_name(look, name->words);
	}
}

static gboolean is_blank_line(const char *line)
{
	return strspn(line, " \t\r-_") == strlen(line);
}

/* --- line by line -------------------------------------------------------------------------------- */

/* Lower case of the same number of characters as the line. */
static char *lower_of(const char *line)
{
	GString *out = g_string_new(NULL);
	for (const char *at = line; *at != '\0'; at = g_utf8_next_char(at))
		g_string_append_unichar(out, g_unichar_tolower(g_utf8_get_char(at)));
	return g_string_free(out, FALSE);
}

static void read_line(Look *look, const char *octets, gsize size, gsize offset)
{
	g_autofree char *line = g_utf8_make_valid(octets, (gssize)MIN(size, LINE_LOOK));
	g_autofree char *lower = lower_of(line);
	ZoneKind zone = zones_at(look->zones, offset + strspn(line, " \t"));
	look->source = zone == ZONE_MAIL_QUOTE ? NULL : zone == ZONE_SIGNATURE ? "signature" : "text";
	if (look->source == NULL || is_blank_line(line))
		return;
	find_telephones(look, line, lower);
	find_emails(look, line);
	find_address(look, line, lower);
	find_organisation(look, line);
	find_spelt_out(look, line, lower);
}

Person *person_find(const char *text, gsize size)
{
	Person *person = g_new0(Person, 1);
	person->rows = g_array_new(FALSE, FALSE, sizeof(PersonRow));
	g_array_set_clear_func(person->rows, row_clear);
	g_autoptr(GArray) zones = zones_find(text, size);
	Look look = {.person = person, .zones = zones};
	const Wishes wishes = wishes_find(text, size, zones);
	person->anonymous = wishes.anonymous;
	person->no_answer = wishes.no_answer;
	gsize at = 0;
	find_name(&look, text, size);
	for (guint n = 0; at < size && n < LINES_LOOK; n++) {
		const char *end = memchr(text + at, '\n', size - at);
		gsize length = end != NULL ? (gsize)(end - text) - at : size - at;
		read_line(&look, text + at, length, at);
		at += length + 1;
	}
	return person;
}

Person *person_new(const char *text, gsize size)
{
	Person *person = person_find(text, size);
	if (person->anonymous) /* nothing is offered of somebody who does not want to be known */
		g_array_set_size(person->rows, 0);
	return person;
}

void person_free(Person *person)
{
	if (person == NULL)
		return;
	g_array_unref(person->rows);
	g_free(person);
}
