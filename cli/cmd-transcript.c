/* SPDX-License-Identifier: ISC */
/* senim transcript CASE [PART]: a call is heard and written down, or its text comes on standard input. The text is an entry
 * of the case, sealed like a note; a later one of the same recording stands instead of it, and strikes it. */
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/casework.h"
#include "cli/content.h"
#include "cli/face.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/transcribe.h"
#include "cli/tui-terminal.h"
#include "cli/view.h"

typedef struct {
	Session *session;
	Case *c;
	const Case *message; /* on which the recording hangs: c, or one that came later */
	const char *ground;
	guint part;          /* 0: the first recording there is */
	guint64 before;      /* the entry of the text in force when she began; 0: none */
} Call;

/* What she typed and has not saved: nowhere but here, until it is saved or senim ends. */
static struct {
	char *of;
	WipeText *text;
} draft;

static char *draft_key(const Call *call)
{
	return g_strdup_printf("%s %" G_GUINT64_FORMAT " %u", call->c->mailbox, call->message->seq, call->part);
}

static void forget_draft(void)
{
	g_clear_pointer(&draft.of, g_free);
	g_clear_pointer(&draft.text, wipe_text_free);
}

/* --- the recording -------------------------------------------------------------------------------------------------------- */

/* Does the letter call it a sound, by type or by name? By its octets it is judged later. */
static gboolean claims_sound(const ViewPart *part)
{
	static const char *const endings[] = {".wav", ".mp3", ".ogg", ".oga", ".opus", ".amr", ".m4a", ".mp4", ".3gp", ".flac", ".au", ".webm"};
	g_autofree char *name = g_ascii_strdown(part->name, -1);
	if (g_str_has_prefix(part->type, "audio/") || strcmp(part->type, "application/ogg") == 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(name, endings[i]))
			return TRUE;
	return FALSE;
}

/* NULL and *error: there is none. */
static const ViewPart *find_recording(const Call *call, const GPtrArray *parts, GError **error)
{
	for (guint i = 0; i < parts->len; i++) {
		const ViewPart *part = parts->pdata[i];
		if (call->part != 0 ? part->index == call->part : claims_sound(part))
			return part;
	}
	g_autofree char *name = case_shown(call->c, call->session->desk);
	cli_fail(error, CLI_ERROR_FAILED,
	         call->part != 0 ? _("%s has no part %u: attachment CASE alone lists them")
	                         : _("no recording hangs on %s: attachment CASE lists what does"),
	         name, call->part);
	return NULL;
}

static void forget(gpointer opening)
{
	opening_forget(opening);
}

/* Opened, an entry; and playing, or rather waiting. */
static Player *fetch(const Call *call, GError **error)
{
	Content content;
	Session *session = call->session;
	const char *command = session->cli->settings->player;
	g_autoptr(Opening) opening = opening_open(session, call->message, SEAL_PART_BODY, "transcript", call->ground, NULL, error);
	g_autoptr(Bundle) view = opening != NULL ? opening_view(session, call->message, opening, error) : NULL;
	g_autoptr(GPtrArray) parts = view != NULL ? view_parts(view, error) : NULL;
	const ViewPart *part = parts != NULL ? find_recording(call, parts, error) : NULL;
	g_autoptr(WipeBuffer) octets = part != NULL ? view_part(session->examiner, opening->message, opening->message_size, part,
	                                                        forget, opening, error)
	                                            : NULL;
	if (octets == NULL)
		return NULL;
	content_sniff(wipe_buffer_data(octets), wipe_buffer_size(octets), &content);
	Player *player = player_start(command != NULL ? command : PLAYER_DEFAULT, content.type, wipe_buffer_data(octets),
	                              wipe_buffer_size(octets), error);
	if (player != NULL && !player_is_cut_off(player))
		face_warn(_("the player could not be cut off from the network on this machine"));
	if (player != NULL && player_swappable(player))
		face_warn(_("this machine may write memory to its disk (swap): turn it off, or encrypt it"));
	return player;
}

/* --- the entry ------------------------------------------------------------------------------------------------------------ */

/* As the case stands now: she may have written for longer than a session lasts, and somebody else meanwhile. */
static gboolean look_again(Call *call, GError **error)
{
	g_autofree char *name = case_shown(call->c, call->session->desk);
	g_autoptr(Case) now = session_find(call->session, name, NULL);
	if (now == NULL && (!session_again(call->session, error) || (now = session_find(call->session, name, error)) == NULL))
		return FALSE;
	if (now->last == call->c->last)
		return TRUE;
	g_autoptr(Row) row = casework_row(call->session, call->c, call->ground, error);
	const RowCall *there = row != NULL ? row_call(row, call->message->seq, call->part) : NULL;
	if (row == NULL || (there != NULL ? there->said.entry : 0) == call->before)
		return row != NULL;
	call->before = there != NULL ? there->said.entry : 0;
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("meanwhile this call was written down by somebody else: read that with show %s, then save yours again if it shall stand instead"), name);
}

static gboolean enter(Call *call, const char *text, GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "transcript");
	record_add_uint(own, "message", call->message->seq);
	record_add_uint(own, "part", call->part);
	const CaseworkAct act = {.kind = ENTRY_NOTED, .target = "/v1/transcript", .own = own, .takes_text = TRUE, .text = text,
	                         .body = json_pack("{s:I, s:I}", "message", (json_int_t)call->message->seq, "part",
	                                           (json_int_t)call->part)};
	return casework_act(call->session, call->c, &act, call->ground, error);
}

