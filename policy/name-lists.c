/* SPDX-License-Identifier: ISC */
#include "policy/name-lists.h"

#include <string.h>

#include "policy/name-text.h"

static const char given[] =
	"Абай Абзал Абылай Адам Адил Азамат Азат Айбек Айгерім Айгүл Айдана Айдар Айжан Айзада Айзере Айнұр Айнура Айсұлу "
	"Айша Ақан Ақбота Ақжан Ақмарал Алдияр Алибек Алихан Алия Алишер Алмас Алмат Алтынай Алуа Аман Амангелді Амина "
	"Амир Анар Андрей Анна Анастасия Анатолий Ануар Ардақ Арман Артём Артур Аружан Арыстан Асан Асель Асем Асет Асқар "
	"Асхат Асылбек Аян Аяулым Әдина Әйгерім Әлия Әлішер Әсел Әсем Әсет Бақыт Бақытжан Бауыржан Бахыт Бейбіт Бекзат "
	"Бекжан Болат Ботагөз Виктор Виктория Виталий Владимир Владислав Вячеслав Галина Гаухар Геннадий Георгий Григорий "
	"Гүлжан Гүлмира Гүлнар Гүлнара Гүлсім Гульнара Гульмира Ғалым Ғалымжан Дамир Дана Данияр Дарига Дархан Дарья Даулет "
	"Даурен Динара Дина Диана Диас Дидар Димаш Дмитрий Досжан Дәулет Дәурен Евгений Евгения Екатерина Елдос Елена Елнар "
	"Ерасыл Ербол Ербулат Ержан Ерік Ерлан Ермек Ернар Ерсұлтан Есен Есет Жазира Жанар Жанара Жанат Жандос Жаңыл Жания "
	"Жанна Жансая Жасұлан Жәнібек Жұлдыз Зарина Зере Зәуре Иван Игорь Ильяс Инна Ирина Индира Кайрат Камила Карина "
	"Кирилл Константин Ксения Күләш Қайрат Қанат Қуаныш Қуат Лариса Лаура Ләззат Леонид Лидия Любовь Людмила Мадина "
	"Мади Мадияр Макпал Максат Максим Мақсат Малика Манас Марат Марал Маргарита Марина Мария Марк Медет Мейрам Мереке "
	"Мерей Меруерт Михаил Мирас Молдир Мөлдір Мұрат Мұхтар Мұхит Нагима Надежда Назгүл Назерке Назым Наталья Нина "
	"Нұрбек Нұрбол Нұргүл Нұржан Нұрлан Нұрсұлтан Нұртай Оксана Олег Ольга Олжас Омар Оразбек Павел Перизат Пётр Рабига "
	"Райхан Раушан Рахим Ринат Роза Роман Руслан Рустам Рүстем Сабина Сабит Сағын Сағыныш Салтанат Самал Самат Санжар "
	"Сандугаш Сара Сарсен Саида Саят Светлана Сергей Серік Серікбол Станислав Сымбат Сәбит Сәкен Сәуле Талғат Тамара "
	"Тамерлан Татьяна Тимур Тоқтар Толеген Толқын Төлеген Ұлан Ұлжан Улан Фарида Фатима Хадиша Шолпан Шынар Шыңғыс Эльмира "
	"Эльвира Эмиль Юлия Юрий Ядвига Яна Ярослав Алла Алексей Александр Александра Антон Борис Валентина Валерий Василий "
	"Вера Денис Зоя Илья Лев Любовь Николай Никита Раиса Римма Тамила Фёдор Эдуард "
	"Абылайхан Ағыбай Адлет Ажар Айару Айбар Айбала Айгерим Айғаным Айкерім Айман Айсара Айсана Айтолқын Айым Ақнұр "
	"Ақтоты Ақылбек Алпамыс Алтын Алтыншаш Амангүл Анель Арай Арайлым Аслан Асия Асқат Аяжан Әбдіғали Әзімхан Әйгерім Әлім "
	"Әмина Бағдат Бағила Балнұр Балжан Баян Бейсен Бекарыс Бибігүл Биғайша Гүлбану Гүлден Гүлзат Гүлназ Гүлнәз Гүлшат "
	"Ғазиз Ғани Данагүл Дәмелі Дәмір Еділ Ерболат Еркебұлан Еркежан Ернұр Жадыра Жайна Жамал Жамиля Жанбота Жаннұр Жасмин "
	"Жібек Зағипа Зейнеп Зухра Инкар Қалампыр Қалыбек Қамила Қарлығаш Қуандық Қымбат Қызғалдақ Күлімхан Күлсім Күнсұлу "
	"Ләйла Маржан Мақпал Мәдина Мәлік Мәриям Мейірім Молдабек Мұстафа Нартай Нұрай Нұрасыл Нұрғали Нұргүл Нұрила Нұрсәуле "
	"Нұршат Ораз Орынбасар Патима Рақия Райымбек Рысбек Рысты Сабыр Салима Санат Сандуғаш Сания Сәния Серікжан Талшын "
	"Тілек Төребек Ұлбике Үміт Шаттық Шұғыла Шырын Ырысты Ырысбек Аделина Алина Алиса Ангелина Богдан Вадим Валерия Варвара "
	"Вероника Всеволод Глеб Данил Данила Даниил Егор Елизавета Захар Злата Кристина Матвей Милана Олеся Полина Пётр Семён "
	"Снежана София Степан Таисия Тимофей Ульяна Филипп Эдуард Элина Яков "
	"John Mary Michael David James Robert William Anna Peter Paul George Helen Elena Maria Nicholas Alexander ";

