/* Timestamps of the trail's heads: each is of a head of this trail, and the authority's. */
#include "agents/auditor/verify_parts.h"

#include <stdlib.h>

#include "agents/auditor/stamp.h"
#include "proto/base/limits.h"

/* The head that was stamped is one of this trail. */
static bool check_head(struct nrm_check *c, uint64_t size, struct nrm_slice note,
		       nrm_node_source node, void *from)
{
	struct nrm_faults faults = {.file = c->faults.file};
	struct nrm_head head;
	struct nrm_hash root;

	nrm_trust_open(&c->trust, note, 0, &faults, &head);
	if (faults.first.what) {
		*nrm_fault(&c->faults, NRM_NO_LEAF, faults.first.what) = faults.first;
		return false;
	}
	if (head.checkpoint.size != size || size > c->report.head.checkpoint.size) {
		nrm_fault_number(
			&c->faults, NRM_NO_LEAF,
			"the checkpoint is older than the head that was stamped (in leaves)",
			head.checkpoint.size, c->report.head.checkpoint.size);
		return false;
	}
	if (nrm_root_at(size, node, from, &root) != NRM_OK ||
	    memcmp(&root, &head.checkpoint.root, sizeof(root)) != 0) {
		nrm_fault(&c->faults, NRM_NO_LEAF,
			  "the head that was stamped is not one of this trail");
		return false;
	}
	return true;
}

static enum nrm_err check_stamp(struct nrm_check *c, const struct nrm_folder *folder, uint64_t size,
				nrm_node_source node, void *from)
{
	char path[NRM_TILE_PATH], why[NRM_TIMESTAMP_WHY_LEN];
	struct nrm_buf note = {0}, reply = {0};
	uint8_t digest[NRM_HASH_LEN];
	uint64_t time_ms = 0;
	enum nrm_err err;

	nrm_stamped_path(size, path);
	c->faults.file = path;
	err = nrm_folder_read(folder, path, NRM_MAX_NOTE, &note);
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_LIMIT) {
		nrm_fault(&c->faults, NRM_NO_LEAF, "the note that was stamped is not there");
		err = NRM_OK;
		goto out;
	}
	if (err != NRM_OK || !check_head(c, size, nrm_buf_slice(&note), node, from))
		goto out;
	nrm_document_path(NRM_EXPORT_TIMESTAMPS, size, path);
	err = nrm_folder_read(folder, path, NRM_MAX_TIMESTAMP, &reply);
	if (err != NRM_OK)
		goto out;
	nrm_sha256_one(nrm_buf_slice(&note), digest);
	err = nrm_timestamp_verify(nrm_buf_slice(&reply), digest, c->options->tsa_ca, why);
	if (err == NRM_ERR_PROOF) {
		nrm_fault_text(&c->faults, NRM_NO_LEAF, "a timestamp does not verify",
			       nrm_slice_str("a timestamp of the note beside it"),
			       nrm_slice_str(why));
		err = NRM_OK;
	} else if (err == NRM_OK && nrm_timestamp_time(nrm_buf_slice(&reply), &time_ms) == NRM_OK) {
		c->report.stamped_size = size;
		c->report.stamped_ms = time_ms;
	}
out:
	c->faults.file = NULL;
	nrm_buf_done(&note);
	nrm_buf_done(&reply);
	return err;
}

enum nrm_err nrm_check_stamps(struct nrm_check *c, const struct nrm_folder *folder,
			      nrm_node_source node, void *from)
{
	uint64_t *size;
	size_t n;

	if (!c->report.head.signer[0])
		return NRM_OK;
	enum nrm_err err = nrm_folder_versions(folder, NRM_EXPORT_TIMESTAMPS, &size, &n);
	if (err != NRM_OK)
		return err;
	c->report.stamps = n;
	for (size_t i = 0; err == NRM_OK && c->options->tsa_ca && i < n; i++)
		err = check_stamp(c, folder, size[i], node, from);
	free(size);
	return err;
}
