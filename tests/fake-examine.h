/* SPDX-License-Identifier: ISC */
/* tests/fake-examine.h - a nursery whose children do what the message tells them: what can go wrong in one, on demand.
 *
 * A test program hands itself over as `examiner`; its main calls fake_examine_main() first. The message's field
 * X-Test-Examine says what its child does: `good` (or nothing), `hold MS`, `crash`, `hang`, `half` (half an answer),
 * `garbage`, `large`, `type` (another frame), `descriptor` (rides along), `die` (with the whole nursery), `facts
 * KEY=VALUE` and `card KEY=VALUE` (a finding with that line changed). */
#ifndef SENIM_TESTS_FAKE_EXAMINE_H
#define SENIM_TESTS_FAKE_EXAMINE_H

/* Does not return in a program that a test started: as a nursery, or with another of senim-examine's options. */
void fake_examine_main(int argc, char **argv);
/* This program's own path (static). */
const char *fake_examine_path(void);

#endif
