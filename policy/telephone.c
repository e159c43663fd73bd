/* SPDX-License-Identifier: ISC */
#include "policy/telephone.h"

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
	*call = (TelephoneCall){FALSE, FALSE, NULL, NULL};
	read_fields(message, call);
	g_autofree char *line = subject != NULL ? g_utf8_make_valid(subject, -1) : g_strdup("");
	g_autofree char *lower = lower_in_place(line);
	g_autofree char *body = text != NULL ? g_utf8_make_valid(text, (gssize)MIN(size, LOOK)) : g_strdup("");
	if (call->caller == NULL)
		call->caller = behind(line, from_words);
	if (call->caller == NULL)
		call->caller = behind(body, from_words);
	call->fax |= call->caller != NULL && holds(lower, fax_words);
	/* A person may send a recording under these words; a machine names a number as well. */
	call->voice |= !call->fax && call->caller != NULL && holds(lower, voice_words);
	call->called = moment_in(body);
}

void telephone_call_clear(TelephoneCall *call)
{
	g_clear_pointer(&call->caller, g_free);
	g_clear_pointer(&call->called, g_free);
}
