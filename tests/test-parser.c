/* SPDX-License-Identifier: ISC */
/* What the parser makes of real and of hostile mail: nothing is lost, nothing kills it. */
#include <glib.h>
#include <string.h>
#include <time.h>

#include "base/bundle.h"
#include "base/finding.h"
#include "parser/charset.h"
#include "parser/examine.h"
#include "parser/html.h"
#include "parser/language.h"
#include "parser/message.h"
#include "parser/plain.h"
#include "parser/prescan.h"
#include "parser/view.h"

#define HEAD "From: a@b.kz\r\nSubject: s\r\n"
#define PLAIN(charset) HEAD "Content-Type: text/plain; charset=" charset "\r\n\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=B\r\n\r\n"

/* --- reading -------------------------------------------------------------------------- */

static Message *read_octets(const char *octets, gsize size)
{
	static guint8 *copy; /* lives as long as the message: until the next one */
	g_free(copy);
	copy = g_memdup2(octets, size);
	return message_read(copy, size, MESSAGE_FOR_VIEW);
}

static Message *read_text(const char *text)
{
	return read_octets(text, strlen(text));
}

static gboolean has_note(const Message *message, const char *word)
{
	return g_ptr_array_find_with_equal_func(message->notes, word, g_str_equal, NULL);
}

static void assert_shows(const Message *message, const char *words)
{
	if (memmem(message->text->str, message->text->len, words, strlen(words)) == NULL)
		g_test_message("the text lacks \"%s\": %s", words, message->text->str), g_test_fail();
}

static const MessageAttachment *attachment(const Message *message, guint i)
{
	g_assert_cmpuint(i, <, message->attachments->len);
	return &g_array_index(message->attachments, MessageAttachment, i);
}

static Record *job_new(const char *from, const char *telephone)
{
	Record *job = record_new();
	record_add(job, "length", "1");
	record_add(job, "mailbox", "senim@kmo.kz");
	record_add(job, "also", "ethics@kmo.kz");
	record_add(job, "envelope-from", from);
	record_add(job, "telephone-system", telephone);
	record_add(job, "own-tag", "kmo.kz");
	return job;
}

/* The finding, checked as the milter checks it. */
static Bundle *finding_of(const Message *message, const Record *job)
{
	ExamineWords words = {.automatic = "-", .verdict = "clean"};
	g_autoptr(GError) error = NULL;
	g_autoptr(Bundle) built = examine_finding(job, message, &words);
	g_autoptr(GBytes) octets = bundle_write(built);
	g_assert_cmpuint(g_bytes_get_size(octets), <=, FINDING_MAX);
	Bundle *finding = bundle_read(g_bytes_get_data(octets, NULL), g_bytes_get_size(octets), NULL, &error);
	g_assert_no_error(error);
	g_autoptr(Record) facts = bundle_part_record(finding, "facts", finding_facts_schema, &error);
	g_assert_no_error(error);
	g_assert_true(finding_check_facts(facts, &error));
	g_autoptr(Record) card = bundle_part_record(finding, "card", finding_card_schema, &error);
	g_assert_no_error(error);
	return finding;
}

/* --- texts ---------------------------------------------------------------------------- */

typedef struct {
	const char *testname, *octets;
	gsize size; /* 0: as long as the string */
	const char *shows, *note;
} TextRow;

#define KAZAKH "өтініш: ақша сұрады"
/* "Қазақ тілі әң" in KZ-1048, "Привет, директор" in windows-1251, koi8-r, cp866 */
#define KZ1048 "\x8d\xe0\xe7\xe0\x9d \xf2\xb3\xeb\xb3 \xbc\xbe"
#define PT154 "\x8d\xe0\xe7\xe0\x9d \xf2\xb3\xeb\xb3 \xba\x9c"
#define CP1251 "\xcf\xf0\xe8\xe2\xe5\xf2, \xe4\xe8\xf0\xe5\xea\xf2\xee\xf0"
#define KOI8 "\xf0\xd2\xc9\xd7\xc5\xd4, \xc4\xc9\xd2\xc5\xcb\xd4\xcf\xd2"
#define CP866 "\x8f\xe0\xa8\xa2\xa5\xe2, \xa4\xa8\xe0\xa5\xaa\xe2\xae\xe0"
#define SIZED(text) text, sizeof(text) - 1

