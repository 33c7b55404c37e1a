#include "proto/base/z85.h"

#include <string.h>

#include "proto/base/buf.h"

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     ".-:+=^!/*?&<>()[]{}@%$#";

enum nrm_err nrm_z85(const uint8_t *bytes, size_t len, char *out)
{
	if (len % 4 != 0)
		return NRM_ERR_ARGUMENT;
	for (; len > 0; bytes += 4, len -= 4, out += 5) {
		uint32_t v = (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
		for (int i = 4; i >= 0; i--, v /= 85)
			out[i] = digits[v % 85];
	}
	*out = '\0';
	return NRM_OK;
}

enum nrm_err nrm_unz85(const char *text, uint8_t *out, size_t len)
{
	if (len % 4 != 0 || strlen(text) != len / 4 * 5)
		return NRM_ERR_FORMAT;
	for (; len > 0; text += 5, out += 4, len -= 4) {
		uint64_t v = 0;
		for (int i = 0; i < 5; i++) {
			const char *digit = strchr(digits, text[i]);
			if (!digit)
				return NRM_ERR_FORMAT;
			v = v * 85 + (uint64_t)(digit - digits);
		}
		if (v > UINT32_MAX)
			return NRM_ERR_FORMAT;
		nrm_store_u32(out, (uint32_t)v);
	}
	return NRM_OK;
}
