/* SPDX-License-Identifier: ISC */
/* milter/nursery-client.h - the milter's end of its nursery (doc/architecture.md, "senim-milter and its nursery").
 *
 * The nursery is started before the first thread and started again, with growing pauses, whenever it dies. A taken
 * child serves one message. Who waits for a child polls nursery_client_socket(): one number for the life of the client,
 * also across a new nursery. New rules come with a new nursery; the old one lives on until the children that were taken
 * from it must have ended.
 * Ownership: what nursery_client_take() returns belongs to the caller.
 * Threads:   start before the first thread, stop after the last; the rest from any.
 * Fails:     the start: NULL and *error, where no child came: no examiner, or no cage where one is required. */
#ifndef SENIM_MILTER_NURSERY_CLIENT_H
#define SENIM_MILTER_NURSERY_CLIENT_H

#include <glib.h>

typedef struct NurseryClient NurseryClient;

/* rules: of milter/rule-pack.h (transfer full, also where this fails); -1: none, for an examiner that needs none. caged
 * FALSE: `cage = off`. Waits until the first child is there, at most `patience` (microseconds). */
NurseryClient *nursery_client_start(const char *examiner, int rules, guint workers, gboolean caged, gint64 patience,
                                    GError **error);
/* Puts a nursery with other rules into its place (transfer full, also where this fails). FALSE and *error where it does not
 * come: the one there is stays, with its rules. One thread. */
gboolean nursery_client_renew(NurseryClient *client, int rules, gint64 patience, GError **error);
/* The rules in force: borrowed, -1 for none. The thread of nursery_client_renew(). */
int nursery_client_rules(const NurseryClient *client);
/* Ends the nursery and its children. */
void nursery_client_stop(NurseryClient *client);

/* Is there one, and does it have a child to give, or soon? Waits some seconds at most. */
gboolean nursery_client_is_there(NurseryClient *client);
int nursery_client_socket(const NurseryClient *client);
/* A waiting child's socket, or -1. *poll_it: whether it makes sense to poll the socket; FALSE while there is no nursery
 * (come back after some time instead). */
int nursery_client_take(NurseryClient *client, gboolean *poll_it);

#endif
