#include "proto/base/id.h"

#include "proto/base/limits.h"

static bool upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool slug(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || digit(c) || c == '-';
}

bool nrm_country_ok(struct nrm_slice country)
{
	return country.len == 2 && upper(country.data[0]) && upper(country.data[1]);
}

bool nrm_participant_id_ok(struct nrm_slice id)
{
	if (id.len < 4 || id.len > NRM_MAX_ID || id.data[2] != '.')
		return false;
	if (!nrm_country_ok(nrm_slice(id.data, 2)))
		return false;
	for (size_t i = 3; i < id.len; i++)
		if (!slug(id.data[i]))
			return false;
	return true;
}

bool nrm_region_ok(struct nrm_slice region)
{
	if (region.len > NRM_MAX_REGION)
		return false;
	for (size_t i = 0; i < region.len; i++)
		if (!upper(region.data[i]) && !digit(region.data[i]) && region.data[i] != '-')
			return false;
	return true;
}

bool nrm_message_id_ok(struct nrm_slice id)
{
	return id.len == NRM_MESSAGE_ID_LEN && id.data[6] >> 4 == 7 && id.data[8] >> 6 == 2;
}

void nrm_message_id_make(uint64_t now_ms, const uint8_t random[static 10], uint8_t out[static 16])
{
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)(now_ms >> (40 - 8 * i));
	memcpy(out + 6, random, 10);
	out[6] = (uint8_t)((out[6] & 0x0f) | 0x70);
	out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);
}

uint16_t nrm_country_code(struct nrm_slice country)
{
	if (!nrm_country_ok(country))
		return 0;
	return (uint16_t)(country.data[0] << 8 | country.data[1]);
}
