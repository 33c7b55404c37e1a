/* One request: whether it is answered, by whom, and with which headers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/page/server_parts.h"
#include "agents/page/site.h"
#include "agents/page/words.h"
#include "proto/base/time.h"

#define JSON "application/json"
#define TEXT "text/plain; charset=utf-8"

/* With every answer, whatever it is. */
static const char *const headers[][2] = {
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	 "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
};

static struct nrm_place *place_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void set_deadline(struct MHD_Connection *connection, uint64_t in_ms)
{
	struct nrm_place *place = place_of(connection);

	if (place)
		place->deadline_ms = in_ms ? nrm_time_monotonic_ms() + in_ms : UINT64_MAX;
}

void *nrm_visit_begin(void *server, const char *uri, struct MHD_Connection *connection)
{
	struct nrm_visit *visit = calloc(1, sizeof(*visit));

	if (!visit)
		return NULL;
	visit->server = server;
	visit->connection = connection;
	visit->too_long = strlen(uri) > NRM_MAX_PAGE_URI;
	snprintf(visit->path, sizeof(visit->path), "%.*s", (int)strcspn(uri, "?"), uri);
	return visit;
}

void nrm_visit_end(void *server, struct MHD_Connection *connection, void **visit,
		   enum MHD_RequestTerminationCode how)
{
	struct nrm_visit *v = *visit;

	(void)how;
	if (!v)
		return;
	if (v->state == NRM_VISIT_ASKING)
		nrm_asking_remove(server, v);
	set_deadline(connection, NRM_MAX_PAGE_SILENCE_MS);
	nrm_buf_wipe(&v->body);
	free(v);
	*visit = NULL;
}

/* --- answers --- */

void nrm_visit_answer(struct nrm_visit *visit, unsigned status, const char *type,
		      struct nrm_slice body)
{
	const bool waited = visit->state == NRM_VISIT_REFUSED || visit->state == NRM_VISIT_ASKING;

	visit->state = NRM_VISIT_ANSWERED;
	visit->status = status;
	visit->type = type;
	nrm_buf_clear(&visit->body);
	nrm_buf_put(&visit->body, body.data, body.len);
	if (waited)
		MHD_resume_connection(visit->connection);
}

void nrm_visit_fail(struct nrm_visit *visit, unsigned status,
		    const struct nrm_page_failure *failure)
{
	struct nrm_buf body = {0};

	nrm_page_failure_json(failure, &body);
	nrm_visit_answer(visit, status, JSON, nrm_buf_slice(&body));
	nrm_buf_done(&body);
}

static void add_headers(struct MHD_Response *response, const struct nrm_visit *v)
{
	char attachment[96];

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(response, headers[i][0], headers[i][1]);
	MHD_add_response_header(response, "Content-Type", v->type);
	if (v->attachment && v->status == 200) {
		snprintf(attachment, sizeof(attachment), "attachment; filename=\"%s\"",
			 v->attachment);
		MHD_add_response_header(response, "Content-Disposition", attachment);
	}
	if (v->status == 401)
		MHD_add_response_header(response, "WWW-Authenticate",
					"Basic realm=\"nrm audit\", charset=\"UTF-8\"");
	if (v->status == 405)
		MHD_add_response_header(response, "Allow", "GET, HEAD");
	if (v->status == 429)
		MHD_add_response_header(response, "Retry-After", "2");
}

/* Sends what is there. MHD leaves the body out where HEAD was asked. */
static enum MHD_Result send_answer(struct nrm_visit *v)
{
	struct MHD_Response *response =
		v->file.data ? MHD_create_response_from_buffer(v->file.len, (void *)v->file.data,
							       MHD_RESPMEM_PERSISTENT)
			     : MHD_create_response_from_buffer(v->body.len, v->body.data,
							       MHD_RESPMEM_MUST_COPY);

	if (!response)
		return MHD_NO;
	add_headers(response, v);
	set_deadline(v->connection, NRM_MAX_PAGE_SEND_MS);
	const enum MHD_Result result = MHD_queue_response(v->connection, v->status, response);
	MHD_destroy_response(response);
	return result;
}

static void say(struct nrm_visit *v, unsigned status, const char *text)
{
	nrm_visit_answer(v, status, TEXT, nrm_slice_str(text));
}

/* --- what is asked --- */

