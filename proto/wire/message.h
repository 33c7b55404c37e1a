/*
 * What every conversion in this folder stands on: one way from bytes to a protobuf-c message and back,
 * with the checks that protobuf-c leaves out (protocol.md, "Checks"). Internal to proto/wire.
 */
#ifndef NRM_WIRE_MESSAGE_H
#define NRM_WIRE_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/wire/statement.h"

/*
 * Unpacks `bytes` into `arena`, where everything it makes lives. NRM_ERR_FORMAT; NRM_ERR_LIMIT when it would take more
 * than the arena's ceiling, NRM_ERR_NOMEM when there is no memory at all.
 */
enum nrm_err nrm_message_unpack(const ProtobufCMessageDescriptor *type, struct nrm_slice bytes,
				struct nrm_arena *arena,
				ProtobufCMessage **ret_message) NRM_MUST_USE;

/*
 * Refuses what has more than one encoding or meaning, nested messages included: NRM_ERR_UNKNOWN_ELEMENT,
 * NRM_ERR_UNKNOWN_CODE (zero too, where a list or a oneof states it), NRM_ERR_DUPLICATE (a code twice in a list),
 * NRM_ERR_CANONICAL when `bytes` are not its one encoding (canonical.h).
 */
enum nrm_err nrm_message_check(const ProtobufCMessage *message,
			       struct nrm_slice bytes) NRM_MUST_USE;

/* Both of the above. */
enum nrm_err nrm_message_read(const ProtobufCMessageDescriptor *type, struct nrm_slice bytes,
			      struct nrm_arena *arena, ProtobufCMessage **ret_message) NRM_MUST_USE;

/* Appends the packed message to `out`; NRM_ERR_LIMIT, with `out` as it was, when it is over `max` bytes. */
enum nrm_err nrm_message_pack(const ProtobufCMessage *message, size_t max,
			      struct nrm_buf *out) NRM_MUST_USE;

/* A new message in `arena`, and a list of pointers to `n` of them; NULL over the ceiling or without memory. */
void *nrm_message_new(const ProtobufCMessageDescriptor *type, struct nrm_arena *arena);
void *nrm_message_list(const ProtobufCMessageDescriptor *type, size_t n, struct nrm_arena *arena);

/* Bytes and strings of a message, borrowed; and their inverse for bytes. */
static inline struct nrm_slice nrm_read_bytes(ProtobufCBinaryData bytes)
{
	return nrm_slice(bytes.data, bytes.len);
}

static inline ProtobufCBinaryData nrm_write_bytes(struct nrm_slice bytes)
{
	return (ProtobufCBinaryData){bytes.len, (uint8_t *)bytes.data};
}

/* Lists of bytes and strings, borrowed from the message; the list itself is in `arena`. NRM_ERR_NOMEM. */
enum nrm_err nrm_read_list(const ProtobufCBinaryData *item, size_t n, struct nrm_arena *arena,
			   struct nrm_slices *ret_list) NRM_MUST_USE;
enum nrm_err nrm_read_strings(char *const *item, size_t n, struct nrm_arena *arena,
			      struct nrm_slices *ret_list) NRM_MUST_USE;
/* Their inverses; strings are copied, for protobuf-c wants terminators. NRM_ERR_NOMEM. */
enum nrm_err nrm_write_list(struct nrm_slices list, struct nrm_arena *arena, size_t *ret_n,
			    ProtobufCBinaryData **ret_item) NRM_MUST_USE;
enum nrm_err nrm_write_strings(struct nrm_slices list, struct nrm_arena *arena, size_t *ret_n,
			       char ***ret_item) NRM_MUST_USE;
enum nrm_err nrm_write_string(struct nrm_slice s, struct nrm_arena *arena,
			      char **ret_string) NRM_MUST_USE;

/* A list of codes as a mask: NRM_ERR_CANONICAL unless strictly ascending, NRM_ERR_UNKNOWN_CODE over 63. */
enum nrm_err nrm_read_mask(const void *code, size_t n, nrm_mask *ret_mask) NRM_MUST_USE;
/* Its inverse: writes the codes in ascending order and returns how many. */
size_t nrm_write_mask(nrm_mask mask, uint32_t code[static 64]);

/* Whether each item has `len` bytes. */
bool nrm_all_of_length(struct nrm_slices list, size_t len);
/* NRM_ERR_DUPLICATE when an item occurs twice. Quadratic: for lists whose length is bounded. */
enum nrm_err nrm_no_duplicates(struct nrm_slices list) NRM_MUST_USE;

/* Forms of optional elements: empty, or valid. */
static inline bool nrm_no_message_id_or_ok(struct nrm_slice id)
{
	return id.len == 0 || nrm_message_id_ok(id);
}

static inline bool nrm_no_participant_or_ok(struct nrm_slice id)
{
	return id.len == 0 || nrm_participant_id_ok(id);
}

static inline bool nrm_no_bytes_or_length(struct nrm_slice bytes, size_t len)
{
	return bytes.len == 0 || bytes.len == len;
}

#endif
