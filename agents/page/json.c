/* Pieces of the page's JSON, and replies made of it. */
#include <stdio.h>
#include <stdlib.h>

#include "agents/page/answer.h"
#include "proto/base/hex.h"
#include "proto/base/time.h"
#include "proto/trail/note_text.h"

void nrm_json_code(json_t *object, const char *key, enum nrm_vocabulary kind, uint32_t number)
{
	const char *name = number ? nrm_code_name(kind, number) : NULL;

	if (name)
		json_object_set_new(object, key, json_string(name));
}

void nrm_json_text(json_t *object, const char *key, struct nrm_slice text)
{
	if (text.len)
		json_object_set_new(object, key, json_stringn((const char *)text.data, text.len));
}

/* The first `len` characters of a time, and what follows them. */
static void set_time(json_t *object, const char *key, uint64_t ms, int len, const char *end)
{
	char text[NRM_TIME_TEXT_LEN + 1];

	nrm_time_format(ms, text);
	json_object_set_new(object, key, json_sprintf("%.*s%s", len, text, end));
}

void nrm_json_minute(json_t *object, const char *key, uint64_t minute)
{
	set_time(object, key, minute * 60000, 16, "Z");
}

void nrm_json_second(json_t *object, const char *key, uint64_t ms)
{
	set_time(object, key, ms, NRM_TIME_TEXT_LEN, "");
}

void nrm_json_day(json_t *object, const char *key, uint64_t minute)
{
	set_time(object, key, minute * 60000, 10, "");
}

json_t *nrm_json_codes(enum nrm_vocabulary kind, nrm_mask mask)
{
	json_t *list = json_array();

	for (uint32_t i = 1; i < 64; i++)
		if (mask & nrm_bit(i))
			json_array_append_new(list, json_string(nrm_code_name(kind, i)));
	return list;
}

json_t *nrm_json_hexes(const struct nrm_slices *list)
{
	json_t *all = json_array();

	for (size_t i = 0; i < list->n; i++) {
		char text[2 * NRM_HASH_LEN + 1] = "";
		if (list->item[i].len <= NRM_HASH_LEN)
			nrm_hex(list->item[i].data, list->item[i].len, text);
		json_array_append_new(all, json_pack("{s:s}", "id", text));
	}
	return all;
}

json_t *nrm_json_base64(struct nrm_slice bytes)
{
	struct nrm_buf text = {0};

	nrm_base64_put(&text, bytes);
	json_t *o = text.err == NRM_OK ? json_stringn((const char *)text.data, text.len) : NULL;
	nrm_buf_done(&text);
	return o;
}

json_t *nrm_json_withheld(const enum nrm_reason *reason, const nrm_mask *fields, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		if (reason[i] && fields[i])
			json_array_append_new(
				list,
				json_pack("{s:s, s:o}", "reason",
					  nrm_code_name(NRM_VOCABULARY_REASON, reason[i]), "fields",
					  nrm_json_codes(NRM_VOCABULARY_FIELD, fields[i])));
	return list;
}

void nrm_json_party(const struct nrm_reading *r, json_t *object, const char *key,
		    struct nrm_slice id)
{
	const struct nrm_participant_entry *p = nrm_index_participant(&r->index, id);
	char name[32];

	nrm_json_text(object, key, id);
	snprintf(name, sizeof(name), "%s_name", key);
	nrm_json_text(object, name, p && p->name.len ? p->name : id);
}

/* --- replies --- */

void nrm_reply_json(struct nrm_reply *reply, json_t *taken)
{
	char *text = taken ? json_dumps(taken, JSON_COMPACT) : NULL;

	json_decref(taken);
	if (!text) {
		nrm_reply_error(reply, NRM_ERR_NOMEM);
		return;
	}
	reply->status = 200;
	reply->kind = NRM_FRAME_JSON;
	nrm_buf_put(&reply->body, text, strlen(text));
	free(text);
}

void nrm_reply_failure(struct nrm_reply *reply, unsigned status,
		       const struct nrm_page_failure *failure)
{
	reply->status = status;
	reply->kind = NRM_FRAME_JSON;
	nrm_buf_clear(&reply->body);
	nrm_page_failure_json(failure, &reply->body);
}

bool nrm_reply_open(struct nrm_reply *reply, const struct nrm_reading *r, bool all)
{
	struct nrm_page_failure failure;

	if (r->index.keys && (r->index.cases_known || !all))
		return true;
	if (r->options->keys_file)
		nrm_page_fail(&failure, nrm_slice_str("a part of them"), "records of all cases",
			      "the cases are still being read");
	else
		nrm_page_fail(&failure, nrm_slice_str("none"),
			      "the case keys, beside the trail or --keys",
			      "this needs records, which are closed");
	nrm_reply_failure(reply, 503, &failure);
	return false;
}

void nrm_reply_error(struct nrm_reply *reply, enum nrm_err err)
{
	struct nrm_page_failure failure;

	nrm_page_fail(&failure, nrm_slice_str(nrm_err_text(err)), "a trail that can be read",
		      "the trail could not be read");
	nrm_reply_failure(reply, 503, &failure);
}

FILE *nrm_reply_csv(struct nrm_reply *reply, struct nrm_csv *csv)
{
	*csv = (struct nrm_csv){.stream = NULL};
	csv->stream = open_memstream(&csv->text, &csv->len);
	if (!csv->stream)
		nrm_reply_error(reply, NRM_ERR_NOMEM);
	return csv->stream;
}

void nrm_reply_csv_end(struct nrm_reply *reply, struct nrm_csv *csv)
{
	const bool failed = ferror(csv->stream) != 0;

	if (fclose(csv->stream) != 0 || failed) {
		nrm_reply_error(reply, NRM_ERR_NOMEM);
	} else {
		reply->status = 200;
		reply->kind = NRM_FRAME_CSV;
		nrm_buf_put(&reply->body, csv->text, csv->len);
	}
	free(csv->text);
}

void nrm_csv_text(FILE *out, struct nrm_slice text, char end)
{
	/* A spreadsheet would compute what begins like this. */
	const bool formula = text.len > 0 && text.data[0] && strchr("=+-@\t\r", text.data[0]);
	bool quote = formula;

	for (size_t i = 0; i < text.len; i++)
		quote |= text.data[i] < ' ' || text.data[i] == ',' || text.data[i] == '"';
	if (quote)
		fputc('"', out);
	if (formula)
		fputc('\'', out);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			fputc('"', out);
		fputc(text.data[i], out);
	}
	if (quote)
		fputc('"', out);
	fputc(end, out);
}
