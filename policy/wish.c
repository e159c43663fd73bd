/* SPDX-License-Identifier: ISC */
#include "policy/wish.h"

#include <string.h>

#include "policy/utf8.h"
#include "policy/zones.h"

#define WORD_OCTETS 40 /* of one word that are compared */
#define GAP 3          /* words between two of a row */

typedef enum { ANONYMOUS, NO_ANSWER, WISHES } Wish;

/* Words in this order; `a|b`: one of them; a stop behind a word: the whole of it, else it may go on. Lower case, е for ё. */
typedef struct {
	Wish wish;
	const char *row;
} Row;

static const Row wanted[] = {
	{ANONYMOUS, "аноним"},
	{ANONYMOUS, "инкогнито"},
	{ANONYMOUS, "атым|аты-жөнім|есімім атама|аталма|жазба|айтпа|жариялама|көрсетпе|білдірме|ашпа|құпия|жасырын|келме"},
	{ANONYMOUS, "аты. жөнім атама|аталма|жазба|айтпа|жариялама|көрсетпе|білдірме|ашпа|құпия|жасырын|келме"},
	{ANONYMOUS, "кім. екенім айтпа|білдірме|жариялама|ашпа|құпия|білмесін"},
	{ANONYMOUS, "кім. екенім белгілі|мәлім болмасын|болмауын"},
	{ANONYMOUS, "жеке. дерек|мәлімет құпия|жариялама|бермеңіз|таратпа"},
	{ANONYMOUS, "деректерім|мәліметтерім құпия|жариялама|бермеңіз|таратпа"},
	{ANONYMOUS, "құпиялы атым|аты-жөнім|жеке"},
	{ANONYMOUS, "мен|менің. туралы|жайлы ешкім|мәлімет|дерек|ештеңе берілме|айтпа|айтылма|жариялан|таратпа|бермең|шықпа"},
	{ANONYMOUS, "есімім|атым|тегім|аты-жөнім|фамилиям жария|жариялан|жарияланба|шықпа|көрінбе|аталма|көрсетілме|айтылма|болмас"},
	{ANONYMOUS, "кім. жазған|айтқан|жіберген|хабарлаған ешкім|білме|айтпа|білдірме|сездірме"},
	{ANONYMOUS, "өзімді|өзім таныстырғым|танытқым|атағым|таныстырма|танытпа"},
	{ANONYMOUS, "арыз|хат|өтініш|хабар|шағым иесі|авторы аты|есімі|тегі көрсетілме|аталма|жарияланба|айтылма|ашылма"},
	{ANONYMOUS, "айтқаным|жазғаным|хабарлағаным ешкім|айтпа|сездірме|білдірме|білме"},
	{ANONYMOUS, "атымды|аты-жөнімді|есімімді|тегімді ашық|толық жазба|айтпа|көрсетпе"},
	{ANONYMOUS, "көлеңкеде қалғ|қалай|қала"},
	{ANONYMOUS, "екенімді|атымды|есімімді|тегімді|аты-жөнімді айтқым|атағым|көрсеткім|жазғым|ашқым келмейді|жоқ"},
	{ANONYMOUS, "мәліметім|мәліметтерім|дерегім|деректерім|атым|есімім|тегім сыртқа|шетке|жаққа|ешкімге|ешқайда шықпа|кетпе|тарама|берілме|жетпе"},
	{ANONYMOUS, "атымды|есімімді|тегімді|аты-жөнімді ешкім біл|көр"},
	{ANONYMOUS, "мені жария|жарияла|атап етпе|қылма|жарияламаң|өтпе"},
	{ANONYMOUS, "жасырын қалғ|қалай"},
	{ANONYMOUS, "жасырын түрде"},
	{ANONYMOUS, "белгісіз болып. қал"},
	{ANONYMOUS, "не. называ|указыва|разглаша|раскрыва|сообща|упомина|публик|афиш мое.|мои.|мою.|моего.|моей.|моих. имя|имени|фамил|личност|данн"},
	{ANONYMOUS, "мое.|мои.|мою.|моего.|моей.|моих. имя|имени|фамил|личност|данн не. называ|указыва|разглаша|раскрыва|сообща|упомина"},
	{ANONYMOUS, "не. называ|выдава|выдайте|сдава меня. "},
	{ANONYMOUS, "не. хочу|хотел|желаю называть|называться|представ|подпис|раскрыва|светит"},
	{ANONYMOUS, "не. хочу|хотел чтобы имя|фамил|узнал|знали|кто-то|кто-нибудь"},
	{ANONYMOUS, "меня. нигде|никому|никогда не. упомина|называ|указыва|выдава"},
	{ANONYMOUS, "не. говорите|говори|сообщайте|выдавайте|пишите что это|я."},
	{ANONYMOUS, "чтобы. никто. не. узнал|знал"},
	{ANONYMOUS, "имя|имени|фамил называ|указыва|писать не. буду|стану|хочу"},
	{ANONYMOUS, "подписыва|представля|называться не. буду|стану|хочу"},
	{ANONYMOUS, "не. буду|стану подписыва|представля|называ"},
	{ANONYMOUS, "имя|имени|фамил|данные|личност не. указывать|называть|разглашать|раскрывать|сообщать|упоминать|публиковать"},
	{ANONYMOUS, "никому|нигде|никогда не. говори|сообща|называ|указыва|упомина кто.|имя|фамил|меня. "},
	{ANONYMOUS, "конфиденциальн мое.|мои.|моих.|моей.|меня. "},
	{ANONYMOUS, "мое.|мои.|моих.|мою.|моей. данн|имя|имени|личност конфиденциальн"},
	{ANONYMOUS, "тайне.|секрете. мое.|мои.|мою.|кто. "},
	{ANONYMOUS, "мое.|мои.|мою. имя|личност|данн тайне.|секрете."},
	{ANONYMOUS, "остаться|остаюсь неизвестн"},
	{ANONYMOUS, "моя.|мое.|мои.|мою.|моего.|моей.|моих.|свое.|свою.|свои.|своих. имя|имени|фамил|личност|данн|сведения|данные нигде|никому|никогда|не. называ|назов|назва|указ|разгла|раскр|сообща|сообщи|упом|публик|афиш|огла|свети|переда|всплы|фигурир|звуч|мелька|показ|выда|приводи|пиши|писа|скаж|укаж|остав|вноси|включ"},
	{ANONYMOUS, "имя|имени|фамил|личност|данн|сведения|данные моя.|мое.|мою.|мои.|моего.|моей.|свое.|своего.|свою.|заявител|автора. нигде|никому|никогда|не. называ|назов|назва|указ|разгла|раскр|сообща|сообщи|упом|публик|афиш|огла|свети|переда|всплы|фигурир|звуч|мелька|показ|выда|приводи|пиши|писа|скаж|укаж|остав|вноси|включ"},
	{ANONYMOUS, "имя|имени|фамил|личност|данн|сведения|данные обо. мне. никому|нигде|не.|тайне|секрете"},
	{ANONYMOUS, "обо. мне. никому|нигде|тайне|секрете"},
	{ANONYMOUS, "не. упомина|указыва меня. "},
	{ANONYMOUS, "не. называ|назов|назва|указ|разгла|раскр|сообща|сообщи|упом|публик|афиш|огла|свети|переда|всплы|фигурир|звуч|мелька|показ|выда|приводи|пиши|писа|скаж|укаж|остав|вноси|включ имя|имени|фамил|личност|данн|сведения|данные заявител|автора.|отправител"},
	{ANONYMOUS, "никто. не. долж знать|узнать|знал"},
	{ANONYMOUS, "предпоч не. называ|подписыва|представля|раскрыва|указыва"},
	{ANONYMOUS, "остаться|остаюсь|останусь|быть. тени."},
	{ANONYMOUS, "имя|имени|фамил|должност оставлю при. себе. "},
	{ANONYMOUS, "секрете|тайне|секрет|тайну мое.|мою.|мои. имя|личност|фамил|данн"},
	{ANONYMOUS, "сохран|скрой|скройте|утаи|утаите|защити мое.|мою.|мои. имя|личност|фамил|данн"},
	{ANONYMOUS, "нигде|никому|никогда|не. называ|назов|назва|указ|разгла|раскр|сообща|сообщи|упом|публик|афиш|огла|свети|переда|всплы|фигурир|звуч|мелька|показ|выда|приводи|пиши|писа|скаж|укаж|остав|вноси|включ имя|имени|фамил|личност|данн|сведения моя.|мое.|мои.|мою.|моего.|моей.|моих.|свое.|своего.|свою.|свои.|своих."},
	{ANONYMOUS, "скрыть|скройте|скрыва|утаить|утаите|спрята моя.|мое.|мои.|мою.|моего.|моей.|моих.|свое.|своего.|свою.|свои.|своих. имя|имени|фамил|личност|данн|сведения"},
	{ANONYMOUS, "скрыть|скройте|скрыва|утаить|утаите|спрята имя|имени|фамил|личност|данн|сведения моя.|мое.|мои.|мою.|моего.|моей.|моих.|свое.|своего.|свою.|свои.|своих.|заявител"},
	{ANONYMOUS, "не. раскр|выда|разгла источник"},
	{ANONYMOUS, "нигде|никому|не. пиши|писа|говори|сообща|сообщи|упом от. кого."},
	{ANONYMOUS, "подпись|подписи ставить|оставля|указыва|дава не. "},
	{ANONYMOUS, "чтобы|чтоб обо. мне. никто|не."},
	{ANONYMOUS, "не.|никому сообща|говори|рассказ|пиши|упомина обо. мне."},
	{ANONYMOUS, "имя.|фамилия.|личность. остан|остав неизвестн|тайной|тайне."},
	{ANONYMOUS, "anonym"},
	{ANONYMOUS, "keep my. name|identity|details secret|private|confidential|out|hidden"},
	{ANONYMOUS, "not.|don't.|never. reveal|disclose|mention|name|use|tell|give|share|publish|show my. name|identity|details"},
	{ANONYMOUS, "my. name|identity|details not. be. disclosed|revealed|mentioned|published|shared|known|given"},
	{ANONYMOUS, "my. name|identity|details confidential|secret"},
	{ANONYMOUS, "confidential my. name|identity|details"},
	{ANONYMOUS, "not.|don't. name|betray|expose|mention me. "},
	{ANONYMOUS, "not.|don't. tell|say who. i. am."},
	{ANONYMOUS, "without my. name"},
	{ANONYMOUS, "nobody|no-one|one must|should|may|can know|learn|find i.|who|me."},
	{ANONYMOUS, "leave|keep my. name out."},
	{ANONYMOUS, "leave|keep me. out."},
	{ANONYMOUS, "my. name|surname|identity|details nowhere|unnamed|private|between|hidden|undisclosed|unpublished"},
	{ANONYMOUS, "rather|prefer you not.|didn't.|wouldn't. use|name|mention|give|reveal|print|publish"},
	{ANONYMOUS, "rather|prefer not. give|state|say|sign|reveal|tell my.|name|who"},
	{ANONYMOUS, "not.|don't.|never let anyone|anybody|them|him|her|people|others find|know|learn|discover|see"},
	{ANONYMOUS, "won't.|not. sign|signing this.|my. letter|report|message|name|mail|email|note"},
	{ANONYMOUS, "not.|don't.|never pass|hand|forward|send|release|leak my. details|name|data|contact|identity|address"},
	{ANONYMOUS, "stay|remain|be unnamed|nameless|unidentified|undisclosed"},
	{ANONYMOUS, "protect|conceal|hide|withhold|guard|safeguard|suppress my. identity|name|details"},
	{ANONYMOUS, "nobody|no-one|one|noone to. know|learn|find i.|who|me.|it."},
	{ANONYMOUS, "not.|don't.|no. want|wish|like|need my. name|identity|details"},
	{ANONYMOUS, "under. no.|another|false name"},
	{ANONYMOUS, "not.|don't.|never tell|say|mention|let was|is|that me. "},
	{ANONYMOUS, "remain|stay|keep in. shadow|background|dark"},
	{ANONYMOUS, "not.|don't.|never want|wish|like be. named|identified|mentioned|known|quoted"},
	{ANONYMOUS, "not.|don't.|never reveal|disclose|tell|say|mention|share who i."},
	{ANONYMOUS, "incognito"},
	{NO_ANSWER, "жауап бермеңіз|бермей-ақ|қайтармаңыз|жазбаңыз|жазбай-ақ|күтпеймін|күтпейм"},
	{NO_ANSWER, "жауап|жауабы керек|қажет|керегі|қажеті|міндетті емес|жоқ"},
	{NO_ANSWER, "маған. жазбаңыз|хабарласпаңыз|шалмаңыз|соқпаңыз"},
	{NO_ANSWER, "маған. қоңырау|телефон шалмаңыз|соқпаңыз"},
	{NO_ANSWER, "хабарласпаңыз"},
	{NO_ANSWER, "жауап күтіп жоқпын|отырғам|емеспін"},
	{NO_ANSWER, "хабарласу|жазу|қоңырау керегі|қажеті|қажет|керек жоқ|емес"},
	{NO_ANSWER, "кері. байланыс керек|қажет емес"},
	{NO_ANSWER, "жауап жазу|жазудың|беру|берудің|қайтару|қайтарудың керегі|қажеті|қажет|керек жоқ|емес"},
	{NO_ANSWER, "маған. жауап керек|қажет емес|жоқ"},
	{NO_ANSWER, "жауап күтпе"},
	{NO_ANSWER, "хабарласпай-ақ|хабарласпаңыз|хабарласпаң"},
	{NO_ANSWER, "жауап жібермең|жолдамаң|жазбаң|қайтармаң"},
	{NO_ANSWER, "маған. қайта|қайтадан|енді жазба|хабарласпа|соқпа"},
	{NO_ANSWER, "қоңырау|телефон шалмаң|соқпаң|шалма"},
	{NO_ANSWER, "жауапсыз-ақ"},
	{NO_ANSWER, "жауап әуре болма"},
	{NO_ANSWER, "менімен|бізбен байланыс|хабарлас керегі|қажеті|қажет|керек жоқ|емес"},
	{NO_ANSWER, "ответ|ответа не. важен|важно|интерес|нужен|нужно|надо|понадоб"},
	{NO_ANSWER, "не. надо|нужно|нужны|присыл|шлите|пришлите|отправл|готовьте|хочу ответ.|ответа.|ответов.|писем.|письма.|письмо."},
	{NO_ANSWER, "ответн письм не. жду|нуж|надо|треб|присыл|шлите|хочу"},
	{NO_ANSWER, "прошу|просьба|пожалуйста мне. не. писать|пиш|звонить|звоните|отвечать|присыл|шлите"},
	{NO_ANSWER, "обратная|обратной связь|связи не. нуж|треб|жду|надо"},
	{NO_ANSWER, "отвечать. не. нужно|надо|требуется|стоит|обязательно"},
	{NO_ANSWER, "не. нужно|надо|стоит|требуется|обязательно отвечать."},
	{NO_ANSWER, "ответ.|ответа. не. нужен|нужно|надо|требуется|жду|ожидаю|прошу|обязател"},
	{NO_ANSWER, "не. нужен|жду|требуется|ожидаю|прошу ответ.|ответа."},
	{NO_ANSWER, "не. отвечайте."},
	{NO_ANSWER, "прошу|просьба|можете|можно|лучше не. отвечать."},
	{NO_ANSWER, "не. пишите|звоните|перезванива мне.|обратно.|сюда."},
	{NO_ANSWER, "мне. не. пишите|звоните|перезванива"},
	{NO_ANSWER, "этот. адрес|ящик|номер|почту не. пишите|звоните|отвечайте"},
	{NO_ANSWER, "не. связывайтесь"},
	{NO_ANSWER, "ответное|ответных|ответа|ответ. не. присыл|шлите|пишите|отправля|готовьте"},
	{NO_ANSWER, "не. присыл|шлите|отправляйте|утруждайте|беспокойтесь ответ"},
	{NO_ANSWER, "перезванивать|звонить|писать|связываться не. нужно|надо|требуется|стоит"},
	{NO_ANSWER, "не. нужно|надо|требуется|стоит перезванивать|звонить|писать|связываться"},
	{NO_ANSWER, "ответе|ответах не. нуждаюсь|нуждаемся"},
	{NO_ANSWER, "отвечать|писать|звонить|перезванивать|связываться нет. необходим|нужды|смысла"},
	{NO_ANSWER, "нет. необходим|нужды|смысла отвечать|писать|звонить|перезванивать|связываться"},
	{NO_ANSWER, "прошу|просьба со. мной. не. связыва"},
	{NO_ANSWER, "не. ищите|ищи контакт|связ|встреч"},
	{NO_ANSWER, "обойдусь|обойдемся|обойдёмся без. ответ"},
	{NO_ANSWER, "прошу|пожалуйста|можно|лучше без. ответн|ответа"},
	{NO_ANSWER, "этот|эту почту|адрес|ящик|номер ничего|не. присыл|шлите|пиш|отправл|звони"},
	{NO_ANSWER, "писать|отвечать|присылать|слать ответ|обратно не. надо|нужно|стоит|требуется|обязательно"},
	{NO_ANSWER, "жауап бермесеңіз|жазбасаңыз|қайтармасаңыз де.|болады|болар|болғаны"},
	{NO_ANSWER, "don't.|not. send|mail|email|post|give me. reply|response|answer|letter|message|confirmation|acknowled"},
	{NO_ANSWER, "no. point|use|sense reply|answer|respond|writ|contact"},
	{NO_ANSWER, "refrain from. call|phon|ring|contact|writ|answer|reply"},
	{NO_ANSWER, "не. трудитесь|беспокойтесь|утружда|тратьте ответ|отвеча|писать|писем"},
	{NO_ANSWER, "ответ|отвеча|писать не. трудитесь|беспокойтесь|утружда"},
	{NO_ANSWER, "neither|nor.|never want|need|expect|require reply|answer|response"},
	{NO_ANSWER, "do.|please.|to. not. reply|answer|respond"},
	{NO_ANSWER, "don't. reply|answer|respond"},
	{NO_ANSWER, "not.|don't. contact|call|phone|ring me. "},
	{NO_ANSWER, "not.|don't. write me.|back."},
	{NO_ANSWER, "need. not. reply|answer|respond|write|acknowledge|call|contact"},
	{NO_ANSWER, "refrain from. reply|answer|respond|writ|contact"},
	{NO_ANSWER, "no. need reply|answer|respond|response|write|get|getting|contact|call|phone|acknowledge"},
	{NO_ANSWER, "no. reply|answer|response|acknowledgement|acknowledgment needed|necessary|required|expected|please"},
	{NO_ANSWER, "answer|reply|response|acknowledgement isn't.|not.|unnecessary necessary|needed|required|expected"},
	{NO_ANSWER, "reply|response|answer is. unnecessary"},
	{NO_ANSWER, "not.|don't.|no. wish|want|like be. contacted|called|answered|approached|written"},
	{NO_ANSWER, "don't.|not. bother|trouble reply|answer|writ|acknowled|respond|call"},
	{NO_ANSWER, "do.|please. not. get|come|write|call back"},
	{NO_ANSWER, "don't. get|come|write|call back"},
	{NO_ANSWER, "don't.|not. have to reply|answer|respond"},
	{NO_ANSWER, "not.|don't.|n't. expect|need|want|require reply.|answer.|response."},
};

