#include "agents/page/verify_round.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/auditor/verify.h"
#include "proto/base/time.h"
#include "proto/store/case_keys.h"

#define TELL_MS 200u

struct telling {
	int fd;
	uint64_t next_ms;
};

static void say(int fd, enum nrm_frame_kind kind, struct nrm_slice bytes)
{
	/* a parent that is gone takes this process with it */
	(void)!nrm_page_frame_write(fd, &(struct nrm_page_frame){kind, 0, bytes});
}

static void tell(void *context, const char *what, uint64_t done, uint64_t of)
{
	struct telling *t = context;
	const uint64_t now = nrm_time_monotonic_ms();
	uint8_t bytes[16];

	if (!what || now < t->next_ms)
		return;
	t->next_ms = now + TELL_MS;
	nrm_store_u64(bytes, done);
	nrm_store_u64(bytes + 8, of);
	say(t->fd, NRM_FRAME_PROGRESS, nrm_slice(bytes, sizeof(bytes)));
}

static json_t *fault_json(const struct nrm_audit_fault *fault)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "what", fault->what, "expected", fault->expected,
			      "found", fault->found);

	if (fault->leaf != NRM_NO_LEAF)
		json_object_set_new(o, "leaf", json_integer((json_int_t)fault->leaf));
	if (fault->file[0])
		json_object_set_new(o, "file", json_string(fault->file));
	return o;
}

static void say_report(int fd, const char *state, uint64_t leaves,
		       const struct nrm_audit_fault *fault)
{
	json_t *o = json_pack("{s:s, s:I, s:o}", "state", state, "leaves", (json_int_t)leaves,
			      "fault", fault->what ? fault_json(fault) : json_null());
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;

	if (text)
		say(fd, NRM_FRAME_REPORT, nrm_slice_str(text));
	free(text);
	json_decref(o);
}

static void could_not(int fd, const char *what, enum nrm_err err)
{
	struct nrm_audit_fault fault = {.what = what, .leaf = NRM_NO_LEAF};

	snprintf(fault.found, sizeof(fault.found), "%s", nrm_err_text(err));
	say_report(fd, "could_not_check", 0, &fault);
}

static enum nrm_err open_trail(const struct nrm_serve_options *options, struct nrm_store **store,
			       struct nrm_case_keys **keys)
{
	const struct nrm_store_options tables = {
		.tables = nrm_broker_tables, .n_tables = NRM_BROKER_TABLES, .read_only = true};
	char path[4096];

	snprintf(path, sizeof(path), "%s/" NRM_BROKER_STORE, options->trail);
	enum nrm_err err = nrm_store_open(path, &tables, store);
	return err == NRM_OK && options->keys_file
		       ? nrm_case_keys_open(options->keys_file, true, keys)
		       : err;
}

int nrm_page_verify_round(const struct nrm_serve_options *options, void *since, int fd)
{
	struct telling telling = {.fd = fd};
	const struct nrm_audit_progress progress = {.tell = tell, .context = &telling};
	struct nrm_buf note = {0};
	const struct nrm_audit_options asked = {
		.authority = options->authority,
		.given = options->given,
		.n_given = options->n_given,
		.quorum = options->quorum,
		.folder = options->trail,
		.tsa_ca = options->tsa_ca,
		.since = *(const struct nrm_slice *)since,
		.now_ms = nrm_time_now_ms(),
		.progress = &progress,
		.note = &note,
	};
	struct nrm_case_keys *keys = NULL;
	struct nrm_store *store = NULL;
	struct nrm_audit_report report;
	enum nrm_err err = open_trail(options, &store, &keys);

	if (err != NRM_OK)
		could_not(fd, "the trail or its case keys cannot be opened", err);
	else if ((err = nrm_audit_verify(store, keys, &asked, &report)) != NRM_OK)
		could_not(fd,
			  err == NRM_ERR_NOT_FOUND
				  ? "there is no directory or no signed checkpoint yet"
				  : "the trail could not be read",
			  err);
	else
		say_report(fd, report.fault.what ? "does_not_verify" : "verifies", report.leaves,
			   &report.fault);
	if (err == NRM_OK && !report.fault.what)
		say(fd, NRM_FRAME_NOTE, nrm_buf_slice(&note));
	nrm_case_keys_close(keys);
	nrm_store_close(store);
	nrm_buf_done(&note);
	return err == NRM_OK ? 0 : 2;
}
