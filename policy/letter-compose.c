/* SPDX-License-Identifier: ISC */
/* From facts and templates to the octets that go to the MTA. No stranger's text passes here but his address and his
 * msg-id, and each only in the one form that cannot end a header line. */
#include "policy/letter.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alarm.h"
#include "policy/letter-text.h"

#define COLUMNS 76            /* RFC 2045 6.8: base64 lines; the text's own lines, in characters */
#define MSG_ID_MAX 500        /* half of what a line may hold (RFC 5322 2.1.1): it stands in two fields */
#define TEXT_TYPE "text/plain; charset=utf-8"
#define BOUNDARY "=_senim" /* no line of base64 begins so (RFC 2045 6.7) */
#define ENCODED_WORD_OCTETS 39 /* 52 base64 characters and the 12 of =?utf-8?B??=: 64, behind "Subject: " below 78 */

typedef struct {
	const char *code;
	const char *subject;    /* where the template has none: without a word of what the mailbox is for */
	const char *minimal;    /* the whole letter to an own domain; %s the number */
	const char *day_format; /* 1 day, 2 month, 3 year */
	const char *months[12]; /* in the case that day_format asks for */
} Language;

static const Language languages[] = {
	{"kk", "Автоматты жауап: хатыңыз келіп түсті", "Хат тіркелді, № %s.", "%3$d жылғы %1$d %2$s",
	 {"қаңтарда", "ақпанда", "наурызда", "сәуірде", "мамырда", "маусымда", "шілдеде", "тамызда", "қыркүйекте", "қазанда",
	  "қарашада", "желтоқсанда"}},
	{"ru", "Автоматический ответ: Ваше письмо получено", "Письмо зарегистрировано, № %s.", "%1$d %2$s %3$d года",
	 {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
	  "декабря"}},
	{"en", "Automatic reply: your letter has arrived", "The letter was registered, No. %s.", "%1$d %2$s %3$d",
	 {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
	  "December"}},
};

static gboolean G_GNUC_PRINTF(2, 3) fail(GError **error, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *what = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_set_error(error, LETTER_ERROR, 0, "%s", what);
	return FALSE;
}

/* --- moments -------------------------------------------------------------------- */

static GDateTime *local_time(gint64 moment, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	return utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
}

static char *day_words(const Language *language, int day, int month, int year)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* of the table above */
	return g_strdup_printf(language->day_format, day, language->months[month - 1], year);
#pragma GCC diagnostic pop
}

/* RFC 5322 3.3; by hand, since the C library's names follow the locale. */
static char *date_field(GDateTime *when)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int offset = (int)(g_date_time_get_utc_offset(when) / G_TIME_SPAN_MINUTE);
	return g_strdup_printf("%s, %d %s %d %02d:%02d:%02d %c%02d%02d", days[g_date_time_get_day_of_week(when) - 1],
	                       g_date_time_get_day_of_month(when), months[g_date_time_get_month(when) - 1],
	                       g_date_time_get_year(when), g_date_time_get_hour(when), g_date_time_get_minute(when),
	                       g_date_time_get_second(when), offset < 0 ? '-' : '+', ABS(offset) / 60, ABS(offset) % 60);
}

/* --- header fields ---------------------------------------------------------------- */

/* Never folded: a Message-ID behind an empty first line is lost on some programs, and all values here keep the line below
 * the 998 octets of RFC 5322 2.1.1. value holds no CR, LF or control. */
static void append_field(GString *out, const char *name, const char *value)
{
	g_string_append_printf(out, "%s: %s\r\n", name, value);
}

/* RFC 2047 5 (1): the subject as encoded words, none of which cuts a character; plain where it is ASCII and short. */
static char *encode_subject(const char *subject)
{
	gboolean plain = strlen(subject) <= 68 && strstr(subject, "=?") == NULL;
	for (const char *p = subject; *p != '\0'; p++)
		plain = plain && *p >= 0x20 && *p < 0x7f;
	if (plain)
		return g_strdup(subject);
	GString *out = g_string_new(NULL);
	while (*subject != '\0') {
		const char *end = subject;
		while (*end != '\0' && g_utf8_next_char(end) - subject <= ENCODED_WORD_OCTETS)
			end = g_utf8_next_char(end);
		g_autofree char *word = g_base64_encode((const guchar *)subject, (gsize)(end - subject));
		g_string_append_printf(out, "%s=?utf-8?B?%s?=", out->len > 0 ? "\r\n " : "", word);
		subject = end;
	}
	return g_string_free(out, FALSE);
}

