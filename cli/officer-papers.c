/* SPDX-License-Identifier: ISC */
#include "cli/officer-papers.h"

#include <string.h>

#include "base/escape.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/staff.h"
#include "cli/write-file.h"

static gboolean write_page(Page *page, const char *path, GError **error)
{
	g_autoptr(GBytes) pdf = page_render(page, error);
	gsize size;
	const void *data = pdf != NULL ? g_bytes_get_data(pdf, &size) : NULL;
	return pdf != NULL && write_file_new(path, data, size, error);
}

/* --- the act --------------------------------------------------------------------------------------------------------- */

/* The paper is in both languages of the state, whatever language the program speaks: its texts stand here. */
typedef struct {
	const char *title, *organisation, *mailbox, *name, *role, *order, *key, *expires, *never, *entered, *confirmed, *state;
	const char *roles[4], *states[3]; /* officer, deputy, escalation, supervisor; unconfirmed, active, blocked */
	const char *made, *spoken, *lost; /* spoken: only of who was confirmed so */
	const char *herself, *other, *caption;
} ActWords;

static const ActWords act_words[] = {
	{
		.title = "Қолжетімділік кілтін қолданысқа енгізу актісі",
		.organisation = "Ұйым",
		.mailbox = "Сенім жәшігі",
		.name = "Журналдағы аты",
		.role = "Міндеті",
		.order = "Тағайындау бұйрығы",
		.key = "Кілттің таңбасы",
		.expires = "Кілттің мерзімі",
		.never = "шектелмеген",
		.entered = "Журналға енгізілген күн, енгізген",
		.confirmed = "Күшіне енген күн",
		.state = "Жағдайы",
		.roles = {"жауапты қызметкер", "орынбасар", "жоғары тұрған басшылық", "бақылаушы"},
		.states = {"расталмаған", "күшінде", "бұғатталған"},
		.made = "Кілт қызметкердің өз жұмыс орнында жасалды; оның құпия бөлігі ешкімге берілген жоқ және берілмейді.",
		.spoken = "Қызметкер өз компьютері көрсеткен алты сөзді телефон арқылы айтып берді, олар журналдағы жазбамен сәйкес келді.",
		.lost = "Кілт жоғалса немесе бөтен қолға түсуі мүмкін болса, қызметкер бұл туралы бақылаушыға дереу хабарлайды, ал оның "
				"қолжетімділігі сол сәтте бұғатталады.",
		.herself = "Кілттің иесі",
		.other = "Растаған адам",
		.caption = "(қолы, тегі, аты-жөні, күні)",
	},
	{
		.title = "Акт ввода в действие ключа доступа",
		.organisation = "Организация",
		.mailbox = "Ящик доверия",
		.name = "Имя в журнале",
		.role = "Обязанность",
		.order = "Приказ о назначении",
		.key = "Отпечаток ключа",
		.expires = "Срок ключа",
		.never = "не ограничен",
		.entered = "Когда и кем внесено в журнал",
		.confirmed = "Действует с",
		.state = "Состояние",
		.roles = {"ответственный работник", "заместитель", "вышестоящее руководство", "контролирующий"},
		.states = {"не подтверждён", "действует", "заблокирован"},
		.made = "Ключ создан работником на своём рабочем месте; его секретная часть никому не передана и не передаётся.",
		.spoken = "Шесть слов, которые показал компьютер работника, прочитаны по телефону и совпали с записью журнала.",
		.lost = "О потере ключа или о том, что он мог попасть в чужие руки, работник сразу сообщает контролирующему, и доступ "
				"в тот же момент блокируется.",
		.herself = "Владелец ключа",
		.other = "Подтвердивший",
		.caption = "(подпись, фамилия, имя, дата)",
	},
};

/* In groups of four, to be compared with the screen. */
static char *grouped(const char *hex)
{
	GString *text = g_string_new(NULL);
	for (gsize i = 0; hex[i] != '\0'; i++)
		g_string_append_printf(text, "%s%c", i > 0 && i % 4 == 0 ? " " : "", hex[i]);
	return g_string_free(text, FALSE);
}

static const char *word_of(const char *const *words, const char *const *keys, gsize n, const char *key)
{
	for (gsize i = 0; i < n; i++)
		if (strcmp(keys[i], key) == 0)
			return words[i];
	return key;
}

