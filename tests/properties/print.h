/* An input in readable words: a scenario file (policy.md) of one case, to be pasted into tests/scenarios. */
#ifndef NRM_TESTS_PRINT_H
#define NRM_TESTS_PRINT_H

#include <stdio.h>

#include "tests/properties/properties.h"

/*
 * The head of a file with all participants, and a case. What a scenario file cannot say stands beside it in comments.
 * The verdict becomes what is expected.
 */
void print_participants(FILE *out, const struct input *in);
void print_case(FILE *out, const char *name, const struct input *in, const struct nrm_verdict *v);

/* What the second policy has less, or more, in a comment. */
void print_narrower(FILE *out, const struct trial *t);

#endif
