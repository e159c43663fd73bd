/* SPDX-License-Identifier: ISC */
#include "cli/redirect-mail.h"

#include <string.h>

#include "base/bundle.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/entity.h"
#include "cli/face.h"
#include "cli/format.h"
#include "cli/memory-room.h"
#include "cli/session.h"
#include "cli/wipe.h"
#include "policy/letter-text.h"
#include "store/age.h"
#include "store/openpgp.h"

#define COLUMNS 76

/* How the annexes are come by: behind the letter of facts where it goes in clear, else the facts alone. */
static const char facts_kk[] =
	"{organisation}\n{mailbox}\n\n"
	"Сенім жәшігіне түсіп, № {number} болып тіркелген өтініш сенім жәшігі туралы ережеге сәйкес құзыретіңізге "
	"қарай жіберіледі. ";
static const char facts_ru[] =
	"Обращение, поступившее на ящик доверия и зарегистрированное под № {number}, направляется Вам по компетенции согласно "
	"положению о ящике доверия. ";
static const char sealed_kk[] =
	"Ілеспе хат, өтініш және оның шығу тегі туралы мәліметтер kit.age файлында Сіздің кілтіңізге шифрланған; оны «age -d -i "
	"КІЛТ kit.age» пәрмені ашады.";
static const char sealed_ru[] =
	"Сопроводительное письмо, обращение и сведения о его происхождении зашифрованы на Ваш ключ в файле kit.age; его открывает "
	"команда «age -d -i КЛЮЧ kit.age».";
static const char open_kk[] =
	"Ілеспе хат, өтініш және оның шығу тегі туралы мәліметтер kit.pdf файлында, хаттың түпнұсқасы letter.eml файлында.";
static const char open_ru[] =
	"Сопроводительное письмо, обращение и сведения о его происхождении — в файле kit.pdf, подлинник письма — в файле "
	"letter.eml.";

static const char forwarded_kk[] =
	"{organisation}\n{mailbox}\n\n"
	"Сенім жәшігіне түсіп, № {number} болып тіркелген өтініштің мазмұны құзыретіңізге қарай қарау үшін жіберіледі. ";
static const char forwarded_ru[] =
	"Содержание обращения, поступившего на ящик доверия и зарегистрированного под № {number}, направляется Вам для рассмотрения "
	"по компетенции. ";
static const char forwarded_sealed_kk[] =
	"Ілеспе хат пен мәтін kit.age файлында Сіздің кілтіңізге шифрланған; оны «age -d -i КІЛТ kit.age» пәрмені ашады.";
static const char forwarded_sealed_ru[] =
	"Сопроводительное письмо и текст зашифрованы на Ваш ключ в файле kit.age; его открывает команда «age -d -i КЛЮЧ kit.age».";
static const char forwarded_open_kk[] = "Ілеспе хат пен мәтін kit.pdf файлында.";
static const char forwarded_open_ru[] = "Сопроводительное письмо и текст — в файле kit.pdf.";

const char *redirect_mail_word(RedirectMailForm form)
{
	static const char *const words[] = {"age", "openpgp", "clear"};
	return words[form];
}

/* --- parts ------------------------------------------------------------------------------------------------------------ */

/* The letter of facts, in Kazakh and Russian. */
char *redirect_mail_facts(const RedirectMail *mail)
{
	/* redirected or forwarded; in clear or sealed; then what stands before it */
	static const char *const words[2][3][2] = {
		{{open_kk, open_ru}, {sealed_kk, sealed_ru}, {facts_kk, facts_ru}},
		{{forwarded_open_kk, forwarded_open_ru}, {forwarded_sealed_kk, forwarded_sealed_ru}, {forwarded_kk, forwarded_ru}},
	};
	const char *const (*of)[2] = words[mail->forwarded ? 1 : 0];
	const guint sealed = mail->form == REDIRECT_MAIL_AGE ? 1 : 0;
	g_autoptr(GString) facts = g_string_new(NULL);
	g_string_append_printf(facts, "%s%s\n\n%s%s\n", of[2][0], of[sealed][0], of[2][1], of[sealed][1]);
	g_string_replace(facts, "{mailbox}", mail->mailbox, 0);
	g_string_replace(facts, "{number}", mail->number, 0);
	g_string_replace(facts, "{organisation}", mail->organisation, 0);
	char *wrapped = letter_text_wrap(facts->str, COLUMNS);
	g_strdelimit(wrapped, "\r", '\n');
	g_auto(GStrv) lines = g_strsplit(wrapped, "\n\n", -1); /* CRLF, as LF here */
	g_free(wrapped);
	return g_strjoinv("\n", lines);
}

