#include "proto/directory/name.h"

#include "proto/base/limits.h"
#include "proto/base/utf8.h"

bool nrm_display_name_ok(struct nrm_slice name)
{
	if (name.len < 1 || name.len > NRM_MAX_DISPLAY_NAME)
		return false;
	while (name.len > 0) {
		uint32_t point = nrm_utf8_take(&name);
		if (point == NRM_UTF8_BAD || point < 0x20 || (point >= 0x7f && point < 0xa0))
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
