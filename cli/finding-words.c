/* SPDX-License-Identifier: ISC */
#include "cli/finding-words.h"

#include <stdio.h>
#include <string.h>

#define QUOTED_MAX 300 /* characters of the text: a sentence, not the letter */

static const struct {
	const char *word, *said[FINDING_WORDS_LANGUAGES];
} words[] = {
	{"-", {"–", "–"}},
	/* verdicts */
	{"clean", {"белгі жоқ", "без отметки"}},
	{"review", {"қарап шығу қажет", "требует просмотра"}},
	{"redirect", {"құқық қорғау органына қайта жіберу", "перенаправление в правоохранительный орган"}},
	{"unexamined", {"талданбаған", "не разобрано"}},
	/* classes */
	{"abuse", {"қорлау", "оскорбление"}},
	{"likeness", {"қатерге немесе қорлауға ұқсас сөз", "слова, похожие на угрозу или оскорбление"}},
	{"obscenity", {"бейәдеп сөз", "нецензурная брань"}},
	{"reporter-at-risk", {"өтініш берушіге қауіп төнген", "опасность для заявителя"}},
	{"self-harm", {"өзіне зиян келтіру қаупі", "опасность причинения вреда себе"}},
	{"threat.family", {"отбасына қатер төндіру", "угроза семье"}},
	{"threat.health", {"денсаулыққа қатер төндіру", "угроза здоровью"}},
	{"threat.life", {"өмірге қатер төндіру", "угроза жизни"}},
	{"threat.property", {"мүлікке қатер төндіру", "угроза имуществу"}},
	{"threat.veiled", {"астарлы қатер", "скрытая угроза"}},
	{"ultimatum", {"талап қойып қорқыту", "ультиматум"}},
	{"violence-call", {"зорлыққа шақыру", "призыв к насилию"}},
};

const char *finding_words_say(const char *word, FindingLanguage language)
{
	const char *wanted = word != NULL ? word : "-";
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i].word, wanted) == 0)
			return words[i].said[language];
	return wanted;
}

/* The octets from..to as one line, or NULL where they are no text of it: then the places count in another one. */
static WipeText *quote(const char *text, gsize size, gsize from, gsize to)
{
	if (text == NULL || from >= to || to > size || !g_utf8_validate(text + from, (gssize)(to - from), NULL))
		return NULL;
	g_autoptr(WipeText) whole = g_strndup(text + from, to - from);
	WipeText *cut = g_utf8_substring(whole, 0, MIN(g_utf8_strlen(whole, -1), QUOTED_MAX));
	g_strdelimit(cut, "\r\n\t", ' ');
	return cut;
}

WipeText *finding_words_reason(const char *reason, const char *text, gsize size, const char *subject, FindingLanguage language)
{
	static const char *const places[][FINDING_WORDS_LANGUAGES] = {{"Мәтінде", "В тексте"}, {"Тақырыпта", "В теме"}};
	g_auto(GStrv) parts = g_strsplit(reason, " ", 6); /* RULE CLASS OUTCOME FROM-TO WHERE GUARDS */
	gsize from, to;
	char end;
	if (g_strv_length(parts) != 6 || sscanf(parts[3], "%zu-%zu%c", &from, &to, &end) != 2 || strcmp(parts[2], "clean") == 0 ||
	    strcmp(parts[1], "likeness") == 0)
		return NULL;
	gboolean in_subject = strcmp(parts[4], "subject") == 0;
	g_autoptr(WipeText) found = in_subject ? quote(subject, subject != NULL ? strlen(subject) : 0, from, to)
	                                       : quote(text, size, from, to);
	const char *place = places[in_subject][language], *class = finding_words_say(parts[1], language);
	return found != NULL ? g_strdup_printf("%s: %s – «%s».", place, class, found) : g_strdup_printf("%s: %s.", place, class);
}
