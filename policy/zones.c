/* SPDX-License-Identifier: ISC */
#include "policy/zones.h"

#include <string.h>

#include "policy/utf8.h"

#define QUOTATION_MAX 4000
#define APOSTROPHES_MAX 300
#define LINE_LOOK 200      /* how much of a line is looked at to know its kind */
#define GREETING_LINES 6   /* how far down a letter may still greet */
#define GREETING_OCTETS 160
#define CLOSING_OCTETS 800 /* how much may follow a closing phrase */

static const char *const greetings[] = {
	"құрметті", "курметти", "сәлеметсіз", "саламатсыз", "қайырлы", "ассалаумағалейкум", "армысыз", "уважаем", "здравствуйте",
	"добрый день", "добрый вечер", "доброе утро", "добрый", "дорог", "dear ", "hello", "good morning", "good afternoon",
	"good evening", "hi ", "hi,", "to whom it may", NULL};

static const char *const closings[] = {
	"құрметпен", "курметпен", "ізгі ниетпен", "сәлеммен", "с уважением", "искренне", "с наилучшими", "с почтением",
	"regards", "best regards", "kind regards", "warm regards", "sincerely", "yours sincerely", "yours faithfully",
	"respectfully", NULL};

static const char *const begins_old_letter[] = {
	"original message", "original appointment", "forwarded message", "begin forwarded", "исходное сообщение",
	"исходное письмо", "пересылаемое сообщение", "пересланное сообщение", "пересылаемое письмо", "бастапқы хат",
	"бастапқы хабар", "қайта жіберілген", "жіберілген хабар", "түпнұсқа хабар", NULL};

static const char *const writes[] = {"wrote:", "writes:", "написал:", "написала:", "написал(а):", "пишет:", "писал:",
                                     "писала:", "писал(а):", "жазды:", "жазған:", "жазады:", NULL};
static const char *const field_from[] = {"from:", "от:", "от кого:", "кімнен:", NULL};
static const char *const field_next[] = {"sent:", "date:", "to:", "отправлено:", "дата:", "кому:", "жіберілді:", "күні:",
                                         "кімге:", NULL};

typedef struct {
	const char *text;
	gsize size;
	GArray *zones;
} Look;

typedef struct {
	gsize from, to; /* without the line end */
	char lower[LINE_LOOK * 2 + 8]; /* its beginning in lower case, blanks in front left out */
} Line;

/* --- lines ------------------------------------------------------------------------------ */

static gunichar lower_of(gunichar c)
{
	if (c < 0x80)
		return (gunichar)g_ascii_tolower((gchar)c);
	return c >= 0x430 && c < 0x450 ? c : c >= 0x410 && c < 0x430 ? c + 0x20 : g_unichar_tolower(c);
}

/* Lower case character by character: g_utf8_strdown() would ask the locale. */
static void read_lower(const Look *look, Line *line)
{
	gsize at = line->from, end = MIN(line->to, line->from + LINE_LOOK), out = 0;
	while (at < end && (look->text[at] == ' ' || look->text[at] == '\t'))
		at++;
	for (const char *from = look->text + at; from < look->text + end && out + 8 < sizeof line->lower;) {
		const gunichar c = utf8_next(from, look->text + line->to, &from);
		if (c != 0 && c != UTF8_BAD)
			out += (gsize)g_unichar_to_utf8(lower_of(c), line->lower + out);
	}
	line->lower[out] = '\0';
}

static gboolean next_line(const Look *look, gsize *at, Line *line)
{
	if (*at >= look->size)
		return FALSE;
	const char *end = memchr(look->text + *at, '\n', look->size - *at);
	line->from = *at;
	line->to = end != NULL ? (gsize)(end - look->text) : look->size;
	*at = end != NULL ? line->to + 1 : look->size;
	if (line->to > line->from && look->text[line->to - 1] == '\r')
		line->to--;
	read_lower(look, line);
	return TRUE;
}

static gboolean begins_with(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (g_str_has_prefix(text, *words))
			return TRUE;
	return FALSE;
}

static gboolean holds(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(text, *words) != NULL)
			return TRUE;
	return FALSE;
}

