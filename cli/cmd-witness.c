/* SPDX-License-Identifier: ISC */
/* senim witness: for somebody outside, whom the organisation sends a control mark of its registers each day. keygen makes his
 * key; with files (mails as they came, or their text) it holds each against what it saw before and answers with a cosignature
 * (store/witness.h); accept gives what came back to the registrar. None of it needs a store, and only accept a registrar. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/desk-client.h"
#include "cli/output.h"
#include "cli/view.h"
#include "installed.h"
#include "store/desk-host.h"
#include "store/witness.h"

#define MAIL_MAX (4 * 1024 * 1024)
#define KEYS_MAX 65536
#define ACCEPT_SECONDS 60

/* --- keygen ---------------------------------------------------------------------------------------------------------- */

static gboolean fail_by(const GError *cause, GError **error)
{
	g_autofree char *why = escape_text(cause != NULL ? cause->message : "", -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, "%s", why);
}

static gboolean keygen(Cli *cli, const char *name, GError **error)
{
	const char *path = options_value(cli->options, "output");
	g_autoptr(GError) cause = NULL;
	if (!note_name_is_valid(name) || strchr(name, '.') == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("a witness's name has no blanks and no plus sign, and one of your own domains in it, such as union.example/board"));
	g_autofree char *file = g_strdup(path != NULL ? path : "witness.key");
	g_autofree char *shown = escape_text(file, -1, ESCAPE_LINE);
	if (g_file_test(file, G_FILE_TEST_EXISTS))
		return cli_fail(error, CLI_ERROR_FAILED, _("%s exists already: choose another name with -o"), shown);
	g_autoptr(NoteSigner) signer = note_witness_generate(name, &cause);
	if (signer == NULL || !note_signer_save(signer, file, &cause))
		return fail_by(cause, error);
	g_autofree char *verifier = note_signer_verifier(signer);
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:o}", "key", output_value(file), "verifier", output_value(verifier)), error);
	g_autofree char *said = g_strdup_printf(_("%s is the key with which you confirm what you saw, and signs nothing else: it stays with you.\n"
	                                          "This line goes to the administrator of the registers:\n"), shown);
	g_autofree char *all = g_strdup_printf("%s%s\n", said, verifier);
	return output_said(all, error);
}

/* --- mails ----------------------------------------------------------------------------------------------------------- */

static const char *examiner_of(const Cli *cli)
{
	return cli->settings->examiner != NULL ? cli->settings->examiner : PKGLIBEXECDIR "/senim-examine";
}

static gboolean is_mail(const char *text)
{
	static const char *const fields[] = {"received:", "subject:", "from:", "return-path:", "delivered-to:", "mime-version:"};
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
		for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL)
			if (g_ascii_strncasecmp(line, fields[i], strlen(fields[i])) == 0)
				return TRUE;
	return FALSE;
}

/* What a mail says where its encoding has to be undone for that: by the caged child. NULL where it is no mail, or it cannot be
 * read (transfer full). */
static char *decoded(const Cli *cli, const char *mail)
{
	g_autoptr(Bundle) view = is_mail(mail) ? view_message(examiner_of(cli), mail, strlen(mail), NULL) : NULL;
	GBytes *text = view != NULL ? bundle_part(view, "text") : NULL;
	return text != NULL ? g_strndup(g_bytes_get_data(text, NULL), g_bytes_get_size(text)) : NULL;
}

/* What the registrar has put into a field of its mail in base64 (transfer full, NULL: nothing). */
static char *field_of(const char *mail, const char *name)
{
	g_autofree char *line = g_strdup_printf("\n%s:", name);
	const char *field = strstr(mail, line);
	g_autoptr(GString) base64 = g_string_new(NULL);
	gsize size;
	if (field == NULL)
		return NULL;
	for (const char *at = field + strlen(line); *at != '\0' && !(*at == '\n' && at[1] != ' ' && at[1] != '\t'); at++)
		if (g_ascii_isalnum(*at) || strchr("+/=", *at) != NULL)
			g_string_append_c(base64, *at);
	g_autofree guchar *octets = g_base64_decode(base64->str, &size);
	return g_strndup((const char *)octets, size);
}