/* What makes of it no wish of the writer's. */
static const Row unwanted[] = {
	{ANONYMOUS, "аноним емес"},
	{ANONYMOUS, "аноним хат|арыз|шағым|өтініш|қоңырау келді|келіп|келген|түсті|түскен|жазған|жазды|жіберді|таратты"},
	{ANONYMOUS, "жасырма"},
	{ANONYMOUS, "не. аноним"},
	{ANONYMOUS, "не. хочу|прошу|требую|нуждаюсь|желаю|собираюсь|буду|настаиваю аноним"},
	{ANONYMOUS, "аноним не. нуж|требу|прошу|надо|хочу|буду"},
	{ANONYMOUS, "прислал|пришл|получил|поступил|пишут|написал|подбросил|разосла|приходит|приходят|рассыла|читал аноним"},
	{ANONYMOUS, "аноним письм|жалоб|звон|записк|сообщен|обращен прислал|пришл|получил|поступил|написал|подбросил"},
	{ANONYMOUS, "анонимк|анонимок"},
	{ANONYMOUS, "nothing|isn't|wasn't anonym"},
	{ANONYMOUS, "sends|sending|spreads|writing|makes anonym"},
	{ANONYMOUS, "не. скрыва|боюсь|против"},
	{ANONYMOUS, "not.|don't.|no. want|wish|need|ask|have|be|an|stay|remain anonym"},
	{ANONYMOUS, "not. anonym"},
	{ANONYMOUS, "got.|received|receive|sent|wrote|writes|posted|read anonym"},
	{ANONYMOUS, "anonym letter|call|note|mail|complaint|message came|arrived|said|says|about"},
	{ANONYMOUS, "don't.|not. mind"},
	{ANONYMOUS, "no.|not. secret"},
	{ANONYMOUS, "анонимді болғым|қалғым|болуды|қалуды келме|қалама"},
	{ANONYMOUS, "фамил|имя|имена|имени|имен директора.|начальника.|его.|ее.|их.|людей.|человека.|сотрудника.|подрядчика.|виновн|свидетел|коллег|бухгалтера.|мастера. называ|указыва|писать|скрыва не."},
	{ANONYMOUS, "директор|бастық|мердігер|басшы атын|есімін|тегін"},
	{NO_ANSWER, "не. оставля|оставьте без. "},
	{NO_ANSWER, "without|unanswered"},
	{NO_ANSWER, "жауапсыз қалдырма"},
	{ANONYMOUS, "don't.|not. tell|say me. "},
	{NO_ANSWER, "не. оставл|молч"},
	{ANONYMOUS, "have|has|had not. mention|name|given my. "},
	{NO_ANSWER, "not.|don't. hesitate"},
	{NO_ANSWER, "нельзя|почему|зачем|если|когда|раз. не."},
	{NO_ANSWER, "if.|why|when|unless not.|don't.|no."},
	{NO_ANSWER, "неге|егер|неліктен жауап|хабар"},
};

