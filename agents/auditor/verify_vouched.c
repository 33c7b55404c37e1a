/*
 * Who vouches for a trail. Cosignatures gather under one head a minute, and the last checkpoint may be younger: so two heads are
 * looked at, and the earlier one counts where the leaves lead to its root as well.
 */
#include "agents/auditor/verify_parts.h"

#include "proto/base/time.h"

/* Opens the head with a quorum and holds it to the tree; false, with a fault, where it is not one of this trail. */
static bool open_vouched(struct nrm_check *c, struct nrm_slice note, nrm_node_source node,
			 void *from, struct nrm_head *ret_head)
{
	struct nrm_faults faults = {.file = c->faults.file};
	struct nrm_head head;
	struct nrm_hash root;

	nrm_trust_open(&c->trust, note, 0, &faults, &head);
	if (faults.first.what) {
		*nrm_fault(&c->faults, NRM_NO_LEAF, faults.first.what) = faults.first;
		return false;
	}
	if (head.checkpoint.size > c->report.head.checkpoint.size) {
		nrm_fault_number(
			&c->faults, NRM_NO_LEAF,
			"the checkpoint is older than the head that agencies vouch for (in "
			"leaves)",
			head.checkpoint.size, c->report.head.checkpoint.size);
		return false;
	}
	if (nrm_root_at(head.checkpoint.size, node, from, &root) != NRM_OK) {
		nrm_fault(&c->faults, NRM_NO_LEAF,
			  "the hashes that lead to the head that agencies vouch for are not there");
		return false;
	}
	if (memcmp(&root, &head.checkpoint.root, sizeof(root)) != 0) {
		nrm_fault_hash(&c->faults, NRM_NO_LEAF, 1,
			       "the trail is not the one that agencies vouch for: its root at that "
			       "size is another",
			       &head.checkpoint.root, nrm_slice(root.bytes, NRM_HASH_LEN));
		return false;
	}
	*ret_head = head;
	return true;
}

static enum nrm_err tell(const struct nrm_trust *trust, struct nrm_slice note, struct nrm_buf *out)
{
	char time[NRM_TIME_TEXT_LEN + 1];

	for (size_t i = 0; i < trust->n_witnesses; i++) {
		if (!nrm_trust_vouches(trust, i, note))
			continue;
		uint64_t seconds = nrm_trust_since(trust, i, note);
		nrm_time_format(seconds < UINT64_MAX / 1000 ? seconds * 1000 : UINT64_MAX, time);
		nrm_buf_put(out, "  ", 2);
		nrm_buf_put(out, trust->witness[i].name, strlen(trust->witness[i].name));
		nrm_buf_put(out, " since ", 7);
		nrm_buf_put(out, time, strlen(time));
		nrm_buf_put_u8(out, '\n');
	}
	return out->err;
}

enum nrm_err nrm_check_vouched(struct nrm_check *c, struct nrm_slice note, struct nrm_slice vouched,
			       nrm_node_source node, void *from)
{
	const struct nrm_audit_options *o = c->options;
	struct nrm_head head;

	c->report.vouched = c->report.head;
	c->report.quorum = o->directory_quorum ? c->trust.quorum : o->quorum;
	if (!c->report.head.signer[0])
		return NRM_OK;
	if (vouched.len > 0 && open_vouched(c, vouched, node, from, &head) &&
	    head.vouching >= c->report.head.vouching) {
		c->report.vouched = head;
		note = vouched;
	}
	if (c->report.vouched.vouching < c->report.quorum)
		nrm_fault_number(&c->faults, NRM_NO_LEAF,
				 "too few witnesses vouch for the checkpoint", c->report.quorum,
				 c->report.vouched.vouching);
	return o->vouchers ? tell(&c->trust, note, o->vouchers) : NRM_OK;
}
