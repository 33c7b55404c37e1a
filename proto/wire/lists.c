/* Lists between the plain structs and protobuf-c's arrays. */
#include "proto/wire/message.h"

enum nrm_err nrm_read_list(const ProtobufCBinaryData *item, size_t n, struct nrm_arena *arena,
			   struct nrm_slices *ret_list)
{
	struct nrm_slice *list = nrm_arena_alloc(arena, n * sizeof(*list));

	if (!list)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		list[i] = nrm_read_bytes(item[i]);
	*ret_list = (struct nrm_slices){list, n};
	return NRM_OK;
}

enum nrm_err nrm_read_strings(char *const *item, size_t n, struct nrm_arena *arena,
			      struct nrm_slices *ret_list)
{
	struct nrm_slice *list = nrm_arena_alloc(arena, n * sizeof(*list));

	if (!list)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		list[i] = nrm_slice_str(item[i]);
	*ret_list = (struct nrm_slices){list, n};
	return NRM_OK;
}

enum nrm_err nrm_write_list(struct nrm_slices list, struct nrm_arena *arena, size_t *ret_n,
			    ProtobufCBinaryData **ret_item)
{
	ProtobufCBinaryData *item = nrm_arena_alloc(arena, list.n * sizeof(*item));

	if (!item)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < list.n; i++)
		item[i] = nrm_write_bytes(list.item[i]);
	*ret_n = list.n;
	*ret_item = item;
	return NRM_OK;
}

enum nrm_err nrm_write_string(struct nrm_slice s, struct nrm_arena *arena, char **ret_string)
{
	char *string = nrm_arena_copy(arena, s.data, s.len);

	if (!string)
		return NRM_ERR_NOMEM;
	*ret_string = string;
	return NRM_OK;
}

enum nrm_err nrm_write_strings(struct nrm_slices list, struct nrm_arena *arena, size_t *ret_n,
			       char ***ret_item)
{
	char **item = nrm_arena_alloc(arena, list.n * sizeof(*item));
	enum nrm_err err = item ? NRM_OK : NRM_ERR_NOMEM;

	for (size_t i = 0; i < list.n && err == NRM_OK; i++)
		err = nrm_write_string(list.item[i], arena, &item[i]);
	if (err != NRM_OK)
		return err;
	*ret_n = list.n;
	*ret_item = item;
	return NRM_OK;
}

enum nrm_err nrm_read_mask(const void *code, size_t n, nrm_mask *ret_mask)
{
	const uint32_t *number = code;
	nrm_mask mask = 0;

	for (size_t i = 0; i < n; i++) {
		if (number[i] == 0 || number[i] > 63)
			return NRM_ERR_UNKNOWN_CODE;
		if (i > 0 && number[i] <= number[i - 1])
			return NRM_ERR_CANONICAL;
		mask |= nrm_bit(number[i]);
	}
	*ret_mask = mask;
	return NRM_OK;
}

size_t nrm_write_mask(nrm_mask mask, uint32_t code[static 64])
{
	size_t n = 0;

	for (uint32_t i = 1; i < 64; i++)
		if (mask & nrm_bit(i))
			code[n++] = i;
	return n;
}

bool nrm_all_of_length(struct nrm_slices list, size_t len)
{
	for (size_t i = 0; i < list.n; i++)
		if (list.item[i].len != len)
			return false;
	return true;
}

enum nrm_err nrm_no_duplicates(struct nrm_slices list)
{
	for (size_t i = 0; i < list.n; i++)
		for (size_t j = 0; j < i; j++)
			if (nrm_slice_equal(list.item[i], list.item[j]))
				return NRM_ERR_DUPLICATE;
	return NRM_OK;
}
