/* SPDX-License-Identifier: ISC */
#include "cli/options.h"

#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"

const OptionRow options_table[] = {
	{"config", 0, OPTION_VALUE, "FILE", N_("the configuration, on the mail host itself")},
	{"desk", 0, OPTION_VALUE, "SOCKET", N_("where the registrar serves officers: a socket, or ssh://NAME@HOST")},
	{"officer", 0, OPTION_LIST, "NAME", N_("your name in the configuration; with init NAME=FILE.pub")},
	{"identity", 0, OPTION_VALUE, "FILE", N_("your key file")},
	{"token", 0, OPTION_VALUE, "FILE", N_("what your token's own program wrote of it: the key file is sealed to it")},
	{"passphrase-fd", 0, OPTION_VALUE, "N", N_("read the passphrase from this descriptor, one line")},
	{"log-pub", 0, OPTION_VALUE, "FILE", N_("the registers' public keys (log.pub), as the administrator gave them to you")},
	{"json", 0, OPTION_FLAG, NULL, N_("print one JSON object for programs")},
	{"help", 'h', OPTION_FLAG, NULL, N_("show this help")},
	{"version", 0, OPTION_FLAG, NULL, N_("show the version")},
	{"output", 'o', OPTION_VALUE, "FILE", N_("write to this new file")},
	{"no-passphrase", 0, OPTION_FLAG, NULL, N_("leave the key file in clear (for tests, or on an encrypted medium)")},
	{"expires", 0, OPTION_VALUE, "DATE", N_("the day on which the keys expire, YYYY-MM-DD")},
	{"mailbox", 0, OPTION_LIST, "ADDR", N_("the address of a trust mailbox")},
	{"escalation", 0, OPTION_LIST, "NAME=FILE.pub", N_("the higher leadership: gets what concerns an officer")},
	{"supervisor", 0, OPTION_LIST, "NAME=FILE.pub", N_("who sees the log and the numbers, and no report")},
	{"recovery", 0, OPTION_LIST, "FILE.pub", N_("a key that lies in the safe: opens the escrow and every report")},
	{"prove", 0, OPTION_VALUE, "FILE", N_("the recovery key file, that opens the escrow")},
	{"sheet", 0, OPTION_VALUE, "FILE", N_("write the sheet for the safe to this new file; - prints it; with journal the number of the paper sheet")},
	{"split", 0, OPTION_FLAG, NULL, N_("make the holders' shares of the recovery key that --identity names")},
	{"holder", 0, OPTION_LIST, "NAME=FILE.pub", N_("somebody who gets a share")},
	{"need", 0, OPTION_VALUE, "N", N_("how many holders open it together; else 2")},
	{"drill", 0, OPTION_FLAG, NULL, N_("practise: with recover with an identity of its own, with restore in a scratch directory")},
	{"share", 0, OPTION_LIST, "NAME=FILE", N_("a holder who is here, and her key file")},
	{"paper", 0, OPTION_VALUE, "FILE", N_("write the key as a page to be printed and locked away (PDF) to this new file")},
	{"from-paper", 0, OPTION_FLAG, NULL, N_("make the key file again from its page, typed or read by a scanner")},
	{"no-recovery", 0, OPTION_FLAG, NULL, N_("go without a recovery key: a lost key is then lost for good")},
	{"set", 0, OPTION_LIST, "KEY=VALUE", N_("set a key of the configuration; 'mailbox ADDR/KEY=VALUE' that of one mailbox")},
	{"open", 0, OPTION_FLAG, NULL, N_("what is not closed (the usual list)")},
	{"due", 0, OPTION_FLAG, NULL, N_("what is due or overdue")},
	{"review", 0, OPTION_FLAG, NULL, N_("what must be looked through")},
	{"calls", 0, OPTION_FLAG, NULL, N_("the telephone's recordings that nobody has written down yet")},
	{"transcript", 0, OPTION_FLAG, NULL, N_("with what was written down of its calls")},
	{"all", 0, OPTION_FLAG, NULL, N_("everything: both series of cases; with doctor what is good too")},
	{"reseal", 0, OPTION_FLAG, NULL, N_("encrypt reports anew that somebody may have the keys of")},
	{"postfix", 0, OPTION_VALUE, "DIRECTORY", N_("where Postfix's main.cf lies, if not where postconf says")},
	{"cards", 0, OPTION_FLAG, NULL, N_("with sender, name and subject; needs a ground")},
	{"as", 0, OPTION_VALUE, "WORD", N_("reporter, or mentioned: in which cases the person is looked for")},
	{"policy", 0, OPTION_VALUE, "FILE", N_("the policy as it was reviewed: its digest is entered")},
	{"all-cards", 0, OPTION_FLAG, NULL, N_("put the cards of all your cases into the search index; needs a ground")},
	{"forget", 0, OPTION_FLAG, NULL, N_("destroy the search index of this machine")},
	{"ground", 0, OPTION_PERSONAL, "TEXT", N_("why you look; - reads it from standard input")},
	{"headers", 0, OPTION_FLAG, NULL, N_("the technical fields of the letter as well")},
	{"raw", 0, OPTION_FLAG, NULL, N_("the letter alone, octet for octet, to standard output")},
	{"sealed", 0, OPTION_VALUE, "FILE", N_("write the case, still sealed, as one age file")},
	{"card", 0, OPTION_FLAG, NULL, N_("with --sealed: the card instead of the letter")},
	{"message", 0, OPTION_VALUE, "N", N_("another message of the case than its first: an answer that came to a letter")},
	{"to", 0, OPTION_PERSONAL, "ADDR", N_("send it to this address instead of the sender's; with grant the officer, with redirect and forward the addressee, with register and inspection the last day, with incident its end")},
	{"anew", 0, OPTION_FLAG, NULL, N_("put aside what is sealed to you and does not open, so that another reader can give it to you anew")},
	{"accept", 0, OPTION_FLAG, NULL, N_("accept the agreement on use")},
	{"from", 0, OPTION_VALUE, "NAME", N_("the officer from whom the case is kept; with register and inspection the first day, YYYY-MM-DD, with incident its beginning, YYYY-MM-DDTHH:MM")},
	{"number", 0, OPTION_VALUE, "NUMBER", N_("the outgoing number that the chancellery gave")},
	{"date", 0, OPTION_VALUE, "DATE", N_("its day, YYYY-MM-DD")},
	{"by", 0, OPTION_VALUE, "WORD", N_("how the reporter is answered: mail (the usual way), paper or person")},
	{"address", 0, OPTION_PERSONAL, "ADDR", N_("the reporter's address for the letter, where the report gives several")},
	{"no-answer", 0, OPTION_VALUE, "WORD", N_("enter that no answer on the substance is due: rude, slander, threat, disclosed, repeated, wish, no-address, other")},
	{"unsafe", 0, OPTION_VALUE, "WORD", N_("mark the reporter's address: yes, no letter may go there; no, letters may go there again")},
	{"channel", 0, OPTION_VALUE, "WORD", N_("how it came: telephone, paper or person; with register only what came so, or by mail")},
	{"attach", 0, OPTION_LIST, "FILE", N_("a file that belongs to it, such as the scanned paper or a recording: sealed with it")},
	{"about", 0, OPTION_LIST, "NAME", N_("an officer whom the report is about: it is kept from her")},
	{"row", 0, OPTION_FLAG, NULL, N_("the case's row in the register, with who wrote what and when")},
	{"category", 0, OPTION_VALUE, "NAME", N_("the category that the case is counted under; - for none")},
	{"reason", 0, OPTION_VALUE, "WORD", N_("why it is set aside: not-a-report, spam, duplicate, test, other")},
	{"result", 0, OPTION_VALUE, "WORD", N_("how it ended: measures, unconfirmed, no-competence, redirected, forwarded, explained, duplicate, other")},
	{"until", 0, OPTION_VALUE, "DATE", N_("the new last day of the term, YYYY-MM-DD")},
	{"notice", 0, OPTION_VALUE, "WORD", N_("how the reporter was told: mail, paper, telephone, person, or impossible where he left no way")},
	{"part", 0, OPTION_VALUE, "PART", N_("part of the emergency journal: equipment, premises, fire, air-conditioning, power, flood or mail")},
	{"what", 0, OPTION_VALUE, "TEXT", N_("the planned work, in a line")},
	{"notify", 0, OPTION_FLAG, NULL, N_("tell the reporter by a letter that is sent now")},
	{"release", 0, OPTION_FLAG, NULL, N_("end the hold")},
	{"gone", 0, OPTION_VALUE, "CASE", N_("your copies of this case are destroyed, though not by senim here")},
	{"key", 0, OPTION_VALUE, "KEY", N_("the addressee's key as he gave it to you: an age recipient, or the fingerprint of an OpenPGP key")},
	{"wrong", 0, OPTION_FLAG, NULL, N_("enter that the report should not have been redirected")},
	{"with-identity", 0, OPTION_FLAG, NULL, N_("forward it with who wrote it: with the reporter's consent, or by a law")},
	{"consent", 0, OPTION_VALUE, "N", N_("the message of the case in which the reporter agrees to be named; else you are asked")},
	{"law", 0, OPTION_FLAG, NULL, N_("a law asks for the writer's name: you are asked which")},
	{"allow", 0, OPTION_FLAG, NULL, N_("let another officer forward it to an addressee of whom the report speaks")},
	{"even-so", 0, OPTION_FLAG, NULL, N_("do it although you were warned")},
	{"at", 0, OPTION_VALUE, "TIME", N_("the moment, such as 2026-03-06T18:42: with why to be explained, with add when it came")},
	{"role", 0, OPTION_VALUE, "ROLE", N_("officer, deputy, escalation or supervisor")},
	{"order", 0, OPTION_VALUE, "NUMBER", N_("the order by which she is appointed, blocked or let in again, or a case is erased; with inspection the inspector's")},
	{"digest", 0, OPTION_VALUE, "FILE", N_("the order as a file: its digest stands in the register, and nothing else of it")},
	{"names", 0, OPTION_FLAG, NULL, N_("with who reported, and with what was written of grounds")},
	{"no-names", 0, OPTION_FLAG, NULL, N_("without them (the usual)")},
	{"confirm", 0, OPTION_FLAG, NULL, N_("confirm the erasure that another ordered")},
	{"stop", 0, OPTION_FLAG, NULL, N_("stop the erasure that was ordered")},
	{"status", 0, OPTION_FLAG, NULL, N_("how far an erasure went, and what still has to go")},
	{"signed", 0, OPTION_VALUE, "TIME", N_("when that order was signed: 2026-11-23T09:00")},
	{"words", 0, OPTION_VALUE, "WORDS", N_("the six words that the new officer reads out")},
	{"deputy", 0, OPTION_LIST, "NAME", N_("who stands in for her; with init NAME=FILE.pub, who stands in for the officers")},
	{"case", 0, OPTION_VALUE, "CASE", N_("only what concerns this case")},
	{"month", 0, OPTION_VALUE, "MONTH", N_("the month, YYYY-MM; else this one")},
	{"report", 0, OPTION_FLAG, NULL, N_("of each officer how often she looked, and what stands out")},
	{"store", 0, OPTION_VALUE, "DIR", N_("check this stopped store itself, without the registrar")},
	{"texts", 0, OPTION_VALUE, "DIR", N_("page and poster in the organisation's own words, instead of the installed texts")},
	{"archive", 0, OPTION_VALUE, "DIR", N_("this archive, or a copy of it; no key is needed to check it")},
	{"bare", 0, OPTION_FLAG, NULL, N_("without the report's number, moment and marks: only that there is an entry")},
	{"text", 0, OPTION_FLAG, NULL, N_("with the check key of the text, by which the letter itself can be shown to be the one that was registered")},
	{"send", 0, OPTION_FLAG, NULL, N_("send it to whoever reported, as a letter that you see before it goes")},
	{"letter", 0, OPTION_VALUE, "FILE", N_("with --receipt: is the letter in this file the one that was registered?")},
	{"receipt", 0, OPTION_VALUE, "FILE", N_("check this receipt, with the public keys of --log-pub alone")},
	{"code", 0, OPTION_PERSONAL, "CODE", N_("look in the registers for the code that stands in a letter")},
	{"safe", 0, OPTION_VALUE, "FILE", N_("the sheet from the safe, as a text; - reads it from standard input")},
	{"highest", 0, OPTION_LIST, "NUMBER", N_("the highest number that anybody knows of, such as 2026/17 or 2026/X-5; - for none")},
	{"checkpoint", 0, OPTION_LIST, "FILE", N_("the newest control mark that an officer's program has kept of the register")},
	{"scratch", 0, OPTION_VALUE, "DIR", N_("where a restore is practised, instead of memory")},
	{"state", 0, OPTION_VALUE, "DIR", N_("where a witness keeps what it saw; else below your home directory")},
	{"restored", 0, OPTION_FLAG, NULL, N_("go on although the register was restored from an older copy, as it says itself")},
	{"rules", 0, OPTION_VALUE, "DIR", N_("the screening's rules, instead of the installed ones")},
	{"lines", 0, OPTION_FLAG, NULL, N_("each line is a text of its own; one JSON object a line comes back")},
	{"check-rules", 0, OPTION_FLAG, NULL, N_("run the examples of every rule, and hold its words against dictionaries")},
	{"form", 0, OPTION_VALUE, "FORM", N_("the statutory form: kmo or ales; else the mailbox's own")},
	{"format", 0, OPTION_VALUE, "FORMAT", N_("text, html, pdf, csv or json")},
	{"year", 0, OPTION_VALUE, "YEAR", N_("the year; else this one; - for all years")},
	{"language", 0, OPTION_VALUE, "LANGUAGE", N_("the language of what is printed: kk, ru or en")},
	{"line", 0, OPTION_VALUE, "N", N_("the line on the sheet of the paper journal")},
	{"final", 0, OPTION_FLAG, NULL, N_("make the sheets final that change no more, and print these alone")},
	{"close-year", 0, OPTION_FLAG, NULL, N_("make all sheets of the year final: with cover, sheets and certification")},
	{"print", 0, OPTION_FLAG, NULL, N_("to the printer of this machine")},
	{"verify-page", 0, OPTION_VALUE, "N", N_("is the paper sheet N true? The word is the code that stands on it")},
	{NULL, 0, OPTION_FLAG, NULL, NULL},
};

