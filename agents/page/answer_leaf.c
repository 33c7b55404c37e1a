/* One leaf: as a row of a list, as a page of its own with its proof, as a proof file. */
#include <stdlib.h>

#include "agents/auditor/filter.h"
#include "agents/auditor/folder.h"
#include "agents/auditor/proof.h"
#include "agents/page/answer.h"
#include "proto/wire/frame.h"

#define ACKS_TRIED 16u /* acknowledgements of a case that are opened to find a leaf's own */

/* --- what is said of it --- */

struct opened {
	struct nrm_buf plain;
	struct nrm_view view;
};

/* Opens a record when its key is at hand; what is in it lives as long as the index's arena. */
static bool open_record(struct nrm_reading *r, uint64_t index, const struct nrm_trail_row *row,
			struct opened *opened)
{
	const int64_t slot = nrm_columns_slot(&r->index.columns, index);
	struct nrm_record record;

	if (row->record_kind == NRM_RECORD_SEALED && (slot < 0 || !r->index.keys))
		return false;
	return nrm_record_open(r->index.keys, (uint32_t)slot, index, row, &opened->plain,
			       &record) &&
	       nrm_view_decode(record.view, &r->index.arena, &opened->view) == NRM_OK;
}

/* Finds the acknowledgement of a leaf that has one, and says when it came and what it says. */
static enum nrm_err set_acknowledged(struct nrm_reading *r, json_t *record, uint64_t index)
{
	const struct nrm_columns *c = &r->index.columns;
	const int64_t slot = nrm_columns_slot(c, index);
	struct opened opened = {.plain = {0}};
	enum nrm_err err = NRM_OK;
	uint64_t at = index;
	bool found = false;

	json_object_set_new(record, "acknowledged", json_null());
	json_object_set_new(record, "ack", json_null());
	if (slot < 0 || !(nrm_columns_marks(c, index) & NRM_MARK_ACKNOWLEDGED))
		return NRM_OK;
	for (unsigned tried = 0; err == NRM_OK && !found && tried < ACKS_TRIED; tried++) {
		struct nrm_trail_row row;
		struct nrm_ack_body ack;

		at = nrm_columns_next(c, at + 1, (uint32_t)slot, NRM_EVENT_ACKNOWLEDGEMENT);
		if (at == c->n)
			break;
		err = nrm_audit_row(&r->index.reader, at, &row);
		found = err == NRM_OK && open_record(r, at, &row, &opened) &&
			opened.view.earlier == index + 1;
		if (found) {
			nrm_json_second(record, "acknowledged", opened.view.time_ms);
			if (nrm_ack_decode(opened.view.ack, &r->index.arena, &ack) == NRM_OK)
				nrm_json_code(record, "ack", NRM_VOCABULARY_ACK, ack.status);
		}
	}
	nrm_buf_wipe(&opened.plain);
	return err;
}

static json_t *rules_json(uint32_t rules)
{
	json_t *list = json_array();

	for (int i = 1; i < 32; i++)
		if (rules >> i & 1)
			json_array_append_new(list, json_integer(i));
	return list;
}

static json_t *record_json(const struct nrm_view *view)
{
	enum nrm_reason reason[3];
	nrm_mask fields[3];
	json_t *o = json_object();

	for (int i = 0; i < 3; i++) {
		reason[i] = view->withheld[i].reason;
		fields[i] = view->withheld[i].fields;
	}
	nrm_json_second(o, "at", view->time_ms);
	nrm_json_code(o, "type", NRM_VOCABULARY_MESSAGE_TYPE, view->type);
	if (view->reason)
		json_object_set_new(
			o, "outcome",
			json_string(nrm_code_name(NRM_VOCABULARY_OUTCOME, view->outcome)));
	nrm_json_code(o, "true_reason", NRM_VOCABULARY_REASON, view->reason);
	json_object_set_new(o, "forwarded", nrm_json_codes(NRM_VOCABULARY_FIELD, view->forwarded));
	json_object_set_new(o, "withheld", nrm_json_withheld(reason, fields, 3));
	json_object_set_new(o, "missing", nrm_json_codes(NRM_VOCABULARY_ASSESSMENT, view->missing));
	json_object_set_new(o, "obligations",
			    nrm_json_codes(NRM_VOCABULARY_OBLIGATION, view->obligations));
	json_object_set_new(o, "rules", rules_json(view->rules));
	json_object_set_new(o, "consents", nrm_json_hexes(&view->consent_id));
	nrm_json_code(o, "basis", NRM_VOCABULARY_BASIS, view->basis);
	nrm_json_code(o, "emergency", NRM_VOCABULARY_EMERGENCY, view->emergency);
	if (view->earlier)
		json_object_set_new(o, "earlier", json_integer((json_int_t)view->earlier - 1));
	nrm_json_text(o, "subject", view->subject);
	return o;
}