static const TextRow texts[] = {
	{"utf-8", PLAIN("utf-8") KAZAKH "\r\n", 0, KAZAKH, NULL},
	{"NUL in a body does not end it", SIZED(PLAIN("utf-8") "before\0after\r\n"), "after", NULL},
	{"base64 after padding goes on", PLAIN("utf-8") "x", 0, "x", NULL},
	{"kz-1048 by its IANA name", PLAIN("kz-1048") KZ1048, 0, "Қазақ тілі әң", NULL},
	{"rk1048", PLAIN("RK1048") KZ1048, 0, "Қазақ тілі әң", NULL},
	{"ptcp154", PLAIN("PTCP154") PT154, 0, "Қазақ тілі әң", NULL},
	{"Cyrillic-Asian", PLAIN("\"Cyrillic-Asian\"") PT154, 0, "Қазақ тілі әң", NULL},
	{"Kazakh under the label windows-1251", PLAIN("windows-1251") KZ1048 " " KZ1048 " " KZ1048, 0, "Қазақ тілі әң",
	 "guessed-charset"},
	{"windows-1251 stays what it is", PLAIN("windows-1251") CP1251, 0, "Привет, директор", NULL},
	{"Ukrainian in windows-1251 is not made Kazakh",
	 PLAIN("windows-1251") "\xcf\xee\xe2\xb3\xe4\xee\xec\xeb\xff\xba\xec\xee \xef\xf0\xee \xe7\xeb\xee\xe2\xe6\xe8\xe2\xe0\xed\xed\xff, \xbf\xbf", 0,
	 "Повідомляємо про зловживання, її", NULL},
	{"raw windows-1251 without a label", HEAD "\r\n" CP1251, 0, "Привет, директор", "guessed-charset"},
	{"raw koi8-r without a label", HEAD "\r\n" KOI8, 0, "Привет, директор", "guessed-charset"},
	{"raw cp866 without a label", HEAD "\r\n" CP866, 0, "Привет, директор", "guessed-charset"},
	{"utf-8 without a label", HEAD "\r\n" KAZAKH, 0, KAZAKH, "guessed-charset"},
	{"utf-8 labelled us-ascii", PLAIN("us-ascii") KAZAKH, 0, KAZAKH, "guessed-charset"},
	{"windows-1251 labelled utf-8", PLAIN("utf-8") CP1251, 0, "Привет, директор", "guessed-charset"},
	{"an unknown label over utf-8", PLAIN("iso-2022-kz") KAZAKH, 0, KAZAKH, "guessed-charset"},
	{"unicode-1-1-utf-7", PLAIN("unicode-1-1-utf-7") "+BB8EQAQ4BDIENQRC-!", 0, "Привет!", NULL},
	{"utf-16 with a mark", SIZED(PLAIN("utf-16") "\xff\xfe\x1f\x04\x40\x04"), "Пр", NULL},
	{"utf-16 without a mark, big-endian", SIZED(PLAIN("utf-16") "\x04\x1f\x04\x40\x04\x38"), "При", NULL},
	{"Chinese in gb2312", PLAIN("gb2312") "\xb9\xd8\xd3\xda\xca\xdc\xbb\xdf", 0, "关于受贿", NULL},
	{"Kazakh in gb18030, four octets a letter", PLAIN("gb18030") "\x81\x30\xe0\x35\x81\x30\xdb\x31\x81\x30\xda\x33", 0, "әңқ", NULL},
	{"mac-cyrillic", PLAIN("x-mac-cyrillic") "\x8f\xf0\xe8\xe2\xe5\xf2", 0, "Привет", NULL},
	{"iso-8859-5", PLAIN("iso-8859-5") "\xbf\xe0\xd8\xd2\xd5\xe2", 0, "Привет", NULL},
	{"Turkish under iso-8859-9", PLAIN("iso-8859-9") "\x72\xfc\xfe\x76\x65\x74", 0, "rüşvet", NULL},
	{"utf-16, little-endian by its label", SIZED(PLAIN("utf-16le") "\x1f\x04\x40\x04"), "Пр", NULL},
	{"utf-16 goes on after half a pair", SIZED(PLAIN("utf-16") "\xfe\xff\xdc\x00\x04\x1f\x04\x40"), "Пр", "replaced-characters"},
	{"Japanese, a charset that is not open", PLAIN("ISO-2022-JP") "\x1b$BF|K\\8l\x1b(B see", 0, " see", "guessed-charset"},
	{"Korean, a charset that is not open", PLAIN("euc-kr") "\xb3\xfa\xb9\xb0 see", 0, " see", "guessed-charset"},
	{"French in iso-8859-1", PLAIN("iso-8859-1") "caf\xe9 cr\xe8me", 0, "café crème", NULL},
	{"quoted-printable with =ZZ and =00",
	 SIZED(HEAD "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	            "a=ZZb=00c=D3=99"),
	 "cә", NULL},
	{"chunked base64",
	 HEAD "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\nIHdvcmxk\r\n", 0,
	 "Hello world", NULL},
	{"no field at all", "\r\n" KAZAKH "\r\n", 0, KAZAKH, NULL},
	{"the first line is no field", KAZAKH "\r\nFrom: x\r\n", 0, KAZAKH, "no-header"},
	{"a boundary that never comes", HEAD "Content-Type: multipart/mixed; boundary=never\r\n\r\n" KAZAKH "\r\n", 0, KAZAKH,
	 "ambiguous-structure"},
	{"NUL in such a text",
	 SIZED(HEAD "Content-Type: multipart/mixed; boundary=never\r\n\r\nbefore\0after\r\n"), "after", "ambiguous-structure"},
	{"a multipart without a boundary", HEAD "Content-Type: multipart/mixed\r\n\r\n" KAZAKH "\r\n", 0, KAZAKH,
	 "ambiguous-structure"},
	{"an empty boundary", HEAD "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n" KAZAKH "\r\n", 0, KAZAKH, NULL},
	{"a multipart that was base64'd as a whole",
	 HEAD "Content-Type: multipart/mixed; boundary=B\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	      "LS1CDQoNCmlubmVyIHRleHQNCi0tQi0tDQo=\r\n", 0, "inner text", NULL},
	{"a forwarded message", MIXED "--B\r\n\r\nsee below\r\n--B\r\nContent-Type: message/rfc822\r\n\r\n"
	 "From: c@d\r\nSubject: inner subject\r\n\r\ninner text\r\n--B--\r\n", 0, "Subject: inner subject", NULL},
	{"a forwarded message in base64",
	 MIXED "--B\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	       "U3ViamVjdDogaW5uZXIgc3ViamVjdA0KDQppbm5lciB0ZXh0DQo=\r\n--B--\r\n", 0, "inner text", NULL},
	{"a delivery report's details",
	 HEAD "Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
	      "--B\r\n\r\nfailed\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n--B--\r\n", 0,
	 "Reporting-MTA", NULL},
	{"HTML", PLAIN("utf-8") "x", 0, "x", NULL},
	{"an alternative that says more",
	 HEAD "Content-Type: multipart/alternative; boundary=B\r\n\r\n--B\r\n\r\nsee the other part\r\n"
	      "--B\r\nContent-Type: text/html\r\n\r\n<p>the minister took money</p>\r\n--B--\r\n", 0, "took money",
	 "alternatives-differ"},
	{"inline PGP", PLAIN("utf-8") "-----BEGIN PGP MESSAGE-----\r\nabc\r\n", 0, "BEGIN PGP", "encrypted"},
	{"several From", "From: a@b\r\nFrom: c@d\r\n\r\nx", 0, "x", "several-from"},
	{"two Content-Type", HEAD "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<b>x</b>", 0, "x",
	 "ambiguous-structure"},
	{"message/external-body", MIXED "--B\r\nContent-Type: message/external-body; access-type=URL; URL=\"http://x\"\r\n\r\n"
	 "Content-Type: text/plain\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n", 0, "x", "external"},
	{"TNEF", MIXED "--B\r\n\r\nx\r\n--B\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx\r\n--B--\r\n", 0, "x", "tnef"},
};

static void every_text_is_shown(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		const TextRow *row = &texts[i];
		g_test_message("%s", row->testname);
		g_autoptr(Message) message = row->size > 0 ? read_octets(row->octets, row->size) : read_text(row->octets);
		assert_shows(message, row->shows);
		g_assert_true(g_utf8_validate_len(message->text->str, strlen(message->text->str), NULL));
		if (row->note != NULL)
			g_assert_true(has_note(message, row->note));
		else if (strstr(row->octets, "charset=") != NULL)
			g_assert_false(has_note(message, "guessed-charset"));
		g_assert_false(message->partial);
		g_autoptr(Record) job = job_new("a@b.kz", "-");
		g_autoptr(Bundle) finding = finding_of(message, job);
	}
}

/* --- header fields ------------------------------------------------------------------------ */

typedef struct {
	const char *testname, *head, *name, *address, *subject;
} HeaderRow;

static const HeaderRow headers[] = {
	{"plain", "From: A B <a@b>\r\nSubject: s\r\n", "A B", "a@b", "s"},
	{"encoded", "From: =?utf-8?b?0JDQuQ==?= <a@b>\r\nSubject: =?koi8-r?q?=F0=D2?=\r\n", "Ай", "a@b", "Пр"},
	{"kz-1048 in an encoded word", "From: =?kz-1048?q?=8D=E0?= <a@b>\r\nSubject: =?kz-1048?q?=BC=BE?=\r\n", "Қа", "a@b", "әң"},
	{"raw windows-1251", "From: \xcf\xf0 <a@b>\r\nSubject: \xcf\xf0\xe8\xe2\xe5\xf2\r\n", "Пр", "a@b", "Привет"},
	{"raw utf-8", "From: Ай <a@b>\r\nSubject: Әң\r\n", "Ай", "a@b", "Әң"},
	{"raw koi8-r", "From: a@b\r\nSubject: \xf0\xd2\xc9\xd7\xc5\xd4\r\n", "", "a@b", "Привет"},
	{"a character cut by the end of a word", "From: a@b\r\nSubject: =?utf-8?b?0JA=?= =?utf-8?b?0A==?=\r\n =?utf-8?b?uQ==?=\r\n",
	 "", "a@b", "Ай"},
	{"base64 words that are each padded", "From: a@b\r\nSubject: =?utf-8?B?0JDQuQ==?= =?UTF-8?B?0JDQuQ==?=\r\n", "", "a@b", "АйАй"},
	{"an empty word", "From: a@b\r\nSubject: =?utf-8?b?\?= =?utf-8?b?0JDQuQ==?=\r\n", "", "a@b", "Ай"},
	{"two charsets side by side", "From: a@b\r\nSubject: =?koi8-r?q?=F0=D2?= =?windows-1251?b?6OL6?=\r\n", "", "a@b", "Привъ"},
	{"what only looks like a word", "From: a@b\r\nSubject: =?utf-8?x?a?= =? =?a?b\r\n", "", "a@b", "=?utf-8?x?a?= =? =?a?b"},
	{"a word in an unknown charset", "From: a@b\r\nSubject: =?x-none?q?=D3=99?=\r\n", "", "a@b", "ә"},
	{"a language in a word", "From: a@b\r\nSubject: =?koi8-r*ru?Q?=F0=D2?=\r\n", "", "a@b", "Пр"},
	{"the first Subject counts", "From: a@b\r\nSubject: first\r\nSubject: second\r\n", "", "a@b", "first"},
	{"a name that has no address", "From: =?utf-8?b?0JDQudCz0q/Quw==?=\r\n", "Айгүл", "", NULL},
	{"a group", "From: g: A <a@b>, c@d;\r\n", "A", "a@b", NULL},
	{"no From", "Subject: s\r\n", NULL, NULL, "s"},
	{"an empty From", "From:\r\nSubject: s\r\n", NULL, NULL, "s"},
	{"a folded subject", "From: a@b\r\nSubject: one\r\n two\r\n", "", "a@b", "one two"},
	{"ESC and a line end in a subject", "From: a@b\r\nSubject: =?utf-8?q?a=1B[2J=0D=0AX-Evil:_1?=\r\n", "", "a@b",
	 "a\x1b[2J\r\nX-Evil: 1"},
};

static void header_fields_are_read_as_they_were_meant(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
		const HeaderRow *row = &headers[i];
		g_autofree char *text = g_strconcat(row->head, "\r\nbody\r\n", NULL);
		g_test_message("%s", row->testname);
		g_autoptr(Message) message = read_text(text);
		g_assert_cmpuint(message->from->len > 0, ==, row->address != NULL);
		if (row->address != NULL) {
			g_assert_cmpstr(g_array_index(message->from, MessageAddress, 0).name, ==, row->name);
			g_assert_cmpstr(g_array_index(message->from, MessageAddress, 0).address, ==, row->address);
		}
		g_assert_cmpstr(message->subject, ==, row->subject);
	}
}

static void a_subject_makes_no_second_line(void)
{
	g_autoptr(Message) message = read_text("From: a@b\r\nSubject: =?utf-8?q?a=0D=0AX-Evil:_1?=\r\n\r\nx");
	g_assert_null(strstr(message->headers->str, "\nX-Evil"));
	g_autoptr(Record) job = job_new("", "-");
	g_autoptr(Bundle) finding = finding_of(message, job);
	g_autoptr(Record) card = bundle_part_record(finding, "card", finding_card_schema, NULL);
	g_assert_cmpstr(record_get(card, "subject"), ==, "a\r\nX-Evil: 1"); /* whole, and one value of the record */
}

static void the_mailbox_is_none_of_the_other_recipients(void)
{
	g_autoptr(Message) message = read_text("From: a@b, x@y\r\nReply-To: r@s\r\nTo: SENIM@kmo.kz, ethics@kmo.kz, Boss "
	                                       "<boss@kmo.kz>\r\nCc: boss@kmo.kz, z@z\r\n\r\nx");
	g_autoptr(Record) job = job_new("e@f", "-");
	g_autoptr(Bundle) finding = finding_of(message, job);
	g_autoptr(Record) card = bundle_part_record(finding, "card", finding_card_schema, NULL);
	g_assert_cmpuint(record_count(card, "recipient"), ==, 2);
	g_assert_cmpstr(record_get(card, "recipient"), ==, "boss@kmo.kz");
	g_assert_cmpstr(record_get_nth(card, "recipient", 1), ==, "z@z");
	g_assert_cmpstr(record_get(card, "reply-to"), ==, "r@s");
	g_assert_cmpstr(record_get(card, "from"), ==, "x@y");
	g_assert_cmpstr(record_get(card, "envelope-from"), ==, "e@f");
}

static void what_a_message_answers_stands_in_its_fields_and_in_what_it_sends_back(void)
{
	static const char *const ids[] = {"a@kmo.kz", "1@kmo.kz", "2@kmo.kz", "inner@kmo.kz", NULL};
	g_autoptr(Message) message = read_text(
		"From: a@b\r\nIn-Reply-To: <a@kmo.kz> (x)\r\nReferences: <1@kmo.kz>\r\n <2@kmo.kz> <broken\r\n"
		"Message-ID: <own@example.org>\r\nContent-Type: multipart/report; boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B\r\n"
		"Content-Type: message/rfc822\r\n\r\nMessage-ID: <inner@kmo.kz>\r\nSubject: y\r\n\r\nz\r\n--B--\r\n");
	for (guint i = 0; ids[i] != NULL; i++)
		g_assert_cmpstr(i < message->references->len ? message->references->pdata[i] : NULL, ==, ids[i]);
	g_assert_cmpuint(message->references->len, ==, 4);
}

static void references_become_facts(void)
{
	g_autoptr(Message) message = read_text("From: a@b\r\n\r\nx");
	g_autoptr(Record) job = job_new("", "-");
	g_autoptr(GPtrArray) references = g_ptr_array_new();
	for (guint i = 0; i < 100; i++)
		g_ptr_array_add(references, (gpointer)"2026/17-KOTAMEHI");
	const ExamineWords words = {.automatic = "-", .verdict = "clean", .references = references, .cut = TRUE};
	g_autoptr(Bundle) finding = examine_finding(job, message, &words);
	g_autoptr(Record) facts = bundle_part_record(finding, "facts", finding_facts_schema, NULL);
	g_assert_cmpuint(record_count(facts, "reference"), ==, FINDING_LIST_MAX);
	g_assert_cmpstr(record_get(facts, "partial"), ==, "yes");
}

#define CALL "From: PBX <pbx@kmo.kz>\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\ncall\r\n--B\r\n"

static void a_call_is_the_telephone_systems_address_and_a_sound(void)
{
	static const struct {
		const char *text, *from, *system, *channel;
	} rows[] = {
		{CALL "Content-Type: audio/wav\r\n\r\nx\r\n--B--\r\n", "pbx@kmo.kz", "pbx@kmo.kz", "telephone"},
		{CALL "Content-Type: application/octet-stream; name=a.MP3\r\n\r\nx\r\n--B--\r\n", "", "PBX@kmo.kz", "telephone"},
		{CALL "Content-Type: audio/wav\r\n\r\nx\r\n--B--\r\n", "x@y", "-", "mail"},
		{CALL "Content-Type: audio/wav\r\n\r\nx\r\n--B--\r\n", "x@y", "other@kmo.kz", "mail"},
		{"From: pbx@kmo.kz\r\n\r\nno sound", "pbx@kmo.kz", "pbx@kmo.kz", "mail"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Message) message = read_text(rows[i].text);
		g_autoptr(Record) job = job_new(rows[i].from, rows[i].system);
		g_autoptr(Bundle) finding = finding_of(message, job);
		g_autoptr(Record) facts = bundle_part_record(finding, "facts", finding_facts_schema, NULL);
		g_assert_cmpstr(record_get(facts, "channel"), ==, rows[i].channel);
	}
}

/* --- attachments ---------------------------------------------------------------------------- */

#define ATTACHED(disposition, body) MIXED "--B\r\n\r\ntext\r\n--B\r\nContent-Type: application/pdf\r\n" \
	"Content-Disposition: attachment; " disposition "\r\n" body "\r\n--B--\r\n"

static void attachments_are_named_and_counted(void)
{
	static const struct {
		const char *testname, *text, *name;
		guint64 size;
	} rows[] = {
		{"plain", ATTACHED("filename=a.pdf", "\r\n12345"), "a.pdf", 5},
		{"base64 is counted", ATTACHED("filename=a.pdf", "Content-Transfer-Encoding: base64\r\n\r\nSGVs\r\nbG8=\r\n"), "a.pdf", 5},
		{"quoted-printable", ATTACHED("filename=a.pdf", "Content-Transfer-Encoding: quoted-printable\r\n\r\n=D3=99"), "a.pdf", 2},
		{"RFC 2231", ATTACHED("filename*=utf-8''%D3%99.pdf", "\r\nx"), "ә.pdf", 1},
		{"RFC 2231 in pieces, koi8-r", ATTACHED("filename*0*=koi8-r''%F0; filename*1*=%D2; filename*2=.pdf", "\r\nx"), "Пр.pdf", 1},
		{"RFC 2231 in pieces and out of order", ATTACHED("filename*1*=%D2; filename*0*=koi8-r'ru'%F0", "\r\nx"), NULL, 1},
		{"kz-1048", ATTACHED("filename*=kz-1048''%BC%BE", "\r\nx"), "әң", 1},
		{"an encoded word, against RFC 2047", ATTACHED("filename=\"=?utf-8?b?0JDQuQ==?=\"", "\r\nx"), "Ай", 1},
		{"a path", ATTACHED("filename=\"../../etc/passwd\"", "\r\nx"), "../../etc/passwd", 1},
		{"turned round", ATTACHED("filename*=utf-8''exe%E2%80%AEfdp.exe", "\r\nx"), "exe\u202e" "fdp.exe", 1},
		{"none", ATTACHED("size=1", "\r\nx"), "", 1},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s", rows[i].testname);
		g_autoptr(Message) message = read_text(rows[i].text);
		g_assert_cmpuint(message->attachments->len, ==, 1);
		if (rows[i].name != NULL)
			g_assert_cmpstr(attachment(message, 0)->name, ==, rows[i].name);
		g_assert_true(g_utf8_validate(attachment(message, 0)->name, -1, NULL));
		g_assert_cmpuint(attachment(message, 0)->size, ==, rows[i].size);
		g_autofree guint8 *copy = g_memdup2(rows[i].text, strlen(rows[i].text));
		g_autoptr(GBytes) part = message_read_part(copy, strlen(rows[i].text), 1);
		g_assert_cmpuint(g_bytes_get_size(part), ==, rows[i].size);
	}
}

static void an_embedded_message_is_given_out_as_it_came(void)
{
	static const char inner[] = "X-Odd : kept  as it is\r\nsubject: x\r\n\r\n--B2\r\nbody\r\n";
	g_autofree char *text = g_strconcat(MIXED "--B\r\n\r\ntext\r\n--B\r\nContent-Type: message/rfc822\r\n\r\n", inner,
	                                    "\r\n--B--\r\n", NULL);
	g_autofree guint8 *copy = g_memdup2(text, strlen(text));
	g_autoptr(GBytes) part = message_read_part(copy, strlen(text), 1);
	g_assert_cmpmem(g_bytes_get_data(part, NULL), g_bytes_get_size(part), inner, strlen(inner));
	g_autofree guint8 *again = g_memdup2(text, strlen(text));
	g_assert_null(message_read_part(again, strlen(text), 2));
	g_assert_null(message_read_part(again, strlen(text), 0));
}

static void what_nobody_here_can_read_is_opaque(void)
{
	static const struct {
		const char *text;
		gboolean opaque;
	} rows[] = {
		{HEAD "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nx", TRUE},
		{HEAD "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=B\r\n\r\n"
		      "--B\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--B\r\n\r\nx\r\n--B--\r\n", TRUE},
		{PLAIN("utf-8") "-----BEGIN PGP MESSAGE-----\r\n", TRUE},
		{PLAIN("utf-8") "he wrote: -----BEGIN PGP MESSAGE----- and no more\r\n", FALSE},
		{HEAD "Content-Type: image/jpeg\r\n\r\nx", TRUE},
		{HEAD "\r\n", FALSE},
		{PLAIN("utf-8") "text", FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Message) message = read_text(rows[i].text);
		g_assert_cmpint(message->opaque, ==, rows[i].opaque);
	}
}

/* --- hostile ------------------------------------------------------------------------------------- */

static GString *repeat(GString *text, const char *piece, gsize n)
{
	for (gsize i = 0; i < n; i++)
		g_string_append(text, piece);
	return text;
}

typedef struct {
	const char *testname, *before, *piece;
	gsize n;
	const char *after;
	gboolean partial;
} BombRow;

static const BombRow bombs[] = {
	{"G1 nested groups", "To: ", "g:", 43000, "\r\nSubject: s\r\n\r\nbody text\r\n", TRUE},
	{"G1 below the message", MIXED "--B\r\n\r\nbody text\r\n--B\r\nContent-Type: message/rfc822\r\n\r\nTo: ", "g:", 43000,
	 "\r\nSubject: s\r\n\r\nx\r\n--B--\r\n", TRUE},
	{"G3 parameters", "Subject: s\r\nContent-Type: text/plain", "; a=b", 40000, "\r\n\r\nbody text\r\n", TRUE},
	{"G4 and G5 empty parts", MIXED "--B\r\n\r\nbody text\r\n", "--B\n\n", 1000000, "--B--\r\n", TRUE},
	{"G6 header fields", "Subject: s\r\n", "X-A: 1\r\n", 100000, "\r\nbody text\r\n", TRUE},
	{"a million header fields", "Subject: s\r\n", "X-A: 1\r\n", 1000000, "\r\nbody text\r\n", TRUE},
	{"G6 addresses", "Subject: s\r\nTo: ", "a@b, ", 100000, "c@d\r\n\r\nbody text\r\n", TRUE},
	{"one endless field", "Subject: s\r\nX-Long: ", "aaaaaaaaaaaaaaaa", 100000, "\r\n\r\nbody text\r\n", TRUE},
	{"folds", "Subject: s\r\nX-Long: a\r\n", " a\r\n", 1000000, "\r\nbody text\r\n", TRUE},
	{"encoded words", "Subject: s\r\nX-Words: ", "=?utf-8?q?=D3=99?= ", 100000, "\r\n\r\nbody text\r\n", TRUE},
	{"pieces of a file name", MIXED "--B\r\n\r\nbody text\r\n--B\r\nContent-Disposition: attachment", "; filename*4294967296*=%00",
	 5000, "\r\n\r\nx\r\n--B--\r\n", TRUE},
	{"a line without an end", PLAIN("utf-8") "body text ", "aaaaaaaaaaaaaaaa", 100000, "", TRUE},
	{"a boundary of a megabyte", HEAD "Content-Type: multipart/mixed; boundary=\"", "aaaaaaaaaaaaaaaa", 65536,
	 "\"\r\n\r\nbody text\r\n", TRUE},
	{"an HTML of nested elements", HEAD "Content-Type: text/html\r\n\r\nbody text", "<div>", 100000, "</div>\r\n", FALSE},
	{"an HTML of lines", HEAD "Content-Type: text/html\r\n\r\nbody text", "<br>", 500000, "end\r\n", FALSE},
	{"entities", HEAD "Content-Type: text/html\r\n\r\nbody text", "&amp;&#1114111;&nosuch;", 20000, "\r\n", FALSE},
};

static void a_bomb_costs_little_and_hides_nothing(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bombs); i++) {
		const BombRow *row = &bombs[i];
		g_test_message("%s", row->testname);
		g_autoptr(GString) text = repeat(g_string_new(row->before), row->piece, row->n);
		g_string_append(text, row->after);
		clock_t begin = clock(); /* the processor's time, whatever else this machine does */
		g_autoptr(Message) message = read_octets(text->str, text->len);
#ifndef SENIM_SANITIZED
		g_assert_cmpint(clock() - begin, <, 2 * CLOCKS_PER_SEC);
#else
		(void)begin;
#endif
		assert_shows(message, "body text");
		g_assert_cmpint(message->partial, ==, row->partial);
		g_assert_cmpstr(message->subject, ==, "s");
		g_autoptr(Record) job = job_new("", "-");
		g_autoptr(Bundle) finding = finding_of(message, job);
		g_autoptr(Bundle) view = view_new(message);
		g_assert_true(record_check(bundle_record(view), view_schema, NULL));
	}
}

