/* SPDX-License-Identifier: ISC */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/face.h"

#define PASSPHRASE_MAX 1024
#define PASSPHRASE_LEAST 8
#define PASSPHRASE_PAGES 4096

struct Passphrase {
	gsize size;
	char text[PASSPHRASE_MAX + 1];
};
G_STATIC_ASSERT(sizeof(Passphrase) <= PASSPHRASE_PAGES);

static Passphrase *passphrase_new(GError **error)
{
	void *pages = mmap(NULL, PASSPHRASE_PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || mlock(pages, PASSPHRASE_PAGES) != 0) {
		if (pages != MAP_FAILED)
			munmap(pages, PASSPHRASE_PAGES);
		cli_fail(error, CLI_ERROR_FAILED, _("no memory that stays out of swap can be had: raise the limit of locked memory"));
		return NULL;
	}
	madvise(pages, PASSPHRASE_PAGES, MADV_DONTDUMP);
	madvise(pages, PASSPHRASE_PAGES, MADV_WIPEONFORK);
	return pages;
}

void passphrase_free(Passphrase *passphrase)
{
	if (passphrase == NULL)
		return;
	explicit_bzero(passphrase, sizeof *passphrase);
	munmap(passphrase, PASSPHRASE_PAGES);
}

const char *passphrase_text(const Passphrase *passphrase)
{
	return passphrase->text;
}

gsize passphrase_size(const Passphrase *passphrase)
{
	return passphrase->size;
}

typedef enum { LINE_READ, LINE_EMPTY, LINE_LONG, LINE_BROKEN } Line;

/* One octet at a time: what follows the line is another reader's. */
static Line read_line(int fd, Passphrase *passphrase)
{
	passphrase->size = 0;
	for (;;) {
		char c;
		gssize n = read(fd, &c, 1);
		if (n < 0)
			return LINE_BROKEN; /* EINTR too: ^C at the question */
		if (n == 0 || c == '\n')
			break;
		if (passphrase->size == PASSPHRASE_MAX)
			return LINE_LONG;
		passphrase->text[passphrase->size++] = c;
	}
	if (passphrase->size > 0 && passphrase->text[passphrase->size - 1] == '\r')
		passphrase->size--;
	passphrase->text[passphrase->size] = '\0';
	return passphrase->size > 0 ? LINE_READ : LINE_EMPTY;
}

/* Short ones fall to whoever has the file: scrypt slows guessing down, and does no more. */
static gboolean judge_new(const Passphrase *passphrase, GError **error)
{
	return g_utf8_strlen(passphrase->text, (gssize)passphrase->size) >= PASSPHRASE_LEAST ||
	       cli_fail(error, CLI_ERROR_USAGE, _("the new passphrase has fewer than %d characters: take a longer one, best several words"),
	                PASSPHRASE_LEAST);
}

static gboolean judge(Line line, GError **error)
{
	switch (line) {
	case LINE_READ:
		return TRUE;
	case LINE_EMPTY:
		return cli_fail(error, CLI_ERROR_USAGE, _("the passphrase is empty: type it again"));
	case LINE_LONG:
		return cli_fail(error, CLI_ERROR_USAGE, _("the passphrase has more than %d octets: take a shorter one"),
		                PASSPHRASE_MAX);
	default:
		return cli_fail(error, CLI_ERROR_USAGE, _("no passphrase could be read: try again"));
	}
}

static gboolean read_descriptor(const char *number, Passphrase *passphrase, GError **error)
{
	guint64 fd;
	if (!g_ascii_string_to_unsigned(number, 10, 0, 1023, &fd, NULL) || fcntl((int)fd, F_GETFD) < 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("--passphrase-fd needs the number of an open descriptor: 0 is standard input"));
	return judge(read_line((int)fd, passphrase), error);
}

