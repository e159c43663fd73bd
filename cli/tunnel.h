/* SPDX-License-Identifier: ISC */
/* cli/tunnel.h - the way from a workstation to the desk: ssh, started here, forwarding one Unix socket.
 *
 *   ssh -N -T -a -x -n -E LOG -o … -L DIRECTORY/desk:REMOTE -- HOST
 *
 * where is `ssh://[USER@]HOST[:PORT][/PATH]`; HOST may be an IPv6 address in brackets; PATH is the desk's socket there,
 * /run/senim/desk.sock unless it is said.
 * Promise:   a stranger's host is never taken on (StrictHostKeyChecking=yes, nothing is asked); no TCP port is opened
 *            here, no agent and no X11 goes there, whatever ~/.ssh/config says. ssh asks for her passphrase or the
 *            token's PIN on her terminal by itself.
 *            The socket lies in a fresh directory of mode 0700. As soon as it is there it is held by a descriptor, and
 *            socket, log and directory are taken off the disk: nobody else can reach it, and nothing is left behind,
 *            however senim ends. ssh itself gets SIGTERM from the kernel when this process dies (PR_SET_PDEATHSIG),
 *            by kill -9 too.
 * Signals:   while ssh signs in, SIGINT, SIGTERM and SIGHUP end the wait as a failure, so that the directory goes.
 * Ownership: tunnel_free() ends ssh and waits for it.
 * Threads:   one. Fails: CLI_ERROR_USAGE for a place of another form, CLI_ERROR_FAILED else, one sentence. */
#ifndef SENIM_CLI_TUNNEL_H
#define SENIM_CLI_TUNNEL_H

#include <glib.h>

typedef struct Tunnel Tunnel;

/* TRUE where text begins as a place of ours does, well formed or not. */
gboolean tunnel_is_place(const char *text);
/* configuration: of ssh, in place of ~/.ssh/config and /etc/ssh/ssh_config, or NULL. */
Tunnel *tunnel_open(const char *where, const char *configuration, GError **error);
void tunnel_free(Tunnel *tunnel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tunnel, tunnel_free)
/* Where the desk is reached. Borrowed, valid until the next tunnel_renew(). */
const char *tunnel_socket(const Tunnel *tunnel);
/* TRUE where ssh has gone; waits a moment for it, since its connections break first. */
gboolean tunnel_has_ended(Tunnel *tunnel);
gboolean tunnel_has_ended_now(Tunnel *tunnel); /* without waiting */
/* A new ssh where the old one has gone or leads nowhere any more. */
gboolean tunnel_renew(Tunnel *tunnel, GError **error);
/* Why nothing comes through, where ssh has said so: always FALSE, *error always set. */
gboolean tunnel_fail(const Tunnel *tunnel, GError **error);

#endif
