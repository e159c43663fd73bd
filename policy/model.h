/* SPDX-License-Identifier: ISC */
/* policy/model.h - a second opinion on one sentence: does it read like a threat or abuse? It may only ask for a review.
 *
 * A linear model on hashed features of the folded text (policy/fold.h): runs of two to five letters of each word, words,
 * pairs of words, and how two words begin that stand side by side or with one between them, whatever their endings; each
 * feature counts once, and the score is the sum of their weights over the root of their number. Made by policy/model/train.py;
 * the weights stand with their provenance in policy/rules/model.weights:
 *   lines "# ..."              what it was trained on, with digests, and what it reached
 *   "senim-model: 1"
 *   "bits: N"                  2 to the power of N buckets, N 10 to 20
 *   "scale: X" "bias: X" "threshold: X"
 *   an empty line, then base64 of the buckets, one signed octet each: weight = octet * scale
 * Promise:   the same text and weights, the same score, on every machine; linear time.
 * Ownership: (transfer full). Threads: any, on a finished model. Fails: NULL and *error (MODEL_ERROR). */
#ifndef SENIM_POLICY_MODEL_H
#define SENIM_POLICY_MODEL_H

#include <glib.h>

#define MODEL_ERROR (model_error_quark())
GQuark model_error_quark(void);

#define MODEL_WORDS_LEAST 3   /* a sentence of fewer words says too little, as does one of abbreviations */
#define MODEL_FEATURES_MAX 4096 /* of one sentence; what comes after them is not read */

typedef struct Model Model;

Model *model_read(const char *text, gsize size, GError **error);
void model_free(Model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Model, model_free)

/* Scores sentence after sentence without an allocation for each; wipes what it has seen. Borrows the model. One thread. */
typedef struct ModelScorer ModelScorer;
ModelScorer *model_scorer_new(const Model *model);
void model_scorer_free(ModelScorer *scorer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ModelScorer, model_scorer_free)
/* Above 0: it asks for a review. Far below for a sentence that is too short to tell. */
double model_score(ModelScorer *scorer, const char *sentence, gsize size);
/* The same of a sentence that was read already (policy/text.h): codes of policy/fold.h, a blank between two words. */
double model_score_codes(ModelScorer *scorer, const guint8 *codes, gsize n);

/* The buckets of a sentence, each once, ascending (guint32; transfer full): what the trainer trains on. */
GArray *model_features(guint bits, const char *sentence, gsize size);
/* NULL for one that says too little to be scored. */
GArray *model_features_codes(guint bits, const guint8 *codes, gsize n);

#endif
