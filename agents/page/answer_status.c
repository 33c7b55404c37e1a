/* How the trail stands: its size and head, who vouches for it, since when it is stamped. */
#include <stdlib.h>

#include "agents/auditor/stamp.h"
#include "agents/page/answer.h"
#include "proto/base/hex.h"
#include "proto/base/time.h"

static json_t *checkpoint_json(const struct nrm_head *head, struct nrm_slice note)
{
	char root[2 * NRM_HASH_LEN + 1];

	if (!head->signer[0])
		return json_null();
	nrm_hex(head->checkpoint.root.bytes, NRM_HASH_LEN, root);
	return json_pack("{s:I, s:s, s:s, s:s%}", "size", (json_int_t)head->checkpoint.size, "root",
			 root, "signer", head->signer, "note", (const char *)note.data, note.len);
}

/* Who vouches: agencies by their ids, which their keys' names end with. */
static json_t *witnesses_json(const struct nrm_trust *trust, const struct nrm_head *head,
			      struct nrm_slice note, uint32_t quorum)
{
	json_t *names = json_array();

	for (size_t i = 0; head->signer[0] && i < trust->n_witnesses; i++) {
		const char *name = trust->witness[i].name;
		if (!nrm_trust_vouches(trust, i, note))
			continue;
		json_t *o =
			json_pack("{s:s}", "id", strncmp(name, "nrm/", 4) == 0 ? name + 4 : name);
		const uint64_t seconds = nrm_trust_since(trust, i, note);
		nrm_json_second(o, "since",
				seconds < UINT64_MAX / 1000 ? seconds * 1000 : UINT64_MAX);
		json_array_append_new(names, o);
	}
	return json_pack("{s:i, s:i, s:I, s:o}", "quorum", (int)quorum, "vouching",
			 (int)json_array_size(names), "of_size",
			 head->signer[0] ? (json_int_t)head->checkpoint.size : (json_int_t)0,
			 "names", names);
}

/* The timestamp of the largest head that has one: checked once. */
static void look_at_stamp(struct nrm_reading *r, const struct nrm_folder *folder, uint64_t size)
{
	char path[NRM_TILE_PATH], why[NRM_TIMESTAMP_WHY_LEN];
	struct nrm_buf note = {0}, reply = {0};
	uint8_t digest[NRM_HASH_LEN];
	uint64_t time_ms;

	r->stamp.checked = false;
	r->stamp.size = 0;
	nrm_document_path(NRM_EXPORT_TIMESTAMPS, size, path);
	if (nrm_folder_read(folder, path, NRM_MAX_TIMESTAMP, &reply) == NRM_OK &&
	    nrm_timestamp_time(nrm_buf_slice(&reply), &time_ms) == NRM_OK) {
		r->stamp.size = size;
		r->stamp.time_ms = time_ms;
		nrm_stamped_path(size, path);
	}
	if (r->stamp.size && r->options->tsa_ca &&
	    nrm_folder_read(folder, path, NRM_MAX_NOTE, &note) == NRM_OK) {
		nrm_sha256_one(nrm_buf_slice(&note), digest);
		r->stamp.checked = nrm_timestamp_verify(nrm_buf_slice(&reply), digest,
							r->options->tsa_ca, why) == NRM_OK;
	}
	nrm_buf_done(&note);
	nrm_buf_done(&reply);
}

static json_t *timestamps_json(struct nrm_reading *r)
{
	struct nrm_folder folder;
	uint64_t *size = NULL;
	size_t n = 0;
	json_t *o;

	if (nrm_folder_open(r->options->trail, false, &folder) != NRM_OK)
		return json_pack("{s:i, s:n}", "count", 0, "newest");
	if (nrm_folder_versions(&folder, NRM_EXPORT_TIMESTAMPS, &size, &n) != NRM_OK)
		n = 0;
	if (n && size[n - 1] != r->stamp.size)
		look_at_stamp(r, &folder, size[n - 1]);
	nrm_folder_close(&folder);
	o = json_pack("{s:I, s:n}", "count", (json_int_t)n, "newest");
	if (n && r->stamp.size == size[n - 1]) {
		json_t *newest = json_pack("{s:I, s:b}", "size", (json_int_t)r->stamp.size,
					   "checked", r->stamp.checked);
		nrm_json_second(newest, "at", r->stamp.time_ms);
		json_object_set_new(o, "newest", newest);
	}
	free(size);
	return o;
}

/* Head, witnesses: what notes say under the keys that are believed. */
static enum nrm_err set_heads(struct nrm_reading *r, json_t *o)
{
	const struct nrm_serve_options *options = r->options;
	struct nrm_slice directory = {0}, note = {0}, vouched = {0};
	struct nrm_faults faults = {.file = NULL}; /* the verifier's to tell */
	struct nrm_head head = {.signer = ""}, by = {.signer = ""};
	struct nrm_trust trust = {.n_logs = 0};
	struct nrm_txn *txn;
	enum nrm_err err = nrm_audit_snapshot(&r->index.reader, &txn);

	if (err == NRM_OK && (err = nrm_audit_newest(txn, 'd', &directory)) == NRM_ERR_NOT_FOUND)
		err = NRM_OK;
	if (err == NRM_OK &&
	    (err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note)) ==
		    NRM_ERR_NOT_FOUND)
		err = NRM_OK;
	if (err == NRM_OK)
		err = nrm_audit_vouched(txn, &vouched);
	if (err == NRM_OK)
		err = nrm_trust_make(&trust, directory, options->authority, options->given,
				     options->n_given);
	if (err == NRM_ERR_NOT_FOUND)
		err = NRM_OK; /* no key is known yet */
	if (err != NRM_OK)
		return err;
	if (trust.n_logs && note.len)
		nrm_trust_open(&trust, note, 0, &faults, &head);
	if (trust.n_logs && vouched.len)
		nrm_trust_open(&trust, vouched, 0, &faults, &by);
	const bool other = by.signer[0] && by.vouching >= head.vouching;
	json_object_set_new(o, "origin",
			    trust.n_logs ? json_string(trust.log[0].name) : json_null());
	json_object_set_new(o, "checkpoint", checkpoint_json(&head, note));
	json_object_set_new(o, "witnesses",
			    witnesses_json(&trust, other ? &by : &head, other ? vouched : note,
					   options->quorum ? options->quorum : trust.quorum));
	nrm_trust_done(&trust);
	return NRM_OK;
}

void nrm_answer_status(struct nrm_reading *r, const struct nrm_page_query *q,
		       struct nrm_reply *reply)
{
	json_t *o = json_object();

	(void)q;
	nrm_json_text(o, "country", r->index.directory.country);
	json_object_set_new(o, "size", json_integer((json_int_t)r->index.size));
	json_object_set_new(o, "indexed", json_integer((json_int_t)r->index.columns.n));
	nrm_json_second(o, "now", nrm_time_now_ms());
	const enum nrm_err err = set_heads(r, o);
	json_object_set_new(o, "timestamps", timestamps_json(r));
	json_object_set_new(o, "records", json_string(r->options->keys_file ? "open" : "closed"));
	if (err == NRM_OK) {
		nrm_reply_json(reply, o);
	} else {
		json_decref(o);
		nrm_reply_error(reply, err);
	}
}