/* A msg-id that is safe to repeat: printable ASCII without blanks between one pair of brackets. Looser than RFC 5322
 * 3.6.4, as real mail is, and still unable to end a line, open a comment at its level or name a second id. */
static gboolean is_msg_id(const char *text)
{
	gsize size = strlen(text);
	if (size < 5 || size > MSG_ID_MAX || text[0] != '<' || text[size - 1] != '>')
		return FALSE;
	for (gsize i = 1; i < size - 1; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f || text[i] == '<' || text[i] == '>')
			return FALSE;
	const char *at = memchr(text + 1, '@', size - 2);
	return at != NULL && at > text + 1 && at < text + size - 2;
}

static gboolean append_header(GString *out, const LetterFacts *facts, const char *subject, const char *language,
                              GError **error)
{
	g_autoptr(GDateTime) date = local_time(facts->date, facts->zone);
	if (date == NULL || !is_msg_id(facts->message_id))
		return fail(error, "a letter without a date or a Message-ID of its own");
	if (!letter_address_is_valid(facts->mailbox))
		return fail(error, "a letter from what is no address");
	if (!letter_address_is_valid(facts->to))
		return fail(error, "a letter to what is no address");
	if (facts->reply_to != NULL && !letter_address_is_valid(facts->reply_to))
		return fail(error, "a letter whose answers would go to what is no address");
	g_autofree char *when = date_field(date);
	g_autofree char *from = g_strdup_printf("<%s>", facts->mailbox);
	g_autofree char *to = g_strdup_printf("<%s>", facts->to);
	g_autofree char *reply_to = g_strdup_printf("<%s>", facts->reply_to != NULL ? facts->reply_to : "");
	g_autofree char *encoded = encode_subject(subject);
	append_field(out, "Date", when);
	append_field(out, "From", from);
	append_field(out, "To", to);
	if (facts->reply_to != NULL)
		append_field(out, "Reply-To", reply_to);
	g_string_append_printf(out, "Subject: %s\r\n", encoded);
	append_field(out, "Message-ID", facts->message_id);
	if (facts->in_reply_to != NULL && is_msg_id(facts->in_reply_to)) {
		append_field(out, "In-Reply-To", facts->in_reply_to);
		append_field(out, "References", facts->in_reply_to);
	}
	if (!facts->personal)
		append_field(out, "Auto-Submitted", facts->generated ? "auto-generated" : "auto-replied"); /* RFC 3834 5 */
	append_field(out, "Content-Language", language);
	append_field(out, "MIME-Version", "1.0");
	return TRUE;
}

static void append_content(GString *out, const char *type, const char *file)
{
	append_field(out, "Content-Type", type);
	if (file != NULL)
		g_string_append_printf(out, "Content-Disposition: attachment; filename=%s\r\n", file);
	append_field(out, "Content-Transfer-Encoding", "base64");
	g_string_append(out, "\r\n");
}

static void append_base64(GString *out, const void *data, gsize size)
{
	g_autofree char *encoded = g_base64_encode(data, size);
	gsize left = strlen(encoded);
	for (const char *line = encoded; left > 0;) {
		gsize columns = MIN(left, COLUMNS);
		g_string_append_len(out, line, (gssize)columns);
		g_string_append(out, "\r\n");
		line += columns;
		left -= columns;
	}
}

/* --- the text --------------------------------------------------------------------- */

/* What stands for the placeholders; the strings that had to be made lie in made[]. */
typedef struct {
	const char *values[LETTER_TEXT_NAMES];
	char *made[4];
} Values;