static json_t *leaf_json(struct nrm_reading *r, uint64_t index, const struct nrm_leaf *leaf)
{
	json_t *o = json_pack("{s:I}", "leaf", (json_int_t)index);

	nrm_json_minute(o, "at", leaf->minute);
	nrm_json_code(o, "kind", NRM_VOCABULARY_EVENT, leaf->kind);
	if (leaf->sender.len)
		nrm_json_party(r, o, "sender", leaf->sender);
	if (leaf->recipient.len)
		nrm_json_party(r, o, "recipient", leaf->recipient);
	nrm_json_code(o, "service", NRM_VOCABULARY_SERVICE, leaf->service);
	if (leaf->reason) /* only what was decided on has an outcome */
		json_object_set_new(
			o, "outcome",
			json_string(nrm_code_name(NRM_VOCABULARY_OUTCOME, leaf->outcome)));
	nrm_json_code(o, "reason", NRM_VOCABULARY_REASON, leaf->reason);
	return o;
}

static bool withheld_for(const struct nrm_view *view, enum nrm_reason reason)
{
	bool found = false;

	for (size_t i = 0; i < sizeof(view->withheld) / sizeof(view->withheld[0]); i++)
		found |= view->withheld[i].reason == reason && view->withheld[i].fields;
	return found;
}

static bool has_role(const struct nrm_reading *r, struct nrm_slice id, enum nrm_role role)
{
	const struct nrm_participant_entry *p = nrm_index_participant(&r->index, id);

	return p && p->role.n && p->role.code[0] == role;
}

/* Whether a leaf, and its record when that is asked, is what a query wants: columns may know less. */
static bool passes(const struct nrm_reading *r, const struct nrm_page_query *q,
		   const struct nrm_leaf *leaf, const struct nrm_view *view)
{
	const struct nrm_filter filter = {.participant = nrm_slice_str(q->participant),
					  .rule = q->rule,
					  .true_reason = q->true_reason};

	if (!nrm_filter_leaf(&filter, leaf) ||
	    (q->sender[0] && !nrm_slice_equal(leaf->sender, nrm_slice_str(q->sender))) ||
	    (q->recipient[0] && !nrm_slice_equal(leaf->recipient, nrm_slice_str(q->recipient))) ||
	    (q->role && !has_role(r, leaf->recipient, q->role)) ||
	    (q->withheld && !(view && withheld_for(view, q->withheld))))
		return false;
	return !nrm_filter_asks_records(&filter) || (view && nrm_filter_view(&filter, view));
}

enum nrm_err nrm_page_leaf(struct nrm_reading *r, uint64_t index, const struct nrm_page_query *q,
			   bool whole, json_t **ret_leaf)
{
	struct opened opened = {.plain = {0}};
	struct nrm_trail_row row;
	struct nrm_leaf leaf;
	json_t *o = NULL;
	enum nrm_err err = nrm_audit_row(&r->index.reader, index, &row);

	*ret_leaf = NULL;
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_CORRUPT ||
	    (err == NRM_OK && nrm_leaf_decode(row.leaf, &r->index.arena, &leaf) != NRM_OK)) {
		*ret_leaf = json_pack("{s:I, s:b}", "leaf", (json_int_t)index, "unreadable", 1);
		err = *ret_leaf ? NRM_OK : NRM_ERR_NOMEM;
		goto out;
	}
	if (err != NRM_OK)
		goto out;
	const bool open = open_record(r, index, &row, &opened);
	if (!passes(r, q, &leaf, open ? &opened.view : NULL))
		goto out;
	o = leaf_json(r, index, &leaf);
	if (whole)
		json_object_set_new(o, "bytes", nrm_json_base64(row.leaf));
	if (open) { /* what is looked up next may end the life of the row */
		json_t *record = record_json(&opened.view);
		json_object_set_new(o, "record", record);
		err = set_acknowledged(r, record, index);
	}
	if (err == NRM_OK)
		*ret_leaf = o;
	else
		json_decref(o);
out:
	nrm_arena_reset(&r->index.arena);
	nrm_buf_wipe(&opened.plain);
	return err;
}

/* --- its proof --- */

static void add_keys(json_t *list, const struct nrm_note_key *key, size_t n, const char *kind)
{
	for (size_t i = 0; i < n; i++) {
		char id[2 * sizeof(key->id) + 1];
		static const char digits[] = "0123456789abcdef";

		for (size_t k = 0; k < sizeof(key->id); k++) {
			id[2 * k] = digits[key[i].id[k] >> 4];
			id[2 * k + 1] = digits[key[i].id[k] & 15];
		}
		id[sizeof(id) - 1] = '\0';
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:o, s:s}", "name", key[i].name, "id", id, "public",
				  nrm_json_base64(nrm_slice(key[i].public_key, NRM_KEY_LEN)),
				  "kind", kind));
	}
}

