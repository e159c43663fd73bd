/* SPDX-License-Identifier: ISC */
/* senim rekey FILE: from her key to a newer one, FILE, in steps that each can be begun again. Announced with the old key;
 * once another has confirmed it, case by case sealed to the newer key too, opened with that, and taken from the old one.
 * senim rekey --to NAME: the cases that she reads, sealed to another reader too.
 * senim rekey --from NAME: what another opens as well, taken from the keys of somebody who is blocked. */
#include <string.h>

#include "base/escape.h"
#include "cli/face.h"
#include "cli/index-feed.h"
#include "cli/keys.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/readers.h"
#include "cli/reseal.h"
#include "cli/rewrap.h"
#include "cli/spoken.h"
#include "cli/staff.h"

#define GROUND_ROTATION "rotation" /* of acts that look at nothing */

/* What was done, all mailboxes together. */
typedef struct {
	const KeyfilePublic *newer; /* NULL: --to */
	const char *to;             /* whom the cases go to */
	guint waiting;              /* mailboxes: announced, and not confirmed yet */
	guint ready;                /* mailboxes in which the newer key is in force */
	RewrapDone sealed, freed;   /* sealed to it; taken from the older key */
	Index *index;               /* her search index, as the older key opened it, or NULL */
	guint64 gone, kept;         /* --from: letters, cards and texts */
	ResealDone resealed;        /* --reseal */
	gboolean going_on;          /* with what was broken off */
	char *words_kk, *words_ru;  /* of a key that waits */
	WipeText *ground;           /* asked for once, where there is anything to do */
} Rekey;

/* --- mailboxes ------------------------------------------------------------------------------------------------------- */

typedef gboolean (*EachMailbox)(Session *session, const char *mailbox, Rekey *rekey, GError **error);

static gboolean is_asked(const Options *options, const char *mailbox)
{
	const char *named;
	for (guint i = 0; (named = options_nth(options, "mailbox", i)) != NULL; i++)
		if (strcmp(named, mailbox) == 0)
			return TRUE;
	return options_nth(options, "mailbox", 0) == NULL;
}

/* A mailbox that is not hers, or not this key's any more, is passed over: all of them are none. */
static gboolean each_mailbox(Session *session, Rekey *rekey, EachMailbox step, GError **error)
{
	const char *mailbox, *origin;
	g_autoptr(GError) refused = NULL;
	guint done = 0;
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		GError *cause = NULL;
		if (!is_asked(session->cli->options, mailbox))
			continue;
		if (step(session, mailbox, rekey, &cause)) {
			done++;
		} else if (g_error_matches(cause, CLI_ERROR, CLI_ERROR_REFUSED)) {
			g_clear_error(&refused);
			refused = cause;
		} else {
			g_propagate_error(error, cause);
			return FALSE;
		}
	}
	if (done > 0)
		return TRUE;
	if (refused == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no such mailbox: check --mailbox"));
	g_propagate_error(error, g_steal_pointer(&refused));
	return FALSE;
}

/* --- case after case --------------------------------------------------------------------------------------------------- */

typedef gboolean (*Step)(Session *session, const RewrapBatch *batch, const char *to, const char *ground, RewrapDone *done,
                         GError **error);

/* Asked for once. */
static gboolean take_ground(Session *session, Rekey *rekey, GError **error)
{
	if (rekey->ground == NULL)
		rekey->ground = session_ground_anew(session, error);
	return rekey->ground != NULL;
}

static gboolean run_batch(Session *session, const RewrapBatch *batch, Rekey *rekey, Step step, RewrapDone *count,
                          GError **error)
{
	RewrapDone done = {0, 0};
	if (!take_ground(session, rekey, error) || !step(session, batch, rekey->to, rekey->ground, &done, error))
		return FALSE;
	count->cases += done.cases;
	count->grounds += done.grounds;
	return TRUE;
}

