/* SPDX-License-Identifier: ISC */
#include "cli/forward-kit.h"

#include <string.h>

#include "cli/covering.h"
#include "cli/wipe.h"

static const FindingLanguage KK = FINDING_WORDS_KK, RU = FINDING_WORDS_RU;

/* Each sentence in both languages: a letter is one column of this table. */
typedef enum { GROUND, CONFIDENTIAL, CAREFUL, WITHOUT, WITH, ANNEX, REPORT, WRITER, CONSENT, CODE, TEXTS } Text;

static const char *const texts[TEXTS][FINDING_WORDS_LANGUAGES] = {
	[GROUND] = {"{organisation} ұйымының {mailbox} сенім жәшігіне {date} өтініш келіп түсті, ол № {number} болып тіркелді. Сенім "
	            "жәшігі туралы ережеге сәйкес өтініштің мазмұны құзыретіңізге қарай қарау үшін Сіздерге жіберіледі.",
	            "На ящик доверия {mailbox} организации {organisation} {date} поступило обращение, зарегистрированное под № {number}. "
	            "Согласно положению о ящике доверия содержание обращения направляется Вам для рассмотрения по компетенции."},
	[CONFIDENTIAL] = {"Өтініш берушіге қатысты құпиялылық сақталады: оның кім екенін анықтауға әрекет жасамауыңызды және өтініштің "
	                  "мазмұнын қарауға қатыспайтын адамдарға бермеуіңізді сұраймыз. Қарау нәтижесі туралы осы ұйымның жауапты "
	                  "қызметкеріне хабарлауыңызды сұраймыз.",
	                  "В отношении заявителя соблюдается конфиденциальность: просим не предпринимать попыток установить его личность и "
	                  "не передавать содержание обращения лицам, которые не участвуют в рассмотрении. О результате рассмотрения просим "
	                  "сообщить ответственному работнику этой организации."},
	[CAREFUL] = {"Өтініш берушіге қатысты құпиялылық сақталады: ол туралы мәліметтер мен өтініштің мазмұнын қарауға қатыспайтын "
	             "адамдарға бермеуіңізді және өтініш берушіге өтініші үшін қысым жасауға жол бермеуіңізді сұраймыз. Қарау нәтижесі "
	             "туралы осы ұйымның жауапты қызметкеріне хабарлауыңызды сұраймыз.",
	             "В отношении заявителя соблюдается конфиденциальность: просим не передавать сведения о нём и содержание обращения "
	             "лицам, которые не участвуют в рассмотрении, и не допускать давления на заявителя за его обращение. О результате "
	             "рассмотрения просим сообщить ответственному работнику этой организации."},
	[WITHOUT] = {"Мәтін өтініш беруші туралы мәліметтерсіз беріледі: олардың орнына тік жақшадағы белгілер қойылған.",
	             "Текст передаётся без сведений о заявителе: вместо них стоят пометки в квадратных скобках."},
	[WITH] = {"Өтініш беруші туралы мәліметтер қосымшада көрсетілген негізде беріледі; оларды тек осы өтінішті қарау үшін пайдалануға "
	          "болады.",
	          "Сведения о заявителе передаются на основании, указанном в приложении; использовать их можно только для рассмотрения "
	          "этого обращения."},
	[ANNEX] = {"Қосымша: өтініш мәтіні.", "Приложение: текст обращения."},
	[REPORT] = {"Қосымша. Өтініш мәтіні", "Приложение. Текст обращения"},
	[WRITER] = {"Өтініш беруші", "Заявитель"},
	[CONSENT] = {"Мәліметтерді беру негізі", "Основание передачи сведений"},
	[CODE] = {"Осы дананың коды", "Код этого экземпляра"},
};

static void add_letter(Page *page, const ForwardKit *kit, FindingLanguage language)
{
	g_autofree char *ground = covering_fill(texts[GROUND][language], kit->received, kit->mailbox, kit->number, kit->organisation);
	const char *const paragraphs[] = {ground, texts[kit->writer != NULL ? WITH : WITHOUT][language], texts[kit->writer != NULL ? CAREFUL : CONFIDENTIAL][language],
	                                  texts[ANNEX][language], NULL};
	const Covering letter = {kit->organisation, language == KK ? kit->name_kk : kit->name_ru, kit->address, paragraphs};
	covering_add(page, &letter, language);
}

static void add_both(Page *page, Text key, guint style, const char *value)
{
	page_cell(page, PAGE_BOLD, texts[key][KK]);
	page_more(page, PAGE_SMALL, texts[key][RU]);
	page_cell(page, style, value);
}

Page *forward_kit_page(const ForwardKit *kit)
{
	static const guint columns[] = {3, 5};
	g_autofree char *footer = g_strdup_printf("%s · № %s", kit->mailbox, kit->number);
	g_autofree char *heading = g_strjoin("\n", texts[REPORT][KK], texts[REPORT][RU], NULL);
	Page *page = page_new(PAGE_PORTRAIT, footer);
	for (FindingLanguage language = KK; language < FINDING_WORDS_LANGUAGES; language++)
		add_letter(page, kit, language);
	page_heading(page, heading);
	page_text(page, 0, kit->text);
	page_space(page, 4);
	page_table(page, columns, G_N_ELEMENTS(columns), 0, TRUE);
	for (guint i = 0; kit->writer != NULL && kit->writer[i] != NULL; i++)
		add_both(page, WRITER, 0, kit->writer[i]);
	if (kit->writer != NULL)
		add_both(page, CONSENT, 0, kit->consent);
	add_both(page, CODE, PAGE_MONO | PAGE_SMALL, kit->code);
	return page;
}
