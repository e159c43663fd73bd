/* SPDX-License-Identifier: ISC */
#include "policy/writer.h"

#include <string.h>

#include "policy/name-called.h"
#include "policy/name-form.h"
#include "policy/name-lists.h"
#include "policy/zones.h"

#define CALLING_MAX 9  /* words of what he is, between «Я,» and his name */
#define HEAD_LINES 16  /* in which a letter says from whom it is */
#define TAIL_WORDS 60  /* from the end, in which it may be signed */
#define REST_WORDS 14  /* that may follow a signature */
#define PARTS_APART 12 /* words between «моя фамилия …» and «зовут …» */
#define WORDS_MAX 6    /* of a phrase */
#define WRITER_SAID_MAX 24 /* names; the rest of WRITER_NAMES_MAX is for those that sign: a text may introduce a hundred */

typedef enum {
	SAY_NAME,    /* my name is: whatever capital follows */
	SAY_LABEL,   /* with a colon or a dash behind it, or at the end of its line */
	SAY_BEGUN,   /* the same, but only at the beginning of a sentence, a line, a clause */
	SAY_CLOSING, /* likewise; what follows ends a line */
	SAY_I,
	SAY_WE,
	SAY_ME,
	SAY_FROM,
	SAY_ABOUT,   /* of a letter, begun: «Заявление от …» */
} Say;

typedef struct {
	Say say;
	const char *phrases; /* as they are written, with ; between them */
} Saying;

static const Saying sayings[] = {
	{SAY_NAME,
	 "меня зовут;зовут меня;мое имя;моё имя;моя фамилия;фамилия моя;мое фио;моё фио;мои фио;мои данные;пишет вам;вам пишет;вас беспокоит;"
	 "беспокоит вас;к вам обращается;обращается к вам;вам пишу я;нижеподписавшийся;нижеподписавшаяся;нижеподписавшиеся;"
	 "менің атым;атым;менің есімім;есімім;тегім;фамилиям;аты жөнім;атым жөнім;аты тегім;атым мен тегім;есімім мен тегім;"
	 "сізге жазып отырған;хат жазып отырған;жазып отырған;төменде қол қойған;төменде қол қоюшы;"
	 "my name is;my full name is;my surname is;my first name is;my last name is;the undersigned"},
	{SAY_LABEL,
	 "фио;ф и о;фамилия;имя;отчество;фамилия имя;фамилия имя отчество;имя отчество;имя фамилия;имя и фамилия;фамилия и имя;заявитель;"
	 "заявительница;фио заявителя;ф и о заявителя;автор;автор обращения;отправитель;подпись;подпись заявителя;контактное лицо;от кого;"
	 "аты жөні;аты;тегі;тегі аты;әкесінің аты;тегі аты әкесінің аты;т а ә;өтініш беруші;өтініш иесі;өтініш берушінің аты жөні;арыз беруші;"
	 "арыз иесі;арызданушы;арыз жазушы;арыз жазған;шағым беруші;шағымданушы;хабарлаушы;жіберуші;жолдаушы;жазған;қолы;қол қойған;"
	 "хат авторы;хат иесі;кімнен;name;full name;first name;last name;surname;given name;applicant;reporter;complainant;reported by;"
	 "written by;signed;signed by;sender;from;signature"},
	{SAY_BEGUN,
	 "зовут;обращается;пишет;написал;написала;подписал;подписала;подписались;заявитель;заявительница;өтініш беруші;арыз беруші;"
	 "i am;im;this is;имя;фамилия;жазған"},
	{SAY_CLOSING,
	 "с уважением;с уваж;с ув;с почтением;искренне ваша;искренне ваш;искренне;с наилучшими пожеланиями;с благодарностью;спасибо;"
	 "заранее спасибо;благодарю;заранее благодарю;ваш;ваша;құрметпен;құрметпенен;ізгі ниетпен;сәлеммен;рахмет;рақмет;алдын ала рахмет;"
	 "үлкен рахмет;ризашылықпен;regards;best regards;kind regards;warm regards;with respect;sincerely;yours sincerely;sincerely yours;"
	 "yours faithfully;faithfully;yours truly;respectfully;respectfully yours;thank you;thanks;many thanks;best wishes;yours"},
	{SAY_I, "я;мен;i"},
	{SAY_WE, "мы;біз;we"},
	{SAY_ME, "меня;мне;мной;мною;нас;нам;нами;мені;маған;менен;менің;бізді;бізге;біздің;me;us"},
	{SAY_FROM, "от"},
	{SAY_ABOUT,
	 "заявление от;жалоба от;обращение от;сообщение от;письмо от;докладная от;докладная записка от;служебная записка от;"
	 "объяснительная от;объяснительная записка от;рапорт от"},
};

