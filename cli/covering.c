/* SPDX-License-Identifier: ISC */
#include "cli/covering.h"

static const struct {
	const char *outgoing, *title, *signer, *caption;
} words[FINDING_WORDS_LANGUAGES] = {
	[FINDING_WORDS_KK] = {"Шығыс № ______________  «____» ______________ 20___ ж.", "Ілеспе хат", "Жауапты қызметкер", "(қолы, аты-жөні)"},
	[FINDING_WORDS_RU] = {"Исх. № ______________  «____» ______________ 20___ г.", "Сопроводительное письмо", "Ответственный работник",
	                      "(подпись, Ф. И. О.)"},
};

char *covering_fill(const char *text, const char *received, const char *mailbox, const char *number, const char *organisation)
{
	GString *filled = g_string_new(text);
	g_autofree char *date = g_strdup_printf("%.2s.%.2s.%.4s", received + 8, received + 5, received);
	g_string_replace(filled, "{date}", date, 1);
	g_string_replace(filled, "{mailbox}", mailbox, 1);
	g_string_replace(filled, "{number}", number, 1);
	g_string_replace(filled, "{organisation}", organisation, 1);
	return g_string_free(filled, FALSE);
}

void covering_add(Page *page, const Covering *letter, FindingLanguage language)
{
	page_text(page, PAGE_BOLD, letter->organisation);
	page_text(page, 0, words[language].outgoing);
	page_space(page, 6);
	page_text(page, PAGE_BOLD | PAGE_RIGHT, letter->name);
	page_text(page, PAGE_RIGHT, letter->address);
	page_space(page, 6);
	page_title(page, words[language].title);
	for (const char *const *paragraph = letter->paragraphs; *paragraph != NULL; paragraph++)
		page_text(page, 0, *paragraph);
	page_signature(page, words[language].signer, "", words[language].caption);
	page_break(page);
}
