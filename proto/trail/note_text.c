#include "proto/trail/note_text.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/limits.h"

bool nrm_line_take(struct nrm_slice *rest, struct nrm_slice *ret_line)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*ret_line = nrm_slice(rest->data, (size_t)(end - rest->data));
	*rest = nrm_slice(end + 1, rest->len - ret_line->len - 1);
	return true;
}

bool nrm_prefix_take(struct nrm_slice *text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (text->len < len || memcmp(text->data, prefix, len) != 0)
		return false;
	*text = nrm_slice(text->data + len, text->len - len);
	return true;
}

void nrm_decimal_put(struct nrm_buf *out, uint64_t number)
{
	char digits[21];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);

	nrm_buf_put(out, digits, (size_t)len);
}

enum nrm_err nrm_decimal_read(struct nrm_slice text, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (text.len == 0 || (text.len > 1 && text.data[0] == '0'))
		return NRM_ERR_FORMAT;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' ||
		    __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, text.data[i] - '0', &number))
			return NRM_ERR_FORMAT;
	}
	*ret_number = number;
	return NRM_OK;
}

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void nrm_base64_put(struct nrm_buf *out, struct nrm_slice bytes)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t bits = (uint32_t)bytes.data[i] << 16;

		if (n > 1)
			bits |= (uint32_t)bytes.data[i + 1] << 8;
		if (n > 2)
			bits |= bytes.data[i + 2];
		for (size_t k = 0; k < 4; k++) {
			char c = k <= n ? BASE64[bits >> (18 - 6 * k) & 63] : '=';
			nrm_buf_put(out, &c, 1);
		}
	}
}

/* The value of a base64 digit, or -1. */
static int digit(uint8_t c)
{
	const char *at = c ? strchr(BASE64, c) : NULL;

	return at ? (int)(at - BASE64) : -1;
}

enum nrm_err nrm_base64_read(struct nrm_slice text, struct nrm_buf *out)
{
	if (text.len % 4 != 0)
		return NRM_ERR_FORMAT;
	for (size_t i = 0; i < text.len; i += 4) {
		const uint8_t *group = text.data + i;
		size_t digits = 4; /* fewer in the last group only */
		uint32_t bits = 0;

		if (i + 4 == text.len && group[3] == '=')
			digits = group[2] == '=' ? 2 : 3;
		for (size_t k = 0; k < 4; k++) {
			int value = k < digits ? digit(group[k]) : 0;
			if (value < 0)
				return NRM_ERR_FORMAT;
			bits = bits << 6 | (uint32_t)value;
		}
		size_t n = digits - 1;
		if (bits & (0xffffffu >> (8 * n)) & 0xffffffu)
			return NRM_ERR_FORMAT; /* the bits that no byte uses are zero */
		nrm_buf_put(out, (uint8_t[]){bits >> 16 & 255, bits >> 8 & 255, bits & 255}, n);
	}
	return out->err;
}

enum nrm_err nrm_base64_read_exact(struct nrm_slice text, uint8_t *out, size_t len)
{
	struct nrm_buf buf = {0};
	enum nrm_err err = NRM_ERR_FORMAT;

	if (text.len == (len + 2) / 3 * 4)
		err = nrm_base64_read(text, &buf);
	if (err == NRM_OK && buf.len != len)
		err = NRM_ERR_FORMAT;
	if (err == NRM_OK)
		memcpy(out, buf.data, len);
	nrm_buf_done(&buf);
	return err;
}

enum nrm_err nrm_note_split(struct nrm_slice note, struct nrm_slice *ret_text,
			    struct nrm_slice *ret_signatures)
{
	if (note.len > NRM_MAX_NOTE)
		return NRM_ERR_LIMIT;
	if (note.len < 2 || note.data[note.len - 1] != '\n')
		return NRM_ERR_FORMAT;
	size_t len = note.len - 1; /* of the text: what ends before the last empty line */
	while (len > 0 && !(note.data[len - 1] == '\n' && note.data[len] == '\n'))
		len--;
	if (len == 0 || len + 1 == note.len)
		return NRM_ERR_FORMAT;
	*ret_text = nrm_slice(note.data, len);
	*ret_signatures = nrm_slice(note.data + len + 1, note.len - len - 1);
	return NRM_OK;
}