static const char capitals[] =
	"ТОО АО ИП ГУ КГУ РГУ ОО ЖШС АҚ ЖК ММ КММ РК ҚР ИИН БИН ЖСН БСН LLP LLC тел телефон телефоным дата күні date директор директору "
	"директорына руководителю начальнику председателю заявление жалоба обращение өтініш арыз шағым республикасы республики қазақстан "
	"казахстан казахстана алматы астана караганда спасибо заранее рахмет это бұл құрметпен уважением "
	"mr mrs ms dr dear regards best kind yours sincerely ";

static const char words[] =
	"адал ай айна ақын алтын аман арай арман асыл ата ауыл ахмет бай бала балта барыс бас батыр батыс бау бек береке бес "
	"білім бота бұл бөрі дана дала дархан дәулет досым ел ер ермек жақсы жан жаңа жарық жас жеңіс жер жігіт жол жолдас "
	"жомарт зат зор іс кемел кен көк көл күміс күн қала қара қайрат қарт қонақ құрмет қыз мерген мұрат нан наурыз нұр омар "
	"орал орман өмір пара рақым сабыр сағат сана сара сары сауда серік сұлтан тау таң терек тең тілек тойшы төре ұстаз хан "
	"шал шах шеңгел шөп ырыс "
	"баран бархат белый беда бык ветер вера волк ворона воробей воля вся вьюга галка глава голова голос гора город горох "
	"гриб гром дача дело день деньги добро доля друг дуб дума ерш жук жаба журавль завод заяц зверь зима золото калина "
	"каша квас кит клён ключ книга князь козёл кол комар король коса кот кравец крот крыса кузнец куница лев лес лебедь "
	"лиса лист лось лук май малина мак медведь мельник месяц мир молот мороз море москва муха надежда нос облако орёл осень "
	"палец пара петух пила плотник поле портной порт правда простой рак река роза рыба рыбак сало сахар свинья сила синица "
	"сила слон снег собака сокол солнце соловей сорока стол судья счастье тихий третьяк туз туча тыква утка хлеб хозяин "
	"холод цветок церковь чайка черный шаман шило шум щука яблоко язык ястреб "
	"able baker bank bell best bird bishop black book brown bush butler church clay clerk cook cross day dean drew fish "
	"fox frank gold good grace grant gray green grey guy hall hand hill home hope hunt judge king knight lane law lee little "
	"long love major man mark marsh may mayor miller moon moore park parson pay penny pike pope post power price rice rich "
	"rose rush sharp short small smart smith stone street summer swan taylor temple turner wall ward waters way well west "
	"white will winter wise wolf wood works young ";

