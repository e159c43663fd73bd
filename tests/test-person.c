/* SPDX-License-Identifier: ISC */
/* What a reporter says of himself is offered, with its source; nothing is invented, and nothing of who wants to be nobody. */
#include <glib.h>
#include <string.h>

#include "policy/person.h"
#include "policy/telephone.h"

static char *said(const char *text)
{
	g_autoptr(Person) person = person_new(text, strlen(text));
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < person->rows->len; i++) {
		const PersonRow *row = &g_array_index(person->rows, PersonRow, i);
		g_string_append_printf(out, "%s%s/%s=%s", out->len > 0 ? "; " : "", row->what, row->source, row->value);
	}
	if (person->anonymous)
		g_string_append(out, out->len > 0 ? "; anonymous" : "anonymous");
	if (person->no_answer)
		g_string_append(out, out->len > 0 ? "; no-answer" : "no-answer");
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static const struct {
	const char *text, *said;
} rows[] = {
	{"Менің атым Ахметов Ерлан Болатұлы.", "surname/text=Ахметов; given/text=Ерлан; patronymic/text=Болатұлы"},
	{"Здравствуйте! Меня зовут Динара Касымова, я работаю на складе.", "surname/text=Касымова; given/text=Динара"},
	{"ФИО: Иванов Иван Иванович\nТелефон: 8 (701) 123-45-67",
	 "surname/text=Иванов; given/text=Иван; patronymic/text=Иванович; phone/text=+77011234567"},
	{"My name is Aigerim Omarova.", "surname/text=Omarova; given/text=Aigerim"},
	{"Қоймада ұрлық.\n\nҚұрметпен,\nСерік Жұмағұлов\n+7 705 111 22 33",
	 "surname/signature=Жұмағұлов; given/signature=Серік; phone/signature=+77051112233"},
	{"Звоните 87172550101 или +7 (727) 250-11-22.", "phone/text=+77172550101; phone/text=+77272501122"},
	{"Из Берлина: +49 30 901820", "phone/text=+4930901820"},
	{"ИИН 870112300123, счёт KZ86125KZT5004100100, сумма 87 012 345.", ""},
	{"Ответ: a.b@mail.kz.", "email/text=a.b@mail.kz"},
	{"Мекенжайым: Алматы қ., Абай даңғылы 5, 12-пәтер", "address/text=Алматы қ., Абай даңғылы 5, 12-пәтер"},
	{"Почтовый адрес: 050000, Алматы, ул. Абая, 5", "address/text=050000, Алматы, ул. Абая, 5"},
	{"Мен «Ромашка» ЖШС атынан жазып отырмын", "legal-form/text=жауапкершілігі шектеулі серіктестік; legal-name/text=«Ромашка»; organisation/text=«Ромашка» ЖШС"},
	{"Я директор ТОО «Восток Строй», нас вынуждают платить.", "legal-form/text=товарищество с ограниченной ответственностью; legal-name/text=«Восток Строй»; "
	 "organisation/text=ТОО «Восток Строй»"},
	{"We are Steppe Trading LLP and were asked for money.", "legal-form/text=limited liability partnership; legal-name/text=Steppe Trading; organisation/text=Steppe Trading LLP"},
	{"Работаю в ТОО Ромашка, где платят в конвертах.", "legal-form/text=товарищество с ограниченной ответственностью; "
	 "legal-name/text=Ромашка; organisation/text=ТОО Ромашка"},
	{"ИП Сериков А. заставляет нас работать.", "legal-form/text=индивидуальный предприниматель; legal-name/text=Сериков А.; "
	 "organisation/text=ИП Сериков А."},
	{"РГП на ПХВ «Водоканал»", "legal-form/text=республиканское государственное предприятие; legal-name/text=«Водоканал»; "
	 "organisation/text=РГП на ПХВ «Водоканал»"},
	{"АҚ «Қазпошта» қызметкерімін", "legal-form/text=акционерлік қоғам; legal-name/text=«Қазпошта»; organisation/text=АҚ «Қазпошта»"},
	{"АО по договору не платит.", ""},
	{"Я, Ахметов Ерлан Болатович, прошу проверить склад.", "surname/text=Ахметов; given/text=Ерлан; patronymic/text=Болатович"},
	{"Мен, Ахметов Ерлан Болатұлы, тексеруді сұраймын.", "surname/text=Ахметов; given/text=Ерлан; patronymic/text=Болатұлы"},
	{"тел: 8-701-123-45-67, раб. 8 7172 55-01-01 вн. 12", "phone/text=+77011234567; phone/text=+77172550101"},
	{"8(7172)55-01-01; +7.701.123.45.67", "phone/text=+77172550101; phone/text=+77011234567"},
	{"Хочу остаться неизвестным. 87011234567", "anonymous"},
	{"Аты-жөнімді жарияламаңыз.", "anonymous"},
	{"Отвечать не надо.", "no-answer"},
	{"Маған жауап керек емес.", "no-answer"},
	{"I don't need an answer.", "no-answer"},
	{"Ответьте мне, пожалуйста, не молчите.", ""},
	{"Прошу не называть моё имя. Меня зовут Иван Петров, 87011234567", "anonymous"},
	{"Атымды атамаңыздар, анонимді түрде жазамын.", "anonymous"},
	{"I want to remain anonymous. Do not reply to this address.", "anonymous; no-answer"},
	{"Маған жауап бермеңіз, қауіпті.", "no-answer"},
	{"Прошу не отвечать на это письмо.", "no-answer"},
	{"Пишу не анонимно.", ""},
	{"> Меня зовут Иван Петров\n> 87011234567\nдополнение", ""},
	{"Начальник Петров берёт взятки.", ""},
};