static void put(int terminal, const char *text)
{
	gssize n = write(terminal, text, strlen(text));
	(void)n; /* a terminal that takes no question gives no answer either */
}

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* The terminal is put back also when ^C ends the question. */
static Line read_answer(int terminal, const char *question, gboolean echo, Passphrase *passphrase)
{
	struct termios was, silent;
	if (tcgetattr(terminal, &was) != 0)
		return LINE_BROKEN;
	struct sigaction catch = {.sa_handler = interrupt}, before;
	interrupted = 0;
	sigaction(SIGINT, &catch, &before);
	silent = was;
	if (!echo)
		silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	silent.c_lflag |= ICANON | ISIG;
	tcsetattr(terminal, TCSAFLUSH, &silent);
	put(terminal, question);
	Line line = read_line(terminal, passphrase);
	tcsetattr(terminal, TCSAFLUSH, &was);
	if (!echo)
		put(terminal, "\n");
	sigaction(SIGINT, &before, NULL);
	return interrupted ? LINE_BROKEN : line;
}

static Line read_silently(int terminal, const char *question, Passphrase *passphrase)
{
	return read_answer(terminal, question, FALSE, passphrase);
}

static gboolean read_terminal(const char *question, const char *again, Passphrase *passphrase, GError **error)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0)
		return cli_fail(error, CLI_ERROR_REFUSED, _("there is no terminal to ask for the passphrase: use --passphrase-fd N"));
	face_aside(TRUE);
	gboolean done = judge(read_silently(terminal, question, passphrase), error);
	if (done && again != NULL) {
		g_autoptr(Passphrase) second = passphrase_new(error);
		done = second != NULL && judge(read_silently(terminal, again, second), error);
		if (done && (second->size != passphrase->size || memcmp(second->text, passphrase->text, second->size) != 0))
			done = cli_fail(error, CLI_ERROR_USAGE, _("the two passphrases differ: start again"));
	}
	face_aside(FALSE);
	close(terminal);
	return done;
}

static Passphrase *ask(const Options *options, const char *shown, gboolean twice, GError **error)
{
	g_autoptr(Passphrase) passphrase = passphrase_new(error);
	if (passphrase == NULL)
		return NULL;
	const char *number = options_value(options, "passphrase-fd");
	g_autofree char *name = escape_text(shown, -1, ESCAPE_LINE);
	g_autofree char *question =
		twice ? g_strdup_printf(_("New passphrase for %s: "), name) : g_strdup_printf(_("Passphrase of %s: "), name);
	gboolean done = number != NULL ? read_descriptor(number, passphrase, error)
	                               : read_terminal(question, twice ? _("The same once more: ") : NULL, passphrase, error);
	return done && (!twice || judge_new(passphrase, error)) ? g_steal_pointer(&passphrase) : NULL;
}

Passphrase *passphrase_ask(const Options *options, const char *shown, GError **error)
{
	return ask(options, shown, FALSE, error);
}

Passphrase *passphrase_ask_new(const Options *options, const char *shown, GError **error)
{
	return ask(options, shown, TRUE, error);
}

Passphrase *passphrase_ask_secret(const Options *options, const char *question, GError **error)
{
	g_autoptr(Passphrase) secret = passphrase_new(error);
	const char *number = options_value(options, "passphrase-fd");
	gboolean done = secret != NULL && (number != NULL ? read_descriptor(number, secret, error)
	                                                  : read_terminal(question, NULL, secret, error));
	return done ? g_steal_pointer(&secret) : NULL;
}

/* In the officer's screen: FALSE where she left the line empty. */
static gboolean read_face(const char *question, Passphrase *answer, GError **error)
{
	g_autoptr(WipeText) line = face()->line(question, NULL, error);
	if (line == NULL || strlen(line) > PASSPHRASE_MAX)
		return FALSE;
	answer->size = strlen(line);
	memcpy(answer->text, line, answer->size + 1);
	return TRUE;
}

Passphrase *passphrase_ask_aloud(const char *question, GError **error)
{
	g_autoptr(Passphrase) answer = passphrase_new(error);
	if (answer != NULL && face() != NULL)
		return read_face(question, answer, error) ? g_steal_pointer(&answer) : NULL;
	int terminal = answer != NULL ? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1;
	if (terminal < 0)
		return NULL;
	gboolean done = judge(read_answer(terminal, question, TRUE, answer), error);
	close(terminal);
	return done ? g_steal_pointer(&answer) : NULL;
}

gboolean passphrase_tell(const char *line)
{
	if (face() != NULL) {
		face()->warn(line);
		return TRUE;
	}
	int terminal = open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	gssize n = write(terminal >= 0 ? terminal : STDERR_FILENO, line, strlen(line));
	if (terminal >= 0)
		close(terminal);
	return n > 0;
}