/* All that is left to do in one mailbox, batch after batch. */
static gboolean run_batches(Session *session, const char *mailbox, Rekey *rekey, Step step, RewrapDone *count, GError **error)
{
	g_autoptr(GPtrArray) cases = rewrap_missing_cases(session, mailbox, rekey->to, error);
	g_autoptr(GArray) grounds = cases != NULL ? rewrap_missing_grounds(session, mailbox, rekey->to, error) : NULL;
	if (grounds == NULL)
		return FALSE;
	g_auto(Progress) progress = {.all = cases->len, .proving = step == rewrap_prove};
	for (guint i = 0; i < cases->len; i += REWRAP_CASES) {
		const RewrapBatch batch = {.mailbox = mailbox,
		                           .cases = (Case *const *)(gpointer)(cases->pdata + i),
		                           .n_cases = MIN(cases->len - i, REWRAP_CASES)};
		if (!run_batch(session, &batch, rekey, step, count, error))
			return FALSE;
		progress_case(&progress, batch.n_cases);
	}
	for (guint i = 0; i < grounds->len; i += REWRAP_GROUNDS) {
		const RewrapBatch batch = {.mailbox = mailbox,
		                           .grounds = &g_array_index(grounds, guint64, i),
		                           .n_grounds = MIN(grounds->len - i, REWRAP_GROUNDS)};
		if (!run_batch(session, &batch, rekey, step, count, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean seal_mailbox(Session *session, const char *mailbox, Rekey *rekey, GError **error)
{
	return run_batches(session, mailbox, rekey, rewrap_seal, &rekey->sealed, error);
}

/* --- her own newer key: with the old one ------------------------------------------------------------------------------- */

/* Her own row of the mailbox's people (a new reference). */
static json_t *find_me(Session *session, const char *mailbox, GError **error)
{
	g_autoptr(json_t) staff = staff_fetch(session, mailbox, error);
	json_t *me = staff != NULL ? staff_find(staff, mailbox, desk_client_officer(session->desk)) : NULL;
	if (staff != NULL && me == NULL)
		desk_form_error(error, "people");
	return json_incref(me);
}

static gboolean announce(Session *session, const char *mailbox, const KeyfilePublic *newer, GError **error)
{
	g_autoptr(Record) own = record_new();
	g_autofree char *sign = g_base64_encode(newer->sign, sizeof newer->sign);
	record_add(own, "act", "rotate");
	record_add(own, "name", desk_client_officer(session->desk));
	record_add(own, "body-key", newer->body);
	record_add(own, "card-key", newer->card);
	record_add(own, "sign-key", sign);
	record_add_printf(own, "expires", "%" G_GINT64_FORMAT, newer->expires);
	json_t *body = json_pack("{s:s, s:s, s:s, s:I}", "body_key", newer->body, "card_key", newer->card, "sign_key", sign,
	                         "expires", (json_int_t)newer->expires);
	return opening_act_of(session, mailbox, ENTRY_KEY, "/v1/people/rotate", body, own, GROUND_ROTATION, error);
}

static gboolean has_key(json_t *keys, const KeyfilePublic *half)
{
	return g_strcmp0(json_string_value(json_object_get(keys, "body")), half->body) == 0;
}

/* The six words by which another sees that it is this key which she confirms. */
static gboolean take_words(Session *session, Rekey *rekey, GError **error)
{
	guint8 hash[32];
	const KeyfilePublic *newer = rekey->newer;
	g_autofree char *sign = g_base64_encode(newer->sign, sizeof newer->sign);
	g_autoptr(json_t) keys = json_pack("{s:s, s:s, s:s}", "body", newer->body, "card", newer->card, "sign", sign);
	if (rekey->words_kk != NULL)
		return TRUE;
	if (!staff_hash(session, keys, hash, error))
		return FALSE;
	rekey->words_kk = spoken_say(spoken_kk, hash);
	rekey->words_ru = spoken_say(spoken_ru, hash);
	return TRUE;
}

static gboolean go_over(Session *session, const char *mailbox, Rekey *rekey, GError **error)
{
	g_autoptr(json_t) me = find_me(session, mailbox, error);
	if (me == NULL)
		return FALSE;
	if (has_key(me, rekey->newer)) {
		rekey->ready++;
		return seal_mailbox(session, mailbox, rekey, error);
	}
	rekey->waiting++;
	if (!take_words(session, rekey, error))
		return FALSE;
	return has_key(json_object_get(me, "next"), rekey->newer) || announce(session, mailbox, rekey->newer, error);
}

/* --- and with the newer one ---------------------------------------------------------------------------------------------- */

static gboolean finish(Session *session, const char *mailbox, Rekey *rekey, GError **error)
{
	g_autoptr(json_t) me = find_me(session, mailbox, error);
	if (me == NULL || !run_batches(session, mailbox, rekey, rewrap_prove, &rekey->freed, error))
		return FALSE;
	if (json_integer_value(json_object_get(me, "older")) == 0)
		return TRUE;
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "retire");
	record_add(own, "name", rekey->to);
	return opening_act_of(session, mailbox, ENTRY_KEY, "/v1/people/retire", json_object(), own, GROUND_ROTATION, error);
}

/* Nothing but comfort is lost where that fails. */
static void keep_index(Session *session, const Rekey *rekey)
{
	const IndexPlace place = index_feed_place(session);
	g_autoptr(GError) cause = NULL;
	if (rekey->index != NULL && rekey->waiting == 0 && !index_take_over(&place, rekey->index, &cause))
		face_warn(cause->message);
}

static gboolean finish_with(const Cli *cli, const char *path, Rekey *rekey, GError **error)
{
	Settings settings = *cli->settings;
	Cli other = *cli;
	settings.identity = (char *)path;
	other.settings = &settings;
	g_autoptr(Session) session = session_open(&other, error);
	if (session == NULL || !each_mailbox(session, rekey, finish, error))
		return FALSE;
	keep_index(session, rekey);
	return TRUE;
}

/* --- somebody who is out --------------------------------------------------------------------------------------------------- */

/* Passed over where she is not blocked. */
static gboolean strip_mailbox(Session *session, const char *mailbox, Rekey *rekey, GError **error)
{
	guint64 gone, kept;
	g_autoptr(json_t) staff = staff_fetch(session, mailbox, error);
	const json_t *person = staff != NULL ? staff_find(staff, mailbox, rekey->to) : NULL;
	if (staff == NULL)
		return FALSE;
	if (person == NULL || strcmp(staff_text(person, "state"), "blocked") != 0)
		return TRUE;
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "strip");
	record_add(own, "name", rekey->to);
	g_autoptr(Act) act = act_begin(session, mailbox, GROUND_ROTATION, error);
	json_t *body = json_pack("{s:s}", "name", rekey->to);
	g_autoptr(json_t) answer = act != NULL ? act_post(act, "/v1/people/strip", body, error) : (json_decref(body), NULL);
	if (answer == NULL || !act_check(act, &(LookAct){.kind = ENTRY_KEY, .own = own}, NULL, error) ||
	    !desk_get_uint(answer, "gone", &gone, error) || !desk_get_uint(answer, "kept", &kept, error))
		return FALSE;
	rekey->ready++;
	rekey->gone += gone;
	rekey->kept += kept;
	return TRUE;
}

static gboolean rekey_from(const Cli *cli, const char *name, Rekey *rekey, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	g_autofree char *shown = escape_text(name, -1, ESCAPE_LINE);
	rekey->to = name;
	if (session == NULL || !each_mailbox(session, rekey, strip_mailbox, error))
		return FALSE;
	if (rekey->ready == 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s is not blocked: first senim officer block %s"), shown, shown);
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:I}", "name", output_value(name), "gone", (json_int_t)rekey->gone, "kept",
		                             (json_int_t)rekey->kept),
		                   error);
	g_autofree char *said = g_strdup_printf(_("Letters, cards and notes that the keys of %s open no longer: %u. Left, because nobody else in force opens them: %u.\n"),
	                                        shown, (guint)rekey->gone, (guint)rekey->kept);
	return output_said(said, error);
}