static void add_facts(WipeBuffer *out, const char *boundary, const RedirectMail *mail)
{
	g_autofree char *facts = redirect_mail_facts(mail);
	entity_part(out, boundary, "text/plain; charset=utf-8", NULL, facts, strlen(facts));
}

/* The kit and the original; the letter of facts with them unless it stands outside. */
static WipeBuffer *make_inner(const RedirectMail *mail, gboolean with_facts)
{
	gsize size;
	const void *kit = g_bytes_get_data(mail->kit, &size);
	g_autofree char *boundary = session_request();
	WipeBuffer *inner = wipe_buffer_new(2 * (size + mail->message_size) + 8192);
	entity_multipart(inner, "mixed", boundary);
	if (with_facts)
		add_facts(inner, boundary, mail);
	entity_part(inner, boundary, "application/pdf", "kit.pdf", kit, size);
	if (mail->message != NULL)
		entity_part(inner, boundary, "application/octet-stream", "letter.eml", mail->message, mail->message_size);
	entity_end(inner, boundary);
	return inner;
}

/* --- age -------------------------------------------------------------------------------------------------------------- */

static WipeBuffer *compose_age(const RedirectMail *mail, GError **error)
{
	gsize size;
	g_autoptr(GError) cause = NULL;
	g_autoptr(WipeBuffer) inner = make_inner(mail, FALSE);
	g_autoptr(WipeBuffer) message = wipe_buffer_new(wipe_buffer_size(inner) + 64);
	wipe_buffer_add_text(message, "MIME-Version: 1.0\r\n");
	wipe_buffer_add(message, wipe_buffer_data(inner), wipe_buffer_size(inner));
	const char *const recipients[] = {mail->recipient, NULL};
	g_autoptr(GBytes) sealed = age_file_seal(wipe_buffer_data(message), wipe_buffer_size(message), recipients, &cause);
	if (sealed == NULL) {
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_FAILED, _("the kit cannot be sealed to the addressee: %s"), why);
		return NULL;
	}
	const void *data = g_bytes_get_data(sealed, &size);
	g_autofree char *boundary = session_request();
	WipeBuffer *out = wipe_buffer_new(size / 2 * 3 + 8192);
	entity_multipart(out, "mixed", boundary);
	add_facts(out, boundary, mail);
	entity_part(out, boundary, "application/octet-stream", "kit.age", data, size);
	entity_end(out, boundary);
	return out;
}

/* --- OpenPGP ---------------------------------------------------------------------------------------------------------- */

/* What the errors of store/openpgp.h say to her. */
static gboolean fail_openpgp(const RedirectMail *mail, const GError *cause, GError **error)
{
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	switch ((OpenpgpError)cause->code) {
	case OPENPGP_ERROR_PROGRAM:
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("gpg, which seals to %s, does not work here (%s): ask the administrator to install gnupg on this machine"),
		                mail->name, why);
	case OPENPGP_ERROR_FINGERPRINT:
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the key file of %s holds another OpenPGP key than the configured fingerprint says: nothing was sent; tell the administrator at once"),
		                mail->name);
	case OPENPGP_ERROR_EXPIRED:
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the OpenPGP key of %s has expired: ask for a new one, and meanwhile hand the kit over on paper, with --output FILE"),
		                mail->name);
	case OPENPGP_ERROR_REVOKED:
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the OpenPGP key of %s is revoked: ask for a new one, and meanwhile hand the kit over on paper, with --output FILE"),
		                mail->name);
	case OPENPGP_ERROR_FILE:
	case OPENPGP_ERROR_NO_SUBKEY:
		break;
	}
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the OpenPGP key file of %s cannot be used (%s): ask the administrator for a good one, and meanwhile hand the kit over on paper, with --output FILE"),
	                mail->name, why);
}