struct taking {
	struct nrm_visit *visit;
	struct nrm_page_failure failure;
	enum nrm_err err;
};

static enum MHD_Result take_parameter(void *context, enum MHD_ValueKind kind, const char *name,
				      size_t name_len, const char *value, size_t value_len)
{
	struct taking *t = context;

	(void)kind;
	t->err = nrm_query_take(&t->visit->query, nrm_slice(name, name_len),
				nrm_slice(value, value ? value_len : 0), &t->failure);
	return t->err == NRM_OK ? MHD_YES : MHD_NO;
}

static void answer_words(struct nrm_visit *v)
{
	json_t *words = nrm_words_json(v->server->options->glossary,
				       v->query.language[0] ? v->query.language : NULL);
	char *text = words ? json_dumps(words, JSON_COMPACT) : NULL;

	if (text)
		nrm_visit_answer(v, 200, JSON, nrm_slice_str(text));
	else
		say(v, 503, "out of memory\n");
	free(text);
	json_decref(words);
}

static void answer_api(struct nrm_visit *v)
{
	struct taking t = {.visit = v};

	t.err = nrm_query_begin(v->path, &v->query, &t.failure);
	if (t.err == NRM_OK)
		MHD_get_connection_values_n(v->connection, MHD_GET_ARGUMENT_KIND, take_parameter,
					    &t);
	if (t.err == NRM_OK)
		t.err = nrm_query_end(&v->query, &t.failure);
	if (t.err != NRM_OK) {
		nrm_visit_fail(v, t.err == NRM_ERR_NOT_FOUND ? 404 : 400, &t.failure);
	} else if (v->query.path == NRM_PAGE_WORDS) {
		answer_words(v);
	} else {
		MHD_suspend_connection(v->connection);
		nrm_asking_add(v->server, v);
	}
}

static void answer_file(struct nrm_visit *v)
{
	const char *type;

	if (!nrm_site_find(v->path, &v->file, &type)) {
		say(v, 404, "there is no such page\n");
		return;
	}
	v->state = NRM_VISIT_ANSWERED;
	v->status = 200;
	v->type = type;
}

/* Wrong passwords wait, in order; those who guess many at once are sent away. */
static void refuse(struct nrm_visit *v)
{
	struct nrm_visit **last = &v->server->refused;

	while (*last)
		last = &(*last)->next;
	*last = v;
	v->next = NULL;
	v->server->n_refused++;
	v->until_ms = nrm_time_monotonic_ms() + NRM_MAX_PAGE_REFUSAL_MS;
	v->state = NRM_VISIT_REFUSED;
	MHD_suspend_connection(v->connection);
}

static void decide(struct nrm_visit *v, const char *method)
{
	const char *host = MHD_lookup_connection_value(v->connection, MHD_HEADER_KIND, "Host");

	if (v->too_long) {
		say(v, 414, "the address is longer than 8 KiB\n");
		return;
	}
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		say(v, 405, "this page is read only\n");
		return;
	}
	if (!nrm_door_host_ok(v->server->options, host)) {
		say(v, 421, "this page is not served under that name: see --host\n");
		return;
	}
	switch (nrm_door(v->server, v->connection)) {
	case NRM_DOOR_ASK:
		say(v, 401, "a name and password are needed\n");
		break;
	case NRM_DOOR_BUSY:
		say(v, 429, "too many wrong passwords at once\n");
		break;
	case NRM_DOOR_WRONG:
		refuse(v);
		break;
	case NRM_DOOR_OPEN:
		if (strncmp(v->path, "/api/", 5) == 0)
			answer_api(v);
		else
			answer_file(v);
		break;
	}
}

enum MHD_Result nrm_visit_handle(void *server, struct MHD_Connection *connection, const char *url,
				 const char *method, const char *version, const char *upload,
				 size_t *upload_len, void **visit)
{
	struct nrm_visit *v = *visit;

	(void)server;
	(void)url; /* its escapes are undone: v->path has it as it came */
	(void)version;
	(void)upload;
	(void)upload_len;
	if (!v)
		return MHD_NO;
	if (v->state == NRM_VISIT_NEW) {
		set_deadline(connection, 0);
		decide(v, method);
	}
	return v->state == NRM_VISIT_ANSWERED ? send_answer(v) : MHD_YES;
}