/* Somebody else's wish: before it, or behind it where Kazakh says so. */
static const char *const of_another[] = {"сказал", "говорит", "говорил", "требует", "требовал", "велел", "велит", "приказ",
                                         "потребовал", "просил.", "просила.", "просит.", "попросил", "угрожа", "запретил",
                                         "обещал", "told", "said", "says", "ordered", "asked", "demands", "threaten", "forbade", NULL};
static const char *const of_another_behind[] = {"деп.", "деді", "деген", "дейді", NULL};

/* --- the rows, taken apart once ------------------------------------------------------------------ */

#define STEMS_MAX 832
#define ELEMENTS_MAX 8
#define BUCKETS 256 /* of stems, by their first letter */

/* A bit for each stem. */
typedef struct {
	guint64 bits[STEMS_MAX / 64];
} Stems;

typedef struct {
	const char *text;
	gsize size;
	gboolean whole; /* the word ends there */
	guint16 next;   /* of its bucket, + 1 */
} Stem;

typedef struct {
	Stems elements[ELEMENTS_MAX];
	guint n;
} Steps;

static struct {
	Stem stems[STEMS_MAX];
	guint n;
	guint16 buckets[BUCKETS]; /* + 1 */
	Steps wanted[G_N_ELEMENTS(wanted)], unwanted[G_N_ELEMENTS(unwanted)];
	Stems before, behind; /* somebody else's wish */
} tables;

