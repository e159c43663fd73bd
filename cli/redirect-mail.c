/* SPDX-License-Identifier: ISC */
#include "cli/redirect-mail.h"

#include <string.h>

#include "base/bundle.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "cli/wipe.h"
#include "store/age.h"

/* "Ресми хат / Официальное письмо": the same for each, so that it tells the relays nothing. */
#define SUBJECT "=?UTF-8?B?0KDQtdGB0LzQuCDRhdCw0YIgLyDQntGE0LjRhtC40LDQu9GM0L3QvtC1?=\r\n =?UTF-8?B?INC/0LjRgdGM0LzQvg==?="

static const char text[] =
	"{organisation}\n{mailbox}\n\n"
	"Сенім жәшігіне түсіп, № {number} болып тіркелген өтініш сенім жәшігі туралы ереженің 6-тармағына сәйкес құзыретіңізге "
	"қарай жіберіледі. Ілеспе хат, өтініш және оның шығу тегі туралы мәліметтер kit.age файлында Сіздің кілтіңізге "
	"шифрланған; оны «age -d -i КІЛТ kit.age» пәрмені ашады.\n\n"
	"Обращение, поступившее на ящик доверия и зарегистрированное под № {number}, направляется Вам по компетенции согласно "
	"пункту 6 положения о ящике доверия. Сопроводительное письмо, обращение и сведения о его происхождении зашифрованы на "
	"Ваш ключ в файле kit.age; его открывает команда «age -d -i КЛЮЧ kit.age».\n";

/* Lines of 76 (RFC 2045, 6.8). */
static void add_base64(WipeBuffer *out, const void *data, gsize size)
{
	const guint8 *octets = data;
	for (gsize at = 0; at < size; at += 57) {
		g_autoptr(WipeText) line = g_base64_encode(octets + at, MIN(57, size - at));
		wipe_buffer_add_text(out, line);
		wipe_buffer_add_text(out, "\r\n");
	}
}

static void add_part(WipeBuffer *out, const char *boundary, const char *type, const char *name, const void *data,
                     gsize size)
{
	g_autofree char *head = g_strdup_printf("--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", boundary, type);
	wipe_buffer_add_text(out, head);
	if (name != NULL) {
		g_autofree char *line = g_strdup_printf("Content-Disposition: attachment; filename=%s\r\n", name);
		wipe_buffer_add_text(out, line);
	}
	wipe_buffer_add_text(out, "\r\n");
	add_base64(out, data, size);
}

static void add_end(WipeBuffer *out, const char *boundary)
{
	g_autofree char *line = g_strdup_printf("--%s--\r\n", boundary);
	wipe_buffer_add_text(out, line);
}

/* What only the addressee reads. */
static GBytes *seal_inner(const RedirectMail *mail, GError **error)
{
	gsize size;
	g_autoptr(GError) cause = NULL;
	const void *kit = g_bytes_get_data(mail->kit, &size);
	g_autofree char *boundary = session_request();
	g_autoptr(WipeBuffer) inner = wipe_buffer_new(2 * (size + mail->message_size) + 1024);
	g_autofree char *head = g_strdup_printf("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n", boundary);
	wipe_buffer_add_text(inner, head);
	add_part(inner, boundary, "application/pdf", "kit.pdf", kit, size);
	add_part(inner, boundary, "application/octet-stream", "letter.eml", mail->message, mail->message_size);
	add_end(inner, boundary);
	const char *const recipients[] = {mail->recipient, NULL};
	GBytes *sealed = age_file_seal(wipe_buffer_data(inner), wipe_buffer_size(inner), recipients, &cause);
	if (sealed == NULL) {
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_FAILED, _("the kit cannot be sealed to the addressee: %s"), why);
	}
	return sealed;
}

static void add_head(WipeBuffer *out, const RedirectMail *mail, const char *boundary)
{
	g_autofree char *token = session_request();
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(mail->date / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, mail->zone);
	/* Names of days and months come from the C locale's LC_TIME (cli/language.h), as RFC 5322 wants them. */
	g_autofree char *date = g_date_time_format(here, "%a, %d %b %Y %H:%M:%S %z");
	g_autofree char *head = g_strdup_printf(
		"From: <%s>\r\nTo: <%s>\r\nSubject: " SUBJECT "\r\nDate: %s\r\nMessage-ID: <%s%s>\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=%s\r\n\r\n",
		mail->mailbox, mail->to, date, token, strrchr(mail->mailbox, '@'), boundary);
	wipe_buffer_add_text(out, head);
}

GBytes *redirect_mail_compose(const RedirectMail *mail, GError **error)
{
	gsize size;
	g_autoptr(GBytes) sealed = seal_inner(mail, error);
	if (sealed == NULL)
		return NULL;
	const void *data = g_bytes_get_data(sealed, &size);
	g_autofree char *boundary = session_request();
	g_autoptr(WipeBuffer) out = wipe_buffer_new(size / 2 * 3 + 8192);
	g_autoptr(GString) facts = g_string_new(text);
	g_string_replace(facts, "{mailbox}", mail->mailbox, 0);
	g_string_replace(facts, "{number}", mail->number, 0);
	g_string_replace(facts, "{organisation}", mail->organisation, 0);
	add_head(out, mail, boundary);
	add_part(out, boundary, "text/plain; charset=utf-8", NULL, facts->str, facts->len);
	add_part(out, boundary, "application/octet-stream", "kit.age", data, size);
	add_end(out, boundary);
	if (wipe_buffer_size(out) > REDIRECT_MAIL_MAX) {
		cli_fail(error, CLI_ERROR_FAILED, _("the report is too large to go by mail: hand it over on paper, with --output FILE"));
		return NULL;
	}
	return g_bytes_new(wipe_buffer_data(out), wipe_buffer_size(out));
}