static void values_clear(Values *values)
{
	for (gsize i = 0; i < G_N_ELEMENTS(values->made); i++)
		g_free(values->made[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Values, values_clear)

static const char *or_null(const char *text)
{
	return text != NULL && *text != '\0' ? text : NULL;
}

static gboolean fill_values(Values *values, const LetterFacts *facts, const Language *language, GError **error)
{
	g_autoptr(GDateTime) received = local_time(facts->received, facts->zone);
	if (received == NULL)
		return fail(error, "a letter about no possible moment");
	int year, month, day;
	g_date_time_get_ymd(received, &year, &month, &day);
	values->made[0] = day_words(language, day, month, year);
	values->made[1] = g_strdup_printf("%02d:%02d", g_date_time_get_hour(received), g_date_time_get_minute(received));
	values->made[2] = g_strdup_printf("%u", facts->term_working_days);
	if (facts->official_differs && g_date_valid(&facts->official))
		values->made[3] = day_words(language, g_date_get_day(&facts->official), (int)g_date_get_month(&facts->official),
		                            g_date_get_year(&facts->official));
	values->values[LETTER_TEXT_ORGANISATION] = facts->organisation;
	values->values[LETTER_TEXT_MAILBOX] = facts->mailbox;
	values->values[LETTER_TEXT_POST] = or_null(facts->post);
	values->values[LETTER_TEXT_ESCALATION] = or_null(facts->escalation_address);
	values->values[LETTER_TEXT_NUMBER] = facts->number;
	values->values[LETTER_TEXT_WORD] = or_null(facts->word);
	values->values[LETTER_TEXT_DATE] = values->made[0];
	values->values[LETTER_TEXT_TIME] = values->made[1];
	values->values[LETTER_TEXT_OFFICIAL] = values->made[3];
	values->values[LETTER_TEXT_TERM] = facts->term_working_days > 0 ? values->made[2] : NULL;
	values->values[LETTER_TEXT_CODE] = or_null(facts->code);
	return TRUE;
}

/* Appends one language's letter; its subject becomes *subject where there is none yet. */
static gboolean append_text(GString *body, const LetterFacts *facts, const Language *language, LetterTemplate templates,
                            gpointer user, char **subject, GError **error)
{
	g_auto(Values) values = {{NULL}, {NULL}};
	g_autofree char *own_subject = NULL;
	if (body->len > 0)
		g_string_append(body, "\n\n* * *\n\n");
	if (facts->minimal) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* of the table above */
		g_string_append_printf(body, language->minimal, facts->number);
#pragma GCC diagnostic pop
	} else {
		g_autoptr(GString) text = g_string_new(NULL);
		const char *template = templates(language->code, user);
		if (template == NULL)
			return fail(error, "there is no template for the language %s", language->code);
		if (!fill_values(&values, facts, language, error))
			return FALSE;
		if (!letter_text_expand(template, values.values, &own_subject, text, error)) {
			g_prefix_error(error, "the template %s.txt, ", language->code);
			return FALSE;
		}
		g_strstrip(text->str);
		g_string_append(body, text->str);
	}
	if (*subject == NULL)
		*subject = own_subject != NULL ? g_steal_pointer(&own_subject) : g_strdup(language->subject);
	return TRUE;
}

/* Values come from our own configuration and register; a control character in one is a fault there. */
static gboolean check_facts(const LetterFacts *facts, GError **error)
{
	const char *const texts[] = {facts->organisation, facts->mailbox, facts->post, facts->escalation_address,
	                             facts->number, facts->word, facts->code};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		for (const char *p = texts[i]; p != NULL && *p != '\0'; p++)
			if (g_ascii_iscntrl(*p))
				return fail(error, "a letter with a control character in one of its facts");
	return facts->organisation != NULL && or_null(facts->number) != NULL ? TRUE : fail(error, "a letter without a number");
}

char *letter_compose(const LetterFacts *facts, LetterTemplate templates, gpointer user, gsize *size, GError **error)
{
	g_autoptr(GString) body = g_string_new(NULL), out = g_string_new(NULL), codes = g_string_new(NULL);
	g_autofree char *subject = NULL;
	if (!check_facts(facts, error))
		return NULL;
	gboolean both = g_strcmp0(facts->language, "-") == 0;
	for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
		const Language *language = &languages[i];
		if (both ? strcmp(language->code, "en") == 0 : g_strcmp0(facts->language, language->code) != 0)
			continue;
		if (!append_text(body, facts, language, templates, user, &subject, error))
			return NULL;
		g_string_append_printf(codes, "%s%s", codes->len > 0 ? ", " : "", language->code);
	}
	if (subject == NULL) {
		fail(error, "a letter in a language that there is not");
		return NULL;
	}
	if (!append_header(out, facts, subject, codes->str, error))
		return NULL;
	g_autofree char *text = letter_text_wrap(body->str, COLUMNS);
	append_content(out, TEXT_TYPE, NULL);
	append_base64(out, text, strlen(text));
	*size = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* "UNOPENED DUE" (at most 999 each) in columns that stand whatever the figures. */
static char *counts_text(const char *counts)
{
	guint unopened = 0, due = 0;
	if (counts == NULL || sscanf(counts, "%3u %3u", &unopened, &due) != 2)
		return g_strdup("");
	return g_strdup_printf("\r\n%3u  ашылмаған / не открыто\r\n%3u  мерзімі үш жұмыс күні ішінде аяқталады / срок истекает в "
	                       "течение трёх рабочих дней\r\n",
	                       unopened, due);
}

/* Header fields of exactly so many octets, folded (RFC 5322 2.2.3): octets is at least that of the name. */
static void append_padding(GString *out, gsize octets)
{
	static const char name[] = "X-Senim-Padding: ";
	gsize column = strlen(name), left = octets - strlen(name) - strlen("\r\n");
	g_string_append(out, name);
	while (left > 0)
		if (column >= COLUMNS && left > strlen("\r\n ")) {
			g_string_append(out, "\r\n ");
			left -= strlen("\r\n ");
			column = 1;
		} else {
			g_string_append_c(out, '0');
			left--;
			column++;
		}
	g_string_append(out, "\r\n");
}

#define PADDING_LEAST 32

/* Any text as a field's value; NULL: none. */
static void append_encoded(GString *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	g_autofree char *encoded = g_base64_encode((const guchar *)text, strlen(text));
	g_string_append_printf(out, "%s:", name);
	for (const char *line = encoded; *line != '\0'; line += MIN(strlen(line), COLUMNS))
		g_string_append_printf(out, "\r\n %.*s", COLUMNS, line);
	g_string_append(out, "\r\n");
}

char *letter_compose_checkpoint(const LetterFacts *facts, const LetterCheckpoint *checkpoint, gsize *size, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL), rest = g_string_new(NULL);
	LetterFacts own = *facts;
	own.in_reply_to = NULL;
	own.generated = TRUE;
	if (!append_header(out, &own, "Журналдың бақылау белгісі / Контрольная отметка журнала", "kk, ru", error))
		return NULL;
	append_encoded(out, "X-Senim-Request", checkpoint->other);
	append_encoded(out, "X-Senim-Restored", checkpoint->restored);
	append_field(rest, "Content-Type", TEXT_TYPE);
	append_field(rest, "Content-Transfer-Encoding", "8bit"); /* as it is: whoever saves the mail has the request */
	g_string_append(rest, "\r\n");
	g_auto(GStrv) lines = g_strsplit(checkpoint->request, "\n", -1);
	g_autofree char *body = g_strjoinv("\r\n", lines);
	g_string_append(rest, body);
	if (out->len + rest->len + PADDING_LEAST > checkpoint->octets) {
		fail(error, "a checkpoint's proof that is larger than its letter");
		return NULL;
	}
	append_padding(out, checkpoint->octets - out->len - rest->len);
	g_string_append(out, rest->str);
	*size = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

char *letter_compose_notice(const LetterFacts *facts, gsize *size, GError **error)
{
	static const char sentence[] = "Сенім экранын ашыңыз / Откройте экран «Сенім»";
	g_autoptr(GString) out = g_string_new(NULL);
	LetterFacts own = *facts;
	own.in_reply_to = NULL;
	own.generated = TRUE;
	if (!append_header(out, &own, sentence, "kk, ru", error))
		return NULL;
	g_autofree char *line = letter_text_wrap(sentence, COLUMNS), *counts = counts_text(facts->counts);
	g_autofree char *text = g_strconcat(line, counts, NULL);
	append_content(out, TEXT_TYPE, NULL);
	append_base64(out, text, strlen(text));
	*size = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* --- an alarm ---------------------------------------------------------------------------------------------------------------- */

/* By the words of base/alarm.h. */
static const char *const alarms[ALARMS][3] = {
	[ALARM_INTAKE] = {"Өтініштерді қабылдау он минуттан бері кейінге қалдырылып тұр (451).",
	                  "Приём обращений откладывается уже десять минут (451).",
	                  "For ten minutes reports have been put off (451)."},
	[ALARM_DISK] = {"Журнал тұрған дискіде он пайыздан аз орын қалды: орын босатыңыз.",
	                "На диске журнала осталось меньше десяти процентов места: освободите место.",
	                "Less than ten per cent of the register's disk is free: make room."},
	[ALARM_FULL] = {"Диск толды: өтініштер кейінге қалдырылып тұр (451), орын босағанша. Дереу орын босатыңыз.",
	                "Диск заполнен: обращения откладываются (451), пока нет места. Освободите место немедленно.",
	                "The disk is full: reports are put off (451) until there is room. Make room now."},
	[ALARM_CALENDAR] = {"Мереке күндерінің күнтізбесі отыз күн ішінде аяқталады: келесі жылдың файлын қойыңыз.",
	                    "Календарь праздников заканчивается в течение тридцати дней: установите файл следующего года.",
	                    "The calendar of public holidays ends within thirty days: install the next year's file."},
	[ALARM_KEY] = {"Жауапты қызметкерлердің бірінің кілті отыз күн ішінде аяқталады немесе аяқталды: senim doctor қайсысы екенін көрсетеді.",
	               "Ключ одного из ответственных работников истекает в течение тридцати дней или истёк: senim doctor покажет, чей.",
	               "A key of one who reads ends within thirty days, or has ended: senim doctor says whose."},
	[ALARM_ARCHIVE] = {"Ай сайынғы мұрағат уақытында жасалмады: senim archive оны қазір жасайды.",
	                   "Ежемесячный архив не сделан в срок: senim archive сделает его сейчас.",
	                   "The month was not archived in time: senim archive does it now."},
	[ALARM_DRILL] = {"Қалпына келтіру бір жылдан бері тексерілмеді: senim restore --drill.",
	                 "Восстановление не проверялось больше года: senim restore --drill.",
	                 "A restore was not practised for a year: senim restore --drill."},
};
static const char *const alarm_states[ALARM_STATES][3] = {
	[ALARM_BEGINS] = {"Басталды.", "Началось.", "It began."},
	[ALARM_LASTS] = {"Әлі жалғасуда.", "Ещё длится.", "It still lasts."},
	[ALARM_OVER] = {"Аяқталды. Болған жағдай:", "Завершилось. Было так:", "It is over; this was so:"},
};

char *letter_compose_alarm(const LetterFacts *facts, const char *alarm, const char *state, gsize *size, GError **error)
{
	Alarm which;
	AlarmState how;
	LetterFacts own = *facts;
	g_autoptr(GString) out = g_string_new(NULL), text = g_string_new(NULL);
	if (!alarm_read(alarm, &which) || !alarm_state_read(state, &how)) {
		fail(error, "an alarm is of one of a few words, and this is none");
		return NULL;
	}
	g_autofree char *subject = g_strdup_printf("senim: %s %s", alarm, state);
	own.in_reply_to = NULL;
	own.generated = TRUE;
	if (!append_header(out, &own, subject, "kk, ru, en", error))
		return NULL;
	for (gsize i = 0; i < 3; i++)
		g_string_append_printf(text, "%s%s %s\n", i > 0 ? "\n" : "", alarm_states[how][i], alarms[which][i]);
	g_autofree char *wrapped = letter_text_wrap(text->str, COLUMNS);
	append_content(out, TEXT_TYPE, NULL);
	append_base64(out, wrapped, strlen(wrapped));
	*size = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* --- a term that was prolonged ---------------------------------------------------------------------------------------------- */

/* In the order of the languages; the law's article is the one on terms of an administrative procedure. */
static const struct {
	const char *subject, *text, *answer, *closing;
} prolonged[] = {
	{"Хатыңызды қарау мерзімі",
	 "Сәлеметсіз бе!\n\n{organisation} ұйымының сенім жәшігіне келіп түскен, № {number} болып тіркелген хатыңызды қарау мерзімінің "
	 "ұзартылғанын хабарлаймыз. Мерзімнің соңғы күні – {until}.\n\nНегіз: Қазақстан Республикасы Әкімшілік рәсімдік-процестік "
	 "кодексінің 76-бабы.\n",
	 "\nХатыңызды толықтыру үшін осы хатқа жауап беріңіз немесе жаңа хаттың кез келген жеріне «{number}-{word}» деп жазыңыз.\n",
	 "\nҚұрметпен,\n{organisation}\n"},
	{"Срок рассмотрения Вашего письма",
	 "Здравствуйте!\n\nСообщаем, что срок рассмотрения Вашего письма, поступившего на ящик доверия ({organisation}) и "
	 "зарегистрированного под № {number}, продлён. Последний день срока – {until}.\n\nОснование: статья 76 Административного "
	 "процедурно-процессуального кодекса Республики Казахстан.\n",
	 "\nЧтобы дополнить своё письмо, ответьте на это или напишите в новом, в любом его месте, «{number}-{word}».\n",
	 "\nС уважением,\n{organisation}\n"},
	{"The term of your letter",
	 "Dear Sir or Madam,\n\nThe term for considering your letter to the trust mailbox of {organisation}, registered as No. {number}, was "
	 "prolonged. Its last day is now {until}.\n\nGround: article 76 of the Administrative Procedural and Process-Procedural Code of the "
	 "Republic of Kazakhstan.\n",
	 "\nTo add something, reply to this letter, or write “{number}-{word}” anywhere in a new one.\n",
	 "\nYours faithfully,\n{organisation}\n"},
};
G_STATIC_ASSERT(G_N_ELEMENTS(prolonged) == G_N_ELEMENTS(languages));

static gboolean is_wanted(const LetterFacts *facts, gsize i)
{
	gboolean both = g_strcmp0(facts->language, "-") == 0;
	return both ? strcmp(languages[i].code, "en") != 0 : g_strcmp0(facts->language, languages[i].code) == 0;
}

char *letter_prolonged_text(const LetterFacts *facts, GError **error)
{
	GString *out = g_string_new(NULL);
	if (!g_date_valid(&facts->until) || !check_facts(facts, error)) {
		g_string_free(out, TRUE);
		if (error != NULL && *error == NULL)
			fail(error, "a letter of a term without its last day");
		return NULL;
	}
	g_autofree char *until = g_strdup_printf("%02d.%02d.%04d", (int)g_date_get_day(&facts->until),
	                                         (int)g_date_get_month(&facts->until), (int)g_date_get_year(&facts->until));
	for (gsize i = 0; i < G_N_ELEMENTS(prolonged); i++)
		if (is_wanted(facts, i))
			g_string_append_printf(out, "%s%s%s%s", out->len > 0 ? "\n* * *\n\n" : "", prolonged[i].text,
			                       or_null(facts->word) != NULL ? prolonged[i].answer : "", prolonged[i].closing);
	g_string_replace(out, "{number}", facts->number, 0);
	g_string_replace(out, "{word}", facts->word != NULL ? facts->word : "", 0);
	g_string_replace(out, "{until}", until, 0);
	g_string_replace(out, "{organisation}", facts->organisation, 0); /* last: it is not ours to read */
	return g_string_free(out, FALSE);
}

char *letter_compose_prolonged(const LetterFacts *facts, gsize *size, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL), codes = g_string_new(NULL);
	const char *subject = NULL;
	LetterFacts own = *facts;
	own.generated = TRUE;
	g_autofree char *said = letter_prolonged_text(facts, error);
	for (gsize i = 0; i < G_N_ELEMENTS(prolonged); i++)
		if (is_wanted(facts, i)) {
			subject = subject != NULL ? subject : prolonged[i].subject;
			g_string_append_printf(codes, "%s%s", codes->len > 0 ? ", " : "", languages[i].code);
		}
	if (said != NULL && subject == NULL)
		fail(error, "a letter in a language that there is not");
	if (said == NULL || subject == NULL || !append_header(out, &own, subject, codes->str, error))
		return NULL;
	g_autofree char *text = letter_text_wrap(said, COLUMNS);
	append_content(out, TEXT_TYPE, NULL);
	append_base64(out, text, strlen(text));
	*size = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* The same for each, so that it tells the relays nothing. */
#define REDIRECT_SUBJECT "Ресми хат / Официальное письмо"

/* In the order of the languages; nobody has read the report yet, and the letter says so. */
static const char redirect_text[] =
	"{organisation}\n{mailbox}\n\n"
	"Сенім жәшігіне {when} түсіп, № {number} болып тіркелген өтініш сенім жәшігі туралы ережеге сәйкес "
	"құзыретіңізге қарай жіберіледі. Белгіні бағдарлама алдын ала қойды, өтінішті ұйымда әлі ешкім қараған жоқ. Өтініш "
	"report.age файлында Сіздің кілтіңізге шифрланған; оны «age -d -i КІЛТ report.age» пәрмені ашады. Бастапқы «X-Senim-» "
	"жолдары мен соңындағы бос орын сақтауға қатысты, өтініштің өзі солардың арасында.\n\n"
	"Обращение, поступившее на ящик доверия {when} и зарегистрированное под № {number}, направляется Вам по компетенции "
	"согласно положению о ящике доверия. Отметка поставлена программой предварительно, в организации обращение ещё "
	"никто не просматривал. Обращение зашифровано на Ваш ключ в файле report.age; его открывает команда «age -d -i КЛЮЧ "
	"report.age». Строки «X-Senim-» в начале и заполнение в конце относятся к хранению, само обращение стоит между ними.\n";

char *letter_compose_redirect(const LetterFacts *facts, const void *sealed, gsize sealed_size, gsize *size, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL), said = g_string_new(redirect_text);
	g_autoptr(GDateTime) received = local_time(facts->received, facts->zone);
	LetterFacts own = *facts;
	own.in_reply_to = NULL;
	own.generated = TRUE;
	if (!check_facts(facts, error) || !append_header(out, &own, REDIRECT_SUBJECT, "kk, ru", error))
		return NULL;
	g_autofree char *when = g_date_time_format(received, "%d.%m.%Y %H:%M");
	g_string_replace(said, "{mailbox}", facts->mailbox, 0);
	g_string_replace(said, "{number}", facts->number, 0);
	g_string_replace(said, "{when}", when, 0);
	g_string_replace(said, "{organisation}", facts->organisation, 0);
	g_autofree char *text = letter_text_wrap(said->str, COLUMNS);
	g_string_append(out, "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n\r\n--" BOUNDARY "\r\n");
	append_content(out, TEXT_TYPE, NULL);
	append_base64(out, text, strlen(text));
	g_string_append(out, "--" BOUNDARY "\r\n");
	append_content(out, "application/octet-stream", "report.age");
	append_base64(out, sealed, sealed_size);
	g_string_append(out, "--" BOUNDARY "--\r\n");
	*size = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Each in the order of the languages; NULL: an official letter, the same whatever the language. */
static const struct {
	const char *word, *text[G_N_ELEMENTS(languages)];
} subjects[] = {
	{"official", {NULL}},
	{"answer", {"Хатыңызға жауап", "Ответ на Ваше письмо", "Answer to your letter"}},
	{"advice", {"Хатыңыз бойынша түсіндірме", "Разъяснение по Вашему письму", "About your letter"}},
};

/* The subject of that word, and in *codes the languages of the letter; NULL where there is none. */
static const char *entity_subject(const LetterFacts *facts, GString *codes)
{
	const char *found = NULL;
	for (gsize s = 0; s < G_N_ELEMENTS(subjects); s++) {
		if (g_strcmp0(subjects[s].word, facts->subject) != 0)
			continue;
		if (subjects[s].text[0] == NULL) {
			g_string_assign(codes, "kk, ru");
			return REDIRECT_SUBJECT;
		}
		for (gsize i = 0; i < G_N_ELEMENTS(languages); i++)
			if (is_wanted(facts, i)) {
				found = found != NULL ? found : subjects[s].text[i];
				g_string_append_printf(codes, "%s%s", codes->len > 0 ? ", " : "", languages[i].code);
			}
	}
	return found;
}

char *letter_compose_entity(const LetterFacts *facts, const void *entity, gsize entity_size, gsize *size, GError **error)
{
	g_autoptr(GString) out = g_string_sized_new(entity_size + 1024), codes = g_string_new(NULL);
	LetterFacts own = *facts;
	own.personal = TRUE;
	const char *subject = entity_subject(facts, codes);
	if (subject == NULL)
		fail(error, "an officer's letter with a subject, or in a language, that there is not");
	if (subject == NULL || !append_header(out, &own, subject, codes->str, error))
		return NULL;
	g_string_append_len(out, entity, (gssize)entity_size);
	*size = out->len;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

gboolean letter_check_template(const char *text, GError **error)
{
	static const char *const none[LETTER_TEXT_NAMES];
	return letter_text_expand(text, none, NULL, NULL, error);
}
