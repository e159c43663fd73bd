/* SPDX-License-Identifier: ISC */
/* store/casework.h - the words of a case's course that stand in its entries, each between blanks.
 *
 * They are never given another meaning: the register keeps them for good, and the statistics count them. */
#ifndef SENIM_STORE_CASEWORK_H
#define SENIM_STORE_CASEWORK_H

/* Why a report was taken out of the work. */
#define CASEWORK_REASONS " not-a-report spam duplicate test other "
/* How a case ended. */
#define CASEWORK_RESULTS " measures unconfirmed no-competence redirected forwarded explained duplicate other "

/* How the reporter was told that the term is prolonged; impossible: he left no way to. */
#define CASEWORK_NOTICES " mail paper telephone person impossible "

/* Why the law gives no answer on the substance, or none can be given. */
#define CASEWORK_NO_ANSWERS " rude slander threat disclosed repeated wish no-address other "
/* What an officer was warned of before an answer, and gave it all the same: the program's mark for law enforcement is wrong, the
 * address is marked as unsafe, the reporter himself told others of his letter, the address lies in an own domain, it was
 * entered that no answer is due. */
#define CASEWORK_DESPITE " mark unsafe disclosed own-domain no-answer "

/* What of a report is forwarded, and by whose word its writer with it (`-`: without). */
#define CASEWORK_FORMS " redacted identity "
#define CASEWORK_CONSENTS " reporter law "

#endif