static guint bucket_of(const char *word)
{
	return ((guint8)word[0] * 31u + ((guint8)word[0] >= 0x80 ? (guint8)word[1] : 0)) % BUCKETS;
}

static gboolean meets(const Stems *one, const Stems *other)
{
	for (gsize i = 0; i < G_N_ELEMENTS(one->bits); i++)
		if ((one->bits[i] & other->bits[i]) != 0)
			return TRUE;
	return FALSE;
}

/* The stem's number; each has one. */
static void add_stem(Stems *set, const char *text, gsize size)
{
	const gboolean whole = text[size - 1] == '.';
	guint i = 0;
	size -= whole ? 1 : 0;
	while (i < tables.n && (tables.stems[i].size != size || tables.stems[i].whole != whole ||
	                        memcmp(tables.stems[i].text, text, size) != 0))
		i++;
	g_assert(i < STEMS_MAX);
	if (i == tables.n) {
		guint16 *bucket = &tables.buckets[bucket_of(text)];
		tables.stems[tables.n++] = (Stem){text, size, whole, *bucket};
		*bucket = (guint16)tables.n;
	}
	set->bits[i / 64] |= G_GUINT64_CONSTANT(1) << i % 64;
}

static void take_apart(Steps *steps, const char *row)
{
	for (const char *at = row; *at != '\0';) {
		const gsize size = strcspn(at, "| ");
		g_assert(steps->n < ELEMENTS_MAX && size > 0);
		add_stem(&steps->elements[steps->n], at, size);
		at += size;
		steps->n += *at != '|';
		at += *at != '\0';
	}
}

