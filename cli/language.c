/* SPDX-License-Identifier: ISC */
#include "cli/language.h"

#include <glib.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>

static gboolean is_plain(const char *locale)
{
	return locale == NULL || locale[0] == '\0' || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0 ||
	       g_str_has_prefix(locale, "C.");
}

/* "kk_KZ.UTF-8@x" names "kk". */
static char *language_of(const char *locale)
{
	return is_plain(locale) ? NULL : g_strndup(locale, strcspn(locale, "_.@"));
}

static char *language_of_environment(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *value = g_getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			return language_of(value); /* the first that is set decides, also when it says C */
	}
	return NULL;
}

void language_init(const char *catalogues, const char *chosen)
{
	const char *asked = g_getenv("LANGUAGE");
	g_autofree char *language = NULL;
	if (asked != NULL && asked[0] != '\0')
		language = g_strdup(asked);
	else
		language = chosen != NULL && chosen[0] != '\0' ? g_strdup(chosen) : language_of_environment();
	setlocale(LC_ALL, "");
	if (language != NULL) {
		if (is_plain(setlocale(LC_MESSAGES, NULL)))
			setlocale(LC_ALL, "C.UTF-8");
		g_setenv("LANGUAGE", language, TRUE);
	}
	setlocale(LC_NUMERIC, "C");
	bindtextdomain("senim", catalogues);
	bind_textdomain_codeset("senim", "UTF-8");
	textdomain("senim");
}

const char *language_shown(void)
{
	static const char code[] = "code:";
	/* po: "code:" and this catalogue's language, as code:kk */
	return _("code:en") + strlen(code);
}

gboolean language_use(const char *language)
{
	extern int _nl_msg_cat_cntr; /* glibc's: what it has looked up so far is looked up again (gettext manual, 11.5) */
	static const char *const known[] = {"kk", "ru", "en", NULL};
	if (!g_strv_contains(known, language))
		return FALSE;
	if (is_plain(setlocale(LC_MESSAGES, NULL)))
		setlocale(LC_MESSAGES, "C.UTF-8");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8"); /* her letters are no ASCII */
	g_setenv("LANGUAGE", language, TRUE);
	_nl_msg_cat_cntr++;
	return TRUE;
}

void language_next(void)
{
	language_use(strcmp(language_shown(), "kk") == 0 ? "ru" : "kk");
}