static gboolean say_done(const Call *call, GError **error)
{
	g_autofree char *name = case_shown(call->c, call->session->desk);
	if (options_flag(call->session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:i, s:o}", "case", output_value(name), "entry", (json_int_t)call->c->last,
		                             "part", (int)call->part, "struck",
		                             call->before != 0 ? json_integer((json_int_t)call->before) : json_null()), error);
	g_autofree char *line = g_strdup_printf(_("The call of %s is written down as entry %llu.\n"), name,
	                                        (unsigned long long)call->c->last);
	return output_said(line, error);
}

/* --- by ear --------------------------------------------------------------------------------------------------------------- */

/* On the screen, which is hers already or is put up for this alone; or line by line. */
static gboolean hear(const Call *call, Player *player, WipeText **text, gboolean *saved, GError **error)
{
	const Settings *settings = call->session->cli->settings;
	gboolean up = face() != NULL, plain = g_strcmp0(settings->screen, "plain") == 0 || g_strcmp0(g_getenv("TERM"), "dumb") == 0;
	g_autofree char *name = case_shown(call->c, call->session->desk);
	g_autofree char *title = g_strdup_printf(_("What is said in the call of %s"), name);
	if (!up && plain)
		return *saved = transcribe_lines(player, title, text, error);
	if (!up && !tui_terminal_begin(error))
		return FALSE;
	*saved = transcribe_screen(player, title, session_is_kept(), text);
	if (!up)
		tui_terminal_end();
	return TRUE;
}

/* Says why where it cannot be entered: she is at her text again then. */
static gboolean try_to_enter(Call *call, const char *text)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(WipeText) whole = g_strdup(text);
	if (look_again(call, &cause) && enter(call, g_strstrip(whole), &cause))
		return TRUE;
	face_warn(cause->message);
	return FALSE;
}

static void keep_draft(const Call *call, const char *text)
{
	draft.of = draft_key(call);
	draft.text = g_strdup(text);
}

/* Until it is entered or she leaves it: an entry that fails costs her no word. */
static gboolean hear_and_enter(Call *call, const char *before, GError **error)
{
	gboolean saved = FALSE, entered = FALSE;
	g_autoptr(GError) cause = NULL;
	g_autofree char *key = draft_key(call);
	g_autoptr(WipeText) text = g_strdup(g_strcmp0(draft.of, key) == 0 ? draft.text : before);
	g_autoptr(Player) player = fetch(call, error);
	if (player == NULL)
		return FALSE;
	while (!entered && hear(call, player, &text, &saved, &cause) && saved)
		entered = try_to_enter(call, text);
	forget_draft();
	if (!entered && text != NULL && *text != '\0' && strcmp(text, before) != 0)
		keep_draft(call, text);
	if (!entered && cause == NULL)
		cli_fail(&cause, CLI_ERROR_FAILED, _("you broke it off: nothing was entered"));
	if (!entered)
		g_propagate_error(error, g_steal_pointer(&cause));
	return entered;
}

/* --- the command ---------------------------------------------------------------------------------------------------------- */

/* [PART] [-] behind the case. */
static gboolean read_words(const Options *options, guint *part, gboolean *from_stdin, GError **error)
{
	guint64 number;
	*part = 0;
	*from_stdin = !isatty(STDIN_FILENO);
	for (guint i = 2; i < options_words(options); i++) {
		const char *word = options_word(options, i);
		gboolean dash = strcmp(word, "-") == 0;
		if (!dash && (*part != 0 || !g_ascii_string_to_unsigned(word, 10, 1, G_MAXUINT16, &number, NULL)))
			return cli_fail(error, CLI_ERROR_USAGE, _("transcript takes the number of an attachment, and a - where the text comes on standard input"));
		*from_stdin = *from_stdin || dash;
		*part = dash ? *part : (guint)number;
	}
	return TRUE;
}

static gboolean check_text(const char *text, GError **error)
{
	return strlen(text) < TRANSCRIBE_MOST ||
	       cli_fail(error, CLI_ERROR_USAGE, _("a text of a call has at most 32 KiB: shorten it"));
}

static gboolean write_down(Call *call, const char *given, GError **error)
{
	g_autoptr(Row) row = casework_row(call->session, call->c, call->ground, error);
	if (row == NULL)
		return FALSE;
	const RowCall *there = row_call(row, call->message->seq, call->part);
	call->before = there != NULL ? there->said.entry : 0;
	return (given != NULL ? enter(call, given, error)
	                      : hear_and_enter(call, there != NULL ? there->said.value : "", error)) &&
	       say_done(call, error);
}

gboolean cmd_transcript(Cli *cli, GError **error)
{
	guint part;
	gboolean from_stdin;
	if (!case_check_name(options_word(cli->options, 1), error) || !read_words(cli->options, &part, &from_stdin, error) ||
	    !messages_check_options(cli->options, error))
		return FALSE;
	g_autoptr(WipeText) given = from_stdin ? casework_text(error) : NULL;
	if (from_stdin && (given == NULL || !check_text(given, error)))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(Messages) messages = c != NULL ? messages_fetch(session, c, error) : NULL;
	g_autoptr(WipeText) ground = messages != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	Call call = {session, c, messages->message != NULL ? messages->message : c, ground, part, 0};
	return write_down(&call, given, error);
}
