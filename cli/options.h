/* SPDX-License-Identifier: ISC */
/* cli/options.h - the command line: options before or after their words, one table for parser and help.
 *
 * An option is `--name`, `--name VALUE`, `--name=VALUE`, `-x` or `-x VALUE`; `--` ends them; a lone `-` is a word. An
 * option means the same with every command, so the line is read in one pass, before the command is known; which command
 * takes which option is senim.c's table.
 * Ownership: Options owns copies; getters return borrowed text, valid until options_free(), which wipes them (a ground
 *            may name a person).
 * Fails:     NULL and *error (CLI_ERROR_USAGE). */
#ifndef SENIM_CLI_OPTIONS_H
#define SENIM_CLI_OPTIONS_H

#include <glib.h>

typedef enum {
	OPTION_FLAG,     /* takes no value */
	OPTION_VALUE,    /* takes one, and may stand once */
	OPTION_PERSONAL, /* the same; it may name a person: wiped from argv, which every user of the host can read */
	OPTION_LIST,     /* takes one, and may be repeated */
} OptionKind;

typedef struct {
	const char *name;
	char letter; /* or 0 */
	OptionKind kind;
	const char *value; /* its name in the help, or NULL */
	const char *help;  /* N_() */
} OptionRow;

/* Every option of the program, ended by a row with name NULL. */
extern const OptionRow options_table[];

typedef struct Options Options;

Options *options_parse(const OptionRow *table, int argc, char **argv, GError **error);
void options_free(Options *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)

/* The words in their order, the command's name the first; NULL past the end. */
const char *options_word(const Options *options, guint n);
guint options_words(const Options *options);
gboolean options_flag(const Options *options, const char *name);
/* The first (for OPTION_VALUE the only) value, or NULL. */
const char *options_value(const Options *options, const char *name);
/* The n-th value, or NULL. */
const char *options_nth(const Options *options, const char *name, guint n);
/* Every option given, in order: its name while there is an i-th, then NULL. */
const char *options_given(const Options *options, guint i);

#endif