typedef struct {
	const OptionRow *row;
	char *value;
} Given;

struct Options {
	GPtrArray *words;
	GArray *given;
};

static void wipe(gpointer text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

static void given_clear(gpointer data)
{
	wipe(((Given *)data)->value);
}

void options_free(Options *options)
{
	if (options == NULL)
		return;
	g_ptr_array_unref(options->words);
	g_array_unref(options->given);
	g_free(options);
}

static const OptionRow *row_by_name(const OptionRow *table, const char *name, gsize size)
{
	for (; table->name != NULL; table++)
		if (strlen(table->name) == size && memcmp(table->name, name, size) == 0)
			return table;
	return NULL;
}

static const OptionRow *row_by_letter(const OptionRow *table, char letter)
{
	for (; table->name != NULL; table++)
		if (table->letter != 0 && table->letter == letter)
			return table;
	return NULL;
}

static gboolean add(Options *options, const OptionRow *row, const char *value, GError **error)
{
	if (row->kind != OPTION_LIST && options_value(options, row->name) != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s stands twice: name it once"), row->name);
	Given given = {row, g_strdup(value)};
	g_array_append_val(options->given, given);
	return TRUE;
}

/* argv[*i] is an option; takes its value from behind `=` or from the next word. */
static gboolean take(Options *options, const OptionRow *table, int argc, char **argv, int *i, GError **error)
{
	const char *word = argv[*i], *equals = NULL;
	const OptionRow *row;
	if (word[1] == '-') {
		equals = strchr(word, '=');
		row = row_by_name(table, word + 2, equals != NULL ? (gsize)(equals - word - 2) : strlen(word + 2));
	} else {
		row = word[2] == '\0' ? row_by_letter(table, word[1]) : NULL;
	}
	if (row == NULL) {
		g_autofree char *shown = escape_text(word, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("unknown option %s: senim --help lists the options"), shown);
	}
	if (row->kind == OPTION_FLAG && equals != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes no value: write it alone"), row->name);
	if (row->kind == OPTION_FLAG)
		return add(options, row, NULL, error);
	if (equals == NULL && *i + 1 >= argc)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s needs a value: write it behind the option"), row->name);
	char *value = equals != NULL ? argv[*i] + (equals + 1 - word) : argv[++*i];
	gboolean taken = add(options, row, value, error);
	if (row->kind == OPTION_PERSONAL)
		memset(value, 'x', strlen(value));
	return taken;
}

Options *options_parse(const OptionRow *table, int argc, char **argv, GError **error)
{
	g_autoptr(Options) options = g_new0(Options, 1);
	options->words = g_ptr_array_new_with_free_func(wipe);
	options->given = g_array_new(FALSE, FALSE, sizeof(Given));
	g_array_set_clear_func(options->given, given_clear);
	gboolean ended = FALSE;
	for (int i = 1; i < argc; i++) {
		if (ended || argv[i][0] != '-' || argv[i][1] == '\0')
			g_ptr_array_add(options->words, g_strdup(argv[i]));
		else if (strcmp(argv[i], "--") == 0)
			ended = TRUE;
		else if (!take(options, table, argc, argv, &i, error))
			return NULL;
	}
	return g_steal_pointer(&options);
}

const char *options_word(const Options *options, guint n)
{
	return n < options->words->len ? options->words->pdata[n] : NULL;
}

guint options_words(const Options *options)
{
	return options->words->len;
}

static const Given *find(const Options *options, const char *name, guint n)
{
	for (guint i = 0; i < options->given->len; i++) {
		const Given *given = &g_array_index(options->given, Given, i);
		if (strcmp(given->row->name, name) == 0 && n-- == 0)
			return given;
	}
	return NULL;
}

gboolean options_flag(const Options *options, const char *name)
{
	return find(options, name, 0) != NULL;
}

const char *options_value(const Options *options, const char *name)
{
	return options_nth(options, name, 0);
}

const char *options_nth(const Options *options, const char *name, guint n)
{
	const Given *given = find(options, name, n);
	return given != NULL ? given->value : NULL;
}

const char *options_given(const Options *options, guint i)
{
	return i < options->given->len ? g_array_index(options->given, Given, i).row->name : NULL;
}
