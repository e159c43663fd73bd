/* SPDX-License-Identifier: ISC */
/* store/casework.h - the words of a case's course that stand in its entries, each between blanks.
 *
 * They are never given another meaning: the register keeps them for good, and the statistics count them. */
#ifndef SENIM_STORE_CASEWORK_H
#define SENIM_STORE_CASEWORK_H

/* Why a report was taken out of the work. */
#define CASEWORK_REASONS " not-a-report spam duplicate test other "
/* How a case ended. */
#define CASEWORK_RESULTS " measures unconfirmed no-competence redirected explained duplicate other "

/* How the reporter was told that the term is prolonged; impossible: he left no way to. */
#define CASEWORK_NOTICES " mail paper telephone person impossible "

#endif
