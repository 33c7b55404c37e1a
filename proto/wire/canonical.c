#include "proto/wire/canonical.h"

#include "proto/base/limits.h"

/* Takes a number in its shortest form off the front of `rest`. */
static bool take_number(struct nrm_slice *rest, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (size_t i = 0; i < rest->len && i < 10; i++) {
		uint8_t byte = rest->data[i];

		number |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (byte & 0x80)
			continue;
		if ((byte == 0 && i > 0) || (i == 9 && byte > 1))
			return false;
		*ret_number = number;
		*rest = nrm_slice(rest->data + i + 1, rest->len - i - 1);
		return true;
	}
	return false;
}

static bool take_bytes(struct nrm_slice *rest, struct nrm_slice *ret_bytes)
{
	uint64_t len;

	if (!take_number(rest, &len) || len > rest->len)
		return false;
	*ret_bytes = nrm_slice(rest->data, len);
	*rest = nrm_slice(rest->data + len, rest->len - len);
	return true;
}

/* The largest number of a type; 0: it is no number. Our messages have no others. */
static uint64_t largest(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_BOOL:
		return 1;
	case PROTOBUF_C_TYPE_ENUM:
		return INT32_MAX;
	case PROTOBUF_C_TYPE_UINT32:
		return UINT32_MAX;
	case PROTOBUF_C_TYPE_UINT64:
		return UINT64_MAX;
	default:
		return 0;
	}
}

static bool packed_numbers(struct nrm_slice bytes, uint64_t most)
{
	uint64_t number;

	if (bytes.len == 0)
		return false;
	while (bytes.len > 0)
		if (!take_number(&bytes, &number) || number > most)
			return false;
	return true;
}

static bool take_value(const ProtobufCFieldDescriptor *member, unsigned wire,
		       struct nrm_slice *rest)
{
	const uint64_t most = largest(member->type);
	const bool list = member->label == PROTOBUF_C_LABEL_REPEATED;
	const bool says_nothing_when_zero = !list && !(member->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
	struct nrm_slice bytes;
	uint64_t number;

	if (most > 0 && !list)
		return wire == PROTOBUF_C_WIRE_TYPE_VARINT && take_number(rest, &number) &&
		       number <= most && (number != 0 || !says_nothing_when_zero);
	if (wire != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED || !take_bytes(rest, &bytes))
		return false;
	if (most > 0)
		return packed_numbers(bytes, most);
	if (member->type == PROTOBUF_C_TYPE_MESSAGE)
		return nrm_canonical(member->descriptor, bytes);
	if (member->type == PROTOBUF_C_TYPE_STRING && bytes.len > 0 &&
	    memchr(bytes.data, 0, bytes.len))
		return false;
	return bytes.len > 0 || !says_nothing_when_zero;
}

bool nrm_canonical(const ProtobufCMessageDescriptor *type, struct nrm_slice rest)
{
	const ProtobufCFieldDescriptor *member, *before = NULL;
	unsigned oneof = 0; /* where the message keeps which member it has: never at its start */
	uint64_t tag;

	for (; rest.len > 0; before = member) {
		if (!take_number(&rest, &tag) || tag > UINT32_MAX)
			return false;
		member = before && before->id == tag >> 3 ? before
							  : protobuf_c_message_descriptor_get_field(
								    type, (unsigned)(tag >> 3));
		if (!member || (before && member->id < before->id))
			return false;
		if (member == before &&
		    (member->label != PROTOBUF_C_LABEL_REPEATED || largest(member->type) > 0))
			return false;
		if (member->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
			if (oneof == member->quantifier_offset)
				return false;
			oneof = member->quantifier_offset;
		}
		if (!take_value(member, tag & 7, &rest))
			return false;
	}
	return true;
}