static void nesting_ends_at_its_limit(void)
{
	g_autoptr(GString) multiparts = g_string_new(HEAD);
	g_autoptr(GString) messages = g_string_new("Subject: s\r\n");
	for (guint i = 0; i < 1200; i++) {
		g_string_append_printf(multiparts, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
		g_string_append(messages, "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n");
	}
	g_string_append(multiparts, "\r\ndeep\r\n");
	g_string_append(messages, "\r\ndeep\r\n");
	GString *both[] = {multiparts, messages};
	for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
		g_autoptr(Message) message = read_octets(both[i]->str, both[i]->len);
		g_assert_true(message->partial);
		g_assert_true(has_note(message, "depth"));
	}
}

/* GMime issue 165: g_mime_multipart_get_boundary() never returns from this. */
static void a_multipart_without_boundary_and_a_long_name_ends(void)
{
	g_autofree char *name = g_strnfill(72, 'n');
	g_autofree char *text = g_strdup_printf("Subject: s\r\nContent-Type: multipart/mixed; %s=\"\xd3\x99\"\r\n\r\nbody text\r\n", name);
	g_autoptr(Message) message = read_text(text);
	assert_shows(message, "body text");
}

static void a_message_of_attachments_fits_into_its_finding(void)
{
	g_autoptr(GString) text = g_string_new(MIXED);
	g_autofree char *name = g_strnfill(4000, '\x01');
	for (guint i = 0; i < 200; i++)
		g_string_append_printf(text, "--B\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\nx\r\n", name);
	g_autoptr(Message) message = read_octets(text->str, text->len);
	g_assert_cmpuint(message->attachments->len, ==, 200);
	g_autoptr(Record) job = job_new("", "-");
	g_autoptr(Bundle) finding = finding_of(message, job);
	g_autoptr(Record) facts = bundle_part_record(finding, "facts", finding_facts_schema, NULL);
	g_assert_cmpstr(record_get(facts, "attachments"), ==, "200");
	g_assert_cmpstr(record_get(facts, "partial"), ==, "yes");
}

