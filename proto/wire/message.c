#include "proto/wire/message.h"

#include "proto/wire/canonical.h"

/* protobuf-c says only that unpacking failed: this remembers when memory was the reason. */
struct source {
	struct nrm_arena *arena;
	enum nrm_err err;
};

static void *arena_allocate(void *from, size_t len)
{
	struct source *source = from;
	void *bytes = nrm_arena_alloc(source->arena, len);

	if (!bytes)
		source->err = len > source->arena->ceiling - source->arena->used ? NRM_ERR_LIMIT
										 : NRM_ERR_NOMEM;
	return bytes;
}

static void arena_release(void *from, void *bytes)
{
	(void)from;
	(void)bytes;
}

enum nrm_err nrm_message_unpack(const ProtobufCMessageDescriptor *type, struct nrm_slice bytes,
				struct nrm_arena *arena, ProtobufCMessage **ret_message)
{
	struct source source = {arena, NRM_ERR_FORMAT};
	ProtobufCAllocator allocator = {arena_allocate, arena_release, &source};
	ProtobufCMessage *message =
		protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);

	if (!message)
		return source.err;
	*ret_message = message;
	return NRM_OK;
}

/* `stated`: zero would say something here, and says nothing. */
static enum nrm_err check_codes(const ProtobufCEnumDescriptor *type, const int *code, size_t n,
				bool stated)
{
	nrm_mask seen = 0;

	for (size_t i = 0; i < n; i++) {
		if (code[i] == 0 && !stated)
			continue;
		if (code[i] == 0 || !protobuf_c_enum_descriptor_get_value(type, code[i]))
			return NRM_ERR_UNKNOWN_CODE;
		if (seen & nrm_bit((uint32_t)code[i]))
			return NRM_ERR_DUPLICATE;
		seen |= nrm_bit((uint32_t)code[i]);
	}
	return NRM_OK;
}

static enum nrm_err check_message(const ProtobufCMessage *message);

static enum nrm_err check_messages(ProtobufCMessage *const *message, size_t n)
{
	enum nrm_err err = NRM_OK;

	for (size_t i = 0; i < n && err == NRM_OK; i++)
		if (message[i])
			err = check_message(message[i]);
	return err;
}

static enum nrm_err check_field(const ProtobufCMessage *message,
				const ProtobufCFieldDescriptor *field)
{
	const char *base = (const char *)message;
	const void *member = base + field->offset;
	size_t n = 1;
	bool oneof = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
	bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;

	if (oneof && *(const uint32_t *)(base + field->quantifier_offset) != field->id)
		return NRM_OK;
	if (repeated) {
		n = *(const size_t *)(base + field->quantifier_offset);
		member = *(const void *const *)member;
	}
	if (field->type == PROTOBUF_C_TYPE_ENUM)
		return check_codes(field->descriptor, member, n, oneof || repeated);
	return check_messages(member, n);
}

static enum nrm_err check_message(const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;
	enum nrm_err err = message->n_unknown_fields ? NRM_ERR_UNKNOWN_ELEMENT : NRM_OK;

	for (unsigned i = 0; i < type->n_fields && err == NRM_OK; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		if (field->type == PROTOBUF_C_TYPE_ENUM || field->type == PROTOBUF_C_TYPE_MESSAGE)
			err = check_field(message, field);
	}
	return err;
}

enum nrm_err nrm_message_check(const ProtobufCMessage *message, struct nrm_slice bytes)
{
	enum nrm_err err = check_message(message);

	if (err == NRM_OK && !nrm_canonical(message->descriptor, bytes))
		err = NRM_ERR_CANONICAL;
	return err;
}

enum nrm_err nrm_message_read(const ProtobufCMessageDescriptor *type, struct nrm_slice bytes,
			      struct nrm_arena *arena, ProtobufCMessage **ret_message)
{
	ProtobufCMessage *message;
	enum nrm_err err = nrm_message_unpack(type, bytes, arena, &message);

	if (err == NRM_OK)
		err = nrm_message_check(message, bytes);
	if (err == NRM_OK)
		*ret_message = message;
	return err;
}

enum nrm_err nrm_message_pack(const ProtobufCMessage *message, size_t max, struct nrm_buf *out)
{
	size_t len = protobuf_c_message_get_packed_size(message);

	if (len > max)
		return NRM_ERR_LIMIT;

	uint8_t *bytes = nrm_buf_grow(out, len);
	if (!bytes)
		return out->err;
	protobuf_c_message_pack(message, bytes);
	return NRM_OK;
}

void *nrm_message_new(const ProtobufCMessageDescriptor *type, struct nrm_arena *arena)
{
	void *message = nrm_arena_alloc(arena, type->sizeof_message);

	if (message)
		protobuf_c_message_init(type, message);
	return message;
}

void *nrm_message_list(const ProtobufCMessageDescriptor *type, size_t n, struct nrm_arena *arena)
{
	void **list = nrm_arena_alloc(arena, n * sizeof(*list));

	for (size_t i = 0; list && i < n; i++) {
		list[i] = nrm_message_new(type, arena);
		if (!list[i])
			return NULL;
	}
	return list;
}