static gboolean ends_with(const char *text, const char *const *words)
{
	gsize size = strlen(text);
	while (size > 0 && text[size - 1] == ' ')
		size--;
	for (; *words != NULL; words++) {
		gsize n = strlen(*words);
		if (size >= n && memcmp(text + size - n, *words, n) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean is_blank(const char *lower)
{
	return *lower == '\0';
}

/* The next line that says something; *at stays. */
static gboolean peek(const Look *look, gsize at, Line *line)
{
	for (guint n = 0; n < 4 && next_line(look, &at, line); n++)
		if (!is_blank(line->lower))
			return TRUE;
	return FALSE;
}

static gboolean names_a_sender(const char *lower)
{
	return strchr(lower, '@') != NULL || strpbrk(lower, "0123456789") != NULL;
}

/* From this line on everything is an older letter. */
static gboolean begins_old(const Look *look, gsize next, const Line *line)
{
	Line after;
	const char *lower = line->lower;
	if (strncmp(lower, "---", 3) == 0 || strncmp(lower, "___", 3) == 0 || strncmp(lower, "begin f", 7) == 0)
		return holds(lower, begins_old_letter);
	if (begins_with(lower, field_from))
		return peek(look, next, &after) && begins_with(after.lower, field_next);
	return ends_with(lower, writes) && names_a_sender(lower) && peek(look, next, &after) && after.lower[0] != '>';
}

static gboolean is_quoted(const Look *look, gsize next, const Line *line)
{
	static const char *const addresses[] = {">:", NULL}; /* вс, 3 авг. 2025 г. в 14:02, Айгуль <a@example.kz>: */
	Line after;
	if (line->lower[0] == '>')
		return TRUE;
	return (ends_with(line->lower, writes) || ends_with(line->lower, addresses)) && names_a_sender(line->lower) &&
	       peek(look, next, &after) &&
	       after.lower[0] == '>';
}

static gboolean is_dialogue(const char *lower)
{
	return g_str_has_prefix(lower, "— ") || g_str_has_prefix(lower, "– ");
}

static void add(Look *look, gsize from, gsize to, ZoneKind kind)
{
	Zone *last = look->zones->len > 0 ? &g_array_index(look->zones, Zone, look->zones->len - 1) : NULL;
	Zone zone = {from, to, kind};
	if (from >= to)
		return;
	if (last != NULL && last->kind == kind && last->to >= from && kind != ZONE_QUOTATION && kind != ZONE_DIALOGUE)
		last->to = to;
	else
		g_array_append_val(look->zones, zone);
}

/* A greeting ends at its mark, at the end of its line, or where it grows too long to be one. */
static gsize end_of_greeting(const Look *look, const Line *line)
{
	gsize end = MIN(line->to, line->from + GREETING_OCTETS);
	for (gsize at = line->from; at < end; at++)
		if (look->text[at] == '!' || look->text[at] == ':' || (look->text[at] == '.' && at + 1 < end && at > line->from + 12))
			return at + 1;
	return end == line->to ? end : line->from;
}

static void find_line_zones(Look *look)
{
	Line line;
	guint said = 0; /* own lines that say something */
	for (gsize at = 0; next_line(look, &at, &line);) {
		if (begins_old(look, at, &line)) {
			add(look, line.from, look->size, ZONE_MAIL_QUOTE);
			return;
		}
		if (is_quoted(look, at, &line)) {
			add(look, line.from, at, ZONE_MAIL_QUOTE);
			continue;
		}
		if (is_blank(line.lower))
			continue;
		if (strcmp(line.lower, "--") == 0 || strcmp(line.lower, "-- ") == 0 ||
		    (said > 0 && look->size - line.from <= CLOSING_OCTETS && begins_with(line.lower, closings))) {
			add(look, line.from, look->size, ZONE_SIGNATURE);
			return;
		}
		if (said++ < GREETING_LINES && begins_with(line.lower, greetings))
			add(look, line.from, end_of_greeting(look, &line), ZONE_SALUTATION);
		else if (is_dialogue(line.lower))
			add(look, line.from, line.to, ZONE_DIALOGUE);
	}
}

/* --- quotations ------------------------------------------------------------------------- */

typedef enum { MARK_ANGLE, MARK_CURLY, MARK_PLAIN, MARK_SINGLE, MARK_APOSTROPHE, MARKS } Mark;

typedef struct {
	gsize open[MARKS]; /* where it opened, plus 1; 0: not open */
	guint depth;       /* of «» */
} Open;

/* What was found within belongs to the outer quotation; what opened within and is still open was none. */
static void close_mark(Look *look, Open *open, Mark mark, gsize end)
{
	gsize from = open->open[mark];
	gsize most = mark == MARK_APOSTROPHE || mark == MARK_SINGLE ? APOSTROPHES_MAX : QUOTATION_MAX;
	if (from != 0 && end - (from - 1) <= most) {
		while (look->zones->len > 0 && g_array_index(look->zones, Zone, look->zones->len - 1).kind == ZONE_QUOTATION &&
		       g_array_index(look->zones, Zone, look->zones->len - 1).from >= from - 1)
			g_array_set_size(look->zones, look->zones->len - 1);
		add(look, from - 1, end, ZONE_QUOTATION);
		for (guint i = 0; i < MARKS; i++)
			open->open[i] = open->open[i] > from ? 0 : open->open[i];
	}
	open->open[mark] = 0;
	if (mark == MARK_ANGLE)
		open->depth = 0;
}

static gboolean is_letter_at(const Look *look, gsize at)
{
	return at < look->size && (g_ascii_isalnum(look->text[at]) || (guint8)look->text[at] >= 0xC3);
}

/* " and ', of n octets: they open before a word and close behind one. */
static void plain_mark(Look *look, Open *open, gsize at, gsize n, Mark mark)
{
	gboolean after_word = at > 0 && !g_ascii_isspace(look->text[at - 1]) && look->text[at - 1] != '(';
	gboolean before_word = is_letter_at(look, at + n);
	gboolean alone = mark == MARK_PLAIN && !after_word && !before_word; /* in a text with a blank between all letters */
	if (open->open[mark] != 0 && (after_word || alone) && (mark == MARK_PLAIN || !before_word))
		close_mark(look, open, mark, at + n);
	else if (open->open[mark] == 0 && (!after_word || mark == MARK_PLAIN) && at + n < look->size &&
	         (alone || !g_ascii_isspace(look->text[at + n])))
		open->open[mark] = at + 1;
}

static gsize begin_or_end(Look *look, Open *open, gsize at)
{
	static const struct {
		const char *octets;
		Mark mark;
		gint opens; /* 1 opens, -1 closes, 0 what fits */
	} marks[] = {{"«", MARK_ANGLE, 1},  {"»", MARK_ANGLE, -1}, {"„", MARK_CURLY, 1},   {"“", MARK_CURLY, 0},
	             {"‟", MARK_CURLY, 1},  {"”", MARK_CURLY, -1}, {"‘", MARK_SINGLE, 1}, {"’", MARK_SINGLE, -1}};
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
		gsize n = strlen(marks[i].octets);
		Mark mark = marks[i].mark;
		if (look->size - at < n || memcmp(look->text + at, marks[i].octets, n) != 0)
			continue;
		gboolean opens = marks[i].opens > 0 || (marks[i].opens == 0 && open->open[mark] == 0);
		if (opens && mark == MARK_ANGLE)
			open->depth++;
		if (opens && open->open[mark] == 0)
			open->open[mark] = at + 1;
		if (!opens && mark == MARK_ANGLE && open->depth > 1)
			open->depth--;
		else if (!opens && !(mark == MARK_SINGLE && is_letter_at(look, at + n)))
			close_mark(look, open, mark, at + n);
		return n;
	}
	return 1;
}

/* Quotations of text[from, to), which belongs to no other zone. */
static void find_quotations(Look *look, gsize from, gsize to)
{
	Open open = {{0}, 0};
	Look part = {look->text, to, look->zones};
	for (gsize at = from; at < to;) {
		guint8 c = (guint8)look->text[at];
		if (c == '\n' && at + 1 < to && look->text[at + 1] == '\n')
			open.open[MARK_PLAIN] = open.open[MARK_APOSTROPHE] = 0; /* a lone mark spoils one paragraph at most */
		if (c == '"')
			plain_mark(&part, &open, at, 1, MARK_PLAIN);
		else if (c == '\'')
			plain_mark(&part, &open, at, 1, MARK_APOSTROPHE);
		else if (c == 0xEF && to - at >= 3 && memcmp(look->text + at, "＂", 3) == 0)
			plain_mark(&part, &open, at, 3, MARK_PLAIN);
		else if (c == 0xEF && to - at >= 3 && memcmp(look->text + at, "＇", 3) == 0)
			plain_mark(&part, &open, at, 3, MARK_APOSTROPHE);
		at += c == 0xC2 || c == 0xE2 ? begin_or_end(&part, &open, at) : 1;
	}
}

static int by_place(gconstpointer a, gconstpointer b)
{
	const Zone *left = a, *right = b;
	return left->from < right->from ? -1 : left->from > right->from;
}

GArray *zones_find(const char *text, gsize size)
{
	Look look = {text, size, g_array_new(FALSE, FALSE, sizeof(Zone))};
	find_line_zones(&look);
	guint lines = look.zones->len;
	gsize from = 0;
	for (guint i = 0; i <= lines; i++) {
		Zone zone = i < lines ? g_array_index(look.zones, Zone, i) : (Zone){size, size, ZONE_OWN};
		find_quotations(&look, from, zone.from);
		from = zone.to;
	}
	g_array_sort(look.zones, by_place);
	return look.zones;
}

ZoneKind zones_at(const GArray *zones, gsize offset)
{
	guint low = 0, high = zones->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		const Zone *zone = &g_array_index(zones, Zone, middle);
		if (offset < zone->from)
			high = middle;
		else if (offset >= zone->to)
			low = middle + 1;
		else
			return zone->kind;
	}
	return ZONE_OWN;
}
