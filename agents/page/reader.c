#include "agents/page/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "agents/auditor/folder.h"
#include "proto/base/time.h"

#define IDLE_MS 1000 /* between two looks at a trail that stands still */

static void (*const answers[NRM_PAGE_PATHS])(struct nrm_reading *, const struct nrm_page_query *,
					     struct nrm_reply *) = {
	[NRM_PAGE_STATUS] = nrm_answer_status,
	[NRM_PAGE_ATTENTION] = nrm_answer_attention,
	[NRM_PAGE_LEAVES] = nrm_answer_leaves,
	[NRM_PAGE_LEAF] = nrm_answer_leaf,
	[NRM_PAGE_PROOF] = nrm_answer_proof,
	[NRM_PAGE_CASE] = nrm_answer_case,
	[NRM_PAGE_PARTICIPANTS] = nrm_answer_participants,
	[NRM_PAGE_FLOWS] = nrm_answer_flows,
	[NRM_PAGE_VOLUMES] = nrm_answer_volumes,
	[NRM_PAGE_RESPONSE_TIMES] = nrm_answer_response_times,
	[NRM_PAGE_WITHHELD] = nrm_answer_withheld,
	[NRM_PAGE_INDICATORS] = nrm_answer_indicators,
};

void nrm_page_answer(struct nrm_reading *reading, const struct nrm_page_query *query,
		     struct nrm_reply *reply)
{
	const struct nrm_index *index = &reading->index;
	struct nrm_page_failure failure;
	char expected[64], found[64];

	if (query->path != NRM_PAGE_STATUS && !nrm_index_whole(index)) {
		snprintf(expected, sizeof(expected), "%" PRIu64 " leaves", index->size);
		snprintf(found, sizeof(found), "%" PRIu64, index->columns.n);
		nrm_page_fail(&failure, nrm_slice_str(found), expected,
			      "the trail is still being read");
		nrm_reply_failure(reply, 503, &failure);
		return;
	}
	answers[query->path](reading, query, reply);
	if (reply->body.err != NRM_OK) {
		nrm_buf_wipe(&reply->body);
		nrm_reply_error(reply, NRM_ERR_NOMEM);
	}
}

/* Reads a whole query; the other side writes them whole. */
static bool take_query(int fd, struct nrm_page_query *query)
{
	ssize_t n;

	do
		n = recv(fd, query, sizeof(*query), MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*query) && query->path < NRM_PAGE_PATHS &&
	       query->path != NRM_PAGE_WORDS;
}

static bool answer_next(struct nrm_reading *reading, int fd)
{
	struct nrm_reply reply = {.status = 0};
	struct nrm_page_query query;

	if (!take_query(fd, &query))
		return false;
	nrm_page_answer(reading, &query, &reply);
	nrm_audit_reader_done(&reading->index.reader); /* an old snapshot holds up the broker */
	enum nrm_err err = nrm_page_frame_write(
		fd, &(struct nrm_page_frame){reply.kind, reply.status, nrm_buf_slice(&reply.body)});
	if (err == NRM_ERR_LIMIT) {
		nrm_reply_error(&reply, err);
		err = nrm_page_frame_write(fd,
					   &(struct nrm_page_frame){reply.kind, reply.status,
								    nrm_buf_slice(&reply.body)});
	}
	nrm_buf_wipe(&reply.body);
	return err == NRM_OK;
}

/* Tells of a new checkpoint, once. */
static enum nrm_err tell_news(struct nrm_reading *reading, int fd, uint64_t *told)
{
	struct nrm_slice note;
	struct nrm_txn *txn;
	uint8_t bytes[8];
	enum nrm_err err = nrm_audit_snapshot(&reading->index.reader, &txn);

	if (err == NRM_OK)
		err = nrm_get(txn, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CHECKPOINT), &note);
	if (err == NRM_ERR_NOT_FOUND)
		return NRM_OK;
	const uint64_t size = err == NRM_OK ? nrm_stated_size(note) : 0;
	nrm_audit_reader_done(&reading->index.reader);
	if (err != NRM_OK || size == *told)
		return err;
	*told = size;
	nrm_store_u64(bytes, size);
	return nrm_page_frame_write(
		fd, &(struct nrm_page_frame){NRM_FRAME_NEWS, 0, nrm_slice(bytes, sizeof(bytes))});
}

/* Follows the trail and answers, whichever there is to do; a query goes first. */
static enum nrm_err work(struct nrm_reading *reading, int fd)
{
	struct pollfd socket = {.fd = fd, .events = POLLIN};
	uint64_t told = UINT64_MAX;
	bool busy = true;
	enum nrm_err err = NRM_OK;

	while (err == NRM_OK) {
		const int n = poll(&socket, 1, busy ? 0 : IDLE_MS);
		if (n < 0 && errno != EINTR)
			return NRM_ERR_IO;
		if (n > 0 && !answer_next(reading, fd))
			return NRM_OK;
		if (n == 0) {
			err = nrm_index_step(&reading->index, nrm_time_monotonic_ms(), &busy);
			if (err == NRM_OK)
				err = tell_news(reading, fd, &told);
		}
	}
	return err == NRM_ERR_CLOSED ? NRM_OK : err;
}

static int cannot(int fd, const char *what, enum nrm_err err)
{
	char why[160];
	const int n = snprintf(why, sizeof(why), "%s: %s", what, nrm_err_text(err));

	(void)!nrm_page_frame_write(
		fd, &(struct nrm_page_frame){NRM_FRAME_CANNOT, 0, nrm_slice(why, (size_t)n)});
	return 2;
}

int nrm_page_reader(const struct nrm_serve_options *options, void *unused, int fd)
{
	const struct nrm_store_options tables = {
		.tables = nrm_broker_tables, .n_tables = NRM_BROKER_TABLES, .read_only = true};
	struct nrm_reading reading = {.options = options};
	char path[4096];

	(void)unused;
	snprintf(path, sizeof(path), "%s/" NRM_BROKER_STORE, options->trail);
	enum nrm_err err = nrm_store_open(path, &tables, &reading.store);
	if (err != NRM_OK)
		return cannot(fd, "the trail cannot be opened", err);
	nrm_index_init(&reading.index, reading.store, options->keys_file);
	err = work(&reading, fd);
	nrm_index_done(&reading.index);
	nrm_store_close(reading.store);
	return err == NRM_OK ? 0 : cannot(fd, "the trail cannot be read", err);
}