static void take_list(Stems *set, const char *const *words)
{
	for (; *words != NULL; words++)
		add_stem(set, *words, strlen(*words));
}

void wishes_load(void)
{
	static gsize loaded;
	if (!g_once_init_enter(&loaded))
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
		take_apart(&tables.wanted[i], wanted[i].row);
	for (gsize i = 0; i < G_N_ELEMENTS(unwanted); i++)
		take_apart(&tables.unwanted[i], unwanted[i].row);
	take_list(&tables.before, of_another);
	take_list(&tables.behind, of_another_behind);
	g_once_init_leave(&loaded, 1);
}

/* --- rows in a sentence -------------------------------------------------------------------------- */

typedef struct {
	char word[WORD_OCTETS]; /* under way */
	gsize filled;           /* octets of it; 0: there is none */
	Stems words[WISH_WORDS], all;
	guint n;
	Wishes found;
} Sentence;

/* Where the row ends that goes on with this element between from and to; 0 where it does not. */
static guint match(const Sentence *sentence, const Steps *steps, guint element, guint from, guint to)
{
	for (guint i = from; i < MIN(to, sentence->n); i++) {
		if (!meets(&sentence->words[i], &steps->elements[element]))
			continue;
		const guint end = element + 1 == steps->n ? i + 1 : match(sentence, steps, element + 1, i + 1, i + 2 + GAP);
		if (end > 0)
			return end;
	}
	return 0;
}

