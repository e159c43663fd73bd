/* SPDX-License-Identifier: ISC */
#include "policy/telephone.h"

#include <stdio.h>
#include <string.h>

#define WHOLE 11 /* digits of a number of Kazakhstan: what stands behind it is something else */
#define CODE 4   /* +7 and what stands before a bracket */
#define LOOK 4000 /* octets of the text: what a telephone system writes is short */

/* Fields that name the caller, or say by being there which system it is. */
static const struct {
	const char *name;
	gboolean names_caller;
} fields[] = {
	{"X-Asterisk-CallerID", TRUE},       {"X-Asterisk-CallerIDName", FALSE},
	{"X-Asterisk-VM-Message-Num", FALSE}, {"X-Asterisk-VM-Extension", FALSE},
	{"X-CallingTelephoneNumber", TRUE},  {"X-CiscoUnity-CallerID", TRUE},
	{"X-Cisco-Unity-MsgType", FALSE},    {"X-CiscoUnity-MessageType", FALSE},
	{"X-Avaya-CallerID", TRUE},          {"X-Avaya-Message-Type", FALSE},
	{"X-3CX-CallerID", TRUE},            {"X-3CX-Voicemail", FALSE},
	{"X-Voicemail-Caller", TRUE},        {"X-CallerID", TRUE},
	{"X-Fax-Caller", TRUE},
};

static const char *const voice_words[] = {"[pbx]: new message", "new voice message", "voice message", "voicemail", "voice mail",
                                          "голосовое сообщение", "голосовая почта", "запись звонка", "дауыстық хабар",
                                          "дауыстық пошта", "қоңырау жазба", NULL};
static const char *const fax_words[] = {"fax from", "fax message", "incoming fax", "new fax", "facsimile received", "факс от", "получен факс",
                                        "входящий факс", "факс келді", NULL};
/* What stands before the caller, the moment. */
static const char *const from_words[] = {"from ", "from:", "sender:", "caller:", "caller id:", "callerid:", "от ", "от:", "номер:", "с номера ",
                                         "нөмірінен", "нөмір:", "қоңырау шалушы:", NULL};
static const char *const on_words[] = {", on ", " received on ", "received:", "date:", "time:", "время:", "дата:", "уақыты:", " on ", NULL};

/* In lower case, and each letter still at its place. */
static char *lower_in_place(const char *text)
{
	GString *out = g_string_sized_new(strlen(text));
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
		char letter[6];
		gint size = g_unichar_to_utf8(g_unichar_tolower(g_utf8_get_char(at)), letter);
		gboolean same = size == g_utf8_next_char(at) - at;
		g_string_append_len(out, same ? letter : at, g_utf8_next_char(at) - at);
	}
	return g_string_free(out, FALSE);
}

static gboolean holds(const char *lower, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(lower, *words) != NULL)
			return TRUE;
	return FALSE;
}

/* The first telephone number of at least three digits within the next words; extensions are short. */
static char *number_in(const char *text)
{
	g_autoptr(GString) digits = g_string_new(NULL);
	for (guint i = 0; *text != '\0' && i < 80; text++, i++) {
		if (g_ascii_isdigit(*text) || (*text == '+' && digits->len == 0)) {
			g_string_append_c(digits, *text);
		} else if (digits->len >= WHOLE || (digits->len > CODE && *text == '(')) {
			break; /* 87272501122 (2 pages) */
		} else if (digits->len > 0 && strchr(" -()", *text) == NULL) {
			if (digits->len >= 3 || *text == '\n')
				break;
			g_string_truncate(digits, 0);
		}
		if (*text == '\n')
			break;
	}
	gsize n = digits->len;
	return n >= 3 && n <= 16 ? g_string_free(g_steal_pointer(&digits), FALSE) : NULL;
}

static char *behind(const char *text, const char *const *words)
{
	g_autofree char *lower = lower_in_place(text);
	for (; *words != NULL; words++)
		for (const char *at = strstr(lower, *words); at != NULL; at = strstr(at + 1, *words)) {
			char *number = number_in(text + (at - lower) + strlen(*words));
			if (number != NULL)
				return number;
		}
	return NULL;
}

static char *moment_in(const char *text)
{
	g_autofree char *lower = lower_in_place(text);
	for (gsize i = 0; on_words[i] != NULL; i++) {
		const char *at = strstr(lower, on_words[i]);
		const char *from = at != NULL ? text + (at - lower) + strlen(on_words[i]) : NULL;
		gsize size = from != NULL ? strcspn(from, "\r\n") : 0;
		if (size < 6 || size > 120 || strcspn(from, "0123456789") >= size)
			continue;
		const char *so = g_strstr_len(from, (gssize)size, " so ");
		return g_strstrip(g_strndup(from, so != NULL ? (gsize)(so - from) : size));
	}
	return NULL;
}

