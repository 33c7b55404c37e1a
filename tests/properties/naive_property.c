/* The decision and the second implementation, written from policy.md alone, say the same. */
#include "tests/naive/naive.h"
#include "tests/properties/properties.h"

enum finding as_the_naive_one(struct trial *t)
{
	const struct nrm_facts facts = input_facts(t->in);

	t->other = *t->in;
	nrm_naive_decide(&facts, &t->in->message, t->in->now, &t->after);
	t->compared = true;
	return same_verdict(&t->after, &t->verdict) ? HOLDS : FAILS;
}
