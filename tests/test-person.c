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
	{"Қоймада ұрлық болды.\n\nАхметов Дәурен Серікұлы\nАлматы, Сайын 14\n+7 701 000 00 11\n",
	 "surname/signature=Ахметов; given/signature=Дәурен; patronymic/signature=Серікұлы; phone/text=+77010000011"},
	{"Бензин продают.\n\nСоколова Ирина Павловна, бухгалтер\n",
	 "surname/signature=Соколова; given/signature=Ирина; patronymic/signature=Павловна"},
	{"Продают справки.\n\nИванов Иван Иванович, директор, берёт взятки.\n", ""}, /* a sentence about somebody */
	{"Виновные:\n\nИванов Иван Иванович\n", ""},
	{"Иванов Иван Иванович\n", ""}, /* nothing was reported before it */
	{"Жауап күтемін.\n\nРахмет Сіздерге\n", ""},
	{"Прошу проверить.\n\nЗаранее Спасибо", ""},
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
	{"Менің аты-жөнім – Серік Жұмағұлов, 87471234567",
	 "surname/text=Жұмағұлов; given/text=Серік; phone/text=+77471234567"},
	{"Мен Жұмағұлов Серік Маратұлымын, цехта жұмыс істеймін.",
	 "surname/text=Жұмағұлов; given/text=Серік; patronymic/text=Маратұлы"},
	{"Мен, Омарова Айгерім, «Алатау Групп» ЖШС қызметкерімін.",
	 "surname/text=Омарова; given/text=Айгерім; legal-form/text=жауапкершілігі шектеулі серіктестік; legal-name/text=«Алатау Групп»; organisation/text=«Алатау Групп» ЖШС"},
	{"Алатау Групп ЖШС-де істеймін.",
	 "legal-form/text=жауапкершілігі шектеулі серіктестік; legal-name/text=Алатау Групп; organisation/text=Алатау Групп ЖШС"},
	{"Біздің Алатау ЖШС шот-фактураны екі рет төледі.",
	 "legal-form/text=жауапкершілігі шектеулі серіктестік; legal-name/text=Алатау; organisation/text=Алатау ЖШС"},
	{"«Береке» ШҚ басшысымын",
	 "legal-form/text=шаруа қожалығы; legal-name/text=«Береке»; organisation/text=«Береке» ШҚ"},
	{"ЖК Әлиев Б. атынан жазамын",
	 "legal-form/text=жеке кәсіпкер; legal-name/text=Әлиев Б.; organisation/text=ЖК Әлиев Б."},
	{"Байланыс телефоны: 55-01-01",
	 "phone/text=55-01-01"},
	{"Ұялы тел.: 701 123 45 67",
	 "phone/text=+77011234567"},
	{"Тұрғылықты жерім: Астана қ., Республика д., 5 үй",
	 "address/text=Астана қ., Республика д., 5 үй"},
	{"Меня зовут Жумагулов Серик Маратович, тел. 55-01-01",
	 "surname/text=Жумагулов; given/text=Серик; patronymic/text=Маратович; phone/text=55-01-01"},
	{"тел. (727) 250-11-22",
	 "phone/text=+77272501122"},
	{"моб. 701-123-45-67",
	 "phone/text=+77011234567"},
	{"Проживаю по адресу: г. Алматы, ул. Абая, д. 5, кв. 7",
	 "address/text=г. Алматы, ул. Абая, д. 5, кв. 7"},
	{"Живу: Караганда, ул. Ленина 3-15",
	 "address/text=Караганда, ул. Ленина 3-15"},
	{"КХ «Достык» задерживает оплату",
	 "legal-form/text=крестьянское хозяйство; legal-name/text=«Достык»; organisation/text=КХ «Достык»"},
	{"ГУ «Отдел образования» требует",
	 "legal-form/text=государственное учреждение; legal-name/text=«Отдел образования»; organisation/text=ГУ «Отдел образования»"},
	{"КГП на ПХВ «Поликлиника № 5»",
	 "legal-form/text=коммунальное государственное предприятие; legal-name/text=«Поликлиника № 5»; organisation/text=КГП на ПХВ «Поликлиника № 5»"},
	{"Работаю в TOO Alatau",
	 "legal-form/text=товарищество с ограниченной ответственностью; legal-name/text=Alatau; organisation/text=TOO Alatau"},
	{"Наша фирма LLP Alatau Group",
	 "legal-form/text=limited liability partnership; legal-name/text=Alatau Group; organisation/text=LLP Alatau Group"},
	{"Alatau Group LLP is our supplier",
	 "legal-form/text=limited liability partnership; legal-name/text=Alatau Group; organisation/text=Alatau Group LLP"},
	{"We work with JSC KazTransGas and with no one else",
	 "legal-form/text=joint-stock company; legal-name/text=KazTransGas; organisation/text=JSC KazTransGas"},
	{"I am with Alatau Group LLP",
	 "legal-form/text=limited liability partnership; legal-name/text=Alatau Group; organisation/text=Alatau Group LLP"},
	{"НАО «Университет»",
	 "legal-form/text=некоммерческое акционерное общество; legal-name/text=«Университет»; organisation/text=НАО «Университет»"},
	{"ОО «Защита»",
	 "legal-form/text=общественное объединение; legal-name/text=«Защита»; organisation/text=ОО «Защита»"},
	{"АО \"Водник\" и ТОО \"Сапа\"",
	 "legal-form/text=товарищество с ограниченной ответственностью; legal-name/text=\"Сапа\"; organisation/text=ТОО \"Сапа\""},
	{"My name is Peter Sidorov, call me at 8 727 250 11 22",
	 "surname/text=Sidorov; given/text=Peter; phone/text=+77272501122"},
	{"I'm Peter Sidorov from shop 3.",
	 "surname/text=Sidorov; given/text=Peter"},
	{"Phone: 250-11-22 ext. 14",
	 "phone/text=250-11-22"},
	{"Tel 250 1122",
	 "phone/text=250 1122"},
	{"Сумма 250-11-22 не сошлась", ""},
	{"Договор № 55-01-01 подписан", ""},
	{"Акт 701 123 45 67 утерян", ""},
	{"IP Address 10.0.0.1", ""},
	{"Қоймада ұрлық бар.\n\nС уважением, Пётр Сидоров",
	 "surname/signature=Сидоров; given/signature=Пётр"},
	{"Theft in the store.\n\nBest regards,\nPeter Sidorov",
	 "surname/signature=Sidorov; given/signature=Peter"},
	{"Жауапкершілігі шектеулі серіктестік «Алатау» бізге қарыз",
	 "legal-form/text=жауапкершілігі шектеулі серіктестік; legal-name/text=«Алатау»; organisation/text=Жауапкершілігі шектеулі серіктестік «Алатау»"},
	{"Акционерное общество \"Водник\" не платит",
	 "legal-form/text=акционерное общество; legal-name/text=\"Водник\"; organisation/text=Акционерное общество \"Водник\""},
	{"Я Сидоров Пётр Иванович, слесарь",
	 "surname/text=Сидоров; given/text=Пётр; patronymic/text=Иванович"},
	{"Я Петрову Ивану деньги передал", ""},
	{"Здравствуйте. Я, Иванова Гульнара Аскаровна, работаю здесь.", "surname/text=Иванова; given/text=Гульнара; patronymic/text=Аскаровна"},
	{"Директору ТОО «Сапа»\nот Ивановой Гульнары Аскаровны\nЗаявление",
	 "surname/text=Иванова; given/text=Гульнара; patronymic/text=Аскаровна; "
	 "legal-form/text=товарищество с ограниченной ответственностью; legal-name/text=«Сапа»; organisation/text=ТОО «Сапа»"},
	{"Серікова Айнұр Болатқызынан.\nӨтініш", "surname/text=Серікова; given/text=Айнұр; patronymic/text=Болатқызы"},
	{"Моя фамилия Иванова, зовут Гульнара.", "surname/text=Иванова; given/text=Гульнара"},
	{"Атым Айнұр, тегім Серікова.", "surname/text=Серікова; given/text=Айнұр"},
	{"Прошу принять меры. Иванова Г.А.", "surname/signature=Иванова; given/signature=Г.; patronymic/signature=А."},
	{"Мне, Ивановой Гульнаре, не платят.", "surname/text=Иванова; given/text=Гульнара"},
	{"Деньги я получил от Иванова Сергея за работу.", ""},
	{"Его зовут Иван Петров.", ""},
	{"Бастық Серіков Асқардан ақша алды.", ""},
	{"Взятки берут Иванов и Петров.\nПисьмо от Иванова Сергея лежит у меня.", ""},
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