/* --- under fresh file keys --------------------------------------------------------------------------------------------------- */

#define BEGUN "reseal" /* kept beside the pins while --reseal --all is under way: below which entry everything is done anew */

/* Where a run that was broken off began; else here. */
static gboolean begin_reseal(Session *session, const char *mailbox, const char *origin, Rekey *rekey, guint64 *before,
                             GError **error)
{
	guint8 root[NOTE_ROOT];
	g_autoptr(GError) cause = NULL;
	g_autofree char *begun = pins_word(session->pins, origin, BEGUN, &cause);
	g_autoptr(People) people = cause == NULL ? readers_fetch(session, mailbox, NULL, &cause) : NULL;
	if (people == NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	if (begun != NULL && g_ascii_string_to_unsigned(begun, 10, 1, G_MAXINT64, before, NULL))
		return rekey->going_on = TRUE;
	/* What the register has grown to stands in the checkpoint that came with the readers. */
	if (!pins_kept(session->pins, origin, before, root, error))
		return FALSE;
	g_autofree char *word = g_strdup_printf("%" G_GUINT64_FORMAT, *before);
	return pins_keep_word(session->pins, origin, BEGUN, word, error);
}

/* One of the desk's own mailboxes. */
static const char *origin_of(const Session *session, const char *mailbox)
{
	const char *one, *origin = NULL;
	for (guint i = 0; desk_client_mailbox(session->desk, i, &one, &origin); i++)
		if (strcmp(one, mailbox) == 0)
			break;
	return origin;
}

static gboolean reseal_mailbox(Session *session, const char *mailbox, Rekey *rekey, GError **error)
{
	guint64 before;
	const char *origin = origin_of(session, mailbox);
	if (!begin_reseal(session, mailbox, origin, rekey, &before, error))
		return FALSE;
	g_autoptr(GPtrArray) cases = reseal_missing(session, mailbox, before, error);
	if (cases == NULL)
		return FALSE;
	g_auto(Progress) progress = {.all = cases->len};
	for (guint i = 0; i < cases->len; i++) {
		if (!take_ground(session, rekey, error) ||
		    !reseal_case(session, cases->pdata[i], before, TRUE, rekey->ground, &rekey->resealed, error))
			return FALSE;
		progress_case(&progress, 1);
	}
	return pins_keep_word(session->pins, origin, BEGUN, "0", error);
}

static gboolean reseal_named(Session *session, Rekey *rekey, GError **error)
{
	const char *name;
	for (guint i = 1; (name = options_word(session->cli->options, i)) != NULL; i++) {
		g_autoptr(Case) c = session_find(session, name, error);
		if (c == NULL || !take_ground(session, rekey, error) ||
		    !reseal_case(session, c, G_MAXINT64, FALSE, rekey->ground, &rekey->resealed, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean say_resealed(const Cli *cli, const Rekey *rekey, GError **error)
{
	const ResealDone *done = &rekey->resealed;
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:i, s:i, s:i, s:b}", "resealed", (int)done->done, "without_card", (int)done->without_card,
		                             "left", (int)done->left, "went_on", rekey->going_on),
		                   error);
	g_autofree char *said = g_strdup_printf(_("Reports and answers that are encrypted anew: %u. Of them without sender and subject in the list, which your key does not open: %u. Left, because they are not yours to open or wait: %u.\n"),
	                                        done->done, done->without_card, done->left);
	return output_said(said, error);
}

static gboolean rekey_reseal(const Cli *cli, Rekey *rekey, GError **error)
{
	gboolean all = options_flag(cli->options, "all");
	if (all == (options_word(cli->options, 1) != NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("senim rekey --reseal takes the numbers of cases, or --all"));
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	session_warn_host(session);
	return (all ? each_mailbox(session, rekey, reseal_mailbox, error) : reseal_named(session, rekey, error)) &&
	       say_resealed(cli, rekey, error);
}

/* --- what she hears -------------------------------------------------------------------------------------------------------- */

static gboolean say_waiting(const Rekey *rekey, const char *path, GError **error)
{
	g_autofree char *file = escape_text(path, -1, ESCAPE_LINE), *line = NULL;
	line = g_strdup_printf(_("The new key waits to be confirmed. Read these six words to another officer, in one language:\n\n"
	                         "  қазақша:    %s\n"
	                         "  по-русски:  %s\n\n"
	                         "She types them into senim officer confirm %s. Then type this once more: senim rekey %s. "
	                         "Until then all goes on with the old key.\n"),
	                       rekey->words_kk, rekey->words_ru, rekey->to, file);
	return output_said(line, error);
}

static gboolean say(const Cli *cli, const Rekey *rekey, const char *path, GError **error)
{
	gboolean over = rekey->newer != NULL && rekey->waiting == 0;
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:i, s:i, s:i, s:i, s:i, s:b, s:o, s:o}", "name", output_value(rekey->to),
		                             "waiting", (int)rekey->waiting, "sealed", (int)rekey->sealed.cases, "grounds",
		                             (int)rekey->sealed.grounds, "freed", (int)rekey->freed.cases, "grounds_freed",
		                             (int)rekey->freed.grounds, "done", rekey->newer == NULL || over, "words_kk",
		                             output_value(rekey->words_kk), "words_ru", output_value(rekey->words_ru)),
		                   error);
	if (rekey->newer != NULL && rekey->ready == 0)
		return say_waiting(rekey, path, error);
	g_autofree char *name = escape_text(rekey->to, -1, ESCAPE_LINE), *file = escape_text(path != NULL ? path : "", -1, ESCAPE_LINE);
	g_autofree char *sealed = g_strdup_printf(_("Cases that are now sealed to %s too: %u.\n"), name, rekey->sealed.cases);
	if (rekey->newer == NULL)
		return output_said(sealed, error);
	g_autofree char *freed = g_strdup_printf(_("Cases that the old key opens no longer: %u. From now on your key is %s: name it with --identity, and destroy the old one and its copies.\n"),
	                                         rekey->freed.cases, file);
	if (!output_said(freed, error))
		return FALSE;
	return rekey->waiting == 0 || say_waiting(rekey, path, error);
}