/* --- what one mail brings -------------------------------------------------------------------------------------------- */

/* A sentence for each verdict: origin, entries now, entries kept before. */
static char *sentence(const WitnessResult *result)
{
	g_autofree char *origin = escape_text(result->origin, -1, ESCAPE_LINE);
	unsigned long long size = result->size, kept = result->kept;
	switch (result->verdict) {
	case WITNESS_FIRST:
		return g_strdup_printf(_("%s has %llu entries. It is the first that is seen of this register here, and nothing before it was compared.\n"), origin, size);
	case WITNESS_GROWN:
		return g_strdup_printf(_("%s has %llu entries, and begins with the %llu that were seen here before: nothing of them was altered or taken out.\n"), origin, size, kept);
	case WITNESS_SAME:
		return g_strdup_printf(_("%s has %llu entries, the same that were seen here before.\n"), origin, size);
	case WITNESS_OLDER:
		return g_strdup_printf(_("%s: this mail is an older one, with %llu entries, and was looked at before; it has had %llu since.\n"), origin, size, kept);
	case WITNESS_RESTORED:
		return g_strdup_printf(_("%s was restored and has %llu entries; what was seen here up to %llu is kept as lost. Ask the organisation what was lost.\n"), origin, size, kept);
	default:
		return NULL;
	}
}

static gboolean refusal(const WitnessResult *result, GError **error)
{
	g_autofree char *origin = escape_text(result->origin, -1, ESCAPE_LINE);
	g_autofree char *evidence = result->evidence != NULL ? escape_text(result->evidence, -1, ESCAPE_LINE) : NULL;
	unsigned long long size = result->size, kept = result->kept;
	if (result->verdict == WITNESS_GAP && !result->restored)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s: between this mail and those that were seen here (%llu entries) some are missing: look at these first, oldest first; where there are none, send the answer, and the next mail goes on from it"), origin, kept);
	if (result->restored)
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s says that it was restored from a copy and lost what came after it: ask the organisation when and why, and then look at this mail once more with --restored; what does not go together is kept in %s"), origin, evidence);
	switch (result->verdict) {
	case WITNESS_FORKED:
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s IS NOT WHAT WAS SEEN HERE: with %llu entries it was another register. Entries were altered. Keep %s and this mail, tell the higher leadership and the other trustees, and confirm nothing"), origin, size, evidence);
	case WITNESS_SHORTENED:
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s HAS %llu ENTRIES WHERE %llu WERE SEEN HERE: entries were taken out, unless this is an old mail that came late. Keep %s and this mail, tell the higher leadership and the other trustees, and confirm nothing"), origin, size, kept, evidence);
	default:
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s DOES NOT SHOW THAT IT BEGINS WITH THE %llu ENTRIES THAT WERE SEEN HERE: they were altered, or the mail was on its way. Keep %s and this mail, and tell the higher leadership and the other trustees"), origin, kept, evidence);
	}
}

static json_t *object_of(const WitnessResult *result)
{
	return json_pack("{s:s, s:o, s:I, s:I, s:o, s:o, s:b}", "verdict", witness_verdict_word(result->verdict), "origin",
	                 output_value(result->origin), "entries", (json_int_t)result->size, "kept", (json_int_t)result->kept, "answer",
	                 result->answer != NULL ? output_string(result->answer, strlen(result->answer)) : json_null(), "evidence",
	                 output_value(result->evidence), "restored", result->restored);
}

/* What is sent back: the control mark with all signatures under it. */
static gboolean say(const Cli *cli, const WitnessResult *result, gboolean cosigned, GError **error)
{
	if (options_flag(cli->options, "json"))
		return output_json(object_of(result), error);
	g_autofree char *first = sentence(result);
	g_autofree char *answer = result->answer != NULL && cosigned ? escape_text(result->answer, -1, ESCAPE_TEXT) : NULL;
	g_autofree char *all = g_strdup_printf("%s%s%s", first != NULL ? first : "", first != NULL && answer != NULL ? "\n" : "",
	                                       answer != NULL ? answer : "");
	return *all == '\0' || output_said(all, error);
}

