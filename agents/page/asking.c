/* The reader, as the serving process sees it: one query at a time, a deadline for each, a new reader when one has died. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agents/page/reader.h"
#include "agents/page/server_parts.h"
#include "agents/page/site.h"
#include "proto/base/log.h"
#include "proto/base/time.h"

#define ANEW_MS	   1000u  /* between two beginnings, where somebody asks */
#define UNASKED_MS 30000u /* the same where nobody does */

/* --- those that wait --- */

void nrm_asking_add(struct nrm_server *server, struct nrm_visit *visit)
{
	struct nrm_visit **last = &server->reader.first;

	while (*last)
		last = &(*last)->next;
	*last = visit;
	visit->next = NULL;
	visit->state = NRM_VISIT_ASKING;
}

/* One that has been asked already is waited for all the same; its answer finds nobody. */
void nrm_asking_remove(struct nrm_server *server, struct nrm_visit *visit)
{
	struct nrm_visit **at = &server->reader.first;

	while (*at && *at != visit)
		at = &(*at)->next;
	if (*at)
		*at = visit->next;
}

static struct nrm_visit *take_first(struct nrm_server *server)
{
	struct nrm_visit *visit = server->reader.first;

	if (visit)
		server->reader.first = visit->next;
	return visit;
}

/* Nobody can answer now. How the trail was found last is told all the same. */
static void fail_all(struct nrm_server *server)
{
	struct nrm_page_failure failure;
	struct nrm_visit *visit;

	nrm_page_fail(&failure, nrm_slice_str(server->reader.why), "a trail that can be read",
		      "the process that reads the trail has ended");
	while ((visit = take_first(server))) {
		if (visit->query.path != NRM_PAGE_STATUS) {
			nrm_visit_fail(visit, 503, &failure);
			continue;
		}
		json_t *o = json_pack("{s:{s:s, s:s, s:s}, s:o}", "error", "what", failure.what,
				      "expected", failure.expected, "found", failure.found,
				      "verification", nrm_verifier_json(&server->verifier));
		char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
		nrm_visit_answer(visit, 503, "application/json", nrm_slice_str(text));
		free(text);
		json_decref(o);
	}
}

/* --- the reader --- */

static void end_reader(struct nrm_server *server, bool at_once, const char *why)
{
	char how[NRM_CHILD_END_LEN];

	nrm_child_end(&server->reader.child, at_once, how);
	snprintf(server->reader.why, sizeof(server->reader.why), "%s", why ? why : how);
	server->reader.asked = false;
	nrm_log(NRM_LOG_ERROR, "reader", "text=\"%s\"", server->reader.why);
	fail_all(server);
}

static void begin_reader(struct nrm_server *server, uint64_t now)
{
	server->reader.began_ms = now;
	if (nrm_child_begin(&server->reader.child, server->options, nrm_page_reader, NULL) !=
	    NRM_OK)
		snprintf(server->reader.why, sizeof(server->reader.why), "no new process");
}

static void ask(struct nrm_server *server, uint64_t now)
{
	const struct nrm_page_query *query = &server->reader.first->query;

	/* the socket is empty, and has room for one */
	if (send(server->reader.child.fd, query, sizeof(*query), MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(*query)) {
		end_reader(server, true, NULL);
		return;
	}
	server->reader.asked = true;
	server->reader.asked_ms = now;
	server->reader.first->until_ms = UINT64_MAX;
}

void nrm_asking_step(struct nrm_server *server, uint64_t now)
{
	const bool waiting = server->reader.first != NULL;
	const uint64_t rest = server->reader.began_ms ? now - server->reader.began_ms : UINT64_MAX;

	if (server->reader.asked && now - server->reader.asked_ms > NRM_MAX_PAGE_ANSWER_MS)
		end_reader(server, true, "it took longer than half a minute to answer");
	if (!server->reader.child.pid && rest >= (waiting ? ANEW_MS : UNASKED_MS))
		begin_reader(server, now);
	if (!server->reader.child.pid)
		fail_all(server);
	else if (server->reader.first && !server->reader.asked)
		ask(server, now);
}

/* --- what it says --- */

static struct nrm_slice add_verification(struct nrm_server *server, struct nrm_slice body,
					 char **ret_text)
{
	struct nrm_slice charts;
	const char *type;
	json_t *o = json_loadb((const char *)body.data, body.len, 0, NULL);

	json_object_set_new(o, "verification", nrm_verifier_json(&server->verifier));
	json_object_set_new(o, "charts", json_boolean(nrm_site_find("/charts.js", &charts, &type)));
	*ret_text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return nrm_slice_str(*ret_text);
}

static const char *attachment_of(const struct nrm_visit *visit, enum nrm_frame_kind kind)
{
	static const char *const names[NRM_PAGE_PATHS] = {
		[NRM_PAGE_FLOWS] = "flows.csv",
		[NRM_PAGE_VOLUMES] = "volumes.csv",
		[NRM_PAGE_RESPONSE_TIMES] = "response_times.csv",
		[NRM_PAGE_WITHHELD] = "withheld.csv",
		[NRM_PAGE_INDICATORS] = "indicators.csv",
		[NRM_PAGE_PROOF] = "leaf.tlog-proof",
	};

	return kind == NRM_FRAME_JSON ? NULL : names[visit->query.path];
}

static void take_answer(struct nrm_server *server, const struct nrm_page_frame *frame)
{
	static const char *const types[] = {
		[NRM_FRAME_JSON] = "application/json",
		[NRM_FRAME_CSV] = "text/csv; charset=utf-8",
		[NRM_FRAME_PROOF] = "text/plain; charset=utf-8",
	};
	struct nrm_visit *visit = server->reader.first;
	struct nrm_slice body = frame->bytes;
	char *text = NULL;

	server->reader.asked = false;
	/* the one that asked may have gone; who is first now was not asked yet */
	if (!visit || visit->until_ms != UINT64_MAX)
		return;
	take_first(server);
	if (visit->query.path == NRM_PAGE_STATUS && frame->status == 200)
		body = add_verification(server, body, &text);
	visit->attachment = attachment_of(visit, frame->kind);
	nrm_visit_answer(visit, frame->status, types[frame->kind], body);
	free(text);
}

void nrm_asking_hear(struct nrm_server *server)
{
	struct nrm_child *child = &server->reader.child;
	const enum nrm_err heard = nrm_child_hear(child);
	struct nrm_page_frame frame;
	char why[NRM_CHILD_END_LEN] = "";
	enum nrm_err err;

	while ((err = nrm_child_frame(child, &frame)) == NRM_OK) {
		struct nrm_reader r = nrm_reader(frame.bytes);

		if (frame.kind == NRM_FRAME_NEWS)
			nrm_verifier_news(&server->verifier, nrm_take_u64(&r));
		else if (frame.kind == NRM_FRAME_CANNOT)
			snprintf(why, sizeof(why), "%.*s", (int)frame.bytes.len,
				 (const char *)frame.bytes.data);
		else if (frame.kind <= NRM_FRAME_PROOF && server->reader.asked)
			take_answer(server, &frame);
	}
	if (heard != NRM_OK || err != NRM_ERR_AGAIN)
		end_reader(server, true, why[0] ? why : NULL);
}