/* --- the command ------------------------------------------------------------------------------------------------------------ */

static gboolean rekey_own(const Cli *cli, const char *path, Rekey *rekey, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *half = g_strconcat(path, ".pub", NULL);
	g_autoptr(KeyfilePublic) newer = keyfile_public_read(half, &cause);
	if (newer == NULL || newer->card == NULL) {
		g_autofree char *why = escape_text(cause != NULL ? cause->message : half, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("%s: make the new key with senim keygen, and name its file here"), why);
	}
	rekey->newer = newer;
	{
		g_autoptr(Session) session = session_open(cli, error);
		if (session == NULL)
			return FALSE;
		rekey->to = cli->settings->officer;
		const IndexPlace place = index_feed_place(session);
		rekey->index = index_feed_wanted(session) ? index_read(&place, NULL) : NULL;
		if (!each_mailbox(session, rekey, go_over, error))
			return FALSE;
	}
	if (rekey->ready > 0 && !finish_with(cli, path, rekey, error))
		return FALSE;
	return say(cli, rekey, path, error);
}

static gboolean rekey_for(const Cli *cli, const char *name, Rekey *rekey, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	rekey->to = name;
	if (strcmp(name, desk_client_officer(session->desk)) == 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("for your own newer key name its file: senim rekey FILE"));
	return each_mailbox(session, rekey, seal_mailbox, error) && say(cli, rekey, NULL, error);
}

gboolean cmd_rekey(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	const char *path = options_word(options, 1), *to = options_value(options, "to"), *from = options_value(options, "from");
	gboolean reseal = options_flag(options, "reseal");
	Rekey rekey = {.to = NULL};
	gboolean done;
	if (reseal ? to != NULL || from != NULL
	           : (path != NULL) + (to != NULL) + (from != NULL) != 1 || options_word(options, 2) != NULL || options_flag(options, "all"))
		return cli_fail(error, CLI_ERROR_USAGE, _("senim rekey takes the file of your new key, or --to NAME, or --from NAME, or --reseal"));
	if (session_is_kept())
		return cli_fail(error, CLI_ERROR_USAGE, _("leave the prompt first: rekey signs in by itself"));
	if (reseal)
		done = rekey_reseal(cli, &rekey, error);
	else if (path != NULL)
		done = rekey_own(cli, path, &rekey, error);
	else
		done = to != NULL ? rekey_for(cli, to, &rekey, error) : rekey_from(cli, from, &rekey, error);
	wipe_text_free(rekey.ground);
	index_free(rekey.index);
	g_free(rekey.words_kk);
	g_free(rekey.words_ru);
	return done;
}