static void warn_of_end(const RedirectMail *mail, gint64 expires)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	if (expires == 0 || expires - now > OPENPGP_WARN_DAYS * 86400)
		return;
	g_autofree char *day = format_time_iso(expires * G_USEC_PER_SEC, mail->zone);
	day[strcspn(day, "T")] = '\0';
	g_autofree char *sentence =
		g_strdup_printf(_("warning: the OpenPGP key of %s ends on %s: ask for a new one in time"), mail->name, day);
	face_warn(sentence);
}

/* plain NULL: a check alone; else *sealed. */
static gboolean use_openpgp(const RedirectMail *mail, const WipeBuffer *plain, GBytes **sealed, GError **error)
{
	gint64 expires = 0;
	g_autoptr(GError) cause = NULL;
	g_autoptr(MemoryRoom) room = memory_room_new(error);
	if (room == NULL)
		return FALSE;
	const OpenpgpKey key = {mail->key, mail->fingerprint, memory_room_home(room)};
	if (plain == NULL ? !openpgp_check(&key, &expires, &cause)
	                  : (*sealed = openpgp_seal(&key, wipe_buffer_data(plain), wipe_buffer_size(plain), &expires, &cause)) == NULL)
		return fail_openpgp(mail, cause, error);
	if (plain == NULL)
		warn_of_end(mail, expires);
	return TRUE;
}

/* RFC 3156, 4; the armour's lines end as a mail's do. */
static WipeBuffer *compose_openpgp(const RedirectMail *mail, GError **error)
{
	gsize size;
	g_autoptr(GBytes) sealed = NULL;
	g_autoptr(WipeBuffer) inner = make_inner(mail, TRUE);
	if (!use_openpgp(mail, inner, &sealed, error))
		return NULL;
	const char *data = g_bytes_get_data(sealed, &size);
	g_autofree char *boundary = session_request();
	WipeBuffer *out = wipe_buffer_new(size / 2 * 3 + 8192);
	entity_multipart(out, "encrypted; protocol=\"application/pgp-encrypted\"", boundary);
	g_autofree char *parts = g_strdup_printf("--%s\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--%s\r\n"
	                                         "Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n",
	                                         boundary, boundary);
	wipe_buffer_add_text(out, parts);
	for (gsize at = 0; at < size;) {
		const char *end = memchr(data + at, '\n', size - at);
		gsize length = end != NULL ? (gsize)(end - data) - at : size - at;
		wipe_buffer_add(out, data + at, length);
		wipe_buffer_add_text(out, "\r\n");
		at += length + 1;
	}
	entity_end(out, boundary);
	return out;
}

/* --- a letter --------------------------------------------------------------------------------------------------------- */

static WipeBuffer *compose_clear(const RedirectMail *mail, GError **error G_GNUC_UNUSED)
{
	return make_inner(mail, TRUE);
}

gboolean redirect_mail_check(const RedirectMail *mail, GError **error)
{
	return mail->form != REDIRECT_MAIL_OPENPGP || use_openpgp(mail, NULL, NULL, error);
}

GBytes *redirect_mail_compose(const RedirectMail *mail, GError **error)
{
	static WipeBuffer *(*const compose[])(const RedirectMail *mail, GError **error) = {compose_age, compose_openpgp, compose_clear};
	g_autoptr(WipeBuffer) entity = compose[mail->form](mail, error);
	if (entity == NULL)
		return NULL;
	if (wipe_buffer_size(entity) <= REDIRECT_MAIL_MAX)
		return bundle_secret_bytes(wipe_buffer_data(entity), wipe_buffer_size(entity));
	cli_fail(error, CLI_ERROR_FAILED, _("the report is too large to go by mail: hand it over on paper, with --output FILE"));
	return NULL;
}
