/* SPDX-License-Identifier: ISC */
/* Fuzz target: a text and its verdict, under the shipped rules and model. The first octet says where a second text begins
 * that is the subject. Whatever they are: the same twice over; places lie within the text, on whole characters; a verdict has
 * a hit that is it; only a rule redirects; work is bounded; and the answer is JSON of printable ASCII. */
#include <glib.h>
#include <string.h>

#include "policy/screen.h"
#include "tests/shipped-rules.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static const Rules *shipped(void)
{
	static Rules *rules;
	g_autoptr(GError) error = NULL;
	if (rules == NULL)
		rules = shipped_rules(RULES, &error);
	g_assert_no_error(error);
	return rules;
}

/* No place parts a character that is one. */
static gboolean is_boundary(const char *text, gsize size, gsize at)
{
	for (gsize back = 1; back <= 3 && back <= at; back++) {
		gunichar c = g_utf8_get_char_validated(text + at - back, (gssize)MIN(size - at + back, 6));
		if (c < (gunichar)-2 && (gsize)g_utf8_skip[(guint8)text[at - back]] > back)
			return FALSE;
	}
	return TRUE;
}

static void check_hit(const ScreenHit *hit, const ScreenQuestion *question)
{
	const char *text = hit->in_subject ? question->subject : question->text;
	const gsize size = hit->in_subject ? strlen(question->subject) : question->size;
	g_assert_cmpuint(hit->from, <=, hit->to);
	g_assert_cmpuint(hit->to, <=, size);
	g_assert_true(is_boundary(text, size, hit->from));
	g_assert_true(is_boundary(text, size, hit->to));
	g_assert_cmpint(hit->verdict, <=, hit->rule->verdict);
	if (strcmp(hit->rule->id, "model") == 0 || hit->guards != 0)
		g_assert_cmpint(hit->verdict, <=, RULES_REVIEW);
}

static char *ask(const Rules *rules, const ScreenQuestion *question)
{
	g_autoptr(Verdict) verdict = screen_text(rules, question);
	RulesVerdict most = RULES_CLEAN;
	for (guint i = 0; i < verdict->hits->len; i++) {
		const ScreenHit *hit = &g_array_index(verdict->hits, ScreenHit, i);
		check_hit(hit, question);
		most = MAX(most, hit->verdict);
	}
	g_assert_cmpint(verdict->verdict, ==, verdict->mixed ? MIN(most, RULES_REVIEW) : most);
	g_assert_cmpuint(verdict->steps, <=, SCREEN_STEPS_MAX + SCREEN_STEPS_OCTET * (guint64)question->size);
	char *json = verdict_json(verdict, rules, question);
	for (const char *p = json; *p != '\0'; p++)
		g_assert_true(*p >= 0x20 && *p < 0x7f);
	return json;
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	const Rules *rules = shipped();
	if (size == 0)
		return 0;
	const gsize head = MIN((gsize)data[0], size - 1);
	g_autofree char *subject = head > 0 ? g_strndup((const char *)data + 1, head) : NULL;
	g_autofree char *text = g_memdup2(data + 1 + head, size - 1 - head); /* of its exact size: no NUL behind it */
	ScreenQuestion question = {.text = text != NULL ? text : "", .size = size - 1 - head, .subject = subject};
	g_autofree char *first = ask(rules, &question), *second = ask(rules, &question);
	g_assert_cmpstr(first, ==, second);
	return 0;
}