/* Nearly always one of its words does not stand in the sentence. */
static gboolean may_match(const Sentence *sentence, const Steps *steps)
{
	for (guint i = 0; i < steps->n; i++)
		if (!meets(&sentence->all, &steps->elements[i]))
			return FALSE;
	return TRUE;
}

static gboolean is_of_another(const Sentence *sentence, guint first, guint end)
{
	for (guint i = 0; i < sentence->n; i++)
		if ((i < first && meets(&sentence->words[i], &tables.before)) || (i >= end && meets(&sentence->words[i], &tables.behind)))
			return TRUE;
	return FALSE;
}

static gboolean is_unwanted(const Sentence *sentence, Wish wish)
{
	for (gsize i = 0; i < G_N_ELEMENTS(unwanted); i++)
		if (unwanted[i].wish == wish && may_match(sentence, &tables.unwanted[i]) &&
		    match(sentence, &tables.unwanted[i], 0, 0, WISH_WORDS) > 0)
			return TRUE;
	return FALSE;
}

static gboolean is_wanted(const Sentence *sentence, Wish wish)
{
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
		for (guint first = 0; wanted[i].wish == wish && may_match(sentence, &tables.wanted[i]) && first < sentence->n; first++) {
			const guint end = match(sentence, &tables.wanted[i], 0, first, first + 1);
			if (end > 0 && !is_of_another(sentence, first, end))
				return !is_unwanted(sentence, wish);
		}
	return FALSE;
}

