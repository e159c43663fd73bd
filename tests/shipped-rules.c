/* SPDX-License-Identifier: ISC */
#include "tests/shipped-rules.h"

#include "base/files.h"
#include "policy/model.h"

Rules *shipped_rules(const char *directory, GError **error)
{
	g_autoptr(GPtrArray) read = files_read(directory, ".txt", RULES_OCTETS_MAX, error);
	g_autofree char *weights = g_build_filename(directory, "model.weights", NULL), *text = NULL;
	gsize size;
	if (read == NULL || !g_file_get_contents(weights, &text, &size, error))
		return NULL;
	g_autofree RulesFile *files = g_new0(RulesFile, read->len);
	for (guint i = 0; i < read->len; i++) {
		const FilesFile *file = read->pdata[i];
		files[i] = (RulesFile){file->path, file->data, file->size};
	}
	g_autoptr(Rules) rules = rules_read(files, read->len, error);
	Model *model = rules != NULL ? model_read(text, size, error) : NULL;
	if (model == NULL)
		return NULL;
	rules_take_model(rules, model);
	return g_steal_pointer(&rules);
}
