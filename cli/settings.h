/* SPDX-License-Identifier: ISC */
/* cli/settings.h - what an officer would else type each time: ~/.config/senim/officer.conf, overruled by options.
 *
 * GLib key-file syntax, one group [senim]; senim(1) lists the keys. An unknown key is an error that names the file and
 * the keys there are. The file need not exist. "~/" begins the home directory.
 * Ownership: Settings owns its strings.
 * Fails:     CLI_ERROR_USAGE. */
#ifndef SENIM_CLI_SETTINGS_H
#define SENIM_CLI_SETTINGS_H

#include "cli/options.h"

typedef struct {
	char *config;   /* path of senim.conf: on the mail host; else NULL */
	char *desk;     /* path of desk.sock, or ssh://…; NULL: that of config */
	char *officer;
	char *identity;
	char *log_pub;  /* NULL: log.pub beside config */
	char *language;
	char *examiner; /* path of senim-examine; NULL: that of config, or where it is installed */
	char *ssh_config; /* of ssh, where the desk is reached by it; NULL: its own */
	char *token;    /* path of the identity file that the token's program made, or NULL */
	char *plugin;   /* the age plug-ins that may be started: names, between ';' */
	char *viewer;   /* "TYPE: COMMAND; …", cli/viewer.h; or NULL */
	char *player;   /* the program that plays recordings, cli/player.h; NULL: PLAYER_DEFAULT */
	char *clamd;    /* the scanner's socket; NULL: Debian's, where it is there */
	char *printer;  /* a queue of CUPS, or ipp://localhost…; or NULL */
	char *screen;   /* "plain": numbered lines; else NULL */
	char *search_index; /* "no": what she opens goes into no index on this machine; else NULL, or "yes" */
	char *file;     /* officer.conf itself, for messages */
} Settings;

/* Reads officer.conf (path NULL: its usual place). */
Settings *settings_load(const char *path, GError **error);
void settings_free(Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)
/* Options overrule the file. */
gboolean settings_overrule(Settings *settings, const Options *options, GError **error);

#endif