static void test_wishes(void)
{
	g_autofree char *table = NULL;
	guint n = 0;
	g_assert_true(g_file_get_contents(TABLE, &table, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (lines[i][0] == '#' || lines[i][0] == '\0')
			continue;
		g_autoptr(Person) person = person_new(lines[i] + 2, strlen(lines[i] + 2));
		if (person->anonymous != (lines[i][0] == 'A') || person->no_answer != (lines[i][0] == 'N')) {
			g_printerr("wishes.tsv:%u: %s\n", i + 1, lines[i]);
			g_test_fail();
		}
		n++;
	}
	g_assert_cmpuint(n, >, 100);
}

static const struct {
	const char *system, *subject, *text;
	PolicyField fields[2];
	gboolean call; /* a voice or a fax */
	const char *caller, *called, *where; /* the caller stood */
} calls[] = {
	{"Asterisk", "[PBX]: New message 3 in mailbox 100",
	 "Dear Trust:\n\n\tJust wanted to let you know you were just left a 0:14 long message (number 3)\n"
	 "in mailbox 100 from \"Unknown\" <87011234567>, on Monday, November 09, 2026 at 10:23:11 AM so you might want to\n",
	 {{NULL, NULL}}, TRUE, "87011234567", "Monday, November 09, 2026 at 10:23:11 AM", "text"},
	{"FreePBX", "PBX", "", {{"X-Asterisk-CallerID", "+77051112233"}}, TRUE, "+77051112233", NULL, "header"},
	{"3CX", "New Voicemail from 87771234567", "You received a new voicemail.\nReceived: 09.11.2026 10:23", {{NULL, NULL}}, TRUE,
	 "87771234567", "09.11.2026 10:23", "subject"},
	{"Cisco Unity", "Message from Unknown sender (87012223344)", "", {{"X-CiscoUnity-MessageType", "Voice"}}, TRUE, "87012223344",
	 NULL, "subject"},
	{"Avaya", "Voicemail Message (87013334455 > 100) From:87013334455", "", {{NULL, NULL}}, TRUE, "87013334455", NULL, "subject"},
	{"RFC 3458", "x", "", {{"Message-Context", "Voice-Message"}}, TRUE, NULL, NULL, NULL},
	{"a gateway", "Голосовое сообщение от 87015556677", "Время: 09.11.2026 10:23", {{NULL, NULL}}, TRUE, "87015556677",
	 "09.11.2026 10:23", "subject"},
	{"FreePBX's text", "PBX: New Voicemail from <87051112233>",
	 "There is a new voicemail in mailbox 100:\n\n\tFrom:\t\"\" <87051112233>\n\tLength:\t0:14 seconds\n"
	 "\tDate:\tMonday, November 09, 2026 at 10:23:11 AM\n", {{NULL, NULL}}, TRUE, "87051112233",
	 "Monday, November 09, 2026 at 10:23:11 AM", "subject"},
	{"a fax gateway", "Fax from 87272501122 (2 pages)", "You have received a 2 page fax from 87272501122 on 2026-11-09 10:23\n",
	 {{NULL, NULL}}, TRUE, "87272501122", "2026-11-09 10:23", "subject"},
	{"HylaFAX", "facsimile received from +7 727 2501122",
	 "recvq/fax00001.tif (ftp://gw/):\n          Sender: +7 727 2501122\n           Pages: 2\n        Received: 2026:11:09 10:23:11\n",
	 {{NULL, NULL}}, TRUE, "+77272501122", "2026:11:09 10:23:11", "subject"},
	{"a Kazakh gateway", "Дауыстық хабарлама", "Қоңырау шалушы: 8 701 555 66 77\nУақыты: 2026-11-09 10:23\n", {{NULL, NULL}}, TRUE,
	 "87015556677", "2026-11-09 10:23", "text"},
	{"a person with a recording", "Голосовое сообщение начальника", "Послушайте, как он просит деньги.", {{NULL, NULL}}, FALSE,
	 NULL, NULL, NULL},
	{"a letter", "New message", "Бастық 2026 жылы ақша алды.", {{NULL, NULL}}, FALSE, NULL, NULL, NULL},
	{"3CX of today", "3CX Voicemail", "You have received a new voicemail message in mailbox 100.\nFrom: 87019998877\nReceived: 21.11.2026 09:15:02\n",
	 {{NULL, NULL}}, TRUE, "87019998877", "21.11.2026 09:15:02", "text"},
	{"Avaya Aura", "Voice Message from 87018887766", "You received a voice message on 21.11.2026 09:15.", {{"Message-Context", "voice-message"}},
	 TRUE, "87018887766", "21.11.2026 09:15.", "subject"},
	{"Cisco Unity Connection", "Message from 87017776655", "", {{"X-CiscoUnity-CallerID", "87017776655"}}, TRUE, "87017776655", NULL, "header"},
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
		g_assert_cmpstr(call.caller_from, ==, calls[i].where);
		g_assert_cmpstr(call.called_from, ==, calls[i].called != NULL ? "text" : NULL);
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
	g_test_add_func("/person/a wish is the writer's own, and no condition, question or report of another's", test_wishes);
	g_test_add_func("/person/a telephone system is known by its form, with caller and time", test_calls);
	g_test_add_func("/person/a call's moment is what its system wrote, or the message's", test_moments);
	g_test_add_func("/person/a text may end anywhere", test_cuts);
	return g_test_run();
}
