/* SPDX-License-Identifier: ISC */
#include "cli/redirect-kit.h"

#include <string.h>

#include "cli/covering.h"
#include "cli/page.h"
#include "cli/wipe.h"

static const FindingLanguage KK = FINDING_WORDS_KK, RU = FINDING_WORDS_RU;

/* Each sentence in both languages: a letter is one column of this table. */
typedef enum {
	GROUND, CALMLY, ANNEX, REPORT, FROM, DATE, SUBJECT, ATTACHMENTS, ORIGIN, CASE,
	MAILBOX, RECEIVED, OFFICIAL, MARK, CLASS, REASON, ENTRY, SIZE, CHECKPOINT, SEALED, ORIGINAL, MADE, CODE, CHECK, NONE, TEXTS
} Text;

static const char *const texts[TEXTS][FINDING_WORDS_LANGUAGES] = {
	[GROUND] = {"{organisation} ұйымының {mailbox} сенім жәшігіне {date} өтініш келіп түсті, ол № {number} болып тіркелді. Сенім жәшігі туралы ережеге "
	            "сәйкес дөрекі немесе қорлайтын сөздер, жала, сондай-ақ адамның өміріне, денсаулығына, мүлкіне "
	            "немесе отбасына қатер қамтылған өтініштер құқық қорғау органдарына құзыретіне қарай жіберіледі. Осыған "
	            "байланысты өтініш қарау және шешім қабылдау үшін Сіздерге жолданады.",
	            "На ящик доверия {mailbox} организации {organisation} {date} поступило обращение, зарегистрированное под № {number}. Согласно "
	            "положению о ящике доверия обращения, содержащие грубые или оскорбительные выражения, клевету, угрозы жизни, "
	            "здоровью, имуществу или семье, передаются правоохранительным органам по их компетенции. В связи с этим "
	            "обращение направляется Вам для рассмотрения и принятия решения."},
	[CALMLY] = {"Өтінішке мәні бойынша жауап берілмейді. Қосымшада көрсетілген белгіні бағдарлама алдын ала қойды; оны жауапты "
	            "қызметкер қарады. Хаттың түпнұсқасы электрондық түрде бөлек EML файлы ретінде қоса беріледі; оның бақылау сомасы 2-қосымшада көрсетілген.",
	            "Ответ по существу обращения не даётся. Указанная в приложении отметка поставлена программой предварительно и "
	            "просмотрена ответственным работником. Подлинник письма прилагается в электронной форме отдельным файлом EML; "
	            "его контрольная сумма указана в приложении 2."},
	[ANNEX] = {"Қосымша: 1) өтініш мәтіні; 2) түсуі мен сақталуы туралы мәліметтер; 3) хаттың түпнұсқасы (EML файлы).",
	           "Приложение: 1) текст обращения; 2) сведения о поступлении и хранении; 3) подлинник письма (файл EML)."},
	[REPORT] = {"1-қосымша. Өтініш мәтіні", "Приложение 1. Текст обращения"},
	[FROM] = {"Кімнен", "От кого"},
	[DATE] = {"Хаттың күні", "Дата письма"},
	[SUBJECT] = {"Тақырыбы", "Тема"},
	[ATTACHMENTS] = {"Тіркелген файл", "Вложение"},
	[ORIGIN] = {"2-қосымша. Түсуі мен сақталуы туралы мәліметтер", "Приложение 2. Сведения о поступлении и хранении"},
	[CASE] = {"Тіркеу нөмірі", "Номер регистрации"},
	[MAILBOX] = {"Сенім жәшігі", "Ящик доверия"},
	[RECEIVED] = {"Келіп түскен және шифрланған уақыты", "Поступило и зашифровано"},
	[OFFICIAL] = {"Ресми күні", "Официальная дата"},
	[MARK] = {"Алдын ала белгі", "Предварительная отметка"},
	[CLASS] = {"Түрі", "Вид"},
	[REASON] = {"Негізі", "Основание отметки"},
	[ENTRY] = {"Журналдағы жазба", "Запись в журнале"},
	[SIZE] = {"Бақылау белгісіндегі жазбалар саны", "Записей в контрольной отметке"},
	[CHECKPOINT] = {"Бақылау белгісінің коды", "Код контрольной отметки"},
	[SEALED] = {"Шифрланған хаттың бақылау сомасы (BLAKE2b-256)", "Контрольная сумма зашифрованного письма (BLAKE2b-256)"},
	[ORIGINAL] = {"Хат түпнұсқасының бақылау сомасы (SHA-256)", "Контрольная сумма подлинника письма (SHA-256)"},
	[MADE] = {"Жинақты дайындаған", "Комплект подготовлен"},
	[CODE] = {"Осы дананың коды", "Код этого экземпляра"},
	[CHECK] = {"Журналға енгізілген жазбаны кейін байқатпай өзгерту мүмкін емес: кез келген жазбаның тұтастығын ұйымның "
	           "бақылау белгісі бойынша тексеруге болады.",
	           "Запись в журнале нельзя незаметно изменить: целостность любой записи проверяется по контрольной отметке "
	           "организации."},
	[NONE] = {"–", "–"},
};

static void add_letter(Page *page, const RedirectKit *kit, FindingLanguage language)
{
	g_autofree char *ground = covering_fill(texts[GROUND][language], kit->received, kit->mailbox, kit->number, kit->organisation);
	const char *const paragraphs[] = {ground, texts[CALMLY][language], texts[ANNEX][language], NULL};
	const Covering letter = {kit->organisation, language == KK ? kit->name_kk : kit->name_ru, kit->address, paragraphs};
	covering_add(page, &letter, language);
}