static void test_said(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *found = said(rows[i].text);
		if (strcmp(found, rows[i].said) != 0) {
			g_printerr("%s\n  is wanted, found\n%s\n", rows[i].said, found);
			g_test_fail();
		}
	}
}

static const struct {
	const char *system, *subject, *text;
	PolicyField fields[2];
	gboolean call; /* a voice or a fax */
	const char *caller, *called;
} calls[] = {
	{"Asterisk", "[PBX]: New message 3 in mailbox 100",
	 "Dear Trust:\n\n\tJust wanted to let you know you were just left a 0:14 long message (number 3)\n"
	 "in mailbox 100 from \"Unknown\" <87011234567>, on Monday, November 09, 2026 at 10:23:11 AM so you might want to\n",
	 {{NULL, NULL}}, TRUE, "87011234567", "Monday, November 09, 2026 at 10:23:11 AM"},
	{"FreePBX", "PBX", "", {{"X-Asterisk-CallerID", "+77051112233"}}, TRUE, "+77051112233", NULL},
	{"3CX", "New Voicemail from 87771234567", "You received a new voicemail.\nReceived: 09.11.2026 10:23", {{NULL, NULL}}, TRUE,
	 "87771234567", "09.11.2026 10:23"},
	{"Cisco Unity", "Message from Unknown sender (87012223344)", "", {{"X-CiscoUnity-MessageType", "Voice"}}, TRUE, "87012223344",
	 NULL},
	{"Avaya", "Voicemail Message (87013334455 > 100) From:87013334455", "", {{NULL, NULL}}, TRUE, "87013334455", NULL},
	{"RFC 3458", "x", "", {{"Message-Context", "Voice-Message"}}, TRUE, NULL, NULL},
	{"a gateway", "Голосовое сообщение от 87015556677", "Время: 09.11.2026 10:23", {{NULL, NULL}}, TRUE, "87015556677",
	 "09.11.2026 10:23"},
	{"FreePBX's text", "PBX: New Voicemail from <87051112233>",
	 "There is a new voicemail in mailbox 100:\n\n\tFrom:\t\"\" <87051112233>\n\tLength:\t0:14 seconds\n"
	 "\tDate:\tMonday, November 09, 2026 at 10:23:11 AM\n", {{NULL, NULL}}, TRUE, "87051112233",
	 "Monday, November 09, 2026 at 10:23:11 AM"},
	{"a fax gateway", "Fax from 87272501122 (2 pages)", "You have received a 2 page fax from 87272501122 on 2026-11-09 10:23\n",
	 {{NULL, NULL}}, TRUE, "87272501122", "2026-11-09 10:23"},
	{"HylaFAX", "facsimile received from +7 727 2501122",
	 "recvq/fax00001.tif (ftp://gw/):\n          Sender: +7 727 2501122\n           Pages: 2\n        Received: 2026:11:09 10:23:11\n",
	 {{NULL, NULL}}, TRUE, "+77272501122", "2026:11:09 10:23:11"},
	{"a Kazakh gateway", "Дауыстық хабарлама", "Қоңырау шалушы: 8 701 555 66 77\nУақыты: 2026-11-09 10:23\n", {{NULL, NULL}}, TRUE,
	 "87015556677", "2026-11-09 10:23"},
	{"a person with a recording", "Голосовое сообщение начальника", "Послушайте, как он просит деньги.", {{NULL, NULL}}, FALSE,
	 NULL, NULL},
	{"a letter", "New message", "Бастық 2026 жылы ақша алды.", {{NULL, NULL}}, FALSE, NULL, NULL},
};

