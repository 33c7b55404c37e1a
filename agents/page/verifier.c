#include "agents/page/verifier.h"

#include <stdlib.h>
#include <string.h>

#include "agents/page/verify_round.h"
#include "proto/base/file.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/base/time.h"
#include "proto/crypto/keyfile.h"

#define AT_MOST_EVERY_MS 60000u
#define TIMES_AS_LONG	 5u
#define FIRST_NEWS_MS	 5000u /* that the first round waits for a checkpoint to be told of */
#define WHOLE_EVERY_MS	 (24ull * 3600 * 1000)
#define MAX_STATE	 (2u * NRM_MAX_NOTE)

/* --- what is remembered --- */

static bool take_state(struct nrm_verifier *v, const json_t *state)
{
	const json_t *since = json_object_get(state, "holds_since");
	const json_t *note = json_object_get(state, "checkpoint");

	if (!json_is_string(note) ||
	    (!json_is_null(since) &&
	     (!json_is_string(since) ||
	      nrm_time_parse(json_string_value(since), &v->holds_since_ms) != NRM_OK)))
		return false;
	nrm_buf_put(&v->note, json_string_value(note), json_string_length(note));
	return v->note.err == NRM_OK;
}

static json_t *time_json(uint64_t ms)
{
	char text[NRM_TIME_TEXT_LEN + 1];

	nrm_time_format(ms, text);
	return ms ? json_string(text) : json_null();
}

/* The checkpoint stays also when the trail does not hold any more: it has to follow from that one, after a restart too. */
static void remember(const struct nrm_verifier *v)
{
	if (!v->options->state_file || v->note.len == 0)
		return;
	json_t *o = json_pack("{s:o, s:s%}", "holds_since", time_json(v->holds_since_ms),
			      "checkpoint", (const char *)v->note.data, v->note.len);
	char *text = o ? json_dumps(o, JSON_INDENT(1)) : NULL;
	if (!text || nrm_file_replace(v->options->state_file, 0600, nrm_slice_str(text)) != NRM_OK)
		nrm_log(NRM_LOG_WARNING, "state", "file=%s text=\"cannot be written\"",
			v->options->state_file);
	free(text);
	json_decref(o);
}

void nrm_verifier_init(struct nrm_verifier *v, const struct nrm_serve_options *options)
{
	struct nrm_buf text = {0};
	enum nrm_err err = NRM_ERR_NOT_FOUND;

	*v = (struct nrm_verifier){.options = options,
				   .child.fd = -1,
				   .wanted = UINT64_MAX,
				   .verified = UINT64_MAX,
				   .must_whole = true,
				   .whole_ms = UINT64_MAX,
				   .next_ms = nrm_time_monotonic_ms() + FIRST_NEWS_MS};
	if (options->state_file)
		err = nrm_file_read(options->state_file, MAX_STATE, false, &text);
	if (err == NRM_OK) {
		json_t *o = json_loadb((const char *)text.data, text.len, 0, NULL);
		if (!take_state(v, o)) {
			v->holds_since_ms = 0;
			nrm_buf_clear(&v->note);
			err = NRM_ERR_FORMAT;
		}
		json_decref(o);
	}
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		nrm_log(NRM_LOG_WARNING, "state", "file=%s text=\"%s: begun anew\"",
			options->state_file, nrm_err_text(err));
	nrm_buf_done(&text);
}

void nrm_verifier_done(struct nrm_verifier *v)
{
	char how[NRM_CHILD_END_LEN];

	nrm_child_end(&v->child, true, how);
	json_decref(v->report);
	json_decref(v->coming);
	nrm_buf_done(&v->note);
}

/* --- rounds --- */

static bool says(const json_t *report, const char *state)
{
	const char *said = json_string_value(json_object_get(report, "state"));

	return said && strcmp(said, state) == 0;
}

void nrm_verifier_news(struct nrm_verifier *v, uint64_t size)
{
	/* where there was nothing to check, now there may be */
	if (size != v->verified && (!v->report || says(v->report, "could_not_check")))
		v->next_ms = 0;
	v->wanted = size;
}

static bool due(const struct nrm_verifier *v, uint64_t now)
{
	if (v->child.pid || now < v->next_ms)
		return false;
	return v->must_whole || v->wanted != v->verified || now >= v->whole_ms;
}

/*
 * A round goes on from the last checkpoint that verified, and when the trail follows from it one may read the whole: otherwise a trail
 * that was put in the place of another could pass.
 */