static const char greeting[] =
	"құрметті қадірлі қымбатты сәлем салем сәлеметсі ассалау ассалам армысы қайырлы амансыз "
	"уважаем многоуважаем глубокоуважаем дорог здравствуй привет приветству добр доброе "
	"dear hello hi hey good greeting respected esteemed ";
static const char thanks[] =
	"рахмет рақмет рахмат алғыс арқасын ризамын ризашыл тәңір спасиб благодар поблагодар признател thank gratefu appreciat gratitud kudos respect поклон ";
static const char praise[] =
	"көмектес қолдау жақсы адал әділ кәсіби мықты сенем сенім үміт үлгі жылы "
	"помог помощ поддерж хорош отличн профессионал честн порядочн доверя верим верю верит молодец внимател вежлив справедлив оперативн "
	"надею help support honest kind profession excellent fair trust polite attentiv wonderful great ";
static const char accusation[] =
	"пара парақор ақша ақшаны теңге қымқыр ұрла бопсала қорқыт жемқор сыбайлас откат таныс туыс жең ақы талап "
	"заңсыз жасыр жасырды бұрмала қолдан қиянат алдап алая тамыр сат сатыл қудала "
	"взят взяточ берёт брал взял беру деньг тенге денег откат вымога воров ворует украл кража крыш злоупотреб "
	"коррупц мошен подкуп угрож шантаж превыша обман подпис фальсифиц липов родств кумовств сговор незакон скрыва скрыл "
	"покрыв присво растрат требует требовал давит преслед незаслуж замеш виноват кінәлі "
	"bribe kickback steal stole stolen extort embezzl fraud corrupt abuse launder threaten blackmail money cash forg "
	"falsif leak illegal nepot collu conceal demand harass cover pocket pays paid ";
static const char you[] =
	"сіз сізге сізді сізден сізбен сіздер сіздерге өзіңіз өзіңізге сен саған сені сендер вы вас вам вами ты тебя тебе тобой "
	"you yourself ";
static const char title[] =
	"ханым ханымға ханымның мырза мырзаға апай апайға ағай ағайға тәте бикеш кімге атына назарына "
	"госпожа госпоже госпожу господин господину г гже гну кому на имя для от вниманию лично товарищ товарищу тов "
	"ms mrs mr miss madam sir dr to attn attention for the ";
static const char about[] =
	"туралы жайлы жайында жөнінде қатысты үстінен қарсы шағым туралы жағынан тарапынан "
	"на о об про против относительно касательно отношении жалоба жалобу жалобой действия действиях "
	"about against concerning regarding complaint over ";
static const char request[] = "сұраймы өтінемі өтініш көрсетіңіз жеткізіңіз тапсырыңыз табыстаңыз айтыңыз жазылғым кездескім жазамын прошу просим просьб ask request please kindly ";
static const char task[] =
	"көрсетіңіз жеткізіңіз тапсырыңыз табыстаңыз айтыңыз қабылдау "
	"кездескім довести доведите встретиться займётся займется пишу пишем напиши обращаюсь обращаемся жазамын write writing "
	"қарау қарап қараса көмек көмектес жеткіз табыста тапсыр назар "
	"разобра рассмот помо передат передай передайте назнач принят приём ответит вмеша обрат "
	"look consider forward pass review investigat help assist deliver handl ";
static const char advice[] =
	"обучен тренинг семинар собран совещан лекци инструктаж сообщ сообща жалова молч анонимн письм ответ "
	"training seminar meeting lecture briefing report speak letter answer reply хабарла хатын жауабын жиналыс оқыту үйрет үндеме айтыңыз жазыңыз ";
static const char demand[] =
	"дай дайте давай дашь дадите плат заплат принес гони бер бересі берсе әкел төле төлес апар give pay bring hand or else ";
