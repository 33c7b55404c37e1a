#include "proto/directory/name.h"

#include "proto/base/limits.h"

/* The next code point, taken off `rest`; 0 where the UTF-8 is not well-formed. */
static uint32_t take_code_point(struct nrm_slice *rest)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	uint8_t lead = rest->data[0];
	size_t more = lead < 0x80   ? 0
		      : lead < 0xc0 ? 4
		      : lead < 0xe0 ? 1
		      : lead < 0xf0 ? 2
		      : lead < 0xf8 ? 3
				    : 4;

	if (more == 4 || rest->len <= more)
		return 0;
	uint32_t point = more ? lead & (0x3fu >> more) : lead;
	for (size_t i = 1; i <= more; i++) {
		if ((rest->data[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (rest->data[i] & 0x3f);
	}
	*rest = nrm_slice(rest->data + more + 1, rest->len - more - 1);
	if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	return point;
}

bool nrm_display_name_ok(struct nrm_slice name)
{
	if (name.len < 1 || name.len > NRM_MAX_DISPLAY_NAME)
		return false;
	while (name.len > 0) {
		uint32_t point = take_code_point(&name);
		if (point < 0x20 || (point >= 0x7f && point < 0xa0))
			return false;
	}
	return true;
}

bool nrm_endpoint_ok(struct nrm_slice endpoint)
{
	static const char scheme[] = "tcp://";
	size_t start = sizeof(scheme) - 1, colon = endpoint.len;
	uint32_t port = 0;

	if (endpoint.len > NRM_MAX_ENDPOINT || endpoint.len < start ||
	    memcmp(endpoint.data, scheme, start) != 0)
		return false;
	for (size_t i = start; i < endpoint.len; i++) {
		if (endpoint.data[i] <= ' ' || endpoint.data[i] > '~')
			return false;
		if (endpoint.data[i] == ':')
			colon = i;
	}
	if (colon == start || colon + 1 >= endpoint.len || endpoint.len - colon > 6)
		return false;
	for (size_t i = colon + 1; i < endpoint.len; i++) {
		if (endpoint.data[i] < '0' || endpoint.data[i] > '9')
			return false;
		port = port * 10 + (endpoint.data[i] - '0');
	}
	return port >= 1 && port <= 65535;
}
