/*
 * Answers of the agent in plain words for caseworkers: what became of a message, what was withheld
 * and why.
 */
#ifndef NRM_CLI_WORDS_H
#define NRM_CLI_WORDS_H

#include <jansson.h>

/* A member as text, "-" for null or absent. */
const char *nrm_words_text(const json_t *object, const char *key);
/*
 * The plain words of a reason's code ("no consent of the person covers this"); the code itself
 * when it is not known.
 */
const char *nrm_words_reason(const char *code);

/* Prints "  name        value" in a column. */
void nrm_words_line(const char *name, const char *value);
/* The same with the items of a list, parted by spaces; nothing for an empty one. */
void nrm_words_list(const char *name, const json_t *list);
/*
 * Prints what became of a message: verdict, fields forwarded and withheld with the reason in
 * words, what now falls due.
 */
void nrm_words_fate(const json_t *message);

/*
 * Prints the answer to something that was sent, as words or as JSON, and returns the exit status
 * it stands for: 0 done or on its way, 1 refused, held or returned.
 */
struct nrm_agent_target;
int nrm_words_sent(const struct nrm_agent_target *target, const char *what, json_t *answer);

#endif