static const guint annex[] = {3, 5}; /* columns: a digest of 64 digits stands in one line of the second */

static void add_heading(Page *page, Text text)
{
	g_autofree char *both = g_strjoin("\n", texts[text][KK], texts[text][RU], NULL);
	page_heading(page, both);
}

/* A row of an annex, which stands once, in both languages. */
static void add_styled(Page *page, Text key, guint style, const char *value)
{
	page_cell(page, PAGE_BOLD, texts[key][KK]);
	page_more(page, PAGE_SMALL, texts[key][RU]);
	page_cell(page, style, value != NULL && strcmp(value, "-") != 0 ? value : texts[NONE][KK]);
}

static void add_both(Page *page, Text key, const char *value)
{
	add_styled(page, key, 0, value);
}

static void add_words(Page *page, Text key, const char *word)
{
	g_autofree char *both = g_strjoin(" / ", finding_words_say(word, KK), finding_words_say(word, RU), NULL);
	add_both(page, key, both);
}

static void add_report(Page *page, const RedirectKit *kit)
{
	const Record *view = bundle_record(kit->view);
	const char *line;
	gsize size;
	add_heading(page, REPORT);
	page_table(page, annex, G_N_ELEMENTS(annex), 0, TRUE);
	for (guint i = 0; (line = record_get_nth(view, "from", i)) != NULL; i++)
		add_both(page, FROM, line);
	add_both(page, DATE, record_get(view, "date"));
	add_both(page, SUBJECT, record_get(view, "subject"));
	for (guint i = 0; (line = record_get_nth(view, "attachment", i)) != NULL; i++)
		add_both(page, ATTACHMENTS, line);
	page_space(page, 4);
	const char *text = g_bytes_get_data(bundle_part(kit->view, "text"), &size);
	g_autoptr(WipeText) copy = g_strndup(text != NULL ? text : "", size);
	page_text(page, 0, copy);
	page_break(page);
}

/* What only reads like something says nothing beside what is something. */
static void add_classes(Page *page, const Record *registered)
{
	const char *line;
	gboolean alone = record_get_nth(registered, "class", 1) == NULL;
	for (guint i = 0; (line = record_get_nth(registered, "class", i)) != NULL; i++)
		if (alone || strcmp(line, "likeness") != 0)
			add_words(page, CLASS, line);
}

/* On what words the mark stands; what was quoted, negated or reported carries none. said: the rows before, since two rules
 * may have found the same. */
static void add_reason(Page *page, const RedirectKit *kit, const char *reason, GHashTable *said)
{
	gsize size;
	const char *text = g_bytes_get_data(bundle_part(kit->view, "text"), &size);
	const char *subject = record_get(bundle_record(kit->view), "subject");
	g_autoptr(WipeText) kk = finding_words_reason(reason, text, size, subject, FINDING_WORDS_KK);
	g_autoptr(WipeText) ru = finding_words_reason(reason, text, size, subject, FINDING_WORDS_RU);
	if (kk == NULL || ru == NULL || g_hash_table_contains(said, kk))
		return;
	add_styled(page, REASON, 0, kk);
	page_more(page, PAGE_SMALL, ru);
	g_hash_table_add(said, g_steal_pointer(&kk));
}

static void add_reasons(Page *page, const RedirectKit *kit)
{
	const char *line;
	g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, (GDestroyNotify)wipe_text_free, NULL);
	for (guint i = 0; (line = record_get_nth(kit->card, "reason", i)) != NULL; i++)
		add_reason(page, kit, line, said);
}

static void add_origin(Page *page, const RedirectKit *kit)
{
	g_autofree char *entry = g_strdup_printf("%" G_GUINT64_FORMAT, kit->entry);
	g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, kit->size);
	g_autofree char *made = g_strdup_printf("%s, %s", kit->officer, kit->made);
	add_heading(page, ORIGIN);
	page_table(page, annex, G_N_ELEMENTS(annex), 0, TRUE);
	add_both(page, CASE, kit->number);
	add_both(page, MAILBOX, kit->mailbox);
	add_both(page, RECEIVED, kit->received);
	add_both(page, OFFICIAL, kit->official);
	add_words(page, MARK, record_get(kit->registered, "verdict"));
	add_classes(page, kit->registered);
	add_reasons(page, kit);
	add_both(page, ENTRY, entry);
	add_both(page, SIZE, size);
	add_styled(page, CHECKPOINT, PAGE_MONO | PAGE_SMALL, kit->checkpoint);
	add_styled(page, SEALED, PAGE_MONO | PAGE_SMALL, record_get(kit->registered, "digest"));
	add_styled(page, ORIGINAL, PAGE_MONO | PAGE_SMALL, kit->message_digest);
	add_both(page, MADE, made);
	add_styled(page, CODE, PAGE_MONO | PAGE_SMALL, kit->code);
	page_space(page, 3);
	page_text(page, PAGE_SMALL, texts[CHECK][KK]);
	page_text(page, PAGE_SMALL, texts[CHECK][RU]);
}

GBytes *redirect_kit_pdf(const RedirectKit *kit, GError **error)
{
	g_autofree char *footer = g_strdup_printf("%s · № %s", kit->mailbox, kit->number);
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, footer);
	for (FindingLanguage language = KK; language < FINDING_WORDS_LANGUAGES; language++)
		add_letter(page, kit, language);
	add_report(page, kit);
	add_origin(page, kit);
	return page_render(page, error);
}