static void no_octets_are_a_message_too(void)
{
	guint8 none = 0;
	g_autoptr(Message) message = message_read(&none, 0, MESSAGE_FOR_FINDING);
	g_assert_cmpuint(message->fields->len, ==, 0);
	g_assert_cmpuint(message->text->len, ==, 0);
	g_autoptr(Record) job = job_new("", "-");
	g_autoptr(Bundle) finding = finding_of(message, job);
	g_autoptr(Record) facts = bundle_part_record(finding, "facts", finding_facts_schema, NULL);
	g_assert_cmpstr(record_get(facts, "examined"), ==, "yes");
	g_assert_cmpstr(record_get(facts, "opaque"), ==, "no");
}

static void a_large_attachment_is_counted(void)
{
	static const char line[] = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n";
	static const struct {
		const char *encoding;
		guint64 size; /* of a line */
	} rows[] = {{"base64", 57}, {"quoted-printable", 78}, {"8bit", 78}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) text = g_string_new(MIXED "--B\r\n\r\nbody text\r\n--B\r\nContent-Type: application/zip\r\n");
		g_string_append_printf(text, "Content-Transfer-Encoding: %s\r\n\r\n", rows[i].encoding);
		repeat(text, line, 100000);
		g_string_append(text, "\r\n--B\r\n\r\nlast text\r\n--B--\r\n");
		g_autoptr(Message) message = read_octets(text->str, text->len);
		g_assert_cmpuint(message->attachments->len, ==, 1);
		g_assert_cmpuint(attachment(message, 0)->size, ==, 100000 * rows[i].size);
		g_assert_cmpstr(message->text->str, ==, "body text\n\nlast text");
		g_assert_false(message->partial);
	}
}

