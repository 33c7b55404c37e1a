#include "broker/policy/diff.h"

#include <stdlib.h>

static void note(struct nrm_change *change, const struct nrm_space_point *point)
{
	change->senders |= point->senders;
	change->kinds |= 1u << point->kind;
	change->grounds |= point->grounds;
	change->ages |= point->child ? 2 : 1;
	change->offering |= point->offering ? 2 : 1;
}

/* Fields that one verdict forwards, and in the place of a field whether the message goes on. */
static nrm_mask passes(const struct nrm_verdict *v)
{
	return v->forwarded | (v->outcome == NRM_OUTCOME_FORWARD ? nrm_bit(NRM_THE_MESSAGE) : 0);
}

static void compare(void *of, const struct nrm_space_point *point,
		    const struct nrm_verdict *verdict)
{
	struct nrm_policy_diff *diff = of;
	const nrm_mask before = passes(&verdict[0]), after = passes(&verdict[1]);

	for (nrm_mask rest = before ^ after; rest; rest &= rest - 1) {
		const uint32_t field = (uint32_t)__builtin_ctzll(rest);
		nrm_changes *changes = after >> field & 1 ? &diff->through : &diff->stopped;
		note(&(*changes)[point->recipient][point->service][field], point);
	}
}

static uint32_t count(const nrm_changes *changes)
{
	const struct nrm_change *change = &(*changes)[0][0][0];
	uint32_t n = 0;

	for (size_t i = 0; i < sizeof(*changes) / sizeof(*change); i++)
		n += change[i].senders != 0;
	return n;
}

enum nrm_err nrm_policy_compare(const struct nrm_policy *old, const struct nrm_policy *new,
				nrm_mask services, bool each, struct nrm_policy_diff **ret_diff)
{
	const struct nrm_policy *const both[] = {old, new};
	struct nrm_policy_diff *diff = calloc(1, sizeof(*diff));

	if (!diff)
		return NRM_ERR_NOMEM;
	diff->examined = nrm_space_walk(both, 2, services, each, compare, diff);
	diff->n_through = count(&diff->through);
	diff->n_stopped = count(&diff->stopped);
	*ret_diff = diff;
	return NRM_OK;
}
