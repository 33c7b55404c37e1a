/* Signature lines: the log's (C2SP signed-note, Ed25519) and witnesses' (C2SP tlog-cosignature, Ed25519). */
#include <string.h>

#include "proto/base/utf8.h"
#include "proto/trail/note_text.h"

#define DASH	    "\xe2\x80\x94 " /* em dash, space */
#define ID_LEN	    4
#define LOG_LEN	    (ID_LEN + NRM_SIGNATURE_LEN)
#define WITNESS_LEN (ID_LEN + 8 + NRM_SIGNATURE_LEN)

/* What a key signs: the text; a witness also the time from which on it knows this head. */
static enum nrm_err message_make(struct nrm_buf *out, struct nrm_slice text, uint64_t time,
				 uint8_t type)
{
	nrm_buf_init(out);
	if (type == NRM_NOTE_WITNESS) {
		const char head[] = "cosignature/v1\ntime ";
		nrm_buf_put(out, head, strlen(head));
		nrm_decimal_put(out, time);
		nrm_buf_put_u8(out, '\n');
	}
	nrm_buf_put(out, text.data, text.len);
	return out->err;
}

enum nrm_err nrm_note_line_put(struct nrm_buf *out, struct nrm_slice text, uint64_t time,
			       const struct nrm_note_key *key, const struct nrm_signing_key *secret)
{
	uint8_t public_key[NRM_KEY_LEN], signature[NRM_SIGNATURE_LEN];
	struct nrm_buf message = {0}, blob = {0};
	enum nrm_err err;

	nrm_signing_key_public(secret, public_key);
	if (memcmp(public_key, key->public_key, sizeof(public_key)) != 0)
		return NRM_ERR_KEY;
	if (time > INT64_MAX)
		return NRM_ERR_ARGUMENT;
	if ((err = message_make(&message, text, time, key->type)) ||
	    (err = nrm_sign(secret, nrm_buf_slice(&message), signature)))
		goto out;
	nrm_buf_put(&blob, key->id, ID_LEN);
	if (key->type == NRM_NOTE_WITNESS)
		nrm_buf_put_u64(&blob, time);
	nrm_buf_put(&blob, signature, sizeof(signature));
	if ((err = blob.err))
		goto out;
	nrm_buf_put(out, DASH, strlen(DASH));
	nrm_buf_put(out, key->name, strlen(key->name));
	nrm_buf_put_u8(out, ' ');
	nrm_base64_put(out, nrm_buf_slice(&blob));
	nrm_buf_put_u8(out, '\n');
	err = out->err;
out:
	nrm_buf_done(&message);
	nrm_buf_done(&blob);
	return err;
}

/* One signature line, its base64 decoded. */
struct line {
	struct nrm_slice name;
	struct nrm_buf blob; /* id, then what its type of key makes of it */
};

/* Whether bytes are UTF-8 without control characters, as all of a note is (RFC 3629 section 4). */
static bool utf8_ok(struct nrm_slice text)
{
	while (text.len > 0) {
		uint32_t point = nrm_utf8_take(&text);
		if (point == NRM_UTF8_BAD || point < ' ')
			return false;
	}
	return true;
}

static enum nrm_err line_parse(struct nrm_slice text, struct line *line)
{
	if (!nrm_prefix_take(&text, DASH) || !utf8_ok(text))
		return NRM_ERR_FORMAT;
	const uint8_t *space = text.len > 0 ? memchr(text.data, ' ', text.len) : NULL;
	if (!space || space == text.data)
		return NRM_ERR_FORMAT;
	line->name = nrm_slice(text.data, (size_t)(space - text.data));
	if (memchr(line->name.data, '+', line->name.len))
		return NRM_ERR_FORMAT;
	enum nrm_err err =
		nrm_base64_read(nrm_slice(space + 1, text.len - line->name.len - 1), &line->blob);
	if (err == NRM_OK && line->blob.len <= ID_LEN)
		err = NRM_ERR_FORMAT;
	return err;
}