static const char saying[] = "прос попрос сказа говор объясн учил напомн повтор обещал заверил писал написал деді деген айтты айтқан ескерт түсіндір сұрады делін "
                             "said says told ask  explain taught remind promise wrote ";
static const char our_text[] = "автоматты хабарлама жұмыскүні автоматическое сообщение automatic message рассматривает considered қарайды ";
static const char deed_you[] =
	"аласыз алдыңыз аласың алдың алғансыз сұрайсыз сұрадыңыз етесіз еттіңіз жасырасыз жасырдыңыз ұрлайсыз ұрладыңыз "
	"қорғайсыз бопсалайсыз жабасыз жаптыңыз қорқытасыз қорқыттыңыз бересіз бердіңіз кінәлісіз жүрсіз отырсыз "
	"берёте берешь брали взяли вымогает вымогали вымогаеш требуете требовали воруете воруеш украли покрывает покрывали "
	"скрывает скрывали скрыли получаете получили злоупотреб нарушаете присво замешан виноват сговор закрываете шантаж "
	"угрожа take took taking taken accept demand steal stole extort hide hid cover abuse pocket receive threat bribe ";

static struct {
	const char *source;
	gboolean stems;
	GHashTable *set;  /* whole words */
	GPtrArray *folds; /* stems */
} lists[NAME_LISTS] = {
	[NAME_LIST_GIVEN] = {given, FALSE, NULL, NULL},
	[NAME_LIST_CAPITALS] = {capitals, FALSE, NULL, NULL},
	[NAME_LIST_WORDS] = {words, FALSE, NULL, NULL},
	[NAME_LIST_GREETING] = {greeting, TRUE, NULL, NULL},
	[NAME_LIST_THANKS] = {thanks, TRUE, NULL, NULL},
	[NAME_LIST_PRAISE] = {praise, TRUE, NULL, NULL},
	[NAME_LIST_ACCUSATION] = {accusation, TRUE, NULL, NULL},
	[NAME_LIST_YOU] = {you, FALSE, NULL, NULL},
	[NAME_LIST_TITLE] = {title, FALSE, NULL, NULL},
	[NAME_LIST_ABOUT] = {about, FALSE, NULL, NULL},
	[NAME_LIST_REQUEST] = {request, TRUE, NULL, NULL},
	[NAME_LIST_TASK] = {task, TRUE, NULL, NULL},
	[NAME_LIST_ADVICE] = {advice, TRUE, NULL, NULL},
	[NAME_LIST_DEMAND] = {demand, TRUE, NULL, NULL},
	[NAME_LIST_SAYING] = {saying, TRUE, NULL, NULL},
	[NAME_LIST_OUR_TEXT] = {our_text, TRUE, NULL, NULL},
	[NAME_LIST_DEED_YOU] = {deed_you, TRUE, NULL, NULL},
};

static void load(gsize i)
{
	g_auto(GStrv) source = g_strsplit(lists[i].source, " ", -1);
	lists[i].set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	lists[i].folds = g_ptr_array_new_with_free_func(g_free);
	for (gsize k = 0; source[k] != NULL; k++) {
		g_autofree char *fold = name_text_fold_word(source[k]);
		if (*fold == '\0')
			continue;
		if (lists[i].stems)
			g_ptr_array_add(lists[i].folds, g_steal_pointer(&fold));
		else
			g_hash_table_add(lists[i].set, g_steal_pointer(&fold));
	}
}

void name_lists_load(void)
{
	static gsize loaded;
	if (!g_once_init_enter(&loaded))
		return;
	for (gsize i = 0; i < NAME_LISTS; i++)
		load(i);
	g_once_init_leave(&loaded, 1);
}

gboolean name_lists_has(NameList list, const char *fold)
{
	name_lists_load();
	if (!lists[list].stems)
		return g_hash_table_contains(lists[list].set, fold);
	for (guint i = 0; i < lists[list].folds->len; i++)
		if (g_str_has_prefix(fold, g_ptr_array_index(lists[list].folds, i)))
			return TRUE;
	return FALSE;
}
