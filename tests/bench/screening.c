/* SPDX-License-Identifier: ISC */
/* screening RULES [WORDS] - how long the screening takes, for letters and for texts that are made to be dear, beside the MIME parse
 * of the same text in the same run: what `make bench` prints of it. RULES: the directory of the shipped rules and model;
 * WORDS: only what has them in its name.
 * Processor time, so that whoever else is at work on the machine is not measured.
 * Exit 1 where a goal is missed: p99 at most 5 ms for 20 KiB, at most 100 ms for 1 MiB. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "parser/message.h"
#include "policy/screen.h"
#include "tests/shipped-rules.h"

#define SMALL (20u << 10)
#define LARGE (1u << 20)
#define HEAD "From: r@example.org\nSubject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"

typedef struct {
	const char *name;
	const char *const *pieces; /* drawn at random; NULL: the lexicons' words */
	const char *between;
	gboolean letter_by_letter;
} Shape;

static const char *const complaint[] = {
	"Құрметті әріптестер, бөлімде мемлекеттік сатып алу кезінде тәртіп бұзылды.", "Тексеріп, жауап беруіңізді сұраймын.",
	"Мастер участка требует деньги за подпись акта выполненных работ.", "Прошу проверить закупку угля за прошлый год.",
	"The foreman takes fuel home every week and signs it off as used.", "Бас бухгалтер сыйақыны туыстарына аударып отыр.",
	"Директор обозвал меня дураком и сказал: «Напишешь заявление — закопаю».", NULL};
static const char *const zero_width[] = {"у\u200bб\u200bь\u200bю", "с\u200dе\u200dн\u200dі", "k\u200bi\u200bl\u200bl", "\u200b\u200b\u200b", NULL};
static const char *const stretched[] = {"сееееенііііі", "өөөлтііірееемііін", "уууубьюууу", "killlllll", "ттееббяя", NULL};
static const char *const spaced[] = {"у", "б", "ь", "ю", "т", "е", "я", "с", "н", "і", "ө", "л", "м", NULL};
static const char *const quotes[] = {"> > > > >>> «я тебя убью»\n", "«“«“сені өлтіремін", ">\n", "”»", "— Убью! —\n", NULL};
static const char *const word[] = {"а", "ы", "х", "*", "у", "ө", "0", NULL};
static const char *const stars[] = {"х*й", "*", "б**ь", "***", "с*к*", "f*ck", "*лт*р*м*н", "п*д*р*с", NULL};
static const char *const mixed[] = {"y6ью", "тe6я", "0лт1pем1н", "ceнi", "k1ll", "yоu", "бaлa", "w1ll", "4to", NULL};
static const char *const latin[] = {"seni", "oltiremin", "ubyu", "tebya", "jäne", "üiıñdı", "shchuzhoy", "jjaju", "yuyayo", NULL};
static const char *const rows[] = {"я", "тебя", "убью", "ты", "сен", "сені", "өлтіремін", "you", "kill", "i'll", "the", "балаң", NULL};
static const char *const glued[] = {"уб-ью", "те.бя", "с-е-н-і", "у.б.ь.ю.", "ki-ll", "а'б'в", "f.u.c.k", NULL};
static const char *const homoglyphs[] = {"уbью", "ceні", "өлтipемін", "тeбя", "kіll", "уоu", "сука", "cyкa", "hyй", NULL};
static const char *const letters[] = {"я", "a", "I", "у", "о", "1", "с", "w", "ң", "Ә", NULL};
static const char *const said[] = {"деп", "деді", "деп", "деген", "дейді", NULL};
static const char *const folded[] = {"\ufdfa", "у\u0301б\u0308ь\u0336ю", "\uff53\uff55\uff4b\uff41", "\u2167", "s\u0327", "\U0001d529", "\u337f", NULL};
static const char *const foreign[] = {"你要死", "\U0001f52a", "سأقتلك", "მოგკლავ", "ἀποκτενῶ", "죽", NULL};
static const char *const broken[] = {"\xd1", "\xff\xfe", "\xf0\x9f", "уб\xd1\xd1ью", "k\xc0\x80ill", NULL};
static const char *const endless[] = {"я", "тебя", "не", "убью", "кто-то", "сказал", "что", "ты", "сен", "бала", NULL};