static bool line_is_of(const struct line *line, const struct nrm_note_key *key)
{
	return nrm_slice_equal(line->name, nrm_slice_str(key->name)) &&
	       memcmp(line->blob.data, key->id, ID_LEN) == 0;
}

/* Verifies the signature of a line that names `key`. */
static enum nrm_err line_verify(const struct line *line, const struct nrm_note_key *key,
				struct nrm_slice text)
{
	bool witness = key->type == NRM_NOTE_WITNESS;
	struct nrm_reader blob = nrm_reader(nrm_buf_slice(&line->blob));
	struct nrm_verifying_key *verifier = NULL;
	struct nrm_buf message = {0};
	enum nrm_err err;

	if (line->blob.len != (witness ? WITNESS_LEN : LOG_LEN))
		return NRM_ERR_SIGNATURE;
	nrm_take(&blob, ID_LEN);
	uint64_t time = witness ? nrm_take_u64(&blob) : 0;
	if (time > INT64_MAX)
		return NRM_ERR_SIGNATURE;
	if ((err = message_make(&message, text, time, key->type)) ||
	    (err = nrm_verifying_key_new(key->public_key, &verifier)))
		goto out;
	err = nrm_verify(verifier, nrm_buf_slice(&message), blob.rest);
out:
	nrm_verifying_key_free(verifier);
	nrm_buf_done(&message);
	return err;
}

enum nrm_err nrm_note_verify(struct nrm_slice note, const struct nrm_note_key *log,
			     const struct nrm_note_key *witness, size_t n_witnesses,
			     struct nrm_slice *ret_text, uint64_t *ret_cosigned)
{
	struct nrm_slice text, rest, one;
	struct line line = {0};
	bool signed_by_log = false;
	uint64_t cosigned = 0;

	enum nrm_err err = nrm_note_split(note, &text, &rest);
	while (err == NRM_OK && nrm_line_take(&rest, &one)) {
		nrm_buf_clear(&line.blob);
		err = line_parse(one, &line);
		if (err == NRM_OK && line_is_of(&line, log)) {
			err = line_verify(&line, log, text);
			signed_by_log = true;
		}
		for (size_t i = 0; i < n_witnesses && err == NRM_OK; i++) {
			if (!line_is_of(&line, &witness[i]))
				continue;
			err = line_verify(&line, &witness[i], text);
			if (i < 64)
				cosigned |= 1ull << i;
		}
	}
	nrm_buf_done(&line.blob);
	if (err == NRM_OK && !signed_by_log)
		err = NRM_ERR_SIGNATURE;
	if (err != NRM_OK)
		return err;
	*ret_text = text;
	*ret_cosigned = cosigned;
	return NRM_OK;
}

enum nrm_err nrm_cosignature_next(struct nrm_slice *rest, struct nrm_cosignature *ret_line)
{
	struct nrm_slice text, signatures = *rest, one;
	struct line line = {0};
	enum nrm_err err = NRM_OK;

	/* Signature lines begin with a dash, a text's never: so what begins otherwise is a whole note. */
	if (rest->len > 0 && rest->data[0] != (uint8_t)DASH[0])
		err = nrm_note_split(*rest, &text, &signatures);
	while (err == NRM_OK && nrm_line_take(&signatures, &one)) {
		nrm_buf_clear(&line.blob);
		err = line_parse(one, &line);
		if (err == NRM_OK && line.blob.len == WITNESS_LEN)
			break;
		one.len = 0;
	}
	if (err == NRM_OK && one.len == 0)
		err = NRM_ERR_NOT_FOUND;
	if (err == NRM_OK) {
		ret_line->name = line.name;
		ret_line->line = nrm_slice(one.data, one.len + 1);
		memcpy(ret_line->id, line.blob.data, ID_LEN);
		ret_line->time = nrm_load_u64(line.blob.data + ID_LEN);
		*rest = signatures;
	}
	nrm_buf_done(&line.blob);
	return err;
}