static void add_act(Page *page, const Session *session, const json_t *person, const ActWords *words)
{
	static const char *const roles[] = {"officer", "deputy", "escalation", "supervisor"};
	static const char *const states[] = {"unconfirmed", "active", "blocked"};
	const char *by = staff_text(person, "by"), *order = staff_text(person, "order");
	gboolean in_force = strcmp(staff_text(person, "state"), "unconfirmed") != 0;
	g_autofree char *key = grouped(staff_text(person, "fingerprint"));
	g_autofree char *since = staff_day(session, staff_moment(person, "since"), G_USEC_PER_SEC);
	g_autofree char *added = staff_day(session, staff_moment(person, "added"), G_USEC_PER_SEC);
	g_autofree char *entered = g_strdup_printf("%s, %s", added, by[0] != '\0' ? by : "senim init");
	g_autofree char *expires = staff_moment(person, "expires") != 0 ? staff_key_day(person)
	                                                                : g_strdup(words->never);
	page_title(page, words->title);
	page_pair(page, words->organisation, desk_client_organisation(session->desk));
	page_pair(page, words->mailbox, staff_text(person, "mailbox"));
	page_pair(page, words->name, staff_text(person, "name"));
	page_pair(page, words->role, word_of(words->roles, roles, G_N_ELEMENTS(roles), staff_text(person, "role")));
	page_pair(page, words->order, order[0] != '\0' ? order : "-");
	page_pair(page, words->key, key);
	page_pair(page, words->expires, expires);
	page_pair(page, words->entered, entered);
	page_pair(page, words->confirmed, in_force ? since : "-");
	page_pair(page, words->state, word_of(words->states, states, G_N_ELEMENTS(states), staff_text(person, "state")));
	page_space(page, 4);
	page_text(page, 0, words->made);
	if (by[0] != '\0')
		page_text(page, 0, words->spoken);
	page_text(page, 0, words->lost);
	page_space(page, 8);
	page_signature(page, words->herself, "", words->caption);
	page_space(page, 6);
	page_signature(page, words->other, "", words->caption);
}

gboolean officer_papers_act(Session *session, const char *mailbox, const char *name, GError **error)
{
	const char *path = options_value(session->cli->options, "output");
	g_autoptr(json_t) staff = staff_fetch(session, mailbox, error);
	const json_t *person = staff != NULL ? staff_find(staff, mailbox, name) : NULL;
	if (staff == NULL)
		return FALSE;
	if (path == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("the act is a page to be printed: name its file with --output FILE.pdf"));
	if (person == NULL)
		return cli_fail(error, CLI_ERROR_FAILED, _("there is nobody of that name in the register of %s"), mailbox);
	if (strcmp(staff_text(person, "state"), "unconfirmed") == 0) /* the act would say what is not so yet */
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s is not confirmed yet: the act is made when she is"), name);
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, mailbox);
	for (gsize i = 0; i < G_N_ELEMENTS(act_words); i++) {
		if (i > 0)
			page_break(page);
		add_act(page, session, person, &act_words[i]);
	}
	return write_page(page, path, error);
}

/* --- the handover sheet ------------------------------------------------------------------------------------------------ */

/* One line of a part of the sheet (transfer full). */
static char *line_of(const Session *session, const json_t *item, const char *part)
{
	g_autofree char *day = staff_day(session, staff_moment(item, "time"), G_USEC_PER_SEC);
	if (strcmp(part, "cases") == 0)
		return g_strdup_printf("%s  %s", staff_text(item, "name"),
		                       json_is_true(json_object_get(item, "assigned")) ? _("her work") : _("opened by her"));
	if (strcmp(part, "prints") == 0)
		return g_strdup_printf(_("%s  copy %d of %s"), staff_text(item, "name"), (int)staff_moment(item, "copy"), day);
	return g_strdup_printf(_("%s  exported on %s (entry %d)"), staff_text(item, "name"), day, (int)staff_moment(item, "entry"));
}

static const struct {
	const char *key, *head; /* head: N_() */
} parts[] = {
	{"cases", N_("Open cases")},
	{"prints", N_("Printed copies")},
	{"exports", N_("Exported files that were not destroyed")},
};

static void add_part(const Session *session, json_t *answer, gsize i, Page *page, GString *text)
{
	json_t *list = json_object_get(answer, parts[i].key), *item;
	gsize n;
	page_heading(page, _(parts[i].head));
	g_string_append_printf(text, "\n%s:\n", _(parts[i].head));
	if (json_array_size(list) == 0) {
		page_text(page, 0, _("none"));
		g_string_append_printf(text, "  %s\n", _("none"));
	}
	json_array_foreach(list, n, item) {
		g_autofree char *line = line_of(session, item, parts[i].key);
		g_autofree char *boxed = g_strconcat("☐  ", line, NULL);
		page_text(page, 0, boxed);
		g_string_append_printf(text, "  %s\n", line);
	}
}

gboolean officer_papers_handover(Session *session, const char *mailbox, const char *name, GError **error)
{
	const char *path = options_value(session->cli->options, "output");
	json_t *body = json_pack("{s:s, s:s}", "mailbox", mailbox, "name", name);
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/people/handover", body, NULL, error);
	if (answer == NULL)
		return FALSE;
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, mailbox);
	g_autofree char *title = g_strdup_printf(_("Handover sheet: %s, %s"), name, mailbox);
	g_autoptr(GString) text = g_string_new(title);
	g_string_append_c(text, '\n');
	page_title(page, title);
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		add_part(session, answer, i, page, text);
	gint64 hidden = staff_moment(answer, "hidden");
	if (hidden > 0) {
		g_autofree char *more = g_strdup_printf(_("Besides, %d that the supervisor's sheet names."), (int)hidden);
		page_text(page, 0, more);
		g_string_append_printf(text, "\n%s\n", more);
	}
	page_space(page, 8);
	page_signature(page, _("Handed over"), name, _("(signature, date)"));
	page_space(page, 6);
	page_signature(page, _("Taken over"), "", _("(signature, date)"));
	if (path != NULL)
		return write_page(page, path, error);
	if (options_flag(session->cli->options, "json"))
		return output_json(json_incref(answer), error);
	g_autofree char *shown = escape_text(text->str, -1, ESCAPE_TEXT);
	return output_said(shown, error);
}
