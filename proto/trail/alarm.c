#include "proto/trail/alarm.h"

#include <string.h>

#include "proto/base/id.h"
#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/trail/note_text.h"

static const char first_line[] = "nrm/v1/alarm";

#define NRM_X_(name, word, text) {word, text},
static const struct {
	const char *word, *text;
} kinds[] = {NRM_ALARMS(NRM_X_)};
#undef NRM_X_

const char *nrm_alarm_word(enum nrm_alarm_kind kind)
{
	return kind < NRM_ALARM_END_ ? kinds[kind].word : "unknown";
}

const char *nrm_alarm_text(enum nrm_alarm_kind kind)
{
	return kind < NRM_ALARM_END_ ? kinds[kind].text : "unknown";
}

static void put_key(struct nrm_buf *out, const char *key)
{
	nrm_buf_put(out, key, strlen(key));
	nrm_buf_put_u8(out, ' ');
}

static void put_text(struct nrm_buf *out, const char *key, struct nrm_slice text)
{
	put_key(out, key);
	nrm_buf_put(out, text.data, text.len);
	nrm_buf_put_u8(out, '\n');
}

static void put_base64(struct nrm_buf *out, const char *key, struct nrm_slice bytes)
{
	put_key(out, key);
	nrm_base64_put(out, bytes);
	nrm_buf_put_u8(out, '\n');
}

enum nrm_err nrm_alarm_write(const struct nrm_alarm *alarm, const struct nrm_signing_key *key,
			     struct nrm_buf *out)
{
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_buf text = {0};

	if (!nrm_participant_id_ok(alarm->reporter))
		return NRM_ERR_ID;
	if (alarm->kept.len > NRM_MAX_NOTE || alarm->shown.len > NRM_MAX_NOTE)
		return NRM_ERR_LIMIT;
	nrm_buf_put(&text, first_line, strlen(first_line));
	nrm_buf_put_u8(&text, '\n');
	put_text(&text, "reporter", alarm->reporter);
	put_key(&text, "time");
	nrm_decimal_put(&text, alarm->time_ms);
	nrm_buf_put_u8(&text, '\n');
	put_text(&text, "found", nrm_slice_str(nrm_alarm_word(alarm->kind)));
	put_base64(&text, "kept", alarm->kept);
	put_base64(&text, "shown", alarm->shown);
	enum nrm_err err = text.err;
	if (err == NRM_OK)
		err = nrm_document_sign(key, NRM_DOMAIN_ALARM, nrm_buf_slice(&text), signature);
	if (err == NRM_OK) {
		nrm_buf_put(out, text.data, text.len);
		put_base64(out, "signature", nrm_slice(signature, sizeof(signature)));
		err = out->err;
	}
	nrm_buf_done(&text);
	return err;
}

/* The value of the next line, which must have this key. */
static enum nrm_err take(struct nrm_slice *file, const char *key, struct nrm_slice *ret_value)
{
	struct nrm_slice line;

	if (!nrm_line_take(file, &line) || !nrm_prefix_take(&line, key) ||
	    !nrm_prefix_take(&line, " "))
		return NRM_ERR_FORMAT;
	*ret_value = line;
	return NRM_OK;
}

static enum nrm_err kind_of(struct nrm_slice word, enum nrm_alarm_kind *ret_kind)
{
	for (int kind = 0; kind < NRM_ALARM_END_; kind++)
		if (nrm_slice_equal(word, nrm_slice_str(kinds[kind].word))) {
			*ret_kind = (enum nrm_alarm_kind)kind;
			return NRM_OK;
		}
	return NRM_ERR_FORMAT;
}

/* The parts of a file as they are written; `text` is what is signed. */
struct parts {
	struct nrm_slice text, reporter, time, found, kept, shown, signature;
};

static enum nrm_err part(struct nrm_slice file, struct parts *p)
{
	struct nrm_slice rest = file, line;
	enum nrm_err err;

	if (file.len > NRM_MAX_ALARM)
		return NRM_ERR_LIMIT;
	if (!nrm_line_take(&rest, &line) || !nrm_slice_equal(line, nrm_slice_str(first_line)))
		return NRM_ERR_FORMAT;
	if ((err = take(&rest, "reporter", &p->reporter)) ||
	    (err = take(&rest, "time", &p->time)) || (err = take(&rest, "found", &p->found)) ||
	    (err = take(&rest, "kept", &p->kept)) || (err = take(&rest, "shown", &p->shown)))
		return err;
	p->text = nrm_slice(file.data, file.len - rest.len);
	err = take(&rest, "signature", &p->signature);
	return err == NRM_OK && rest.len > 0 ? NRM_ERR_FORMAT : err;
}

enum nrm_err nrm_alarm_read(struct nrm_slice file, struct nrm_buf *notes,
			    struct nrm_alarm *ret_alarm)
{
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct nrm_alarm alarm;
	struct parts p;
	enum nrm_err err;

	if ((err = part(file, &p)) || (err = nrm_decimal_read(p.time, &alarm.time_ms)) ||
	    (err = kind_of(p.found, &alarm.kind)) ||
	    (err = nrm_base64_read_exact(p.signature, signature, sizeof(signature))))
		return err;
	if (!nrm_participant_id_ok(p.reporter))
		return NRM_ERR_ID;
	alarm.reporter = p.reporter;
	if ((err = nrm_base64_read(p.kept, notes)))
		return err;
	const size_t kept = notes->len;
	if ((err = nrm_base64_read(p.shown, notes)))
		return err;
	alarm.kept = nrm_slice(notes->data, kept);
	alarm.shown = nrm_slice(notes->data + kept, notes->len - kept);
	if (alarm.kept.len > NRM_MAX_NOTE || alarm.shown.len > NRM_MAX_NOTE)
		return NRM_ERR_LIMIT;
	*ret_alarm = alarm;
	return NRM_OK;
}

enum nrm_err nrm_alarm_verify(struct nrm_slice file, const struct nrm_verifying_key *key)
{
	uint8_t signature[NRM_SIGNATURE_LEN];
	struct parts p;
	enum nrm_err err;

	if ((err = part(file, &p)) ||
	    (err = nrm_base64_read_exact(p.signature, signature, sizeof(signature))))
		return err;
	return nrm_document_verify(key, NRM_DOMAIN_ALARM, p.text,
				   nrm_slice(signature, sizeof(signature)));
}