/* The note to prove under: the one that witnesses vouch for where it covers the leaf, else the last signed one. */
static enum nrm_err choose_note(struct nrm_txn *txn, uint64_t index, struct nrm_slice *ret_note)
{
	struct nrm_slice vouched;
	enum nrm_err err = nrm_audit_vouched(txn, &vouched);

	if (err == NRM_OK && index < nrm_stated_size(vouched)) {
		*ret_note = vouched;
		return NRM_OK;
	}
	return err == NRM_OK ? nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT),
				       ret_note)
			     : err;
}

/* What a browser needs to check the leaf by itself; null while it is under no checkpoint, or its path is not there. */
static enum nrm_err proof_json(struct nrm_reading *r, uint64_t index, json_t **ret_proof)
{
	struct nrm_hash path[NRM_MAX_TREE_PATH];
	struct nrm_slice note, directory = {0};
	struct nrm_trust trust = {.n_logs = 0};
	struct nrm_txn *txn;
	size_t len;
	enum nrm_err err = nrm_audit_snapshot(&r->index.reader, &txn);

	*ret_proof = json_null();
	if (err == NRM_OK)
		err = choose_note(txn, index, &note);
	const uint64_t size = err == NRM_OK ? nrm_stated_size(note) : 0;
	if (err == NRM_ERR_NOT_FOUND || (err == NRM_OK && index >= size))
		return NRM_OK;
	if (err == NRM_OK)
		err = nrm_audit_newest(txn, 'd', &directory);
	if (err == NRM_OK || err == NRM_ERR_NOT_FOUND)
		err = nrm_trust_make(&trust, directory, r->options->authority, r->options->given,
				     r->options->n_given);
	if (err == NRM_OK)
		err = nrm_inclusion_path(index, size, nrm_trail_node, txn, path, &len);
	if (err == NRM_ERR_NOT_FOUND || err == NRM_ERR_CORRUPT) {
		nrm_trust_done(&trust);
		return NRM_OK;
	}
	if (err != NRM_OK)
		return err;
	json_t *steps = json_array(), *keys = json_array();
	for (size_t i = 0; i < len; i++)
		json_array_append_new(steps,
				      nrm_json_base64(nrm_slice(path[i].bytes, NRM_HASH_LEN)));
	add_keys(keys, trust.log, trust.n_logs, "checkpoint");
	add_keys(keys, trust.witness, trust.n_witnesses, "cosignature");
	nrm_trust_done(&trust);
	*ret_proof = json_pack("{s:I, s:o, s:s%, s:o}", "size", (json_int_t)size, "path", steps,
			       "checkpoint", (const char *)note.data, note.len, "keys", keys);
	return *ret_proof ? NRM_OK : NRM_ERR_NOMEM;
}

static bool has_leaf(const struct nrm_reading *r, uint64_t index, struct nrm_reply *reply)
{
	struct nrm_page_failure failure;

	if (index < r->index.columns.n)
		return true;
	nrm_page_fail(&failure, nrm_slice_str("a larger number"), "the number of a leaf",
		      "there is no such leaf");
	nrm_reply_failure(reply, 404, &failure);
	return false;
}

void nrm_answer_leaf(struct nrm_reading *r, const struct nrm_page_query *q, struct nrm_reply *reply)
{
	json_t *leaf, *proof;

	if (!has_leaf(r, q->leaf, reply))
		return;
	enum nrm_err err = nrm_page_leaf(r, q->leaf, q, true, &leaf);
	if (err == NRM_OK) {
		err = proof_json(r, q->leaf, &proof);
		if (err == NRM_OK)
			json_object_set_new(leaf, "proof", proof);
	}
	if (err == NRM_OK) {
		nrm_reply_json(reply, leaf);
	} else {
		json_decref(leaf);
		nrm_reply_error(reply, err);
	}
}

void nrm_answer_proof(struct nrm_reading *r, const struct nrm_page_query *q,
		      struct nrm_reply *reply)
{
	struct nrm_page_failure failure;
	struct nrm_prove_report report;

	if (!has_leaf(r, q->leaf, reply))
		return;
	const enum nrm_err err = nrm_audit_prove(r->store, q->leaf, r->options->given,
						 r->options->n_given, &reply->body, &report);
	if (err == NRM_ERR_ARGUMENT || err == NRM_ERR_NOT_FOUND) {
		nrm_page_fail(&failure, nrm_slice_str("a newer leaf"),
			      "a leaf under the signed checkpoint", "there is no proof yet");
		nrm_reply_failure(reply, 404, &failure);
	} else if (err == NRM_OK && report.fault.what) {
		nrm_page_fail(&failure, nrm_slice_str(report.fault.found), report.fault.expected,
			      "the trail does not verify: %s", report.fault.what);
		nrm_reply_failure(reply, 503, &failure);
	} else if (err != NRM_OK) {
		nrm_reply_error(reply, err);
	} else {
		reply->status = 200;
		reply->kind = NRM_FRAME_PROOF;
	}
}