static gboolean is_sound(const WitnessResult *result)
{
	return result->verdict != WITNESS_GAP && !witness_is_refusal(result->verdict);
}

/* The request from what this witness has confirmed: where answers or mails were lost, or the register was restored, that is
 * the one that leads on. */
static gboolean try_other(const WitnessOptions *options, const char *mail, const char *restored, WitnessResult *result, GError **error)
{
	g_auto(WitnessResult) second = {0};
	g_autofree char *other = field_of(mail, "X-Senim-Request");
	if (is_sound(result) || other == NULL)
		return TRUE;
	if (!witness_take(options, other, strlen(other), restored, &second, error))
		return FALSE;
	if (is_sound(&second) || second.restored) {
		WitnessResult first = *result;
		*result = second;
		second = first;
	}
	return TRUE;
}

static gboolean take(const Cli *cli, const WitnessOptions *options, const char *mail, GError **error)
{
	g_auto(WitnessResult) result = {0};
	g_autoptr(GError) cause = NULL;
	g_auto(AddCheckpoint) probe = {0};
	g_autofree char *restored = field_of(mail, "X-Senim-Restored");
	g_autofree char *text = add_checkpoint_read(mail, strlen(mail), &probe, NULL) ? NULL : decoded(cli, mail);
	const char *request = text != NULL ? text : mail;
	if (!witness_take(options, request, strlen(request), restored, &result, &cause) ||
	    !try_other(options, mail, restored, &result, &cause))
		return fail_by(cause, error);
	if (!say(cli, &result, options->signer != NULL, error))
		return FALSE;
	return is_sound(&result) || refusal(&result, error);
}

/* --- its surroundings ------------------------------------------------------------------------------------------------ */

static WipeBuffer *read_mail(const char *name, GError **error)
{
	int fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
	g_autoptr(WipeBuffer) mail = wipe_buffer_new(16384);
	gboolean read = fd >= 0 && wipe_buffer_read(mail, fd, MAIL_MAX);
	int number = errno;
	if (fd >= 0)
		close(fd);
	if (read)
		return g_steal_pointer(&mail);
	g_autofree char *shown = escape_text(name, -1, ESCAPE_LINE);
	cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be read: %s"), shown, g_strerror(number));
	return NULL;
}

static GPtrArray *read_keys(const char *file, GError **error)
{
	gsize size;
	g_autofree char *text = NULL;
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)note_verifier_free);
	if (file != NULL && g_file_get_contents(file, &text, &size, NULL) && size <= KEYS_MAX) {
		g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
		for (char **line = lines; *line != NULL; line++) {
			NoteVerifier *key = note_verifier_new(g_strchomp(*line), NULL);
			if (key != NULL)
				g_ptr_array_add(keys, key);
		}
	}
	if (keys->len > 0)
		return g_steal_pointer(&keys);
	cli_fail(error, CLI_ERROR_USAGE, _("--log-pub must name the registers' public keys (log.pub) that the organisation gave you"));
	return NULL;
}

static char *default_state(void)
{
	return g_build_filename(g_get_user_state_dir(), "senim", "witness", NULL);
}

/* One refusal among many mails does not keep the others from being looked at: the worst of them is what is said last. */
static gboolean take_all(const Cli *cli, const WitnessOptions *options, GError **error)
{
	g_autoptr(GError) worst = NULL;
	guint words = options_words(cli->options);
	for (guint i = 1; i < MAX(words, 2); i++) {
		g_autoptr(GError) cause = NULL;
		const char *name = i < words ? options_word(cli->options, i) : "-";
		g_autoptr(WipeBuffer) mail = read_mail(name, &cause);
		if (mail != NULL && take(cli, options, wipe_buffer_data(mail), &cause))
			continue;
		if (worst != NULL)
			g_printerr("senim: %s\n", worst->code >= cause->code ? cause->message : worst->message);
		if (worst == NULL || cause->code > worst->code) {
			g_clear_error(&worst);
			worst = g_steal_pointer(&cause);
		}
	}
	if (worst != NULL)
		g_propagate_error(error, g_steal_pointer(&worst));
	return worst == NULL && *error == NULL;
}

