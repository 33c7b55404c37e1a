#include "agents/page/words.h"

static json_t *labels_json(const struct nrm_glossary *glossary, enum nrm_vocabulary kind,
			   size_t language)
{
	json_t *o = json_object();

	for (uint32_t code = 0; code <= nrm_code_count(kind); code++) {
		const char *name =
			nrm_code_name(kind, code); /* zero has one among outcomes alone */
		if (name)
			json_object_set_new(o, name,
					    json_string(nrm_label(glossary, kind, code, language)));
	}
	return o;
}

json_t *nrm_words_json(const struct nrm_glossary *glossary, const char *language)
{
	const size_t chosen = nrm_glossary_language(glossary, language ? language : "en");
	json_t *languages = json_array(), *labels = json_object();

	for (size_t i = 0; i < nrm_glossary_languages(glossary); i++)
		json_array_append_new(languages,
				      json_pack("{s:s, s:s}", "code", nrm_glossary_tag(glossary, i),
						"name", nrm_glossary_name(glossary, i)));
	for (int kind = 0; kind < NRM_VOCABULARY_COUNT; kind++)
		json_object_set_new(labels, nrm_vocabulary_name((enum nrm_vocabulary)kind),
				    labels_json(glossary, (enum nrm_vocabulary)kind, chosen));
	return json_pack("{s:o, s:o}", "languages", languages, "labels", labels);
}
