#include "tests/properties/reach.h"

#define RULES 20

static void count_bits(uint64_t *count, uint32_t n, uint64_t mask)
{
	for (uint32_t i = 1; i < n; i++)
		count[i] += mask >> i & 1;
}

void reach_count(struct reach *reach, const struct nrm_verdict *v)
{
	reach->outcome[v->outcome < NRM_OUTCOME_END_ ? v->outcome : 0]++;
	reach->reason[v->reason < NRM_REASON_END_ ? v->reason : 0]++;
	reach->reason[NRM_REASON_SECRET] += v->secret != 0;
	reach->reason[NRM_REASON_NOT_NEEDED] += v->not_needed != 0;
	reach->reason[NRM_REASON_NOT_CONSENTED] += v->not_consented != 0;
	count_bits(reach->obligation, NRM_OBLIGATION_END_, v->obligations);
	count_bits(reach->missing, NRM_ASSESSMENT_END_, v->missing);
	count_bits(reach->rule, RULES + 1, v->rules);
}

void reach_add(struct reach *sum, const struct reach *reach)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)reach;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += from[i];
}

/* Those in `wanted` are to have come. */
static uint32_t print(FILE *out, enum nrm_vocabulary kind, const uint64_t *count, uint32_t n,
		      uint64_t wanted)
{
	uint32_t never = 0;

	fprintf(out, "%s:", nrm_vocabulary_name(kind));
	for (uint32_t i = 0; i < n; i++) {
		const char *name = nrm_code_name(kind, i);
		if (!name || !(wanted >> i & 1))
			continue;
		fprintf(out, " %s %llu%s", name, (unsigned long long)count[i],
			count[i] ? "" : " (NEVER)");
		never += count[i] == 0;
	}
	fputc('\n', out);
	return never;
}

/* The last reasons are given where a message comes in, not by the decision. */
uint32_t reach_print(FILE *out, const struct reach *reach, const struct nrm_policy *policy)
{
	const uint64_t reasons = nrm_bit(NRM_REASON_FACT_NOT_ALLOWED) - 2;
	uint32_t never = 0;

	never += print(out, NRM_VOCABULARY_OUTCOME, reach->outcome, NRM_OUTCOME_END_, UINT64_MAX);
	never += print(out, NRM_VOCABULARY_REASON, reach->reason, NRM_REASON_END_, reasons);
	never += print(out, NRM_VOCABULARY_OBLIGATION, reach->obligation, NRM_OBLIGATION_END_,
		       UINT64_MAX);
	never += print(out, NRM_VOCABULARY_ASSESSMENT, reach->missing, NRM_ASSESSMENT_END_,
		       policy->evidence | policy->child_evidence);
	fprintf(out, "rule:");
	for (uint32_t i = 1; i <= RULES; i++) {
		fprintf(out, " %u %llu", i, (unsigned long long)reach->rule[i]);
		never += reach->rule[i] == 0;
	}
	fputc('\n', out);
	return never;
}
