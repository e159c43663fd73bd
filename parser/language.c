/* SPDX-License-Identifier: ISC */
#include "parser/language.h"

#include <string.h>

enum { KK, RU, EN, LANGUAGES };

/* Function words and the commonest words of letters to an office, lower case, each between blanks. Words that two of the
 * languages share count for both. Kazakh stands three times: as it is written, without its own letters (Russian
 * keyboard), in Latin. */
static const char *const words[LANGUAGES] = {
	[KK] = " және бен мен пен бұл осы сол ол біз сіз мына үшін туралы деп емес бар жоқ керек қажет бірақ немесе сондай "
	       "арқылы кейін дейін өте бір екі үш адам жұмыс өтініш сұраймын сәлеметсіз құрметті рахмет болды болып еді "
	       "жатыр отыр тұр қалды алды берді айтты қазір бүгін кеше ертең бастық ақша пара біздің менің сіздің "
	       "жане жок бул ушин ушiн туралы деп емес керек кажет биз сиз бирак немесе кейин дейин оте екi жумыс отиниш "
	       "сураймын салеметсиз курметти рахмет болды болып жатыр отыр калды берди айтты казир бугин ертен бастык акша "
	       "биздин менин сиздин гой кой "
	       "zhane jane bul osy ushin turaly dep emes bar zhok joq kerek kazhet qajet biz siz birak biraq nemese keiin "
	       "ote eki zhumys jumys otinish suraimyn suraymyn salemetsiz kurmetti qurmetti rahmet raqmet boldy bolyp "
	       "zhatyr jatyr otyr berdi aitty kazir qazir bugin akhsha aqsha bastyk bastyq ",
	[RU] = " и в во не на что с со как по это он она они мы вы я но за из у от до так же для о об при или если был была "
	       "было были есть нет его ее её их наш наша ваш мне нам вам этот эта эти который которая которые также чтобы "
	       "уже только ещё еще меня себя когда прошу здравствуйте уважаемый сообщаю требует деньги директор начальник "
	       "работы между после без под над через очень всех все всё ",
	[EN] = " the and of to in is that for with on was are this be have it you not from by at an as or we they he she "
	       "has had will would which their there been were our your my me his her about please dear regards money "
	       "report who what when but if do does did can could ",
};

typedef struct {
	guint hits[LANGUAGES];
	guint kazakh_words; /* words with a letter that is Kazakh and not Ukrainian */
	guint foreign;      /* words with a letter of Ukrainian, Belarusian or Serbian */
	guint all;
} Count;

typedef struct {
	char text[96]; /* lower case; a longer word is none of those that count */
	gsize size;
	gboolean kazakh, foreign;
} Word;

static GHashTable *known; /* word -> bit mask of languages */

void language_load(void)
{
	if (known != NULL)
		return;
	known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < LANGUAGES; i++) {
		g_auto(GStrv) list = g_strsplit(words[i], " ", -1);
		for (gsize k = 0; list[k] != NULL; k++)
			if (list[k][0] != '\0') {
				guint mask = GPOINTER_TO_UINT(g_hash_table_lookup(known, list[k])) | 1u << i;
				g_hash_table_insert(known, g_strdup(list[k]), GUINT_TO_POINTER(mask));
			}
	}
}

static gboolean is_kazakh_letter(gunichar c)
{
	switch (c) { /* ә ғ қ ң ө ұ ү һ */
	case 0x4d9: case 0x493: case 0x49b: case 0x4a3: case 0x4e9: case 0x4b1: case 0x4af: case 0x4bb:
		return TRUE;
	default:
		return FALSE;
	}
}

static gboolean is_foreign_letter(gunichar c)
{
	switch (c) { /* є ї ґ ў ђ ћ џ љ њ ј ѕ */
	case 0x454: case 0x457: case 0x491: case 0x45e: case 0x452: case 0x45b: case 0x45f: case 0x459: case 0x45a:
	case 0x458: case 0x455:
		return TRUE;
	default:
		return FALSE;
	}
}

/* The word that begins here; returns what follows it, or `at` where none begins. */
static const char *take_word(const char *at, const char *end, Word *word)
{
	*word = (Word){.size = 0};
	while (at < end) {
		gunichar c = g_utf8_get_char_validated(at, end - at);
		if (c == (gunichar)-1 || c == (gunichar)-2 || !g_unichar_isalpha(c))
			break;
		c = g_unichar_tolower(c);
		word->kazakh |= is_kazakh_letter(c);
		word->foreign |= is_foreign_letter(c);
		if (word->size < sizeof word->text - 7)
			word->size += (gsize)g_unichar_to_utf8(c, word->text + word->size);
		at = g_utf8_next_char(at);
	}
	word->text[word->size] = '\0';
	return at;
}

static void count_line(Count *count, const char *at, const char *end)
{
	Word word;
	while (at < end) {
		const char *next = take_word(at, end, &word);
		if (next > at) {
			guint mask = GPOINTER_TO_UINT(g_hash_table_lookup(known, word.text));
			for (guint i = 0; i < LANGUAGES; i++)
				count->hits[i] += mask >> i & 1;
			count->kazakh_words += word.kazakh;
			count->foreign += word.foreign;
			count->all++;
		}
		at = next > at ? next : at + 1;
	}
}

static const char *decide(const Count *count)
{
	guint kk = count->hits[KK] + 2 * count->kazakh_words, ru = count->hits[RU], en = count->hits[EN];
	if (count->foreign > count->kazakh_words && count->foreign * 12 > count->all)
		return "-";
	if (kk > 0 && kk >= ru && kk >= en)
		return "kk";
	if (ru >= en && ru > 0)
		return ru >= 2 || count->all < 12 ? "ru" : "-";
	return en >= 2 ? "en" : "-";
}

const char *language_of(const char *text, gsize size)
{
	Count count = {0};
	const char *end = text + MIN(size, LANGUAGE_OCTETS);
	language_load();
	while (text < end) {
		const char *lf = memchr(text, '\n', (gsize)(end - text));
		const char *stop = lf != NULL ? lf : end;
		if (*text != '>')
			count_line(&count, text, stop);
		text = stop + 1;
	}
	return decide(&count);
}
