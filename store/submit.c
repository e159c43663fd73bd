/* SPDX-License-Identifier: ISC */
#include "store/submit.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/command.h"
#include "base/octets.h"

static gboolean fail(GError **error, GIOErrorEnum code, const char *what, const char *why)
{
	g_set_error(error, G_IO_ERROR, code, "%s: %s", what, why);
	return FALSE;
}

/* --- a sendmail command ------------------------------------------------------------ */

/* The message as an unnamed file in memory, read from its start; -1 and errno. */
static int message_file(GBytes *message)
{
	gsize size;
	const void *data = g_bytes_get_data(message, &size);
	int fd = memfd_create("letter", MFD_CLOEXEC);
	if (fd >= 0 && (!octets_write(fd, data, size) || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* submit's words, then `-t -f FROM`: the recipient is read from the To field of the letter, which names one address and no
 * other. A reporter's on a command line could be read by everybody who may list processes. */
static char **command_line(const char *submit, const char *from, GError **error)
{
	g_auto(GStrv) words = NULL;
	if (!g_shell_parse_argv(submit, NULL, &words, error))
		return NULL;
	g_autoptr(GStrvBuilder) all = g_strv_builder_new();
	g_strv_builder_addv(all, (const char **)words);
	g_strv_builder_add_many(all, "-t", "-f", from, NULL);
	return g_strv_builder_end(all);
}

/* sysexits.h: what will be the same the next time; a signal: it hung, and command_run() ended it. */
static GIOErrorEnum code_of_status(int status)
{
	static const int for_good[] = {EX_DATAERR, EX_NOUSER, EX_NOHOST, EX_NOPERM};
	if (!WIFEXITED(status))
		return G_IO_ERROR_HOST_UNREACHABLE;
	for (gsize i = 0; i < G_N_ELEMENTS(for_good); i++)
		if (WEXITSTATUS(status) == for_good[i])
			return G_IO_ERROR_PERMISSION_DENIED;
	return G_IO_ERROR_FAILED;
}

static gboolean run_command(const char *submit, const char *from, GBytes *message, GError **error)
{
	g_auto(GStrv) argv = command_line(submit, from, error);
	if (argv == NULL)
		return FALSE;
	int input = message_file(message);
	if (input < 0)
		return fail(error, G_IO_ERROR_FAILED, "no memory for a letter", g_strerror(errno));
	int status, failed = command_run(argv, input, SUBMIT_SECONDS, &status);
	close(input);
	if (failed != 0)
		return fail(error, G_IO_ERROR_HOST_UNREACHABLE, argv[0], g_strerror(failed));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return TRUE;
	g_autofree char *why = WIFEXITED(status) ? g_strdup_printf("exit code %d", WEXITSTATUS(status))
	                                         : g_strdup_printf("ended by signal %d", WTERMSIG(status));
	return fail(error, code_of_status(status), argv[0], why);
}

/* --- SMTP ---------------------------------------------------------------------------- */

typedef struct {
	const guint8 *data;
	gsize left;
} Upload;

static gsize read_upload(char *buffer, gsize size, gsize n, void *user)
{
	Upload *upload = user;
	gsize now = MIN(size * n, upload->left);
	memcpy(buffer, upload->data, now);
	upload->data += now;
	upload->left -= now;
	return now;
}

static gsize drop(char *data G_GNUC_UNUSED, gsize size, gsize n, void *user G_GNUC_UNUSED)
{
	return size * n;
}

static void set_options(CURL *curl, const char *url, const char *from, struct curl_slist *to, Upload *upload)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp");
	curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* also none of the environment's */
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SUBMIT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)upload->left);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_upload);
	curl_easy_setopt(curl, CURLOPT_READDATA, upload);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
}

static GIOErrorEnum code_of_reply(CURLcode code, long reply)
{
	if (reply >= 500 && reply < 600)
		return G_IO_ERROR_PERMISSION_DENIED;
	return reply == 0 || code == CURLE_OPERATION_TIMEDOUT ? G_IO_ERROR_HOST_UNREACHABLE : G_IO_ERROR_FAILED;
}

static gboolean speak_smtp(const char *submit, const char *ehlo, const char *from, const char *to, GBytes *message,
                           GError **error)
{
	g_autofree char *url = g_strdup_printf("%s/%s", submit, ehlo);
	g_autofree char *path = g_strdup_printf("<%s>", to);
	g_autofree char *back = g_strdup_printf("<%s>", from);
	Upload upload;
	upload.data = g_bytes_get_data(message, &upload.left);
	CURL *curl = curl_easy_init();
	struct curl_slist *recipients = curl_slist_append(NULL, path);
	CURLcode code = CURLE_OUT_OF_MEMORY;
	if (curl != NULL && recipients != NULL) {
		set_options(curl, url, back, recipients, &upload);
		code = curl_easy_perform(curl);
	}
	long reply = 0;
	if (curl != NULL)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
	curl_slist_free_all(recipients);
	curl_easy_cleanup(curl);
	if (code == CURLE_OK)
		return TRUE;
	g_autofree char *why = g_strdup_printf("%s (last reply %ld)", curl_easy_strerror(code), reply);
	return fail(error, code_of_reply(code, reply), submit, why);
}

gboolean submit_message(const char *submit, const char *ehlo, const char *from, const char *to, GBytes *message,
                        GError **error)
{
	if (g_str_has_prefix(submit, "smtp://"))
		return speak_smtp(submit, ehlo, from, to, message, error);
	return run_command(submit, from, message, error);
}
