#include "proto/base/utf8.h"

uint32_t nrm_utf8_take(struct nrm_slice *rest)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	const uint8_t lead = rest->data[0];
	const size_t more = lead < 0x80	  ? 0
			    : lead < 0xc0 ? 4
			    : lead < 0xe0 ? 1
			    : lead < 0xf0 ? 2
			    : lead < 0xf8 ? 3
					  : 4;

	if (more == 4 || rest->len <= more)
		return NRM_UTF8_BAD;
	uint32_t point = more ? lead & (0x3fu >> more) : lead;
	for (size_t i = 1; i <= more; i++) {
		if ((rest->data[i] & 0xc0) != 0x80)
			return NRM_UTF8_BAD;
		point = point << 6 | (rest->data[i] & 0x3f);
	}
	*rest = nrm_slice(rest->data + more + 1, rest->len - more - 1);
	if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return NRM_UTF8_BAD;
	return point;
}

/* Ranges of code points that have no place in a line of text. */
static const struct {
	uint32_t first, last;
} unfit[] = {
	{0x00, 0x1f},	  {0x7f, 0x9f},	    /* control characters */
	{0x61c, 0x61c},	  {0x200e, 0x200f}, /* marks of direction */
	{0x2028, 0x202e}, {0x2066, 0x2069}, /* separators, embeddings and overrides, isolates */
	{0xfeff, 0xfeff}, {0xfff9, 0xfffb}, /* byte order mark, annotations */
};

bool nrm_utf8_line_ok(struct nrm_slice text)
{
	while (text.len > 0) {
		const uint32_t point = nrm_utf8_take(&text);
		if (point == NRM_UTF8_BAD)
			return false;
		for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++)
			if (point >= unfit[i].first && point <= unfit[i].last)
				return false;
	}
	return true;
}