static const Shape shapes[] = {
	{"letters", complaint, " ", FALSE},         {"words of the lexicons", NULL, " ", FALSE},
	{"those, in short clauses", NULL, ", ", FALSE}, {"those, sentence each", NULL, ". ", FALSE},
	{"zero-width characters", zero_width, " ", FALSE}, {"stretched letters", stretched, " ", FALSE},
	{"spaced letters", spaced, " ", FALSE},     {"lexicons letter by letter", NULL, " ", TRUE},
	{"deep quotes", quotes, " ", FALSE},        {"one long word", word, "", FALSE},
	{"stars", stars, " ", FALSE},               {"mixed scripts", mixed, " ", FALSE},
	{"Latin letters", latin, " ", FALSE},       {"halves of rows", rows, " ", FALSE},
	{"words in pieces", glued, " ", FALSE},      {"homoglyphs", homoglyphs, " ", FALSE},
	{"words of one letter", letters, " ", FALSE}, {"one letter, in clauses", letters, ", ", FALSE},
	{"reported speech", said, " ", FALSE},      {"one line of letters", letters, "", FALSE},
	{"one line of rows", endless, "\u00a0", FALSE}, {"folded letters", folded, " ", FALSE},
	{"foreign scripts", foreign, " ", FALSE},   {"no UTF-8", broken, " ", FALSE},
	{"lexicons, one line", NULL, "\u00a0", FALSE}, {"lexicons, glued", NULL, "-", FALSE},
};

static void add_piece(GString *text, const char *piece, gsize size, gboolean apart)
{
	if (!apart) {
		g_string_append_len(text, piece, (gssize)size);
		return;
	}
	for (const char *p = piece; p < piece + size; p = g_utf8_next_char(p)) {
		g_string_append_len(text, p, (gssize)(g_utf8_next_char(p) - p));
		g_string_append_c(text, ' ');
	}
}

static GString *make(const Rules *rules, const Shape *shape, gsize size, guint32 seed)
{
	g_autoptr(GRand) chance = g_rand_new_with_seed(seed);
	GString *text = g_string_sized_new(size + 256);
	guint n = shape->pieces == NULL ? rules_n_entries(rules) : g_strv_length((char **)shape->pieces);
	for (guint words = 0; text->len < size; words++) {
		guint i = (guint)g_rand_int_range(chance, 0, (gint32)n);
		const char *piece = shape->pieces == NULL ? rules_entry(rules, i)->word : shape->pieces[i];
		add_piece(text, piece, strlen(piece) - g_str_has_suffix(piece, "-"), shape->letter_by_letter);
		g_string_append(text, shape->between);
		if (words % 12 == 11 && *shape->between != '\0' && (guint8)*shape->between < 0x80)
			g_string_append_c(text, '\n');
	}
	while (text->len > size || (shape->pieces != broken && !g_utf8_validate_len(text->str, text->len, NULL)))
		g_string_truncate(text, text->len - 1);
	return text;
}

static gint by_size(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;
	return one < other ? -1 : one > other;
}

/* Microseconds: what 99 of 100 take at most. */
static gint64 p99(GArray *times)
{
	g_array_sort(times, by_size);
	return g_array_index(times, gint64, (times->len * 99 + 99) / 100 - 1);
}

static gint64 now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * G_TIME_SPAN_SECOND + time.tv_nsec / 1000;
}

static gint64 parse(const GString *text)
{
	g_autoptr(GString) message = g_string_new(HEAD);
	g_string_append_len(message, text->str, (gssize)text->len);
	gint64 from = now();
	g_autoptr(Message) read = message_read((guint8 *)message->str, message->len, MESSAGE_FOR_FINDING);
	return now() - from;
}

static gboolean measure(const Rules *rules, const Shape *shape, gsize size, guint runs, gint64 goal)
{
	g_autoptr(GArray) screened = g_array_new(FALSE, FALSE, sizeof(gint64)), parsed = g_array_new(FALSE, FALSE, sizeof(gint64));
	guint64 steps = 0;
	for (guint i = 0; i < runs; i++) {
		g_autoptr(GString) text = make(rules, shape, size, i);
		gint64 took = parse(text);
		g_array_append_val(parsed, took);
		ScreenQuestion question = {.text = text->str, .size = text->len};
		gint64 from = now();
		g_autoptr(Verdict) verdict = screen_text(rules, &question);
		took = now() - from;
		g_array_append_val(screened, took);
		steps = MAX(steps, verdict->steps);
	}
	gint64 took = p99(screened), beside = p99(parsed);
	printf("  %-28s%8zu KiB%10.2f%10.2f%10.1f   (%.0f): %s\n", shape->name, size >> 10, (double)took / 1000, (double)beside / 1000,
	       (double)steps / (double)size, (double)goal / 1000, took <= goal ? "goal met" : "ABOVE GOAL");
	return took <= goal;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Rules) rules = argc == 2 || argc == 3 ? shipped_rules(argv[1], &error) : NULL;
	if (rules == NULL) {
		fprintf(stderr, "screening: %s\n", error != NULL ? error->message : "it takes the directory of the rules");
		return 2;
	}
	message_load();
	gboolean met = TRUE;
	printf("  %-28s%12s%10s%10s%10s   (goal)\n", "screening, p99 in ms", "size", "screening", "MIME", "steps/B");
	for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
		if (argc == 3 && strstr(shapes[i].name, argv[2]) == NULL)
			continue;
		met = measure(rules, &shapes[i], SMALL, 200, 5000) && met;
		met = measure(rules, &shapes[i], LARGE, 12, 100000) && met;
	}
	return met ? 0 : 1;
}
