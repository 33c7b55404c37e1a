/* The compiler of participants.yaml: any bytes are a directory that opens, or one error line. */
#include "tests/fuzz/fuzz.h"

#include "proto/base/limits.h"
#include "proto/directory/participants.h"
#include "proto/wire/directory_wire.h"

/* Any acceptable key will do: nothing is signed here. */
static const uint8_t authority[NRM_KEY_LEN] = {
	0xb4, 0x74, 0xff, 0x55, 0xc8, 0x02, 0xdf, 0xbb, 0x99, 0x63, 0x12,
	0x49, 0xb5, 0x21, 0x95, 0xc7, 0xc9, 0xb4, 0x69, 0xf1, 0xc7, 0xf6,
	0xf4, 0xc0, 0xc3, 0xc3, 0x6d, 0x9d, 0x26, 0x88, 0xef, 0x5f,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return nrm_crypto_init() == NRM_OK ? 0 : -1;
}

static void opens(struct nrm_slice bytes)
{
	struct nrm_directory_body body;
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	HOLDS(nrm_directory_decode(bytes, &arena, &body) == NRM_OK);
	HOLDS(body.n_participants > 0);
	nrm_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nrm_participants_options options = {.keys = NRM_TESTS "/fuzz/keys"};
	struct nrm_buf out;
	char error[NRM_YAML_ERROR_LEN] = "";

	nrm_buf_init(&out);
	if (nrm_participants_compile_bytes("participants.yaml", nrm_slice(data, size), &options,
					   authority, &out, error) == NRM_OK) {
		opens(nrm_buf_slice(&out));
	} else {
		HOLDS(out.len == 0);
		error_is_a_line(error, NULL); /* it may be about a file of keys */
	}
	nrm_buf_done(&out);
	return 0;
}