static void read_fields(const PolicyMessage *message, TelephoneCall *call)
{
	for (guint i = 0; i < message->n_fields; i++) {
		const PolicyField *field = &message->fields[i];
		for (gsize k = 0; k < G_N_ELEMENTS(fields); k++)
			if (g_ascii_strcasecmp(field->name, fields[k].name) == 0) {
				call->voice = TRUE;
				if (fields[k].names_caller && call->caller == NULL)
					call->caller = number_in(field->value);
			}
		if (g_ascii_strcasecmp(field->name, "Message-Context") == 0) {
			g_autofree char *context = g_strstrip(g_ascii_strdown(field->value, -1));
			call->voice |= strcmp(context, "voice-message") == 0;
			call->fax |= strcmp(context, "fax-message") == 0;
		}
	}
	const char *type = message->content_type != NULL ? message->content_type : "";
	call->voice |= strcmp(type, "multipart/voice-message") == 0;
	call->fax |= strcmp(type, "multipart/fax-message") == 0;
}

void telephone_read(const PolicyMessage *message, const char *subject, const char *text, gsize size, TelephoneCall *call)
{
	*call = (TelephoneCall){FALSE, FALSE, NULL, NULL, NULL, NULL};
	read_fields(message, call);
	g_autofree char *line = subject != NULL ? g_utf8_make_valid(subject, -1) : g_strdup("");
	g_autofree char *lower = lower_in_place(line);
	g_autofree char *body = text != NULL ? g_utf8_make_valid(text, (gssize)MIN(size, LOOK)) : g_strdup("");
	call->caller_from = call->caller != NULL ? "header" : NULL;
	if (call->caller == NULL && (call->caller = behind(line, from_words)) != NULL)
		call->caller_from = "subject";
	if (call->caller == NULL && (call->caller = behind(body, from_words)) != NULL)
		call->caller_from = "text";
	call->fax |= call->caller != NULL && holds(lower, fax_words);
	/* A person may send a recording under these words; a machine names a number as well. */
	call->voice |= !call->fax && call->caller != NULL && holds(lower, voice_words);
	call->called = moment_in(body);
	call->called_from = call->called != NULL ? "text" : NULL;
}

/* --- its moment ------------------------------------------------------------------------------------------------------ */

#define RECORDED_MAX 3600 /* from the beginning of a call to the message with its recording */

static gboolean read_numbers(const char *text, guint numbers[6])
{
	memset(numbers, 0, 6 * sizeof *numbers);
	return sscanf(text, "%2u.%2u.%4u%*[ ,]%2u:%2u:%2u", &numbers[2], &numbers[1], &numbers[0], &numbers[3], &numbers[4], &numbers[5]) >= 5 ||
	       sscanf(text, "%4u-%2u-%2u%*[ T]%2u:%2u:%2u", &numbers[0], &numbers[1], &numbers[2], &numbers[3], &numbers[4], &numbers[5]) >= 5;
}

/* "Monday, November 09, 2026 at 10:23:11 AM", as Asterisk writes it. */
static gboolean read_words(const char *text, guint numbers[6])
{
	static const char *const months[] = {"january", "february", "march", "april", "may", "june", "july", "august", "september",
	                                     "october", "november", "december"};
	char month[16], half[3] = "";
	memset(numbers, 0, 6 * sizeof *numbers);
	if (sscanf(text, "%*[A-Za-z], %15[A-Za-z] %2u, %4u at %2u:%2u:%2u %2[AMPamp]", month, &numbers[2], &numbers[0], &numbers[3],
	           &numbers[4], &numbers[5], half) < 6)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(months); i++)
		if (g_ascii_strcasecmp(month, months[i]) == 0)
			numbers[1] = i + 1;
	if (half[0] != '\0' && numbers[3] <= 12)
		numbers[3] = numbers[3] % 12 + (g_ascii_tolower(half[0]) == 'p' ? 12 : 0);
	return TRUE;
}

gint64 telephone_moment(const TelephoneCall *call, gint64 dated, gint64 offset)
{
	guint n[6];
	if (call->called == NULL || (!read_numbers(call->called, n) && !read_words(call->called, n)))
		return dated;
	g_autoptr(GDateTime) written = g_date_time_new_utc((int)n[0], (int)n[1], (int)n[2], (int)n[3], (int)n[4], n[5]);
	gint64 moment = written != NULL ? g_date_time_to_unix(written) - offset : 0;
	return moment <= dated && moment >= dated - RECORDED_MAX ? moment : dated;
}

void telephone_call_clear(TelephoneCall *call)
{
	g_clear_pointer(&call->caller, g_free);
	g_clear_pointer(&call->called, g_free);
}