/* --- sentences ----------------------------------------------------------------------------------- */

static void end_word(Sentence *sentence)
{
	if (sentence->filled == 0)
		return;
	Stems *word = &sentence->words[sentence->n++];
	*word = (Stems){{0}};
	sentence->word[sentence->filled] = '\0';
	for (guint i = tables.buckets[bucket_of(sentence->word)]; i != 0; i = tables.stems[i - 1].next) {
		const Stem *stem = &tables.stems[i - 1];
		if (strncmp(sentence->word, stem->text, stem->size) == 0 && (!stem->whole || sentence->word[stem->size] == '\0'))
			word->bits[(i - 1) / 64] |= G_GUINT64_CONSTANT(1) << (i - 1) % 64;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(word->bits); i++)
		sentence->all.bits[i] |= word->bits[i];
	sentence->filled = 0;
}

static void end_sentence(Sentence *sentence)
{
	end_word(sentence);
	sentence->found.anonymous = sentence->found.anonymous || is_wanted(sentence, ANONYMOUS);
	sentence->found.no_answer = sentence->found.no_answer || is_wanted(sentence, NO_ANSWER);
	sentence->n = 0;
	sentence->all = (Stems){{0}};
}

static gunichar lower_of(gunichar c)
{
	c = g_unichar_tolower(c);
	return c == 0x451 ? 0x435 : c == 0x2019 ? '\'' : c;
}

