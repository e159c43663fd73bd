/* SPDX-License-Identifier: ISC */
/* store/desk-incident.h - the emergency journal at the desk: whoever signs in here, and whoever keeps the host, reads it and
 * writes into it (store/incident.h).
 *
 * ENTRY of both doors: {`act`: opened, completed, planned, cancelled; `of`: the entry of the incident or announcement, 0 where
 * it is a new one; `after`: the last entry of the journal that its author has seen (409 `state` where there is a later one);
 * `from`, `to`: microseconds UTC, 0 none; `part`, `cause`, `measures`, `needed`, `responsible`: texts of one line, - none}.
 * What does not belong to the act is 0 or -, so that the record says all that was asked.
 *
 *   /v1/incidents       {`mailbox`, `after`, `known`}: PROOF for entry 0 and the next of the journal behind `after`, `more`
 *   /v1/incident        an act: ENTRY
 *   /v1/host/incidents  {`mailbox`, `after`}: `entries` [{`seq`, `record`}], `more`
 *   /v1/host/incident   {`mailbox`, ENTRY}: `seq`; it is entered with the host's user in an officer's place
 *
 * Threads: any. */
#ifndef SENIM_STORE_DESK_INCIDENT_H
#define SENIM_STORE_DESK_INCIDENT_H

#include "store/desk-acts.h"

#define DESK_INCIDENT "/v1/incident"
#define DESK_INCIDENTS "/v1/incidents"
#define DESK_HOST_INCIDENT "/v1/host/incident"
#define DESK_HOST_INCIDENTS "/v1/host/incidents"

void desk_incident_as_host(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);
void desk_incidents_as_host(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);

#endif
