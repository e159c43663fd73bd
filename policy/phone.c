/* SPDX-License-Identifier: ISC */
#include "policy/phone.h"

#include <string.h>

#define LABEL_REACH 40 /* octets between a label and its number */

/* +7 and 8 are both the country's; 7 behind them is Kazakhstan. */
char *phone_number(const char *digits, gboolean plus)
{
	gsize n = strlen(digits);
	if (n == 11 && (digits[0] == '7' || (!plus && digits[0] == '8')) && digits[1] == '7')
		return g_strconcat("+7", digits + 1, NULL);
	if (plus && n >= 9 && n <= 15)
		return g_strconcat("+", digits, NULL);
	return NULL;
}

/* Behind a word for a telephone a number may lack its country, and becomes +7; one of the town lacks its area, and stays. */
char *phone_behind_label(const char *digits, const char *at, gsize size)
{
	gsize n = strlen(digits);
	if (n == 10 && digits[0] == '7')
		return g_strconcat("+7", digits, NULL);
	return n >= 5 && n <= 7 ? g_strndup(at, size) : NULL;
}

gboolean phone_is_labelled(const char *lower, gsize at)
{
	static const char *const labels[] = {"тел.", "тел:", "тел ", "телефон", "моб", "номер", "звон", "сот.", "нөмір", "ұялы",
	                                     "қоңырау", "хабарлас", "tel", "phone", "mobile", "cell", "call ", "number", NULL};
	const gsize from = at > LABEL_REACH ? at - LABEL_REACH : 0;
	g_autofree char *before = g_strndup(lower + from, at - from);
	const char *last = strrchr(before, '\n');
	for (gsize i = 0; labels[i] != NULL; i++) {
		const char *label = g_strrstr(last != NULL ? last : before, labels[i]);
		const char *behind = label != NULL ? label + strlen(labels[i]) : NULL;
		while (behind != NULL && *behind != '\0' &&
		       (g_unichar_isalpha(g_utf8_get_char(behind)) || strchr(" .:(+-", *behind) != NULL))
			behind = g_utf8_next_char(behind);
		if (behind != NULL && *behind == '\0' && strstr(label, "договор") == NULL && strstr(label, "счет") == NULL)
			return TRUE;
	}
	return FALSE;
}
