#include "broker/door/core.h"

static enum nrm_err apply(void *self, struct nrm_parcel *const *parcel, size_t n, uint64_t now_ms,
			  const uint8_t entropy[static 32], struct nrm_effects *ret_effects)
{
	return nrm_books_apply(self, parcel, n, now_ms, entropy, ret_effects);
}

static enum nrm_err tick(void *self, uint64_t now_ms, const uint8_t entropy[static 32],
			 struct nrm_effects *ret_effects)
{
	return nrm_books_tick(self, now_ms, entropy, ret_effects);
}

static enum nrm_err adopt(void *self, const struct nrm_documents *documents, uint64_t now_ms,
			  const uint8_t entropy[static 32], struct nrm_effects *ret_effects)
{
	return nrm_books_adopt(self, documents, now_ms, entropy, ret_effects);
}

static bool pending(const void *self)
{
	return nrm_books_pending(self);
}

static bool unvouched(const void *self)
{
	struct nrm_books_figures figures;

	nrm_books_figures(self, &figures);
	return figures.quorum > 0 && figures.unvouched_ms > NRM_MAX_UNVOUCHED_MS;
}

struct nrm_core nrm_core_of_books(struct nrm_books *books)
{
	return (struct nrm_core){apply, tick, adopt, pending, unvouched, books};
}