static void test_calls(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(calls); i++) {
		g_auto(TelephoneCall) call = {0};
		PolicyMessage message = {.envelope_from = "", .fields = calls[i].fields, .n_fields = calls[i].fields[0].name != NULL};
		telephone_read(&message, calls[i].subject, calls[i].text, strlen(calls[i].text), &call);
		g_test_message("%s", calls[i].system);
		g_assert_cmpint(call.voice || call.fax, ==, calls[i].call);
		g_assert_cmpstr(call.caller, ==, calls[i].caller);
		g_assert_cmpstr(call.called, ==, calls[i].called);
	}
}

/* 2026-11-09T10:30:00+05:00 */
#define DATED 1794202200
#define AHEAD (5 * 3600)

static const struct {
	const char *called;
	gint64 before; /* seconds */
} moments[] = {
	{NULL, 0},
	{"Monday, November 09, 2026 at 10:23:11 AM", 409},
	{"Monday, November 09, 2026 at 10:23:11", 409},
	{"Monday, November 09, 2026 at 10:23:11 PM", 0}, /* behind the message */
	{"09.11.2026 10:23", 420},
	{"09.11.2026, 10:23:11", 409},
	{"2026-11-09 10:23:11", 409},
	{"2026-11-09T10:30:00", 0},
	{"2026-11-09 09:29:59", 0}, /* longer ago than a call lasts */
	{"2026-02-30 10:23:11", 0},
	{"Mondaymondaymondaymonday, Novembernovembernovember 99, 9999 at 99:99:99 XX", 0},
	{"yesterday", 0},
};

static void test_moments(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(moments); i++) {
		TelephoneCall call = {.called = (char *)moments[i].called};
		g_test_message("%s", moments[i].called != NULL ? moments[i].called : "-");
		g_assert_cmpint(DATED - telephone_moment(&call, DATED, AHEAD), ==, moments[i].before);
	}
}

/* Each beginning of a text that holds every kind: nothing reads past it. */
static void test_cuts(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_string_append_printf(text, "%s\n", rows[i].text);
	for (gsize size = 0; size < text->len; size++) {
		g_autofree char *exact = g_memdup2(text->str, size);
		g_autoptr(Person) person = person_new(exact, size);
		g_assert_cmpuint(person->rows->len, <=, PERSON_MAX);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/person/what a reporter says of himself is offered, and nothing else", test_said);
	g_test_add_func("/person/a telephone system is known by its form, with caller and time", test_calls);
	g_test_add_func("/person/a call's moment is what its system wrote, or the message's", test_moments);
	g_test_add_func("/person/a text may end anywhere", test_cuts);
	return g_test_run();
}
