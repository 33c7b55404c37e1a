/*
 * Previews in people's words: labels and explanations of the vocabulary in a language, or codes where
 * there is no vocabulary file.
 */
#ifndef NRM_CLI_PREVIEW_WORDS_H
#define NRM_CLI_PREVIEW_WORDS_H

#include <jansson.h>

/*
 * Prints what a preview says: what would become of the message and why, what will arrive, what will be
 * withheld, what is missing, what falls due. `language` is a tag, or NULL for the environment's.
 */
void nrm_words_preview(const json_t *preview, const char *language);

/* Where the broker decided otherwise than the preview that was made when a message was sent: that preview. */
void nrm_words_difference(const json_t *message);

#endif