/* A phrase, folded. */
typedef struct {
	Say say;
	guint n;
	char *folds[WORDS_MAX];
} Phrase;

typedef struct {
	const NamePlace *place;
	const GArray *zones;
	GHashTable *phrases; /* first fold → GPtrArray of Phrase, borrowed */
	GPtrArray *all;      /* Phrase */
	GPtrArray *names;    /* WriterName */
} Look;

static void phrase_free(gpointer data)
{
	Phrase *phrase = data;
	for (guint i = 0; i < phrase->n; i++)
		g_free(phrase->folds[i]);
	g_free(phrase);
}

static void name_free(gpointer data)
{
	WriterName *name = data;
	g_ptr_array_unref(name->words);
	g_ptr_array_unref(name->forms);
	g_free(name);
}

static void look_clear(Look *look)
{
	g_clear_pointer(&look->phrases, g_hash_table_unref);
	g_clear_pointer(&look->all, g_ptr_array_unref);
	g_clear_pointer(&look->names, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

static void add_phrase(Look *look, Say say, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", WORDS_MAX);
	Phrase *phrase = g_new0(Phrase, 1);
	phrase->say = say;
	for (guint i = 0; words[i] != NULL; i++)
		phrase->folds[phrase->n++] = name_text_fold_word(words[i]);
	g_ptr_array_add(look->all, phrase);
	GPtrArray *same = g_hash_table_lookup(look->phrases, phrase->folds[0]);
	if (same == NULL) {
		same = g_ptr_array_new();
		g_hash_table_insert(look->phrases, phrase->folds[0], same);
	}
	g_ptr_array_add(same, phrase);
}

static void look_load(Look *look)
{
	look->all = g_ptr_array_new_with_free_func(phrase_free);
	look->phrases = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	look->names = g_ptr_array_new_with_free_func(name_free);
	for (gsize i = 0; i < G_N_ELEMENTS(sayings); i++) {
		g_auto(GStrv) phrases = g_strsplit(sayings[i].phrases, ";", -1);
		for (guint k = 0; phrases[k] != NULL; k++)
			add_phrase(look, sayings[i].say, phrases[k]);
	}
}

/* --- words ------------------------------------------------------------------------------------------------------------- */

static guint flags_of(const Look *look, gssize i)
{
	const NameWord *word = name_text_word(look->place->text, i);
	return word != NULL ? word->flags : NAME_WORD_SENTENCE | NAME_WORD_LINE;
}

static gboolean is_past(const Look *look, guint i)
{
	return i >= look->place->text->words->len;
}

static gboolean is_quoted(const Look *look, guint i)
{
	return zones_at(look->zones, name_text_word(look->place->text, i)->at) == ZONE_MAIL_QUOTE;
}

static gboolean is_one_of(const Look *look, gssize i, const char *const *folds)
{
	const char *fold = name_text_fold(look->place->text, i);
	return *fold != '\0' && g_strv_contains(folds, fold);
}

/* The first of a sentence, a line or a clause. */
static gboolean begins(const Look *look, guint i)
{
	return i == 0 || (flags_of(look, i) & (NAME_WORD_SENTENCE | NAME_WORD_LINE | NAME_WORD_COMMA)) != 0;
}

/* Nothing of the same clause follows: an end, a comma, a bracket, a figure. */
static gboolean ends_clause(const Look *look, guint behind)
{
	if (is_past(look, behind) || begins(look, behind))
		return TRUE;
	const NamePlace *place = look->place;
	const gsize from = name_text_word_end(place->octets, place->size, name_text_word(place->text, (gssize)behind - 1)->at);
	for (gsize at = from; at < name_text_word(place->text, behind)->at; at++)
		if (g_ascii_isdigit(place->octets[at]) || strchr("+/", place->octets[at]) != NULL)
			return TRUE;
	return FALSE;
}

static char *word_text(const Look *look, guint i)
{
	const NamePlace *place = look->place;
	const NameWord *word = name_text_word(place->text, i);
	const gsize end = name_text_word_end(place->octets, place->size, word->at);
	const gboolean dot = (word->flags & NAME_WORD_INITIAL) != 0 && end < place->size && place->octets[end] == '.';
	return g_utf8_make_valid(place->octets + word->at, (gssize)(end + dot - word->at));
}

/* --- taken ------------------------------------------------------------------------------------------------------------- */

/* «Моя фамилия …, зовут …»: one name, said in two. */
static WriterName *name_begun(const Look *look, const NameRun *run)
{
	WriterName *last = look->names->len > 0 ? look->names->pdata[look->names->len - 1] : NULL;
	return last != NULL && run->n == 1 && last->words->len < 3 && run->from >= last->at && run->from - last->at <= PARTS_APART ? last : NULL;
}

static void take(const Look *look, const NameRun *run, NameAs as, gboolean signature)
{
	WriterName *name = name_begun(look, run);
	if (name == NULL) {
		if (look->names->len >= (signature ? WRITER_NAMES_MAX : WRITER_SAID_MAX))
			return;
		name = g_new0(WriterName, 1);
		name->words = g_ptr_array_new_with_free_func(g_free);
		name->forms = g_ptr_array_new_with_free_func(g_free);
		name->signature = signature;
		g_ptr_array_add(look->names, name);
	}
	for (guint i = run->from; i < run->from + run->n; i++) {
		g_autofree char *word = word_text(look, i);
		g_autoptr(GPtrArray) forms = name_called(word, as);
		g_ptr_array_add(name->words, g_strdup(forms->pdata[0]));
		g_ptr_array_extend_and_steal(name->forms, g_steal_pointer(&forms));
	}
	name->at = run->from + run->n;
}

/* Is it said of somebody in the nominative: no part of it stands in another case for sure. */
static gboolean is_called(const NameRun *run)
{
	return (run->signs & (NAME_SIGN_CALLED | NAME_SIGN_INITIAL)) != 0 && (run->signs & NAME_SIGN_BENT) == 0;
}

/* Серікова Айнұрмын, Маратұлымын: I am. */
static gboolean says_i_am(const Look *look, const NameRun *run)
{
	static const char *const ends[] = {"min", "bin", "pin"};
	const char *fold = name_text_fold(look->place->text, (gssize)(run->from + run->n) - 1);
	const gsize size = strlen(fold);
	gboolean am = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		am = am || (size > 6 && g_str_has_suffix(fold, ends[i]));
	if (!am)
		return FALSE;
	g_autofree char *word = word_text(look, run->from + run->n - 1);
	g_autoptr(GPtrArray) forms = name_called(word, NAME_AS_CALLED);
	return forms->len > 1;
}

/* Оспанов Марат прошу: whoever is the subject of that verb. */
static gboolean is_who_asks(const Look *look, const NameRun *run)
{
	static const char *const verbs[] = {"proxu", "soobxaiu", "zaiavliaiu", "obraxaius", "dovoju", "rabotaiu", "pixu", "hocu", "trebuiu", "iavliaius",
	                                    "projivaiu", "jaluius", "suraimin", "habarlaimin", "jazamin", "otinemin", NULL};
	return name_run_is_person(run) && is_called(run) && is_one_of(look, (gssize)(run->from + run->n), verbs) &&
	       (flags_of(look, (gssize)(run->from + run->n)) & NAME_WORD_SENTENCE) == 0;
}

/* --- what is said before it --------------------------------------------------------------------------------------------- */

/* Меня зовут это …, аты-жөнім мынадай: …, фамилия моя есть … */
static guint skip_copula(const Look *look, guint i)
{
	static const char *const words[] = {"eto", "est", "prosto", "minadai", "bolip", "boladi", "mine", "is", "grajdanin", "grajdanka", "gr", NULL};
	for (guint n = 0; n < 2 && !is_past(look, i) && is_one_of(look, i, words); n++)
		i++;
	return i;
}

static gboolean is_behind_mark(const Look *look, guint i)
{
	return (flags_of(look, i) & NAME_WORD_DASH) != 0 || (flags_of(look, (gssize)i - 1) & NAME_WORD_COLON) != 0;
}

/* The run that a phrase announces: right behind it. A blank line goes behind a colon and a closing alone. */
static gboolean read_announced(const Look *look, const Phrase *phrase, guint behind, NameRun *run)
{
	const guint at = skip_copula(look, behind);
	const gboolean over = (flags_of(look, at) & NAME_WORD_SENTENCE) != 0;
	if (is_past(look, at) || (over && phrase->say != SAY_CLOSING && !is_behind_mark(look, at)))
		return FALSE;
	return name_run_read(look->place, at, phrase->say == SAY_NAME || phrase->say == SAY_LABEL, run);
}

/* «меня зовут гульнара ким,»: in small letters the one word more that its clause ends with. */
static void add_small(const Look *look, NameRun *run)
{
	const guint next = run->from + run->n;
	if (run->n == 1 && (flags_of(look, run->from) & NAME_WORD_CAPITAL) == 0 && !is_past(look, next) && !begins(look, next) &&
	    ends_clause(look, next + 1)) {
		run->n++;
		run->whole++;
	}
}

static void announced(const Look *look, const Phrase *phrase, guint from)
{
	NameRun run;
	const guint behind = from + phrase->n;
	if (!read_announced(look, phrase, behind, &run))
		return;
	if (phrase->say == SAY_NAME)
		add_small(look, &run);
	const guint end = run.from + run.n;
	gboolean takes = FALSE;
	switch (phrase->say) {
	case SAY_NAME:
		takes = run.whole > 0;
		break;
	case SAY_LABEL:
		takes = is_behind_mark(look, run.from) && (run.known > 0 || ends_clause(look, end));
		break;
	case SAY_BEGUN:
		takes = begins(look, from) && run.known > 0 && (is_called(&run) || says_i_am(look, &run)) &&
		        (run.n > 1 || ends_clause(look, end));
		break;
	case SAY_CLOSING:
		takes = begins(look, from) && ends_clause(look, end) && (run.signs & NAME_SIGN_BENT) == 0 &&
		        (run.known > 0 || run.n > 1 || is_past(look, end));
		break;
	default:
		break;
	}
	if (takes)
		take(look, &run, NAME_AS_CALLED, phrase->say == SAY_CLOSING);
}

/* What a sentence says that is no calling: что, как, когда, знаю … */
static gboolean is_clause_word(const Look *look, guint i)
{
	static const char *const words[] = {"cto", "kak", "kogda", "esli", "znaiu", "videl", "videla", "turali", "dep", "that", "who", "saw",
	                                    "know", "no", "i", NULL};
	return is_one_of(look, i, words) || name_lists_has(NAME_LIST_ACCUSATION, name_text_fold(look->place->text, i));
}

/* From `i` on, within its clause: a run that is a person's, in the case that is asked for. */
static gboolean find_in_clause(const Look *look, guint i, gboolean called, NameRun *run)
{
	for (guint n = 0; n <= CALLING_MAX && !is_past(look, i); n++) {
		if (n > 0 && (flags_of(look, i) & (NAME_WORD_SENTENCE | NAME_WORD_COMMA)) != 0 &&
		    (flags_of(look, (gssize)i - 1) & NAME_WORD_COLON) == 0) /* «Мы, работники цеха: …» */
			return FALSE;
		/* A capital in front that is no part of a name belongs to what he is. */
		if (name_run_read(look->place, i, FALSE, run) && run->known > 0 && (name_run_is_person(run) || n == 0) &&
		    (!called || is_called(run) || says_i_am(look, run)) && (n == 0 || name_run_signs(look->place->text, i) != 0))
			return TRUE;
		if (is_clause_word(look, i))
			return FALSE;
		i++;
	}
	return FALSE;
}

/* «мен» is I, and is with: Берік пен, Сериков мен Маратова. */
static gboolean is_with(const Look *look, guint i)
{
	const guint flags = flags_of(look, i);
	return strcmp(name_text_fold(look->place->text, i), "men") == 0 && (flags & NAME_WORD_CAPITAL) == 0 && i > 0 && !begins(look, i) &&
	       (flags_of(look, (gssize)i - 1) & NAME_WORD_CAPITAL) != 0;
}

/* И and I are one fold. */
static gboolean is_english_i(const Look *look, guint i)
{
	return look->place->octets[name_text_word(look->place->text, i)->at] == 'I';
}

static void introduced(const Look *look, guint i, gboolean many)
{
	NameRun run;
	const gboolean comma = (flags_of(look, (gssize)i + 1) & NAME_WORD_COMMA) != 0;
	const char *fold = name_text_fold(look->place->text, i);
	if (is_past(look, i + 1) || is_with(look, i) || (strcmp(fold, "i") == 0 && !is_english_i(look, i)) ||
	    (flags_of(look, (gssize)i + 1) & NAME_WORD_SENTENCE) != 0)
		return;
	if (!comma && !(name_run_read(look->place, i + 1, FALSE, &run) && run.known > 0 && (is_called(&run) || says_i_am(look, &run))))
		return;
	if (comma && !find_in_clause(look, i + 1, TRUE, &run)) {
		/* «Я, Тұрсынхан Жанайым, …»: a name that no list has */
		if (!name_run_read(look->place, i + 1, FALSE, &run) || run.n < 2 || !ends_clause(look, i + 1 + run.n))
			return;
	}
	if (run.n == 1 && !ends_clause(look, run.from + 1) && !says_i_am(look, &run))
		return;
	take(look, &run, NAME_AS_CALLED, FALSE);
	static const char *const ands[] = {"i", "jane", "men", "pen", "ben", "and", NULL};
	for (guint at = run.from + run.n, n = 0; many && n < WRITER_NAMES_MAX && !is_past(look, at); n++) {
		const guint next = is_one_of(look, at, ands) ? at + 1 : at;
		if ((next == at && (flags_of(look, at) & NAME_WORD_COMMA) == 0) || !name_run_read(look->place, next, FALSE, &run) ||
		    !name_run_is_person(&run) || !is_called(&run))
			return;
		take(look, &run, NAME_AS_CALLED, FALSE);
		at = run.from + run.n;
	}
}

/* Меня, Иванову Г. А., …: in apposition alone. */
static void complained(const Look *look, guint i)
{
	NameRun run;
	if (!is_past(look, i + 1) && (flags_of(look, (gssize)i + 1) & (NAME_WORD_COMMA | NAME_WORD_SENTENCE)) == NAME_WORD_COMMA &&
	    find_in_clause(look, i + 1, FALSE, &run) && ends_clause(look, run.from + run.n))
		take(look, &run, NAME_AS_ANY, FALSE);
}

/* --- headings ------------------------------------------------------------------------------------------------------------ */

/* A line that begins with its addressee: Директору …, В департамент …, «Ромашка» ЖШС директорына … */
static gboolean has_addressee(const Look *look, guint i)
{
	static const char *const words[] = {"v", "direktoru", "rukovoditeliu", "nacalniku", "predsedateliu", "generalnomu", "glavnomu", "akimu",
	                                    "ministru", "upravliauxemu", "slujbu", "departament", "otdel", "komplaens", "ofitseru", "k", "komu",
	                                    "kime", "gospodinu", "zamestiteliu", NULL};
	guint from = i;
	while (from > 0 && i - from < 24 && (flags_of(look, from) & NAME_WORD_LINE) == 0)
		from--;
	for (; from < i; from++)
		if (is_one_of(look, from, words))
			return TRUE;
	return FALSE;
}

static void from_whom(const Look *look, guint i, gboolean announced)
{
	NameRun run;
	const NameWord *word = name_text_word(look->place->text, i);
	const gboolean heads = word->line < HEAD_LINES && ((word->flags & NAME_WORD_LINE) != 0 || has_addressee(look, i));
	if ((!heads && !announced && (flags_of(look, (gssize)i - 1) & NAME_WORD_COLON) == 0) || is_past(look, i + 1))
		return;
	if (!find_in_clause(look, i + 1, FALSE, &run)) {
		/* of a name that no list has: alone on its line */
		if (!name_run_read(look->place, i + 1, FALSE, &run) || run.n < 2 || !ends_clause(look, i + 1 + run.n))
			return;
	}
	/* «… взял \n от Иванова Сергея за …» goes on; «от Ивановой Г.А., проживающей …» does not. */
	static const char *const goes_on[] = {"projivauxei", "projivauxego", "rabotauxei", "rabotauxego", "tel", "iin", "zaiavlenie", "jaloba",
	                                      "obraxenie", "adres", "projivaet", "i", NULL};
	const guint end = run.from + run.n;
	if (ends_clause(look, end) || is_one_of(look, end, goes_on) || (announced && word->line == 0))
		take(look, &run, NAME_AS_FROM, FALSE);
}

static gboolean ends_from(const char *fold)
{
	static const char *const ends[] = {"nan", "nen", "dan", "den", "tan", "ten"};
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		if (strlen(fold) > 6 && g_str_has_suffix(fold, ends[i]))
			return TRUE;
	return FALSE;
}

/* Серікова Айнұр Болатқызынан: ends a line of the head, or is a sentence of its own. */
static void from_whom_in_kazakh(const Look *look, guint i)
{
	NameRun run;
	if (!name_run_read(look->place, i, FALSE, &run) || run.n < 2 || run.known == 0)
		return;
	const guint last = run.from + run.n - 1, next = last + 1;
	const NameWord *word = name_text_word(look->place->text, i);
	const char *fold = name_text_fold(look->place->text, last);
	const gboolean ends = is_past(look, next) || (flags_of(look, next) & NAME_WORD_SENTENCE) != 0 ||
	                      (flags_of(look, next) & (NAME_WORD_LINE | NAME_WORD_CAPITAL)) == (NAME_WORD_LINE | NAME_WORD_CAPITAL) ||
	                      (ends_clause(look, next) && (word->flags & NAME_WORD_LINE) != 0);
	/* Ержан, Нұрдан: a name that ends like it is not from anybody. */
	if (!ends_from(fold) || !ends || word->line >= HEAD_LINES || name_lists_has(NAME_LIST_GIVEN, fold))
		return;
	NameRun before = run, end = {.from = last, .n = 1};
	before.n--;
	take(look, &before, NAME_AS_CALLED, FALSE);
	((WriterName *)look->names->pdata[look->names->len - 1])->at = last;
	if (before.n < 3)
		take(look, &end, NAME_AS_FROM, FALSE);
}

/* --- signed ---------------------------------------------------------------------------------------------------------------- */

/* «1. Иванов И. И.»: of a list, and no signature. */
static gboolean is_numbered(const Look *look, guint i)
{
	gsize at = name_text_word(look->place->text, i)->at;
	while (at > 0 && look->place->octets[at - 1] != '\n')
		if (g_ascii_isdigit(look->place->octets[--at]))
			return TRUE;
	return FALSE;
}

/* What follows is telephone, post, date, address: short, accuses nobody, and is no sentence unless it says how to find him. */
static gboolean is_after_signature(const Look *look, guint from)
{
	static const char *const contact[] = {"tel", "telefon", "telefoni", "mob", "mobilni", "uiali", "sot", "sotovi", "nomer", "data", "date",
	                                      "kuni", "podpis", "koli", "phone", "mobile", "mail", "email", "pocta", "adres", "mekenjaii", "vatsap",
	                                      "whatsap", "vatsap", "g", "god", "goda", "j", "jili", "konsultant", NULL};
	const guint n = look->place->text->words->len;
	gboolean reaches = FALSE;
	if (n - from > REST_WORDS)
		return FALSE;
	for (guint i = from; i < n; i++) {
		reaches = reaches || is_one_of(look, i, contact);
		if (name_lists_has(NAME_LIST_ACCUSATION, name_text_fold(look->place->text, i)))
			return FALSE;
	}
	return n == from || reaches || (flags_of(look, (gssize)n - 1) & (NAME_WORD_STOP | NAME_WORD_CALL)) == 0;
}

/* A sentence or a line begins here, which no colon announces, no figure counts, and which is no street. */
static gboolean may_sign_at(const Look *look, guint i)
{
	static const char *const streets[] = {"ul", "prosp", "pr", "mkr", "per", "bulv", "pos", "r", NULL};
	return i > 0 && (flags_of(look, i) & (NAME_WORD_SENTENCE | NAME_WORD_LINE)) != 0 && !is_quoted(look, i) &&
	       (flags_of(look, (gssize)i - 1) & NAME_WORD_COLON) == 0 && !is_numbered(look, i) && !is_one_of(look, (gssize)i - 1, streets);
}

/* A person's name; one part of it, or one that no list has, where it is all there is. */
static gboolean is_signature(const Look *look, const NameRun *run)
{
	const guint end = run->from + run->n;
	const gboolean whole = is_past(look, end) || (flags_of(look, end) & (NAME_WORD_SENTENCE | NAME_WORD_LINE)) != 0;
	const gboolean line = (flags_of(look, run->from) & NAME_WORD_LINE) != 0;
	if ((flags_of(look, (gssize)end - 1) & NAME_WORD_CALL) != 0 || (run->signs & NAME_SIGN_BENT) != 0 || !ends_clause(look, end))
		return FALSE;
	if (run->known == 0)
		return whole && line && run->n == 2;
	if (run->n == 1)
		return whole && (line || (run->signs & NAME_SIGN_GIVEN) != 0);
	/* «Вчера Асқар», «Директор Асқар»: a sentence begins with a capital. */
	const guint first = name_run_signs(look->place->text, run->from);
	return name_run_is_person(run) && (first != 0 || (line && whole)) &&
	       !name_lists_has(NAME_LIST_ACCUSATION, name_text_fold(look->place->text, run->from));
}

static void signed_at_end(const Look *look)
{
	const guint n = look->place->text->words->len;
	for (guint i = n > TAIL_WORDS ? n - TAIL_WORDS : 1; i < n; i++) {
		NameRun run;
		const gboolean small = (flags_of(look, i) & NAME_WORD_CAPITAL) == 0;
		if (may_sign_at(look, i) && name_run_read(look->place, i, small, &run) && is_signature(look, &run) &&
		    is_after_signature(look, run.from + run.n))
			take(look, &run, NAME_AS_CALLED, TRUE);
	}
}

/* Of a signature every person. */
static void signed_in_zone(const Look *look, guint *i)
{
	NameRun run;
	if (zones_at(look->zones, name_text_word(look->place->text, *i)->at) != ZONE_SIGNATURE ||
	    !name_run_read(look->place, *i, FALSE, &run) || !name_run_is_person(&run))
		return;
	take(look, &run, NAME_AS_CALLED, TRUE);
	*i = run.from + run.n - 1;
}

/* --- the text ---------------------------------------------------------------------------------------------------------------- */

static gboolean is_phrase_at(const Look *look, const Phrase *phrase, guint at)
{
	for (guint i = 1; i < phrase->n; i++)
		if (is_past(look, at + i) || (flags_of(look, (gssize)at + i) & NAME_WORD_SENTENCE) != 0 ||
		    strcmp(name_text_fold(look->place->text, (gssize)at + i), phrase->folds[i]) != 0)
			return FALSE;
	return !is_past(look, at + phrase->n);
}

static void say(const Look *look, const Phrase *phrase, guint i)
{
	switch (phrase->say) {
	case SAY_I:
		introduced(look, i, FALSE);
		break;
	case SAY_WE:
		introduced(look, i, TRUE);
		break;
	case SAY_ME:
		complained(look, i);
		break;
	case SAY_FROM:
		from_whom(look, i, FALSE);
		break;
	case SAY_ABOUT:
		if (begins(look, i))
			from_whom(look, i + phrase->n - 1, TRUE);
		break;
	default:
		announced(look, phrase, i);
		break;
	}
}

static void look_at(const Look *look, guint i)
{
	const GPtrArray *phrases = g_hash_table_lookup(look->phrases, name_text_fold(look->place->text, i));
	const Phrase *longest = NULL;
	for (guint k = 0; phrases != NULL && k < phrases->len; k++) {
		const Phrase *phrase = phrases->pdata[k];
		if ((longest == NULL || phrase->n >= longest->n) && is_phrase_at(look, phrase, i)) {
			say(look, phrase, i);
			longest = phrase;
		}
	}
	NameRun run;
	if ((flags_of(look, i) & NAME_WORD_CAPITAL) == 0)
		return;
	from_whom_in_kazakh(look, i);
	if (name_run_read(look->place, i, FALSE, &run) && (says_i_am(look, &run) || is_who_asks(look, &run)))
		take(look, &run, NAME_AS_CALLED, FALSE);
}

GPtrArray *writer_find(const NamePlace *place, const GArray *zones)
{
	g_auto(Look) look = {.place = place, .zones = zones};
	look_load(&look);
	for (guint i = 0; i < place->text->words->len && look.names->len < WRITER_SAID_MAX; i++)
		if (!is_quoted(&look, i))
			look_at(&look, i);
	for (guint i = 0; i < place->text->words->len; i++)
		signed_in_zone(&look, &i);
	signed_at_end(&look);
	return g_steal_pointer(&look.names);
}
