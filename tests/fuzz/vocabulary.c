/* The loader of the vocabulary: any bytes are a whole glossary or one error line. */
#include "tests/fuzz/fuzz.h"

#include "proto/glossary/glossary.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

/* Every code has a label that a terminal can show, in every language. */
static void is_whole(const struct nrm_glossary *glossary)
{
	for (size_t l = 0; l < nrm_glossary_languages(glossary); l++) {
		for (uint32_t kind = 0; kind < NRM_VOCABULARY_COUNT; kind++)
			for (uint32_t code = 1; code <= nrm_code_count(kind); code++) {
				const char *label = nrm_label(glossary, kind, code, l);
				HOLDS(*label && nrm_utf8_line_ok(nrm_slice_str(label)));
			}
		for (uint32_t phrase = 1; phrase < NRM_PHRASE_END_; phrase++)
			HOLDS(*nrm_phrase(glossary, phrase, l));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nrm_glossary *glossary = NULL;
	char error[NRM_GLOSSARY_ERROR_LEN] = "";

	if (nrm_glossary_load_bytes("v.yaml", nrm_slice(data, size), &glossary, error) == NRM_OK) {
		is_whole(glossary);
	} else {
		HOLDS(!glossary);
		error_is_a_line(error, "v.yaml:");
	}
	nrm_glossary_free(glossary);
	return 0;
}