static void a_text_without_end_is_partial(void)
{
	g_autoptr(GString) text = repeat(g_string_new(PLAIN("utf-8")), "ә, ", 900000);
	g_autoptr(Message) message = read_octets(text->str, text->len);
	g_assert_true(message->partial);
	g_assert_false(has_note(message, "guessed-charset")); /* the cut goes through a letter */
	g_assert_true(g_utf8_validate(message->text->str, -1, NULL));
}

static void a_message_cut_at_any_octet_is_read(void)
{
	static const char text[] = MIXED "--B\r\nContent-Type: text/html; charset=windows-1251\r\n\r\n<p>\xcf\xf0</p>\r\n"
	                                 "--B\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?b?0JDQuQ==?=\r\n\r\nx\r\n"
	                                 "--B\r\nContent-Disposition: attachment; filename*=utf-8''%D3%99\r\n\r\nx\r\n--B--\r\n";
	g_autoptr(Record) job = job_new("", "-");
	for (gsize cut = 1; cut < sizeof text; cut++) {
		g_autoptr(Message) message = read_octets(text, cut);
		g_autoptr(Bundle) finding = finding_of(message, job);
	}
}

/* --- HTML and language ------------------------------------------------------------------------------ */

static void html_becomes_the_text_that_is_seen(void)
{
	static const struct {
		const char *html, *text;
		gboolean hidden;
	} rows[] = {
		{"<p>one</p><p>two <b>three</b></p>", "one\n\ntwo three", FALSE},
		{"<html><head><title>t</title><style>x</style></head><body>a<br>b</body></html>", "a\nb", FALSE},
		{"a<script>alert(1)</script>b", "ab", FALSE},
		{"<a href=\"http://x/\">here</a>", "here <http://x/>", FALSE},
		{"<a href=\"http://x/\">http://x/</a> <a href='mailto:a@b'>a@b</a>", "http://x/ a@b", FALSE},
		{"<a href=\"javascript:evil()\">x</a>", "x <javascript:evil()>", FALSE},
		{"a<div style=\"DISPLAY : none\">secret</div>b", "a\n\nb", TRUE},
		{"a<span hidden>secret</span>b<span style='font-size:0'>x</span>", "ab", TRUE},
		{"<span style='font-size:0.9em'>seen</span>", "seen", FALSE},
		{"<ul><li>one<li>two</ul>", "- one\n- two", FALSE},
		{"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc", FALSE},
		{"<img src=\"http://track/\" alt=\"a picture\">", "[a picture]", FALSE},
		{"<pre>a\n  b</pre>", "a\n  b", FALSE},
		{"&lt;b&gt; &#1241; &nosuch; &amp;", "<b> ә &nosuch; &", FALSE},
		{"<!DOCTYPE html [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><p>&a;</p>", "&a;", FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		HtmlResult result;
		g_autoptr(GString) text = html_to_text(rows[i].html, strlen(rows[i].html), 10000, &result);
		g_test_message("%s", rows[i].html);
		if (strstr(rows[i].html, "DOCTYPE") != NULL)
			g_assert_null(strstr(text->str, "root:"));
		else
			g_assert_cmpstr(text->str, ==, rows[i].text);
		g_assert_cmpint(result.hidden, ==, rows[i].hidden);
	}
}

static void the_language_is_that_of_most_words(void)
{
	static const struct {
		const char *text, *language;
	} rows[] = {
		{"Құрметті комплаенс қызметкері! Бөлім бастығы жұмысқа алу үшін ақша сұрайды.", "kk"},
		{"Сәлеметсіз бе", "kk"},
		{"салеметсиз бе, бастык акша сураймын деп айтты, биз беруге керек пе", "kk"},
		{"salemetsiz be, bastyq aqsha berdi dep aitty, bul turaly bizge kerek", "kk"},
		{"Здравствуйте! Сообщаю, что директор требует деньги за приём на работу.", "ru"},
		{"прошу проверить закупки", "ru"},
		{"Dear sir, the head of the department takes money from us and we are afraid.", "en"},
		{"Доброго дня! Повідомляємо про зловживання, її керівник вимагає гроші, є докази.", "-"},
		{"", "-"},
		{"123 456 !!!", "-"},
		{"> Құрметті\n> Сәлеметсіз бе\nПрошу рассмотреть мое обращение, так как начальник не отвечает", "ru"},
		{"Bonjour monsieur, je vous signale un fait grave", "-"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s", rows[i].text);
		g_assert_cmpstr(language_of(rows[i].text, strlen(rows[i].text)), ==, rows[i].language);
	}
}

static void a_second_look_finds_words_in_every_encoding(void)
{
	static const char *const messages[] = {
		"Subject: =?utf-8?B?0KHQtdGA0LjQutC+0LLQsA==?=\r\n\r\nx",
		"Subject: =?utf-8?Q?=D0=A1=D0=B5=D1=80=D0=B8=D0=BA=D0=BE=D0=B2=D0=B0?=\r\n\r\nx",
		"Content-Type: text/plain\r\n\r\n=D0=A1=D0=B5=D1=80=\r\n=D0=B8=D0=BA=D0=BE=D0=B2=D0=B0",
		"\r\n0KHQtdGA0LjQutC+0LLQsCDQsdC10YDRkdGCINCy0LfRj9GC0LrQuA==\r\n",
		"\r\n<p>\xd0\xa1\xd0\xb5\xd1\x80\xd0\xb8\xd0\xba\xd0\xbe\xd0\xb2\xd0\xb0</p>",
		"\r\n\xc4\xe5\xed\xfc\xe3\xe8 \xe1\xe5\xf0\xe5\xf2 \xd1\xe5\xf0\xe8\xea\xee\xe2\xe0 \xe8 \xe5\xb8 \xec\xf3\xe6",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(messages); i++) {
		GString *text = plain_text((const guint8 *)messages[i], strlen(messages[i]));
		g_assert_true(g_utf8_validate(text->str, (gssize)text->len, NULL));
		g_assert_nonnull(strstr(text->str, "Серикова"));
		g_string_free(text, TRUE);
	}
}

/* --- pages and their labels ----------------------------------------------------------------------------------------- */

#define KK "Құрметті әріптестер, қоймашы өткен жылы жанармай ұрлап, үш бөлімнің ақшасын алды. Тексеріңіздерші."
#define RU "Уважаемые коллеги, начальник отдела закупок получает деньги от поставщика, прошу проверить договоры."
#define UA "Шановні колеги, начальник відділу отримує гроші від постачальника, прошу перевірити всі її договори."
#define SR "Поштоване колеге, шеф набавке узима новац од добављача, молим вас да проверите уговоре њихове ћерке."

/* In each page that has its letters the text comes out, whatever the label; where the label lies it is said. */
static void any_page_under_any_label_is_read(void)
{
	static const struct {
		const char *text, *pages[6];
	} letters[] = {
		{KK, {"rk1048", "pt154", "utf-8"}},
		{RU, {"windows-1251", "koi8-r", "cp866", "iso-8859-5", "utf-8"}},
	};
	static const char *const labels[] = {"windows-1251", "koi8-r", "cp866", "iso-8859-5", "us-ascii", "iso-8859-1",
	                                     "utf-8", "x-unheard-of", NULL};
	for (gsize i = 0; i < G_N_ELEMENTS(letters); i++)
		for (gsize k = 0; k < G_N_ELEMENTS(letters[i].pages) && letters[i].pages[k] != NULL; k++)
			for (gsize n = 0; n < G_N_ELEMENTS(labels); n++) {
				gsize size;
				CharsetResult result;
				g_autofree char *octets = g_convert(letters[i].text, -1, letters[i].pages[k], "utf-8", NULL, &size, NULL);
				g_assert_nonnull(octets);
				g_autoptr(GString) text = charset_to_utf8(octets, size, labels[n], 4096, &result);
				g_test_message("%s labelled %s", letters[i].pages[k], labels[n] != NULL ? labels[n] : "not at all");
				g_assert_cmpstr(text->str, ==, letters[i].text);
				g_assert_cmpint(result.guessed, ==, g_strcmp0(labels[n], letters[i].pages[k]) != 0);
			}
}

/* Its few letters that windows-1251 has not are proof enough, and it is said. */
static void a_short_kazakh_text_under_a_russian_label_is_read(void)
{
	static const char *const rows[] = {"Сені өлтіремін, үйіңді өртеймін", "Сені өлтіремін", "Үйіңді өртеймін", "СЕНІ ӨЛТІРЕМІН",
	                                   "Тірі жүрмейсің", "Біліп тұр"};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gsize size;
		CharsetResult result;
		g_autofree char *octets = g_convert(rows[i], -1, "rk1048", "utf-8", NULL, &size, NULL);
		g_assert_nonnull(octets);
		g_autoptr(GString) text = charset_to_utf8(octets, size, "windows-1251", 4096, &result);
		g_assert_cmpstr(text->str, ==, rows[i]);
		g_assert_true(result.guessed);
	}
}

static void what_is_labelled_right_is_believed(void)
{
	static const struct {
		const char *text, *page;
	} rows[] = {
		{UA, "windows-1251"}, {UA, "koi8-u"}, {SR, "windows-1251"}, {SR, "iso-8859-5"}, {"ДА! НЕТ?", "koi8-r"},
		{"ВНИМАНИЕ! НАЧАЛЬНИК ОТДЕЛА ЗАКУПОК ПОЛУЧАЕТ ДЕНЬГИ", "windows-1251"}, {"Съешь ещё этих мягких французских булок", "koi8-r"},
		{"Її ґрунт і ґанок забрали, поїзд стоїть", "windows-1251"}, {"Ён узяў грошы і пайшоў", "windows-1251"},
		{"Я її вб'ю, і їх усіх", "windows-1251"}, {"Он взял деньги", "windows-1251"},
		{"ҚҰРМЕТТІ ӘРІПТЕСТЕР, ӨТІНІШ БІЛДІРЕМІН", "rk1048"}, {KK, "rk1048"}, {KK, "pt154"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gsize size;
		CharsetResult result;
		g_autofree char *octets = g_convert(rows[i].text, -1, rows[i].page, "utf-8", NULL, &size, NULL);
		g_assert_nonnull(octets);
		g_autoptr(GString) text = charset_to_utf8(octets, size, rows[i].page, 4096, &result);
		g_test_message("%s in %s", rows[i].text, rows[i].page);
		g_assert_cmpstr(text->str, ==, rows[i].text);
		g_assert_false(result.guessed);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	message_load();
	g_test_add_func("/text/every text is shown", every_text_is_shown);
	g_test_add_func("/text/any page under any label is read", any_page_under_any_label_is_read);
	g_test_add_func("/text/a short Kazakh text under a Russian label is read",
	                a_short_kazakh_text_under_a_russian_label_is_read);
	g_test_add_func("/text/what is labelled right is believed", what_is_labelled_right_is_believed);
	g_test_add_func("/header/fields are read as they were meant", header_fields_are_read_as_they_were_meant);
	g_test_add_func("/header/a subject makes no second line", a_subject_makes_no_second_line);
	g_test_add_func("/card/the mailbox is none of the other recipients", the_mailbox_is_none_of_the_other_recipients);
	g_test_add_func("/facts/what a message answers stands in its fields and in what it sends back",
	                what_a_message_answers_stands_in_its_fields_and_in_what_it_sends_back);
	g_test_add_func("/facts/references become facts", references_become_facts);
	g_test_add_func("/facts/a call is the telephone system's address and a sound",
	                a_call_is_the_telephone_systems_address_and_a_sound);
	g_test_add_func("/attachment/attachments are named and counted", attachments_are_named_and_counted);
	g_test_add_func("/attachment/an embedded message is given out as it came", an_embedded_message_is_given_out_as_it_came);
	g_test_add_func("/facts/what nobody here can read is opaque", what_nobody_here_can_read_is_opaque);
	g_test_add_func("/hostile/a bomb costs little and hides nothing", a_bomb_costs_little_and_hides_nothing);
	g_test_add_func("/hostile/nesting ends at its limit", nesting_ends_at_its_limit);
	g_test_add_func("/hostile/a multipart without boundary and with a long name ends",
	                a_multipart_without_boundary_and_a_long_name_ends);
	g_test_add_func("/card/a message of attachments fits into its finding", a_message_of_attachments_fits_into_its_finding);
	g_test_add_func("/facts/no octets are a message too", no_octets_are_a_message_too);
	g_test_add_func("/hostile/a message cut at any octet is read", a_message_cut_at_any_octet_is_read);
	g_test_add_func("/attachment/a large one is counted", a_large_attachment_is_counted);
	g_test_add_func("/text/without end is partial", a_text_without_end_is_partial);
	g_test_add_func("/html/becomes the text that is seen", html_becomes_the_text_that_is_seen);
	g_test_add_func("/language/is that of most words", the_language_is_that_of_most_words);
	g_test_add_func("/plain/a second look finds words in every encoding", a_second_look_finds_words_in_every_encoding);
	return g_test_run();
}