static gboolean watch(Cli *cli, GError **error)
{
	g_autoptr(GError) cause = NULL;
	const char *state = options_value(cli->options, "state"), *identity = options_value(cli->options, "identity");
	g_autofree char *directory = state != NULL ? g_strdup(state) : default_state();
	g_autoptr(GPtrArray) keys = read_keys(cli->settings->log_pub, error);
	if (keys == NULL)
		return FALSE;
	g_autoptr(NoteSigner) signer = identity != NULL ? note_witness_load(identity, &cause) : NULL;
	if (cause != NULL)
		return fail_by(cause, error);
	const WitnessOptions options = {directory, keys, signer, g_get_real_time() / G_USEC_PER_SEC,
	                                options_flag(cli->options, "restored")};
	return take_all(cli, &options, error);
}

/* --- accept ---------------------------------------------------------------------------------------------------------- */

static gboolean say_accepted(const Cli *cli, json_t *answer, GError **error)
{
	json_t *list = json_object_get(answer, "witnessed");
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:O}", "witnessed", list), error);
	g_autoptr(GString) out = g_string_new(NULL);
	for (gsize i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		const char *mailbox = desk_get_text(item, "mailbox", error), *trustee = mailbox != NULL ? desk_get_text(item, "trustee", error) : NULL;
		guint64 size;
		if (trustee == NULL || !desk_get_uint(item, "size", &size, error))
			return FALSE;
		g_autofree char *first = escape_text(mailbox, -1, ESCAPE_LINE), *second = escape_text(trustee, -1, ESCAPE_LINE);
		g_string_append_printf(out, _("%s: %s has confirmed the register up to %llu entries.\n"), first, second, (unsigned long long)size);
	}
	return output_said(out->str, error);
}

static gboolean accept_answer(Cli *cli, const char *file, GError **error)
{
	g_autoptr(Config) config = cli_config(cli, error);
	g_autoptr(WipeBuffer) mail = config != NULL ? read_mail(file, error) : NULL;
	if (mail == NULL)
		return FALSE;
	g_autofree char *text = decoded(cli, wipe_buffer_data(mail));
	g_autofree char *all = g_strdup_printf("%s\n%s", wipe_buffer_data(mail), text != NULL ? text : "");
	g_autofree char *lines = note_cosignature_words(all);
	if (*lines == '\0')
		return cli_fail(error, CLI_ERROR_FAILED, _("there is no cosignature in it: it is what senim witness prints for the trustee, sent back as it is"));
	g_autofree char *socket = config_run_path(config, "desk.sock");
	g_autoptr(json_t) answer =
		desk_client_ask_host(socket, DESK_HOST_COSIGNED, json_pack("{s:s}", "words", lines), ACCEPT_SECONDS, error);
	return answer != NULL && say_accepted(cli, answer, error);
}

gboolean cmd_witness(Cli *cli, GError **error)
{
	const char *what = options_word(cli->options, 1), *name = options_word(cli->options, 2);
	gboolean with_key = g_strcmp0(what, "keygen") == 0, with_answer = g_strcmp0(what, "accept") == 0;
	if ((with_key || with_answer) && (name == NULL || options_words(cli->options) > 3))
		return cli_fail(error, CLI_ERROR_USAGE, _("witness takes keygen NAME, accept FILE, or the files of mails: senim witness --help shows how it is used"));
	return with_key ? keygen(cli, name, error) : with_answer ? accept_answer(cli, name, error) : watch(cli, error);
}
