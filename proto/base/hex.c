#include "proto/base/hex.h"

#include <string.h>

void nrm_hex(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum nrm_err nrm_unhex(const char *text, uint8_t *out, size_t len)
{
	if (strlen(text) != 2 * len)
		return NRM_ERR_FORMAT;
	for (size_t i = 0; i < 2 * len; i++)
		if (digit(text[i]) < 0)
			return NRM_ERR_FORMAT;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	return NRM_OK;
}