static void take(Sentence *sentence, gunichar c)
{
	const gboolean inside = sentence->filled > 0;
	if (sentence->n < WISH_WORDS && (g_unichar_isalpha(c) || (inside && (c == '-' || c == '\'' || c == 0x2019)))) {
		if (sentence->filled + 6 < WORD_OCTETS)
			sentence->filled += (gsize)g_unichar_to_utf8(lower_of(c), sentence->word + sentence->filled);
		return;
	}
	end_word(sentence);
	if (c == '.' || c == '!' || c == '?' || c == 0x2026 || sentence->n == WISH_WORDS)
		end_sentence(sentence);
}

/* Quoted mail and words between quotation marks are somebody else's: the end of the zone, or at. */
static gsize end_of_quoted(const GArray *zones, guint *zone, gsize at)
{
	while (*zone < zones->len && g_array_index(zones, Zone, *zone).to <= at)
		(*zone)++;
	if (*zone == zones->len)
		return at;
	const Zone *here = &g_array_index(zones, Zone, *zone);
	const gboolean quoted = here->kind == ZONE_MAIL_QUOTE || here->kind == ZONE_QUOTATION || here->kind == ZONE_DIALOGUE;
	return here->from <= at && quoted ? here->to : at;
}

Wishes wishes_find(const char *text, gsize size, const GArray *zones)
{
	g_autofree Sentence *sentence = g_new0(Sentence, 1);
	wishes_load();
	const char *end = text + size;
	guint zone = 0;
	gboolean line = FALSE; /* nothing since the last line end */
	for (const char *at = text; at < end;) {
		const gsize behind = end_of_quoted(zones, &zone, (gsize)(at - text));
		if (behind > (gsize)(at - text)) {
			end_word(sentence);
			at = text + behind;
			continue;
		}
		const gunichar c = utf8_next(at, end, &at);
		if (c == '\n' && line)
			end_sentence(sentence);
		line = c == '\n' || (line && (c == ' ' || c == '\r' || c == '\t'));
		take(sentence, c == UTF8_BAD ? ' ' : c);
	}
	end_sentence(sentence);
	return sentence->found;
}