void nrm_verifier_step(struct nrm_verifier *v, uint64_t now)
{
	struct nrm_slice since;

	if (!due(v, now))
		return;
	v->must_whole |= now >= v->whole_ms;
	v->whole = v->note.len == 0 || (v->must_whole && v->follows);
	since = v->whole ? nrm_slice(NULL, 0) : nrm_buf_slice(&v->note);
	v->follows = false;
	v->began_ms = now;
	v->verified = v->wanted;
	v->done = v->of = 0;
	if (nrm_child_begin(&v->child, v->options, nrm_page_verify_round, &since) != NRM_OK) {
		nrm_log(NRM_LOG_ERROR, "verify", "text=\"no new process\"");
		v->next_ms = now + AT_MOST_EVERY_MS;
	}
}

/* When the next round may begin: right away where a whole one is to follow. */
static void plan(struct nrm_verifier *v, bool good, uint64_t now)
{
	const uint64_t took = TIMES_AS_LONG * (now - v->began_ms);

	v->follows = good && !v->whole;
	if (v->whole && good)
		v->whole_ms = now + WHOLE_EVERY_MS;
	if (v->whole)
		v->must_whole = !good;
	v->next_ms = v->follows && v->must_whole
			     ? now
			     : v->began_ms + (took > AT_MOST_EVERY_MS ? took : AT_MOST_EVERY_MS);
}

/* What a round found takes the place of what was found before, unless it looked at less than a round that failed. */
static void publish(struct nrm_verifier *v)
{
	const bool good = says(v->coming, "verifies");

	v->checked_ms = nrm_time_now_ms();
	if (good && !v->whole && v->must_whole && v->report && !says(v->report, "verifies")) {
		json_decref(v->coming);
		v->coming = NULL;
		return;
	}
	json_decref(v->report);
	v->report = v->coming;
	v->coming = NULL;
	if (good && !v->holds_since_ms)
		v->holds_since_ms = v->checked_ms;
	if (says(v->report, "does_not_verify"))
		v->holds_since_ms = 0;
	remember(v);
}

static void end_round(struct nrm_verifier *v)
{
	char how[NRM_CHILD_END_LEN];

	nrm_child_end(&v->child, true, how);
	if (!v->coming)
		v->coming = json_pack("{s:s, s:i, s:{s:s, s:s, s:s}}", "state", "could_not_check",
				      "leaves", 0, "fault", "what", "the check ended early",
				      "expected", "a trail that can be read", "found", how);
	const bool good = says(v->coming, "verifies");
	nrm_log(good ? NRM_LOG_INFO : NRM_LOG_ERROR, "verified", "state=%s whole=%s",
		json_string_value(json_object_get(v->coming, "state")), v->whole ? "yes" : "no");
	publish(v);
	plan(v, good, nrm_time_monotonic_ms());
}

static void take_frame(struct nrm_verifier *v, const struct nrm_page_frame *frame)
{
	struct nrm_reader r = nrm_reader(frame->bytes);

	switch (frame->kind) {
	case NRM_FRAME_PROGRESS:
		v->done = nrm_take_u64(&r);
		v->of = nrm_take_u64(&r);
		break;
	case NRM_FRAME_REPORT:
		json_decref(v->coming);
		v->coming = json_loadb((const char *)frame->bytes.data, frame->bytes.len, 0, NULL);
		break;
	case NRM_FRAME_NOTE: /* comes after the report */
		nrm_buf_clear(&v->note);
		nrm_buf_put(&v->note, frame->bytes.data, frame->bytes.len);
		break;
	default:
		break;
	}
}

void nrm_verifier_hear(struct nrm_verifier *v)
{
	struct nrm_page_frame frame;
	const enum nrm_err heard = nrm_child_hear(&v->child);
	enum nrm_err err;

	while ((err = nrm_child_frame(&v->child, &frame)) == NRM_OK)
		take_frame(v, &frame);
	if (heard != NRM_OK || err != NRM_ERR_AGAIN)
		end_round(v);
}

int nrm_verifier_timeout(const struct nrm_verifier *v, uint64_t now)
{
	const uint64_t most = 1000;

	if (v->child.pid)
		return (int)most;
	return v->next_ms > now && v->next_ms - now < most ? (int)(v->next_ms - now) : (int)most;
}

json_t *nrm_verifier_json(const struct nrm_verifier *v)
{
	/* Beside a round under way the last one's result goes on being told. */
	const bool running = v->child.pid != 0;
	json_t *o = v->report ? json_deep_copy(v->report)
			      : json_pack("{s:s, s:n, s:n}", "state", running ? "running" : "never",
					  "leaves", "fault");

	json_object_set_new(o, "checked_at", time_json(v->checked_ms));
	json_object_set_new(o, "holds_since", time_json(v->holds_since_ms));
	json_object_set_new(o, "progress",
			    running ? json_pack("{s:I, s:I}", "done", (json_int_t)v->done, "of",
						(json_int_t)v->of)
				    : json_null());
	return o;
}
